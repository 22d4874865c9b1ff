package app_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
)

// corpus reads a file of hostile lines that another package keeps.
func corpus[T any](t *testing.T, path string) (all []T) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if lines.Err() != nil || len(all) == 0 {
		t.Fatalf("%s: %d lines, %v", path, len(all), lines.Err())
	}
	return all
}

// answersMe is where the one button of ours leads that has an address of its own.
var answersMe = regexp.MustCompile(`^/threads/[0-9]+/answers-me$`)

// harmful says what on a page no text of anybody's may bring there; "" if nothing.
func harmful(page string) string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return err.Error()
	}
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		src := ""
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "formaction" && !answersMe.MatchString(a.Val):
				return fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val)
			case a.Key == "href" || a.Key == "action":
				if u, err := url.Parse(a.Val); err != nil || !slices.Contains([]string{"", "http", "https", "mailto"}, strings.ToLower(u.Scheme)) {
					return fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
			case a.Key == "src":
				src = a.Val
			case a.Key == "id" && ids[a.Val]:
				return "two things are called " + a.Val
			case a.Key == "id":
				ids[a.Val] = true
			}
		}
		if slices.Contains([]string{"iframe", "object", "embed", "base", "style", "img", "frame"}, n.Data) ||
			n.Data == "script" && !strings.HasPrefix(src, "/assets/") {
			return "<" + n.Data + " src=" + src + ">"
		}
	}
	return ""
}

// Whatever somebody types, in whichever field, is text on every page that shows it.
func TestHostileTextIsHarmlessOnEveryPage(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	author := w.people["author"]
	lines := corpus[struct{ ID, Field, Markdown string }](t, "../forum/markup/testdata/xss.jsonl")
	// markup's own tests render every line; here a part of them goes through the site.
	for n := 0; n < len(lines); n += 40 {
		line := lines[n]
		title := strings.Join(strings.Fields(line.Markdown), " ")
		if r := []rune(title); len(r) > 140 {
			title = string(r[:140])
		}
		preview := w.post("author", "/threads", "title", title, "body", line.Markdown, "topic", "waste-management", "action", "preview")
		refused := w.post("author", "/threads", "title", title, "body", line.Markdown, "topic", line.Markdown)
		reported := w.post("author", threadAt(1)+"/report", "reason", line.Markdown+strings.Repeat("x", 3000))
		asked := w.post("author", "/threads", "title", title, "body", line.Markdown, "topic", "waste-management")
		pages := map[string]echo{"the preview": preview, "the refused form": refused, "the report": reported}
		if asked.status == 303 {
			path := asked.location(w)
			pages["the page"] = w.get("colleague", path)
			pages["the quote"] = w.get("colleague", path+"?quote=1")
		}
		for name, page := range pages {
			if bad := harmful(page.body); bad != "" || page.status >= 500 {
				t.Errorf("%s: %s answers %d and has %s", line.ID, name, page.status, bad)
			}
		}
	}
	nasty := `"><script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} '`
	mallory := w.add("mallory", forumtest.Again(t, w.store, w.join("", forum.JoinDraft{Name: nasty, JobTitle: nasty, Council: "northmoor"})))
	forumtest.Thread(t, w.store, mallory, "From "+nasty)
	w.must(w.care.LetIn(t.Context(), w.people["lead"], mallory.ID, care.LetInDraft{}))
	forumtest.Reply(t, w.store, author, 1, "So there is an opening post")
	for _, path := range []string{"/", "/threads", "/councils/northmoor", personAt(mallory.ID) + "-" + forumtest.Again(t, w.store, mallory).Handle, "/moderation", "/councils?q=" + url.QueryEscape(nasty),
		"/sign-in?return=" + url.QueryEscape(nasty), "/threads/new?topic=" + url.QueryEscape(nasty)} {
		page := w.get("moderator", path)
		if bad := harmful(page.body); bad != "" || page.status >= 500 {
			t.Errorf("%s answers %d and has %s", path, page.status, bad)
		}
	}
}

// The way back after signing in leads to a page of ours, whatever it says.
func TestTheWayBackStaysWithUs(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	base, err := url.Parse(w.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range corpus[struct {
		ID, Value string
		Accept    bool
	}](t, "../auth/testdata/redirects.jsonl") {
		got := w.get("colleague", "/sign-in?return="+url.QueryEscape(line.Value))
		to, err := base.Parse(got.header.Get("Location"))
		switch {
		case got.status/100 == 4 && !line.Accept: // bytes that are no text, or too many
		case err != nil || got.status != 303 || to.Host != base.Host || to.Scheme != base.Scheme:
			t.Errorf("%s: %q leads with %d to %q", line.ID, line.Value, got.status, got.header.Get("Location"))
		case line.Accept && got.location(w) != line.Value && to.RequestURI() != line.Value:
			t.Errorf("%s: %q should be kept, and leads to %q", line.ID, line.Value, got.header.Get("Location"))
		}
	}
}
