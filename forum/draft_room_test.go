package forum_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// pages are so many words that about forty such texts are all that is kept for somebody.
var pages = strings.Repeat("word ", 40_000)

// A form that came back is kept also by who has saved too often, and does not count;
// putting back does.
func TestWhatCameBackIsKeptAtAnyPace(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{Limits: true})
	k := keeper{t, store, forumtest.Person(t, store, "Ben", "Southmoor")}
	for n := range 40 {
		if err := store.KeepDraft(t.Context(), k.who, forum.DraftReply, 7, url.Values{"body": {fmt.Sprint("Back ", n)}}); err != nil {
			t.Fatal(err)
		}
	}
	older := k.page().Drafts[0].Older
	for n := range 29 {
		k.save(typed(8, "a", n, fmt.Sprint(n)))
	}
	if _, _, err := store.PutBack(t.Context(), k.who, older[0].ID); err != nil {
		t.Errorf("the thirtieth, by putting back: %v", err)
	}
	for what, save := range map[string]func() error{
		"a save":       func() error { _, err := store.SaveDraft(t.Context(), k.who, typed(8, "a", 0, "More")); return err },
		"a stray":      func() error { _, err := store.SaveDraft(t.Context(), k.who, typed(8, "b", 1, "More")); return err },
		"putting back": func() error { _, _, err := store.PutBack(t.Context(), k.who, older[1].ID); return err },
	} {
		if many := (*forum.TooMany)(nil); !errors.As(save(), &many) || !many.Until.After(clock.Now()) {
			t.Errorf("%s beyond thirty in a minute is taken", what)
		}
	}
	if err := store.KeepDraft(t.Context(), k.who, forum.DraftReply, 8, url.Values{"body": {"Came back"}}); err != nil {
		t.Errorf("what came back: %v", err)
	}
}

