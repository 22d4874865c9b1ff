package projects_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// register reads a page of the register of projects.
func (h *hall) register(t *testing.T, who forum.Person, f projects.Filter) projects.Register {
	t.Helper()
	l, err := h.Register(t.Context(), who, forum.Project, f)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// counts are those beside the values of a filter.
func counts(l projects.Register, name string) map[string]int {
	all := map[string]int{}
	for _, f := range l.Facets {
		for _, v := range f.Values {
			if f.Name == name && v.Count > 0 {
				all[v.Value] = v.Count
			}
		}
	}
	return all
}

func (h *hall) fact(t *testing.T, who forum.Person, id int64, field, text string, many ...string) {
	t.Helper()
	if err := h.SetFact(t.Context(), who, id, projects.FactDraft{Field: field, Text: text, Many: many, Version: h.page(t, who, id).Project.Version}); err != nil {
		t.Fatal(err)
	}
}

// Beside each value of a filter stands how many there are with it and with all that the
// other filters ask for, of what the reader may see; and they follow each change at once.
func TestCountsBesideFiltersAreHonest(t *testing.T) {
	t.Parallel()
	h := open(t) // one of Ada's in alpha
	live := h.start(t, h.ben, projects.Draft{Title: "Two", Phase: "live", Topics: []string{"waste-management"}})
	secret := h.start(t, h.ben, projects.Draft{Title: "Three", Phase: "live", Visibility: "councils"})
	h.start(t, forumtest.NewcomerOf(t, h.Store.Store, "Newt", "Northmoor"), projects.Draft{Title: "Held"})
	h.fact(t, h.ben, live, "cost_band", "under-10k")
	h.fact(t, h.ben, secret, "cost_band", "over-1m")
	h.fact(t, h.ben, live, "offer", "", "call", "demo")
	for _, c := range []struct {
		name   string
		who    forum.Person
		filter projects.Filter
		facet  string
		want   map[string]int
		total  int
	}{
		{"a visitor", forum.Person{}, projects.Filter{}, "phase", map[string]int{"alpha": 1, "live": 1}, 2},
		{"a colleague", h.ada, projects.Filter{}, "phase", map[string]int{"alpha": 1, "live": 2}, 3},
		{"a filter's own values", h.ada, projects.Filter{Phase: "live"}, "phase", map[string]int{"alpha": 1, "live": 2}, 2},
		{"another's", h.ada, projects.Filter{Phase: "live"}, "cost_band", map[string]int{"under-10k": 1, "over-1m": 1}, 2},
		{"another's of a visitor", forum.Person{}, projects.Filter{Phase: "live"}, "cost_band", map[string]int{"under-10k": 1}, 1},
		{"two", h.ada, projects.Filter{Phase: "live", CostBand: "over-1m"}, "offer", map[string]int{}, 1},
		{"two, of one of them", h.ada, projects.Filter{Phase: "live", CostBand: "over-1m"}, "cost_band", map[string]int{"under-10k": 1, "over-1m": 1}, 1},
		{"what a topic is part of", h.ada, projects.Filter{Offer: "demo"}, "topic", map[string]int{"waste-management": 1, "environment-and-waste": 1}, 1},
		{"fresh", h.ada, projects.Filter{}, "fresh", map[string]int{"3": 3, "6": 3, "12": 3}, 3},
		{"not fresh", h.ada, projects.Filter{Fresh: "not"}, "phase", map[string]int{}, 0},
		{"not fresh, of itself", h.ada, projects.Filter{Fresh: "not"}, "fresh", map[string]int{"3": 3, "6": 3, "12": 3}, 0},
	} {
		l := h.register(t, c.who, c.filter)
		got := counts(l, c.facet)
		if c.facet == "topic" { // what its area is called is not of this test
			if len(got) != 2 || got["waste-management"] != 1 {
				t.Errorf("%s: %v", c.name, got)
			}
		} else if !maps.Equal(got, c.want) {
			t.Errorf("%s: counts %v, want %v", c.name, got, c.want)
		}
		if l.Total != c.total || len(l.Cards) != c.total {
			t.Errorf("%s: %d in all, %d cards, want %d", c.name, l.Total, len(l.Cards), c.total)
		}
	}
	if _, err := h.db.Exec(t.Context(), `update threads set hidden_at = asked_at where id = $1`, live); err != nil {
		t.Fatal(err)
	}
	if l := h.register(t, h.ada, projects.Filter{}); l.Total != 2 || counts(l, "phase")["live"] != 1 {
		t.Errorf("when one is hidden: %d, %v", l.Total, counts(l, "phase"))
	}
	h.clock.Advance(200 * 24 * time.Hour)
	if got := counts(h.register(t, h.ada, projects.Filter{}), "fresh"); !maps.Equal(got, map[string]int{"12": 2}) {
		t.Errorf("200 days on: %v", got)
	}
}

// Another node's counts follow as well, also where its deed was under way while this one
// read.
func TestCountsFollowWhatIsWrittenElsewhere(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.register(t, h.ada, projects.Filter{})
	tx, err := h.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `update register set phase = 'beta' where thread_id = $1`, h.project); err != nil {
		t.Fatal(err)
	}
	other := h.start(t, h.ben, projects.Draft{Title: "Later, and done before"})
	if got := counts(h.register(t, h.ada, projects.Filter{}), "phase"); !maps.Equal(got, map[string]int{"alpha": 2}) {
		t.Errorf("before it is done: %v", got)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := counts(h.register(t, h.ada, projects.Filter{}), "phase"); !maps.Equal(got, map[string]int{"alpha": 1, "beta": 1}) {
		t.Errorf("when it is done: %v (%d)", got, other)
	}
}

// Whatever a register is sorted by, its pages have each project once, and what nobody has
// confirmed although asked stands last.
func TestPagesOfTheRegisterHaveEachProjectOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	n := 2*projects.CardsPerPage + 5
	for i := 1; i < n; i++ {
		h.clock.Advance(time.Duration(i%3) * time.Hour)
		h.start(t, h.ada, projects.Draft{Title: fmt.Sprintf("Number %d", i)})
	}
	for _, sql := range []string{`update register set reuses = thread_id % 4`, `update register set stale = thread_id % 7 = 0`} {
		if _, err := h.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, sort := range append([]string{""}, projects.Sorts...) {
		seen, sunk := map[int64]bool{}, false
		f := projects.Filter{Sort: sort, Phase: "alpha"}
		for page := 1; page == 1 || f.Before != ""; page++ {
			l := h.register(t, h.ada, f)
			for _, c := range l.Cards {
				if seen[c.ID] || sunk && !c.Stale {
					t.Errorf("%q: page %d has %+v again, or after those that sank", sort, page, c)
				}
				seen[c.ID], sunk = true, c.Stale
			}
			f.Before = l.Next
		}
		if len(seen) != n {
			t.Errorf("%q: %d of %d", sort, len(seen), n)
		}
	}
}

// A filter that means nothing is a page that is not there.
func TestFiltersThatMeanNothingAreNotFound(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, f := range []projects.Filter{{Topic: "none"}, {Principle: "waste-management"}, {Phase: "gamma"}, {Nation: "France"}, {Type: "village"}, {Product: "none"},
		{CostBand: "free"}, {Offer: "tea"}, {Fresh: "4"}, {Sort: "colour"}, {Before: "x"}} {
		if _, err := h.Register(t.Context(), h.ada, forum.Project, f); !errors.Is(err, forum.ErrNotFound) {
			t.Errorf("%+v: %v", f, err)
		}
		if _, err := h.Sheet(t.Context(), forum.Project, f); !errors.Is(err, forum.ErrNotFound) {
			t.Errorf("%+v as a spreadsheet: %v", f, err)
		}
	}
	var kinds []string
	if err := h.db.QueryRow(t.Context(), `select array_agg(distinct kind) from councils where not kind = any($1)`, projects.Types).Scan(&kinds); err != nil || kinds != nil {
		t.Errorf("councils of sorts that no filter has: %v (%v)", kinds, err)
	}
}

// When a council is said to be in another nation, or another sort of body, what is of it
// is counted there at once.
func TestTheRegisterFollowsWhatACouncilIs(t *testing.T) {
	t.Parallel()
	h := open(t)
	count := func(name, value string) int {
		t.Helper()
		l := h.register(t, h.ada, projects.Filter{})
		for _, f := range l.Facets {
			for _, v := range f.Values {
				if f.Name == name && v.Value == value {
					return v.Count
				}
			}
		}
		return 0
	}
	if n := count("nation", "England"); n != 1 {
		t.Fatalf("%d of England, want 1", n)
	}
	if _, err := h.db.Exec(t.Context(), `update councils set nation = 'Wales', kind = 'unitary' where slug = 'northmoor'`); err != nil {
		t.Fatal(err)
	}
	if e, w, u := count("nation", "England"), count("nation", "Wales"), count("type", "unitary"); e != 0 || w != 1 || u != 1 {
		t.Errorf("%d of England, %d of Wales, %d unitary; want 0, 1, 1", e, w, u)
	}
}
