// Package letters is who hears of what: an event becomes a notice for each person
// whom it concerns, once, and is no notice any more when it is theirs no longer to
// see.
package letters

import "moothall/forum"

// Store reads and writes notices.
type Store struct{ *forum.Store }

// New makes a Store on the forum's.
func New(s *forum.Store) *Store { return &Store{s} }
