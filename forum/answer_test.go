package forum_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/forumtest"
)

const day = 24 * time.Hour

// asked is a question by Ada of Northmoor with two replies by Ben of Southmoor.
type asked struct {
	*forum.Store
	t             *testing.T
	db            *pgxpool.Pool
	clock         *forumtest.Clock
	ada, ben, mod forum.Person
	thread        int64
	first, second forum.Posted
}

func openAsked(t *testing.T) asked {
	t.Helper()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	q := asked{Store: store, t: t, db: db, clock: clock,
		ada: forumtest.Person(t, store, "Ada", "Northmoor"), ben: forumtest.Person(t, store, "Ben", "Southmoor"),
		mod: forumtest.Granted(t, store, forumtest.Person(t, store, "Mo", "Southmoor"), forum.Moderator)}
	q.thread = forumtest.Thread(t, store, q.ada, "Who has moved planning notices online?")
	q.first = forumtest.Reply(t, store, q.ben, q.thread, "We did. Ask the crew first.")
	q.second = forumtest.Reply(t, store, q.ben, q.thread, "Or ask them last.")
	return q
}

// page is the first page of the thread as somebody sees it.
func (q asked) page(who forum.Person) forum.ThreadPage {
	q.t.Helper()
	p, err := q.ThreadPage(q.t.Context(), who, q.thread, 1, 0)
	if err != nil {
		q.t.Fatal(err)
	}
	return p
}

func (q asked) accept(who forum.Person, post int64, on bool) {
	q.t.Helper()
	if err := q.Accept(q.t.Context(), who, post, on); err != nil {
		q.t.Fatal(err)
	}
}

// hide hides a post, or shows it again, as a moderator's deed does.
func (q asked) hide(post int64, on bool) {
	q.t.Helper()
	err := q.Do(q.t.Context(), q.mod, func(d *forum.Deed) error {
		p, _, err := d.Post(q.t.Context(), post)
		if err != nil {
			return err
		}
		return d.SetPostHidden(q.t.Context(), p, on, forum.Entry{Reason: "It names a resident."})
	})
	if err != nil {
		q.t.Fatal(err)
	}
}

// happened are the kinds of event of answers, in turn.
func (q asked) happened() []string {
	q.t.Helper()
	rows, err := q.db.Query(q.t.Context(), `select kind || ' ' || coalesce((select number from posts where id = post_id), 0) from events
		where kind in ('answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told') order by id`)
	if err != nil {
		q.t.Fatal(err)
	}
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		q.t.Fatal(err)
	}
	return kinds
}

func (q asked) wantHappened(want ...string) {
	q.t.Helper()
	if got := q.happened(); !slices.Equal(got, want) {
		q.t.Errorf("what happened: got %q, want %q", got, want)
	}
}

// in reports whether the thread stands in the listing of a state.
func (q asked) in(state string) bool {
	q.t.Helper()
	l, err := q.ThreadList(q.t.Context(), visitor, forum.Filter{State: state})
	if err != nil {
		q.t.Fatal(err)
	}
	return slices.ContainsFunc(l.Threads, func(t forum.Thread) bool { return t.ID == q.thread })
}

func (q asked) wantIn(want ...string) {
	q.t.Helper()
	var got []string
	for _, state := range forum.States {
		if q.in(state) {
			got = append(got, state)
		}
	}
	if !slices.Equal(got, want) {
		q.t.Errorf("the thread stands among %q, want %q", got, want)
	}
}

// One answer is accepted at a time: changing it moves it, and the same again
// changes nothing.
func TestAnAnswerIsAcceptedMovedAndTakenBack(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	q.wantIn("replied", "open")
	q.accept(q.ada, q.first.ID, true)
	q.accept(q.ada, q.first.ID, true)
	q.wantIn("answered", "open")
	p := q.page(visitor)
	if p.Answer == nil || p.Answer.Number != 2 || p.Answer.ByName != "Ada" || p.Answer.Own || p.Answer.Excerpt != "We did. Ask the crew first." || !p.Answer.At.Equal(q.Now()) {
		t.Errorf("the answer in short is %+v", p.Answer)
	}
	q.accept(q.ada, q.second.ID, false) // it is not that one
	q.accept(q.ada, q.second.ID, true)
	if p := q.page(visitor); p.Answer == nil || p.Answer.Number != 3 {
		t.Errorf("moved: the answer is %+v", p.Answer)
	}
	q.accept(q.ada, q.second.ID, false)
	q.accept(q.ada, q.second.ID, false)
	if p := q.page(visitor); p.Answer != nil {
		t.Errorf("taken back: the answer is %+v", p.Answer)
	}
	q.wantIn("replied", "open")
	q.wantHappened("answer_accepted 2", "answer_withdrawn 2", "answer_accepted 3", "answer_withdrawn 3")
}

