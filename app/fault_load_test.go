package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/app"
	"moothall/forum/forumtest"
)

// tally counts what came back, and finds what must not.
type tally struct {
	t                   *testing.T
	served, refused     atomic.Int64
	visitors, signedIns atomic.Int64 // of those refused
}

// note takes an answer to somebody.
func (n *tally) note(b *browser, got returned) {
	switch got.StatusCode {
	case http.StatusOK, http.StatusSeeOther:
		n.served.Add(1)
	case http.StatusServiceUnavailable:
		n.refused.Add(1)
		if b.cookie == "" {
			n.visitors.Add(1)
		} else {
			n.signedIns.Add(1)
		}
		if wait, err := strconv.Atoi(got.Header.Get("Retry-After")); err != nil || wait < 1 {
			n.t.Errorf("refused, and Retry-After is %q", got.Header.Get("Retry-After"))
		}
	default:
		n.t.Errorf("%s %s: got %d, want 200, or 503", got.Request.Method, got.Request.URL.Path, got.StatusCode)
	}
}

// With ten times as many requests as there is room for, whoever cannot be answered soon
// is told at once when to come again: visitors first, people who are signed in when
// twice as many wait. Whoever waits is answered; and after that all is as it was.
func TestTenTimesTheLoadIsRefusedInTurn(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	h := openTampered(t, map[string]string{"MOOTHALL_OPS_ADDR": "127.0.0.1:0", "MOOTHALL_RATE_LIMITS": "off"}, func(a *app.App) {
		a.Patient(5 * time.Minute) // so that it is not the time that refuses
		a.AddAddress("/test/gate", func(_ *app.App, c *fiber.Ctx) error {
			<-gate
			return c.SendString("through")
		})
	})
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	person, visitor := h.as(ada), h.guest()
	form := person.form(path, url.Values{"body": {"We did, in March."}})
	room, places, guests := h.Room()

	var all sync.WaitGroup
	waiting := &tally{t: t}
	ask := func(n int, b *browser, to *tally) {
		for range n {
			all.Go(func() { to.note(b, b.get("/test/gate")) })
		}
	}
	stands := func(inside, wait int) {
		eventually(t, fmt.Sprintf("%d are inside and %d wait", inside, wait), func() bool {
			i, w := h.Crowd()
			return i == inside && w == wait
		})
	}
	over := &tally{t: t}
	var turned sync.WaitGroup
	open := sync.OnceFunc(func() { close(gate) })
	t.Cleanup(func() { open(); all.Wait(); turned.Wait() })
	ask(room, person, waiting)
	stands(room, 0)
	ask(guests, person, waiting)
	stands(room, guests)
	for range 5 * room {
		turned.Go(func() { over.note(visitor, visitor.get("/test/gate")) })
	}
	// Nobody leaves meanwhile: they are told at once.
	eventually(t, "every visitor is refused", func() bool { return over.visitors.Load() == int64(5*room) })
	ask(places-guests, person, waiting) // there is still room for people
	stands(room, places)
	for range 3 * room {
		turned.Go(func() { over.note(person, person.get("/test/gate")) })
	}
	eventually(t, "everybody is refused", func() bool { return over.signedIns.Load() == int64(3*room) })
	got := person.post(path+"/posts", form)
	got.wantStatus(t, http.StatusServiceUnavailable)
	if !strings.Contains(got.text, "We did, in March.") {
		t.Error("what was typed does not come back with the refusal")
	}

	open()
	all.Wait()
	if served := waiting.served.Load(); served != int64(room+places) {
		t.Errorf("%d of %d who were inside or waited are answered", served, room+places)
	}
	visitor.get(path).wantStatus(t, http.StatusOK)
	person.post(path+"/posts", form).wantStatus(t, http.StatusSeeOther)
	stands(0, 0)
	told := h.metrics()
	if line := fmt.Sprintf(`route="/test/gate",status="503"} %d`, 8*room); !strings.Contains(told, line+"\n") {
		t.Errorf("the metrics do not say %s", line)
	}
}

// Four hundred at once, who ask and post as people do, get an answer or are told when to
// come again, and nobody gets anything else.
func TestFourHundredAtOnceGetAnAnswerOrAreToldWhenToComeAgain(t *testing.T) {
	t.Parallel()
	h := openHouse(t, map[string]string{"MOOTHALL_RATE_LIMITS": "off"})
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	person, visitor := h.as(ada), h.guest()
	form := person.form(path, url.Values{"body": {"We did, in March."}})
	n := &tally{t: t}
	var all sync.WaitGroup
	for i := range 400 {
		all.Go(func() {
			switch i % 4 {
			case 0:
				own := url.Values{"_csrf": form["_csrf"], "idempotency": {fmt.Sprint("form ", i)}, "body": {fmt.Sprint("Words ", i)}}
				n.note(person, person.post(path+"/posts", own))
			case 1:
				n.note(person, person.get(path))
			default:
				n.note(visitor, visitor.get(fmt.Sprintf("%s?again=%d", path, i))) // no two the same: none is kept
			}
		})
	}
	all.Wait()
	eventually(t, "service is as before", func() bool {
		return visitor.get(path).StatusCode == http.StatusOK && person.get(path).StatusCode == http.StatusOK
	})
	t.Logf("%d served, %d refused", n.served.Load(), n.refused.Load())
}
