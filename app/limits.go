package app

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"
)

// A whole council may come from one address.
const (
	visitorsSecond, visitorsBurst = 50, 300
	attemptsMinute                = 30
	stopsSecond, stopsBurst       = 10, 300
	asksHour                      = 20
	addressesMost                 = 20_000 // that are remembered at once
)

// rates are the limits by address.
type rates struct {
	visitors *pace // pages for visitors
	attempts *pace // to sign in
	stops    *pace // by links in mails, of which mail programs follow many from one address
	asks     *pace // to have a mail go to an address that somebody typed
}

func newRates(c Config, now func() time.Time) rates {
	if c.RateLimits == Off {
		return rates{}
	}
	return rates{
		visitors: newPace(visitorsSecond, visitorsBurst, now),
		attempts: newPace(attemptsMinute/60.0, attemptsMinute, now),
		stops:    newPace(stopsSecond, stopsBurst, now),
		asks:     newPace(asksHour/3600.0, asksHour, now),
	}
}

// pace keeps each address to so many requests. The nil pace keeps nobody.
type pace struct {
	each  rate.Limit
	burst int
	now   func() time.Time

	mu    sync.Mutex
	known map[netip.Prefix]*rate.Limiter
	swept time.Time
}

func newPace(each rate.Limit, burst int, now func() time.Time) *pace {
	return &pace{each: each, burst: burst, now: now, known: map[netip.Prefix]*rate.Limiter{}}
}

// pass counts a request. Its error is a refusal, with the time to wait.
func (p *pace) pass(from netip.Prefix) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	limiter := p.known[from]
	if limiter == nil {
		p.sweep(now)
		limiter = rate.NewLimiter(p.each, p.burst)
		p.known[from] = limiter
	}
	reserved := limiter.ReserveN(now, 1)
	if wait := reserved.DelayFrom(now); wait > 0 {
		reserved.CancelAt(now)
		return &refusal{status: fiber.StatusTooManyRequests, words: "429", wait: wait, again: true}
	}
	return nil
}

// sweep forgets the addresses that have all their burst again. Where that is not
// enough it forgets all: memory is bounded, and a flood from so many addresses is
// not stopped by counting them.
func (p *pace) sweep(now time.Time) {
	if len(p.known) < addressesMost && now.Sub(p.swept) < time.Minute {
		return
	}
	p.swept = now
	for from, limiter := range p.known {
		if limiter.TokensAt(now) >= float64(p.burst) {
			delete(p.known, from)
		}
	}
	if len(p.known) >= addressesMost {
		clear(p.known)
	}
}

// address is where a request comes from, as far as limits go: of what the proxies
// say that are ours, the last who is not one of them. Of IPv6 it is the network,
// of which one household has a whole one.
func (a *App) address(c *fiber.Ctx) netip.Prefix {
	peer, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return netip.Prefix{}
	}
	from := peer.Unmap()
	said := strings.Split(strings.Join(c.GetReqHeaders()[fiber.HeaderXForwardedFor], ","), ",")
	for i := len(said) - 1; i >= 0 && a.config.TrustedProxies.have(from); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(said[i]))
		if err != nil {
			break // a proxy of ours wrote no such thing: what stands before it is anybody's
		}
		from = next.Unmap().WithZone("")
	}
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	network, _ := from.Prefix(bits) // the length fits the kind
	return network
}

// crowd lets so many requests work at once, and a few wait for a moment. The
// others are sent away at once: a queue without an end serves nobody.
type crowd struct {
	inside  chan struct{}
	waiting chan struct{}
	guests  int // how many may wait when a guest still may
}

// How long a request waits for its turn: a page can be asked for again, what
// somebody wrote had better be kept now.
const (
	readPatience  = time.Second
	writePatience = 6 * time.Second // so that some of the deadline is left
)

func newCrowd(size int) *crowd {
	return &crowd{inside: make(chan struct{}, size), waiting: make(chan struct{}, 4*size), guests: 2 * size}
}

// enter waits for a turn; errBusy if there is none to be had. Guests, whose pages
// can wait, are sent away first.
func (w *crowd) enter(ctx context.Context, guest bool, patience time.Duration) (leave func(), err error) {
	select {
	case w.inside <- struct{}{}:
		return w.leave, nil
	default:
	}
	if guest && len(w.waiting) >= w.guests {
		return nil, errBusy
	}
	select {
	case w.waiting <- struct{}{}:
	default:
		return nil, errBusy
	}
	defer func() { <-w.waiting }()
	turn := time.NewTimer(patience)
	defer turn.Stop()
	select {
	case w.inside <- struct{}{}:
		return w.leave, nil
	case <-turn.C:
	case <-ctx.Done():
	}
	return nil, errBusy
}

func (w *crowd) leave() { <-w.inside }
