package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// pair is one comparison: Moothall, and what it is measured against.
type pair struct {
	name        string
	ours, floor target
	goal        goal
	rest        func(context.Context) error // lets what a round left behind be done before the next
}

// goal is what is to be reached; 0 where there is none.
type goal struct {
	rate float64 // at least so much of the floor's
	p99  float64 // at most so many times the floor's
	cpu  float64 // likewise, for one request
}

func (g goal) String() (text string) {
	for _, part := range []struct {
		format string
		value  float64
	}{{", rate ≥ %g", g.rate}, {", p99 ≤ %g ×", g.p99}, {", CPU ≤ %g ×", g.cpu}} {
		if part.value != 0 {
			text += fmt.Sprintf(part.format, part.value)
		}
	}
	return text[min(2, len(text)):]
}

// connections is how many each side is asked by.
const connections = 16

// window is how long each side is asked.
func (o options) window() window {
	return window{connections: connections, warm: o.measured() / 4, measure: o.measured()}
}

// rounds are the samples of a comparison.
type rounds struct{ ours, floor []sample }

// alternate asks both sides in turn, A B, B A, A B …, so that neither always goes first
// and what disturbs the machine disturbs both.
func (s *stage) alternate(ctx context.Context, p pair, w window) (all rounds, err error) {
	for i := range s.rounds {
		ours := func() { all.ours = append(all.ours, drive(ctx, p.ours, w)) }
		floor := func() { all.floor = append(all.floor, drive(ctx, p.floor, w)) }
		if i%2 == 1 {
			ours, floor = floor, ours
		}
		ours()
		floor()
		if p.rest != nil {
			err = p.rest(ctx)
		}
		if err != nil || ctx.Err() != nil {
			return all, err
		}
	}
	return all, nil
}

// compare measures a pair and adds its row, unless others were asked for by name.
func (s *stage) compare(ctx context.Context, p pair) error {
	if !strings.Contains(p.name, s.only) {
		return nil
	}
	all, err := s.alternate(ctx, p, s.window())
	if err != nil || ctx.Err() != nil {
		return err
	}
	s.add(s.rowOf(p, all))
	return nil
}

// rowOf is the middle of the rounds. A ratio is taken inside a round, and then the
// middle of these.
func (s *stage) rowOf(p pair, all rounds) row {
	for _, one := range all.ours {
		s.most[0] = max(s.most[0], one.memory)
	}
	for _, one := range all.floor {
		s.most[1] = max(s.most[1], one.memory)
	}
	rate := func(x sample) float64 { return x.rate }
	p99 := func(x sample) float64 { return x.p99 }
	cpu := func(x sample) float64 { return x.cpu }
	sql := func(x sample) float64 { return x.sql }
	ratios := all.ratios(rate)
	r := row{Name: p.name, Unit: "req/s", Goal: p.goal.String(),
		Ours: middle(all.ours, rate), Floor: middle(all.floor, rate),
		Ratio: median(ratios), RatioMin: slices.Min(ratios), RatioMax: slices.Max(ratios),
		P50: middle(all.ours, func(x sample) float64 { return x.p50 }), P99: middle(all.ours, p99), FloorP99: middle(all.floor, p99),
		P99Ratio: median(all.ratios(p99)), CPU: middle(all.ours, cpu), FloorCPU: middle(all.floor, cpu), CPURatio: median(all.ratios(cpu)),
		SQL: middle(all.ours, sql), FloorSQL: middle(all.floor, sql),
		RSS:   slices.MaxFunc(all.ours, byMemory).memory,
		Bytes: middle(all.ours, func(x sample) float64 { return x.bytes }), FloorBytes: middle(all.floor, func(x sample) float64 { return x.bytes })}
	r.Void = all.void()
	if r.Goal != "" && r.Void == "" {
		r.Met = mark(r.Ratio >= p.goal.rate && (p.goal.p99 == 0 || r.P99Ratio <= p.goal.p99) && (p.goal.cpu == 0 || r.CPURatio <= p.goal.cpu))
	}
	return r
}

func byMemory(a, b sample) int { return int(1000 * (a.memory - b.memory)) }

// void says why the rounds are no result, if so.
func (r rounds) void() string {
	for _, side := range []struct {
		name    string
		samples []sample
	}{{"ours", r.ours}, {"floor", r.floor}} {
		for _, one := range side.samples {
			if one.wrong > 0 {
				return fmt.Sprintf("%s: %d wrong answers, first: %s", side.name, one.wrong, one.why)
			}
		}
	}
	return ""
}

func (r rounds) ratios(of func(sample) float64) (all []float64) {
	for i := range r.ours {
		all = append(all, ratio(of(r.ours[i]), of(r.floor[i])))
	}
	return all
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func middle(samples []sample, of func(sample) float64) float64 {
	var all []float64
	for _, one := range samples {
		all = append(all, of(one))
	}
	return median(all)
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// settle waits until Moothall has no job left to do.
func (s *stage) settle(ctx context.Context) error {
	c := newClient(s.hall.addr)
	defer c.close()
	idle := get(s.hall, "/dev/idle")
	for until := time.Now().Add(time.Minute); ctx.Err() == nil; {
		a, err := c.do(&idle, false)
		if err != nil || a.status == 204 {
			return err
		}
		if time.Now().After(until) {
			return fmt.Errorf("after a minute there are still jobs to do")
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil
}
