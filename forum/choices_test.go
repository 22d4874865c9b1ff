package forum_test

import (
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// What a listing is chosen among is read once for all, made anew by whatever a node
// does itself, and no older than a second on the others.
func TestChoicesAreKeptForAMoment(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{Keep: true})
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "For all"})
	councils := func(who forum.Person) (n, statements int) {
		t.Helper()
		ctx, trips := forum.Counted(t.Context())
		l, err := store.ThreadList(ctx, who, forum.Filter{})
		if err != nil || len(l.Topics) == 0 {
			t.Fatalf("%d topics, %v", len(l.Topics), err)
		}
		_, statements = trips.Count()
		return len(l.Councils), statements
	}
	for name, want := range map[string]struct {
		who              forum.Person
		before, councils int
	}{"colleague": {ben, 3, 1}, "visitor": {visitor, 3, 1}} {
		if n, statements := councils(want.who); n != want.councils || statements != want.before {
			t.Errorf("%s: got %d councils in %d statements", name, n, statements)
		}
		if n, statements := councils(want.who); n != want.councils || statements != 1 {
			t.Errorf("%s again: got %d councils in %d statements, want 1", name, n, statements)
		}
	}
	forumtest.Ask(t, store, ben, forum.AskDraft{Title: "For councils", Visibility: "councils"})
	if n, _ := councils(ben); n != 2 {
		t.Errorf("a colleague chooses among %d councils after a deed, want 2", n)
	}
	if n, _ := councils(visitor); n != 1 {
		t.Errorf("a visitor chooses among %d councils, want 1", n)
	}
	clock.Advance(2 * time.Second)
	if _, statements := councils(visitor); statements != 3 {
		t.Errorf("two seconds later: got %d statements, want 3", statements)
	}
}
