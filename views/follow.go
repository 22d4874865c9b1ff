package views

import (
	"maps"
	"slices"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/letters"
	"moothall/views/govuk"
)

// followForm is the form to follow one subject.
type followForm struct {
	What      string // thread, topic, council, collection, person
	Action    string
	Following forum.Following
	Suggested forum.Cadence // for who does not follow it yet
}

func followThreadForm(p *forum.ThreadPage) followForm {
	return followForm{"thread", threadDeed(p.Thread.ID, "follow"), p.Following, forum.Instant}
}

func followTopicForm(l forum.ThreadList) followForm {
	return followForm{"topic", TopicPath(l.Topic.Slug) + "/follow", l.Following, forum.Daily}
}

func followCouncilForm(p forum.CouncilPage) followForm {
	return followForm{"council", CouncilPath(p.Council.Slug) + "/follow", p.Following, forum.Daily}
}

func followCollectionForm(p curation.CollectionPage) followForm {
	return followForm{"collection", CollectionPath(p.Collection.Slug) + "/follow", p.Following, forum.Weekly}
}

func followPersonForm(p forum.PersonPage) followForm {
	return followForm{"person", personDeed(p.Person.ID, "follow"), p.Following, forum.Instant}
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
	for _, kind := range []string{forum.Question, forum.Discussion, forum.Announcement} {
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
	case forum.ToCollection:
		return CollectionPath(w.Slug) + "/follow"
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
	case forum.ToCollection:
		return CollectionPath(w.Slug)
	}
	return PersonPath(w.ID, w.Slug)
}

// followedKind says what sort of thing a row follows.
func followedKind(f Frame, w letters.Followed) string {
	if w.ThreadKind != "" {
		return f.W.T("follow.in_" + w.ThreadKind)
	}
	return f.W.T("follow.sort_" + string(w.Kind))
}

// followedID tells a row's controls from those of others.
func followedID(w letters.Followed) string {
	return "cadence-" + string(w.Kind) + "-" + number(w.ID) + w.ThreadKind
}
