package curation_test

import (
	"slices"
	"testing"
	"time"

	"moothall/forum/curation"
)

// A question that nobody answers is offered, once, after two working days to who answered
// others like it; after ten one of the curators has it by name: who is on today, else who
// has least. However often it is looked, or by how many at once, it happens once.
func TestTheLadderIsClimbed(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	people := h.someCouncils(2)
	h.answered(people[0], "Something else about bins")
	h.reply(people[1], h.ask(h.ada, "Yet more of bins"), "We did.") // not accepted by anybody
	cleo := h.curator("Cleo", "Northmoor")
	h.clock.Advance(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Sub(h.Now())) // a Monday
	thread, other := h.ask(h.ada, "Who has moved bins online?"), h.ask(h.ada, "Another of bins")
	climb := func(after time.Duration, offered, named int) {
		t.Helper()
		h.clock.Advance(after)
		gotOffered, gotNamed, err := h.Climb(ctx)
		if err != nil || gotOffered != offered || gotNamed != named {
			t.Errorf("%s: offered %d, named %d (%v); want %d and %d", h.Now(), gotOffered, gotNamed, err, offered, named)
		}
	}
	climb(0, 0, 0)
	climb(47*time.Hour, 0, 0)
	climb(time.Hour, 2, 0)
	climb(time.Hour, 0, 0)
	if n := h.number(`select count(*) from offers`); n != 1 || h.number(`select person_id from events where kind = 'question_offered'`) != people[0].ID {
		t.Errorf("offered to %d", n)
	}
	h.must(h.tend(h.cora, curation.Questions, other, curation.DeskDraft{Deed: "take"}))
	climb(9*24*time.Hour, 0, 0)
	climb(3*24*time.Hour, 0, 1)
	climb(time.Minute, 0, 0)
	p, err := h.DeskPage(ctx, cleo)
	h.must(err)
	if len(p.Mine) != 1 || p.Mine[0].ID != thread {
		t.Errorf("who had least has %+v", p.Mine)
	}
	if got := refused(h.tend(cleo, curation.Questions, thread, curation.DeskDraft{Deed: "drop"})); !slices.Equal(got, []string{"to"}) {
		t.Errorf("and gives it back: %v", got)
	}
	h.must(h.tend(cleo, curation.Questions, thread, curation.DeskDraft{Deed: "give", To: h.cora.ID}))
	third := h.ask(h.ada, "A third of bins")
	h.clock.Advance(15 * 24 * time.Hour)
	h.must(h.Cover(ctx, h.cora, true))
	climb(0, 1, 1)
	if n := h.number(`select taker_id from desk_items where subject_id = $1`, third); n != h.cora.ID {
		t.Errorf("who is on today has not: %d", n)
	}
}

// What was answered, closed, hidden or put off meanwhile is given to nobody, and old
// questions are left alone.
func TestWhatTheLadderLeavesAlone(t *testing.T) {
	t.Parallel()
	h := open(t)
	old := h.ask(h.ada, "An old one")
	h.clock.Advance(100 * 24 * time.Hour)
	answered, closed, hidden, off := h.ask(h.ada, "Answered"), h.ask(h.ada, "Closed"), h.ask(h.ada, "Hidden"), h.ask(h.ada, "Put off")
	h.reply(h.ben, answered, "We did.")
	h.must(h.Close(t.Context(), h.cora, closed, true, "It is answered elsewhere"))
	_, err := h.db.Exec(t.Context(), `update threads set hidden_at = now() where id = $1`, hidden)
	h.must(err)
	h.clock.Advance(17 * 24 * time.Hour)
	h.must(h.tend(h.cora, curation.Questions, off, curation.DeskDraft{Deed: "later", Until: h.Now().AddDate(0, 0, 9).Format(time.DateOnly)}))
	offered, named, err := h.Climb(t.Context())
	if err != nil || offered != 1 || named != 0 || h.number(`select count(*) from desk_items where taker_id is not null`) != 0 {
		t.Errorf("offered %d, named %d (%v)", offered, named, err)
	}
	if n := h.number(`select count(*) from threads where offered_at is not null and id <> $1`, off); n != 0 {
		t.Errorf("%d others were offered, the old one is %d", n, old)
	}
}
