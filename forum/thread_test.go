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

// titles are what a listing shows to somebody.
func titles(t *testing.T, store *forum.Store, who forum.Person, f forum.Filter) (titles []string) {
	t.Helper()
	l, err := store.ThreadList(t.Context(), who, f)
	if err != nil {
		t.Fatalf("listing %+v: %v", f, err)
	}
	for _, thread := range l.Threads {
		titles = append(titles, thread.Title)
	}
	slices.Sort(titles)
	return titles
}

// Everybody finds in the lists what they may see, and nothing else; on its own
// page a thread shows to its author, and to those who look after it.
func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	cleo := forumtest.NewcomerOf(t, store, "Cleo", "Southmoor")
	sue := forumtest.SupplierOf(t, store, "Sue", "Binsoft")
	lena := forumtest.Granted(t, store, forumtest.Person(t, store, "Lena", "Southmoor"), forum.Lead)
	nora := forumtest.Granted(t, store, forumtest.Person(t, store, "Nora", "Northmoor"), forum.Lead)
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Northmoor"), forum.Moderator)
	threads := map[string]int64{
		"public":   forumtest.Thread(t, store, ada, "public"),
		"councils": forumtest.Ask(t, store, ada, forum.AskDraft{Title: "councils", Visibility: "councils"}),
		"held":     forumtest.Thread(t, store, cleo, "held"),
		"hidden":   forumtest.Thread(t, store, ada, "hidden"),
		"gone":     forumtest.Thread(t, store, ada, "gone"),
	}
	err := store.Do(t.Context(), mona, func(d *forum.Deed) error {
		thread, err := d.Thread(t.Context(), threads["hidden"])
		if err != nil {
			return err
		}
		return d.SetHidden(t.Context(), thread, true, forum.Entry{Reason: "It names a resident."})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Delete(t.Context(), ada, read(t, store, ada, threads["gone"], 1).Posts[0].ID); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		name   string
		who    forum.Person
		listed []string
		opens  []string
	}{
		{"a visitor", visitor, []string{"public"}, []string{"public"}},
		{"a newcomer", cleo, []string{"public"}, []string{"held", "public"}},
		{"a supplier", sue, []string{"public"}, []string{"public"}},
		{"a colleague", ben, []string{"councils", "public"}, []string{"councils", "public"}},
		{"the author", ada, []string{"councils", "public"}, []string{"councils", "hidden", "public"}},
		{"a lead of the newcomer's council", lena, []string{"councils", "public"}, []string{"councils", "held", "public"}},
		{"a lead of another council", nora, []string{"councils", "public"}, []string{"councils", "public"}},
		{"a moderator", mona, []string{"councils", "public"}, []string{"councils", "held", "hidden", "public"}},
	} {
		if got := titles(t, store, c.who, forum.Filter{}); !slices.Equal(got, c.listed) {
			t.Errorf("%s: listed %v, want %v", c.name, got, c.listed)
		}
		var opens []string
		for name, id := range threads {
			_, err := store.ThreadPage(t.Context(), c.who, id, 1, 0)
			switch {
			case err == nil:
				opens = append(opens, name)
			case name == "gone" && !errors.Is(err, forum.ErrGone):
				t.Errorf("%s: the deleted thread: got %v, want ErrGone", c.name, err)
			case name != "gone" && !errors.Is(err, forum.ErrNotFound):
				t.Errorf("%s: %s: got %v, want ErrNotFound", c.name, name, err)
			}
			if n, err := store.Newer(t.Context(), c.who, id, 0); err != nil || (n > 0) != (name != "gone" && slices.Contains(opens, name) && name != "held") {
				t.Errorf("%s: %s: got %d newer, %v", c.name, name, n, err)
			}
		}
		if slices.Sort(opens); !slices.Equal(opens, c.opens) {
			t.Errorf("%s: opens %v, want %v", c.name, opens, c.opens)
		}
	}
}

