package letters

import (
	"context"
	"strings"
	"sync"
	"testing"

	"moothall/forum"
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
