// Package newsletter is the issues that curators put together: who gets them, what is in
// them as a visitor may see it, and how each goes to each address once.
package newsletter

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"moothall/forum"
)

// Store reads and writes newsletters.
type Store struct{ *forum.Store }

// New makes a Store on the forum's.
func New(s *forum.Store) *Store { return &Store{s} }

// Queue is the queue of jobs about newsletters: what people wait to hear of has its own.
const Queue = "newsletters"

// Dispatch is the job of looking which issues are to go out, and of putting in a letter
// for everybody who gets them.
type Dispatch struct{}

// Kind is the job's name for good.
func (Dispatch) Kind() string { return "newsletters" }

// InsertOpts puts the job in a queue of its own.
func (Dispatch) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: Queue} }

// CanCompose reports whether a person puts newsletters together and sends them: curators.
func CanCompose(who forum.Person) bool { return forum.CanTend(who) }

// CanApprove reports whether a person can be the second pair of eyes: another curator than
// who said last what is in it.
func CanApprove(who forum.Person, i Issue) bool {
	return CanCompose(who) && who.ID != i.ChangedBy
}

// shows is true of the items whose threads t a visitor may see in lists, and whose
// highlight h, if they came in by one, was not taken down. It is asked whenever an issue
// is read, on the site and for each handful of mails.
const shows = `(` + forum.Listed + ` and t.visibility = 'public'
	and (i.highlight_id is null or h.ended_at is null and (h.post_id is null or p.number is not null and p.hidden_at is null and p.deleted_at is null)))`

// asVisitor are the rights of shows: a visitor's, whoever asks.
func asVisitor(args pgx.NamedArgs) pgx.NamedArgs {
	return forum.Person{Standing: forum.Visitor}.Rights(args)
}

// outside is a deed that no visitor's page shows.
func (s *Store) outside(ctx context.Context, who forum.Person, fn func(d *forum.Deed) error) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		return fn(d)
	})
}

// Forget is what this package does when somebody is erased: they get no newsletter any
// more, by their account or at the address that they had proven, and what was sent to them
// is not known.
func (s *Store) Forget(ctx context.Context, d *forum.Deed, personID int64) error {
	_, err := d.Exec(ctx, `
		with tests as (delete from newsletter_letters where tester_id = $1)
		delete from newsletter_subscribers where person_id = $1
			or address = (select lower(proven_email) from people where id = $1)`, personID)
	return err
}

// Restored is what this package does in a database that came from a backup: what was to
// be sent then has been sent since, or is for a curator to look at.
func (s *Store) Restored(ctx context.Context) (let int64, err error) {
	err = s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		tag, err := d.Exec(ctx, `
			update newsletter_letters set state = 'dropped', why = 'late', done_at = $1, claimed_until = null where state in ('queued', 'deferred')`, d.At)
		if let = tag.RowsAffected(); err != nil {
			return err
		}
		_, err = d.Exec(ctx, `
			update newsletters set state = case when begun_at is null then 'draft' else 'stopped' end, ended_at = case when begun_at is not null then $1::timestamptz end
			where state in ('scheduled', 'sending', 'paused')`, d.At)
		return err
	})
	return let, err
}

// How long an address waits to be confirmed, how long one that left is remembered, so that
// the links in its mails say so, and how long what became of a letter.
const (
	confirmLife = 7 * 24 * time.Hour
	leftMemory  = 30 * 24 * time.Hour
	letterLife  = 30 * 24 * time.Hour
)

// sweepBatch is how many rows one deed of a sweep removes.
const sweepBatch = 5000

// Sweep removes what is no longer kept, a batch at a time, and reports how much went:
// addresses that nobody confirmed, those that left or could not be reached, the records of
// letters.
func (s *Store) Sweep(ctx context.Context) (gone int64, err error) {
	for {
		var n int64
		err := s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
			n = 0
			for _, over := range []struct {
				query string
				age   time.Duration
			}{
				{`delete from newsletter_subscribers where id in (select id from newsletter_subscribers where confirmed_at is null and asked_at < $1 limit $2)`, confirmLife},
				{`delete from newsletter_subscribers where id in (select id from newsletter_subscribers where left_at < $1 and asked_at < $1 limit $2)`, leftMemory},
				{`delete from newsletter_subscribers where id in (select id from newsletter_subscribers where address is not null and suppressed_at < $1 and asked_at < $1 limit $2)`, leftMemory},
				{`delete from newsletter_letters where id in (select id from newsletter_letters where done_at < $1 limit $2)`, letterLife},
			} {
				tag, err := d.Exec(ctx, over.query, d.At.Add(-over.age), sweepBatch)
				if err != nil {
					return err
				}
				n = max(n, tag.RowsAffected())
			}
			return nil
		})
		gone += n
		if err != nil || n < sweepBatch {
			return gone, err
		}
	}
}
