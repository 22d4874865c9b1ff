package views

import (
	"html"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"moothall/forum"
)

// The gaps of a page that is made once for many readers: what it says to one of them alone.
// The gap of what is new in a row of a list has the thread's number behind it.
const (
	gapCSRF   = "csrf"
	gapKey    = "key"
	gapName   = "name"
	gapPerson = "person"
	gapBell   = "bell"
	gapSince  = "since"
	gapFollow = "follow"
	gapUnread = "unread-"
)

// WithGaps is the frame of a page with gaps: each stands in it as its name between two marks,
// which are letters and digits that nobody can guess.
func (f Frame) WithGaps(mark string) Frame {
	f.mark, f.SignedIn = mark, true
	f.CSRF, f.Key, f.PersonName, f.PersonPath = f.gap(gapCSRF), f.gap(gapKey), f.gap(gapName), f.gap(gapPerson)
	return f
}

func (f Frame) gap(name string) string { return f.mark + name + f.mark }

// hasGaps reports whether the page is made for many.
func (f Frame) hasGaps() bool { return f.mark != "" }

// Own is what a page with gaps says to one reader: of a page of a thread how far they have
// read it and how they follow it; of a list what is new in each thread, by its number.
type Own struct {
	Thread forum.ThreadPage
	Unread map[int64]int
}

// Fill is what stands in a gap for the reader of a frame.
func Fill(f Frame, own *Own, gap string) templ.Component {
	switch gap {
	case gapCSRF:
		return lean(html.EscapeString(f.CSRF))
	case gapKey:
		return lean(html.EscapeString(f.Key))
	case gapName:
		return lean(html.EscapeString(f.PersonName))
	case gapPerson:
		return lean(html.EscapeString(f.PersonPath))
	case gapBell:
		return bell(f)
	case gapSince:
		return sinceFacts(f, &own.Thread)
	case gapFollow:
		return follow(f, followThreadForm(&own.Thread))
	}
	id, _ := strconv.ParseInt(strings.TrimPrefix(gap, gapUnread), 10, 64)
	return unread(f, forum.Thread{ID: id, Unread: own.Unread[id]})
}
