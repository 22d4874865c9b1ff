package forum_test

import (
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/markup"
)

// What somebody typed when their session ended is in the form when they come
// back, until they post it. Nobody else sees it.
func TestWordsAreKept(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	thread := forumtest.Thread(t, store, ada, "A question")
	for _, words := range []string{"First", "We did\x00 \xff it."} {
		if err := store.KeepDraft(t.Context(), ben, forum.DraftReply, thread, url.Values{"body": {words}, "topic": {"a", "b"}}); err != nil {
			t.Fatal(err)
		}
	}
	kept := read(t, store, ben, thread, 1).Kept.Values()
	if body := kept.Get("body"); !strings.HasPrefix(body, "We did") || !strings.HasSuffix(body, "it.") || len(kept["topic"]) != 2 {
		t.Errorf("got back %q", kept)
	}
	if other := read(t, store, ada, thread, 1).Kept; other != nil {
		t.Errorf("Ada sees what Ben typed: %s", other.Fields)
	}
	forumtest.Reply(t, store, ben, thread, "We did it.")
	if left := read(t, store, ben, thread, 1).Kept; left != nil {
		t.Errorf("after posting there is still %s", left.Fields)
	}
}

// When the renderer changes, old posts are made anew from what was typed; an edit
// meanwhile stands.
func TestRerendering(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "A question", Body: "We **did**, says @ada."})
	if _, err := db.Exec(t.Context(), `update posts set html = 'old', excerpt = 'old', html_version = 0`); err != nil {
		t.Fatal(err)
	}
	for want := 1; want >= 0; want-- {
		if n, err := store.Rerender(t.Context(), 10); err != nil || n != want {
			t.Errorf("got %d posts, %v; want %d", n, err, want)
		}
	}
	html := string(read(t, store, visitor, thread, 1).Posts[0].HTML)
	if !strings.Contains(html, "<strong>did</strong>") || !strings.Contains(html, `class="mention"`) {
		t.Errorf("got %s", html)
	}
	var version int
	if err := db.QueryRow(t.Context(), `select html_version from posts`).Scan(&version); err != nil || version != markup.Version {
		t.Errorf("got version %d, %v", version, err)
	}
}
