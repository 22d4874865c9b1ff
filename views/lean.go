package views

import (
	"context"
	"html"
	"io"
	"strings"
	"time"

	"github.com/a-h/templ"

	"moothall/forum"
)

// The parts here stand on every post of a page, several times over. They are written as
// one string each: a templ part of the same costs ten times the allocations.

// lean is a part that is one string; its pieces are escaped by whoever puts them together.
func lean(pieces ...string) templ.Component {
	text := strings.Join(pieces, "")
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// proofs are what proves of a form that it came from this page, and that it is done once.
func proofs(f Frame, action string) templ.Component {
	csrf, key := "", ""
	if f.SignedIn {
		csrf = `<input type="hidden" name="_csrf" value="` + html.EscapeString(f.CSRF) + `">`
	}
	if k := f.key(action); k != "" {
		key = `<input type="hidden" name="idempotency" value="` + html.EscapeString(k) + `">`
	}
	return lean(csrf, key)
}

// footLink is a quiet link under a post; the stylesheet knows by its address how to draw it.
func footLink(path, text, about string) templ.Component {
	return lean(`<a href="`, html.EscapeString(string(templ.URL(path))), `">`, html.EscapeString(text), aboutSpan(about), `</a>`)
}

// toggle is a small button under a post that stays pressed, and that a second press lets
// go; the stylesheet knows by its name how to draw it.
func toggle(name string, on bool, text, about string) templ.Component {
	return lean(`<button name="`, name, `" value="`, bit(!on), `" aria-pressed="`, pressed(on), `">`, html.EscapeString(text), aboutSpan(about), `</button>`)
}

// usefulToggle is the same for Useful, which counts.
func usefulToggle(f Frame, post *forum.Post, on bool) templ.Component {
	count := ""
	if post.Useful > 0 {
		count = ` <span class="mh-count" aria-hidden="true">` + counted(post.Useful) + `</span><span> ` + html.EscapeString(f.W.N("useful.to", post.Useful)) + `</span>`
	}
	return lean(`<button name="on" value="`, bit(!on), `" aria-pressed="`, pressed(on), `">`, html.EscapeString(f.W.T("useful.press")), count,
		`<span>, `, html.EscapeString(postLabel(f, post)), `</span></button>`)
}

// aboutSpan says to those who hear the page which post a button or link is for.
func aboutSpan(about string) string { return `<span> ` + html.EscapeString(about) + `</span>` }

// momentWords is a moment in words and exact, where the two differ.
func momentWords(f Frame, t time.Time) string {
	exact := f.W.DateTime(t)
	if ago := f.W.Ago(f.Now, t); ago != exact && ago != f.W.Date(t) {
		return ago + ", " + exact
	}
	return exact
}
