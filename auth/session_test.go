package auth

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"moothall/forum/forumtest"
)

// The cookie is 32 random bytes, and the database holds only its hash.
func TestASessionIsKeptUnderTheHashOfItsCookie(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ada := h.person(t, "Ada")
	first, second := h.start(t, ada), h.start(t, ada)
	if len(first) != 43 || first == second {
		t.Errorf("cookies %q and %q: want two different of 43 characters", first, second)
	}
	if !h.live(t, first) || h.live(t, "") || h.live(t, first+"x") {
		t.Error("only the cookie itself opens the session")
	}
	var asText int
	err := h.db.QueryRow(t.Context(), `select count(*) from sessions s where s::text like '%' || $1 || '%'`, first).Scan(&asText)
	if err != nil || asText != 0 {
		t.Errorf("rows with the cookie itself: %d (%v), want 0", asText, err)
	}
}

// A session lives while it is used at least every 7 days, and never beyond 30.
func TestASessionEndsIdleOrOld(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ada := h.person(t, "Ada")
	used, unused := h.start(t, ada), h.start(t, ada)
	for day := 1; day <= 40; day++ {
		h.clock.Advance(24 * time.Hour)
		if got, want := h.live(t, unused), day < 7; got != want {
			t.Errorf("day %d: unused session live %v, want %v", day, got, want)
		}
		if got, want := h.live(t, used), day < 30; got != want {
			t.Errorf("day %d: used session live %v, want %v", day, got, want)
		}
		h.Seen(Hash(used))
		h.flush(t)
	}
}

// LiveSQL says the same as the constants.
func TestASessionLivesToTheLastSecond(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	cookie := h.start(t, h.person(t, "Ada"))
	h.clock.Advance(Idle - time.Second)
	if !h.live(t, cookie) {
		t.Error("a second before Idle: not live, want live")
	}
	h.clock.Advance(time.Second)
	if h.live(t, cookie) {
		t.Error("at Idle: live, want not")
	}
}

func TestEndingASession(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ada, ben := h.person(t, "Ada"), h.person(t, "Ben")
	here, there, bens := h.start(t, ada), h.start(t, ada), h.start(t, ben)

	for range 2 { // the same again is no mistake
		if err := h.End(t.Context(), Hash(here)); err != nil {
			t.Fatalf("End: %v", err)
		}
	}
	if h.live(t, here) || !h.live(t, there) || !h.live(t, bens) {
		t.Error("End ends one session and no other")
	}

	if err := h.EndOne(t.Context(), ada, sessionID(Hash(bens))); !errors.Is(err, ErrNoSession) {
		t.Errorf("EndOne of somebody else's: %v, want ErrNoSession", err)
	}
	if err := h.EndOne(t.Context(), ada, "nonsense"); !errors.Is(err, ErrNoSession) {
		t.Errorf("EndOne of nonsense: %v, want ErrNoSession", err)
	}
	if !h.live(t, bens) {
		t.Error("somebody else's session was ended")
	}
	for range 2 {
		if err := h.EndOne(t.Context(), ada, sessionID(Hash(there))); err != nil {
			t.Errorf("EndOne: %v", err)
		}
	}
	if h.live(t, there) {
		t.Error("EndOne left the session live")
	}
}

func TestEndAllSparesTheOneItIsAskedFrom(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ada, ben := h.person(t, "Ada"), h.person(t, "Ben")
	here, there, bens := h.start(t, ada), h.start(t, ada), h.start(t, ben)
	if err := h.EndAll(t.Context(), ada, Hash(here)); err != nil {
		t.Fatalf("EndAll: %v", err)
	}
	if !h.live(t, here) || h.live(t, there) || !h.live(t, bens) {
		t.Errorf("live: here %v, there %v, Ben's %v; want true, false, true", h.live(t, here), h.live(t, there), h.live(t, bens))
	}
	if err := h.EndAll(t.Context(), ada, nil); err != nil {
		t.Fatalf("EndAll: %v", err)
	}
	if h.live(t, here) || !h.live(t, bens) {
		t.Error("EndAll with nil ends all of one person's and nobody else's")
	}
}

func TestSessionsListsTheLiveOnes(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ada := h.person(t, "Ada")
	old := h.start(t, ada)
	h.clock.Advance(time.Hour)
	ended, recent := h.start(t, ada), h.start(t, ada)
	h.start(t, h.person(t, "Ben"))
	if err := h.End(t.Context(), Hash(ended)); err != nil {
		t.Fatalf("End: %v", err)
	}
	got, err := h.Sessions(t.Context(), ada)
	if err != nil || len(got) != 2 {
		t.Fatalf("Sessions: %d (%v), want 2", len(got), err)
	}
	if !bytes.Equal(got[0].Hash, Hash(recent)) || !bytes.Equal(got[1].Hash, Hash(old)) {
		t.Error("the last seen is not first")
	}
	want := Session{ID: sessionID(Hash(old)), Device: "Firefox on Linux", Provider: "dev"}
	if s := got[1]; s.ID != want.ID || s.Device != want.Device || s.Provider != want.Provider || !s.StartedAt.Equal(forumtest.Noon) {
		t.Errorf("session %+v, want %+v begun at noon", s, want)
	}
}

