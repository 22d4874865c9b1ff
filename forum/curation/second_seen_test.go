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
)

// The heading of a section waits for a second curator as other words of a collection do,
// of one that shows.
func TestAHeadingWaitsForASecondCurator(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	slug := h.begin("Bins")
	h.put(slug, 0, "thread", h.ask(h.ben, "By Ben"))
	h.show(slug)
	h.election("northmoor", "")
	heads := func() (all string) {
		for _, s := range h.as(h.cora, slug).Sections {
			all += s.Heading + ";"
		}
		return all
	}
	k := h.as(h.cora, slug)
	at := curation.Place{Slug: slug, ID: k.Sections[0].ID}
	h.is("naming it", h.NameSection(t.Context(), h.cora, at, curation.SectionDraft{Heading: "As Northmoor does", Version: k.Collection.Version}), curation.ErrSecond)
	h.is("a new one", h.AddSection(t.Context(), h.cora, slug, "Northmoor and others"), curation.ErrSecond)
	if got := heads(); strings.Contains(got, "Northmoor") {
		t.Errorf("it shows: %s", got)
	}
	h.must(h.AddSection(t.Context(), h.cora, slug, "Elsewhere"))
	for range 2 {
		h.must(h.agree(dan, h.number(`select min(id) from seconds where decided_at is null`)))
	}
	if got := heads(); got != "As Northmoor does;Elsewhere;Northmoor and others;" {
		t.Errorf("they are %s", got)
	}
}

// Two who ask for the same at once make one wait, and the other hears that it does; so it
// is when a no is taken back while the same waits.
func TestTheSameWaitsOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	h.election("northmoor", "")
	thread := h.ask(h.ada, "Who has moved bins online?")
	slug := h.begin("Bins")
	h.put(slug, 0, "thread", h.ask(h.ben, "By Ben"))
	h.show(slug)
	for what, one := range map[string]func(forum.Person) error{
		"a highlight": func(who forum.Person) error {
			_, err := h.Highlight(t.Context(), who, h.draft("thread", thread))
			return err
		},
		"an item": func(who forum.Person) error {
			return h.AddItem(t.Context(), who, slug, h.piece(slug, 0, fmt.Sprint("thread:", thread)))
		},
	} {
		before := h.number(`select count(*) from seconds`)
		var all sync.WaitGroup
		var lock sync.Mutex
		waits, told := 0, 0
		for _, who := range []forum.Person{h.cora, dan, h.cora, dan} {
			all.Go(func() {
				err := one(who)
				lock.Lock()
				defer lock.Unlock()
				switch {
				case errors.Is(err, curation.ErrSecond):
					waits++
				case errors.As(err, new(forum.Invalid)):
					told++
				default:
					t.Errorf("%s: got %v", what, err)
				}
			})
		}
		all.Wait()
		if n := h.number(`select count(*) from seconds`) - before; waits != 1 || told != 3 || n != 1 {
			t.Errorf("%s: %d wait, %d are told, %d rows", what, waits, told, n)
		}
	}
	first := h.number(`select id from seconds where deed = 'highlight'`)
	by := h.number(`select curator_id from seconds where id = $1`, first)
	other := h.curator("Eve", "Southmoor")
	if by == other.ID {
		t.Fatal("the cast is wrong")
	}
	h.must(h.DeclineSecond(t.Context(), other, first, "Wait until May"))
	_, err := h.Highlight(t.Context(), h.cora, h.draft("thread", thread))
	h.is("asking anew", err, curation.ErrSecond)
	h.is("taking the no back", h.undo(other, h.entry(forum.DeclinedSecond, 0)), forum.ErrConflict)
}

