// Package forum is what Moothall knows and the rules it keeps: people and their
// councils, topics, threads and posts, and who may see and do what. It knows
// nothing of HTTP. Reading is a method on Store that returns a page; writing is a
// deed (see Do), one transaction each.
package forum

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
)

// Store reads and writes everything in Postgres.
type Store struct {
	write   *pgxpool.Pool
	read    *pgxpool.Pool
	now     func() time.Time
	jobs    *river.Client[pgx.Tx]
	limits  bool
	changed func()
	past    bool
	reads   *readings
	known   *guesses
	choices *choices // nil where nothing is kept
}

// Options is what a Store stands on.
type Options struct {
	Write  *pgxpool.Pool         // the primary
	Read   *pgxpool.Pool         // read-only connections: a GET that would write fails in the database
	Now    func() time.Time      // the product's clock
	Jobs   *river.Client[pgx.Tx] // puts jobs in the queue with their cause; nil where none are queued
	Limits bool                  // keep people to so many posts a minute

	Changed func() // is told of every deed that was done; nil where nobody waits for it
	Keep    bool   // keep for a moment what all readers of a listing choose among
}

// New makes a Store.
func New(o Options) *Store {
	if o.Changed == nil {
		o.Changed = func() {}
	}
	var kept *choices
	if o.Keep {
		kept = &choices{of: map[bool]choice{}}
	}
	return &Store{choices: kept, write: o.Write, read: o.Read, now: o.Now, jobs: o.Jobs, limits: o.Limits, changed: o.Changed, reads: newReadings(), known: &guesses{of: map[string]Person{}}}
}

// Past is the store with the clock stopped at a moment gone by. What is done
// through it is told to nobody: it is how the demo's history is written.
func (s *Store) Past(at time.Time) *Store {
	past := *s
	past.now = func() time.Time { return at }
	past.limits = false
	past.past = true
	return &past
}

// Now is the product's time, in UTC, to the microsecond that Postgres keeps.
func (s *Store) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// London is where days begin, and where a council's clock hangs.
var London = func() *time.Location {
	place, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // the program carries the zones with it
	}
	return place
}()

// DayOf is the day of a moment in London, as the database gives days.
func DayOf(at time.Time) time.Time {
	y, m, d := at.In(London).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Send runs a batch of reads in one round trip; the first failure of any of them
// comes back.
func (s *Store) Send(ctx context.Context, b *pgx.Batch) error {
	takeAlong(ctx, b)
	if err := giveOrdinals(b); err != nil {
		return err
	}
	err := s.read.SendBatch(ctx, b).Close()
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// Into collects all rows of a batched query.
func Into[T any](to *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[T])
		return err
	}
}

// IntoOne takes the only row of a batched query; none is ErrNotFound.
func IntoOne[T any](to *T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[T])
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		return err
	}
}

// IntoMaybe takes the row of a batched query if there is one; to stays as it is if not.
func IntoMaybe[T any](to **T) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		one, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[T])
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		*to = &one
		return err
	}
}

// Ready reports whether the database answers.
func (s *Store) Ready(ctx context.Context) error { return s.read.Ping(ctx) }
