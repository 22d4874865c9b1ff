package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/app/dev"
	"moothall/forum"
	"moothall/forum/newsletter"
	"moothall/migrations"
)

// newsletterSeconds is how long it may take until everybody who gets an issue has a letter
// in the outbox, and newsletterGrowth by how many MB memory may grow meanwhile.
const (
	newsletterSeconds = 120
	newsletterGrowth  = 20
)

// checkNewsletter has an issue put into the outbox for so many subscribers, beside a bare
// insert of as many rows.
func checkNewsletter(ctx context.Context, o options, out io.Writer) (rows []row, err error) {
	dir, err := os.MkdirTemp("", "moothall-newsletter-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	postgres, err := dev.StartPostgres(ctx, dev.PostgresOptions{Dir: filepath.Join(dir, "postgres"), BinDir: o.postgresBin})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, postgres.Stop(context.WithoutCancel(ctx))) }()
	began := time.Now().UTC()
	if err := migrations.Up(ctx, postgres.URL(), began); err != nil {
		return nil, err
	}
	db, err := forum.Connect(ctx, postgres.URL(), 4, false)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := subscribe(ctx, db, o.people); err != nil {
		return nil, err
	}
	s := &stage{options: o, out: out}
	s.say("%s, %d cores, Postgres %s, load average %s: %d subscribers", began.Format("2 January 2006 15:04 UTC"), runtime.NumCPU(), postgres.Version(), load(), o.people)
	s.title()
	if err := s.measureIssues(ctx, db); err != nil {
		return nil, err
	}
	s.say("load average at the end %s", load())
	return s.rows, nil
}

// subscribe makes so many addresses that get the newsletter, and a table as narrow as
// can be to put them into.
func subscribe(ctx context.Context, db *pgxpool.Pool, people int) error {
	_, err := db.Exec(ctx, `
		set statement_timeout = 0;
		insert into people (name, standing, created_at) values ('Cora', 'colleague', now());
		create table bare (id bigint generated always as identity primary key, newsletter_id bigint not null, subscriber_id bigint not null, address text not null, at timestamptz not null);
		reset statement_timeout`)
	if err != nil {
		return err
	}
	const batch = 20_000
	for from := 1; from <= people; from += batch {
		_, err := db.Exec(ctx, `
			insert into newsletter_subscribers (address, asked_at, asks_since, confirmed_at)
			select 'reader.' || n || '@council-' || n % 400 || '.gov.example', now(), now(), now() from generate_series($1::int, $2::int) n`, from, min(people, from+batch-1))
		if err != nil {
			return err
		}
	}
	_, err = db.Exec(ctx, `vacuum analyze newsletter_subscribers`)
	return err
}

// measureIssues puts an issue into the outbox, and as many rows into a table, in turn.
func (s *stage) measureIssues(ctx context.Context, db *pgxpool.Pool) error {
	press := newsletter.New(forum.New(forum.Options{Write: db, Read: db, Now: time.Now}))
	var ours, floor, ratios []float64
	runtime.GC()
	resting := ownMemory("VmRSS:")
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // where it cannot, the peak is that of the whole run
	for round := range s.rounds {
		both := []func() error{
			func() error { return s.issue(ctx, db, press, &ours) },
			func() error { return bareIssue(ctx, db, round, &floor) },
		}
		if round%2 == 1 {
			both[0], both[1] = both[1], both[0]
		}
		if err := errors.Join(both[0](), both[1](), ctx.Err()); err != nil {
			return err
		}
		ratios = append(ratios, ratio(ours[round], floor[round]))
	}
	peak := ownMemory("VmHWM:")
	s.add(row{Name: "an issue put into the outbox", Unit: "s", Ours: median(ours), Floor: median(floor), Ratio: median(ratios), RatioMin: least(ratios), RatioMax: most(ratios),
		RSS: peak, Goal: fmt.Sprintf("≤ %d s", newsletterSeconds), Met: mark(most(ours) <= newsletterSeconds)})
	s.add(row{Name: "letters put in", Unit: "/s", Ours: float64(s.people) / median(ours), Floor: float64(s.people) / median(floor)})
	s.add(row{Name: "memory at most meanwhile", Unit: "MB", Ours: peak, Floor: resting, RSS: peak, Goal: fmt.Sprintf("flat: ≤ %d MB more", newsletterGrowth), Met: mark(peak-resting <= newsletterGrowth)})
	return nil
}

// issue has one put in for everybody.
func (s *stage) issue(ctx context.Context, db *pgxpool.Pool, press *newsletter.Store, took *[]float64) error {
	var id int64
	err := db.QueryRow(ctx, `
		insert into newsletters (subject, state, curator_id, made_at, changed_at, since, due_at)
		select 'News', 'scheduled', min(id), now(), now(), now(), now() - interval '1 minute' from people returning id`).Scan(&id)
	if err != nil {
		return err
	}
	began := time.Now()
	put := 0
	for over := false; !over; { // a run of the job does so many batches
		err = press.Dispatch(ctx)
		if err == nil {
			err = db.QueryRow(ctx, `select recipients, queued_at is not null from newsletters where id = $1`, id).Scan(&put, &over)
		}
		if err != nil {
			return err
		}
	}
	*took = append(*took, time.Since(began).Seconds())
	if put != s.people {
		return fmt.Errorf("%d of %d subscribers have a letter", put, s.people)
	}
	return nil
}

// bareIssue inserts as many rows in one statement.
func bareIssue(ctx context.Context, db *pgxpool.Pool, round int, took *[]float64) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // nothing, once it is committed
	if _, err := tx.Exec(ctx, `set local statement_timeout = 0`); err != nil {
		return err
	}
	began := time.Now()
	_, err = tx.Exec(ctx, `insert into bare (newsletter_id, subscriber_id, address, at) select $1, id, address, now() from newsletter_subscribers order by id`, round)
	if err = errors.Join(err, tx.Commit(ctx)); err != nil {
		return err
	}
	*took = append(*took, time.Since(began).Seconds())
	return nil
}

// ownMemory is a figure of this process's memory, in MB.
func ownMemory(of string) float64 {
	text, _ := os.ReadFile("/proc/self/status") // no /proc, no figure
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, of); ok {
			kB, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kB / 1024
		}
	}
	return 0
}
