package views

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/letters"
	"moothall/forum/projects"
	"moothall/forum/search"
	"moothall/views/govuk"
)

// followForm is the form to follow one subject.
type followForm struct {
	What      string // thread, topic, council, collection, product, supplier, person, search
	Action    string
	Following forum.Following
	Suggested forum.Cadence // for who does not follow it yet

	// Of a search, which is named by its fields:
	Fields [][2]string
	Return string
	Bad    govuk.Problems
}

func followThreadForm(p *forum.ThreadPage) followForm {
	return followForm{What: "thread", Action: threadDeed(p.Thread.ID, "follow"), Following: p.Following, Suggested: forum.Instant}
}

func followTopicForm(l forum.ThreadList) followForm {
	return followForm{What: "topic", Action: TopicPath(l.Topic.Slug) + "/follow", Following: l.Following, Suggested: forum.Daily}
}

func followCouncilForm(p forum.CouncilPage) followForm {
	return followForm{What: "council", Action: CouncilPath(p.Council.Slug) + "/follow", Following: p.Following, Suggested: forum.Daily}
}

func followCollectionForm(p curation.CollectionPage) followForm {
	return followForm{What: "collection", Action: CollectionPath(p.Collection.Slug) + "/follow", Following: p.Following, Suggested: forum.Weekly}
}

func followProductForm(p projects.ProductPage) followForm {
	return followForm{What: "product", Action: ProductPath(p.Product.Slug) + "/follow", Following: p.Following, Suggested: forum.Daily}
}

func followSupplierForm(p projects.SupplierPage) followForm {
	return followForm{What: "supplier", Action: SupplierPath(p.Supplier.Slug) + "/follow", Following: p.Following, Suggested: forum.Weekly}
}

func followPersonForm(p forum.PersonPage) followForm {
	return followForm{What: "person", Action: personDeed(p.Person.ID, "follow"), Following: p.Following, Suggested: forum.Instant}
}

func followSearchForm(f Frame, p search.Page, bad forum.Invalid) followForm {
	q := p.Query
	q.Before = ""
	return followForm{"search", "/search/follow", p.Following, forum.Daily, searchFields(q), SearchPath(q), refusals(f, bad)}
}

// back is where the form leads back to.
func (w followForm) back(f Frame) string {
	if w.Return != "" {
		return w.Return
	}
	return f.Path
}

// shows reports whether there is anything to choose; a visitor is told to sign in.
func (w followForm) shows() bool { return w.Following.Can || w.Following.Stop }

// followed reports whether the subject is followed in any way.
func (w followForm) followed() bool {
	return w.Following.Cadence != forum.Off && w.Following.Cadence != "" || len(w.Following.Kinds) > 0
}

// summary says how the subject is followed, and what will be sent.
func (w followForm) summary(f Frame) string {
	switch {
	case w.Following.Cadence != forum.Off && w.Following.Cadence != "":
		return f.W.T("follow.now_" + string(w.Following.Cadence))
	case len(w.Following.Kinds) > 0:
		return f.W.T("follow.some")
	}
	return f.W.T("follow.do_" + w.What)
}

// kinds are the kinds of thread that are followed in a topic, in one order.
func (w followForm) kinds() []string { return slices.Sorted(maps.Keys(w.Following.Kinds)) }

// value is the cadence that stands chosen.
func (w followForm) value() string {
	if w.Following.Cadence == forum.Off || w.Following.Cadence == "" {
		return string(w.Suggested)
	}
	return string(w.Following.Cadence)
}

// cadenceOptions are the cadences to choose from, in words that say what will be sent.
// Who may only hear less is offered that.
func cadenceOptions(f Frame, now forum.Cadence, can bool) (options []govuk.Option) {
	for _, c := range forum.Cadences {
		if can && (c != forum.Off || now != forum.Off) || !can && (c == now || c == forum.Muted || c == forum.Off) {
			options = append(options, govuk.Option{Value: string(c), Text: f.W.T("cadence." + string(c))})
		}
	}
	return options
}

// oftenOptions are the same in fewer words, for a row of a table.
func oftenOptions(f Frame, now forum.Cadence, can bool) []govuk.Option {
	options := cadenceOptions(f, now, can)
	for i, o := range options {
		options[i].Text = f.W.T("often." + o.Value)
	}
	return options
}

// offers are the cadences of a form; of a topic each kind may be followed already.
func (w followForm) offers(f Frame) []govuk.Option {
	now := w.Following.Cadence
	if w.followed() && now == forum.Off {
		now = forum.Muted // so that off is offered
	}
	if now == "" {
		now = forum.Off
	}
	return cadenceOptions(f, now, w.Following.Can)
}

