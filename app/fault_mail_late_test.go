package app_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// Between a post and its mail everything may change, by what people do on the site: who
// unfollowed, muted, stopped all mail or read it, was suspended, left, was erased, or may
// not see the thread any more has no mail, nor has anybody of a post that was taken back.
func TestWhatPeopleDoBeforeTheMailGoesCounts(t *testing.T) {
	t.Parallel()
	r := openRelay(t)
	w := openCast(t, "MOOTHALL_SMTP_URL", r.url(), "MOOTHALL_MAIL_HOLD", "1h")
	thread := forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: "Who has moved bins online?", Visibility: "councils"})
	at := func(name string) string { return personAt(w.people[name].ID) }
	nextWeek := time.Now().Add(7 * 24 * time.Hour).Format("2006-01-02")
	cases := map[string]func(name string) echo{
		"Stays":     func(string) echo { return echo{status: 303} },
		"Unfollows": func(name string) echo { return w.post(name, threadAt(thread)+"/follow", "cadence", "off") },
		"Mutes":     func(name string) echo { return w.post(name, threadAt(thread)+"/follow", "cadence", "mute") },
		"Slower":    func(name string) echo { return w.post(name, threadAt(thread)+"/follow", "cadence", "site") },
		"Stops":     func(name string) echo { return w.post(name, "/account/emails/stop", "on", "1") },
		"Clicks": func(name string) echo {
			got := w.press(w.stopToken(byThread, w.people[name].ID, thread, 0), nil, "List-Unsubscribe", "One-Click")
			return echo{status: got.status + 103}
		},
		"Suspended": func(name string) echo {
			return w.post("moderator", at(name)+"/suspend", "until", nextWeek, "reason", "Rude to a resident")
		},
		"Leaves": func(name string) echo { return w.post(name, "/account/leave", "sure", "1") },
		"Erased": func(name string) echo { return w.post(name, "/account/data/erase", "confirm", name) },
		"Sells": func(name string) echo {
			w.exec(`update people set standing = 'supplier', company = 'Binsoft', council_id = null where id = $1`, w.people[name].ID)
			return echo{status: 303}
		},
	}
	for name := range cases {
		who := w.add(name, w.colleague(name, "Southmoor"))
		w.address(who, mailOf(name))
		w.must(w.store.Follow(t.Context(), who, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant))
	}
	w.say(thread, "We did, in May.")
	queued := func() int64 {
		return w.number(`select count(*) from letters where done_at is null and kind = 'instant'`)
	}
	within(t, "everybody's letter waits", func() bool { return queued() == int64(len(cases)) })
	for name, deed := range cases {
		if got := deed(name); got.status != http.StatusSeeOther {
			t.Errorf("%s: got %d: %s", name, got.status, short(got.body))
		}
	}
	w.advance(61 * time.Minute)
	within(t, "every letter comes to something", func() bool { return queued() == 0 })
	for name := range cases {
		want := 0
		if name == "Stays" {
			want = 1
		}
		if got := r.posts(mailOf(name)); got != want {
			t.Errorf("%s has %d mails of the post, want %d: %s", name, got, want, w.states(w.people[name].ID))
		}
	}

	// And of what is taken back nobody hears.
	for n, deed := range []func(post int64) echo{
		func(post int64) echo { return w.post("author", postAt(post)+"/delete") },
		func(post int64) echo {
			return w.post("moderator", postAt(post)+"/hide", "on", "1", "reason", "It names a resident")
		},
		func(int64) echo {
			return w.post("moderator", threadAt(thread)+"/hide", "on", "1", "reason", "It names a resident")
		},
	} {
		w.say(thread, fmt.Sprint("Too much said ", n))
		within(t, "it waits", func() bool { return queued() == 1 })
		if got := deed(w.number(`select max(id) from posts`)); got.status != http.StatusSeeOther {
			t.Errorf("taking back %d: got %d: %s", n, got.status, short(got.body))
		}
		w.advance(61 * time.Minute)
		within(t, "it comes to something", func() bool { return queued() == 0 })
	}
	if n := r.posts(mailOf("Stays")); n != 1 {
		t.Errorf("%d mails of what was taken back went out", n-1)
	}
}
