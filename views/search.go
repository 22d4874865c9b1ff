package views

import (
	"net/url"
	"strconv"

	"moothall/forum"
	"moothall/forum/search"
	"moothall/views/govuk"
	"moothall/views/words"
)

func searchHead(f Frame, p search.Page) pageHead {
	title := f.W.T("search.title")
	if p.Query.Text != "" {
		title = f.W.T("search.title_of", "Words", p.Query.Text)
	}
	return pageHead{Title: title}
}

// searchPath is the address of a search.
func searchPath(q search.Query) string {
	values := url.Values{}
	for _, field := range [...][2]string{{"q", q.Text}, {"kind", q.Kind}, {"topic", q.Topic}, {"council", q.Council}, {"nation", q.Nation},
		{"state", q.State}, {"year", yearOf(q)}, {"author", authorNumber(q)}, {"before", q.Before}} {
		if field[1] != "" {
			values.Set(field[0], field[1])
		}
	}
	if q.Sort != "" && q.Sort != search.Relevance {
		values.Set("sort", q.Sort)
	}
	if len(values) == 0 {
		return "/search"
	}
	return "/search?" + values.Encode()
}

func yearOf(q search.Query) string {
	if q.Year == 0 {
		return ""
	}
	return strconv.Itoa(q.Year)
}

func authorNumber(q search.Query) string {
	if q.Author == 0 {
		return ""
	}
	return number(q.Author)
}

// meantPath is the same search for what may have been meant.
func meantPath(p search.Page) string {
	q := p.Query
	q.Text = p.Meant
	return searchPath(q)
}

// askPath leads to the form to ask, with words as the title.
func askPath(title string) string {
	if title == "" {
		return "/threads/new"
	}
	return "/threads/new?title=" + url.QueryEscape(title)
}

// hitPath is where the post that was found stands.
func hitPath(h search.Hit) string {
	return PostPath(forum.PostPlace{ThreadID: h.ID, Slug: h.Slug, PostID: h.PostID, Number: h.PostNumber})
}

// countOf says how many threads were found.
func countOf(f Frame, p search.Page) string {
	if p.More {
		return f.W.T("search.count_more", "Count", p.Found)
	}
	return f.W.N("search.count", p.Found)
}

// moreFound leads to the next page of results, and from a later one back to the first.
func moreFound(f Frame, p search.Page) paging {
	q := p.Query
	var first, next string
	if q.Before != "" {
		q.Before = ""
		first = searchPath(q)
	}
	if p.Next != "" {
		q.Before = p.Next
		next = searchPath(q)
	}
	return paging{Prev: first, PrevText: f.W.T("search.first"), Next: next, NextText: f.W.T("nav.next")}
}

// wrote says who wrote the post that was found.
func wrote(f Frame, h search.Hit) string {
	if h.Accepted {
		return f.W.T("search.accepted_by", "Name", named(f, h.WriterName, ""))
	}
	if h.PostNumber == 1 {
		return authorOf(f, h.Thread)
	}
	return f.W.T("search.reply_by", "Name", named(f, h.WriterName, ""))
}

func foundKinds(f Frame) []govuk.Option {
	options := []govuk.Option{{Text: f.W.T("search.any_kind")}}
	for _, k := range []string{forum.Question, forum.Discussion, forum.Announcement} {
		options = append(options, govuk.Option{Value: k, Text: f.W.T("threads.of_kind." + k)})
	}
	return options
}

func sorts(f Frame) (options []govuk.Option) {
	for _, s := range search.Sorts {
		options = append(options, govuk.Option{Value: s, Text: f.W.T("search.sorts." + s)})
	}
	return options
}

// years are those that can have posts, the newest first.
func years(f Frame) []govuk.Option {
	options := []govuk.Option{{Text: f.W.T("search.any_year")}}
	for y := f.Now.Year(); y >= 2025; y-- {
		options = append(options, govuk.Option{Value: strconv.Itoa(y), Text: strconv.Itoa(y)})
	}
	return options
}

func alikeState(f Frame, t forum.Alike) string {
	switch s := t.State(); s {
	case forum.Discussion, forum.Announcement, "project", "lesson":
		return f.W.T("kind." + s)
	default:
		return f.W.T("state." + s)
	}
}

// SearchSaid is what a browser is told of the search.
func SearchSaid() string { return words.In("en").T("search.lede") }
