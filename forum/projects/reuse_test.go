package projects_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

func (h *hall) reuse(t *testing.T, who forum.Person, id int64, kind, visibility string) {
	t.Helper()
	if err := h.Reuse(t.Context(), who, id, projects.ReuseDraft{Kind: kind, Note: "As it is", Visibility: visibility}); err != nil {
		t.Fatal(err)
	}
}

// Reuse counts councils: two people of one council are one, said twice is once, and what
// is taken back is gone. Who may not read that it is, is not told.
func TestReuseCountsCouncilsNotClicks(t *testing.T) {
	t.Parallel()
	h := open(t)
	bea, cas := forumtest.Person(t, h.Store.Store, "Bea", "Southmoor"), forumtest.Person(t, h.Store.Store, "Cas", "elmbridge")
	h.reuse(t, h.ben, h.project, "reuse", "public")
	h.reuse(t, bea, h.project, "reuse", "public")
	h.reuse(t, h.ben, h.project, "problem", "public")
	h.reuse(t, cas, h.project, "reuse", "councils")
	if p := h.page(t, forum.Person{}, h.project); p.Project.Reuses != 1 || len(p.Reuses) != 2 || p.CanReuse {
		t.Errorf("a visitor reads %d, %+v", p.Project.Reuses, p.Reuses)
	}
	p := h.page(t, h.ben, h.project)
	if p.Project.Reuses != 1 || len(p.Reuses) != 3 || len(p.Said) != 2 || !p.CanReuse {
		t.Errorf("a colleague reads %d, %+v, of their own %+v", p.Project.Reuses, p.Reuses, p.Said)
	}
	if l := h.register(t, forum.Person{}, projects.Filter{Sort: "reused"}); l.Cards[0].ID != h.project || l.Cards[0].Reuses != 1 {
		t.Errorf("in the register %+v", l.Cards)
	}
	for range 2 {
		if err := h.TakeBackReuse(t.Context(), bea, h.project, "reuse"); err != nil {
			t.Fatal(err)
		}
	}
	if p := h.page(t, forum.Person{}, h.project); p.Project.Reuses != 0 || len(p.Reuses) != 1 {
		t.Errorf("when it is taken back: %d, %+v", p.Project.Reuses, p.Reuses)
	}
}

// Its own council does not reuse a project, nor does who is of none, or sells.
func TestWhoMaySayThatACouncilReuses(t *testing.T) {
	t.Parallel()
	h := open(t)
	for name, who := range map[string]forum.Person{"its author": h.ada, "one of its council": forumtest.Person(t, h.Store.Store, "Abe", "Northmoor"),
		"a newcomer": forumtest.NewcomerOf(t, h.Store.Store, "Newt", "Southmoor"), "a visitor": {}} {
		if err := h.Reuse(t.Context(), who, h.project, projects.ReuseDraft{Kind: "reuse"}); !errors.Is(err, forum.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, draft := range []projects.ReuseDraft{{Kind: "steal"}, {Kind: "reuse", Note: strings.Repeat("a", 501)}, {Kind: "reuse", Visibility: "nobody"}} {
		if err := h.Reuse(t.Context(), h.ben, h.project, draft); !errors.As(err, &forum.Invalid{}) {
			t.Errorf("%.40q: %v", draft, err)
		}
	}
}

// What is made of a project shows in one family on the pages of all of them, as far as
// their reader may see.
func TestAFamilyOfReuseIsOnThePageOfEach(t *testing.T) {
	t.Parallel()
	h := open(t)
	cas := forumtest.Person(t, h.Store.Store, "Cas", "elmbridge")
	child := h.start(t, h.ben, projects.Draft{Title: "Bins in Southmoor", Parent: h.project})
	secret := h.start(t, cas, projects.Draft{Title: "Bins in secret", Parent: child, Visibility: "councils"})
	h.reuse(t, forumtest.Person(t, h.Store.Store, "Dee", "surrey"), h.project, "reuse", "public")
	titles := func(who forum.Person, id int64) (list []string) {
		for _, k := range h.page(t, who, id).Family {
			list = append(list, strings.Repeat(">", k.Depth)+k.Title+k.Note)
		}
		return list
	}
	all := []string{"Bins that tell when they are full", ">Bins in Southmoor", ">>Bins in secret", ">As it is"}
	for _, id := range []int64{h.project, child, secret} {
		if got := titles(h.ada, id); !slices.Equal(got, all) {
			t.Errorf("of %d a colleague sees %q", id, got)
		}
	}
	if got := titles(forum.Person{}, child); !slices.Equal(got, []string{all[0], all[1], all[3]}) {
		t.Errorf("a visitor sees %q", got)
	}
	if p := h.page(t, forum.Person{}, h.project); p.Project.Reuses != 2 || p.Reuses[0].Title+p.Reuses[1].Title != "Bins in Southmoor" {
		t.Errorf("it is reused by %d, %+v", p.Project.Reuses, p.Reuses)
	}
}

// A project is reused by as many councils as everybody may know of: what is for councils
// only, waits or was hidden does not count, until it shows.
func TestReusesCountWhatEverybodyMaySee(t *testing.T) {
	t.Parallel()
	h := open(t)
	counts := func(want int, when string) {
		t.Helper()
		if p := h.page(t, forum.Person{}, h.project); p.Project.Reuses != want {
			t.Errorf("%s: reused by %d, want %d", when, p.Project.Reuses, want)
		}
	}
	child := h.start(t, h.ben, projects.Draft{Title: "The same here", Visibility: "councils", Parent: h.project})
	counts(0, "for councils only")
	if err := h.SetFact(t.Context(), h.ben, child, projects.FactDraft{Field: "visibility", Text: "public", Version: 1}); err != nil {
		t.Fatal(err)
	}
	counts(1, "public")
	h.exec(t, `update threads set hidden_at = now(), hidden_why = 'Rude.' where id = $1`, child)
	counts(0, "hidden")
	h.exec(t, `update threads set hidden_at = null, hidden_why = null where id = $1`, child)
	counts(1, "shown again")
}
