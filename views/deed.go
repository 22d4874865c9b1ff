package views

import "moothall/forum"

// DeedForm is a short form that was refused, as it was typed.
type DeedForm struct {
	Name                       string // which: close, reopen, hide, show, suspend, turn_away, let_in, keep, undo
	Action                     string // where it is sent
	On, Reason, Until, Council string
	Councils                   []forum.Council // to choose from, where one is asked for
	Back                       string          // where it came from
}