// A second curator agrees to what the page showed them. What has changed since, in what was
// asked or in what it is about, they see anew first.
func TestASecondCuratorAgreesToWhatTheySaw(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	h.election("northmoor", "")
	thread, other := h.ask(h.ada, "Who has moved bins online?"), h.ask(h.ada, "And waste?")
	post := h.reply(h.ben, thread, "Northmoor has, in a week.")
	hidden := h.begin("Bins")
	h.put(hidden, 0, "thread", thread)
	shown := h.begin("Waste")
	h.put(shown, 0, "thread", h.ask(h.ben, "By Ben"))
	h.show(shown)
	opening := func(thread int64) int64 {
		return h.number(`select id from posts where thread_id = $1 and number = 1`, thread)
	}
	edit := func(post int64) {
		t.Helper()
		who := h.ada
		if h.number(`select author_id from posts where id = $1`, post) == h.ben.ID {
			who = h.ben
		}
		_, err := h.Edit(t.Context(), who, post, forum.EditDraft{Title: "Who has not?", Body: "Something else", Topics: []string{"waste-management"}, Version: int(h.number(`select version from posts where id = $1`, post))})
		h.must(err)
	}
	for _, c := range []struct {
		what   string
		ask    func() error
		change func()
	}{
		{"a thread", func() error { _, err := h.Highlight(t.Context(), h.cora, h.draft("thread", other)); return err }, func() { edit(opening(other)) }},
		{"a post", func() error { _, err := h.Highlight(t.Context(), h.cora, h.draft("post", post.ID)); return err }, func() { edit(post.ID) }},
		{"an item", func() error {
			return h.AddItem(t.Context(), h.cora, shown, h.piece(shown, 0, fmt.Sprint("thread:", other)))
		}, func() { edit(opening(other)) }},
		{"a collection", func() error { return h.ShowCollection(t.Context(), h.cora, hidden, true) }, func() { h.put(hidden, 0, "thread", other) }},
		{"what is in it", func() error {
			h.must(h.DeclineSecond(t.Context(), dan, h.number(`select max(id) from seconds`), "Not now"))
			return h.ShowCollection(t.Context(), h.cora, hidden, true)
		}, func() { edit(opening(thread)) }},
	} {
		h.is("asking for "+c.what, c.ask(), curation.ErrSecond)
		p, err := h.SecondsPage(t.Context(), dan, 0, 0)
		h.must(err)
		seen := p.Waiting[len(p.Waiting)-1]
		c.change()
		for _, said := range []string{seen.Seen, "", "x"} {
			if err := h.Agree(t.Context(), dan, seen.ID, said); fmt.Sprint(refused(err)) != "[seen]" {
				t.Errorf("%s: got %v", c.what, err)
			}
		}
	}
	for id := range h.number(`select max(id) from seconds`) {
		if n := h.number(`select count(*) from seconds where id = $1 and decided_at is null`, id+1); n == 1 {
			h.must(h.agree(dan, id+1))
		}
	}
	if got := h.shown(visitor); len(got) != 2 {
		t.Errorf("highlighted are %v", got)
	}
}

// Whoever asked takes it back while nobody has decided, and may ask for it otherwise.
func TestWhoeverAskedTakesItBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	h.election("northmoor", "")
	draft := h.draft("thread", h.ask(h.ada, "Who has moved bins online?"))
	ask := func() int64 {
		t.Helper()
		_, err := h.Highlight(t.Context(), h.cora, draft)
		h.is("asking", err, curation.ErrSecond)
		return h.number(`select max(id) from seconds`)
	}
	id := ask()
	h.is("another", h.TakeBackSecond(t.Context(), dan, id), forum.ErrForbidden)
	h.is("no curator", h.TakeBackSecond(t.Context(), h.ada, id), forum.ErrForbidden)
	h.is("none", h.TakeBackSecond(t.Context(), h.cora, id+1), forum.ErrNotFound)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := h.TakeBackSecond(t.Context(), h.cora, id); err != nil && !errors.Is(err, forum.ErrNotFound) {
				t.Errorf("at once: got %v", err)
			}
		})
	}
	all.Wait()
	if n := h.number(`select count(*) from entries where deed = 'took_back_second'`); n != 1 {
		t.Errorf("it is on record %d times", n)
	}
	h.is("agreeing then", h.Agree(t.Context(), dan, id, ""), forum.ErrNotFound)
	draft.Title = "Fewer missed bins"
	id = ask()
	h.must(h.agree(dan, id))
	h.is("what was agreed", h.TakeBackSecond(t.Context(), h.cora, id), forum.ErrConflict)
}

