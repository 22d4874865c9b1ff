package views

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"moothall/forum"
	"moothall/forum/markup"
)

// draftOf is what the draft of a form is kept under.
type draftOf struct {
	Kind   forum.DraftKind
	Target int64
}

// DraftPath is the page with the form that a draft was typed into.
func DraftPath(kind forum.DraftKind, target int64) string {
	switch {
	case kind == forum.DraftReply:
		return numbered("/threads/", target, "") + "#reply"
	case kind == forum.DraftEdit:
		return postDeed(target, "edit")
	case kind == forum.DraftReport && target < 0:
		return threadDeed(-target, "report")
	case kind == forum.DraftLesson && target != 0:
		return LessonEditPath(target)
	case kind == forum.DraftLesson:
		return "/lessons/new"
	case kind == forum.DraftProject:
		return "/projects/new"
	case kind == forum.DraftReport:
		return postDeed(target, "report")
	}
	return "/threads/new"
}

// written is one field of a draft with what somebody wrote into it.
type written struct{ Name, Text string }

// wordings are what somebody wrote into a form, in its order.
func wordings(form url.Values) (list []written) {
	for _, name := range forum.Prose {
		if text := form.Get(name); strings.TrimSpace(text) != "" {
			list = append(list, written{name, text})
		}
	}
	return list
}

// inShort is a line of what somebody wrote.
func inShort(form url.Values) string {
	const most = 140
	var all []string
	for _, w := range wordings(form) {
		all = append(all, strings.Fields(w.Text)...)
	}
	short := []rune(strings.Join(all, " "))
	if len(short) <= most {
		return string(short)
	}
	return string(short[:most]) + "…"
}

// draftFor says what a draft is for: without the title of what its writer may not
// see any more.
func draftFor(f Frame, kind forum.DraftKind, p forum.DraftPlace) string {
	switch {
	case kind == forum.DraftAsk:
		return f.W.T("drafts.for_ask")
	case kind == forum.DraftProject:
		return f.W.T("drafts.for_project")
	case kind == forum.DraftLesson && p.ThreadID == 0:
		return f.W.T("drafts.for_lesson")
	case kind == forum.DraftLesson:
		return f.W.T("drafts.for_lesson_change", "Title", p.Title)
	case p.ThreadID == 0:
		return f.W.T("drafts.away_" + string(kind))
	case kind == forum.DraftEdit && p.Number > 0:
		return f.W.T("drafts.for_edit", "Number", p.Number, "Title", p.Title)
	case kind == forum.DraftEdit:
		return f.W.T("drafts.for_edit_held", "Title", p.Title)
	case kind == forum.DraftReport:
		return f.W.T("drafts.for_report", "Title", p.Title)
	}
	return f.W.T("drafts.for_reply", "Title", p.Title)
}

// DraftNames are what fields of a form are called in the form of POST /drafts,
// where the same word means something else. autosave.js says the same, in the order of the alphabet.
var DraftNames = map[string]string{"kind": "thread_kind", "version": "post_version"}

// sentAlong are the fields of a draft that nobody writes into, to be sent along.
func sentAlong(form url.Values) (list []written) {
	for name, values := range form {
		if slices.Contains(forum.Prose, name) {
			continue
		}
		sent := name
		if other, there := DraftNames[name]; there {
			sent = other
		}
		for _, value := range values {
			list = append(list, written{sent, value})
		}
	}
	slices.SortStableFunc(list, func(a, b written) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// typedFields are the fields of a draft that people write into, as a form to put
// two texts together has them: those that either text has.
func typedFields(c *forum.DraftConflict) (list []written) {
	theirs := c.Now.Values()
	for _, name := range forum.Prose {
		if c.Typed.Fields.Has(name) && c.Typed.Fields.Get(name)+theirs.Get(name) != "" {
			list = append(list, written{name, c.Typed.Fields.Get(name)})
		}
	}
	return list
}

func number64(n int64) string { return strconv.FormatInt(n, 10) }

// example is one way to mark text: what is typed, and what is made of it.
type example struct {
	Name, Typed string
	HTML        markup.HTML
}

// examples are made by the renderer itself, so that the page never promises what a
// post would not show.
var examples = sync.OnceValue(func() []example {
	list := []example{
		{Name: "bold", Typed: "Some words in **bold** or *italics*."},
		{Name: "list", Typed: "- bins\n- boxes\n- bags"},
		{Name: "numbered", Typed: "1. Ask the crew\n2. Check the round\n3. Tell the caller"},
		{Name: "link", Typed: "See [our page on bins](https://example.org/bins)."},
		{Name: "quote", Typed: "> We tried a map first.\n\nSo did we."},
		{Name: "table", Typed: "| Round | Missed |\n| --- | --- |\n| Monday | 12 |\n| Tuesday | 9 |"},
		{Name: "heading", Typed: "## How it went\n\nWe began in May."},
		{Name: "code", Typed: "The field is called `uprn`."},
	}
	for i, e := range list {
		html, err := markup.Post(e.Typed, markup.Refs{})
		if err != nil {
			html = markup.Plain(e.Typed)
		}
		list[i].HTML = html
	}
	return list
})

// foundAt says where something stands in what was written.
func foundAt(f Frame, found forum.ResidentFound) string {
	if found.Line < 1 {
		return f.W.T("residents.line_title")
	}
	return f.W.T("residents.line", "Line", found.Line)
}
