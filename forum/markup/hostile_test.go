package markup

import (
	"bufio"
	"encoding/json"
	"iter"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// allowed are the elements of a post and, with each attribute, what it may say. It is
// written down a second time, since a test that asked the policy would agree with it.
var allowed = map[string]map[string]*regexp.Regexp{
	"p": nil, "br": nil, "hr": nil, "blockquote": nil, "em": nil, "strong": nil, "del": nil,
	"h3": nil, "h4": nil, "h5": nil, "h6": nil, "ul": nil,
	"table": nil, "thead": nil, "tbody": nil, "tr": nil,
	"ol":   {"start": regexp.MustCompile(`^\d{1,9}$`)},
	"li":   {"class": regexp.MustCompile(`^task-list-item$`)},
	"th":   {"align": regexp.MustCompile(`^(right|center)$`)},
	"td":   {"align": regexp.MustCompile(`^(right|center)$`)},
	"code": {"class": regexp.MustCompile(`^language-[\w+#.-]+$`)},
	"pre":  {"tabindex": regexp.MustCompile(`^0$`), "role": regexp.MustCompile(`^group$`), "aria-label": regexp.MustCompile(`^Code$`)},
	"div": {"class": regexp.MustCompile(`^table-scroll$`), "tabindex": regexp.MustCompile(`^0$`),
		"role": regexp.MustCompile(`^group$`), "aria-label": regexp.MustCompile(`^Table$`)},
	"a": {"class": regexp.MustCompile(`^mention$`), "href": regexp.MustCompile(`^[!-~]+$`),
		"rel": regexp.MustCompile(`^nofollow ugc noopener$`)},
}

// judge reads a post as a browser would, in its place on a page, and reports all that
// does not belong there.
func judge(t testing.TB, post string) {
	t.Helper()
	for n := range prose(t, post) {
		judgeElement(t, n, post)
		if n.Data == "a" {
			judgeLink(t, n, post)
		}
	}
}

// prose is the elements of a post that is part of a page.
func prose(t testing.TB, post string) iter.Seq[*html.Node] {
	t.Helper()
	return func(yield func(*html.Node) bool) {
		page, err := html.Parse(strings.NewReader(`<!doctype html><body><div id="prose">` + post + `</div><p id="after">`))
		if err != nil {
			t.Errorf("%v in %.300q", err, post)
			return
		}
		body := page.LastChild.LastChild
		if after := body.LastChild; attribute(after, "id") != "after" || after.PrevSibling == nil || after.PrevSibling != body.FirstChild {
			t.Errorf("a tag reaches outside the post: %.300q", post)
			return
		}
		for n := range body.FirstChild.Descendants() {
			if n.Type != html.TextNode && !yield(n) {
				return
			}
		}
	}
}

// judgeElement reports an element or an attribute that does not belong into a post.
func judgeElement(t testing.TB, n *html.Node, post string) {
	t.Helper()
	attributes, known := allowed[n.Data]
	if n.Type != html.ElementNode || n.Namespace != "" || !known {
		t.Errorf("element %q in %.300q", n.Data, post)
		return
	}
	for _, a := range n.Attr {
		if form := attributes[a.Key]; form == nil || !form.MatchString(a.Val) {
			t.Errorf("attribute %s=%q of %s in %.300q", a.Key, a.Val, n.Data, post)
		}
	}
}

// judgeLink reports a link that leads where none may, has no name, or holds another.
func judgeLink(t testing.TB, n *html.Node, post string) {
	t.Helper()
	href := attribute(n, "href")
	if !ours.MatchString(href) {
		u, err := url.Parse(href)
		if err != nil || u.User != nil || !theirs.MatchString(href) || attribute(n, "rel") == "" {
			t.Errorf("address %q in %.300q: %v", href, post, err)
		}
	}
	named := false
	for c := range n.Descendants() {
		named = named || c.Type == html.TextNode && inked(c.Data)
		if c.Data == "a" && c.Type == html.ElementNode {
			t.Errorf("a link in a link in %.300q", post)
		}
	}
	if !named {
		t.Errorf("a link without a name in %.300q", post)
	}
}

// ours and theirs are the addresses that a post may lead to.
var (
	ours   = regexp.MustCompile(`^(/([^/\\].*)?|#post-[1-9]\d*)$`)
	theirs = regexp.MustCompile(`^(?i:https?://[^/?#\\]|mailto:.+@)`)
)

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// lines reads a corpus, one JSON object a line.
func lines[T any](t testing.TB, path string) (all []T) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var one T
		if err := json.Unmarshal(scanner.Bytes(), &one); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, one)
	}
	if err := scanner.Err(); err != nil || len(all) == 0 {
		t.Fatalf("%s: %d lines, %v", path, len(all), err)
	}
	return all
}

