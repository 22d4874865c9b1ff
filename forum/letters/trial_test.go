package letters

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Once an hour a mail is to show that answers arrive, on one node of many. That one has not
// come is told once; it is over when the newest has, and not by an old one that came late.
func TestWhetherAnswersArriveIsTried(t *testing.T) {
	t.Parallel()
	h := open(t)
	try := func(wantDue, wantLost bool) time.Time {
		t.Helper()
		var due, lost atomic.Int32
		var at atomic.Value
		var nodes sync.WaitGroup
		for range 4 {
			nodes.Go(func() {
				trial, err := h.BeginTrial(t.Context())
				if err != nil {
					t.Error(err)
				}
				if trial.Due {
					due.Add(1)
					at.Store(trial.At)
				}
				if trial.Lost {
					lost.Add(1)
				}
			})
		}
		nodes.Wait()
		if due.Load() > 1 || lost.Load() > 1 || (due.Load() == 1) != wantDue || (lost.Load() == 1) != wantLost {
			t.Fatalf("at %s: %d nodes send a mail, %d tell of one that is lost; want %v and %v", h.Now().Format(time.TimeOnly), due.Load(), lost.Load(), wantDue, wantLost)
		}
		if !wantDue {
			return time.Time{}
		}
		return at.Load().(time.Time)
	}
	begin := func() time.Time {
		t.Helper()
		at := try(true, false)
		h.must(h.TrialWent(t.Context(), at))
		return at
	}
	arrive := func(at time.Time, want bool) {
		t.Helper()
		again, err := h.TrialCame(t.Context(), at)
		h.must(err)
		if again != want {
			t.Errorf("answers arrive again: %v, want %v", again, want)
		}
	}
	page := func(want bool) {
		t.Helper()
		a, err := h.Trials(t.Context())
		h.must(err)
		if a.Lost != want {
			t.Errorf("lost: %v, want %v", a.Lost, want)
		}
	}
	page(false)
	try(false, false)
	h.clock.Advance(59 * time.Minute)
	try(false, false)
	h.clock.Advance(time.Minute)
	first := begin()
	try(false, false)
	arrive(first, false)
	h.clock.Advance(time.Hour)
	lost := begin()
	h.clock.Advance(14 * time.Minute)
	try(false, false)
	page(false)
	h.clock.Advance(time.Minute)
	try(false, true)
	try(false, false)
	page(true)
	arrive(first, false) // once more
	page(true)
	h.clock.Advance(45 * time.Minute)
	newest := begin()
	arrive(lost, false)
	page(true)
	arrive(newest, true)
	arrive(newest, false)
	page(false)
	h.clock.Advance(48 * time.Hour) // nobody was there
	arrive(begin(), false)
	page(false)
	h.clock.Advance(time.Hour)
	try(true, false) // and could not be sent: that tells nothing of answers
	h.clock.Advance(30 * time.Minute)
	try(false, false)
	h.clock.Advance(30 * time.Minute)
	quick := try(true, false)
	arrive(quick, false) // before it was noted that it went
	h.must(h.TrialWent(t.Context(), quick))
	h.clock.Advance(30 * time.Minute)
	try(false, false)
	page(false)
}
