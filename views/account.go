package views

import (
	"time"

	"moothall/forum"
	"moothall/views/govuk"
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

// ProvidersPage is how somebody signs in, and where they are written to.
type ProvidersPage struct {
	Linked    []LinkedWay
	Ways      []SignInWay // that can be added
	Addresses []string    // to choose from
	Address   string      // the one in use
}

// LinkedWay is one account that opens the reader's.
type LinkedWay struct {
	ID         string
	Way        SignInWay
	Email      string
	Proven     bool // the provider confirms the address
	LastUsedAt time.Time
	Proves     bool // without it the reader is no colleague
}

// addresses are the answers to where somebody is written to.
func (p ProvidersPage) addresses() (options []govuk.Option) {
	for _, address := range p.Addresses {
		options = append(options, govuk.Option{Value: address, Text: address})
	}
	return options
}
