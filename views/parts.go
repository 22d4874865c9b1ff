package views

import (
	"context"
	"html"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// tone is the colour of a box, which always has a shape and words as well.
type tone string

// The tones, and what they are for.
const (
	plain tone = ""              // something to read or do
	pine  tone = "mh-box--pine"  // good news
	ochre tone = "mh-box--ochre" // wait, or check
	grey  tone = "mh-box--grey"  // over
	red   tone = "mh-box--red"   // stop
	blue  tone = "mh-box--blue"  // good to know
	edged tone = "mh-box--line"  // set apart, no more
)

// mark is a state of a thread, post or person as its tag shows it.
type mark struct{ class, icon string }

// The marks, each with its own shape beside its colour.
var (
	markUnanswered = mark{"mh-state--open", "ring"}
	markReplied    = mark{"mh-state--open", "speech"}
	markAnswered   = mark{"mh-state--answered", "tick"}
	markWaiting    = mark{"mh-state--waiting", "clock"}
	markHeld       = mark{"mh-state--held", "clock"}
	markClosed     = mark{"mh-state--closed", "lock"}
	markCouncils   = mark{"mh-state--closed", "lock"}
	markMerged     = mark{"mh-state--merged", "merge"}
	markRemoved    = mark{"mh-state--removed", "bin"}
	markSupplier   = mark{"mh-state--info", "flag"}
	markTeam       = mark{"mh-state--info", "pencil"}
	markNew        = mark{"mh-state--new", "dot"}
	markGood       = mark{"mh-state--good", "tick"}
)

// paging leads to the neighbours of a page of a list; an empty path is no neighbour.
type paging struct {
	Prev, PrevText string
	Next, NextText string
	Here           string // which page this is, in words; may be empty
}

// said writes a sentence from the catalogue whose links stand in [brackets],
// so that translators can move them; paths are their addresses in that order.
func said(sentence string, paths ...string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		rest := sentence
		for _, path := range paths {
			before, after, found := strings.Cut(rest, "[")
			text, tail, closed := strings.Cut(after, "]")
			if !found || !closed {
				break
			}
			b.WriteString(html.EscapeString(before))
			b.WriteString(`<a href="` + html.EscapeString(string(templ.URL(path))) + `">` + html.EscapeString(text) + `</a>`)
			rest = tail
		}
		b.WriteString(html.EscapeString(rest))
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// iconClass names one of the small drawings to the stylesheet; without one it is empty.
func iconClass(name string) string {
	if name == "" {
		return ""
	}
	return "mh-i--" + name
}