// Whoever is suspended sees what a visitor sees and can do nothing, until the day.
func TestSuspension(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Granted(t, store, forumtest.Person(t, store, "Ben", "Southmoor"), forum.Curator)
	councils := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "councils", Visibility: "councils"})
	_, err := db.Exec(t.Context(), `update people set suspended_at = $2, suspended_until = $3, suspended_why = 'Selling' where id = $1`,
		ben.ID, forumtest.Noon, forumtest.Noon.Add(48*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	ben = forumtest.Again(t, store, ben)
	if ben.Team() || ben.IsColleague() || forum.CanAsk(ben) || forum.CanReport(ben) {
		t.Errorf("while suspended: %+v", ben)
	}
	if _, err := store.ThreadPage(t.Context(), ben, councils, 1, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("councils only, while suspended: got %v, want ErrNotFound", err)
	}
	clock.Advance(48 * time.Hour)
	if ben = forumtest.Again(t, store, ben); !ben.Is(forum.Curator) || !forum.CanAsk(ben) {
		t.Errorf("after the day: %+v", ben)
	}
}

// A listing goes on where the page before ended, and shows each thread once, also
// when several were last active in the same moment.
func TestListingGoesOn(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	const all = 2*forum.ThreadsPerPage + 5
	for n := range all {
		forumtest.Thread(t, store, ada, fmt.Sprintf("Question %02d", n))
	}
	seen := map[string]int{}
	f := forum.Filter{}
	for pages := 1; ; pages++ {
		l, err := store.ThreadList(t.Context(), visitor, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, thread := range l.Threads {
			seen[thread.Title]++
		}
		if f.Before = l.Next; l.Next == "" {
			if pages != 3 {
				t.Errorf("got %d pages, want 3", pages)
			}
			break
		}
	}
	if len(seen) != all {
		t.Errorf("got %d threads, want %d", len(seen), all)
	}
	for title, times := range seen {
		if times != 1 {
			t.Errorf("%s stands %d times", title, times)
		}
	}
}

// Filters narrow a listing; what they do not know is not found.
func TestFilters(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	cora := forumtest.Granted(t, store, ben, forum.Curator)
	answered := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "answered", Topics: []string{"forms"}})
	forumtest.Reply(t, store, ben, answered, "We did.")
	own := forumtest.Thread(t, store, ada, "own reply only")
	forumtest.Reply(t, store, ada, own, "Anybody?")
	forumtest.Ask(t, store, ben, forum.AskDraft{Title: "talk", Kind: forum.Discussion})
	closed := forumtest.Thread(t, store, ben, "closed")
	if err := store.Close(t.Context(), cora, closed, true, "Done."); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter forum.Filter
		want   []string
	}{
		{forum.Filter{}, []string{"answered", "closed", "own reply only", "talk"}},
		{forum.Filter{Kind: "question"}, []string{"answered", "closed", "own reply only"}},
		{forum.Filter{Kind: "discussion"}, []string{"talk"}},
		{forum.Filter{State: "unanswered"}, []string{"own reply only"}},
		{forum.Filter{State: "closed"}, []string{"closed"}},
		{forum.Filter{Council: "southmoor"}, []string{"closed", "talk"}},
		{forum.Filter{Topic: "forms"}, []string{"answered"}},
		{forum.Filter{Topic: "environmental-protection"}, []string{"closed", "own reply only", "talk"}},
		{forum.Filter{Topic: "forms", State: "unanswered"}, nil},
	} {
		if got := titles(t, store, visitor, c.filter); !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.filter, got, c.want)
		}
	}
	for _, f := range []forum.Filter{{Kind: "gossip"}, {State: "lost"}, {Topic: "no-such"}, {Council: "no-such"}, {Before: "x"}, {Before: "AAAAAAAAAAAAAAAAAAAAAA"}} {
		if _, err := store.ThreadList(t.Context(), visitor, f); !errors.Is(err, forum.ErrNotFound) {
			t.Errorf("%+v: got %v, want ErrNotFound", f, err)
		}
	}
}

// A question that cannot be taken says what is wrong, field by field, in the
// order of the form.
func TestRefusedQuestions(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	sue := forumtest.SupplierOf(t, store, "Sue", "Binsoft")
	before := count(t, db)
	whole := forum.AskDraft{Title: "T", Body: "B", Topics: []string{"forms"}}
	for _, c := range []struct {
		name   string
		change func(*forum.AskDraft)
		want   []string
	}{
		{"nothing", func(a *forum.AskDraft) { *a = forum.AskDraft{} }, []string{"title", "body", "topic"}},
		{"a long title", func(a *forum.AskDraft) { a.Title = long(151) }, []string{"title"}},
		{"a topic that is not there", func(a *forum.AskDraft) { a.Topics = []string{"forms", "witchcraft"} }, []string{"topic"}},
		{"six topics", func(a *forum.AskDraft) { a.Topics = make([]string, 6) }, []string{"topic"}},
		{"a kind that is not theirs", func(a *forum.AskDraft) { a.Kind = forum.Announcement }, []string{"kind"}},
		{"a kind with facts", func(a *forum.AskDraft) { a.Kind = "project" }, []string{"kind"}},
		{"odd choices", func(a *forum.AskDraft) { a.Visibility, a.Lang = "friends", "fr" }, []string{"visibility", "lang"}},
	} {
		draft := whole
		c.change(&draft)
		_, err := store.Ask(t.Context(), ada, draft)
		var bad forum.Invalid
		if !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want Invalid", c.name, err)
			continue
		}
		var fields []string
		for _, p := range bad {
			fields = append(fields, p.Field)
		}
		if !slices.Equal(fields, c.want) {
			t.Errorf("%s: got problems with %v, want %v", c.name, fields, c.want)
		}
	}
	for name, who := range map[string]forum.Person{"a visitor": visitor, "a supplier": sue} {
		if _, err := store.Ask(t.Context(), who, whole); !errors.Is(err, forum.ErrForbidden) {
			t.Errorf("%s: got %v, want ErrForbidden", name, err)
		}
	}
	if after := count(t, db); after != before {
		t.Errorf("got %d rows after the refusals, want %d as before", after, before)
	}
}

func long(n int) string {
	s := make([]rune, n)
	for i := range s {
		s[i] = 'ŵ'
	}
	return string(s)
}
