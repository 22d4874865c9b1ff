package mail

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// errClosed is what a Sender fails with that was closed.
var errClosed = errors.New("mails are no longer sent: the program is stopping")

// bySMTP is a Sender that keeps a few connections to one server and uses them again.
type bySMTP struct {
	c      Config
	to     destination
	signer *signer // nil: somebody else signs
	pace   pace
	room   chan struct{} // one for each connection

	mu     sync.Mutex
	idle   []*line
	closed bool
}

func newSMTP(c Config, to destination) *bySMTP {
	s := &bySMTP{c: c, to: to, room: make(chan struct{}, c.Connections)}
	s.pace.each, s.pace.domains = to.pace, map[string]*rate.Limiter{}
	return s
}

// Send hands one mail over. When the server was reached and the connection lost before
// it answered, nobody knows whether it has the mail; then it is to be tried again, with
// the same Message-ID.
func (s *bySMTP) Send(ctx context.Context, m Message) error {
	l, err := render(m)
	if err != nil {
		return err
	}
	if err := s.pace.wait(ctx, l.to.domain); err != nil {
		return err
	}
	if s.signer != nil {
		if l.text, err = s.signer.sign(l.text); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, s.c.Limit)
	defer cancel()
	select {
	case s.room <- struct{}{}:
		defer func() { <-s.room }()
	case <-ctx.Done():
		return ctx.Err()
	}
	on, err := s.take(ctx)
	if err != nil {
		return err
	}
	err = on.within(ctx, func() error { return on.hand(l) })
	if !on.broken {
		s.give(on)
		return err
	}
	on.cut()
	return err
}

// take is a connection that works: one that has rested, if it still answers, or a new one.
func (s *bySMTP) take(ctx context.Context) (*line, error) {
	for {
		rested, err := s.rested()
		if err != nil {
			return nil, err
		}
		if rested == nil {
			return dial(ctx, s.c, s.to)
		}
		if rested.within(ctx, rested.reset) == nil {
			return rested, nil
		}
		rested.cut()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

// rested is the connection that was used last; nil where there is none.
func (s *bySMTP) rested() (*line, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	if len(s.idle) == 0 {
		return nil, nil
	}
	last := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	last.rest.Stop()
	return last, nil
}

// give lets a connection rest, for a while.
func (s *bySMTP) give(l *line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		l.cut()
		return
	}
	l.rest = time.AfterFunc(s.c.Idle, func() { s.retire(l) })
	s.idle = append(s.idle, l)
}

// retire ends a connection that nobody has needed.
func (s *bySMTP) retire(l *line) {
	s.mu.Lock()
	at := slices.Index(s.idle, l)
	if at >= 0 {
		s.idle = append(s.idle[:at], s.idle[at+1:]...)
	}
	s.mu.Unlock()
	if at >= 0 {
		l.quit()
	}
}

// Close ends the connections that rest; one that carries a mail ends with it.
func (s *bySMTP) Close() error {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, l := range idle {
		l.rest.Stop()
		l.quit()
	}
	return nil
}
