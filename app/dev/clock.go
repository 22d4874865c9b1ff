package dev

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

const (
	followEvery  = 250 * time.Millisecond
	farthest     = 100 * 365 * 24 * time.Hour
	dueAtOnce    = 10_000
	noSuchTable  = "42P01" // undefined_table
	countedByUs  = "(extract(epoch from shift) * 1000000)::bigint"
	changesShift = `
		insert into dev_clock (id, shift) values (1, $1::bigint * interval '1 microsecond')
		on conflict (id) do update set shift = dev_clock.shift + excluded.shift
		returning ` + countedByUs
)

// ErrClock is what a move of the clock fails with that is no failure of ours: time
// does not go backwards, and ends somewhere.
var ErrClock = errors.New("the clock moves forward only, and a hundred years at most")

// Clock is the time of day, moved forward by what is kept in the database: all nodes
// on one database agree on it within a second, and after a restart. The job queue
// can run on it too.
type Clock struct {
	db    *pgxpool.Pool
	shift atomic.Int64 // a time.Duration
}

// NewClock makes a clock on a pool that may write. It is not moved before Look has
// returned or Follow has begun.
func NewClock(pool *pgxpool.Pool) *Clock { return &Clock{db: pool} }

// Now is the time of day, in UTC, and as much later as the clock was moved.
func (c *Clock) Now() time.Time {
	return time.Now().UTC().Add(time.Duration(c.shift.Load()))
}

// NowOrNil is Now, never nil: the queue hands it to its statements, which would take
// the server's time otherwise.
func (c *Clock) NowOrNil() *time.Time {
	now := c.Now()
	return &now
}

// Advance moves the clock of all nodes forward, makes the jobs that are due by it
// ready, and returns the new time. The error is ErrClock when d is negative or leads
// too far.
func (c *Clock) Advance(ctx context.Context, d time.Duration) (time.Time, error) {
	if d < 0 || d > farthest {
		return time.Time{}, ErrClock
	}
	err := pgx.BeginFunc(ctx, c.db, func(tx pgx.Tx) error {
		var shift int64
		if err := tx.QueryRow(ctx, changesShift, d.Microseconds()).Scan(&shift); err != nil {
			return err
		}
		if shift > farthest.Microseconds() {
			return ErrClock
		}
		return ready(ctx, tx, time.Now().UTC().Add(time.Duration(shift)*time.Microsecond))
	})
	if err != nil {
		return time.Time{}, err
	}
	if err := c.Look(ctx); err != nil {
		return time.Time{}, err
	}
	return c.Now(), nil
}

// ready has the jobs that are due at a time be fetched at the next look of a worker.
// The queue does it too, but only every five seconds, at the node that leads.
func ready(ctx context.Context, tx pgx.Tx, at time.Time) error {
	queue := riverpgxv5.New(nil).UnwrapExecutor(tx)
	for {
		jobs, err := queue.JobSchedule(ctx, &riverdriver.JobScheduleParams{Max: dueAtOnce, Now: &at})
		if err != nil || len(jobs) < dueAtOnce {
			return err
		}
	}
}

// Look reads how far the clock was moved, by whichever node.
func (c *Clock) Look(ctx context.Context) error {
	var shift int64
	err := c.db.QueryRow(ctx, "select "+countedByUs+" from dev_clock where id = 1").Scan(&shift)
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows), errors.As(err, &refused) && refused.Code == noSuchTable:
		shift = 0 // nobody has moved it
	case err != nil:
		return err
	}
	c.shift.Store(int64(time.Duration(shift) * time.Microsecond))
	return nil
}

// Follow keeps up with moves by other nodes until ctx ends. While the database does
// not answer the clock goes on as it was.
func (c *Clock) Follow(ctx context.Context) {
	for turn := 0; ; turn++ {
		c.follow(ctx, turn)
		select {
		case <-ctx.Done():
			return
		case <-time.After(followEvery):
		}
	}
}

func (c *Clock) follow(ctx context.Context, turn int) {
	defer func() {
		if r := recover(); r != nil {
			slog.ErrorContext(ctx, "following the clock", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	if err := c.Look(ctx); err == nil && turn%4 == 0 {
		_ = c.dateJobs(ctx) // what fails now is done the next time
	}
}

// dateJobs gives the jobs that run a time that the machine's clock has reached. The
// queue writes its own clock's there, but to find jobs whose worker was killed it
// compares with the machine's: moved a week, it would leave them for a week.
func (c *Clock) dateJobs(ctx context.Context) error {
	if c.shift.Load() == 0 {
		return nil
	}
	_, err := c.db.Exec(ctx, `
		update river_job set attempted_at = clock_timestamp()
		where state = 'running' and attempted_at > clock_timestamp() + interval '1 second'`)
	return err
}
