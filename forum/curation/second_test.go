package curation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// election puts a council, or a nation, into a pre-election period from today on.
func (h *hall) election(council, nation string) (id int64) {
	h.t.Helper()
	now := h.Now()
	h.must(h.SetElection(h.t.Context(), h.cora, curation.ElectionDraft{Name: "Local elections", Council: council, Nation: nation,
		From: now.Format(time.DateOnly), Until: now.AddDate(0, 0, 30).Format(time.DateOnly)}))
	return h.number(`select max(id) from elections`)
}

// agree agrees as a second curator, to what waits as it is now.
func (h *hall) agree(who forum.Person, id int64) error {
	h.t.Helper()
	p, err := h.SecondsPage(h.t.Context(), h.cora, 0, 0)
	h.must(err)
	var seen string
	for _, s := range append(p.Waiting, p.Decided...) {
		if s.ID == id {
			seen = s.Seen
		}
	}
	return h.Agree(h.t.Context(), who, id, seen)
}

// dan is another curator.
func (h *hall) dan() forum.Person { return h.curator("Dan", "Northmoor") }

// What is by or names a council in its pre-election period, or names a supplier, waits for
// a second curator; what is by others shows at once, and all does once the period ends.
func TestWhatNeedsASecondCurator(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.election("northmoor", "")
	if _, err := h.db.Exec(t.Context(), `insert into products (slug, name, supplier) values ('roundsman', 'Roundsman', 'Binwatch & Co. Ltd')`); err != nil {
		t.Fatal(err)
	}
	bys := map[bool]forum.Person{true: h.ada, false: h.ben}
	for i, c := range []struct {
		what   string
		theirs bool
		title  string
		body   string
		note   string
		needs  bool
	}{
		{"by one in the period", true, "Bins", "We did.", "Good.", true},
		{"by another", false, "Bins", "We did.", "Good.", false},
		{"whose title names it", false, "What does Northmoor do?", "We did.", "Good.", true},
		{"whose text names it", false, "Bins", "We asked Northmoor, and did.", "Good.", true},
		{"of which the note names it in full", false, "Bins", "We did.", "Like **Northmoor District Council**.", true},
		{"which only begins like it", false, "Bins", "At Northmoorland, a northmoor.", "Good.", false},
		{"which names another council", false, "Bins", "Southmoor does.", "Good.", false},
		{"which names a supplier", false, "Bins", "With BINWATCH & CO Ltd.", "Good.", true},
		{"which says half of its name", false, "Bins", "With a binwatch.", "Good.", false},
	} {
		thread := forumtest.Ask(t, h.Store.Store, bys[c.theirs], forum.AskDraft{Title: fmt.Sprint(c.title, " ", i), Body: c.body})
		draft := h.draft("thread", thread)
		draft.Note = c.note
		form, err := h.HighlightFormPage(t.Context(), h.cora, 0, draft)
		h.must(err)
		if form.Needs.Any() != c.needs {
			t.Errorf("%s: the form says %+v", c.what, form.Needs)
		}
		_, err = h.Highlight(t.Context(), h.cora, draft)
		if errors.Is(err, curation.ErrSecond) != c.needs || err != nil && !c.needs {
			t.Errorf("%s: got %v", c.what, err)
		}
	}
	h.clock.Advance(40 * 24 * time.Hour)
	_, err := h.Highlight(t.Context(), h.cora, h.draft("thread", h.ask(h.ada, "After the election")))
	h.is("after the period", err, nil)
}