// followKindOptions are the kinds of thread that can be followed in a topic.
func followKindOptions(f Frame) []govuk.Option {
	options := []govuk.Option{{Value: "", Text: f.W.T("follow.kind_all")}}
	for _, kind := range []string{forum.Question, forum.Discussion, forum.Announcement, forum.Project, forum.Lesson} {
		options = append(options, govuk.Option{Value: kind, Text: f.W.T("follow.kind_" + kind)})
	}
	return options
}

// followedAction is where the follow of a row is changed.
func followedAction(w letters.Followed) string {
	switch w.Kind {
	case forum.ToThread:
		return threadDeed(w.ID, "follow")
	case forum.ToTopic:
		return TopicPath(w.Slug) + "/follow"
	case forum.ToCouncil:
		return CouncilPath(w.Slug) + "/follow"
	case forum.ToSearch:
		return "/search/follow"
	case forum.ToCollection:
		return CollectionPath(w.Slug) + "/follow"
	case forum.ToProduct:
		return ProductPath(w.Slug) + "/follow"
	case forum.ToSupplier:
		return SupplierPath(w.Slug) + "/follow"
	}
	return personDeed(w.ID, "follow")
}

// followedPath is the page of what is followed.
func followedPath(w letters.Followed) string {
	switch w.Kind {
	case forum.ToThread:
		return ThreadPath(w.ID, w.Slug)
	case forum.ToTopic:
		return TopicPath(w.Slug)
	case forum.ToCouncil:
		return CouncilPath(w.Slug)
	case forum.ToSearch:
		return SearchPath(savedQuery(w))
	case forum.ToCollection:
		return CollectionPath(w.Slug)
	case forum.ToProduct:
		return ProductPath(w.Slug)
	case forum.ToSupplier:
		return SupplierPath(w.Slug)
	}
	return PersonPath(w.ID, w.Slug)
}

// followedKind says what sort of thing a row follows.
func followedKind(f Frame, w letters.Followed) string {
	if w.ThreadKind != "" {
		return f.W.T("follow.in_" + w.ThreadKind)
	}
	if by := narrowedWords(f, w); w.Kind == forum.ToSearch && by != "" {
		return f.W.T("sought.sort_narrowed", "By", by)
	}
	return f.W.T("follow.sort_" + string(w.Kind))
}

// followedKey tells a row's form from those with the same address.
func followedKey(w letters.Followed) string {
	if w.Kind == forum.ToSearch {
		return number(w.ID)
	}
	return w.ThreadKind
}

// followedID tells a row's controls from those of others.
func followedID(w letters.Followed) string {
	return "cadence-" + string(w.Kind) + "-" + number(w.ID) + w.ThreadKind
}

// followedName is what is followed, as it is called.
func followedName(f Frame, w letters.Followed) string {
	if w.Kind == forum.ToSearch {
		return f.W.T("sought.name", "Words", w.Name)
	}
	return w.Name
}

// followedRowName is the same where its sort is said behind it.
func followedRowName(f Frame, w letters.Followed) string {
	if w.Kind == forum.ToSearch {
		return f.W.T("sought.words", "Words", w.Name)
	}
	return w.Name
}

// savedQuery is the search that a row follows.
func savedQuery(w letters.Followed) search.Query {
	return search.Query{Text: w.Name, Kind: w.ForKind, Topic: w.ForTopic, Council: w.ForCouncil, Nation: w.ForNation,
		State: w.ForState, Phase: w.ForPhase, Verdict: w.ForVerdict, Year: w.ForYear, Author: w.ForAuthor}
}

// followedFields are what the form of a row says beside how soon.
func followedFields(w letters.Followed) [][2]string {
	switch {
	case w.Kind == forum.ToSearch:
		return searchFields(savedQuery(w))
	case w.ThreadKind != "":
		return [][2]string{{"kind", w.ThreadKind}}
	}
	return nil
}

// narrowedWords say by what a saved search is narrowed; empty where by nothing.
func narrowedWords(f Frame, w letters.Followed) string {
	var by []string
	add := func(is bool, words func() string) {
		if is {
			by = append(by, words())
		}
	}
	add(w.ForKind != "", func() string { return f.W.T("follow.kind_" + w.ForKind) })
	add(w.ForTopic != "", func() string { return w.ForTopicName })
	add(w.ForCouncil != "", func() string { return w.ForCouncilName })
	add(w.ForNation != "", func() string { return nation(f, w.ForNation) })
	add(w.ForState != "", func() string { return f.W.T("state." + w.ForState) })
	add(w.ForPhase != "", func() string { return f.W.T("phase." + w.ForPhase) })
	add(w.ForVerdict != "", func() string { return f.W.T("register.verdict." + w.ForVerdict) })
	add(w.ForYear != 0, func() string { return strconv.Itoa(w.ForYear) })
	add(w.ForAuthor != 0, func() string { return named(f, w.ForAuthorName, "") })
	return strings.Join(by, ", ")
}
