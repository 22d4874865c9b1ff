package dev

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// The most that the inbox takes.
const (
	caughtBytes  = 8 << 20
	caughtRcpts  = 50
	caughtSilent = 2 * time.Minute // between two lines
)

// catcher is the inbox's SMTP server, on this machine alone.
type catcher struct {
	server   *smtp.Server
	listener net.Listener
	ended    chan struct{}
}

// catch takes mails for an inbox.
func catch(b *Inbox) (*catcher, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &caughtSession{inbox: b}, nil }))
	server.Domain = "localhost"
	server.MaxMessageBytes, server.MaxRecipients = caughtBytes, caughtRcpts
	server.ReadTimeout, server.WriteTimeout = caughtSilent, caughtSilent
	server.ErrorLog = log.New(io.Discard, "", 0) // clients that leave without a word
	c := &catcher{server: server, listener: listener, ended: make(chan struct{})}
	go func() {
		defer func() {
			_ = recover() // no mail is caught any more, and who sends one is told so
			close(c.ended)
		}()
		_ = server.Serve(listener) // until it is closed
	}()
	return c, nil
}

func (c *catcher) close() error {
	err := c.server.Close()
	_ = c.listener.Close() // the server may not have come so far as to know of it
	<-c.ended
	if errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// caughtSession is one client of the catcher.
type caughtSession struct {
	inbox *Inbox
	from  string
	to    []string
}

// Reset forgets what was begun.
func (s *caughtSession) Reset() { s.from, s.to = "", nil }

// Logout ends nothing: nothing is held.
func (s *caughtSession) Logout() error { return nil }

// Mail notes the sender.
func (s *caughtSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt notes a recipient.
func (s *caughtSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data keeps the mail, once for each recipient, with the envelope on top as an MTA
// that delivers writes it.
func (s *caughtSession) Data(r io.Reader) error {
	source, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for _, to := range s.to {
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s: <%s>\r\n%s: %s\r\n", envelopeFrom, s.from, envelopeTo, to)
		b.Write(source)
		if err := s.inbox.keep(b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}
