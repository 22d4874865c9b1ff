// Package views makes pages of what it is given. Each address has one .templ
// file: what it needs, then how it looks. A view asks nothing and decides
// nothing that the page has not decided before.
package views

import (
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"time"

	"moothall/forum"
	"moothall/views/govuk"
	"moothall/views/words"
)

// Frame is what every page needs beside its own content: in which words, for
// whom, from where.
type Frame struct {
	W         words.Words
	Path      string // the address shown, with its query, for the way back after signing in
	Section   string // the part of the navigation that is current: threads, councils, topics, newcomers, moderation, mail
	Now       time.Time
	BaseURL   string // what people see in front of an address, without a slash at its end
	RequestID string
	Demo      bool   // the demo corpus is loaded
	Flash     string // key of the sentence that tells of a deed just done, and behind a space how many it tells of; empty where there is none

	Banners  []Banner // that the team tells on every page
	Election string   // the reminder for whoever's council is in a pre-election period, with a link in it

	Posted bool // the page answers a form, and stands at the form's address

	SignedIn                bool
	PersonName, PersonPath  string
	CanModerate, CanLetIn   bool
	CanSeeMail              bool
	CanTendWords            bool
	CanTend                 bool   // has the desk, and finds newcomers and words there
	Suspended, SuspendedWhy string // until when, in words, and why; empty for everybody else

	Notices   int  // unread, counted up to forum.NoticesMost
	CannotAsk bool // a supplier or somebody suspended: there is no button that leads to a refusal
	Waits     bool // what they write is held until they are let in
	Ended     bool // their council has become others: they say which one is theirs
	Unjoined  bool // signed in, and not yet anybody: all they can do is join, or leave

	Draft int // the version of the draft that the page's form has seen; 0 for none

	CSRF string // masked anew for this page
	Key  string // made for this page, so that a form sent twice is done once

	mark string // of a page with gaps; see WithGaps
}

// pageHead is what a page says of itself to browsers, to search engines and
// where somebody shares its address.
type pageHead struct {
	Title       string
	Description string  // plain text; without one the page has no preview where it is shared
	Canonical   string  // path of the one address of this page; empty for pages that nobody should find
	Feed        string  // path of the feed of the same; empty where there is none
	OfThread    bool    // a thread, not a page about many
	Schema      *schema // what search engines read of it, of public threads alone
	Refused     bool    // a form came back: the title says so first, as GOV.UK advises
	Wide        bool    // the page makes its own width, and gives no width container
}

// crumb is one step of the way to a page.
type crumb struct{ Text, Path string }

// tab is one of several views of the same thing, with how many are in it; a
// Count of -1 is not shown.
type tab struct {
	Text, Path string
	Count      int
	Current    bool
}

func (f Frame) title(h pageHead) string {
	if h.Refused {
		return f.W.T("frame.title_refused", "Title", h.Title)
	}
	return f.W.T("frame.title", "Title", h.Title)
}

// signInPath leads to sign-in and back to this page. From the sign-in pages
// themselves there is nowhere to come back to.
func (f Frame) signInPath() string {
	if f.Path == "" || f.Path == "/" || strings.HasPrefix(f.Path, "/sign-in") {
		return "/sign-in"
	}
	return "/sign-in?return=" + url.QueryEscape(f.Path)
}

// key is the idempotency key of one form. A page's forms differ, or the second
// one sent from it would be taken for the first with other content.
func (f Frame) key(action string) string {
	if f.Key == "" {
		return ""
	}
	sum := fnv.New32a()
	sum.Write([]byte(action))
	return f.Key + "-" + strconv.FormatUint(uint64(sum.Sum32()), 36)
}

// newerOlder leads through a list by time; an empty path is no neighbour.
func newerOlder(f Frame, newer, older string) paging {
	return paging{Prev: newer, PrevText: f.W.T("nav.newer"), Next: older, NextText: f.W.T("nav.older")}
}

// pages leads through the numbered pages of one thing; pathOf tells a page's address.
func pages(f Frame, page, of int, pathOf func(page int) string) paging {
	p := paging{PrevText: f.W.T("nav.previous"), NextText: f.W.T("nav.next")}
	p.Here = f.W.T("nav.page_of", "Page", page, "Pages", of)
	if page > 1 {
		p.Prev = pathOf(page - 1)
	}
	if page < of {
		p.Next = pathOf(page + 1)
	}
	return p
}

// optional marks the label of a field that may stay empty.
func optional(f Frame, label string) string { return f.W.T("forms.optional", "Label", label) }

// problems puts the words around what was wrong with a form.
func problems(f Frame, list []govuk.Problem) govuk.Problems {
	return govuk.Problems{Title: f.W.T("forms.problem"), Prefix: f.W.T("forms.problem_prefix"), List: list}
}

// markdownBar is the row of buttons over a field for Markdown.
func markdownBar(f Frame) *govuk.Bar {
	return &govuk.Bar{
		Label: f.W.T("forms.formatting"), Bold: f.W.T("forms.bold"), Link: f.W.T("forms.link"),
		List: f.W.T("forms.list"), Quote: f.W.T("forms.quote"), Code: f.W.T("forms.code"),
	}
}

// yoursNone says that somebody takes part in nothing yet, and to whom may ask, how
// to begin.
func (f Frame) yoursNone(who forum.Person) string {
	if f.CannotAsk || who.TurnedAwayWhy != "" {
		return f.W.T("home.yours_none_plain")
	}
	return f.W.T("home.yours_none")
}

// otherLang is the language that a page can be read in instead.
func otherLang(f Frame) string {
	if f.W.Lang() == "cy" {
		return "en"
	}
	return "cy"
}

// flashWords is what is told of a deed just done.
func flashWords(f Frame) string {
	key, count, counted := strings.Cut(f.Flash, " ")
	if n, err := strconv.Atoi(count); counted && err == nil {
		return f.W.N(key, n)
	}
	return f.W.T(key)
}
