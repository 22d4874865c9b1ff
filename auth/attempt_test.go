package auth

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// 38, 39: an attempt belongs to its browser, works once, and for ten minutes.
func TestAnAttemptIsForOneBrowserOnce(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	p := i.provider(t, "oidc")

	address, cookie := h.begin(t, p, "/threads/1")
	query := i.authorise(t, address)
	if _, err := h.finish(t, p, query, ""); failure(err) != Stale {
		t.Errorf("39: in a browser without the cookie: %v, want stale", err)
	}
	if _, err := h.finish(t, p, query, cookie); err != nil {
		t.Errorf("in its own browser, after that: %v", err)
	}
	if _, err := h.finish(t, p, query, cookie); failure(err) != Stale {
		t.Errorf("38: the second time: %v, want stale", err)
	}
	if _, err := h.finish(t, p, query, ""); failure(err) != Stale {
		t.Errorf("38: the second time, elsewhere: %v, want stale", err)
	}

	mallory, _ := h.begin(t, p, "/")
	_, victims := h.begin(t, p, "/")
	if _, err := h.finish(t, p, i.authorise(t, mallory), victims); failure(err) != Mixed {
		t.Errorf("39: the state of another browser: %v, want mixed", err)
	}
	if n := i.times("/token"); n != 1 {
		t.Errorf("%d codes were exchanged, want 1", n)
	}
}

// An attempt is of the way to sign in that it was begun with: two ways that lead to
// one provider are two.
func TestAnAttemptIsOfOneProvider(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	address, cookie := h.begin(t, i.provider(t, "dev"), "/")
	query := i.authorise(t, address)
	if _, err := h.finish(t, i.provider(t, "oidc"), query, cookie); failure(err) != Mixed {
		t.Errorf("got %v, want mixed", err)
	}
	if n := i.times("/token"); n != 0 {
		t.Errorf("%d codes were exchanged, want none", n)
	}
}

func TestAnAttemptLapses(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration]AttemptFailure{9 * time.Minute: "", AttemptLife: Stale, 11 * time.Minute: Stale} {
		h := openHouse(t)
		i := newIDP(t, h.clock)
		p := i.provider(t, "oidc")
		address, cookie := h.begin(t, p, "/")
		h.clock.Advance(after)
		if _, err := h.finish(t, p, i.authorise(t, address), cookie); failure(err) != want {
			t.Errorf("after %v: %v, want %q", after, err, want)
		}
	}
}

// Two tabs of one browser do not know of each other: both sign in, each to where
// it was going, whatever the order.
func TestTwoTabsAtOnce(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	p := i.provider(t, "oidc")
	jar := map[string]string{}
	var backs []url.Values
	for _, page := range []string{"/threads/1", "/threads/2"} {
		address, cookie := h.begin(t, p, page)
		jar[AttemptCookie(cookie)] = cookie
		backs = append(backs, i.authorise(t, address))
	}
	for n, want := range []string{"/threads/2", "/threads/1"} {
		query := backs[1-n]
		login, err := h.finish(t, p, query, jar[AttemptCookie(query.Get("state"))])
		if err != nil || login.ReturnTo != want {
			t.Errorf("tab to %s: %+v, %v", want, login, err)
		}
	}
}

// Of many callbacks of one attempt at once, one signs in.
func TestOneOfManyCallbacksWins(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	p := i.provider(t, "oidc")
	address, cookie := h.begin(t, p, "/")
	query := i.authorise(t, address)
	var wg sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range 8 {
		wg.Go(func() {
			if _, err := h.Finish(t.Context(), p, query, cookie); err == nil {
				mu.Lock()
				in++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if in != 1 {
		t.Errorf("%d signed in, want 1", in)
	}
}

// State, nonce, verifier and cookie are new each time, and the database has
// neither state nor cookie.
func TestAnAttemptTellsNothing(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	p := i.provider(t, "oidc")
	said := map[string]bool{}
	for range 3 {
		address, cookie := h.begin(t, p, "/")
		u, _ := url.Parse(address)
		q := u.Query()
		for _, s := range []string{cookie, q.Get("state"), q.Get("nonce"), q.Get("code_challenge")} {
			if said[s] || len(s) < 43 {
				t.Errorf("%q is short or was said before", s)
			}
			said[s] = true
		}
		var found int
		err := h.db.QueryRow(t.Context(), `select count(*) from sign_in_attempts a where position($1 in a::text) + position($2 in a::text) > 0`,
			cookie, q.Get("state")).Scan(&found)
		if err != nil || found != 0 {
			t.Errorf("%d rows have the cookie or the state itself (%v), want none", found, err)
		}
		if strings.Contains(address, cookie) {
			t.Error("the address tells the cookie")
		}
	}
}

// Where one goes afterwards is judged, whatever the browser asked for; and a
// sign-in that fails leads back to it.
func TestReturnToAfterSigningIn(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	p := i.provider(t, "oidc")
	for asked, want := range map[string]string{"/threads/1?page=2": "/threads/1?page=2", "//e.test": "/", "": "/", "/auth/dev": "/"} {
		address, cookie := h.begin(t, p, asked)
		login, err := h.finish(t, p, i.authorise(t, address), cookie)
		if err != nil || login.ReturnTo != want {
			t.Errorf("return %q: %q (%v), want %q", asked, login.ReturnTo, err, want)
		}
	}
	address, cookie := h.begin(t, p, "/threads/7")
	query := i.authorise(t, address)
	query.Del("code")
	query.Set("error", "access_denied")
	_, err := h.finish(t, p, query, cookie)
	if e := (*AttemptError)(nil); !errors.As(err, &e) || e.Failure != Declined || e.ReturnTo != "/threads/7" || e.Provider != "oidc" {
		t.Errorf("declined: %v, want declined by oidc with the way back", err)
	}
}

// What a provider writes into its refusal does not reach the log.
func TestAnAttemptErrorHoldsNothingForeign(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	p := i.provider(t, "oidc")
	address, cookie := h.begin(t, p, "/")
	query := i.authorise(t, address)
	query.Del("code")
	query.Set("error", "ada@northmoor.gov.example\nlevel=ERROR")
	_, err := h.finish(t, p, query, cookie)
	if err == nil || strings.ContainsAny(err.Error(), "\n@") {
		t.Errorf("error %q, want one without the provider's words", err)
	}
}

func TestAttemptCookie(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"0123abcd.x": "attempt-0123abcd", "": "", "x": "", "0123ABCD.x": "",
		"0123abcd": "", "0123abc;.x": "", "\n0123abcd.": ""} {
		if got := AttemptCookie(value); got != want {
			t.Errorf("AttemptCookie(%q) is %q, want %q", value, got, want)
		}
	}
}