// Sightings go to the database only with Flush, and never backwards.
func TestSeenIsWrittenByFlush(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	cookie := h.start(t, h.person(t, "Ada"))
	h.clock.Advance(time.Hour)
	h.Seen(Hash(cookie))
	if got := h.seenAt(t, cookie); !got.Equal(forumtest.Noon) {
		t.Errorf("before Flush seen at %v, want noon", got)
	}
	other := NewStore(h.db, h.clock.Now) // another node, an hour behind with its writing
	other.Seen(Hash(cookie))
	h.clock.Advance(time.Hour)
	h.Seen(Hash(cookie))
	h.flush(t)
	if err := other.Flush(t.Context()); err != nil {
		t.Fatalf("Flush: %v", err)
	}
	if got, want := h.seenAt(t, cookie), forumtest.Noon.Add(2*time.Hour); !got.Equal(want) {
		t.Errorf("seen at %v, want %v", got, want)
	}
}

func TestFlushKeepsWhatItCouldNotWrite(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	cookie := h.start(t, h.person(t, "Ada"))
	h.clock.Advance(time.Hour)
	h.Seen(Hash(cookie))
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Flush(stopped); err == nil {
		t.Fatal("Flush on an ended context: nil, want an error")
	}
	h.flush(t)
	if got, want := h.seenAt(t, cookie), forumtest.Noon.Add(time.Hour); !got.Equal(want) {
		t.Errorf("seen at %v, want %v", got, want)
	}
}

// A sighting that is late, or was of a session that has lapsed, revives nothing.
func TestFlushRevivesNothing(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ada := h.person(t, "Ada")
	ended, lapsed := h.start(t, ada), h.start(t, ada)
	if err := h.End(t.Context(), Hash(ended)); err != nil {
		t.Fatalf("End: %v", err)
	}
	h.clock.Advance(Idle)
	h.Seen(Hash(ended))
	h.Seen(Hash(lapsed))
	h.flush(t)
	if h.live(t, ended) || h.live(t, lapsed) {
		t.Error("Flush made a session live again")
	}
}

// However many are seen, memory is bounded, and so is each statement.
func TestSeenIsBounded(t *testing.T) {
	t.Parallel()
	s := newSightings()
	for i := range seenMost + 10 {
		s.add(strconv.Itoa(i), forumtest.Noon)
	}
	if len(s.at) > seenMost {
		t.Errorf("%d sightings, want at most %d", len(s.at), seenMost)
	}
}

// What ended is remembered for a day and then goes; so do lapsed attempts.
func TestSweep(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ada := h.person(t, "Ada")
	ended := h.start(t, ada)
	h.start(t, ada) // lapses
	if err := h.End(t.Context(), Hash(ended)); err != nil {
		t.Fatalf("End: %v", err)
	}
	idp := newIDP(t, h.clock)
	h.begin(t, idp.provider(t, "oidc"), "/")
	for _, step := range []struct {
		after           time.Duration
		sessions, tries int
	}{
		{AttemptLife, 2, 1},
		{time.Second, 2, 0},
		{Kept - AttemptLife - time.Second, 2, 0},
		{time.Second, 1, 0},
		{Idle - time.Second, 1, 0}, // the other has lapsed a day ago
		{time.Second, 0, 0},
	} {
		h.clock.Advance(step.after)
		if _, err := h.Sweep(t.Context()); err != nil {
			t.Fatalf("Sweep: %v", err)
		}
		if s, a := h.count(t, "sessions"), h.count(t, "sign_in_attempts"); s != step.sessions || a != step.tries {
			t.Errorf("%v later: %d sessions, %d attempts; want %d, %d", step.after, s, a, step.sessions, step.tries)
		}
	}
}

func TestSweepGoesOnUntilAllIsGone(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	_, err := h.db.Exec(t.Context(), `
		insert into sign_in_attempts (id_hash, provider, state_hash, nonce, verifier, return_to, expires_at)
		select sha256(n::text::bytea), 'dev', '', '', '', '/', $1 from generate_series(1, 2500) n`, forumtest.Noon.Add(-time.Hour))
	if err != nil {
		t.Fatalf("insert: %v", err)
	}
	if gone, err := h.Sweep(t.Context()); err != nil || gone != 2500 {
		t.Errorf("Sweep: %d (%v), want 2500", gone, err)
	}
}

// A session that was signed out, or lapsed, is remembered for a day and no longer,
// also where nothing has swept it away.
func TestAnEndedSessionIsRememberedForADay(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ada := h.person(t, "Ada")
	out, unused, used := h.start(t, ada), h.start(t, ada), h.start(t, ada)
	if err := h.End(t.Context(), Hash(out)); err != nil {
		t.Fatal(err)
	}
	for hour := 0; hour <= 33*24; hour += 4 {
		at := time.Duration(hour) * time.Hour
		for name, c := range map[string]struct {
			cookie      string
			until, kept time.Duration
		}{"signed out": {out, 0, Kept}, "unused": {unused, Idle, Idle + Kept}, "used": {used, Longest, Longest + Kept}} {
			who, live, err := h.forum.PersonOf(t.Context(), Hash(c.cookie), LiveSQL, KeptSQL)
			if err != nil || live != (at < c.until) || who.SignedIn() != (at < c.kept) {
				t.Fatalf("%s, after %v: live %v, remembered %v (%v)", name, at, live, who.SignedIn(), err)
			}
		}
		h.clock.Advance(4 * time.Hour)
		h.Seen(Hash(used))
		if err := h.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
