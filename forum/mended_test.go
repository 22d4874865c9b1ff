package forum_test

import (
	"errors"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// A newcomer who finds their council later takes what waited with them.
func TestHeldWordsComeAlong(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	id, err := store.SignIn(t.Context(), forum.Identity{Issuer: "i", Subject: "s", Email: "ada@northmoor.gov.example", EmailVerified: true})
	if err != nil {
		t.Fatal(err)
	}
	join := func(council string) forum.Person {
		t.Helper()
		who, err := store.Person(t.Context(), id)
		if err == nil {
			err = store.Join(t.Context(), who, forum.JoinDraft{Name: "Ada", JobTitle: "Officer", Council: council, Rules: forum.RulesVersion})
		}
		if err != nil {
			t.Fatal(err)
		}
		return forumtest.Again(t, store, who)
	}
	thread := forumtest.Thread(t, store, join(forum.NotListed), "Asked too soon")
	if _, err := store.ThreadPage(t.Context(), visitor, thread, 1, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Fatalf("before: got %v, want ErrNotFound", err)
	}
	join("northmoor")
	p := read(t, store, visitor, thread, 1)
	if p.Thread.CouncilSlug != "northmoor" || p.Posts[0].Number != 1 {
		t.Errorf("after: %+v", p.Thread)
	}
}

// Who writes while they are let in is not held: what counts is their standing now.
func TestStandingIsReadUnderTheLock(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	cleo := forumtest.NewcomerOf(t, store, "Cleo", "Southmoor")
	thread := forumtest.Thread(t, store, ada, "A question")
	if _, err := db.Exec(t.Context(), `update people set standing = 'colleague' where id = $1`, cleo.ID); err != nil {
		t.Fatal(err)
	}
	if posted := forumtest.Reply(t, store, cleo, thread, "Just in time"); posted.Number != 2 {
		t.Errorf("got number %d, want 2", posted.Number)
	}
}

// Who is a colleague no more sees nothing for councils only, not even what they began.
func TestAFallenColleagueSeesNoMore(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "For councils", Visibility: "councils"})
	if _, err := db.Exec(t.Context(), `update people set standing = 'newcomer' where id = $1`, ada.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := store.ThreadPage(t.Context(), forumtest.Again(t, store, ada), thread, 1, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// Numbers beyond what a column holds are numbers of nothing.
func TestHugeNumbers(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, store, ada, "A question")
	if p, err := store.ThreadPage(t.Context(), ada, thread, 1, 1<<40); err != nil || p.Quoted != nil {
		t.Errorf("a quote: %+v, %v", p.Quoted, err)
	}
	if n, err := store.Newer(t.Context(), ada, thread, 1<<40); err != nil || n != 0 {
		t.Errorf("newer: %d, %v", n, err)
	}
	if _, err := store.Reply(t.Context(), ada, thread, forum.PostDraft{Body: "B", Quote: 1 << 40}); err != nil {
		t.Errorf("a reply: %v", err)
	}
}

// A title or a name of characters that nobody sees is empty, and such characters
// make no name look like another's.
func TestNothingUnseen(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	for _, title := range []string{"\u200b", "\u202e", "\u2800", "\u3164", "\ufeff \u200d"} {
		_, err := store.Ask(t.Context(), ada, forum.AskDraft{Title: title, Body: "B", Topics: []string{"forms"}})
		if bad := (forum.Invalid)(nil); !errors.As(err, &bad) || bad[0].Key != "ask.title_empty" {
			t.Errorf("%q: got %v", title, err)
		}
	}
	eve := forumtest.NewcomerOf(t, store, "A\u200bda", "Northmoor")
	if eve.Name != "Ada" || strings.Contains(eve.Handle, "\u200b") || eve.Handle == ada.Handle {
		t.Errorf("got %q, @%s", eve.Name, eve.Handle)
	}
}
