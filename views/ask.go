package views

import (
	"net/url"
	"slices"
	"strconv"

	"moothall/forum"
	"moothall/views/govuk"
)

func askTitle(f Frame, p forum.AskPage) string {
	if p.Previewed {
		return f.W.T("ask.check")
	}
	return f.W.T("ask.title")
}

// askNext says what becomes of a question that is posted.
func askNext(f Frame) string {
	if f.Waits {
		return f.W.T("ask.next_waits")
	}
	return f.W.T("ask.next_text")
}

// askKinds are the kinds of thread that the asker may start.
func askKinds(f Frame, p forum.AskPage) []govuk.Option {
	kinds := []govuk.Option{
		{Value: forum.Question, Text: f.W.T("kind.question"), Hint: f.W.T("ask.question_hint")},
		{Value: forum.Discussion, Text: f.W.T("kind.discussion"), Hint: f.W.T("ask.discussion_hint")},
	}
	if p.CanAnnounce {
		kinds = append(kinds, govuk.Option{Value: forum.Announcement, Text: f.W.T("kind.announcement"), Hint: f.W.T("ask.announcement_hint")})
	}
	return kinds
}

// chosenTopics are the topics of the draft, in its order.
func chosenTopics(p forum.AskPage) (chosen []forum.Topic) {
	for _, slug := range p.Draft.Topics {
		if i := slices.IndexFunc(p.Topics, func(t forum.Topic) bool { return t.Slug == slug }); i >= 0 {
			chosen = append(chosen, p.Topics[i])
		}
	}
	return chosen
}

// shelfID is the id of a shelf's first box; the field's own name is the id of the list above.
func shelfID(i int) string { return "topic-" + strconv.Itoa(i+1) }

func shelfOptions(s shelf) []govuk.Option {
	options := make([]govuk.Option, len(s.Topics))
	for i, t := range s.Topics {
		options[i] = govuk.Option{Value: t.Slug, Text: t.Name}
	}
	return options
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func rest(list []string) []string {
	if len(list) < 2 {
		return nil
	}
	return list[1:]
}

func oneOrNought(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}

// askPath leads to the form to ask, with words as the title.
func askPath(title string) string {
	if title == "" {
		return "/threads/new"
	}
	return "/threads/new?title=" + url.QueryEscape(title)
}

func alikeState(f Frame, t forum.Alike) string {
	switch s := t.State(); s {
	case forum.Discussion, forum.Announcement, "project", "lesson":
		return f.W.T("kind." + s)
	default:
		return f.W.T("state." + s)
	}
}
