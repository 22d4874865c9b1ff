// Package care looks after the forum and its people: who is let in, what is
// reported, what a moderator hides, and what is no longer kept. Each deed of
// power gives a reason, leaves an entry, and can be undone from it.
package care

import "moothall/forum"

// Store reads and writes reports, and carries out the deeds of power.
type Store struct{ *forum.Store }

// New makes a Store on the forum's.
func New(s *forum.Store) *Store { return &Store{s} }
