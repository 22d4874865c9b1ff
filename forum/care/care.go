// Package care looks after the forum and its people: who is let in, what is
// reported, what a moderator hides, and what is no longer kept. Each deed of
// power gives a reason, leaves an entry, and can be undone from it.
package care

import (
	"maps"

	"moothall/forum"
)

// Store reads and writes reports, and carries out the deeds of power.
type Store struct {
	*forum.Store
	undoings map[forum.DeedName]forum.Undoing
}

// New makes a Store on the forum's. What other subjects' deeds leave in the audit log
// is undone from there as they say.
func New(s *forum.Store, others ...map[forum.DeedName]forum.Undoing) *Store {
	all := maps.Clone(undoings)
	for _, more := range others {
		maps.Copy(all, more)
	}
	return &Store{Store: s, undoings: all}
}
