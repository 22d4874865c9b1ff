package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/auth"
)

// The goals of telling a crowd: on the site, beside a bare insert of as many rows; with what
// is to be sent, in all; and of posting, with a crowd beside none.
const (
	tellGoal    = 1.3
	tellSeconds = 30
	postGoal    = 1.2
)

// crowd is what a run about mail stands on.
type crowd struct {
	*stage
	db          *pgx.Conn
	sink        *sink
	client      *client
	people      int
	first, last int64 // of the people, by number
	loud, quiet int64 // threads: of a topic that all of them follow, and of another
}

// measureMail measures how a post is told to a crowd, how mails leave, and digests.
func (s *stage) measureMail(ctx context.Context) (err error) {
	c := &crowd{stage: s, people: s.people}
	if c.sink, err = openSink(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.sink.close()) }()
	if c.db, err = pgx.Connect(ctx, s.hallURL); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.db.Close(context.WithoutCancel(ctx))) }()
	if err := c.gather(ctx); err != nil {
		return fmt.Errorf("making a crowd: %w", err)
	}
	s.mail = []string{"MOOTHALL_SMTP_URL=" + c.sink.url(), "MOOTHALL_MAIL_HOLD=24h"}
	if err := s.startHall(ctx); err != nil {
		return err
	}
	c.client = newClient(s.hall.addr)
	defer c.client.close()
	s.title()
	for _, step := range []struct {
		name    string
		measure func(context.Context) error
	}{{"telling", c.measureTelling}, {"posting", c.measurePosting}, {"sending", c.measureSending}, {"digests", c.measureDigests}} {
		if !strings.Contains(step.name, s.only) {
			continue
		}
		if err := step.measure(ctx); err != nil || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

func (c *crowd) exec(ctx context.Context, sql string, args ...any) error {
	_, err := c.db.Exec(ctx, sql, args...)
	return err
}

// number reads one number.
func (c *crowd) number(ctx context.Context, sql string, args ...any) (n float64, err error) {
	err = c.db.QueryRow(ctx, sql, args...).Scan(&n)
	return n, err
}

// gather makes people who all follow one topic.
func (c *crowd) gather(ctx context.Context) error {
	err := c.db.QueryRow(ctx, `
		with loud as (select id, home_topic_id as topic from threads order by id limit 1),
		crowd as (
			insert into people (name, job_title, standing, council_id, rules_version, joined_at, created_at, proven_email)
			select 'Person ' || n, 'Officer', 'colleague', (select min(id) from councils), 1, now(), now(), 'p' || n || '@example.org'
			from generate_series(1, $1::int) n returning id
		),
		following as (
			insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
			select crowd.id, 'topic', loud.topic, 'site', 'chose', now() from crowd, loud
		)
		select min(id), max(id), (select id from loud),
			(select min(t.id) from threads t where not exists (select from thread_topics tt, loud where tt.thread_id = t.id and tt.topic_id = loud.topic))
		from crowd`, c.people).Scan(&c.first, &c.last, &c.loud, &c.quiet)
	if err != nil {
		return err
	}
	return errors.Join(c.exec(ctx, `
		create table bare (id bigint generated always as identity primary key, event_id bigint not null, person_id bigint not null,
			state smallint not null default 0, unique (event_id, person_id))`), c.exec(ctx, `vacuum analyze`))
}

// listen has the crowd hear that soon.
func (c *crowd) listen(ctx context.Context, cadence string) error {
	return errors.Join(c.exec(ctx, `update follows set cadence = $1 where person_id between $2 and $3`, cadence, c.first, c.last),
		c.exec(ctx, `vacuum analyze follows`))
}

// post posts a reply, and returns how many ms that took.
func (c *crowd) post(thread int64) (ms float64, err error) {
	keys, err := auth.NewKeys([]string{secret})
	if err != nil {
		return 0, err
	}
	r := send(c.hall, fmt.Sprintf("/threads/%d/posts", thread),
		form("_csrf", keys.CSRF(auth.Hash(cookieOf(1))), "idempotency", "bench-{{n}}", "body", words), fmt.Sprintf("Cookie: "+hallCookie, 1))
	began := time.Now()
	a, err := c.client.do(&r, false)
	if err == nil && a.status != 303 {
		err = fmt.Errorf("a reply is answered with status %d", a.status)
	}
	return float64(time.Since(began).Microseconds()) / 1000, err
}

// told waits until the last post is told, and returns how long its job took.
func (c *crowd) told(ctx context.Context) (seconds float64, err error) {
	for until := time.Now().Add(5 * time.Minute); ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		waiting, err := c.number(ctx, `select count(*) from river_job where kind = 'fan_out' and state <> 'completed'`)
		if err == nil && waiting == 0 {
			return c.number(ctx, `select extract(epoch from finalized_at - attempted_at) from river_job where kind = 'fan_out' order by id desc limit 1`)
		}
		if err != nil {
			return 0, err
		}
		if time.Now().After(until) {
			return 0, errors.New("after five minutes a post is not told yet")
		}
	}
	return 0, ctx.Err()
}

