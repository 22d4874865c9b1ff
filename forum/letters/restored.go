package letters

import (
	"context"

	"moothall/forum"
)

// Restored is what this package does in a database that came from a backup: what was
// still to be sent then has been sent since, or is too late. Nobody is told twice.
func (s *Store) Restored(ctx context.Context) (let int64, err error) {
	err = s.outside(ctx, func(d *forum.Deed) error {
		tag, err := d.Exec(ctx, `
			update letters set state = 'dropped', why = 'late', done_at = $1, claimed_until = null where state in ('queued', 'deferred')`, d.At)
		if err != nil {
			return err
		}
		let = tag.RowsAffected()
		if _, err := d.Exec(ctx, `update notices set cadence = 'site' where letter_id is null and cadence in ('daily', 'weekly')`); err != nil {
			return err
		}
		_, err = d.Exec(ctx, `delete from digests_due`)
		return err
	})
	return let, err
}
