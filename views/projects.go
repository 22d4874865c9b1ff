package views

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/projects"
	"moothall/views/govuk"
)

// Tending is a form of those who tend a project, as it was left.
type Tending struct {
	Phase, Date string
	Body        string
	Answer      string
	Person      int64
	Check       forum.ResidentCheck
	Resident    forum.ResidentDraft
}

// projectHead tells of a project what its readers may know.
func projectHead(f Frame, p *projects.Page) pageHead {
	head := pageHead{Title: p.Thread.Title}
	if p.Page > 1 {
		head.Title = f.W.T("thread.title_page", "Title", p.Thread.Title, "Page", p.Page)
	}
	if p.Thread.Visibility != "public" || p.Thread.Held || p.Thread.Hidden {
		return head
	}
	head.Canonical = PagePath(p.Thread.Kind, p.Thread.ID, p.Thread.Slug, p.Page)
	head.Description = p.Project.Summary
	if opening := openingOf(&p.ThreadPage); opening != nil && !f.SignedIn {
		head.Schema = threadSchema(f, &p.ThreadPage, opening)
	}
	return head
}

// projectCrumbs lead from all projects over the home topic.
func projectCrumbs(f Frame, t *forum.ThreadPage) []crumb {
	steps := []crumb{{f.W.T("nav.projects"), "/projects"}}
	if len(t.Topics) > 0 {
		steps = append(steps, crumb{t.Topics[0].Name, TopicPath(t.Topics[0].Slug)})
	}
	return steps
}

// phaseMark is the tag of a phase.
func phaseMark(phase string) mark {
	switch phase {
	case "live":
		return markGood
	case "stopped", "retired":
		return mark{"mh-state--closed", "bin"}
	}
	return mark{"mh-state--info", "ring"}
}

// phaseStep is one phase on the way of a project: when it came to it last.
type phaseStep struct {
	Phase     string
	Done, Now bool
	Since     *time.Time
}

// phaseSteps are the phases in their order, with how far a project has come; of the two
// ends only the one that it came to.
func phaseSteps(p *projects.Page) (steps []phaseStep) {
	since := map[string]time.Time{}
	for _, s := range slices.Backward(p.Steps) { // from the oldest on
		if s.Kind == "phase" {
			since[s.What] = s.On
		}
	}
	now := slices.Index(projects.Phases, p.Project.Phase)
	for i, phase := range projects.Phases {
		if i > 4 && phase != p.Project.Phase {
			continue
		}
		step := phaseStep{Phase: phase, Done: i < now, Now: i == now}
		if at, been := since[phase]; been && i <= now {
			step.Since = &at
		}
		if i < now && now > 4 && step.Since == nil {
			step.Done = false // it was given up before
		}
		steps = append(steps, step)
	}
	return steps
}

// monthOf is a day by its month alone.
func monthOf(f Frame, at time.Time) string { return f.W.Month(at) }

// stepText says what happened to a project on a day.
func stepText(f Frame, s projects.Step) string {
	switch {
	case s.Kind == "reuse":
		return f.W.T("projects.step_reuse", "Council", s.What)
	case s.Back:
		return f.W.T("projects.step_back", "Phase", f.W.T("phase."+s.What))
	}
	return f.W.T("projects.step_phase", "Phase", f.W.T("phase."+s.What))
}

// factName is what a fact is called in the list of facts.
func factName(f Frame, field string) string { return f.W.T("fact." + field) }

// phaseOptions are the phases to choose from; those of the start leave out the ends.
func phaseOptions(f Frame, hints bool) []govuk.Option {
	var options []govuk.Option
	for _, phase := range projects.Phases {
		o := govuk.Option{Value: phase, Text: f.W.T("phase." + phase)}
		if hints {
			o.Hint = f.W.T("phase_hint." + phase)
		}
		options = append(options, o)
	}
	return options
}

// wordOptions are answers from a closed list, by the words under a prefix.
func wordOptions(f Frame, list []string, word func(Frame, string) string) []govuk.Option {
	options := make([]govuk.Option, len(list))
	for i, value := range list {
		options[i] = govuk.Option{Value: value, Text: word(f, value)}
	}
	return options
}

func costWord(f Frame, v string) string { return f.W.T("cost." + v) }
func paidWord(f Frame, v string) string { return f.W.T("paid.by_" + v) }

// fundingWord says how a project stands for money.
func fundingWord(f Frame, v string) string {
	return f.W.T("funding." + strings.ReplaceAll(v, "-", "_"))
}

func offerWord(f Frame, v string) string { return f.W.T("offer." + v) }

// readerWord says who can read a project.
func readerWord(f Frame, v string) string {
	if v == "public" {
		return f.W.T("ask.public")
	}
	return f.W.T("state.councils")
}

// personOptions are people to choose from, and nobody.
func personOptions(f Frame, people []forum.PersonLine, none string) []govuk.Option {
	options := []govuk.Option{{Value: "", Text: none}}
	for _, p := range people {
		text := p.Name
		if p.JobTitle != "" {
			text += ", " + p.JobTitle
		}
		options = append(options, govuk.Option{Value: number64(p.ID), Text: text})
	}
	return options
}

// factLang is the language of what was written about a project, where it is not the page's.
func factLang(f Frame, p *projects.FactPage) string { return foreign(f, p.Thread.Lang) }

// tick says of a fact whether it is told.
func tick(f Frame, told bool) string {
	if told {
		return f.W.T("projects.told")
	}
	return f.W.T("projects.to_tell")
}

// conflictWho says who changed a fact meanwhile.
func conflictWho(f Frame, c *forum.Conflict) string {
	if c.Own {
		return f.W.T("projects.conflict_own", "When", f.W.DateTime(c.At))
	}
	return f.W.T("projects.conflict_other", "Name", c.EditorName, "When", f.W.DateTime(c.At))
}

// conflictNow is what the fact says now, in words.
func conflictNow(f Frame, p *projects.FactPage) string {
	switch said := p.Conflict.Body; {
	case said == "":
		return f.W.T("projects.nothing")
	case p.Field == "cost_band":
		return costWord(f, said)
	case p.Field == "paid_by":
		return paidWord(f, said)
	case p.Field == "funding":
		return fundingWord(f, said)
	default:
		return said
	}
}

// plus is the council that leads, and how many more take part.
func plus(f Frame, c projects.Card) string {
	if c.Partners == 0 {
		return c.CouncilName
	}
	return f.W.N("projects.and_more", c.Partners, "Council", c.CouncilName)
}

// dayValue is a day as a form and a machine have it.
func dayValue(t time.Time) string { return t.Format(time.DateOnly) }

// confirmOptions are the answers to whether a project is still as its page says.
func confirmOptions(f Frame) []govuk.Option {
	options := make([]govuk.Option, len(projects.Answers))
	for i, answer := range projects.Answers {
		options[i] = govuk.Option{Value: answer, Text: f.W.T("confirm." + answer), Hint: f.W.T("confirm_hint." + answer)}
	}
	return options
}

// versionOf is the version of the facts that a form has seen.
func versionOf(n int) string { return strconv.Itoa(n) }

// langOf is the attribute of a text in another language than the page.
func langOf(f Frame, lang string) templ.Attributes {
	if l := foreign(f, lang); l != "" {
		return templ.Attributes{"lang": l}
	}
	return nil
}

// firstOf is what was typed, or else what is.
func firstOf(typed, now string) string {
	if typed != "" {
		return typed
	}
	return now
}
