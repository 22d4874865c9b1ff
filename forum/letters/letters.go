// Package letters is who hears of what: an event becomes a notice for each person
// whom it concerns, once, and is no notice any more when it is theirs no longer to
// see.
package letters

import (
	"context"
	"time"

	"moothall/forum"
)

// Store reads and writes notices and letters.
type Store struct {
	*forum.Store
	Hold time.Duration // how long a mail about a post waits, so that an edit goes along
}

// New makes a Store on the forum's.
func New(s *forum.Store) *Store { return &Store{Store: s} }

// Forget is what this package does when somebody is erased: what they were told of and
// sent goes, and from where they came.
func (s *Store) Forget(ctx context.Context, d *forum.Deed, personID int64) error {
	for _, table := range []string{"notices", "letters", "inbound", "letter_settings", "stops", "digests_due", "bounces", "devices"} {
		if _, err := d.Exec(ctx, `delete from `+table+` where person_id = $1`, personID); err != nil {
			return err
		}
	}
	return forgetMailboxes(ctx, d, personID)
}
