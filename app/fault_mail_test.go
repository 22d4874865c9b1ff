package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// posted is a world that sends its mail to a relay, with colleagues who follow a thread
// at once. Each has the address of their name.
func posted(t *testing.T, r *relay, names ...string) (w *world, thread int64) {
	t.Helper()
	w = openWorld(t, "MOOTHALL_SMTP_URL", r.url())
	w.add("author", w.colleague("Ada Author", "Northmoor"))
	thread = forumtest.Thread(t, w.store, w.people["author"], "Who has moved bins online?")
	for _, name := range names {
		who := w.add(name, w.colleague(name, "Southmoor"))
		w.address(who, mailOf(name))
		w.must(w.store.Follow(t.Context(), who, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant))
	}
	return w, thread
}

func mailOf(name string) string { return strings.ToLower(name) + "@southmoor.gov.example" }

// say has the author post something that the followers are told of.
func (w *world) say(thread int64, words string) {
	w.t.Helper()
	if got := w.post("author", threadAt(thread)+"/posts", "body", words); got.status != 303 {
		w.t.Fatalf("posting: %d %s", got.status, short(got.body))
	}
}

// settled waits until no letter waits, moving the clock on for those that are to be
// tried again.
func (w *world) settled() {
	w.t.Helper()
	tries := 0
	within(w.t, "every letter comes to something", func() bool {
		if tries++; tries%20 == 0 {
			w.advance(2 * time.Minute)
		}
		return w.number(`select count(*) from letters where done_at is null`)+w.number(`select count(*) from river_job where kind = 'fan_out' and state <> 'completed'`) == 0
	})
}

// Whatever a mail server does to one mail, the others go; what it put off goes later,
// once; what it took without saying so may come twice, as the same mail; what it refuses
// for good is not tried again, and the third time the site says so and stops.
func TestWhatAMailServerDoesToOneMailHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	r := openRelay(t)
	w, thread := posted(t, r, "Good", "Fine", "Later", "Cut", "Slow", "Gone")
	later, refused := "451 4.7.1 come again", "550 5.1.1 nobody there"
	r.tells(mailOf("Later"), later, later, later)
	r.tells(mailOf("Cut"), cuts)
	r.tells(mailOf("Slow"), hangs)
	r.tells(mailOf("Gone"), refused, refused, refused)
	w.say(thread, "We did, in May.")
	within(t, "all but what is slow goes", func() bool {
		return len(r.got(mailOf("Good")))+len(r.got(mailOf("Fine"))) == 2 && r.tried(mailOf("Slow")) == 1 &&
			w.states(w.people["Good"].ID) == "sent" && w.states(w.people["Fine"].ID) == "sent" && w.states(w.people["Gone"].ID) == "bounced refused"
	})
	r.leave() // which cuts the slow one
	r.back()
	w.settled()
	for name, want := range map[string]struct {
		tried, taken int
		states       string
	}{"Good": {1, 1, "sent"}, "Fine": {1, 1, "sent"}, "Later": {4, 1, "sent"}, "Cut": {2, 2, "sent"}, "Slow": {2, 1, "sent"}, "Gone": {1, 0, "bounced refused"}} {
		got := r.got(mailOf(name))
		if r.tried(mailOf(name)) != want.tried || len(got) != want.taken || len(slices.Compact(got)) > 1 || w.states(w.people[name].ID) != want.states {
			t.Errorf("%s: tried %d times, %d came (%v), letters: %s; want %+v", name, r.tried(mailOf(name)), len(got), got, w.states(w.people[name].ID), want)
		}
	}
	for n := range 3 {
		w.say(thread, fmt.Sprint("And this ", n))
		w.settled()
	}
	if got := w.states(w.people["Gone"].ID); got != "bounced refused, bounced refused, bounced refused, suppressed unreachable" || r.tried(mailOf("Gone")) != 3 {
		t.Errorf("after the third refusal: %s, tried %d times", got, r.tried(mailOf("Gone")))
	}
	for _, path := range []string{"/account/emails", "/account/notices"} { // the bell leads to the second
		if page := w.get("Gone", path).body; !strings.Contains(page, `action="/account/emails/try"`) || !strings.Contains(page, mailOf("Gone")) {
			t.Errorf("%s does not say that mail does not reach them", path)
		}
		if page := w.get("Good", path).body; strings.Contains(page, `action="/account/emails/try"`) {
			t.Errorf("%s says so to somebody whom mail reaches", path)
		}
	}
}

// A mail server that is away for an hour costs nobody a mail, and nobody has one twice.
func TestAMailServerMayBeAwayForAnHour(t *testing.T) {
	t.Parallel()
	r := openRelay(t)
	names := []string{"Bea", "Col", "Dan", "Eve", "Fay"}
	w, thread := posted(t, r, names...)
	r.leave()
	w.say(thread, "We did, in May.")
	within(t, "it is tried", func() bool {
		return w.number(`select count(*) from letters where state = 'deferred' and tries > 0`) > 0
	})
	for range 3 {
		w.advance(20 * time.Minute)
		w.say(thread, "Still there?")
	}
	if n := w.number(`select count(*) from letters where done_at is not null`); n != 0 {
		t.Errorf("%d letters came to something while nobody took any", n)
	}
	r.back()
	w.settled()
	for _, name := range names {
		got := r.got(mailOf(name))
		slices.Sort(got)
		if len(got) != 4 || len(slices.Compact(got)) != 4 {
			t.Errorf("%s has the mails %v, want 4 different ones", name, got)
		}
	}
}
