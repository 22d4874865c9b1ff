package mail

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// What a Receiver takes at most.
const (
	receivedBytes = 1<<20 + 64<<10 // of one mail: a megabyte and its headers
	receivedRcpts = 5
	takeLimit     = 20 * time.Second
)

// Incoming is a mail that came in, for one recipient.
type Incoming struct {
	Received
	Purpose  string // of the address: reply, bounce, unsubscribe; else its whole local part
	Token    string
	Envelope string // the sender; empty of what came by itself
	Hash     []byte // the same when the same mail comes again
}

// Taker is who takes what comes in.
type Taker interface {
	// Knows reports whether there is anybody at an address, of which it gets the purpose
	// and the token.
	Knows(purpose, token string) bool
	// Take takes a mail. When it returns nil, what the mail was for is done for good; the
	// same mail again changes nothing.
	Take(ctx context.Context, m Incoming) error
}

// Unwelcome is why a mail is not taken, and never will be.
type Unwelcome struct{ Why string }

// Error says why.
func (u *Unwelcome) Error() string { return u.Why }

// Receiver is an SMTP server that takes mails for one domain, from a mail server that
// relays them.
type Receiver struct {
	domain string
	taker  Taker
	log    func(err error)
	server *smtp.Server
	door   *door
	ended  chan struct{}
	ctx    context.Context
	halt   context.CancelFunc
}

// Receive takes the mails for a domain on a listener, until it is closed. What goes
// wrong by no fault of a mail is told to note.
func Receive(listener net.Listener, domain string, taker Taker, note func(err error)) *Receiver {
	return receive(listener, usual, domain, taker, note)
}

// receive is Receive with so much patience.
func receive(listener net.Listener, with patience, domain string, taker Taker, note func(err error)) *Receiver {
	r := &Receiver{domain: strings.ToLower(domain), taker: taker, log: note, door: newDoor(listener, with.stays), ended: make(chan struct{})}
	r.ctx, r.halt = context.WithCancel(context.Background())
	r.server = smtp.NewServer(smtp.BackendFunc(r.greet))
	r.server.Domain = r.domain
	r.server.MaxMessageBytes, r.server.MaxRecipients = receivedBytes, receivedRcpts
	r.server.MaxLineLength = receivedBytes // programs write HTML in one line, whatever RFC 5321 says
	r.server.ReadTimeout, r.server.WriteTimeout = with.silent, with.silent
	r.server.ErrorLog = log.New(io.Discard, "", 0) // clients that leave without a word
	go func() {
		defer func() {
			if cause := recover(); cause != nil {
				note(errors.New("receiving mail has ended by a panic"))
			}
			close(r.ended)
		}()
		if err := r.server.Serve(r.door); err != nil && !errors.Is(err, net.ErrClosed) {
			note(err)
		}
	}()
	return r
}

// Close lets mails that are being taken be taken, as long as ctx lasts. Whoever brings none
// is let go at once.
func (r *Receiver) Close(ctx context.Context) error {
	defer r.halt()
	r.door.close()
	err := r.server.Shutdown(ctx)
	if err != nil {
		_ = r.server.Close() // whoever is left is cut off; they send it again
	}
	if errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// greet begins with a client.
func (r *Receiver) greet(c *smtp.Conn) (smtp.Session, error) {
	by, _ := c.Conn().(*guest)
	if by == nil {
		return nil, errors.New("nobody came in by the door")
	}
	return &receiving{receiver: r, by: by}, nil
}

// recipient is whom a mail is for: reply+TOKEN.
type recipient struct{ purpose, token string }

// receiving is one client.
type receiving struct {
	receiver *Receiver
	by       *guest
	envelope string
	to       []recipient
}

// Reset forgets what was begun.
func (s *receiving) Reset() { s.envelope, s.to = "", nil }

// Logout ends with a client.
func (s *receiving) Logout() error { return nil }

// Mail notes the sender.
func (s *receiving) Mail(from string, _ *smtp.MailOptions) error {
	s.envelope = from
	return nil
}

func unwelcome(why string) error {
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: oneLine(why)}
}

// Rcpt notes a recipient whom there is.
func (s *receiving) Rcpt(to string, _ *smtp.RcptOptions) error {
	local, domain, _ := strings.Cut(strings.ToLower(to), "@")
	if domain != s.receiver.domain {
		return unwelcome("Mail for this domain is not taken here")
	}
	purpose, token, _ := strings.Cut(local, "+")
	if len(local) > 64 || !s.receiver.taker.Knows(purpose, token) {
		return unwelcome("There is nobody at this address")
	}
	s.to = append(s.to, recipient{purpose, token})
	return nil
}

// Data has a mail taken for each of its recipients. It is taken when all of it is done:
// when only a part was, the same mail comes again and finds that part done.
func (s *receiving) Data(r io.Reader) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.receiver.log(errors.New("a mail that came in was too much for us"))
			err = unwelcome("This mail cannot be read")
		}
	}()
	s.by.brings(true)
	defer s.by.brings(false)
	raw, err := io.ReadAll(r)
	switch {
	case errors.Is(err, smtp.ErrDataTooLarge):
		return s.refuse(err)
	case err != nil:
		return err // the client has left
	}
	parsed, err := Parse(raw)
	if err != nil {
		return s.refuse(unwelcome("This mail cannot be read"))
	}
	ctx, cancel := context.WithTimeout(s.receiver.ctx, takeLimit)
	defer cancel()
	for _, to := range s.to {
		m := Incoming{Received: parsed, Purpose: to.purpose, Token: to.token, Envelope: s.envelope, Hash: hash(raw, parsed.MessageID, to)}
		if err := s.take(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// refuse refuses a mail, but for what is sent to addresses that anybody knows: the relay
// has taken it already, and would send it on to whoever it says it is from. That holds of
// the address that our mails come from, too, though an answer may be lost so: nothing has
// vouched yet for who sent it. A relay that is set up as .env.example has it takes nothing
// so large, and so tells its writer's own server.
func (s *receiving) refuse(why error) error {
	if slices.ContainsFunc(s.to, func(to recipient) bool { return to.token != "" }) {
		return why
	}
	return nil
}

// take has a mail taken for one recipient.
func (s *receiving) take(ctx context.Context, m Incoming) error {
	err := s.receiver.taker.Take(ctx, m)
	var no *Unwelcome
	switch {
	case err == nil:
		return nil
	case errors.As(err, &no):
		return unwelcome(no.Why)
	}
	s.receiver.log(err)
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "This could not be done just now: try again"}
}

// hash is alike for the same mail to the same recipient, whatever way it came: of its
// Message-ID, else of all of it.
func hash(raw []byte, id string, to recipient) []byte {
	sum := sha256.New()
	sum.Write([]byte(to.purpose + "+" + to.token + "\n"))
	if id != "" {
		sum.Write([]byte(id))
	} else {
		sum.Write(raw)
	}
	return sum.Sum(nil)
}

// oneLine is words without line ends and control characters.
func oneLine(words string) string {
	return strings.Join(strings.FieldsFunc(words, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
}
