package views

import (
	"context"
	"html"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/wording"
	"moothall/views/words"
)

// historyPath is where the history of a post begins, or goes on below a version.
func historyPath(post int64, before int) string {
	path := postDeed(post, "history")
	if before > 0 {
		path += "?before=" + strconv.Itoa(before)
	}
	return path
}

// historyPages leads to older versions, and from them back to the newest.
func historyPages(f Frame, p forum.HistoryPage) paging {
	var newest, older string
	if p.Begun {
		newest = historyPath(p.Post.ID, 0)
	}
	if p.Older > 0 {
		older = historyPath(p.Post.ID, p.Older)
	}
	pages := newerOlder(f, newest, older)
	pages.PrevText = f.W.T("threads.newest")
	return pages
}

// historyBack is where the post stands whose history is shown.
func historyBack(p forum.HistoryPage) string {
	return editBack(forum.EditPage{Thread: p.Thread, Post: p.Post})
}

func versionID(v forum.Version) string { return "version-" + strconv.Itoa(v.Number) }

// versionHeading says what happened to the post, and when.
func versionHeading(f Frame, v forum.Version) string {
	at := f.W.DateTime(v.At)
	switch {
	case v.Redaction:
		return f.W.T("history.redacted", "At", at)
	case v.Number == 1:
		return f.W.T("history.written", "At", at)
	}
	return f.W.T("history.edited", "At", at)
}

// RemovedWords is what stands in the place of words that were taken out, by language.
func RemovedWords() map[string]string {
	removed := map[string]string{}
	for _, lang := range []string{"en", "cy"} {
		removed[lang] = words.In(lang).T("history.removed")
	}
	return removed
}

// changesSaid is how changes are told to those who hear them: what stands before a
// change of either kind.
type changesSaid struct{ removed, added string }

func inHistory(f Frame) changesSaid {
	return changesSaid{f.W.T("history.taken_out"), f.W.T("history.put_in")}
}

func sideBySide(f Frame) changesSaid {
	return changesSaid{f.W.T("history.only_here"), f.W.T("history.only_here")}
}

// changes writes a text with what was taken out of it and put in. It writes the
// white space as it is, which a template would not.
func changes(f Frame, said changesSaid, list []wording.Change) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		marked := func(tag, before, text string) {
			b.WriteString("<" + tag + `><span class="govuk-visually-hidden">` + html.EscapeString(before) + " </span>" + html.EscapeString(text) +
				`<span class="govuk-visually-hidden"> ` + html.EscapeString(f.W.T("history.end")) + "</span></" + tag + ">")
		}
		for _, c := range list {
			switch c.Kind {
			case wording.Removed:
				marked("del", said.removed, c.Text)
			case wording.Added:
				marked("ins", said.added, c.Text)
			case wording.Folded:
				b.WriteString("<details><summary>" + html.EscapeString(f.W.N("history.folded", c.Words())) + "</summary>" + html.EscapeString(c.Text) + "</details>")
			default:
				b.WriteString(html.EscapeString(c.Text))
			}
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// listed writes commas between changes of which each is a name.
func listed(names []wording.Change) (list []wording.Change) {
	for i, name := range names {
		if i > 0 {
			list = append(list, wording.Change{Kind: wording.Same, Text: ", "})
		}
		list = append(list, name)
	}
	return list
}

// side is one of two texts that stand side by side: what is only in the other is not
// in it. Where nothing differs it is plain.
func side(kind wording.ChangeKind, list []wording.Change, plain ...string) (one []wording.Change) {
	if list == nil {
		for _, text := range plain {
			one = append(one, wording.Change{Kind: wording.Same, Text: text})
		}
		return one
	}
	for _, c := range list {
		if c.Kind == wording.Same || c.Kind == kind {
			one = append(one, c)
		}
	}
	return one
}
