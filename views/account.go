package views

import "time"

// Session is one place where somebody is signed in.
type Session struct {
	ID                string
	Device            string
	StartedAt, SeenAt time.Time
	Here              bool // the one that asks
}
