package views

import (
	"slices"

	"moothall/forum"
	"moothall/views/govuk"
)

// listHead names a listing by what it is narrowed to, since every page has a title of its own.
func listHead(f Frame, l forum.ThreadList) pageHead {
	title := f.W.T("threads.title")
	if l.Filter.Kind != "" {
		title = f.W.T("threads.of_kind." + l.Filter.Kind)
	}
	if l.Filter.State != "" {
		title = f.W.T("threads.narrowed", "Title", title, "By", f.W.T("state."+l.Filter.State))
	}
	if l.Topic != nil {
		title = f.W.T("threads.narrowed", "Title", title, "By", l.Topic.Name)
	}
	if l.Council != nil {
		title = f.W.T("threads.narrowed", "Title", title, "By", l.Council.Name)
	}
	if l.Filter.Before != "" {
		title = f.W.T("threads.narrowed", "Title", title, "By", f.W.T("threads.older"))
	}
	return pageHead{Title: title, Description: f.W.T("threads.summary"), Canonical: listPath(l.Filter), Feed: ThreadsFeed}
}

// kindTabs lead to the listing of one kind, with the other filters kept.
func kindTabs(f Frame, filter forum.Filter) (list []tab) {
	for _, kind := range [...]string{"", forum.Question, forum.Discussion, forum.Announcement} {
		to := filter
		to.Kind, to.Before = kind, ""
		text := f.W.T("threads.all")
		if kind != "" {
			text = f.W.T("threads.of_kind." + kind)
		}
		list = append(list, tab{Text: text, Path: listPath(to), Count: -1, Current: kind == filter.Kind})
	}
	return list
}

// askers are the councils to choose from, and the one chosen although nothing of it
// is to be seen.
func askers(l forum.ThreadList) []govuk.Option {
	list := l.Councils
	if l.Council != nil && !slices.ContainsFunc(list, func(c forum.Council) bool { return c.Slug == l.Council.Slug }) {
		list = append(slices.Clone(list), *l.Council)
	}
	return councilOptions(list)
}

func stateOptions(f Frame) []govuk.Option {
	options := []govuk.Option{{Text: f.W.T("threads.any_state")}}
	for _, state := range forum.States {
		options = append(options, govuk.Option{Value: state, Text: f.W.T("state." + state)})
	}
	return options
}

// olderThreads leads to the next page of a listing, and from a later page back to
// the newest: a cursor knows its way in one direction.
func olderThreads(f Frame, l forum.ThreadList, pathOf func(forum.Filter) string) paging {
	filter := l.Filter
	var newest, older string
	if l.Next != "" {
		filter.Before = l.Next
		older = pathOf(filter)
	}
	if l.Filter.Before != "" {
		filter.Before = ""
		newest = pathOf(filter)
	}
	p := newerOlder(f, newest, older)
	p.PrevText = f.W.T("threads.newest")
	return p
}
