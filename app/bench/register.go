package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"moothall/app/dev"
	"moothall/forum"
	"moothall/forum/projects"
	"moothall/migrations"
)

// registerGoal is how long a page of the register may take, with its counts.
const registerGoal = 200 * time.Millisecond

// registerPage is one page of the register that is measured, and what came of it.
type registerPage struct {
	name     string
	filter   projects.Filter
	found    int
	p50, max time.Duration
}

// checkRegister fills a database with so many projects and asks the register for each
// pair of its filters, counts included, as a colleague who sees all of them.
func checkRegister(ctx context.Context, o options, out io.Writer) (rows []row, err error) {
	dir, err := os.MkdirTemp("", "moothall-register-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	postgres, err := dev.StartPostgres(ctx, dev.PostgresOptions{Dir: filepath.Join(dir, "postgres"), BinDir: o.postgresBin, Fast: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, postgres.Stop(context.WithoutCancel(ctx))) }()
	began := time.Now().UTC()
	if err := migrations.Up(ctx, postgres.URL(), began); err != nil {
		return nil, err
	}
	if err := fillRegister(ctx, postgres.URL(), o.posts, began); err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(out, "%s, %d cores, Postgres %s: %d projects, filled in %d s\n\n", began.Format("2 January 2006 15:04 UTC"),
		runtime.NumCPU(), postgres.Version(), o.posts, int(time.Since(began).Seconds()))
	pages, err := measureRegister(ctx, postgres.URL(), o, began)
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(out, "%-44s %8s %9s %9s\n", "", "found", "p50 ms", "max ms")
	for _, p := range pages {
		_, _ = fmt.Fprintf(out, "%-44s %8d %9.1f %9.1f\n", p.name, p.found, ms(p.p50), ms(p.max))
		rows = append(rows, row{Name: p.name, Ours: ms(p.p50), P50: ms(p.p50), P99: ms(p.max), Unit: "ms", Goal: "under 200 ms", Met: mark(p.p50 < registerGoal)})
	}
	return rows, explainRegister(ctx, postgres.URL(), slices.MaxFunc(pages, func(a, b registerPage) int { return int(a.p50 - b.p50) }), began, out)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// measureRegister asks for the pages: the first of a node that has just started, then all
// of them in turn, as often as there are rounds.
func measureRegister(ctx context.Context, url string, o options, now time.Time) (pages []registerPage, err error) {
	read, err := forum.Connect(ctx, url, 1, true)
	if err != nil {
		return nil, err
	}
	defer read.Close()
	ask := func(s *projects.Store, p *registerPage, times int) error {
		took := make([]time.Duration, 0, times)
		for range times {
			began := time.Now()
			l, err := s.Register(ctx, colleague, forum.Project, p.filter)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			took, p.found = append(took, time.Since(began)), l.Total
		}
		slices.Sort(took)
		p.p50, p.max = took[len(took)/2], took[len(took)-1]
		return nil
	}
	s := projects.New(forum.New(forum.Options{Read: read, Now: func() time.Time { return now }}))
	first := registerPage{name: "the first page after a start"}
	if err := ask(s, &first, 1); err != nil {
		return nil, err
	}
	l, err := s.Register(ctx, colleague, forum.Project, projects.Filter{})
	if err != nil {
		return nil, err
	}
	pages = append(pairs(l), first)
	for i := range pages[:len(pages)-1] {
		if err := ask(s, &pages[i], o.rounds+1); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// colleague sees all that is in the register.
var colleague = forum.Person{ID: 1, Standing: forum.Colleague, Joined: true}

// pairs are the pages with no filter, in each order, with one and with each two, each set
// to the value that most projects have, and the second also to the one that fewest have.
func pairs(l projects.Register) (pages []registerPage) {
	pages = []registerPage{{name: "all"}}
	for _, sort := range projects.Sorts {
		pages = append(pages, registerPage{name: "all, by " + sort, filter: projects.Filter{Sort: sort}})
	}
	for i, a := range l.Facets {
		most := func(a, b projects.Value) int { return a.Count - b.Count }
		common := slices.MaxFunc(a.Values, most).Value
		pages = append(pages, registerPage{name: a.Name, filter: projects.Filter{}.With(a.Name, common)})
		for _, b := range l.Facets[i+1:] {
			for _, second := range []projects.Value{slices.MaxFunc(b.Values, most), slices.MinFunc(b.Values, most)} {
				pages = append(pages, registerPage{name: fmt.Sprintf("%s and %s of %d", a.Name, b.Name, second.Count),
					filter: projects.Filter{}.With(a.Name, common).With(b.Name, second.Value)})
			}
		}
	}
	return pages
}

// explainRegister prints by which plans Postgres answers a page, once a node has begun.
func explainRegister(ctx context.Context, url string, p registerPage, now time.Time, out io.Writer) error {
	heard := &plans{}
	read, err := heard.pool(ctx, url, true)
	if err != nil {
		return err
	}
	defer read.Close()
	s := projects.New(forum.New(forum.Options{Read: read, Now: func() time.Time { return now }}))
	err = heard.run(ctx, p.name, func(ctx context.Context) error {
		_, err := s.Register(ctx, colleague, forum.Project, p.filter)
		return err
	})
	_, _ = fmt.Fprintf(out, "\nThe slowest page, %s, as Postgres answers it:\n\n", p.name)
	for _, one := range heard.all {
		_, _ = fmt.Fprintf(out, "%d. %.1f ms, %d rows looked at: %s\n%s\n", one.Nth, one.Ms, one.Read, strings.Join(one.Remarks, "; "), inShort(one.Plan))
	}
	return err
}
