package views

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views/govuk"
)

// ItemPath is the address of something on the desk.
func ItemPath(ref curation.Ref) string { return "/desk/items/" + ref.String() }

// AsksPath is where one reads whom the team has asked to answer a question.
func AsksPath(threadID int64) string { return threadDeed(threadID, "asks") }

// deskTabs are the parts of the desk.
func deskTabs(f Frame, current string) []tab {
	list := []tab{{f.W.T("desk.today"), "/desk", -1, false}, {f.W.T("desk.figures"), "/desk/figures", -1, false}, {f.W.T("nav.newcomers"), "/desk/newcomers", -1, false},
		{f.W.T("nav.words"), "/desk/words", -1, false}, {f.W.T("highlights.title"), "/highlights", -1, false}, {f.W.T("newsletters.title"), "/newsletters", -1, false},
		{f.W.T("seconds.title"), "/desk/second", -1, false},
		{f.W.T("banners.title"), "/banners", -1, false}, {f.W.T("elections.title"), "/elections", -1, false}}
	for i := range list {
		list[i].Current = list[i].Path == current
	}
	return list
}

// itemTitle is what something on the desk is called.
func itemTitle(f Frame, i curation.DeskItem) string {
	if i.Title == "" {
		return f.W.T("desk.sort_" + string(i.Sort))
	}
	return i.Title
}

// itemSource is where it stands.
func itemSource(i curation.DeskItem) string {
	switch {
	case i.Sort == curation.Newcomers:
		return PersonPath(i.WhoID, i.WhoHandle)
	case i.Sort == curation.Claims:
		return SupplierPath(i.Slug) + "#claim-" + number(i.ID)
	case i.PostID != 0:
		return numbered("/posts/", i.PostID, "")
	}
	return PathOf(i.Kind, i.ThreadID, i.Slug)
}

// itemLang is the language of its title where it differs from the page's.
func itemLang(f Frame, i curation.DeskItem) string {
	if i.Sort == curation.Newcomers || i.Lang == "" {
		return ""
	}
	return foreign(f, i.Lang)
}

// itemBy says whose it is, and of which council or company.
func itemBy(f Frame, i curation.DeskItem) string {
	of := i.CouncilName
	if i.Company != "" {
		of = i.Company
	}
	switch {
	case i.Sort == curation.Newcomers && of == "":
		return f.W.T("newcomers.no_council")
	case i.Sort == curation.Newcomers:
		return of
	case of == "" || i.WhoName == "":
		return named(f, i.WhoName, of)
	}
	return named(f, i.WhoName, of) + ", " + of
}

// itemFacts tell why it is on the desk, each in words.
func itemFacts(f Frame, i curation.DeskItem) (facts []string) {
	counted := func(key string, n int) {
		if n > 0 {
			facts = append(facts, f.W.N(key, n))
		}
	}
	switch i.Sort {
	case curation.Newcomers:
		counted("newcomers.held", i.Many)
	case curation.Reports:
		counted("desk.reports", i.Many)
	case curation.Questions:
		counted("desk.asked", i.Asked)
		counted("desk.declined", i.Declined)
	case curation.Busy:
		facts = append(facts, f.W.N("desk.replies_today", i.Many), f.W.T("desk.usual", "Count", strconv.FormatFloat(i.Usual, 'f', 1, 64)))
	case curation.Links:
		facts = append(facts, f.W.T("desk.link_"+i.Said))
	case curation.Worthy:
		counted("desk.useful", i.Useful)
		counted("desk.reuses", i.Reuses)
		counted("desk.us_too", i.UsToo)
	}
	return facts
}

// step is one of the ladder of a question: what it is, and when it fell due or will.
type step struct {
	Words string
	Due   bool
}

// ladderSteps are those of a question.
func ladderSteps(f Frame, i curation.DeskItem) (steps []step) {
	if i.Sort != curation.Questions {
		return nil
	}
	for n, at := range i.Due {
		words, due := f.W.T("desk.will_"+strconv.Itoa(n+1), "When", f.W.DateTime(at)), !f.Now.Before(at)
		if due {
			words = f.W.T("desk.step_"+strconv.Itoa(n+1), "When", f.W.DateTime(at))
		}
		steps = append(steps, step{words, due})
	}
	return steps
}

// holder says who looks after something.
func holder(f Frame, who forum.Person, i curation.DeskItem) string {
	switch {
	case i.TakerID == 0:
		return f.W.T("desk.nobody")
	case i.TakerID == who.ID:
		return f.W.T("desk.you")
	}
	return i.TakerName
}

// doneWord is what the button says by which something is done with: of each sort its own.
func doneWord(f Frame, sort curation.Sort) string { return f.W.T("desk.done_" + string(sort)) }

// settlesItself reports whether something is done with by the deed beside it, and not by
// saying so.
func settlesItself(sort curation.Sort) bool {
	return slices.Contains([]curation.Sort{curation.Newcomers, curation.Held, curation.Reports, curation.Claims}, sort)
}

