package forum_test

import (
	"errors"
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

// There is an end to how much is kept, and whoever meets it is told: nothing is
// said to be kept that is not. What is kept already can still be changed.
func TestDraftsHaveAnEnd(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	keep := func(target int64, words string) error {
		return store.KeepDraft(t.Context(), ben, forum.DraftReply, target, url.Values{"body": {words}})
	}
	for target := range int64(50) {
		if err := keep(target, "Kept"); err != nil {
			t.Fatalf("draft %d: %v", target, err)
		}
	}
	if err := keep(50, "One more"); !errors.Is(err, forum.ErrTooMany) {
		t.Errorf("one too many: %v, want %v", err, forum.ErrTooMany)
	}
	if err := keep(49, "Changed"); err != nil {
		t.Errorf("changing the last one: %v", err)
	}
	got, err := store.Draft(t.Context(), ben, forum.DraftReply, 49)
	if err != nil || got.Values().Get("body") != "Changed" {
		t.Errorf("got %v, %v, want what was typed last", got.Values(), err)
	}
	if err := keep(49, strings.Repeat("long ", 60_000)); !errors.Is(err, forum.ErrTooMany) {
		t.Errorf("too long: %v, want %v", err, forum.ErrTooMany)
	}
}

// When the renderer changes, old posts are made anew from what was typed. What it
// no longer takes is shown as plain text.
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

// An edit while a post is rendered anew stands: the older words do not come back.
func TestAnEditOutlastsRerendering(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	post := forumtest.Reply(t, store, ada, forumtest.Thread(t, store, ada, "A question"), "Old words")
	if _, err := db.Exec(t.Context(), `update posts set html_version = 0 where id = $1`, post.ID); err != nil {
		t.Fatal(err)
	}
	rendered := make(chan error, 1)
	// The edit is under way, so that rendering has read the old words and waits to store them.
	err := store.Do(t.Context(), ada, func(d *forum.Deed) error {
		if _, err := d.Exec(t.Context(), `update posts set body = 'New', html = '<p>New</p>', excerpt = 'New', version = 2, html_version = 99 where id = $1`, post.ID); err != nil {
			return err
		}
		go func() {
			defer func() { _ = recover() }() // then the test waits for ever, and says where
			_, err := store.Rerender(t.Context(), 10)
			rendered <- err
		}()
		for waits := false; !waits; {
			if err := db.QueryRow(t.Context(), `select exists (select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database())`).Scan(&waits); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-rendered; err != nil {
		t.Fatal(err)
	}
	if n, err := store.Rerender(t.Context(), 10); n != 0 || err != nil {
		t.Errorf("%d posts are old still, %v", n, err)
	}
	var html string
	if err := db.QueryRow(t.Context(), `select html from posts where id = $1`, post.ID).Scan(&html); err != nil || html != "<p>New</p>" {
		t.Errorf("got %q, %v, want the edit", html, err)
	}
}

// What the renderer takes no longer stays readable, as plain text.
func TestWhatCannotBeRenderedAnewIsPlain(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, store, ada, "A question")
	_, err := db.Exec(t.Context(), `update posts set body = repeat('> ', 500) || '<b>deep</b>', html_version = 0`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Rerender(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	html := string(read(t, store, visitor, thread, 1).Posts[0].HTML)
	if !strings.Contains(html, "&lt;b&gt;deep&lt;/b&gt;") || strings.Contains(html, "<blockquote") {
		t.Errorf("got %s", html)
	}
}