// The period of a council that has become another one is that one's, and its old name still
// names it; so does the name that a supplier had before it was merged into another.
func TestASecondCuratorForWhatTookAnothersPlace(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.election("northmoor", "")
	for _, sql := range []string{
		`update councils set status = 'former' where slug = 'northmoor'`,
		`insert into successions (old_id, new_id, kind, on_date) select o.id, n.id, 'merged', '2026-04-01' from councils o, councils n where o.slug = 'northmoor' and n.slug = 'southmoor'`,
		`insert into suppliers (slug, name) values ('new-firm', 'Newfirm')`,
		`insert into suppliers (slug, name, merged_into) select 'old-firm', 'Oldfirm', id from suppliers`,
	} {
		if _, err := h.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	form, err := h.HighlightFormPage(t.Context(), h.cora, 0, h.draft("thread", h.ask(h.ben, "Oldfirm or not?")))
	if h.must(err); len(form.Needs.Suppliers) != 1 || !slices.Contains(form.Needs.Councils, "Southmoor Borough Council") {
		t.Errorf("it needs a second curator for %+v", form.Needs)
	}
}

// A whole nation can be in a period, or all councils of a kind in it, and none elsewhere.
func TestANationsElection(t *testing.T) {
	t.Parallel()
	h := open(t)
	in := func() (n int64) {
		return h.number(`select count(*) from councils where slug in ('northmoor', 'southmoor') and in_election(id, $1::date)`, h.Now())
	}
	h.election("", "Wales")
	if n := in(); n != 0 {
		t.Errorf("%d councils are in it", n)
	}
	id := h.election("", "England")
	if n := in(); n != 2 {
		t.Errorf("%d councils are in it, want 2", n)
	}
	list, err := h.InElection(t.Context())
	if h.must(err); len(list) < 2 {
		t.Errorf("known by heart are %d", len(list))
	}
	h.is("calling it off", h.EndElection(t.Context(), h.cora, id), curation.ErrSecond)
	h.must(h.agree(h.dan(), h.number(`select max(id) from seconds`)))
	if n := in(); n != 0 {
		t.Errorf("%d councils are in it once it is called off", n)
	}
	h.must(h.undo(h.cora, h.entry(forum.EndedElection, 0)))
	if n := in(); n != 2 {
		t.Errorf("%d councils are in it when that is undone", n)
	}
	h.must(h.undo(h.cora, h.entry(forum.SetElection, 1)))
	if n := in(); n != 0 {
		t.Errorf("%d councils are in it when it was never set", n)
	}
	for _, c := range []struct{ field, council, nation, kind, from, until string }{
		{"council", "", "", "", "2026-03-28", "2027-03-28"}, {"council", "northmoor", "England", "", "", ""}, {"council", "nowhere", "", "", "2099-01-01", "2099-01-02"},
		{"nation", "", "France", "", "2099-01-01", "2099-01-02"}, {"kind", "northmoor", "", "district", "2099-01-01", "2099-01-02"}, {"until", "northmoor", "", "", "2099-01-05", "2099-01-02"},
	} {
		err := h.SetElection(t.Context(), h.cora, curation.ElectionDraft{Name: "x", Council: c.council, Nation: c.nation, Kind: c.kind, From: c.from, Until: c.until})
		bad := forum.Invalid(nil)
		if !errors.As(err, &bad) || bad[0].Field != c.field {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

// Another curator agrees, and it is done in the name of who asked, who cannot agree
// themselves; of two at once one does it. It can be undone, and not redone by one alone.
func TestASecondCuratorAgrees(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan, eve := h.dan(), h.curator("Eve", "Southmoor")
	h.election("northmoor", "")
	thread := h.ask(h.ada, "Who has moved bins online?")
	draft := h.draft("thread", thread)
	_, err := h.Highlight(t.Context(), h.cora, draft)
	h.is("asking", err, curation.ErrSecond)
	if _, err := h.Highlight(t.Context(), h.cora, draft); !errors.As(err, new(forum.Invalid)) {
		t.Errorf("asking twice: got %v", err)
	}
	if got := h.shown(visitor); len(got) != 0 {
		t.Errorf("it shows: %v", got)
	}
	p, err := h.SecondsPage(t.Context(), dan, 0, 0)
	if h.must(err); len(p.Waiting) != 1 || p.Waiting[0].Title != draft.Title || strings.Join(p.Waiting[0].Councils, "") != "Northmoor District Council" || p.Waiting[0].Own {
		t.Fatalf("what waits is %+v", p.Waiting)
	}
	id := p.Waiting[0].ID
	h.is("one's own", h.agree(h.cora, id), forum.ErrForbidden)
	h.is("declining one's own", h.DeclineSecond(t.Context(), h.cora, id, "No"), forum.ErrForbidden)
	h.is("no curator", h.agree(h.ben, id), forum.ErrForbidden)
	h.is("none", h.agree(dan, id+1), forum.ErrNotFound)
	var all sync.WaitGroup
	for _, one := range []forum.Person{dan, eve} {
		all.Go(func() {
			if err := h.agree(one, id); err != nil {
				t.Errorf("agreeing at once: %v", err)
			}
		})
	}
	all.Wait()
	if got := h.shown(visitor); len(got) != 1 {
		t.Fatalf("highlighted are %v", got)
	}
	if n := h.number(`select count(*) from highlights where curator_id = $1`, h.cora.ID); n != 1 {
		t.Error("it is not in the name of who asked")
	}
	h.is("declining what was agreed", h.DeclineSecond(t.Context(), dan, id, "No"), forum.ErrConflict)
	h.must(h.undo(h.cora, h.entry(forum.Highlighted, 0)))
	if got := h.shown(visitor); len(got) != 0 {
		t.Errorf("undone it shows: %v", got)
	}
	_, err = h.Highlight(t.Context(), h.cora, draft)
	h.is("asking anew", err, curation.ErrSecond)
}

// A second curator may decline, which is told and can be undone; what went meanwhile is not
// done, and a change of what is shown waits too.
func TestASecondCuratorDeclines(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	thread := h.ask(h.ada, "Who has moved bins online?")
	id := h.highlight(thread)
	h.election("northmoor", "")
	change := h.draft("thread", thread)
	change.Title, change.Version = "A better title", 1
	h.is("changing", h.ChangeHighlight(t.Context(), h.cora, id, change), curation.ErrSecond)
	second := h.number(`select max(id) from seconds`)
	if err := h.DeclineSecond(t.Context(), dan, second, " "); !errors.As(err, new(forum.Invalid)) {
		t.Errorf("without a reason: got %v", err)
	}
	h.must(h.DeclineSecond(t.Context(), dan, second, "Wait until May"))
	h.is("agreeing then", h.agree(dan, second), forum.ErrConflict)
	h.must(h.undo(h.cora, h.entry(forum.DeclinedSecond, 0)))
	h.must(h.agree(dan, second))
	if one, err := h.Highlighted(t.Context(), visitor, id); err != nil || one.Title != "A better title" {
		t.Errorf("it says %q (%v)", one.Title, err)
	}
	h.must(h.EndHighlight(t.Context(), h.cora, id, "Old"))
	h.is("putting it up again alone", h.undo(h.cora, h.entry(forum.EndedHighlight, 0)), forum.ErrForbidden)

	other := h.ask(h.ada, "Another")
	_, err := h.Highlight(t.Context(), h.cora, h.draft("thread", other))
	h.is("asking", err, curation.ErrSecond)
	h.must(h.care.Hide(t.Context(), h.moderator(), other, true, "It names a resident"))
	if err := h.agree(dan, h.number(`select max(id) from seconds`)); !errors.As(err, new(forum.Invalid)) {
		t.Errorf("what is hidden: got %v", err)
	}
}

// What goes into a collection that shows waits, and so does showing one that holds such;
// what stood there before stays.
func TestCollectingWaitsForASecondCurator(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	theirs, mine, later := h.ask(h.ada, "By Ada"), h.ask(h.ben, "By Ben"), h.ask(h.ada, "Also by Ada")
	slug := h.begin("Bins")
	h.put(slug, 0, "thread", mine)
	h.show(slug)
	h.election("northmoor", "")
	h.is("putting in", h.AddItem(t.Context(), h.cora, slug, h.piece(slug, 0, fmt.Sprint("thread:", theirs))), curation.ErrSecond)
	if got := h.titles(visitor, slug); strings.Contains(got, "By Ada") {
		t.Errorf("it shows: %s", got)
	}
	_, err := h.ChangeCollection(t.Context(), h.cora, slug, curation.CollectionDraft{Title: "Bins", Intro: "Anew", Version: h.as(h.cora, slug).Collection.Version})
	h.must(err)
	h.must(h.agree(dan, h.number(`select max(id) from seconds`)))
	if got := h.titles(visitor, slug); !strings.Contains(got, "By Ada") || !strings.Contains(got, "By Ben") {
		t.Errorf("it shows: %s", got)
	}
	h.must(h.ShowCollection(t.Context(), h.cora, slug, false))
	h.must(h.AddItem(t.Context(), h.cora, slug, h.piece(slug, 0, fmt.Sprint("thread:", later)))) // which nobody sees
	h.is("showing it again", h.ShowCollection(t.Context(), h.cora, slug, true), curation.ErrSecond)
	h.must(h.agree(dan, h.number(`select max(id) from seconds`)))
	if got := h.titles(visitor, slug); !strings.Contains(got, "Also by Ada") {
		t.Errorf("it shows: %s", got)
	}
	h.must(h.ShowCollection(t.Context(), h.cora, slug, false))
	h.is("undoing that alone", h.undo(h.cora, h.entry(forum.WithdrewCollection, 1)), forum.ErrForbidden)
}

// What a collection was is kept for two years, and of each the last fifty changes; what is
// older cannot be undone, and the rest can.
func TestOldStatesOfCollectionsGo(t *testing.T) {
	t.Parallel()
	h := open(t)
	slug := h.begin("Bins")
	for i := range 55 {
		k := h.as(h.cora, slug)
		h.must(h.NameSection(t.Context(), h.cora, curation.Place{Slug: slug, ID: k.Sections[0].ID}, curation.SectionDraft{Heading: fmt.Sprint("Heading ", i), Version: k.Collection.Version}))
	}
	left := func() int64 { return h.number(`select count(*) from collection_changes`) }
	h.must(h.Sweep(t.Context()))
	if n := left(); n != 56 {
		t.Errorf("of what is new %d are left, want 56", n)
	}
	h.clock.Advance(3 * 365 * 24 * time.Hour)
	h.must(h.Sweep(t.Context()))
	h.must(h.Sweep(t.Context()))
	if n := left(); n != 50 {
		t.Errorf("of what is old %d are left, want 50", n)
	}
	h.must(h.undo(h.cora, h.entry(forum.ChangedCollection, 55)))
	h.is("one that went", h.undo(h.cora, h.entry(forum.ChangedCollection, 0)), forum.ErrConflict)
}

// What is highlighted as a whole is found where its thread went by a merge, and is its own
// again when that is undone.
func TestAHighlightFollowsAMerge(t *testing.T) {
	t.Parallel()
	h := open(t)
	from, into := h.ask(h.ada, "Who has moved bins online?"), h.ask(h.ben, "Who has moved waste online?")
	h.highlight(from)
	of := func() int64 {
		p, err := h.HighlightsPage(t.Context(), visitor, 0)
		if h.must(err); len(p.Now) != 1 {
			t.Fatalf("highlighted are %+v", p.Now)
		}
		return p.Now[0].ThreadID
	}
	h.must(h.merge(from, into))
	if got := of(); got != into {
		t.Errorf("after the merge it is of %d, want %d", got, into)
	}
	h.must(h.undo(h.cora, h.last()))
	if got := of(); got != from {
		t.Errorf("undone it is of %d, want %d", got, from)
	}
}

// Whoever wrote what is in a collection takes it out at once, and it stays out: nobody
// puts it back, nor undoes it. Others cannot.
func TestAnAuthorObjectsToACollection(t *testing.T) {
	t.Parallel()
	h := open(t)
	thread := h.ask(h.ada, "By Ada")
	slug := h.begin("Bins")
	h.put(slug, 0, "thread", h.ask(h.ben, "By Ben"))
	h.put(slug, 0, "thread", thread)
	h.show(slug)
	p := h.as(h.ada, slug)
	item := p.Sections[0].Items[1]
	if !item.Own || p.Sections[0].Items[0].Own {
		t.Errorf("her own are %+v", p.Sections[0].Items)
	}
	at := curation.Place{Slug: slug, ID: item.ID}
	h.is("another", h.Object(t.Context(), h.ben, at), forum.ErrForbidden)
	h.is("a visitor", h.Object(t.Context(), visitor, at), forum.ErrForbidden)
	h.is("what is not there", h.Object(t.Context(), h.ada, curation.Place{Slug: slug, ID: item.ID + 9}), forum.ErrNotFound)
	h.must(h.Object(t.Context(), h.ada, at))
	h.is("again", h.Object(t.Context(), h.ada, at), forum.ErrNotFound)
	if got := h.titles(visitor, slug); strings.Contains(got, "By Ada") {
		t.Errorf("it shows: %s", got)
	}
	h.is("undoing it", h.undo(h.cora, h.entry(forum.TookOut, 0)), forum.ErrConflict)
	if err := h.AddItem(t.Context(), h.cora, slug, h.piece(slug, 0, fmt.Sprint("thread:", thread))); !errors.As(err, new(forum.Invalid)) {
		t.Errorf("putting it back: got %v", err)
	}
}
