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

// What was for a mailbox goes with it. What was being written for it at that moment is
// for nobody: it is sent nowhere, holds up nobody's mail, and is swept.
func TestWhatWasForAMailboxGoesWithIt(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ada)
	team := h.mailbox(ada, "digital@northmoor.gov.example")
	h.exec(`delete from letters`) // by which it was asked
	h.follow(ada, forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Daily)
	h.ask(ben, "Bins?", "waste-management")
	h.tellAll()
	h.exec(`insert into digests_due (person_id, due_at) values ($1, $2)`, team, h.Now())
	left := func() int {
		t.Helper()
		return h.count(`select count(*) from (select person_id from notices union all select person_id from letters union all select person_id from digests_due) x where person_id = $1`, team)
	}
	if n := left(); n != 3 {
		t.Fatalf("%d rows for the mailbox, want a notice, a letter and a day", n)
	}
	h.must(h.Do(t.Context(), forum.Person{}, func(d *forum.Deed) error { return d.DropRecipients(t.Context(), []int64{team}) }))
	if n := left(); n != 0 {
		t.Errorf("%d rows are left of the mailbox, want none", n)
	}

	event := h.count(`select max(id) from events`)
	h.exec(`insert into notices (person_id, event_id, thread_id, post_id, reason, at, cadence) select $1, e.id, e.thread_id, e.post_id, 'chose', e.at, 'daily' from events e where e.id = $2`, team, event)
	h.exec(`insert into letters (person_id, kind, key, event_id, created_at, due_at) values ($1, 'instant', 'event:x', $2, $3, $3)`, team, event, h.Now())
	h.exec(`insert into digests_due (person_id, due_at) values ($1, $2)`, team, h.Now())
	h.clock.Advance(24 * time.Hour)
	_, err := h.MakeDigests(t.Context())
	h.must(err)
	sent := h.post()
	if len(sent) != 1 || sent[0].To.ID != ada.ID {
		t.Errorf("%d letters went out, want her digest alone", len(sent))
	}
	if n := h.count(`select count(*) from letters where person_id = $1 and state = 'dropped'`, team); n != 2 {
		t.Errorf("%d letters to nobody were dropped, want both", n)
	}
	h.clock.Advance(370 * 24 * time.Hour)
	_, err = h.Sweep(t.Context())
	h.must(err)
	if n := left(); n != 0 {
		t.Errorf("%d rows are left of what was written for nobody, want none", n)
	}
}
