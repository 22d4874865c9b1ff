package letters

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"moothall/forum"
)

var london = func() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return l
}()

// Over four hundred days, through both changes of the clocks, with nodes that make them
// at once and looks that come late, somebody has one digest a day, at their hour in
// London, and each post stands in exactly one.
func TestADigestEachDayForOverAYear(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben, cai := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Cai", "Southmoor")
	h.writable(ben, cai)
	topic := forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}
	h.follow(ben, topic, forum.Daily)
	h.follow(cai, topic, forum.Weekly)
	_, err := h.db.Exec(t.Context(), `insert into letter_settings (person_id, digest_day, digest_hour) values ($1, 1, 1), ($2, 3, 18)`, ben.ID, cai.ID)
	h.must(err)
	thread := h.ask(ada, "Bins?", "waste-management")
	h.tellAll()
	var daily, weekly, inDaily, inWeekly int
	posts := 1
	days := map[string]int{}
	for day := range 400 {
		if day%2 == 0 {
			posts++
			h.reply(ada, thread, forum.PostDraft{Body: fmt.Sprint("Day ", day)})
		}
		for range 8 { // a look each three hours, by two nodes at once
			h.clock.Advance(3 * time.Hour)
			h.tellAllNew()
			var nodes sync.WaitGroup
			for range 2 {
				nodes.Go(func() {
					defer func() { _ = recover() }()
					if _, err := h.MakeDigests(context.Background()); err != nil {
						t.Error(err)
					}
				})
			}
			nodes.Wait()
			for _, l := range h.post() {
				n := l.Digest.Sections[0].Topics[0].Items[0].New
				here := h.Now().In(london)
				if l.To.ID == ben.ID {
					daily, inDaily = daily+1, inDaily+n
					days[here.Format(time.DateOnly)]++
				} else {
					weekly, inWeekly = weekly+1, inWeekly+n
					if here.Weekday() != time.Wednesday && here.Add(-3*time.Hour).Weekday() != time.Wednesday || !l.Digest.Weekly {
						t.Errorf("the weekly one comes on %s", here)
					}
				}
			}
		}
	}
	for day, n := range days {
		if n != 1 {
			t.Errorf("on %s there are %d digests", day, n)
		}
	}
	if inDaily != posts || daily != 201 && daily != 200 {
		t.Errorf("%d daily digests hold %d posts, of %d", daily, inDaily, posts)
	}
	if inWeekly > posts || inWeekly < posts-4 || weekly < 56 || weekly > 58 {
		t.Errorf("%d weekly digests hold %d posts, of %d", weekly, inWeekly, posts)
	}
}

// tellAllNew does what the job does, for events that nobody was told of.
func (h *hall) tellAllNew() {
	h.t.Helper()
	var id int64
	for h.db.QueryRow(h.t.Context(), `select e.id from events e where not exists (select from notices n where n.event_id = e.id) order by id desc limit 1`).Scan(&id) == nil {
		h.must(h.FanOut(h.t.Context(), id))
		return
	}
}

// The times of digests are those of London, on the nights of both changes too.
func TestTimesOfDigestsAreThoseOfLondon(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, test := range []struct {
		fn, at, cadence, want string
		day, hour             int
	}{
		{"next", "2026-11-24T12:00:00Z", "daily", "2026-11-25T07:00:00Z", 1, 7},
		{"next", "2026-11-24T07:00:00Z", "daily", "2026-11-25T07:00:00Z", 1, 7},
		{"next", "2026-11-24T06:59:59Z", "daily", "2026-11-24T07:00:00Z", 1, 7},
		{"last", "2026-11-24T07:00:00Z", "daily", "2026-11-24T07:00:00Z", 1, 7},
		{"last", "2026-11-24T06:59:59Z", "daily", "2026-11-23T07:00:00Z", 1, 7},
		{"next", "2026-11-24T12:00:00Z", "weekly", "2026-11-30T07:00:00Z", 1, 7},
		{"next", "2026-11-24T12:00:00Z", "weekly", "2026-12-01T07:00:00Z", 2, 7},
		{"last", "2026-11-24T12:00:00Z", "weekly", "2026-11-24T07:00:00Z", 2, 7},
		{"last", "2026-11-24T12:00:00Z", "weekly", "2026-11-18T07:00:00Z", 3, 7},
		{"last", "2026-11-24T12:00:00Z", "weekly", "2026-11-23T07:00:00Z", 1, 7},
		{"next", "2027-03-27T07:00:00Z", "daily", "2027-03-28T06:00:00Z", 1, 7}, // the clocks go forward
		{"next", "2027-03-27T01:00:00Z", "daily", "2027-03-28T01:00:00Z", 1, 1}, // there is no one o'clock: the moment after
		{"next", "2027-10-30T06:00:00Z", "daily", "2027-10-31T07:00:00Z", 1, 7}, // and back
	} {
		var got time.Time
		h.must(h.db.QueryRow(t.Context(), `select `+test.fn+`_digest($1::text::timestamptz, $2, $3, $4)`, test.at, test.cadence, test.day, test.hour).Scan(&got))
		if got.UTC().Format(time.RFC3339) != test.want {
			t.Errorf("%s %s on day %d at %d after %s: %s, want %s", test.fn, test.cadence, test.day, test.hour, test.at, got.UTC().Format(time.RFC3339), test.want)
		}
	}
}

