package care

import (
	"context"
	"time"

	"moothall/forum"
)

// keyLife is how long a form's key is kept: a day longer than it is looked at.
const keyLife = 48 * time.Hour

// sweepBatch is how many rows one deed of a sweep removes.
const sweepBatch = 5000

// Sweep removes what is no longer kept, a batch at a time, and reports how much
// went: the keys of forms, two days after they were used.
func (s *Store) Sweep(ctx context.Context) (gone int64, err error) {
	for {
		var n int64
		err := s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
			tag, err := d.Exec(ctx, `
				delete from form_keys where ctid in (select ctid from form_keys where at < $1 limit $2)`, d.At.Add(-keyLife), sweepBatch)
			n = tag.RowsAffected()
			return err
		})
		gone += n
		if err != nil || n < sweepBatch {
			return gone, err
		}
	}
}

// recountEvery is how often what is counted is compared with what there is.
const recountEvery = 24 * time.Hour

// Recount puts right, once a day, what the numbers of threads and people say, should
// they not be what there is. It reports whether it was time.
func (s *Store) Recount(ctx context.Context) (due bool, err error) {
	err = s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		tag, err := d.Exec(ctx, `
			insert into chores (name, at) values ('recount', $1)
			on conflict (name) do update set at = excluded.at where chores.at <= $2`, d.At, d.At.Add(-recountEvery))
		if due = tag.RowsAffected() == 1; err != nil || !due {
			d.Unseen()
			return err
		}
		_, err = d.Exec(ctx, `select count_threads()`)
		return err
	})
	return due, err
}