// What is kept of one person's drafts has an end in bytes. Older texts make room, the
// oldest first; no draft does, and not what was typed just now.
func TestOlderTextsMakeRoom(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	k := keeper{t, store, forumtest.Person(t, store, "Ben", "Southmoor")}
	eve := keeper{t, store, forumtest.Person(t, store, "Eve", "Northmoor")}
	eve.save(typed(1, "", 0, "Old"))
	eve.save(typed(1, "", 1, "New"))
	bytes := func() (all int) {
		t.Helper()
		if err := db.QueryRow(t.Context(), `
			select (select coalesce(sum(octet_length(fields::text)), 0) from drafts where person_id = $1)
				+ (select coalesce(sum(octet_length(fields::text)), 0) from draft_versions where person_id = $1)`, k.who.ID).Scan(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	k.save(typed(1, "", 0, "The draft that stays"))
	for target := range int64(60) { // thrown away, and started anew elsewhere
		k.save(typed(100+target, "a", 0, fmt.Sprint(target, pages)))
		if _, err := store.SaveDraft(t.Context(), k.who, typed(100+target, "b", 0, fmt.Sprint("late", target, pages))); !errors.Is(err, forum.ErrConflict) {
			t.Fatal(err)
		}
		if err := store.Discard(t.Context(), k.who, forum.DraftReply, 100+target); err != nil {
			t.Fatal(err)
		}
		if n := bytes(); n > 8<<20+256<<10 {
			t.Fatalf("after %d there are %d bytes", target, n)
		}
	}
	p := k.page()
	if len(p.Drafts) != 1 || !strings.HasPrefix(p.Discarded[0].Values().Get("body"), "59word") || !strings.HasPrefix(p.Strays[0].Values().Get("body"), "late59") {
		t.Errorf("left are %d drafts, %d thrown away, %d late", len(p.Drafts), len(p.Discarded), len(p.Strays))
	}
	if older := eve.page().Drafts[0].Older; bodies(older) != "Old" {
		t.Errorf("somebody else has %q", bodies(older))
	}

	saved := 0
	for target := range int64(48) {
		_, err := store.SaveDraft(t.Context(), k.who, typed(200+target, "", 0, fmt.Sprint(target, pages)))
		if errors.Is(err, forum.ErrDraftsFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		saved++
	}
	if p := k.page(); saved < 38 || saved > 42 || len(p.Drafts) != saved+1 {
		t.Errorf("%d long drafts were saved, and %d are there", saved, len(p.Drafts))
	}
	late := typed(200, "b", 0, "Late and long"+pages)
	if _, err := store.SaveDraft(t.Context(), k.who, late); !errors.Is(err, forum.ErrConflict) {
		t.Fatal(err)
	}
	if p := k.page(); len(p.Strays) != 1 || !strings.HasPrefix(p.Strays[0].Values().Get("body"), "Late and long") {
		t.Errorf("of what came too late is left %d", len(p.Strays))
	}
	if v := k.save(typed(1, "", 1, "The draft that stays, with a little more")); v != 2 {
		t.Errorf("a short draft among long ones has version %d", v)
	}
}

// The draft of an edit tells nothing of a post that its writer may not read: not that
// it is there, and not how often it was changed.
func TestADraftTellsNothingOfAHiddenPost(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	mod := forumtest.Granted(t, store, forumtest.Person(t, store, "Mo", "Southmoor"), forum.Moderator)
	supplier := forumtest.NewcomerOf(t, store, "Sue", forum.NotListed)
	open := forumtest.Thread(t, store, ada, "Open")
	plain, hidden, deleted := forumtest.Reply(t, store, ada, open, "Plain").ID, forumtest.Reply(t, store, ada, open, "Hidden").ID, forumtest.Reply(t, store, ada, open, "Deleted").ID
	among := forumtest.Reply(t, store, ada, forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Among us", Visibility: "councils"}), "Secret").ID
	away := forumtest.Reply(t, store, ada, forumtest.Thread(t, store, ada, "Away"), "In a hidden thread").ID
	for _, change := range []string{
		`update posts set version = 5`, fmt.Sprintf(`update posts set hidden_at = posted_at where id = %d`, hidden),
		fmt.Sprintf(`update posts set deleted_at = posted_at where id = %d`, deleted), `update threads set hidden_at = asked_at where title = 'Away'`,
	} {
		if _, err := db.Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		who  forum.Person
		post int64
		want string
	}{
		{ben, plain, "5"}, {ben, among, "5"}, {ben, hidden, ""}, {ben, deleted, ""}, {ben, away, ""}, {ben, 99999, ""},
		{supplier, plain, "5"}, {supplier, among, ""}, {ada, hidden, "5"}, {ada, away, "5"}, {mod, hidden, "5"}, {mod, away, "5"},
	} {
		edit := forum.Typed{Kind: forum.DraftEdit, Target: c.post, Fields: url.Values{"body": {"Words"}}}
		if _, err := store.SaveDraft(t.Context(), c.who, edit); err != nil {
			t.Fatal(err)
		}
		kept, err := store.Draft(t.Context(), c.who, forum.DraftEdit, c.post)
		if err != nil || kept.Values().Get("body") != "Words" || kept.Values().Get("version") != c.want || kept.Values().Has("version") != (c.want != "") {
			t.Errorf("%s of post %d keeps %v (%v), want version %q", c.who.Name, c.post, kept.Values(), err, c.want)
		}
	}
}

// What a form is for is told to who may see it, by itself.
func TestAFormSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada, sue := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.NewcomerOf(t, store, "Sue", forum.NotListed)
	open := forumtest.Thread(t, store, ada, "Open")
	post := forumtest.Reply(t, store, ada, open, "Words").ID
	among := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Among us", Visibility: "councils"})
	for _, c := range []struct {
		who    forum.Person
		kind   forum.DraftKind
		target int64
		title  string
		post   int64
	}{
		{ada, forum.DraftAsk, 0, "", 0}, {ada, forum.DraftReply, open, "Open", 0}, {ada, forum.DraftEdit, post, "Open", post},
		{ada, forum.DraftReport, -open, "Open", 0}, {ada, forum.DraftReport, post, "Open", post}, {ada, forum.DraftReply, among, "Among us", 0},
		{sue, forum.DraftReply, open, "Open", 0}, {sue, forum.DraftReply, among, "", 0}, {ada, forum.DraftEdit, 99999, "", 0},
	} {
		if got, err := store.DraftPlace(t.Context(), c.who, c.kind, c.target); err != nil || got.Title != c.title || got.PostID != c.post {
			t.Errorf("%s, %s %d: got %+v, %v", c.who.Name, c.kind, c.target, got, err)
		}
	}
}

// A version that no post can have is one that is not known: the newest is shown.
func TestAnEditOfAVersionThatThereIsNot(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	post := forumtest.Reply(t, store, ada, forumtest.Thread(t, store, ada, "A question"), "Old words").ID
	clock.Advance(time.Hour)
	for _, version := range []int{-1, 0, 2, 1<<31 - 1, 1 << 31, 1<<63 - 1, -1 << 63} {
		now := (*forum.Conflict)(nil)
		if _, err := store.Edit(t.Context(), ada, post, forum.EditDraft{Body: "New words", Version: version}); !errors.As(err, &now) || now.Body != "Old words" {
			t.Errorf("version %d: %v", version, err)
		}
	}
}
