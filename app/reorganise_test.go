package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"moothall/forum/forumtest"
)

// The verb says what will be done on a day to come, and does nothing before it; what it
// does on the day it does once, and says who must say themselves where they work.
func TestReorganiseIsToldAndSeenBeforehand(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	env := environ(t, map[string]string{"DATABASE_URL": db.Config().ConnString()})
	ann := forumtest.Person(t, store, "Ann", "elmbridge")
	forumtest.Person(t, store, "Carl", "surrey")
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, 0, "nothing to do: the next is on 2027-04-01\n"},
		{[]string{"--date", "2027-04-01"}, 1, "still to come"},
		{[]string{"--date", "April", "--dry-run"}, 1, "not a date"},
		{[]string{"--date", "2027-03-31", "--dry-run"}, 0, "nothing to do: the next is on 2027-04-01\n"},
		{[]string{"--date", "2027-04-01", "--dry-run"}, 0, "elmbridge becomes east-surrey on 2027-04-01: 0 follows, 1 domains, 1 people and 0 leads go along\n"},
		{[]string{"--date", "2027-04-01", "--dry-run"}, 0, "are asked at their next visit where they work: "},
	} {
		out, errs, status := told(t, t.Context(), env, append([]string{"reorganise"}, c.args...)...)
		if status != c.status || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: status %d, it said %q %q", c.args, status, out, errs)
		}
	}
	if got := forumtest.Again(t, store, ann); got.CouncilSlug != "elmbridge" {
		t.Fatalf("a dry run moved somebody to %s", got.CouncilSlug)
	}
	if _, err := db.Exec(t.Context(), `update successions set on_date = '2026-01-01' where kind = 'planned'`); err != nil {
		t.Fatal(err)
	}
	out, _, status := told(t, t.Context(), env, "reorganise")
	if status != 0 || !strings.Contains(out, "elmbridge became east-surrey") || !strings.Contains(out, " Carl\n") || strings.Count(out, "\n") != 12 {
		t.Errorf("status %d, it said %q", status, out)
	}
	if out, _, status = told(t, t.Context(), env, "reorganise"); status != 0 || out != "nothing to do\n" {
		t.Errorf("again: status %d, it said %q", status, out)
	}
}

// On the day the site does it by itself: the old address leads to the new one, and who
// must choose is asked on every page.
func TestTheSiteReorganisesOnTheDay(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ann := forumtest.Person(t, h.store, "Ann", "elmbridge")
	carl := forumtest.Person(t, h.store, "Carl", "surrey")
	forumtest.Thread(t, h.store, ann, "Who joins two planning systems?")
	h.guest().get("/councils/elmbridge").wantStatus(t, http.StatusOK)
	wait := time.Until(time.Date(2027, 4, 1, 12, 0, 0, 0, time.UTC))
	h.guest().post("/dev/clock", url.Values{"advance": {wait.Round(time.Second).String()}}).wantStatus(t, http.StatusOK)
	for deadline := time.Now().Add(60 * time.Second); forumtest.Again(t, h.store, carl).CouncilEnded == false || forumtest.Again(t, h.store, ann).CouncilSlug != "east-surrey"; {
		if time.Now().After(deadline) {
			t.Fatal("nothing was done on the day")
		}
		time.Sleep(200 * time.Millisecond)
	}
	moved := h.guest().get("/councils/elmbridge")
	moved.wantStatus(t, http.StatusMovedPermanently)
	if got := moved.Header.Get("Location"); got != "/councils/east-surrey" {
		t.Errorf("the old address leads to %q", got)
	}
	h.guest().get("/councils/east-surrey").has(t, "Elmbridge Borough Council", "Until 31 March 2027", "Who joins two planning systems?", "(now East Surrey)")
	h.guest().get("/councils/surrey").has(t, "East Surrey Council", "West Surrey Council")
	reader := h.as(carl)
	h.must(`update sessions set started_at = '2027-04-01 12:00Z', seen_at = '2027-04-01 12:00Z', fresh_at = '2027-04-01 12:00Z'`)
	reader.get("/threads").has(t, "Your council has ended", `href="/account/council"`)
	reader.get("/account/council").has(t, `value="east-surrey"`, `value="west-surrey"`)
}