// rest waits until the last post is told.
func (c *crowd) rest(ctx context.Context) error {
	_, err := c.told(ctx)
	return err
}

// bare inserts as many rows as there are people, each once, and returns how long that took.
func (c *crowd) bare(ctx context.Context, round int) (seconds float64, err error) {
	began := time.Now()
	err = c.exec(ctx, `insert into bare (event_id, person_id) select $1, f.person_id from follows f
		where f.subject_kind = 'topic' and f.person_id between $2 and $3 on conflict do nothing`, round, c.first, c.last)
	return time.Since(began).Seconds(), err
}

// measureTelling has posts told to the crowd, and as many rows inserted in turn.
func (c *crowd) measureTelling(ctx context.Context) error {
	for n, cadence := range []string{"site", "instant", "daily"} {
		if err := c.listen(ctx, cadence); err != nil {
			return err
		}
		resting := c.hall.memory()
		c.hall.forgetPeak()
		var ours, floor, ratios []float64
		for round := range c.rounds {
			both := []func() error{
				func() error {
					if _, err := c.post(c.loud); err != nil {
						return err
					}
					took, err := c.told(ctx)
					ours = append(ours, took)
					return err
				},
				func() error {
					took, err := c.bare(ctx, n*c.rounds+round)
					floor = append(floor, took)
					return err
				},
			}
			if round%2 == 1 {
				slices.Reverse(both)
			}
			if err := errors.Join(both[0](), both[1](), ctx.Err()); err != nil {
				return err
			}
			ratios = append(ratios, ratio(ours[round], floor[round]))
		}
		peak := c.hall.peak()
		goal, met := fmt.Sprintf("≤ %d s", tellSeconds), median(ours) <= tellSeconds
		if cadence == "site" {
			goal, met = fmt.Sprintf("≤ %g ×, ", tellGoal)+goal, met && median(ratios) <= tellGoal
		}
		c.add(row{Name: "telling a crowd: " + cadence, Unit: "s", Ours: median(ours), Floor: median(floor), Ratio: median(ratios), RatioMin: least(ratios), RatioMax: most(ratios),
			RSS: peak, Goal: goal, Met: mark(met)})
		c.add(row{Name: "people told: " + cadence, Unit: "/s", Ours: float64(c.people) / median(ours), Floor: float64(c.people) / median(floor)})
		c.add(row{Name: "memory at most meanwhile: " + cadence, Unit: "MB", Ours: peak, Floor: resting, RSS: peak})
	}
	return nil
}

// measurePosting posts to nobody, to the crowd, and to nobody while the crowd is told.
func (c *crowd) measurePosting(ctx context.Context) error {
	var quiet, loud, meanwhile []float64
	take := func(thread int64, took *[]float64) error {
		ms, err := c.post(thread)
		*took = append(*took, ms)
		return err
	}
	for i := range 4 * c.rounds {
		_, err := c.post(c.quiet) // what rested is awake again
		both := []func() error{
			func() error { return take(c.quiet, &quiet) },
			func() error { return errors.Join(take(c.loud, &loud), take(c.quiet, &meanwhile), c.rest(ctx)) },
		}
		if i%2 == 1 {
			slices.Reverse(both)
		}
		if err := errors.Join(err, c.rest(ctx), both[0](), both[1](), ctx.Err()); err != nil {
			return err
		}
	}
	for _, one := range []struct {
		name string
		took []float64
	}{{"posting to a crowd beside to nobody", loud}, {"posting while a crowd is told", meanwhile}} {
		r := row{Name: one.name, Unit: "ms", Ours: median(one.took), Floor: median(quiet), Ratio: ratio(median(one.took), median(quiet)),
			P50: median(one.took), P99: most(one.took), FloorP99: most(quiet)}
		if one.name != "posting while a crowd is told" {
			r.Goal, r.Met = fmt.Sprintf("≤ %g ×", postGoal), mark(r.Ratio <= postGoal)
		}
		c.add(r)
	}
	return nil
}

// peak is how many MB of memory the server had resident at most, since forgetPeak.
func (s *server) peak() float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid)) // no /proc, no figure
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kB, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kB / 1024
		}
	}
	return 0
}

// forgetPeak has the kernel begin anew with the most memory that the server had
// (proc(5), clear_refs).
func (s *server) forgetPeak() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.cmd.Process.Pid), []byte("5"), 0) // where it cannot, the peak is that of the whole run
}
