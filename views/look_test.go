package views

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"moothall/views/assets"
	"moothall/views/govuk"
	"moothall/views/words"
)

var update = flag.Bool("update", false, "write the golden pages anew; then read the difference")

// now is when every page of these tests is looked at.
var now = time.Date(2026, 11, 24, 10, 42, 0, 0, time.UTC)

// The page of all parts looks as it did: each component once, as a colleague with every right sees it.
func TestLook(t *testing.T) {
	t.Parallel()
	golden(t, "look", render(t, look(ada())))
}

// The same frame for a visitor, who is offered sign-in and no form.
func TestLookForAVisitor(t *testing.T) {
	t.Parallel()
	visitor := Frame{W: words.In("cy"), Path: "/threads?kind=question&topic=waste", Section: "threads", Now: now, BaseURL: "https://moothall.example"}
	head := pageHead{Title: "Threads", Description: "What councils ask & answer", Canonical: "/threads"}
	golden(t, "visitor", render(t, within(page(visitor, head), text(`<h1 class="mh-h1">Threads</h1>`), pager(visitor, newerOlder(visitor, "", "/threads?before=b")))))
}

// Every form of somebody signed in proves where it comes from and carries a key of its own; a visitor's has no _csrf.
func TestFormsCarryTheirProofs(t *testing.T) {
	t.Parallel()
	f := ada()
	one, other := render(t, form(f, "/threads/1/posts")), render(t, form(f, "/threads/2/posts"))
	key := regexp.MustCompile(`name="idempotency" value="([^"]+)"`)
	if !strings.Contains(one, `name="_csrf" value="masked"`) {
		t.Errorf("no _csrf in %s", one)
	}
	if a, b := key.FindStringSubmatch(one), key.FindStringSubmatch(other); a == nil || b == nil || a[1] == b[1] {
		t.Errorf("two forms of a page have the keys %v and %v", a, b)
	}
	if again := render(t, form(f, "/threads/1/posts")); again != one {
		t.Errorf("the same form twice: got %s, want %s", again, one)
	}
	if visitor := render(t, form(Frame{}, "/newsletters/subscribe")); strings.Contains(visitor, "hidden") {
		t.Errorf("a visitor's form has proofs: %s", visitor)
	}
}

// What was typed comes back to the letter, line ends and markup included.
func TestTypedTextComesBack(t *testing.T) {
	t.Parallel()
	typed := "\n\n  First </textarea><script>\n\tŵ & \"ŷ\"\n\n"
	html := render(t, govuk.Textarea(govuk.Field{Name: "body", Value: typed}, govuk.Problems{}))
	_, after, _ := strings.Cut(html, "<textarea")
	_, after, _ = strings.Cut(after, ">")
	got, _, _ := strings.Cut(after, "</textarea>")
	// The first line end after the tag is not content (HTML standard, §13.1.2.5).
	want := "\n" + templ.EscapeString(typed)
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An address from elsewhere cannot become a script.
func TestLinksTakeNoScript(t *testing.T) {
	t.Parallel()
	for _, part := range []templ.Component{
		person("Ada", "javascript:alert(1)"), said("[Ada]", "javascript:alert(1)"),
		crumbs(ada(), crumb{"Ada", "javascript:alert(1)"}), quietLink("javascript:alert(1)", "link", "Link", ""),
		tabs("Kinds", tab{Text: "Ada", Path: "javascript:alert(1)"}), form(ada(), "javascript:alert(1)"),
	} {
		if html := render(t, part); strings.Contains(html, "javascript:") {
			t.Errorf("a script in %s", html)
		}
	}
}

// A sentence keeps its links in the order of the brackets, and loses no word when there are too few or too many.
func TestSentencesWithLinks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		paths    []string
		want     string
	}{
		{"Read [it] & [them].", []string{"/a?b&c", "/d"}, `Read <a href="/a?b&amp;c">it</a> &amp; <a href="/d">them</a>.`},
		{"Read [it].", nil, `Read [it].`},
		{"Read it.", []string{"/a"}, `Read it.`},
		{"Read [it <b>", []string{"/a"}, `Read [it &lt;b&gt;`},
	} {
		if got := render(t, said(c.sentence, c.paths...)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// Sign-in comes back to the page, but never to itself.
func TestSignInKnowsTheWayBack(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/threads?kind=question&x=a b": "/sign-in?return=%2Fthreads%3Fkind%3Dquestion%26x%3Da+b",
		"/":                            "/sign-in",
		"":                             "/sign-in",
		"/sign-in?return=%2Fthreads":   "/sign-in",
	} {
		if got := (Frame{Path: path}).signInPath(); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
}

// Nothing stands in a page that the site's content security policy would refuse.
func TestNothingIsInline(t *testing.T) {
	t.Parallel()
	inline := regexp.MustCompile(`(?i)\sstyle=|<style|\son[a-z]+=|<script(?:[^>]*)>[^<]|(?:src=|<link[^>]* href=)"(?:https?:)?//`)
	if found := inline.FindString(strings.ReplaceAll(render(t, look(ada())), ada().BaseURL, "")); found != "" {
		t.Errorf("the page holds %q", found)
	}
}

// ada is a colleague who may do everything.
func ada() Frame {
	return Frame{
		W: words.In("en"), Path: "/look", Section: "threads", Now: now, BaseURL: "https://moothall.example",
		Demo: true, SignedIn: true, PersonName: "Ada Northmoor", PersonPath: "/people/1",
		CanModerate: true, CanLetIn: true, CSRF: "masked", Key: "key",
	}
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares a page with testdata/NAME.html. Its tags stand on lines of
// their own there, so that a difference can be read, and the hashes of the
// assets, which tell nothing about the page, are left out.
func golden(t *testing.T, name, html string) {
	t.Helper()
	for _, asset := range []string{"moothall.css", "moothall.js", "favicon.svg", "opengraph.png"} {
		html = strings.ReplaceAll(html, assets.Path(asset), "/assets/"+asset)
	}
	html = regexp.MustCompile(`>\s*<(/?(?:html|head|body|header|main|footer|nav|div|ul|ol|li|dl|dt|dd|p|h[1-6]|form|fieldset|legend|label|input|select|option|textarea|section|article|details|summary|table|caption|thead|tbody|tr|th|td|link|meta|title|script|button|markdown-toolbar|md-[a-z-]+)[ >])`).ReplaceAllString(html, ">\n<$1") + "\n"
	path := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.WriteFile(path, []byte(html), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, old := strings.Split(html, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(old)) {
		if a, b := line(got, i), line(old, i); a != b {
			t.Fatalf("%s line %d: got %s\nwant %s\n(go test ./views -update, then read the difference)", path, i+1, a, b)
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}

// within puts parts inside a part that takes children.
func within(outer templ.Component, inner ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, templ.Join(inner...)), w)
	})
}

func text(html string) templ.Component { return templ.Raw(html) }