// The asker accepts, and curators; after 14 days the colleagues of the asker's
// council too. Who may not changes nothing.
func TestWhoMayAccept(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	cora := forumtest.Granted(t, q.Store, forumtest.Person(t, q.Store, "Cora", "Southmoor"), forum.Curator)
	cai, eve := forumtest.Person(t, q.Store, "Cai", "Northmoor"), forumtest.NewcomerOf(t, q.Store, "Eve", "Northmoor")
	dot := forumtest.SupplierOf(t, q.Store, "Dot", "Roundsman")
	for _, when := range []struct {
		after time.Duration
		may   []string
	}{{0, []string{"Ada", "Cora"}}, {14*day - time.Second, []string{"Ada", "Cora"}}, {14 * day, []string{"Ada", "Cai", "Cora"}}} {
		q.clock.Advance(when.after - q.Now().Sub(forumtest.Noon))
		for _, who := range []forum.Person{visitor, q.ada, q.ben, q.mod, cora, cai, eve, dot} {
			var want error
			if !slices.Contains(when.may, who.Name) {
				want = forum.ErrForbidden
			}
			before := count(t, q.db)
			if err := q.Accept(t.Context(), who, q.first.ID, true); !errors.Is(err, want) {
				t.Errorf("%q after %s: got %v, want %v", who.Name, when.after, err, want)
			}
			if want != nil && count(t, q.db) != before {
				t.Errorf("%q after %s changed something", who.Name, when.after)
			}
			q.accept(q.ada, q.first.ID, false)
		}
	}
}

// Neither the question itself, nor what is hidden or held, nor a post of a
// discussion can be the answer; one's own reply can, and is said to be.
func TestWhatCanBeTheAnswer(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	hidden := forumtest.Reply(t, q.Store, q.ada, q.thread, "Mrs Example rang.")
	q.hide(hidden.ID, true)
	lead := forumtest.Granted(t, q.Store, forumtest.Granted(t, q.Store, forumtest.Person(t, q.Store, "Lea", "Northmoor"), forum.Lead), forum.Curator)
	held := forumtest.Reply(t, q.Store, forumtest.NewcomerOf(t, q.Store, "Eve", "Northmoor"), q.thread, "May I?")
	talk := forumtest.Ask(t, q.Store, q.ada, forum.AskDraft{Title: "Let us talk", Kind: forum.Discussion})
	said := forumtest.Reply(t, q.Store, q.ben, talk, "Let us.")
	for name, try := range map[string]struct {
		who  forum.Person
		post int64
	}{
		"the question": {q.ada, q.page(q.ada).Posts[0].ID}, "what is hidden": {q.ada, hidden.ID}, "what is held": {lead, held.ID}, "a discussion": {q.ada, said.ID},
	} {
		if err := q.Accept(t.Context(), try.who, try.post, true); !errors.Is(err, forum.ErrForbidden) {
			t.Errorf("%s: got %v, want ErrForbidden", name, err)
		}
	}
	own := forumtest.Reply(t, q.Store, q.ada, q.thread, "It was the cable.")
	q.accept(q.ada, own.ID, true)
	if p := q.page(visitor); p.Answer == nil || !p.Answer.Own {
		t.Errorf("one's own: %+v", p.Answer)
	}
}

