package forum_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// What others wrote since somebody was here is counted, marked and led to: their own
// words, hidden and deleted ones, and what somebody never opened are not new.
func TestWhatIsNewSinceTheyWereHere(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	thread := forumtest.Thread(t, store, ada, "Who has moved bins online?")
	page := func(who forum.Person, n int) forum.ThreadPage {
		t.Helper()
		p, err := store.ThreadPage(t.Context(), who, thread, n, 0)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	listed := func(who forum.Person) int {
		t.Helper()
		l, err := store.ThreadList(t.Context(), who, forum.Filter{})
		if err != nil || len(l.Threads) != 1 {
			t.Fatalf("%d threads, %v", len(l.Threads), err)
		}
		home, err := store.HomePage(t.Context(), who)
		if first := append(home.Unanswered, home.Latest...); err != nil || len(first) != 1 || first[0].Unread != l.Threads[0].Unread {
			t.Errorf("the front page says %+v, the listing %d new (%v)", first, l.Threads[0].Unread, err)
		}
		return l.Threads[0].Unread
	}
	if p := page(ben, 1); p.Read != nil || listed(ben) != 0 {
		t.Errorf("who never was here is told that %+v is new", p.Read)
	}
	store.HasRead(ben, page(ben, 1).Outline())
	for n := range forum.PostsPerPage + 2 {
		forumtest.Reply(t, store, ada, thread, fmt.Sprint("One more: ", n))
	}
	_, err := db.Exec(t.Context(), `update posts set hidden_at = $1 where number = 2; `, clock.Now())
	if err == nil {
		_, err = db.Exec(t.Context(), `update posts set deleted_at = $1 where number = 3`, clock.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	p := page(ben, 1) // what this node has gathered counts before it is written
	if p.Read == nil || p.Read.Unread != 20 || p.Read.First != 4 || !p.Posts[3].New || p.Posts[0].New || p.Posts[1].New {
		t.Errorf("new to Ben is %+v", p.Read)
	}
	if err := store.Do(t.Context(), forum.Person{}, func(d *forum.Deed) error { return d.SaveReadings(t.Context(), store.TakeReadings()) }); err != nil {
		t.Fatal(err)
	}
	if n := listed(ben); n != 20 {
		t.Errorf("the listing says %d new, want 20", n)
	}
	if n := listed(ada); n != 0 {
		t.Errorf("to Ada, who wrote them, %d are new", n)
	}
	store.HasRead(ben, page(ben, 1).Outline())
	if p := page(ben, 2); p.Read.First != 21 || p.Read.Unread != 3 {
		t.Errorf("after the first page new is %+v", p.Read)
	}
	store.HasRead(ben, page(ben, 2).Outline())
	if n := listed(ben); n != 0 {
		t.Errorf("after all pages the listing says %d new", n)
	}
}

// The way to what is new leads to the first such post, or to the first after a
// number, and where there is none to the end.
func TestTheWayToWhatIsNew(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	thread := forumtest.Thread(t, store, ada, "Bins?")
	for range forum.PostsPerPage + 2 {
		forumtest.Reply(t, store, ada, thread, "One more.")
	}
	first, err := store.ThreadPage(t.Context(), ben, thread, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	store.HasRead(ben, first.Outline())
	for _, c := range []struct {
		who           forum.Person
		after, number int
		fresh         bool
	}{
		{ben, 0, 21, true}, {ben, 5, 6, true}, {ben, 23, 23, false}, {ben, 99, 23, false}, {ada, 0, 23, false}, {forum.Person{}, 0, 1, true}, {forum.Person{}, 22, 23, true},
	} {
		p, fresh, err := store.UnreadPlace(t.Context(), c.who, thread, c.after)
		if err != nil || p.Number != c.number || fresh != c.fresh {
			t.Errorf("%s after %d: got number %d, new %v, %v; want %d, %v", c.who.Name, c.after, p.Number, fresh, err, c.number, c.fresh)
		}
	}
	councils := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Prices?", Visibility: "councils"})
	if _, _, err := store.UnreadPlace(t.Context(), forum.Person{}, councils, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("a visitor is led into what is for councils only: %v", err)
	}
}

// A reply that was begun before others came is shown to its writer once more, once;
// one that says nothing of what it knew is posted.
func TestAReplyIsHeldUpOnce(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	thread := forumtest.Thread(t, store, ada, "Bins?")
	forumtest.Reply(t, store, ben, thread, "We have.")
	forumtest.Reply(t, store, ben, thread, "And more.")
	forumtest.Reply(t, store, ada, thread, "Mine.")
	for _, c := range []struct {
		draft forum.PostDraft
		count int // of those before; 0: it is posted
	}{
		{forum.PostDraft{Body: "Thanks.", Last: 1}, 2}, {forum.PostDraft{Body: "Thanks.", Last: 2}, 1}, {forum.PostDraft{Body: "Thanks.", Last: 3}, 0},
		{forum.PostDraft{Body: "Thanks.", Last: 1, Knows: true}, 0}, {forum.PostDraft{Body: "Thanks."}, 0}, {forum.PostDraft{Body: "Thanks.", Last: 1 << 20}, 0},
	} {
		_, err := store.Reply(t.Context(), ada, thread, c.draft)
		held := (*forum.Overtaken)(nil)
		if c.count == 0 && err != nil || c.count > 0 && (!errors.As(err, &held) || held.Count != c.count) {
			t.Errorf("last %d, knows %v: got %v, want %d", c.draft.Last, c.draft.Knows, err, c.count)
		}
	}
	posts, err := store.NewerPosts(t.Context(), ada, thread, 1)
	if err != nil || len(posts) != 2 || posts[0].Number != 2 || posts[0].Quote != "We have." {
		t.Errorf("what came is told as %+v, %v", posts, err)
	}
	// The same press again gets the first answer, whoever came between.
	ctx := forum.WithKey(t.Context(), forum.Key{Value: "k", Content: []byte("c")})
	one, err := store.Reply(ctx, ada, thread, forum.PostDraft{Body: "Once.", Last: 8})
	if err != nil {
		t.Fatal(err)
	}
	forumtest.Reply(t, store, ben, thread, "Between.")
	if two, err := store.Reply(ctx, ada, thread, forum.PostDraft{Body: "Once.", Last: 8}); err != nil || two != one {
		t.Errorf("the second press got %+v, %v; want %+v", two, err, one)
	}
}

// A question asked anew leads back to the older thread, and that to it, for who may
// see the other; what its author may not see is passed over.
func TestAQuestionAskedAnewLeadsBack(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	eve := forumtest.NewcomerOf(t, store, "Eve", "Southmoor")
	secret := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Prices?", Visibility: "councils"})
	older := forumtest.Thread(t, store, ada, "Bins?")
	anew := forumtest.Ask(t, store, ben, forum.AskDraft{Title: "Bins in flats?", Related: older})
	apart := forumtest.Ask(t, store, ben, forum.AskDraft{Title: "Prices now?", Related: secret})
	passed := forumtest.Ask(t, store, eve, forum.AskDraft{Title: "May I?", Related: secret})
	related := func(who forum.Person, thread int64) (ids []int64) {
		t.Helper()
		p, err := store.ThreadPage(t.Context(), who, thread, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Related {
			if r.Anew != (r.ID > thread) {
				t.Errorf("%+v is the wrong way round", r)
			}
			ids = append(ids, r.ID)
		}
		return ids
	}
	visitor := forum.Person{}
	for _, c := range []struct {
		who    forum.Person
		thread int64
		want   []int64
	}{
		{visitor, anew, []int64{older}}, {visitor, older, []int64{anew}}, {visitor, apart, nil}, {ada, apart, []int64{secret}}, {ada, secret, []int64{apart}},
		{eve, passed, nil}, {ben, older, []int64{anew}},
	} {
		if got := related(c.who, c.thread); !slices.Equal(got, c.want) {
			t.Errorf("%s at %d is led to %v, want %v", c.who.Name, c.thread, got, c.want)
		}
	}
	for who, want := range map[*forum.Person]bool{&ada: true, &eve: false} {
		if p, err := store.AskPage(t.Context(), *who, secret); err != nil || (p.Related != nil) != want {
			t.Errorf("%s: the form is about %+v, %v", who.Name, p.Related, err)
		}
	}
	clock.Advance(181 * 24 * time.Hour)
	if p, err := store.ThreadPage(t.Context(), ben, older, 1, 0); err != nil || !p.Old || !p.CanAsk {
		t.Errorf("after 181 days it is not old: %v", err)
	}
	forumtest.Reply(t, store, ben, older, "Still so.")
	if p, err := store.ThreadPage(t.Context(), ben, older, 1, 0); err != nil || p.Old {
		t.Errorf("after a reply it is old: %v", err)
	}
}

// Only people are offered to be named who may see the thread and are somebody: those
// who take part first, found by any word of their name.
func TestPeopleToBeNamed(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada, anna := forumtest.Person(t, store, "Ada Moor", "Northmoor"), forumtest.Person(t, store, "Anna Moorcroft", "Southmoor")
	zoe := forumtest.Person(t, store, "Zoë Moorhouse", "Southmoor")
	dot := forumtest.SupplierOf(t, store, "Dot Moorland", "Roundsman")
	eve := forumtest.NewcomerOf(t, store, "Eve Moor", "Southmoor")
	barred := forumtest.Person(t, store, "Bea Moor", "Southmoor")
	if _, err := db.Exec(t.Context(), `update people set suspended_at = $1, suspended_until = $2 where id = $3`, clock.Now(), clock.Now().Add(time.Hour), barred.ID); err != nil {
		t.Fatal(err)
	}
	public := forumtest.Thread(t, store, ada, "Bins?")
	councils := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Prices?", Visibility: "councils"})
	forumtest.Reply(t, store, zoe, public, "We have.")
	for _, c := range []struct {
		who    forum.Person
		thread int64
		begun  string
		want   []string
	}{
		{ada, public, "moor", []string{"zoe-moorhouse", "anna-moorcroft", "bea-moor", "dot-moorland"}},
		{ada, public, "ZOË", []string{"zoe-moorhouse"}}, {ada, public, "a", []string{"anna-moorcroft"}}, {ada, public, "oor", nil}, {ada, public, "%", nil}, {ada, public, "", nil},
		{ada, councils, "moor", []string{"anna-moorcroft", "zoe-moorhouse"}}, {ada, 0, "moorl", []string{"dot-moorland"}}, {ada, 999, "moor", nil},
		{dot, councils, "moor", nil}, {dot, public, "ada", []string{"ada-moor"}}, {eve, public, "ada", []string{"ada-moor"}}, {eve, councils, "ada", nil},
		{forum.Person{}, public, "moor", nil}, {barred, public, "ada", nil}, {anna, public, "eve", nil},
	} {
		found, err := store.Suggestions(t.Context(), forumtest.Again(t, store, orVisitor(c.who, ada)), c.thread, c.begun)
		if c.who.ID == 0 {
			found, err = store.Suggestions(t.Context(), c.who, c.thread, c.begun)
		}
		var got []string
		for _, p := range found {
			got = append(got, p.Handle)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s typing @%s in %d is offered %v (%v), want %v", c.who.Name, c.begun, c.thread, got, err, c.want)
		}
	}
}

// orVisitor is somebody to be read anew; of a visitor another.
func orVisitor(who, other forum.Person) forum.Person {
	if who.ID == 0 {
		return other
	}
	return who
}
