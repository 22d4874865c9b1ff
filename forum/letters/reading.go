package letters

import (
	"context"
	"time"

	"moothall/forum"
)

// readingBatch bounds what one deed writes and locks.
const readingBatch = 2000

// Flush writes down how far people have read since the last time, and marks read
// what they were told of that. What cannot be written is kept for the next time.
func (s *Store) Flush(ctx context.Context) error {
	all := s.TakeReadings()
	for len(all) > 0 {
		n := min(len(all), readingBatch)
		err := s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
			d.Unseen()
			if err := d.SaveReadings(ctx, all[:n]); err != nil {
				return err
			}
			return markPassed(ctx, d, all[:n])
		})
		if err != nil {
			s.KeepReadings(all)
			return err
		}
		all = all[n:]
	}
	return nil
}

// markPassed marks the notices read whose posts their readers have had before them.
// What happened after that is new, also to an old post. Nodes pass over what another
// is writing, so that they never wait for each other.
func markPassed(ctx context.Context, d *forum.Deed, all []forum.Reading) error {
	_, err := d.Exec(ctx, `
		with passed as (
			select n.person_id, n.event_id, v.at
			from unnest(@people::bigint[], @threads::bigint[], @numbers::int[], @times::timestamptz[]) as v (person, thread, number, at)
			join notices n on n.person_id = v.person and n.thread_id = v.thread and n.read_at is null and n.at <= v.at
			join posts x on x.id = n.post_id and x.number <= v.number
			order by n.person_id, n.event_id
			for no key update of n skip locked
		)
		update notices n set read_at = passed.at from passed where n.person_id = passed.person_id and n.event_id = passed.event_id`,
		forum.ReadingArgs(all))
	return err
}

// How long notices and letters are kept.
const (
	readLife   = 90 * 24 * time.Hour
	unreadLife = 365 * 24 * time.Hour
	letterLife = 30 * 24 * time.Hour
	sweepBatch = 5000
)

// AnswerLife is how long the address in a mail takes answers, and no shorter how long it
// is known which have come: the same mail must not be posted again.
const AnswerLife = 365 * 24 * time.Hour

// Sweep removes notices and letters that are no longer kept, a batch at a time, and
// reports how many went: read notices after 90 days, unread ones after a year, the
// record of a letter and the words of a mail that was not posted after 30 days, that a
// mail came in and what somebody chose to hear less of after a year, a device after a year
// without a sign-in from it.
func (s *Store) Sweep(ctx context.Context) (gone int64, err error) {
	for more := true; more; {
		var n int64
		err := s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
			d.Unseen()
			n, more = 0, false
			for _, old := range []struct {
				table, which string
				life         time.Duration
			}{
				{"notices", "notices where read_at is not null and at", readLife},
				{"notices", "(select ctid, at from notices order by event_id limit $2) first where at", unreadLife}, // an older event has older notices
				{"letters", "letters where done_at", letterLife}, {"devices", "devices where last_at", unreadLife},
				{"stops", "stops where at", unreadLife}, {"inbound", "inbound where at", AnswerLife},
			} {
				tag, err := d.Exec(ctx, `delete from `+old.table+` where ctid in (select ctid from `+old.which+` < $1 limit $2)`, d.At.Add(-old.life), sweepBatch)
				if err != nil {
					return err
				}
				n += tag.RowsAffected()
				more = more || tag.RowsAffected() == sweepBatch
			}
			tag, err := d.Exec(ctx, `
				update inbound set words = '' where ctid in (select ctid from inbound where at < $1 and words <> '' limit $2)`, d.At.Add(-letterLife), sweepBatch)
			more = more || tag.RowsAffected() == sweepBatch
			return err
		})
		gone += n
		if err != nil {
			return gone, err
		}
	}
	return gone, s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		d.Unseen()
		return sweepMailboxes(ctx, d)
	})
}
