package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"moothall/forum/search"
)

// seeking is one kind of what people search for.
type seeking struct {
	name   string
	times  int // of two hundred
	query  func(w *writer, l *library) search.Query
	two    bool    // it is of two words
	faster float64 // our rate is to be so many times the floor's; 0 for no goal
}

// text is a query of words alone.
func text(words ...string) search.Query { return search.Query{Text: strings.Join(words, " ")} }

// Words by how common they are in the corpus: English that is no stop word, the middle,
// and the end.
func (w *writer) common() string   { return heads[47+w.IntN(len(heads)-47)] }
func (w *writer) middling() string { return w.known[500+w.IntN(1500)] }
func (w *writer) rare() string     { return w.known[6000+w.IntN(5500)] }

// seekings are the mixture: most people type two words.
var seekings = []seeking{
	{"a rare word", 20, func(w *writer, _ *library) search.Query { return text(w.rare()) }, false, 0},
	{"two rare words", 40, func(w *writer, _ *library) search.Query { return text(w.middling(), w.rare()) }, true, 0},
	{"a common and a rarer word", 40, func(w *writer, _ *library) search.Query { return text(w.common(), w.middling()) }, true, 0},
	{"two common words", 25, func(w *writer, _ *library) search.Query { return text(w.common(), w.common()) }, true, 0},
	{"a common word", 15, func(w *writer, _ *library) search.Query { return text(w.common()) }, false, 0},
	{"the commonest word", 5, func(*writer, *library) search.Query { return text("council") }, false, 10},
	{"a phrase", 20, func(w *writer, l *library) search.Query {
		words := strings.Fields(l.corpus.all[w.IntN(len(l.corpus.all))].title)
		return text(`"` + words[len(words)-2] + " " + words[len(words)-1] + `"`)
	}, false, 0},
	{"narrowed", 20, func(w *writer, _ *library) search.Query {
		q := text(w.common(), w.middling())
		q.Kind, q.Year = "question", 2025
		return q
	}, false, 0},
	{"misspelt", 15, func(w *writer, _ *library) search.Query {
		word := w.common()
		at := 1 + w.IntN(len(word)-2)
		return text(word[:at] + word[at+1:])
	}, false, 0},
}

// queries are what is searched for, the same in each run.
func (l *library) queries(s seeking, n int) []search.Query {
	w := newWriter(l.corpus.seed + uint64(len(s.name)))
	all := make([]search.Query, n)
	for i := range all {
		all[i] = s.query(w, l)
	}
	return all
}

// seekOurs and seekFloor search once, and read what was found.
func (l *library) seekOurs(ctx context.Context, q search.Query) error {
	p, err := l.look.Page(ctx, colleague, q)
	if err == nil && p.Slow {
		err = search.ErrSlow
	}
	return err
}

