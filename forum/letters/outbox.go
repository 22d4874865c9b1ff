package letters

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Bounds of trying.
const (
	lease     = 50 * time.Second   // how long a node may work on what it claimed, on the database's clock
	soonTries = time.Hour          // as long a letter is tried again each minute, then less often
	lastTry   = 3 * 24 * time.Hour // after this nothing is sent any more, whatever the reason
	failsMost = 3                  // refusals in a row after which an address gets no more mail
	atOnce    = 50                 // instant letters of a day to one person; what comes then goes into the digest
)

// Claimed is a letter that one node works on for a while.
type Claimed struct {
	ID        int64
	PersonID  int64
	Kind      Kind
	Key       string
	EventID   int64
	CreatedAt time.Time
	Tries     int
}

// Claim takes up to n letters that are due, for this node alone. A node that dies gives
// them back after a while: the lease runs on the database's clock, which no test moves.
func (s *Store) Claim(ctx context.Context, n int) (claimed []Claimed, err error) {
	err = s.outside(ctx, func(d *forum.Deed) error {
		rows, err := d.Query(ctx, `
			with due as (
				select id from letters
				where state in ('queued', 'deferred') and due_at <= @now and (claimed_until is null or claimed_until < clock_timestamp())
				order by due_at, id limit @n for update skip locked
			)
			update letters l set claimed_until = clock_timestamp() + @lease::interval, tries = l.tries + 1
			from due where l.id = due.id
			returning l.id, l.person_id, l.kind, l.key, coalesce(l.event_id, 0) as event_id, l.created_at, l.tries`,
			pgx.NamedArgs{"now": d.At, "n": n, "lease": lease})
		if err != nil {
			return err
		}
		claimed, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[Claimed])
		return err
	})
	return claimed, err
}

// outside is a deed that nobody's page shows.
func (s *Store) outside(ctx context.Context, fn func(d *forum.Deed) error) error {
	return s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		d.Unseen()
		return fn(d)
	})
}

// GiveBack lets others work on what was claimed and not begun.
func (s *Store) GiveBack(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	return s.outside(ctx, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			update letters set claimed_until = null, tries = tries - 1
			where id = any($1) and state in ('queued', 'deferred')`, ids)
		return err
	})
}

// Sent writes down that the mail server has taken a letter. An address that takes mail
// again begins anew with what it may refuse.
func (s *Store) Sent(ctx context.Context, c Claimed, address string) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			with reached as (delete from bounces where person_id = @who and address = @address and suppressed_at is null)
			update letters set state = 'sent', address = @address, done_at = @now, why = '', error = '', claimed_until = null
			where id = @id and state in ('queued', 'deferred')`,
			pgx.NamedArgs{"id": c.ID, "who": c.PersonID, "address": address, "now": d.At})
		return err
	})
}

// NotSent writes down that a letter is not to be sent, and why.
func (s *Store) NotSent(ctx context.Context, c Claimed, state State, why string) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		if state == Merged {
			return merge(ctx, d, c, why)
		}
		_, err := d.Exec(ctx, `
			update letters set state = $2, why = $3, done_at = $4, claimed_until = null
			where id = $1 and state in ('queued', 'deferred')`, c.ID, state, why, d.At)
		return err
	})
}

// merge puts what a letter was to tell into the next digest; also what a digest was to.
func merge(ctx context.Context, d *forum.Deed, c Claimed, why string) error {
	_, err := d.Exec(ctx, `
		with merged as (
			update letters set state = 'merged', why = @why, done_at = @now, claimed_until = null
			where id = @id and state in ('queued', 'deferred') returning id, person_id, event_id
		),
		later as (
			update notices n set cadence = case when n.event_id = m.event_id then 'daily' else n.cadence end, letter_id = null
			from merged m where n.person_id = m.person_id and (n.event_id = m.event_id or n.letter_id = m.id)
		)
		insert into digests_due (person_id, due_at)
		select m.person_id, next_digest(greatest(@now::timestamptz, s.pause_until), 'daily', coalesce(s.digest_day, 1), coalesce(s.digest_hour, 7), coalesce(s.weekdays, false))
		from merged m left join letter_settings s on s.person_id = m.person_id
		on conflict (person_id) do update set due_at = excluded.due_at where excluded.due_at < digests_due.due_at`,
		pgx.NamedArgs{"id": c.ID, "why": why, "now": d.At})
	return err
}

