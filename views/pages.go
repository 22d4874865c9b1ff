package views

import (
	"net/url"
	"strconv"

	"moothall/forum"
	"moothall/views/govuk"
	"moothall/views/words"
)

// refusals are the words for what was wrong with a form.
func refusals(f Frame, bad forum.Invalid) govuk.Problems {
	list := make([]govuk.Problem, len(bad))
	for i, p := range bad {
		list[i] = govuk.Problem{Field: p.Field, Text: problem(f, p.Key, p.Args)}
	}
	return problems(f, list)
}

// foreign is the language of a text where it differs from the page's, else empty.
func foreign(f Frame, lang string) string {
	if lang == f.W.Lang() {
		return ""
	}
	return lang
}

// label is one tag beside a title: a mark and its words.
type label struct {
	mark mark
	text string
}

// labels are the states of a thread, the most pressing first.
func labels(f Frame, t forum.Thread) (list []label) {
	if t.Hidden {
		list = append(list, label{markRemoved, f.W.T("state.hidden")})
	}
	if t.Held {
		list = append(list, label{markHeld, f.W.T("state.held")})
	}
	switch {
	case t.AnswerID != 0:
		list = append(list, label{markAnswered, f.W.T("state.answered")})
	case t.Solved:
		list = append(list, label{markGood, f.W.T("state.solved")})
	case t.Closed || t.Held || t.Kind != forum.Question:
	case t.Others == 0:
		list = append(list, label{markUnanswered, f.W.T("state.unanswered")})
	default:
		list = append(list, label{markReplied, f.W.T("state.replied")})
	}
	if t.Closed {
		list = append(list, label{markClosed, f.W.T("state.closed")})
	}
	if t.Visibility != "public" {
		list = append(list, label{markCouncils, f.W.T("state.councils")})
	}
	return list
}

// authorOf is whose a thread is, and of which council they were then.
func authorOf(f Frame, t forum.Thread) string {
	if t.CouncilName == "" || t.AuthorName == "" {
		return named(f, t.AuthorName, t.CouncilName)
	}
	return t.AuthorName + ", " + withNow(f, t.CouncilName, t.CouncilNow)
}

// withNow is a council of before and what it has become.
func withNow(f Frame, council, now string) string {
	if now == "" {
		return council
	}
	return council + " " + f.W.T("post.council_now", "Councils", now)
}

// kind is what sort of thread it is, in a word.
func kind(f Frame, t forum.Thread) string { return f.W.T("kind." + t.Kind) }

// kindOf is a kind as it was typed, in a word; what is none of them is a question.
func kindOf(f Frame, typed string) string {
	if typed != forum.Discussion && typed != forum.Announcement {
		typed = forum.Question
	}
	return f.W.T("kind." + typed)
}

// languages are the answers to which language something is written in.
func languages(f Frame) []govuk.Option {
	return []govuk.Option{{Value: "en", Text: f.W.T("lang.en")}, {Value: "cy", Text: f.W.T("lang.cy")}}
}

// listPath is the address of a listing with a filter; before is left out where it is empty.
func listPath(f forum.Filter) string {
	query := url.Values{}
	for _, field := range [...][2]string{{"kind", f.Kind}, {"topic", f.Topic}, {"council", f.Council}, {"state", f.State}, {"before", f.Before}} {
		if field[1] != "" {
			query.Set(field[0], field[1])
		}
	}
	if len(query) == 0 {
		return "/threads"
	}
	return "/threads?" + query.Encode()
}

// topicOptions are all topics to choose from, each service area over what is in it.
func topicOptions(f Frame, topics []forum.Topic) []govuk.Option {
	options := make([]govuk.Option, len(topics))
	for i, t := range topics {
		options[i] = govuk.Option{Value: t.Slug, Text: t.Name, Group: topicGroup(f, t)}
	}
	return options
}

// topicGroup is the heading that a topic stands under in a list of all.
func topicGroup(f Frame, t forum.Topic) string {
	switch {
	case t.Facet != "service":
		return f.W.T("facet." + t.Facet)
	case t.ParentName != "":
		return t.ParentName
	}
	return t.Name
}

// shelf is some topics under a heading; Path leads to the heading's own topic, if it is one.
type shelf struct {
	Heading string
	Topics  []forum.Topic
}

// shelves puts topics, which come in the order of a list, under their headings.
func shelves(f Frame, topics []forum.Topic) (list []shelf) {
	for _, t := range topics {
		heading := topicGroup(f, t)
		if n := len(list); n == 0 || list[n-1].Heading != heading {
			list = append(list, shelf{Heading: heading})
		}
		last := &list[len(list)-1]
		last.Topics = append(last.Topics, t)
	}
	return list
}

// number writes somebody's number, which gets no commas.
func number(id int64) string { return strconv.FormatInt(id, 10) }

// initial is the first letter of a name, under which a directory lists it.
func initial(name string) string {
	for _, r := range name {
		return string(r)
	}
	return ""
}

// counted writes a count for the eye, with commas at the thousands.
func counted(n int) string { return words.Number(n) }

// named is what somebody is called: by their name, or, when they were erased, by the
// council that they wrote for.
func named(f Frame, name, council string) string {
	switch {
	case name != "":
		return name
	case council != "":
		return f.W.T("erased.former", "Council", council)
	}
	return f.W.T("erased.somebody")
}

// personLink leads to a person's page; whoever was erased has none.
func personLink(name string, id int64, handle string) string {
	if name == "" {
		return ""
	}
	return PersonPath(id, handle)
}

// entryName is who an entry of the audit log is about: whoever was erased is a number.
func entryName(f Frame, name string, id int64) string {
	if name != "" {
		return name
	}
	return f.W.T("erased.number", "Number", id)
}
