package views

import (
	"time"

	"moothall/forum"
)

// standingOf is somebody's standing, with what makes one newcomer unlike another.
func standingOf(who forum.Person) string {
	switch {
	case who.Standing == forum.Newcomer && who.TurnedAwayWhy != "":
		return "turned_away"
	case who.Standing == forum.Newcomer && who.Company != "":
		return "new_supplier"
	}
	return string(who.Standing)
}

// Session is one place where somebody is signed in.
type Session struct {
	ID                string
	Device            string
	StartedAt, SeenAt time.Time
	Here              bool // the one that asks
}