// attack is one line of xss.jsonl.
type attack struct{ ID, Family, Markdown string }

// No text brings anything onto a page but what we list.
func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	for _, a := range lines[attack](t, "testdata/xss.jsonl") {
		for _, source := range []string{
			a.Markdown,
			"> - " + a.Markdown,                    // in a container
			"|a|b|\n|-|-|\n|" + a.Markdown + "|c|", // in a table
			"[a](" + a.Markdown + ") ![](" + a.Markdown + ")", // as an address
			"[" + a.Markdown + "](/x \"" + a.Markdown + "\")", // as a link's text and title
			"```" + a.Markdown + "\n" + a.Markdown,            // as a language
		} {
			html, err := Post(source, cast)
			if err != nil {
				t.Errorf("%s: %v", a.ID, err)
			}
			judge(t, string(html))
			if t.Failed() {
				t.Fatalf("%s (%s): %q", a.ID, a.Family, source)
			}
		}
		judge(t, string(Plain(a.Markdown)))
	}
}

// The policy holds alone too, if the renderer ever made what it must not.
func TestThePolicyHoldsAlone(t *testing.T) {
	t.Parallel()
	for _, a := range lines[attack](t, "testdata/xss.jsonl") {
		html, err := sanitise([]byte(a.Markdown + `<p id="x" name="x" style="x" class="mention"></div></table>`))
		if err != nil {
			t.Errorf("%s: %v", a.ID, err)
		}
		for n := range prose(t, html) {
			judgeElement(t, n, html)
			if u, err := url.Parse(attribute(n, "href")); err != nil || !slices.Contains([]string{"", "http", "https", "mailto"}, u.Scheme) {
				t.Errorf("address %q in %q: %v", attribute(n, "href"), html, err)
			}
		}
		if t.Failed() {
			t.Fatalf("%s (%s): %q", a.ID, a.Family, a.Markdown)
		}
	}
}

// FuzzPost looks for a text that breaks out, grows beyond bounds, or ends the program.
func FuzzPost(f *testing.F) {
	for i, a := range lines[attack](f, "testdata/xss.jsonl") {
		if i%20 == 0 {
			f.Add(a.Markdown)
		}
	}
	for _, b := range lines[bomb](f, "testdata/bombs.jsonl") {
		if source := b.source(); len(source) < 20<<10 {
			f.Add(source)
		}
	}
	if source, err := os.ReadFile("testdata/post.md"); err == nil {
		f.Add(string(source))
	}
	f.Fuzz(func(t *testing.T, source string) {
		html, err := Post(source, cast)
		if err != nil && html != "" || len(html) > 10*len(source)+4<<10 {
			t.Errorf("%d bytes from %d, %v", len(html), len(source), err)
		}
		judge(t, string(html))
		judge(t, string(Plain(source)))
		if strings.ContainsFunc(string(html), unstorable) {
			t.Errorf("a control character in %q", html)
		}
		fuzzWords(t, source)
	})
}

// fuzzWords looks at the plain texts that are made of a source.
func fuzzWords(t *testing.T, source string) {
	t.Helper()
	if got := Clean(Clean(source)); got != Clean(source) {
		t.Errorf("Clean twice: got %q, want %q", got, Clean(source))
	}
	if got := Excerpt(source, 50); len([]rune(got)) > 50 || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' }) {
		t.Errorf("excerpt: got %q", got)
	}
	if got := Mentions(source); len(got) > maxMentions {
		t.Errorf("mentions: got %d, want at most %d", len(got), maxMentions)
	}
}
