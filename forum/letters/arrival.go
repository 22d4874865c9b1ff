package letters

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Whether answers by mail arrive is tried each hour, by a mail from the site to itself on the
// way that they take. One that has not come after arrivalLate is lost: nobody who answers is
// told that their words go nowhere, so the site must notice by itself.
const (
	arrivalEvery = time.Hour
	arrivalLate  = 15 * time.Minute
)

// arrivals are the chores of that: when the last of these mails went; when the last that has
// come had gone; and, while one is lost, when the last before it had.
var arrivals = pgx.NamedArgs{"went": "arrival_went", "came": "arrival_came", "lost": "arrival_lost"}

// Trial is what is to be done now to find out whether answers arrive.
type Trial struct {
	Due  bool      // a mail is to go
	At   time.Time // and is to bring this time back; in seconds
	Lost bool      // the one before has not come, and nobody was told of that yet
}

// TryArrival begins the next trial where that is due, on one node alone. The first begins an
// hour after the site did.
func (s *Store) TryArrival(ctx context.Context) (t Trial, err error) {
	err = s.outside(ctx, func(d *forum.Deed) error {
		t = Trial{At: d.At.Truncate(time.Second)}
		args := arrivalArgs(t.At)
		tag, err := d.Exec(ctx, `insert into chores (name, at) values (@went, @at), (@came, @at) on conflict do nothing`, args)
		if err != nil || tag.RowsAffected() > 0 {
			return err
		}
		tag, err = d.Exec(ctx, `
			insert into chores (name, at) select @lost, came.at from chores went join chores came on came.name = @came
			where went.name = @went and came.at < went.at and went.at <= @late on conflict do nothing`, args)
		if err != nil {
			return err
		}
		t.Lost = tag.RowsAffected() > 0
		tag, err = d.Exec(ctx, `update chores set at = @at where name = @went and at <= @due`, args)
		t.Due = err == nil && tag.RowsAffected() > 0
		return err
	})
	return t, err
}

// Arrived notes that the mail of a trial has come. It reports whether answers arrive again
// that did not.
func (s *Store) Arrived(ctx context.Context, at time.Time) (again bool, err error) {
	err = s.outside(ctx, func(d *forum.Deed) error {
		tag, err := d.Exec(ctx, `
			with noted as (update chores set at = greatest(at, @at) where name = @came)
			delete from chores where name = @lost and exists (select from chores where name = @went and at <= @at)`, arrivalArgs(at))
		again = err == nil && tag.RowsAffected() > 0
		return err
	})
	return again, err
}

func arrivalArgs(at time.Time) pgx.NamedArgs {
	args := pgx.NamedArgs{"at": at, "due": at.Add(-arrivalEvery), "late": at.Add(-arrivalLate)}
	for name, value := range arrivals {
		args[name] = value
	}
	return args
}

// Arrival is what the last trials have told.
type Arrival struct {
	Came *time.Time // when the last mail that has come had gone; nil before the first trial
	Lost bool       // later ones have not
}

const arrivalQuery = `select (select at from chores where name = @came) as came, exists (select from chores where name = @lost) as lost`

// Arrival reads whether answers by mail arrive.
func (s *Store) Arrival(ctx context.Context) (a Arrival, err error) {
	var b pgx.Batch
	b.Queue(arrivalQuery, arrivals).Query(forum.IntoOne(&a))
	return a, s.Send(ctx, &b)
}
