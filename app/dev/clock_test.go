package dev

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

const week = 7 * 24 * time.Hour

// node is what runs on one database: a pool, a clock that follows, a queue that works.
type node struct {
	db    *pgxpool.Pool
	clock *Clock
	queue *river.Client[pgx.Tx]
	done  chan string // what jobs say when they are done
}

type word struct{ Says string }

func (word) Kind() string { return "word" }

type speaker struct {
	river.WorkerDefaults[word]
	done chan string
}

func (s *speaker) Work(_ context.Context, job *river.Job[word]) error {
	s.done <- job.Args.Says
	return nil
}

// emptyDatabase has the tables of the clock and the queue, and nothing in them.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	databaseURL := database(t)
	db := pool(t, databaseURL)
	if _, err := db.Exec(t.Context(), `create table dev_clock (id int primary key check (id = 1), shift interval not null)`); err != nil {
		t.Fatal(err)
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil); err != nil {
		t.Fatal(err)
	}
	return databaseURL
}

func pool(t *testing.T, databaseURL string) *pgxpool.Pool {
	t.Helper()
	db, err := pgxpool.New(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// newNode starts a node; periodic are its periodic jobs, if it has any.
func newNode(t *testing.T, databaseURL string, periodic ...*river.PeriodicJob) *node {
	t.Helper()
	n := &node{db: pool(t, databaseURL), done: make(chan string, 100)}
	n.clock = NewClock(n.db)
	if err := n.clock.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	followed := make(chan struct{})
	go func() { defer close(followed); n.clock.Follow(ctx) }()
	t.Cleanup(func() { stop(); <-followed })

	workers := river.NewWorkers()
	river.AddWorker(workers, &speaker{done: n.done})
	var err error
	n.queue, err = river.NewClient(riverpgxv5.New(n.db), &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}, Workers: workers, PeriodicJobs: periodic,
		JobTimeout: 15 * time.Second, RescueStuckJobsAfter: 25 * time.Second,
		Logger: slog.New(slog.DiscardHandler), Test: river.TestConfig{Time: n.clock},
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *node) work(t *testing.T) {
	t.Helper()
	if err := n.queue.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.queue.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func (n *node) queueWord(t *testing.T, says string, at time.Time) {
	t.Helper()
	if _, err := n.queue.Insert(t.Context(), word{says}, &river.InsertOpts{ScheduledAt: at}); err != nil {
		t.Fatal(err)
	}
}

func (n *node) state(t *testing.T) (state string) {
	t.Helper()
	if err := n.db.QueryRow(t.Context(), "select state from river_job").Scan(&state); err != nil {
		t.Fatal(err)
	}
	return state
}

// ahead is how far a clock is before the machine's.
func ahead(c *Clock) time.Duration { return time.Until(c.Now()).Round(time.Hour) }

// A move holds on all nodes, adds to the one before, and outlives them.
func TestAllNodesAgreeOnTheTime(t *testing.T) {
	t.Parallel()
	databaseURL := emptyDatabase(t)
	a, b := newNode(t, databaseURL), newNode(t, databaseURL)
	if got := ahead(b.clock); got != 0 {
		t.Errorf("a clock that nobody moved is %s ahead", got)
	}
	for range 2 {
		now, err := a.clock.Advance(t.Context(), week+time.Microsecond)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.clock.Now().Sub(now); got < 0 || got > time.Hour {
			t.Errorf("Advance's time is %s before the clock's", got)
		}
	}
	eventually(t, "the other node is two weeks ahead", func() bool { return ahead(b.clock) == 2*week })
	again := NewClock(a.db)
	if err := again.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := time.Duration(again.shift.Load()), 2*(week+time.Microsecond); got != want {
		t.Errorf("after a restart it is %s ahead, want %s", got, want)
	}
	if got := again.Now().Location(); got != time.UTC {
		t.Errorf("its time is in %s, want UTC", got)
	}
}

func TestTheClockDoesNotGoBackwards(t *testing.T) {
	t.Parallel()
	n := newNode(t, emptyDatabase(t))
	if _, err := n.clock.Advance(t.Context(), week); err != nil {
		t.Fatal(err)
	}
	for _, d := range []time.Duration{-1, -week, farthest, farthest + 1, 1<<63 - 1} {
		if _, err := n.clock.Advance(t.Context(), d); !errors.Is(err, ErrClock) {
			t.Errorf("moving by %s: got %v, want ErrClock", d, err)
		}
	}
	if got := ahead(n.clock); got != week {
		t.Errorf("a refused move moved it: %s ahead", got)
	}
	if _, err := n.clock.Advance(t.Context(), 0); err != nil {
		t.Errorf("a move by nothing: %v", err)
	}
}

// A database older than the clock, or away, does not stop it.
func TestTheClockGoesOnWithoutItsTable(t *testing.T) {
	t.Parallel()
	db := pool(t, database(t))
	c := NewClock(db)
	if err := c.Look(t.Context()); err != nil {
		t.Errorf("without a table: %v", err)
	}
	c.shift.Store(int64(week))
	db.Close()
	c.follow(t.Context(), 0)
	if got := ahead(c); got != week {
		t.Errorf("without a database it is %s ahead, want %s", got, week)
	}
}

// A job for next week is ready as soon as the clock has moved a week, and whichever node is free does it.
func TestMovingTheClockMovesJobs(t *testing.T) {
	t.Parallel()
	databaseURL := emptyDatabase(t)
	a, b := newNode(t, databaseURL), newNode(t, databaseURL)
	a.queueWord(t, "next week", a.clock.Now().Add(week))
	if _, err := a.clock.Advance(t.Context(), week-time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := a.state(t); got != "scheduled" {
		t.Errorf("an hour too early the job is %s", got)
	}
	if _, err := a.clock.Advance(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := a.state(t); got != "available" {
		t.Errorf("after a week the job is %s, want available", got)
	}
	b.work(t)
	if got := <-b.done; got != "next week" {
		t.Errorf("done: %q", got)
	}
}

// A job that was taken at a time not yet come, and whose worker was killed, is done again.
func TestAKilledJobIsFoundAfterAMove(t *testing.T) {
	t.Parallel()
	n := newNode(t, emptyDatabase(t))
	if _, err := n.clock.Advance(t.Context(), week); err != nil {
		t.Fatal(err)
	}
	n.queueWord(t, "again", n.clock.Now())
	if _, err := n.db.Exec(t.Context(), `
		update river_job set state = 'running', attempt = 1, attempted_at = $1, attempted_by = '{killed}'`, n.clock.Now()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the job was taken at a time that has come", func() (past bool) {
		if err := n.db.QueryRow(t.Context(), `select attempted_at <= clock_timestamp() from river_job`).Scan(&past); err != nil {
			t.Fatal(err)
		}
		return past
	})
	// Half a minute later:
	if _, err := n.db.Exec(t.Context(), `update river_job set attempted_at = attempted_at - interval '30 seconds'`); err != nil {
		t.Fatal(err)
	}
	n.work(t)
	if got := <-n.done; got != "again" {
		t.Errorf("done: %q", got)
	}
}

// A node that leads the queue's upkeep goes on leading after a move, or another does.
func TestPeriodicJobsGoOnAfterAMove(t *testing.T) {
	t.Parallel()
	every := river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
		return word{"look at what is due"}, nil
	}, &river.PeriodicJobOpts{RunOnStart: true})
	n := newNode(t, emptyDatabase(t), every)
	n.work(t)
	<-n.done
	if _, err := n.clock.Advance(t.Context(), week); err != nil {
		t.Fatal(err)
	}
	if err := n.queue.Notify().RequestResign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := <-n.done, "look at what is due"; got != want {
		t.Errorf("done: %q, want %q", got, want)
	}
}