// When the accepted post is taken back or hidden, so is its acceptance, at once;
// showing the post again does not bring it back.
func TestTheAcceptanceGoesWithItsPost(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	q.accept(q.ada, q.first.ID, true)
	q.hide(q.first.ID, true)
	if p := q.page(q.mod); p.Answer != nil || p.Thread.AnswerID != 0 {
		t.Errorf("hidden: the answer is %+v", p.Answer)
	}
	q.hide(q.first.ID, false)
	if p := q.page(q.ada); p.Answer != nil {
		t.Errorf("shown again: the answer is %+v", p.Answer)
	}
	q.accept(q.ada, q.second.ID, true)
	if _, err := q.Delete(t.Context(), q.ben, q.second.ID); err != nil {
		t.Fatal(err)
	}
	q.wantIn("replied", "open")
	q.wantHappened("answer_accepted 2", "answer_withdrawn 2", "answer_accepted 3", "answer_withdrawn 3")
}

// An edit of the accepted post is told to who may accept, until they say that it
// still answers the question.
func TestAnEditOfTheAnswerShows(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	q.accept(q.ada, q.first.ID, true)
	if _, err := q.Edit(t.Context(), q.ben, q.first.ID, forum.EditDraft{Body: "We did not.", Version: 1}); err != nil {
		t.Fatal(err)
	}
	if p := q.page(q.ada); p.Answer == nil || !p.Answer.Changed || !p.CanAccept || p.Answer.Excerpt != "We did not." {
		t.Errorf("edited: %+v", p.Answer)
	}
	if h := historyOf(t, q.Store, q.ada, q.first.ID); len(h.Versions) != 2 { // not quiet: somebody has built on it
		t.Errorf("of what was accepted the history has %+v", h.Versions)
	}
	q.accept(q.ada, q.first.ID, true)
	if p := q.page(q.ada); p.Answer == nil || p.Answer.Changed {
		t.Errorf("said to stand: %+v", p.Answer)
	}
	q.wantHappened("answer_accepted 2")
}

// A question is solved without an answer, in a word; it waits for none any more,
// and an accepted answer takes the place of that.
func TestAQuestionIsSolvedWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	solve := func(who forum.Person, on bool, why string) error { return q.Solve(t.Context(), who, q.thread, on, why) }
	if err := solve(q.ben, true, "I say so."); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("by another: got %v, want ErrForbidden", err)
	}
	for _, why := range []string{" \n", strings.Repeat("é", 501)} {
		if bad := (forum.Invalid)(nil); !errors.As(solve(q.ada, true, why), &bad) || bad[0].Field != "body" {
			t.Errorf("%.9q: got %v, want a problem with the body", why, bad)
		}
	}
	for range 2 {
		if err := solve(q.ada, true, " The supplier mended it. "); err != nil {
			t.Fatal(err)
		}
	}
	if p := q.page(visitor); !p.Thread.Solved || p.Thread.SolvedWhy != "The supplier mended it." || p.Thread.SolvedBy != "Ada" {
		t.Errorf("solved: %+v", p.Thread)
	}
	q.wantIn("open")
	q.accept(q.ada, q.first.ID, true)
	if err := solve(q.ada, true, "Really."); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("with an answer: got %v, want ErrForbidden", err)
	}
	if p := q.page(visitor); p.Thread.Solved || p.Answer == nil {
		t.Errorf("accepted: solved %v, answer %+v", p.Thread.Solved, p.Answer)
	}
	q.accept(q.ada, q.first.ID, false)
	if err := solve(q.ada, true, "Again."); err != nil {
		t.Fatal(err)
	}
	if err := solve(q.ada, false, ""); err != nil {
		t.Fatal(err)
	}
	q.wantIn("replied", "open")
	q.wantHappened("solved 0", "answer_accepted 2", "answer_withdrawn 2", "solved 0")
}

// Of many who accept different answers at once one stands, and for each that was
// taken back there is a line.
func TestAnswersAcceptedAtOnce(t *testing.T) {
	t.Parallel()
	q := openAsked(t)
	var wg sync.WaitGroup
	for range 6 {
		for _, post := range []int64{q.first.ID, q.second.ID} {
			wg.Go(func() {
				if err := q.Accept(t.Context(), q.ada, post, true); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	events := q.happened()
	for i, event := range events {
		if accepted := event[:15] == "answer_accepted"; accepted != (i%2 == 0) {
			t.Fatalf("out of turn: %q", events)
		}
	}
	if len(events)%2 == 0 || q.page(q.ada).Answer == nil {
		t.Errorf("after %d events the answer is %+v", len(events), q.page(q.ada).Answer)
	}
}
