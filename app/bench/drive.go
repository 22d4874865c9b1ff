package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// target is what one side of a comparison is asked for: connection i sends the
// requests of list i, in turn with all others.
type target struct {
	server *server
	lists  [][]request
	want   int // the status that is an answer; any other is none
}

// window is how a target is asked.
type window struct {
	connections   int
	warm, measure time.Duration
	pause         time.Duration // of a reader between two pages; 0 for none
}

// sample is what came of it.
type sample struct {
	rate     float64 // answers a second
	p50, p99 float64 // ms
	cpu      float64 // ms of the server's processor time for one answer
	sql      float64 // ms of Postgres's
	memory   float64 // MB
	bytes    float64 // of one answer
	wrong    int     // answers that were none
	why      string  // the first of these
}

// tally is what one connection saw.
type tally struct {
	took  []time.Duration
	bytes int64
	wrong int
	why   string
}

func (t *tally) fail(why string) {
	if t.wrong++; t.why == "" {
		t.why = why
	}
}

// drive asks a target by a closed loop of kept connections. A request counts in the
// window in which it ends.
func drive(ctx context.Context, t target, w window) sample {
	start := time.Now()
	from := start.Add(w.warm)
	to := from.Add(w.measure)
	var before, after [2]time.Duration
	var memory float64
	used := func() [2]time.Duration { return [2]time.Duration{t.server.processor(), t.server.database()} }
	begun := make(chan struct{})
	begin := time.AfterFunc(w.warm, func() { before = used(); close(begun) })
	defer begin.Stop()
	tallies := make([]tally, w.connections)
	var n progress
	var all sync.WaitGroup
	for i := range tallies {
		l := loop{target: t, window: w, list: t.lists[i%len(t.lists)], progress: &n, from: from, to: to}
		all.Add(1)
		go l.keepAsking(ctx, &tallies[i], all.Done)
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Until(to)):
		<-begun
		after, memory = used(), t.server.memory()
	}
	all.Wait()
	s := add(tallies, w.measure)
	s.memory = memory
	if n := s.rate * w.measure.Seconds(); n > 0 && ctx.Err() == nil {
		s.cpu = float64((after[0] - before[0]).Microseconds()) / 1000 / n
		s.sql = float64((after[1] - before[1]).Microseconds()) / 1000 / n
	}
	return s
}

// progress is what the connections of a window share.
type progress struct{ next, counted atomic.Int64 }

// loop is one connection's.
type loop struct {
	target
	window
	*progress
	list     []request
	from, to time.Time
}

// over reports whether the window has ended. One in which nothing was answered yet
// stays open for a while.
func (l loop) over(now time.Time) bool {
	return now.After(l.to) && (l.counted.Load() > 0 || now.After(l.to.Add(patience)))
}

func (l loop) keepAsking(ctx context.Context, t *tally, done func()) {
	defer done()
	defer func() {
		if p := recover(); p != nil {
			t.fail(fmt.Sprint("panic: ", p))
		}
	}()
	c := newClient(l.server.addr)
	defer c.close()
	for ctx.Err() == nil {
		began := time.Now()
		if l.over(began) {
			return
		}
		r := &l.list[int(l.next.Add(1)-1)%len(l.list)]
		a, err := c.do(r, false)
		ended := time.Now()
		switch wrong := err != nil || a.status != l.want; {
		case ended.Before(l.from) || l.over(ended):
		case wrong && err != nil:
			t.fail(err.Error())
		case wrong:
			t.fail(fmt.Sprintf("status %d", a.status))
		default:
			t.bytes += a.size
			t.took = append(t.took, ended.Sub(began))
			l.counted.Add(1)
		}
		if pause := l.pause; pause > 0 || err != nil {
			time.Sleep(max(pause, time.Millisecond))
		}
	}
}

// add makes one sample of what all connections saw.
func add(tallies []tally, measured time.Duration) (s sample) {
	var took []time.Duration
	var bytes int64
	for _, t := range tallies {
		took = append(took, t.took...)
		bytes += t.bytes
		s.wrong += t.wrong
		if s.why == "" {
			s.why = t.why
		}
	}
	if len(took) == 0 {
		if s.wrong++; s.why == "" {
			s.why = "no answer"
		}
		return s
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1)+0.5)].Microseconds()) / 1000
	}
	s.p50, s.p99 = at(0.50), at(0.99)
	s.rate = float64(len(took)) / measured.Seconds()
	s.bytes = float64(bytes) / float64(len(took))
	return s
}