// Deferred writes down that a letter could not be handed over, and when it is tried
// again: soon at first, every five minutes after an hour, and not after three days.
func (s *Store) Deferred(ctx context.Context, c Claimed, said string) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			update letters set claimed_until = null, error = @said, due_at = @again,
				state = case when @over then 'bounced' else 'deferred' end,
				why = case when @over then 'gave_up' else '' end, done_at = case when @over then @now::timestamptz end
			where id = @id and state in ('queued', 'deferred')`,
			pgx.NamedArgs{"id": c.ID, "said": short(said), "now": d.At, "again": d.At.Add(wait(c, d.At)), "over": d.At.Sub(c.CreatedAt) > lastTry})
		return err
	})
}

// Later writes down that a letter was not tried, and is to be in a while.
func (s *Store) Later(ctx context.Context, c Claimed, in time.Duration) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			update letters set claimed_until = null, tries = tries - 1, due_at = $2
			where id = $1 and state in ('queued', 'deferred')`, c.ID, d.At.Add(in))
		return err
	})
}

// wait is how long after a failure a letter is tried again.
func wait(c Claimed, now time.Time) time.Duration {
	if now.Sub(c.CreatedAt) > soonTries {
		return 5 * time.Minute
	}
	return min(5*time.Second<<min(c.Tries, 4), time.Minute)
}

// Refused writes down that the mail server has refused a letter for good. The third
// time in a row that it says there is nobody at the address, that gets no more mail,
// until somebody says that it works; what else it refuses is not the address's fault.
func (s *Store) Refused(ctx context.Context, c Claimed, address, said string, nobody bool) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			with refused as (
				update letters set state = 'bounced', why = case when @nobody then 'refused' else 'came_back_ours' end,
					address = @address, error = @said, done_at = @now, claimed_until = null
				where id = @id and state in ('queued', 'deferred') returning person_id
			)
			insert into bounces as b (person_id, address, failures, said)
			select person_id, @address, 1, @said from refused where @nobody
			on conflict (person_id) do update set address = excluded.address, said = excluded.said,
				failures = case when b.address = excluded.address then b.failures + 1 else 1 end,
				suppressed_at = case when b.address = excluded.address and b.failures + 1 >= @most then coalesce(b.suppressed_at, @now) end`,
			pgx.NamedArgs{"id": c.ID, "address": address, "said": short(said), "now": d.At, "most": failsMost, "nobody": nobody})
		return err
	})
}

// short is what a mail server said, bounded.
func short(said string) string {
	if r := []rune(said); len(r) > 300 {
		return string(r[:300])
	}
	return said
}

// Due counts the letters and digests that are to be seen to within a time from now.
func (s *Store) Due(ctx context.Context, within time.Duration) (n int, err error) {
	var due struct{ N int }
	var b pgx.Batch
	b.Queue(`
		select (select count(*) from letters where state in ('queued', 'deferred') and due_at <= $1)
			+ (select count(*) from digests_due where due_at <= $1) as n`, s.Now().Add(within)).Query(forum.IntoOne(&due))
	err = s.Send(ctx, &b)
	return due.N, err
}

// Oldest is how long the first of the letters that are due has been waiting; 0 if none is.
func (s *Store) Oldest(ctx context.Context) (time.Duration, error) {
	var oldest struct{ DueAt time.Time }
	var b pgx.Batch
	now := s.Now()
	b.Queue(`
		select coalesce(min(due_at), $1::timestamptz) as due_at from letters where state in ('queued', 'deferred') and due_at <= $1`, now).Query(forum.IntoOne(&oldest))
	if err := s.Send(ctx, &b); err != nil {
		return 0, err
	}
	return now.Sub(oldest.DueAt), nil
}