func curatorOptions(list []curation.Colleague) (options []govuk.Option) {
	options = []govuk.Option{{}}
	for _, c := range list {
		options = append(options, govuk.Option{Value: number(c.ID), Text: c.Name})
	}
	return options
}

// answererOptions are the colleagues who could answer a question, each with why.
func answererOptions(f Frame, list []curation.Answerer) (options []govuk.Option) {
	for _, s := range list {
		options = append(options, govuk.Option{Value: number(s.ID), Text: s.Name + ", " + s.CouncilName, Hint: answererWhy(f, s)})
	}
	return options
}

// answererWhy says by what one can tell that somebody could answer.
func answererWhy(f Frame, s curation.Answerer) string {
	var why []string
	if s.Solved > 0 {
		why = append(why, f.W.T("desk.why_solved"))
	}
	for _, ground := range []struct {
		key string
		n   int
	}{{"answered", s.Answered}, {"lesson", s.Lessons}, {"project", s.Projects}, {"useful", s.Useful}, {"product", s.Products}} {
		if ground.n > 0 {
			why = append(why, f.W.N("desk.why_"+ground.key, ground.n))
		}
	}
	if s.LastAsked == nil {
		why = append(why, f.W.T("desk.never_asked"))
	} else {
		why = append(why, f.W.T("desk.last_asked", "Date", f.W.Date(*s.LastAsked)))
	}
	return strings.Join(why, " ")
}

// chosenPeople are those ticked: as they were left, else the best placed, as many as can
// be asked.
func chosenPeople(p curation.ItemPage) (ids []string) {
	chosen := p.Chosen
	if chosen == nil {
		for _, s := range p.Answerers[:min(len(p.Answerers), max(0, curation.AsksMost-len(p.Asks)))] {
			chosen = append(chosen, s.ID)
		}
	}
	for _, id := range chosen {
		ids = append(ids, number(id))
	}
	return ids
}

// asksSummary says how many councils were asked, and how many declined.
func asksSummary(f Frame, asked, declined int) string {
	text := f.W.N("asks.asked", asked)
	if declined > 0 {
		text += ", " + f.W.N("asks.declined", declined)
	}
	return text
}

// healthFigure is one of the figures of health: its key, and its value; below zero where
// there is none.
type healthFigure struct {
	key string
	of  func(curation.Health) float64
}

// healthFigures are all of them.
var healthFigures = []healthFigure{
	{"hours", func(h curation.Health) float64 {
		if h.Hours == nil {
			return -1
		}
		return *h.Hours
	}},
	{"share", func(h curation.Health) float64 { return float64(h.Share()) }},
	{"councils", func(h curation.Health) float64 { return float64(h.Councils) }},
	{"confirmed", func(h curation.Health) float64 { return float64(h.Confirmed) }},
}

// healthSaid is the value of a figure in words.
func healthSaid(f Frame, one healthFigure, h curation.Health) string {
	value := one.of(h)
	switch {
	case value < 0:
		return f.W.T("figures.none")
	case one.key == "hours":
		return f.W.N("figures.in_hours", int(math.Round(value)))
	case one.key == "share":
		return counted(int(value)) + "%"
	}
	return counted(int(value))
}

// healthChange says what a figure was in the four weeks before.
func healthChange(f Frame, one healthFigure, p curation.HealthPage) string {
	now, before := one.of(p.Now), one.of(p.Before)
	switch {
	case before < 0 || now < 0:
		return f.W.T("figures.no_before")
	case math.Round(now) == math.Round(before):
		return f.W.T("figures.same")
	case now > before:
		return f.W.T("figures.up", "Before", healthSaid(f, one, p.Before))
	}
	return f.W.T("figures.down", "Before", healthSaid(f, one, p.Before))
}

// healthSummary says in words what a chart draws.
func healthSummary(f Frame, one healthFigure, weeks []curation.Health) string {
	var said []string
	for _, w := range weeks {
		said = append(said, f.W.Date(w.Monday())+": "+healthSaid(f, one, w))
	}
	return strings.Join(said, "; ")
}

// healthMost says what the highest bar of a chart stands for.
func healthMost(f Frame, one healthFigure, weeks []curation.Health) string {
	most := slices.MaxFunc(weeks, func(a, b curation.Health) int { return cmp.Compare(one.of(a), one.of(b)) })
	return f.W.T("figures.most", "Most", healthSaid(f, one, most))
}

// bar is one of a chart, as an SVG takes it.
type bar struct{ X, Y, H string }

// healthBars are those of a figure, the highest 84 high.
func healthBars(one healthFigure, weeks []curation.Health) (bars []bar) {
	most := 0.0
	for _, w := range weeks {
		most = max(most, one.of(w))
	}
	for i, w := range weeks {
		if value := one.of(w); value > 0 {
			high := max(1, int(math.Round(84*value/most)))
			bars = append(bars, bar{strconv.Itoa(3 + 25*i), strconv.Itoa(90 - high), strconv.Itoa(high)})
		}
	}
	return bars
}