func (l *library) seekFloor(ctx context.Context, q search.Query) error {
	rows, err := l.floor.Query(ctx, floorSearch, q.Text)
	if err != nil {
		return err
	}
	for rows.Next() {
		if _, err := rows.Values(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// found is what came of a window of searching.
type found struct {
	took   []time.Duration
	given  int // searches that were given up after their two seconds
	rate   float64
	failed error
}

// seek has everybody search for as long as a measurement lasts; each search that began in
// it counts, and at least one of each seeker does.
func (l *library) seek(ctx context.Context, queries []search.Query, once func(context.Context, search.Query) error) (all found) {
	began := time.Now()
	var next atomic.Int64
	var waiting sync.WaitGroup
	parts := make([]found, seekers)
	for i := range parts {
		waiting.Add(1)
		go func(part *found) {
			defer waiting.Done()
			defer func() {
				if p := recover(); p != nil {
					part.failed = fmt.Errorf("panic: %v", p)
				}
			}()
			for first := true; (first || time.Since(began) < l.measured()) && ctx.Err() == nil && part.failed == nil; first = false {
				part.add(ctx, queries[int(next.Add(1))%len(queries)], once)
			}
		}(&parts[i])
	}
	waiting.Wait()
	for _, part := range parts {
		all.took = append(all.took, part.took...)
		all.given += part.given
		if part.failed != nil {
			all.failed = part.failed
		}
	}
	all.rate = float64(len(all.took)) / time.Since(began).Seconds()
	slices.Sort(all.took)
	return all
}

func (f *found) add(ctx context.Context, q search.Query, once func(context.Context, search.Query) error) {
	began := time.Now()
	err := once(ctx, q)
	f.took = append(f.took, time.Since(began))
	switch {
	case err == search.ErrSlow:
		f.given++
	case err != nil:
		f.failed = fmt.Errorf("%q: %w", q.Text, err)
	}
}

// at is the time that a share of the searches took at most.
func (f found) at(share float64) float64 {
	return ms(f.took[min(len(f.took)-1, int(share*float64(len(f.took))))])
}

// kinds measures each kind of search by itself, in turn with the floor, and those of two
// words among each other, as they are typed.
func (l *library) kinds(ctx context.Context) error {
	l.say("%-26s %9s %9s %20s %8s %8s %8s %8s  %s", "", "ours/s", "floor/s", "ratio (least–most)", "p50 ms", "p99 ms", "floor", "given up", "goal")
	for _, s := range seekings {
		if !strings.Contains(s.name, l.only) {
			continue
		}
		r, given, err := l.beside(ctx, s.name, l.queries(s, 50))
		if err != nil {
			return err
		}
		if s.faster > 0 {
			r.Goal, r.Met = fmt.Sprintf("rate ≥ %g", s.faster), mark(r.Ratio >= s.faster)
		}
		l.tell(r, given)
	}
	return l.among(ctx, "two words", func(s seeking) bool { return s.two }, func(r *row) {
		r.Goal, r.Met = "rate ≥ 0.7", mark(r.Ratio >= 0.7)
	})
}

// mixed measures what people search for, all kinds among each other.
func (l *library) mixed(ctx context.Context) error {
	err := l.among(ctx, "two hundred, mixed", func(seeking) bool { return true }, func(r *row) {
		r.Goal, r.Met = "p50 < 40 ms, p99 < 250 ms", mark(r.P50 < 40 && r.P99 < 250)
	})
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	l.say("\nmemory that searching took from the system at most, with the corpus's titles: %.0f MB", mb(int64(m.Sys)))
	return err
}

// similars tells how long it takes to find what was asked already, as a title is typed: a
// whole title in other order, and the first half of one.
func (l *library) similars(ctx context.Context) error {
	const name = "what is like a title"
	if !strings.Contains(name, l.only) {
		return nil
	}
	w := newWriter(l.corpus.seed)
	var all found
	for i := range 200 {
		words := strings.Fields(l.corpus.all[w.IntN(len(l.corpus.all))].title)
		w.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		began := time.Now()
		_, err := l.look.Similar(ctx, colleague, strings.Join(words[:len(words)/(1+i%2)], " "), "")
		if err != nil {
			return err
		}
		all.took = append(all.took, time.Since(began))
	}
	slices.Sort(all.took)
	r := row{Name: name, Ours: all.at(0.5), P50: all.at(0.5), P99: all.at(0.99), Unit: "ms", Goal: "p99 < 50 ms", Met: mark(all.at(0.99) < 50)}
	l.rows = append(l.rows, r)
	l.say("\nwhat is like a title, as it is typed: p50 %.1f ms, p99 %.1f ms (goal p99 < 50 ms, %s)", r.P50, r.P99, r.Met)
	return nil
}

// among measures some kinds among each other, each as often as people search so.
func (l *library) among(ctx context.Context, name string, which func(seeking) bool, judge func(*row)) error {
	if !strings.Contains(name, l.only) {
		return nil
	}
	var all []search.Query
	for _, s := range seekings {
		if which(s) {
			all = append(all, l.queries(s, s.times)...)
		}
	}
	newWriter(l.corpus.seed).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	r, given, err := l.beside(ctx, name, all)
	if err == nil {
		judge(&r)
		l.tell(r, given)
	}
	return err
}

// beside searches in both, in turn, and makes a row of the middle of the rounds.
func (l *library) beside(ctx context.Context, name string, queries []search.Query) (r row, given int, err error) {
	var ours, floor, ratios []float64
	var p50, p99, floor99 []float64
	for i := range l.rounds {
		var a, b found
		if i%2 == 0 {
			a = l.seek(ctx, queries, l.seekOurs)
		}
		b = l.seek(ctx, queries, l.seekFloor)
		if i%2 == 1 {
			a = l.seek(ctx, queries, l.seekOurs)
		}
		if a.failed != nil || b.failed != nil || ctx.Err() != nil {
			return row{}, 0, fmt.Errorf("%s: %w", name, errors.Join(a.failed, b.failed, ctx.Err()))
		}
		given += a.given
		ours, floor, ratios = append(ours, a.rate), append(floor, b.rate), append(ratios, a.rate/b.rate)
		p50, p99, floor99 = append(p50, a.at(0.5)), append(p99, a.at(0.99)), append(floor99, b.at(0.99))
	}
	return row{Name: name, Ours: median(ours), Floor: median(floor), Ratio: median(ratios), RatioMin: slices.Min(ratios), RatioMax: slices.Max(ratios),
		P50: median(p50), P99: median(p99), FloorP99: median(floor99), Unit: "/s"}, given, nil
}

// tell keeps a row and prints it.
func (l *library) tell(r row, given int) {
	l.rows = append(l.rows, r)
	goal := r.Goal
	if r.Met == "no" {
		goal += ": MISSED"
	} else if goal != "" {
		goal += ": met"
	}
	l.say("%-26s %9s %9s %20s %8s %8s %8s %8d  %s", r.Name, figure(r.Ours), figure(r.Floor),
		fmt.Sprintf("%s (%s–%s)", figure(r.Ratio), figure(r.RatioMin), figure(r.RatioMax)), figure(r.P50), figure(r.P99), figure(r.FloorP99), given, goal)
}
