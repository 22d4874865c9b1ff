package forum_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// A post is useful to so many people, each counted once; one's own press shows, and
// letting it go takes it back.
func TestUsefulIsCountedByPerson(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	var wg sync.WaitGroup
	for n := range 5 {
		who := forumtest.Person(t, q.Store, fmt.Sprintf("Cai %c", 'A'+n), "Northmoor")
		for range 3 {
			wg.Go(func() {
				if err := q.Useful(t.Context(), who, q.first.ID, true); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if err := q.Useful(t.Context(), q.ada, q.first.ID, true); err != nil {
		t.Fatal(err)
	}
	p := q.page(q.ada)
	if p.Posts[1].Useful != 6 || !p.Pressed[q.first.ID].Useful || p.Pressed[q.second.ID].Useful {
		t.Errorf("useful to %d, pressed %v", p.Posts[1].Useful, p.Pressed)
	}
	for range 2 {
		if err := q.Useful(t.Context(), q.ada, q.first.ID, false); err != nil {
			t.Fatal(err)
		}
	}
	if p := q.page(q.ada); p.Posts[1].Useful != 5 || p.Pressed[q.first.ID].Useful || !p.Can[q.first.ID].Useful {
		t.Errorf("let go: useful to %d, pressed %v", p.Posts[1].Useful, p.Pressed)
	}
	if p := q.page(q.ben); p.Can[q.first.ID].Useful {
		t.Error("one's own post can be marked")
	}
}

// Colleagues mark; visitors, newcomers, suppliers and who is suspended do not, nor
// anybody their own post, nor a council what is its own.
func TestWhoMayMark(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	cai := forumtest.Person(t, q.Store, "Cai", "Northmoor")
	dot, eve := forumtest.SupplierOf(t, q.Store, "Dot", "Roundsman"), forumtest.NewcomerOf(t, q.Store, "Eve", "Southmoor")
	suspended, until := forumtest.Person(t, q.Store, "Sid", "Southmoor"), q.Now().Add(day)
	suspended.SuspendedUntil = &until
	useful := func(who forum.Person) error { return q.Useful(t.Context(), who, q.first.ID, true) }
	worked := func(who forum.Person) error { return q.Worked(t.Context(), who, q.first.ID, true) }
	usToo := func(who forum.Person) error { return q.UsToo(t.Context(), who, q.thread, true, "have") }
	save := func(who forum.Person) error { return q.Save(t.Context(), who, q.thread, true, nil) }
	for _, try := range []struct {
		name string
		deed func(forum.Person) error
		no   []forum.Person
		yes  []forum.Person
	}{
		{"useful", useful, []forum.Person{visitor, dot, eve, suspended, q.ben}, []forum.Person{q.ada, cai, q.mod}},
		{"worked", worked, []forum.Person{visitor, dot, eve, suspended, q.ben, q.mod}, []forum.Person{q.ada, cai}},
		{"us too", usToo, []forum.Person{visitor, dot, eve, suspended, q.ada, cai}, []forum.Person{q.ben, q.mod}},
		{"save", save, []forum.Person{visitor, suspended}, []forum.Person{dot, eve, q.ada, q.ben}},
	} {
		for _, who := range try.no {
			before := count(t, q.db)
			if err := try.deed(who); !errors.Is(err, forum.ErrForbidden) || count(t, q.db) != before {
				t.Errorf("%s by %q: got %v, want ErrForbidden and nothing changed", try.name, who.Name, err)
			}
		}
		for _, who := range try.yes {
			if err := try.deed(who); err != nil {
				t.Errorf("%s by %q: %v", try.name, who.Name, err)
			}
		}
	}
	opening := q.page(q.ben).Posts[0].ID
	if err := q.Worked(t.Context(), q.ben, opening, true); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("the question worked: got %v, want ErrForbidden", err)
	}
}

// A reply worked for a council once, whoever of it says so, and by name.
func TestWorkedIsCountedByCouncil(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	cai := forumtest.Person(t, q.Store, "Cai", "Northmoor")
	worked := func(who forum.Person, on bool) {
		t.Helper()
		if err := q.Worked(t.Context(), who, q.first.ID, on); err != nil {
			t.Fatal(err)
		}
	}
	worked(q.ada, true)
	worked(cai, true)
	p := q.page(cai)
	if list := p.WorkedFor(q.first.ID); len(list) != 1 || list[0].CouncilName != "Northmoor District Council" || !p.Pressed[q.first.ID].Worked || len(p.WorkedFor(q.second.ID)) != 0 {
		t.Errorf("it worked for %+v, pressed %v", list, p.Pressed)
	}
	worked(cai, false)
	worked(q.ada, false)
	if p := q.page(q.ada); len(p.Works) != 0 {
		t.Errorf("taken back: it worked for %+v", p.Works)
	}
}

// A council has one state of a problem: the second colleague changes what the first
// one said, and it counts once, however many say it at once.
func TestUsTooIsCountedInCouncils(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	bea := forumtest.Person(t, q.Store, "Bea", "Southmoor")
	var wg sync.WaitGroup
	for _, who := range []forum.Person{q.ben, bea, q.ben, bea} {
		for _, state := range forum.UsTooStates {
			wg.Go(func() {
				if err := q.UsToo(t.Context(), who, q.thread, true, state); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	say := func(who forum.Person, on bool, state string) {
		t.Helper()
		if err := q.UsToo(t.Context(), who, q.thread, on, state); err != nil {
			t.Fatal(err)
		}
	}
	if p := q.page(bea); len(p.UsToo) != 1 || p.Thread.UsToo != 1 {
		t.Errorf("at once: %d, %+v", p.Thread.UsToo, p.UsToo)
	}
	say(q.ben, false, "")
	say(q.ben, true, "")
	q.clock.Advance(time.Hour)
	say(bea, true, "have") // the same again changes nothing, nor whose word it is
	p := q.page(bea)
	if len(p.UsToo) != 1 || p.Thread.UsToo != 1 || p.State != "have" || p.UsToo[0].PersonName != "Ben" || p.UsToo[0].CouncilName != "Southmoor Borough Council" {
		t.Errorf("have: %d, %+v", p.Thread.UsToo, p.UsToo)
	}
	say(bea, true, "pilot")
	if p := q.page(q.ada); p.Thread.UsToo != 1 || p.UsToo[0].State != "pilot" || p.UsToo[0].PersonName != "Bea" || p.CanSayUsToo {
		t.Errorf("pilot: %d, %+v", p.Thread.UsToo, p.UsToo)
	}
	if bad := (forum.Invalid)(nil); !errors.As(q.UsToo(t.Context(), bea, q.thread, true, "none"), &bad) || bad[0].Field != "state" {
		t.Errorf("a state that is none: got %v", bad)
	}
	say(q.ben, false, "")
	say(q.ben, false, "")
	if p := q.page(bea); p.Thread.UsToo != 0 || len(p.UsToo) != 0 || p.State != "" {
		t.Errorf("taken back: %d, %+v", p.Thread.UsToo, p.UsToo)
	}
}

// tell says how the answer worked.
func (q asked) tell(who forum.Person, answer string) error {
	return q.TellOutcome(q.t.Context(), who, q.thread, forum.OutcomeDraft{Answer: answer, Note: " As said. "})
}

// asks reports whether somebody is asked how the answer worked: on the thread's
// page, and on the front page alike.
func (q asked) asks(who forum.Person) bool {
	q.t.Helper()
	home, err := q.HomePage(q.t.Context(), who)
	if err != nil {
		q.t.Fatal(err)
	}
	there := slices.ContainsFunc(home.ToTell, func(t forum.Thread) bool { return t.ID == q.thread })
	if on := q.page(who).CanTell; on != there {
		q.t.Errorf("%q is asked on the thread's page: %v, on the front page: %v", who.Name, on, there)
	}
	return there
}

// Thirty days after an answer was accepted, the asker is asked whether it worked,
// and each council that has the problem or works on it: each once.
func TestDidItWorkIsAskedOnce(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	bea, cai := forumtest.Person(t, q.Store, "Bea", "Southmoor"), forumtest.Person(t, q.Store, "Cai", "Northmoor")
	q.accept(q.ada, q.first.ID, true)
	if err := q.UsToo(t.Context(), q.ben, q.thread, true, "solved"); err != nil {
		t.Fatal(err)
	}
	q.clock.Advance(30*day - time.Second)
	if q.asks(q.ada) || !errors.Is(q.tell(q.ada, "worked"), forum.ErrForbidden) {
		t.Error("asked before thirty days are over")
	}
	q.clock.Advance(time.Second)
	if !q.asks(q.ada) || q.asks(q.ben) || q.asks(cai) {
		t.Error("thirty days on not the asker alone is asked")
	}
	if err := q.UsToo(t.Context(), q.ben, q.thread, true, "working"); err != nil {
		t.Fatal(err)
	}
	if !q.asks(q.ben) || !q.asks(bea) || q.asks(visitor) || !errors.Is(q.tell(cai, "no"), forum.ErrForbidden) {
		t.Error("it is not the council that works on it who is asked")
	}
	if bad := (forum.Invalid)(nil); !errors.As(q.tell(bea, "maybe"), &bad) || bad[0].Field != "answer" {
		t.Errorf("maybe: got %v", bad)
	}
	for who, answer := range map[string]string{"ada": "worked", "bea": "no"} {
		if err := q.tell(map[string]forum.Person{"ada": q.ada, "bea": bea}[who], answer); err != nil {
			t.Fatal(err)
		}
	}
	if q.asks(q.ada) || q.asks(bea) || q.asks(q.ben) {
		t.Error("who has told is asked again")
	}
	before := len(q.happened())
	if err := q.tell(q.ben, "worked"); err != nil || len(q.happened()) != before {
		t.Errorf("for a council that has told: %v, %q", err, q.happened())
	}
	p := q.page(visitor)
	if p.Answer == nil || len(p.Outcomes) != 2 || !slices.ContainsFunc(p.Outcomes, func(o forum.Outcome) bool {
		return o.Answer == "no" && o.Note == "As said." && o.PersonName == "Bea" && o.CouncilName == "Southmoor Borough Council"
	}) {
		t.Errorf("told: %+v of %+v", p.Outcomes, p.Answer)
	}
}

// A council that has said by a press that the answer worked has told already.
func TestWhoSaidThatItWorkedIsNotAsked(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	dee := forumtest.Person(t, q.Store, "Dee", "Rushmoor")
	q.accept(q.ada, q.first.ID, true)
	if err := q.UsToo(t.Context(), dee, q.thread, true, "working"); err != nil {
		t.Fatal(err)
	}
	q.clock.Advance(30 * day)
	if !q.asks(dee) {
		t.Fatal("who works on it is not asked")
	}
	if err := q.Worked(t.Context(), dee, q.first.ID, true); err != nil {
		t.Fatal(err)
	}
	if q.asks(dee) || !q.asks(q.ada) {
		t.Error("the council that has said so is asked, or the asker is not")
	}
}

// An answer that did not work for the asker is taken back, and the question has
// replies again; of a new acceptance it is asked anew.
func TestAnAnswerThatDidNotWorkIsTakenBack(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	q.accept(q.ada, q.first.ID, true)
	q.clock.Advance(30 * day)
	if err := q.tell(q.ada, "no"); err != nil {
		t.Fatal(err)
	}
	q.wantIn("replied", "open")
	if err := q.tell(q.ada, "no"); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("of no answer: got %v, want ErrForbidden", err)
	}
	q.accept(q.ada, q.first.ID, true)
	if p := q.page(q.ada); len(p.Outcomes) != 0 || q.asks(q.ada) {
		t.Errorf("accepted anew: %+v", p.Outcomes)
	}
	q.clock.Advance(30 * day)
	if !q.asks(q.ada) {
		t.Error("of the new acceptance nobody asks")
	}
	q.wantHappened("answer_accepted 2", "outcome_told 2", "answer_withdrawn 2", "answer_accepted 2")
}

// What is kept for later is listed, first what is due, and is gone from the list
// once its reader may not see it.
func TestSavedForLater(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	second := forumtest.Ask(t, q.Store, q.ada, forum.AskDraft{Title: "Among councils", Visibility: "councils"})
	third := forumtest.Thread(t, q.Store, q.ada, "And the third?")
	soon, later, past, none := q.Now().Add(day), q.Now().Add(9*day), q.Now(), time.Time{}
	save := func(thread int64, remind *time.Time) error { return q.Save(t.Context(), q.ben, thread, true, remind) }
	for _, day := range []*time.Time{&past, &none} {
		if bad := (forum.Invalid)(nil); !errors.As(save(q.thread, day), &bad) || bad[0].Field != "remind" {
			t.Errorf("%v: got %v, want a problem with the day", day, bad)
		}
	}
	for thread, day := range map[int64]*time.Time{q.thread: nil, second: &later, third: &later} {
		if err := save(thread, day); err != nil {
			t.Fatal(err)
		}
	}
	if err := save(second, &soon); err != nil { // another day
		t.Fatal(err)
	}
	q.clock.Advance(2 * day)
	want := func(who forum.Person, want ...int64) {
		t.Helper()
		list, err := q.SavedPage(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, s := range list {
			got = append(got, s.ID)
			if s.Due != (s.ID == second) {
				t.Errorf("thread %d is due: %v", s.ID, s.Due)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("saved by %q: got %v, want %v", who.Name, got, want)
		}
	}
	want(q.ben, second, third, q.thread)
	want(q.ada)
	if p := q.page(q.ben); p.Saved == nil || p.Saved.RemindAt != nil {
		t.Errorf("saved: %+v", p.Saved)
	}
	fallen := q.ben
	fallen.SuspendedUntil = &later
	want(fallen, third, q.thread)
	if err := q.Save(t.Context(), q.ben, third, false, nil); err != nil {
		t.Fatal(err)
	}
	want(q.ben, second, q.thread)
}
