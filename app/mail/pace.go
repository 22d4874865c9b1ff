package mail

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	burstOf     = 5               // seconds' worth that may go at once
	paceWait    = 2 * time.Second // the longest that a mail is kept waiting; more, and others should go first
	mostDomains = 4096
)

// pace keeps mails to one domain apart, on this node.
type pace struct {
	each float64 // a second; 0: no limit

	mu      sync.Mutex
	domains map[string]*rate.Limiter
}

// wait returns when a mail may go to a domain; it is *Paced when that is too long.
func (p *pace) wait(ctx context.Context, domain string) error {
	if p.each == 0 {
		return ctx.Err()
	}
	return waitFor(ctx, p.of(domain))
}

// waitFor waits until a limiter lets one through.
func waitFor(ctx context.Context, limiter *rate.Limiter) error {
	turn := limiter.Reserve()
	delay := turn.Delay()
	if delay == 0 {
		return ctx.Err()
	}
	if delay > paceWait {
		turn.Cancel()
		return &Paced{For: delay}
	}
	select {
	case <-time.After(delay):
		return nil
	case <-ctx.Done():
		turn.Cancel()
		return ctx.Err()
	}
}

// of is the limiter of a domain. There are never more than so many: those that have
// rested are as good as new ones.
func (p *pace) of(domain string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	limiter := p.domains[domain]
	if limiter != nil {
		return limiter
	}
	if len(p.domains) >= mostDomains {
		p.forget()
	}
	burst := max(1, int(p.each*burstOf))
	limiter = rate.NewLimiter(rate.Limit(p.each), burst)
	p.domains[domain] = limiter
	return limiter
}

// forget makes room for more domains.
func (p *pace) forget() {
	for domain, limiter := range p.domains {
		if limiter.Tokens() >= float64(limiter.Burst()) {
			delete(p.domains, domain)
		}
	}
	for domain := range p.domains { // so many at once: some begin anew
		if len(p.domains) < mostDomains*3/4 {
			return
		}
		delete(p.domains, domain)
	}
}