// After an outage of weeks there is one digest, with all of it; while mail is paused
// none, and one when it is over; and what is read, hidden or muted meanwhile is in none.
func TestADigestAfterAnOutageOrAPause(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	h.follow(ben, forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Daily)
	digest := func() []Letter {
		t.Helper()
		_, err := h.MakeDigests(t.Context())
		h.must(err)
		return h.post()
	}
	for n := range 33 {
		h.ask(ada, fmt.Sprint("Bins ", n), "waste-management")
	}
	h.tellAll()
	h.clock.Advance(14 * 24 * time.Hour)
	sent := digest()
	if len(sent) != 1 || sent[0].Digest.Threads != 33 || sent[0].Digest.More != 3 || sent[0].Digest.Sections[0].Key != "digest.can_you_help" {
		t.Fatalf("after the outage: %+v", sent)
	}
	if again := digest(); len(again) != 0 {
		t.Errorf("and %d more", len(again))
	}

	_, err := h.db.Exec(t.Context(), `insert into letter_settings (person_id, pause_until) values ($1, $2)`, ben.ID, h.Now().Add(10*24*time.Hour))
	h.must(err)
	muted, hidden, kept := h.ask(ada, "Muted", "waste-management"), h.ask(ada, "Hidden", "waste-management"), h.ask(ada, "Kept", "waste-management")
	h.tellAll()
	for range 9 {
		h.clock.Advance(24 * time.Hour)
		if sent := digest(); len(sent) != 0 {
			t.Errorf("while paused: %+v", sent)
		}
	}
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: muted}, forum.Muted)
	_, err = h.db.Exec(t.Context(), `update threads set hidden_at = $2, hidden_why = 'x' where id = $1`, hidden, h.Now())
	h.must(err)
	h.clock.Advance(2 * 24 * time.Hour)
	sent = digest()
	if len(sent) != 1 || sent[0].Digest.Threads != 1 || sent[0].Digest.Sections[0].Topics[0].Items[0].ID != kept {
		t.Errorf("after the pause: %+v", sent)
	}

	// Whose thread is muted or for the site alone hears of it where they are named, and of nothing else.
	_, err = h.db.Exec(t.Context(), `update letter_settings set pause_until = $2 where person_id = $1`, ben.ID, h.Now().Add(24*time.Hour))
	h.must(err)
	h.reply(ada, muted, forum.PostDraft{Body: "@ben and you?"})
	h.reply(ada, muted, forum.PostDraft{Body: "Nobody is named."})
	h.reply(ada, kept, forum.PostDraft{Body: "Which is followed on the site alone."})
	h.tellAll()
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: kept}, forum.OnSite)
	h.clock.Advance(2 * 24 * time.Hour)
	sent = digest()
	if len(sent) != 1 || sent[0].Digest.Threads != 1 || sent[0].Digest.Sections[0].Key != "digest.to_you" || sent[0].Digest.Sections[0].Topics[0].Items[0].New != 1 {
		t.Errorf("named in a muted thread, while paused: %+v", sent)
	}

	_, err = h.db.Exec(t.Context(), `update letter_settings set pause_until = null where person_id = $1`, ben.ID)
	h.must(err)
	gone := h.ask(ada, "Gone", "waste-management")
	h.tellAll()
	h.clock.Advance(24 * time.Hour)
	_, err = h.MakeDigests(t.Context())
	h.must(err)
	_, err = h.db.Exec(t.Context(), `update threads set hidden_at = $2, hidden_why = 'x' where id = $1`, gone, h.Now())
	h.must(err)
	if sent := h.post(); len(sent) != 0 {
		t.Errorf("of what was hidden there is a digest: %+v", sent)
	}
	var left int
	h.must(h.db.QueryRow(t.Context(), `select count(*) from digests_due`).Scan(&left))
	if left != 0 {
		t.Errorf("%d people wait for a digest with nothing in it", left)
	}
}

// What is about somebody and in no thread comes with the digest after a pause, which says
// how much of it there is; what they have read on the site by then is in none.
func TestWhatIsInNoThreadComesAfterAPause(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.person("Ada", "Northmoor")
	h.writable(ada)
	for _, read := range []bool{false, true} {
		h.exec(`insert into letter_settings (person_id, pause_until) values ($1, $2) on conflict (person_id) do update set pause_until = excluded.pause_until`, ada.ID, h.Now().Add(24*time.Hour))
		var event int64
		h.must(h.db.QueryRow(t.Context(), `insert into events (kind, at, person_id) values ('person_let_in', $1, $2) returning id`, h.Now(), ada.ID).Scan(&event))
		h.must(h.FanOut(t.Context(), event))
		if sent := h.post(); len(sent) != 0 {
			t.Errorf("while paused: %+v", sent)
		}
		if read {
			h.exec(`update notices set read_at = $1`, h.Now())
		}
		h.clock.Advance(2 * 24 * time.Hour)
		_, err := h.MakeDigests(t.Context())
		h.must(err)
		if sent := h.post(); read != (len(sent) == 0) || !read && (len(sent) != 1 || sent[0].Digest.Besides != 1 || sent[0].Digest.Threads != 0) {
			t.Errorf("after the pause, read %v: %+v", read, sent)
		}
	}
}
