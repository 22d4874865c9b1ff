package views

import (
	"net/url"
	"strings"

	"moothall/forum"
	"moothall/forum/search"
	"moothall/views/govuk"
)

// AccountPage is somebody's account, with what they offer to others.
type AccountPage struct {
	Who   forum.Person
	Offer search.OfferPage
}

// skillField is one of the topics that somebody knows.
func skillField(f Frame, p search.OfferPage, n int) govuk.Field {
	field := govuk.Field{Name: "topic", Label: optional(f, f.W.T("offer.skill", "Number", n+1)),
		Options: append([]govuk.Option{{Text: f.W.T("offer.skill_none")}}, topicOptions(f, p.Topics)...)}
	if n > 0 {
		field.ID = "topic-" + number(int64(n+1))
	}
	if n < len(p.Draft.Skills) {
		field.Value = p.Draft.Skills[n]
	}
	return field
}

// skillProblems are those of the first of these fields, which stand for all.
func skillProblems(n int, bad govuk.Problems) govuk.Problems {
	if n > 0 {
		return govuk.Problems{}
	}
	return bad
}

// shownChoices are what somebody's page can show.
func shownChoices(f Frame, o search.Offer) govuk.Choice {
	c := govuk.Choice{Name: "show", Legend: f.W.T("offer.show")}
	for _, one := range []struct {
		name string
		on   bool
	}{{"threads", o.ShowThreads}, {"answers", o.ShowAnswers}, {"projects", o.ShowProjects}} {
		c.Options = append(c.Options, govuk.Option{Value: one.name, Text: f.W.T("offer.show_" + one.name)})
		if one.on {
			c.Values = append(c.Values, one.name)
		}
	}
	return c
}

// askSomebodyPath leads to the form to ask, in public, under a topic if one is named,
// with somebody's name at its beginning.
func askSomebodyPath(handle, topic string) string {
	values := url.Values{"mention": {handle}}
	if topic != "" {
		values.Set("topic", topic)
	}
	return "/threads/new?" + values.Encode()
}

// helperGrounds say why somebody is named.
func helperGrounds(f Frame, h search.Helper, topic string) string {
	var said []string
	if h.Answers > 0 {
		said = append(said, f.W.N("helper.answers", h.Answers, "Topic", topic))
	}
	if h.Projects > 0 {
		said = append(said, f.W.N("helper.projects", h.Projects))
	}
	if h.Useful > 0 {
		said = append(said, f.W.N("helper.useful", h.Useful))
	}
	if h.Skilled {
		said = append(said, f.W.T("helper.skilled"))
	}
	return strings.Join(said, " · ")
}

// offeredTitle is over what somebody offers; who names nothing may be asked all the same.
func offeredTitle(f Frame, p search.PersonPage) string {
	if p.Offer.About == "" && len(p.Skills) == 0 {
		return f.W.T("helper.may_ask")
	}
	return f.W.T("helper.offers")
}

// answerPath leads to an answer that was accepted.
func answerPath(a search.Answer) string {
	return PostPath(forum.PostPlace{ThreadID: a.ID, Kind: a.Kind, Slug: a.Slug, PostID: a.PostID, Number: a.PostNumber})
}

// foundAs is what somebody is called who was found, with the topic by which.
func foundAs(f Frame, who search.Named) string {
	if who.Skill == "" {
		return named(f, who.Name, who.Council)
	}
	return f.W.T("helper.found", "Name", named(f, who.Name, who.Council), "Topic", who.Skill)
}
