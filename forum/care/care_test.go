package care_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
)

var visitor = forum.Person{Standing: forum.Visitor}

// Letting a newcomer in publishes what they wrote, at that moment, in the order in
// which they wrote it; a second time changes nothing.
func TestLettingIn(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	look := care.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	cleo := forumtest.NewcomerOf(t, store, "Cleo", "Southmoor")
	lena := forumtest.Granted(t, store, forumtest.Person(t, store, "Lena", "Southmoor"), forum.Lead)
	nora := forumtest.Granted(t, store, forumtest.Person(t, store, "Nora", "Northmoor"), forum.Lead)
	thread := forumtest.Thread(t, store, ada, "Ada's question")
	forumtest.Reply(t, store, cleo, thread, "Held reply")
	held := forumtest.Thread(t, store, cleo, "Cleo's question")
	forumtest.Reply(t, store, cleo, held, "One more thing")
	clock.Advance(3 * time.Hour)
	forumtest.Reply(t, store, ada, thread, "Published first")

	page, err := look.NewcomersPage(t.Context(), lena)
	if err != nil || len(page.Waiting) != 1 || len(page.Waiting[0].Held) != 3 {
		t.Fatalf("her lead sees %+v, %v", page, err)
	}
	if page, err := look.NewcomersPage(t.Context(), nora); err != nil || len(page.Waiting) != 0 {
		t.Errorf("another lead sees %+v, %v", page, err)
	}
	if _, err := look.NewcomersPage(t.Context(), ada); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("a colleague: got %v, want ErrForbidden", err)
	}
	if err := look.LetIn(t.Context(), nora, cleo.ID, care.LetInDraft{}); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("another lead lets in: got %v, want ErrNotFound", err)
	}
	for range 2 {
		if err := look.LetIn(t.Context(), lena, cleo.ID, care.LetInDraft{}); err != nil {
			t.Fatal(err)
		}
	}
	if cleo = forumtest.Again(t, store, cleo); cleo.Standing != forum.Colleague {
		t.Errorf("got standing %s", cleo.Standing)
	}
	p, err := store.ThreadPage(t.Context(), visitor, thread, 1, 0)
	if err != nil || len(p.Posts) != 3 || p.Posts[2].AuthorID != cleo.ID || !p.Posts[2].PostedAt.Equal(clock.Now()) || p.Thread.Others != 1 {
		t.Errorf("Ada's thread: %+v, %v", p, err)
	}
	p, err = store.ThreadPage(t.Context(), visitor, held, 1, 0)
	if err != nil || len(p.Posts) != 2 || p.Posts[0].Number != 1 || !p.Thread.AskedAt.Equal(clock.Now()) || p.Thread.Replies != 1 || p.Thread.Others != 0 {
		t.Errorf("Cleo's thread: %+v, %v", p, err)
	}
	var events, entries int
	err = db.QueryRow(t.Context(), `select (select count(*) from events where doer_id = $1 and post_id is not null),
		(select count(*) from entries where deed = 'let_in')`, cleo.ID).Scan(&events, &entries)
	if err != nil || events != 3 || entries != 1 {
		t.Errorf("got %d events of hers, %d entries, %v; want 3 and 1", events, entries, err)
	}
}

// Who is turned away is told why, and what they wrote stays held; it can be undone.
func TestTurningAway(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := care.New(store)
	cleo := forumtest.NewcomerOf(t, store, "Cleo", "Southmoor")
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Northmoor"), forum.Curator)
	held := forumtest.Thread(t, store, cleo, "Cleo's question")

	if err := look.TurnAway(t.Context(), cora, cleo.ID, " "); !errors.As(err, new(forum.Invalid)) {
		t.Errorf("without a reason: got %v, want Invalid", err)
	}
	if err := look.TurnAway(t.Context(), cora, cleo.ID, "We could not find you at Southmoor."); err != nil {
		t.Fatal(err)
	}
	if got := forumtest.Again(t, store, cleo).TurnedAwayWhy; got != "We could not find you at Southmoor." {
		t.Errorf("she is told %q", got)
	}
	if _, err := store.ThreadPage(t.Context(), visitor, held, 1, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("what she wrote: got %v, want ErrNotFound", err)
	}
	if err := look.Undo(t.Context(), cora, last(t, db), "A mistake."); err != nil {
		t.Fatal(err)
	}
	if got := forumtest.Again(t, store, cleo).TurnedAwayWhy; got != "" {
		t.Errorf("after the undo she is told %q", got)
	}
}

