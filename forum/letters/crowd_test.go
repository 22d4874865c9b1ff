package letters

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// What was told of an event goes with it, and with its thread; and of an event that is
// not there nobody is told, also when it goes at that very moment.
func TestWhatWasToldGoesWithItsEvent(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	tell := func() (thread int64) {
		thread = h.ask(ada, "Bins?", "waste-management")
		h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
		h.reply(ada, thread, forum.PostDraft{Body: "I mean this."})
		h.tellAll()
		return thread
	}
	rows := func(want int) {
		t.Helper()
		var notices, letters int
		h.must(h.db.QueryRow(t.Context(), `select (select count(*) from notices where person_id = $1), (select count(*) from letters where person_id = $1)`, ben.ID).Scan(&notices, &letters))
		if notices != want || letters != want {
			t.Errorf("%d notices and %d letters, want %d of each", notices, letters, want)
		}
	}
	first, second := tell(), tell()
	rows(2)
	_, err := h.db.Exec(t.Context(), `delete from events where thread_id = $1`, first)
	h.must(err)
	rows(1)
	_, err = h.db.Exec(t.Context(), `delete from threads where id = $1`, second)
	h.must(err)
	rows(0)
	for _, sql := range []string{`insert into notices (person_id, event_id, reason, at) values ($1, 999999, 'chose', $2)`,
		`insert into letters (person_id, kind, key, event_id, created_at, due_at) values ($1, 'instant', 'x', 999999, $2, $2)`} {
		if _, err := h.db.Exec(t.Context(), sql, ben.ID, h.Now()); err == nil || !strings.Contains(err.Error(), "which is not there") {
			t.Errorf("of an event that is not there: %v", err)
		}
	}
	for range 5 {
		thread := h.ask(ada, "Bins?", "waste-management")
		h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
		h.reply(ada, thread, forum.PostDraft{Body: "I mean this."})
		var event int64
		h.must(h.db.QueryRow(t.Context(), `select max(id) from events`).Scan(&event))
		var both sync.WaitGroup
		both.Go(func() { _ = h.FanOut(context.Background(), event) }) // told, or nobody: the rows say
		both.Go(func() { _, err = h.db.Exec(context.Background(), `delete from events where id = $1`, event) })
		both.Wait()
		h.must(err)
	}
	rows(0)
}

// A letter that came back and is put in the queue once more days later is as good as new:
// it goes, and is not dropped for being late.
func TestALetterSentAgainDaysLaterGoes(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	boss := forumtest.Granted(t, h.Store.Store, h.person("Adam", "Southmoor"), forum.Administrator)
	h.writable(ben)
	thread := h.ask(ada, "Bins?", "waste-management")
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
	h.reply(ada, thread, forum.PostDraft{Body: "I mean this."})
	h.tellAll()
	claimed, err := h.Claim(t.Context(), 1)
	h.must(err)
	h.must(h.Refused(t.Context(), claimed[0], "ben@example.org", "550 no such mailbox", true))
	h.clock.Advance(5 * 24 * time.Hour)
	h.must(h.SendAgain(t.Context(), boss, claimed[0].ID))
	if sent := h.post(); len(sent) != 1 || sent[0].ID != claimed[0].ID {
		t.Errorf("%+v went out, want the letter", sent)
	}
}
