package app

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Whose limit a request counts against is what a proxy of ours says, and nothing
// that the client wrote.
func TestTheAddressIsTheLastThatIsNotOurs(t *testing.T) {
	t.Parallel()
	ours := Networks{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct{ name, peer, said, want string }{
		{"nobody in between", "192.0.2.1", "", "192.0.2.1/32"},
		{"a client that says it is another", "192.0.2.1", "198.51.100.1", "192.0.2.1/32"},
		{"one proxy", "10.0.0.1", "192.0.2.1", "192.0.2.1/32"},
		{"one proxy, and a client that says it is another", "10.0.0.1", "198.51.100.1, 192.0.2.1", "192.0.2.1/32"},
		{"two proxies", "10.0.0.1", "198.51.100.1, 192.0.2.1, 10.0.0.2", "192.0.2.1/32"},
		{"a proxy that says nothing", "10.0.0.1", "", "10.0.0.1/32"},
		{"a proxy that says nonsense", "10.0.0.1", "192.0.2.1, unknown", "10.0.0.1/32"},
		{"IPv6, a household", "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"},
		{"IPv4 in IPv6", "::ffff:192.0.2.1", "", "192.0.2.1/32"},
		{"IPv6 behind a proxy", "fd00::1", "2001:db8:1:2::9", "2001:db8:1:2::/64"},
		{"only ours", "10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2/32"},
	} {
		a := &App{config: Config{TrustedProxies: ours}}
		web := fiber.New()
		ctx := &fasthttp.RequestCtx{}
		ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.ParseIP(c.peer)}, nil)
		if c.said != "" {
			ctx.Request.Header.Set("X-Forwarded-For", c.said)
		}
		fc := web.AcquireCtx(ctx)
		if got := a.address(fc).String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		web.ReleaseCtx(fc)
	}
}

// A council's people share an address: 300 pages at once are served, and 50 a
// second after that. Other addresses notice nothing.
func TestAnAddressHasABurstAndASteadyPace(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	p := newPace(visitorsSecond, visitorsBurst, func() time.Time { return now })
	council, other := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")
	passed := func(from netip.Prefix, n int) (passed int) {
		for range n {
			if p.pass(from) == nil {
				passed++
			}
		}
		return passed
	}
	if got := passed(council, 400); got != 300 {
		t.Errorf("at once: %d pages, want 300", got)
	}
	if got := passed(other, 10); got != 10 {
		t.Errorf("another address: %d pages, want 10", got)
	}
	now = now.Add(time.Second)
	if got := passed(council, 400); got != 50 {
		t.Errorf("a second later: %d pages, want 50", got)
	}
	refused := (*refusal)(nil)
	if err := p.pass(council); !errors.As(err, &refused) || refused.status != 429 || refused.wait <= 0 || refused.wait > time.Second {
		t.Errorf("over the limit: got %v, want 429 and when to come again", err)
	}
}

// However many addresses there are, memory is bounded, and who is at their limit
// stays there when others are forgotten.
func TestAddressesAreForgotten(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	p := newPace(1, 2, func() time.Time { return now })
	fast := netip.MustParsePrefix("192.0.2.1/32")
	for i := range 3 * addressesMost {
		from := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
		if err := p.pass(from); err != nil {
			t.Fatalf("address %d: %v", i, err)
		}
		if i%1000 == 0 {
			now = now.Add(time.Minute)
			_, _, _ = p.pass(fast), p.pass(fast), p.pass(fast)
			if p.pass(fast) == nil {
				t.Fatalf("after %d addresses the fast one is let off", i)
			}
		}
	}
	if len(p.known) > addressesMost {
		t.Errorf("%d addresses are remembered, want at most %d", len(p.known), addressesMost)
	}
}

// When too many come at once, a few wait and the rest are sent away at once:
// guests before those who are signed in.
func TestACrowdIsKeptOut(t *testing.T) {
	t.Parallel()
	w := newCrowd(2)
	const patience = time.Hour // whoever is still there is let in or told to go
	for range 2 {
		if _, err := w.enter(t.Context(), true, patience); err != nil {
			t.Fatalf("there is room: %v", err)
		}
	}
	waiting, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	for range w.guests {
		go func() {
			_, err := w.enter(waiting, false, patience)
			ended <- err
		}()
	}
	for len(w.waiting) < w.guests { // they come in their own time
		runtime.Gosched()
	}
	if _, err := w.enter(t.Context(), true, patience); !errors.Is(err, errBusy) {
		t.Errorf("a guest, with so many waiting: got %v, want busy", err)
	}
	w.leave()
	if err := <-ended; err != nil {
		t.Errorf("one leaves: got %v, want the next one in", err)
	}
	stop()
	for range w.guests - 1 {
		if err := <-ended; !errors.Is(err, errBusy) {
			t.Errorf("who waits too long: got %v, want busy", err)
		}
	}
	if len(w.waiting) != 0 {
		t.Errorf("%d still wait", len(w.waiting))
	}
}
