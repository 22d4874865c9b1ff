package letters

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Once an hour a trial shows whether answers by mail arrive: a mail from the site to itself,
// through its mail server. One that has not come after trialLate is lost. Nobody else would
// notice: who answers by mail thinks that it came.
const (
	trialEvery = time.Hour
	trialLate  = 15 * time.Minute
)

// trials are the chores of that: when the last trial began; when the last mail went; when
// the last that has come had gone; and since when it was told that they do not come.
var trials = pgx.NamedArgs{"began": "trial_began", "went": "trial_went", "came": "trial_came", "lost": "trial_lost"}

// trialIsLost is true where the last mail has not come.
const trialIsLost = `exists (select from chores w where w.name = @went and not exists (select from chores c where c.name = @came and c.at >= w.at))`

// Trial is what is to be done now to find out whether answers arrive.
type Trial struct {
	Due  bool      // a mail is to go
	At   time.Time // and is to bring this time back; in seconds
	Lost bool      // the last has not come, and nobody was told of that yet
}

// BeginTrial begins the next trial where that is due, on one node alone. The first begins an
// hour after the site did.
func (s *Store) BeginTrial(ctx context.Context) (t Trial, err error) {
	err = s.ofTrial(ctx, func(d *forum.Deed) error {
		t = Trial{At: d.At.Truncate(time.Second)}
		args := trialArgs(t.At)
		tag, err := d.Exec(ctx, `
			insert into chores (name, at) select @lost, @at where `+trialIsLost+` and exists (select from chores where name = @went and at <= @late)
			on conflict do nothing`, args)
		if err != nil {
			return err
		}
		t.Lost = tag.RowsAffected() > 0
		tag, err = d.Exec(ctx, `update chores set at = @at where name = @began and at <= @due`, args)
		t.Due = err == nil && tag.RowsAffected() > 0
		return err
	})
	return t, err
}

// TrialWent notes that the mail of a trial went. One that did not tells nothing of answers.
func (s *Store) TrialWent(ctx context.Context, at time.Time) error {
	return s.ofTrial(ctx, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `insert into chores (name, at) values (@went, @at) on conflict (name) do update set at = greatest(chores.at, @at)`, trialArgs(at))
		return err
	})
}

// TrialCame notes that the mail of a trial has come, which may be before TrialWent. It
// reports whether answers arrive again that did not.
func (s *Store) TrialCame(ctx context.Context, at time.Time) (again bool, err error) {
	err = s.ofTrial(ctx, func(d *forum.Deed) error {
		args := trialArgs(at)
		_, err := d.Exec(ctx, `insert into chores (name, at) values (@came, @at) on conflict (name) do update set at = greatest(chores.at, @at)`, args)
		if err != nil {
			return err
		}
		tag, err := d.Exec(ctx, `delete from chores where name = @lost and not `+trialIsLost, args)
		again = err == nil && tag.RowsAffected() > 0
		return err
	})
	return again, err
}

// ofTrial does a deed of trials, one after the other on all nodes.
func (s *Store) ofTrial(ctx context.Context, fn func(d *forum.Deed) error) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		args := trialArgs(d.At.Truncate(time.Second))
		if _, err := d.Exec(ctx, `insert into chores (name, at) values (@began, @at) on conflict do nothing`, args); err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `select from chores where name = @began for update`, args); err != nil {
			return err
		}
		return fn(d)
	})
}

func trialArgs(at time.Time) pgx.NamedArgs {
	args := pgx.NamedArgs{"at": at, "due": at.Add(-trialEvery), "late": at.Add(-trialLate)}
	for name, value := range trials {
		args[name] = value
	}
	return args
}

// Trials are what the trials have shown; zero before the first.
type Trials struct {
	Went *time.Time // when the last mail went
	Came *time.Time // when the last that has come had gone; nil where none ever has
	Lost bool       // answers do not arrive
}

const trialsQuery = `select (select at from chores where name = @went) as went, (select at from chores where name = @came) as came,
	exists (select from chores where name = @lost) and ` + trialIsLost + ` as lost`

// Trials reads whether answers by mail arrive.
func (s *Store) Trials(ctx context.Context) (t Trials, err error) {
	var b pgx.Batch
	b.Queue(trialsQuery, trials).Query(forum.IntoOne(&t))
	return t, s.Send(ctx, &b)
}