// Everything a moderator does gives a reason, leaves an entry, and is undone from
// it, once; others may neither do nor undo it.
func TestDeedsOfPowerAreUndone(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := care.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Northmoor"), forum.Moderator)
	thread := forumtest.Thread(t, store, ada, "A question")
	reply := forumtest.Reply(t, store, ben, thread, "A reply")
	whole := "A question: A reply, open, Ben acts"
	state := func() string {
		t.Helper()
		p, err := store.ThreadPage(t.Context(), visitor, thread, 1, 0)
		if errors.Is(err, forum.ErrNotFound) {
			return "not there"
		}
		if err != nil {
			t.Fatal(err)
		}
		s := p.Thread.Title + ": "
		if p.Posts[1].Shows {
			s += "A reply"
		}
		if s += ", closed"; !p.Thread.Closed {
			s = s[:len(s)-len("closed")] + "open"
		}
		if forum.CanAsk(forumtest.Again(t, store, ben)) {
			s += ", Ben acts"
		}
		return s
	}
	for name, deed := range map[string]struct {
		do   func(who forum.Person, reason string) error
		want string
	}{
		"hide the thread": {func(who forum.Person, why string) error { return look.Hide(t.Context(), who, thread, true, why) }, "not there"},
		"hide the reply":  {func(who forum.Person, why string) error { return look.HidePost(t.Context(), who, reply.ID, true, why) }, "A question: , open, Ben acts"},
		"close":           {func(who forum.Person, why string) error { return store.Close(t.Context(), who, thread, true, why) }, "A question: A reply, closed, Ben acts"},
		"suspend": {func(who forum.Person, why string) error {
			return look.Suspend(t.Context(), who, ben.ID, forumtest.Noon.AddDate(0, 0, 7), why)
		}, "A question: A reply, open"},
	} {
		if err := deed.do(ada, "Because."); !errors.Is(err, forum.ErrForbidden) {
			t.Errorf("%s, by a colleague: got %v, want ErrForbidden", name, err)
		}
		if err := deed.do(mona, ""); !errors.As(err, new(forum.Invalid)) {
			t.Errorf("%s, without a reason: got %v, want Invalid", name, err)
		}
		if got := state(); got != whole {
			t.Fatalf("%s, refused: got %q, want %q", name, got, whole)
		}
		if err := deed.do(mona, "Because."); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := state(); got != deed.want {
			t.Errorf("%s: got %q, want %q", name, got, deed.want)
		}
		entry := last(t, db)
		if err := look.Undo(t.Context(), ben, entry, "I did nothing."); !errors.Is(err, forum.ErrNotFound) {
			t.Errorf("%s, undone by a stranger: got %v, want ErrNotFound", name, err)
		}
		for range 2 {
			if err := look.Undo(t.Context(), mona, entry, "A mistake."); err != nil {
				t.Fatalf("%s, undone: %v", name, err)
			}
		}
		if got := state(); got != whole {
			t.Errorf("%s, undone: got %q, want %q", name, got, whole)
		}
		if undone := last(t, db); undone == entry {
			t.Errorf("%s: the undo left no entry", name)
		}
	}
}

// A report reaches the moderators, several of one thing as one line; what is
// decided goes from the list.
func TestReports(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := care.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Northmoor"), forum.Moderator)
	thread := forumtest.Thread(t, store, ada, "A question")
	reply := forumtest.Reply(t, store, ben, thread, "Buy our bins")

	for _, c := range []struct {
		who    forum.Person
		reason string
		want   error
	}{{visitor, "Selling", forum.ErrForbidden}, {ada, "Selling", nil}, {ada, "Selling again", nil}, {mona, "Selling, too", nil}} {
		if err := look.Report(t.Context(), c.who, 0, reply.ID, c.reason); !errors.Is(err, c.want) {
			t.Errorf("%s reports: got %v, want %v", c.who.Name, err, c.want)
		}
	}
	if err := look.Report(t.Context(), ben, thread, 0, "Not a question"); err != nil {
		t.Fatal(err)
	}
	if _, err := look.ModerationPage(t.Context(), ada); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("a colleague: got %v, want ErrForbidden", err)
	}
	p, err := look.ModerationPage(t.Context(), mona)
	if err != nil || len(p.Reported) != 2 || len(p.Reported[0].Reasons) != 2 || p.Reported[0].Reasons[0] != "Selling again" {
		t.Fatalf("got %+v, %v", p.Reported, err)
	}
	if err := look.Keep(t.Context(), mona, p.Reported[1].ReportID, "It is one."); err != nil {
		t.Fatal(err)
	}
	if err := look.HidePost(t.Context(), mona, reply.ID, true, "Selling."); err != nil {
		t.Fatal(err)
	}
	if p, err = look.ModerationPage(t.Context(), mona); err != nil || len(p.Reported) != 0 || len(p.Entries) < 2 {
		t.Errorf("after the decisions: %+v, %v", p, err)
	}
}

// last is the newest entry of the audit log.
func last(t *testing.T, db *pgxpool.Pool) (id int64) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `select max(id) from entries`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}
