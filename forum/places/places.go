// Package places is where councils stand and what becomes of them: the map, and the
// day on which councils end and others begin.
package places

import "moothall/forum"

// Store reads the map and carries out reorganisations.
type Store struct {
	*forum.Store
	teasers *teasers
}

// New makes a Store on the forum's.
func New(s *forum.Store) *Store { return &Store{s, &teasers{}} }
