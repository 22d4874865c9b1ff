// Package mail carries mails out: by SMTP, or through GOV.UK Notify. It knows nothing
// of the forum: what a mail says and who gets it is for others to decide.
package mail

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"
)

// Message is one mail to one recipient.
type Message struct {
	ID       string // of the Message-ID: post-12@domain, without brackets, the same on each try
	From     string // addresses as they stand in headers: a name and an address
	To       string // its address is the one recipient
	ReplyTo  string
	Envelope string // where bounces go; empty: to From
	Subject  string
	Text     string
	HTML     string
	Headers  []Header // the others, such as List-Id, List-Unsubscribe and References
	At       time.Time

	// Last, if it is not nil, is called when all has been said but the last sign, by which
	// the mail is handed over: what must be written down before that, is written down here.
	// When it fails, the mail does not go.
	Last func() error
}

// Header is one line on top of a mail.
type Header struct{ Name, Value string }

// Sender hands mails over to whoever delivers them. What it fails with is *Refused
// when it was answered, *Paced when it is too early, and anything else when nobody was
// reached: then, as for all that is not permanent, the mail is to be tried again.
type Sender interface {
	// Send returns when the mail was taken: after that it must not be sent again.
	Send(ctx context.Context, m Message) error
	Close() error
}

// Refused is a mail that was not taken. Whether to try again is for Permanent alone to
// say, not for the code: a password that is wrong is our fault, not the address's.
type Refused struct {
	Code      int    // what the server answered; 0 where we did not ask it
	Said      string // in the server's words, or ours
	Permanent bool   // this mail will never be taken
	Nobody    bool   // for there is nobody at its address, or no such address
}

// Error is what was said, with its code.
func (r *Refused) Error() string {
	if r.Code == 0 {
		return "the mail cannot be sent: " + r.Said
	}
	return fmt.Sprintf("the mail was refused: %d %s", r.Code, r.Said)
}

// unsendable is a mail that is wrong in itself.
func unsendable(format string, args ...any) error {
	return &Refused{Said: fmt.Sprintf(format, args...), Permanent: true}
}

// Paced is a mail that was not tried, for its recipient's domain has had as many as it
// takes in that time.
type Paced struct{ For time.Duration } // until it is worth trying

// Error tells how long to wait.
func (p *Paced) Error() string {
	return fmt.Sprintf("too many mails to one domain: wait for %s", p.For.Round(time.Millisecond))
}

// Config is where mails go, and how.
type Config struct {
	URL          string           // smtp://, smtps:// or notify://, as CheckURL takes it
	Domain       string           // of our addresses: whom we say we are, and who signs
	Production   bool             // TLS is demanded unless the URL says otherwise
	DKIMKey      string           // the path of a PEM file; empty: nothing is signed
	DKIMSelector string           // under which the key is found in the domain's DNS
	Roots        *x509.CertPool   // who vouches for servers; nil: the machine's own
	Now          func() time.Time // the world's, which GOV.UK Notify asks for

	Connections int           // to the server at once; 0: four
	Idle        time.Duration // after which a connection that nobody needs is closed; 0: 30 s
	Limit       time.Duration // for one mail; 0: 30 s
}

// Open makes a Sender. It connects to nothing yet.
func Open(c Config) (Sender, error) {
	to, err := parseURL(c.URL, c.Production)
	if err != nil {
		return nil, err
	}
	if c.Connections == 0 {
		c.Connections = 4
	}
	if c.Idle == 0 {
		c.Idle = 30 * time.Second
	}
	if c.Limit == 0 {
		c.Limit = 30 * time.Second
	}
	if to.service != "" {
		return newNotify(c, to), nil
	}
	s := newSMTP(c, to)
	if c.DKIMKey != "" {
		if s.signer, err = newSigner(c); err != nil {
			return nil, err
		}
	}
	return s, nil
}
