package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	every     = 30 * time.Second // how often an open page asks
	proxied   = 64               // connections of a proxy in front
	unusedFor = 50 * time.Second // after which a connection is made anew: the server ends it after a minute
	readers   = 8                // connections that read beside
	breath    = 20 * time.Millisecond
)

// polls are open pages that ask from time to time whether there is something new.
type polls struct {
	requests []request // one for each page
	lines    int       // connections
	addr     string
	on       atomic.Bool
	asked    atomic.Int64

	mu  sync.Mutex
	why string // the first answer that was none
}

// newPolls opens the pages: every other one is a visitor's.
func (s *stage) newPolls() *polls {
	p := &polls{addr: s.hall.addr, lines: min(proxied, s.options.pages)}
	if s.direct {
		p.lines = s.options.pages
	}
	threads := s.some(0)
	for i := range s.options.pages {
		t := threads[i%len(threads)]
		var headers []string
		if i%2 == 0 {
			headers = append(headers, fmt.Sprintf("Cookie: "+hallCookie, 1+i%len(s.corpus.people)))
		}
		p.requests = append(p.requests, get(s.hall, fmt.Sprintf("/threads/%d/since?n=%d", t.id, t.posts), headers...))
	}
	return p
}

// run keeps the pages open until ctx ends.
func (p *polls) run(ctx context.Context) *sync.WaitGroup {
	var all sync.WaitGroup
	start := time.Now()
	for i := range p.lines {
		all.Add(1)
		go p.poll(ctx, i, start, all.Done)
	}
	return &all
}

// poll is one connection: the polls that come over it are spread over the time evenly.
func (p *polls) poll(ctx context.Context, number int, start time.Time, done func()) {
	defer done()
	defer func() {
		if r := recover(); r != nil {
			p.fail(fmt.Sprint("panic: ", r))
		}
	}()
	c := &client{addr: p.addr, room: 4 << 10}
	defer c.close()
	apart := every / time.Duration(len(p.requests))
	used := time.Time{}
	for i := number; ctx.Err() == nil; i += p.lines {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(start.Add(time.Duration(i) * apart))):
		}
		if !p.on.Load() {
			continue
		}
		if now := time.Now(); now.Sub(used) > unusedFor {
			c.close()
		}
		used = time.Now()
		a, err := c.do(&p.requests[i%len(p.requests)], false)
		switch {
		case err != nil:
			p.fail(err.Error())
		case a.status != 204:
			p.fail(fmt.Sprintf("status %d", a.status))
		}
		p.asked.Add(1)
	}
}

func (p *polls) fail(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why == "" {
		p.why = why
	}
}

// measurePolls compares readers beside open pages with readers alone. Readers pause
// between pages, as people do: where all processors are busy, whatever is added delays.
func (s *stage) measurePolls(ctx context.Context) error {
	p := s.newPolls()
	ctx, stop := context.WithCancel(ctx)
	open := p.run(ctx)
	defer open.Wait()
	defer stop()
	w := window{connections: readers, warm: s.measured() / 4, measure: 2 * s.measured(), pause: breath}
	pages := s.threadSignedIn(0).ours
	var all rounds
	for i := range s.rounds {
		for j := range 2 {
			with := (i+j)%2 == 0
			p.on.Store(with)
			one := drive(ctx, pages, w)
			if ctx.Err() != nil {
				return nil
			}
			if with {
				all.ours = append(all.ours, one)
			} else {
				all.floor = append(all.floor, one)
			}
		}
	}
	r := s.rowOf(pair{name: fmt.Sprintf("readers' p99, %d pages polling", s.options.pages)}, all)
	ratios := all.ratios(func(x sample) float64 { return x.p99 })
	r.Unit, r.Ours, r.Floor, r.Ratio, r.Goal = "ms", r.P99, r.FloorP99, r.P99Ratio, "≤ 1.1 × without"
	r.RatioMin, r.RatioMax = least(ratios), most(ratios)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case r.Void == "" && p.why != "":
		r.Void = "polls: " + p.why
	case r.Void == "":
		r.Met = mark(r.Ratio <= 1.1)
	}
	s.add(r)
	s.say("%-38s %d polls were answered over %d connections", "", p.asked.Load(), p.lines)
	return nil
}
