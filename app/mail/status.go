package mail

import (
	"errors"
	"regexp"
	"strings"
)

// Status is what a mail server says of a mail in three numbers (RFC 3463): 5.1.1.
type Status string

var (
	statusStart = regexp.MustCompile(`^(?:[45]\d\d[ -])?#?([45]\.\d{1,3}\.\d{1,3})(?:[^.\d]|$)`)
	statusIn    = regexp.MustCompile(`(?im)(?:\b[45]\d\d[ -]#?|\bstatus:\s*|\(#|\s#)([45]\.\d{1,3}\.\d{1,3})(?:[^.\d]|$)`)
	ofSender    = regexp.MustCompile(`(?i)block|spam|policy|reputation|blacklist|black list|denylist|\b(?:dns|r)bl\b|sender|\bfrom\b|relay|authenti|not permitted|not authori|\bspf\b|dkim|dmarc|your (?:ip|host|server|domain)|client host|too many|\brate\b`)
)

// StatusIn finds a status in the words of a mail server: where it stands as one, behind a
// code or by its name. What only looks like it, such as a date, is none.
func StatusIn(text string) Status {
	if found := statusIn.FindStringSubmatch(text); found != nil {
		return Status(found[1])
	}
	return ""
}

// Nobody reports whether a status says that there is nobody at an address, or that it is
// no address.
func (s Status) Nobody() bool {
	switch s {
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
		return true
	}
	return false
}

// nobodyIn reports whether an answer begins with a status that says so.
func nobodyIn(said string) bool {
	found := statusStart.FindStringSubmatch(said)
	return found != nil && Status(found[1]).Nobody()
}

// ofRecipient adds to what was answered to a recipient's address whether there is nobody
// at it. Servers refuse us there, too, for what they think of us: that is not the
// address's fault.
func ofRecipient(err error) error {
	var r *Refused
	if !errors.As(err, &r) || !r.Permanent {
		return err
	}
	if statusStart.MatchString(r.Said) {
		return err // it says so itself
	}
	r.Nobody = (r.Code == 550 || r.Code == 553) && !ofSender.MatchString(strings.ReplaceAll(r.Said, "_", " "))
	return err
}