// What a curator would say of something that is gone is not said on the desk either, nor
// why another did not want it.
func TestWhatIsGoneIsNotSpokenOf(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	h.election("northmoor", "")
	for i := range 2 {
		thread := h.ask(h.ada, fmt.Sprint("Who has moved bins online? ", i))
		_, err := h.Highlight(t.Context(), h.cora, h.draft("thread", thread))
		h.is("asking", err, curation.ErrSecond)
		if i == 0 {
			h.must(h.DeclineSecond(t.Context(), dan, h.number(`select max(id) from seconds`), "It names Mrs Jones"))
		}
		_, err = h.Delete(t.Context(), h.ada, h.number(`select min(id) from posts where thread_id = $1`, thread))
		h.must(err)
	}
	p, err := h.SecondsPage(t.Context(), dan, 0, 0)
	h.must(err)
	w, d := p.Waiting[0], p.Decided[0]
	if w.Title+w.Note+w.ThreadTitle != "" || len(w.Councils) != 0 || d.Reason != "" || d.ThreadTitle != "" {
		t.Errorf("it says %+v, %+v", w, d)
	}
}

// What waits and what was decided is all found, page by page.
func TestAllThatWaitsIsFound(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	h.election("northmoor", "")
	draft := h.NewBanner()
	for i := range 65 {
		draft.Body = fmt.Sprint("Northmoor ", i)
		_, err := h.PutBanner(t.Context(), h.cora, draft)
		h.is("asking", err, curation.ErrSecond)
	}
	all := func() (waiting, decided []int64) {
		p, err := h.SecondsPage(t.Context(), dan, 0, 0)
		h.must(err)
		next := p.Next
		for {
			for _, s := range p.Waiting {
				waiting = append(waiting, s.ID)
			}
			if next == 0 {
				break
			}
			p, err = h.SecondsPage(t.Context(), dan, next, 0)
			if h.must(err); !p.Later || len(p.Decided) > 0 {
				t.Fatalf("a later page is %+v", p)
			}
			next = p.Next
		}
		p, err = h.SecondsPage(t.Context(), dan, 0, 1<<60)
		for h.must(err); ; h.must(err) {
			for _, s := range p.Decided {
				decided = append(decided, s.ID)
			}
			if p.Older == 0 {
				return waiting, decided
			}
			p, err = h.SecondsPage(t.Context(), dan, 0, p.Older)
		}
	}
	waiting, _ := all()
	if len(waiting) != 65 || !slices.IsSorted(waiting) || len(slices.Compact(slices.Clone(waiting))) != 65 {
		t.Errorf("they wait: %v", waiting)
	}
	for _, id := range waiting[:62] {
		h.must(h.DeclineSecond(t.Context(), dan, id, "No"))
	}
	waiting, decided := all()
	if len(waiting) != 3 || len(decided) != 62 || len(slices.Compact(slices.Clone(decided))) != 62 {
		t.Errorf("%d wait, decided are %v", len(waiting), decided)
	}
}

// What a second curator said no to can be undone for thirty days; then its words are gone.
func TestWhatWasDeclinedIsKeptForThirtyDays(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	for i := range 3 {
		h.election("northmoor", "")
		_, err := h.Highlight(t.Context(), h.cora, h.draft("thread", h.ask(h.ada, fmt.Sprint("Bins ", i))))
		h.is("asking", err, curation.ErrSecond)
		if id := h.number(`select max(id) from seconds`); i < 2 {
			h.must(h.DeclineSecond(t.Context(), dan, id, "It names Mrs Jones"))
		}
		h.clock.Advance(16 * 24 * time.Hour)
		h.must(h.Sweep(t.Context()))
	}
	if n := h.number(`select count(*) from seconds where draft = '{}'`); n != 2 {
		t.Errorf("the words of %d are gone, want 2", n)
	}
	if n := h.number(`select count(*) from seconds where draft = '{}' and (reason <> '' or decided_at is null)`); n != 0 {
		t.Errorf("of %d it still says why, or it was not decided", n)
	}
	h.is("undoing it", h.undo(dan, h.entry(forum.DeclinedSecond, 0)), forum.ErrConflict)
	p, err := h.SecondsPage(t.Context(), dan, 0, 0)
	if h.must(err); len(p.Decided) != 2 || p.Decided[0].CanUndo || len(p.Waiting) != 1 {
		t.Errorf("there are %+v", p)
	}
}
