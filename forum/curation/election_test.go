package curation_test

import (
	"fmt"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
)

// Nobody alone takes days out of a period: it is not called off, shortened, put off, nor
// given to others, nor is what put it into the calendar undone, except within the hour by
// whoever typed it. Days are put in by one.
func TestOneCuratorTakesNoDaysOutOfAPeriod(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	day := func(n int) string { return h.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	draft := curation.ElectionDraft{Name: "Local elections", Nation: "England", Kind: "district", From: day(2), Until: day(30)}
	h.must(h.SetElection(t.Context(), h.cora, draft))
	set := h.last()
	id := h.number(`select max(id) from elections`)
	h.must(h.undo(h.cora, set)) // a slip
	draft.Version = int(h.number(`select version from elections where id = $1`, id))
	h.must(h.ChangeElection(t.Context(), h.cora, id, draft)) // which puts it in again
	set = h.last()
	stands := func(who forum.Person) bool {
		p, err := h.ElectionsPage(t.Context(), who, 0)
		h.must(err)
		return p.Changes[0].EntryID == set && p.Changes[0].Stands
	}
	if !stands(h.cora) || stands(dan) {
		t.Error("not she alone is offered to undo it")
	}
	h.is("another's slip", h.undo(dan, set), forum.ErrForbidden)
	h.clock.Advance(61 * time.Minute)
	h.is("a slip of long ago", h.undo(h.cora, set), forum.ErrForbidden)
	if stands(h.cora) {
		t.Error("she is offered to undo what is of long ago")
	}
	for what, change := range map[string]func(*curation.ElectionDraft){
		"shortened":        func(d *curation.ElectionDraft) { d.Until = day(29) },
		"put off":          func(d *curation.ElectionDraft) { d.From = day(3) },
		"another nation's": func(d *curation.ElectionDraft) { d.Nation = "Wales" },
		"another kind's":   func(d *curation.ElectionDraft) { d.Kind = "unitary" },
		"one council's":    func(d *curation.ElectionDraft) { d.Nation, d.Kind, d.Council = "", "", "northmoor" },
	} {
		d := draft
		d.Version = int(h.number(`select version from elections where id = $1`, id))
		change(&d)
		h.is(what, h.ChangeElection(t.Context(), h.cora, id, d), curation.ErrSecond)
		if err := h.ChangeElection(t.Context(), dan, id, d); fmt.Sprint(refused(err)) != "[name]" {
			t.Errorf("%s again: got %v", what, err)
		}
		h.must(h.DeclineSecond(t.Context(), dan, h.number(`select max(id) from seconds`), "No"))
	}
	for _, what := range []string{"begun earlier, longer, of all kinds", "the same again"} {
		d := draft
		d.From, d.Until, d.Kind = day(1), day(40), ""
		d.Version = int(h.number(`select version from elections where id = $1`, id))
		h.is(what, h.ChangeElection(t.Context(), h.cora, id, d), nil)
	}
	h.is("calling it off", h.EndElection(t.Context(), h.cora, id), curation.ErrSecond)
	if err := h.EndElection(t.Context(), dan, id); fmt.Sprint(refused(err)) != "[second]" {
		t.Errorf("calling it off again: got %v", err)
	}
	p, err := h.SecondsPage(t.Context(), dan, 0, 0)
	if h.must(err); len(p.Waiting) != 1 || p.Waiting[0].ElectionID != id || p.Waiting[0].ElectionName != "Local elections" || p.Waiting[0].ElectionNation != "England" || p.Waiting[0].To != nil {
		t.Fatalf("what waits is %+v", p.Waiting)
	}
	h.is("her own", h.agree(h.cora, p.Waiting[0].ID), forum.ErrForbidden)
	h.must(h.agree(dan, p.Waiting[0].ID))
	if n := h.number(`select count(*) from elections where ended_at is null`); n != 0 {
		t.Error("it is not called off")
	}
	if set = h.last(); !stands(h.cora) || !stands(dan) {
		t.Error("they are not offered to undo that")
	}
	draft.Version = int(h.number(`select version from elections where id = $1`, id))
	h.must(h.ChangeElection(t.Context(), h.cora, id, draft))
	h.clock.Advance(40 * 24 * time.Hour)
	h.must(h.EndElection(t.Context(), h.cora, id)) // it is over
}

// A period that has changed since a second curator saw it is looked at anew.
func TestAPeriodThatChangedIsLookedAtAnew(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	id := h.election("northmoor", "")
	h.is("calling it off", h.EndElection(t.Context(), h.cora, id), curation.ErrSecond)
	p, err := h.SecondsPage(t.Context(), dan, 0, 0)
	h.must(err)
	day := h.Now().Format(time.DateOnly)
	h.must(h.ChangeElection(t.Context(), h.cora, id, curation.ElectionDraft{Name: "Quite another", Council: "northmoor", From: day, Until: h.Now().AddDate(0, 0, 60).Format(time.DateOnly), Version: 1}))
	if err := h.Agree(t.Context(), dan, p.Waiting[0].ID, p.Waiting[0].Seen); fmt.Sprint(refused(err)) != "[seen]" {
		t.Errorf("got %v", err)
	}
}

// The calendar is read back to its beginning.
func TestAllPeriodsAreFound(t *testing.T) {
	t.Parallel()
	h := open(t)
	for i := range 120 {
		h.must(h.SetElection(t.Context(), h.cora, curation.ElectionDraft{Name: fmt.Sprint("Election ", i), Council: "northmoor", From: h.Now().Format(time.DateOnly), Until: h.Now().AddDate(0, 0, i%7).Format(time.DateOnly)}))
	}
	h.clock.Advance(20 * 24 * time.Hour)
	found := map[int64]bool{}
	for before, pages := int64(0), 0; ; pages++ {
		p, err := h.ElectionsPage(t.Context(), h.ada, before)
		h.must(err)
		for _, e := range p.Past {
			found[e.ID] = true
		}
		if before = p.Next; before == 0 || pages > 5 {
			break
		}
	}
	if len(found) != 120 {
		t.Errorf("found are %d, want 120", len(found))
	}
}
