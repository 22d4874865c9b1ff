// Package letters is who hears of what: an event becomes a notice for each person
// whom it concerns, once, and is no notice any more when it is theirs no longer to
// see.
package letters

import (
	"context"

	"moothall/forum"
)

// Store reads and writes notices.
type Store struct{ *forum.Store }

// New makes a Store on the forum's.
func New(s *forum.Store) *Store { return &Store{s} }

// Forget is what this package does when somebody is erased: what they were told of goes.
func (s *Store) Forget(ctx context.Context, d *forum.Deed, personID int64) error {
	_, err := d.Exec(ctx, `delete from notices where person_id = $1`, personID)
	return err
}
