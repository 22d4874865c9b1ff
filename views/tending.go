package views

import (
	"strings"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views/govuk"
)

// TendForm is what was typed into one of the forms to tidy a thread.
type TendForm struct {
	Only   string // the form that came back, and shows by itself; empty: all of them
	Topics []string
	Kind   string
	Title  string
	Reason string
}

// shows reports whether a form is on the page.
func (w TendForm) shows(name string) bool { return w.Only == "" || w.Only == name }

// id is the id of a field: its own name where the form stands by itself.
func (w TendForm) id(form, field string) string {
	if w.Only != "" {
		return field
	}
	return form + "-" + field
}

func tendPath(t forum.Thread) string { return threadDeed(t.ID, "tend") }

// tendTopics are the topics that the form to move shows as chosen.
func tendTopics(p curation.TendPage, w TendForm) []string {
	if w.Only == "move" {
		return w.Topics
	}
	slugs := make([]string, len(p.Topics))
	for i, t := range p.Topics {
		slugs[i] = t.Slug
	}
	return slugs
}

// tendKinds are the kinds that a thread can be changed to.
func tendKinds(f Frame, p curation.TendPage) []govuk.Option {
	options := make([]govuk.Option, len(p.Kinds))
	for i, kind := range p.Kinds {
		options[i] = govuk.Option{Value: kind, Text: f.W.T("kind." + kind)}
	}
	return options
}

// orElse is what was typed, or else what is there.
func orElse(typed, there string) string {
	if typed == "" {
		return there
	}
	return typed
}

// lineWords say what was done to a thread, and why where somebody wrote that.
func lineWords(f Frame, line forum.Line) string {
	text := lineDeed(f, line)
	if line.Reason != "" {
		return f.W.T("line.why", "What", text, "Why", line.Reason)
	}
	return text
}

func lineDeed(f Frame, line forum.Line) string {
	name := line.DoerName
	if name == "" {
		name = f.W.T("line.somebody")
	}
	switch line.Deed {
	case forum.MovedThread:
		return movedWords(f, line, name)
	case forum.RetitledThread:
		return f.W.T("line.retitled", "Name", name)
	case forum.Closed:
		return f.W.T("line.closed", "Name", name)
	case forum.Reopened:
		return f.W.T("line.reopened", "Name", name)
	}
	return name
}

// movedWords say from where a thread was moved and to where, and what kind it became.
func movedWords(f Frame, line forum.Line, name string) string {
	from, to := strings.Join(line.TopicsBefore, ", "), strings.Join(line.TopicsAfter, ", ")
	kind := line.KindBefore != line.KindAfter
	switch {
	case from == to:
		return f.W.T("line.kind_"+line.KindAfter, "Name", name)
	case from == "":
		from = f.W.T("line.nowhere")
	}
	text := f.W.T("line.moved", "Name", name, "From", from, "To", to)
	if kind {
		return text + " " + f.W.T("line.now_"+line.KindAfter)
	}
	return text
}

// tendTitle is the title in the form that changes it.
func tendTitle(p curation.TendPage, w TendForm) string {
	if w.Only == "retitle" {
		return w.Title
	}
	return p.Thread.Title
}

func lineID(line forum.Line) string { return "line-" + number(line.EntryID) }

// lineIcon is the small drawing beside a line.
func lineIcon(line forum.Line) string {
	switch line.Deed {
	case forum.Closed, forum.Reopened:
		return "lock"
	}
	return "merge"
}
