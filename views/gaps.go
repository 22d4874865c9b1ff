package views

import (
	"context"
	"html"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"moothall/forum"
)

// The gaps of a page that is made once for many readers: what it says to one of them alone.
// The gap of what is new in a row of a list has the thread's number behind it, that of a post
// its own.
const (
	gapCSRF   = "csrf"
	gapKey    = "key"
	gapName   = "name"
	gapPerson = "person"
	gapBell   = "bell"
	gapSince  = "since"
	gapFollow = "follow"
	gapUnread = "unread-"
	gapPost   = "post-"
)

// WithGaps is the frame of a page with gaps: each stands in it as its name between two marks,
// which are letters and digits that nobody can guess.
func (f Frame) WithGaps(mark string) Frame {
	f.mark, f.SignedIn = mark, true
	f.CSRF, f.Key, f.PersonName, f.PersonPath = f.gap(gapCSRF), f.gap(gapKey), f.gap(gapName), f.gap(gapPerson)
	return f
}

func (f Frame) gap(name string) string { return f.mark + name + f.mark }

// end is the name of the gap with which ends what stands in the place of another, for those
// who have nothing of their own to say there.
const gapEnd = "end-"

// Instead reports whether a reader has something of their own for what begins at a gap, and
// which gap ends it.
func Instead(own *Own, gap string) (end string, there bool) {
	return gapEnd + gap, gap == gapFollow && own.Thread.Following.Stop || own.post(gap) != nil
}

// post is the reader's own post at a gap; nil where that is another's.
func (o *Own) post(gap string) *forum.Post {
	for i := range o.Thread.Posts {
		if gap == postGap(o.Thread.Posts[i].ID) {
			return &o.Thread.Posts[i]
		}
	}
	return nil
}

func postGap(id int64) string { return gapPost + number(id) }

// orInstead is a part of a page; where the page has gaps, one that can be another for one
// reader.
func orInstead(f Frame, gap string, part templ.Component) templ.Component {
	if !f.hasGaps() {
		return part
	}
	return templ.Join(lean(f.gap(gap)), part, lean(f.gap(gapEnd+gap)))
}

// hasGaps reports whether the page is made for many.
func (f Frame) hasGaps() bool { return f.mark != "" }

// Own is what a page with gaps says to one reader: of a page of a thread how far they have
// read it, how they follow it and what on it is theirs; of a list what is new in each thread, by its number.
type Own struct {
	Thread forum.ThreadPage
	Unread map[int64]int
}

// Fill writes what stands in a gap for the reader of a frame. Nothing new in a row, which
// is what most have, costs nothing.
func Fill(ctx context.Context, w io.Writer, f *Frame, own *Own, gap string) error {
	switch gap {
	case gapCSRF, gapKey, gapName, gapPerson:
		return escape(w, f.word(gap))
	case gapBell:
		return bell(*f).Render(ctx, w)
	case gapSince:
		if own.Thread.Read == nil || own.Thread.Read.Unread == 0 {
			return nil
		}
		return sinceFacts(*f, &own.Thread).Render(ctx, w)
	case gapFollow:
		if own.Thread.Following.Stop {
			return follow(*f, followThreadForm(&own.Thread)).Render(ctx, w)
		}
		return nil
	}
	if post := own.post(gap); post != nil {
		return article(*f, &own.Thread, post).Render(ctx, w)
	}
	id, _ := strconv.ParseInt(strings.TrimPrefix(gap, gapUnread), 10, 64)
	if count := own.Unread[id]; count > 0 {
		return unread(*f, forum.Thread{ID: id, Unread: count}).Render(ctx, w)
	}
	return nil
}

// word is what stands in a gap that is a word.
func (f *Frame) word(gap string) string {
	switch gap {
	case gapCSRF:
		return f.CSRF
	case gapKey:
		return f.Key
	case gapName:
		return f.PersonName
	}
	return f.PersonPath
}

func escape(w io.Writer, text string) error {
	_, err := io.WriteString(w, html.EscapeString(text))
	return err
}
