package letters

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// crowd is how many people follow the topic of the benchmarks.
const crowd = 100_000

// BenchmarkFanOut tells a hundred thousand followers of a topic of one post, at each
// cadence, beside a bare insert of as many deliveries. Run it with -benchtime=1x.
func BenchmarkFanOut(b *testing.B) {
	for _, cadence := range []forum.Cadence{forum.OnSite, forum.Instant, forum.Daily} {
		b.Run(string(cadence), func(b *testing.B) {
			store, db, _ := forumtest.OpenWith(b, forum.Options{})
			s := New(store)
			ada := forumtest.Person(b, store, "Ada", "Northmoor")
			slow, err := pgx.Connect(b.Context(), db.Config().ConnString()) // nobody waits for what it does
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = slow.Close(b.Context()) }()
			exec := func(sql string, args ...any) time.Duration {
				b.Helper()
				began := time.Now()
				if _, err := slow.Exec(b.Context(), sql, args...); err != nil {
					b.Fatal(err)
				}
				return time.Since(began)
			}
			exec(`set statement_timeout = 0`)
			exec(`with crowd as (
					insert into people (name, standing, rules_version, joined_at, created_at, proven_email)
					select 'Person ' || n, 'colleague', 1, $1, $1, 'p' || n || '@example.org' from generate_series(1, $2) n returning id
				)
				insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
				select crowd.id, 'topic', o.id, $3, 'chose', $1 from crowd, topics o where o.slug = 'waste-management'`, store.Now(), crowd, cadence)
			exec(`create table bare (id bigint generated always as identity primary key, event_id bigint not null, person_id bigint not null, state smallint not null default 0, unique (event_id, person_id))`)
			exec(`vacuum analyze people, follows`)
			thread := forumtest.Thread(b, store, ada, "Bins?")
			for b.Loop() {
				forumtest.Reply(b, store, ada, thread, "We have.")
				var event int64
				if err := db.QueryRow(b.Context(), `select max(id) from events`).Scan(&event); err != nil {
					b.Fatal(err)
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				start := worked(b, db)
				bare := exec(`insert into bare (event_id, person_id) select $1, f.person_id from follows f where f.subject_kind = 'topic' on conflict do nothing`, event)
				middle := worked(b, db)
				began := time.Now()
				if err := s.FanOut(b.Context(), event); err != nil {
					b.Fatal(err)
				}
				took := time.Since(began)
				runtime.ReadMemStats(&after)
				b.ReportMetric(took.Seconds(), "s")
				b.ReportMetric(crowd/took.Seconds(), "people/s")
				b.ReportMetric(took.Seconds()/bare.Seconds(), "×bare")
				b.ReportMetric((worked(b, db)-middle)/(middle-start), "×bare-CPU")
				b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/1e6, "MB-allocated")
				b.Logf("bare insert %v (%.2f s of Postgres), fan-out %v (%.2f s)", bare, middle-start, took, worked(b, db)-middle)
			}
		})
	}
}

// worked is how many seconds of processor time the Postgres of the tests has taken, which
// says more than the clock where others work too.
func worked(b *testing.B, db *pgxpool.Pool) (seconds float64) {
	b.Helper()
	var dir string
	if err := db.QueryRow(b.Context(), `show data_directory`).Scan(&dir); err != nil {
		b.Fatal(err)
	}
	pid, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		b.Fatal(err)
	}
	postmaster, _, _ := strings.Cut(string(pid), "\n")
	all, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	for _, name := range all {
		text, _ := os.ReadFile(name) // it may have gone
		_, rest, _ := strings.Cut(string(text), ") ")
		is := strings.Fields(rest)
		if len(is) < 15 || is[1] != postmaster && name != "/proc/"+postmaster+"/stat" {
			continue
		}
		for i, field := range is[11:15] { // its own, in user and in system; its dead children's
			ticks, _ := strconv.ParseFloat(field, 64) // digits
			if i < 2 || is[1] != postmaster {
				seconds += ticks / 100
			}
		}
	}
	return seconds
}

// BenchmarkDigests makes the digests of fifty thousand people who were told of twenty
// posts each. Run it with -benchtime=1x.
func BenchmarkDigests(b *testing.B) {
	const people, posts = 50_000, 20
	store, db, clock := forumtest.OpenWith(b, forum.Options{})
	s := New(store)
	ada := forumtest.Person(b, store, "Ada", "Northmoor")
	slow, err := pgx.Connect(b.Context(), db.Config().ConnString()) // nobody waits for what it does
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = slow.Close(b.Context()) }()
	thread := forumtest.Thread(b, store, ada, "Bins?")
	for range posts {
		forumtest.Reply(b, store, ada, thread, "We have.")
	}
	for _, sql := range []string{`set statement_timeout = 0`,
		`insert into people (name, standing, rules_version, joined_at, created_at, proven_email)
			select 'Person ' || n, 'colleague', 1, now(), now(), 'p' || n || '@example.org' from generate_series(1, 50000) n`,
		`insert into notices (person_id, event_id, thread_id, post_id, reason, at, cadence)
			select p.id, e.id, e.thread_id, e.post_id, 'chose', e.at, 'daily' from people p, events e where p.name like 'Person%' and e.kind = 'post_added'`,
		`insert into digests_due (person_id, due_at) select id, '2026-11-25T07:00:00Z' from people where name like 'Person%'`,
		`analyze`} {
		if _, err := slow.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	clock.Advance(24 * time.Hour)
	for b.Loop() {
		began := time.Now()
		n, err := s.MakeDigests(b.Context())
		if err != nil || n != people {
			b.Fatalf("%d digests, %v", n, err)
		}
		b.ReportMetric(float64(n)/time.Since(began).Seconds(), "digests/s")
	}
}
