package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"moothall/app/mail"
	"moothall/forum/letters"
)

const (
	postmen    = 4 // on one node: as many mails are under way at once
	handful    = 10
	roundLimit = 15 * time.Second       // after which a round takes up nothing more of its handful
	mailLimit  = 25 * time.Second       // for one mail; with roundLimit shorter than a claim's lease
	postEvery  = 500 * time.Millisecond // while there is nothing to carry, one of them looks
	awayMost   = 30 * time.Second       // between two looks at a mail server that is away
)

// Post is how a letter leaves: written down, then handed over.
type Post interface {
	Write(l letters.Letter) (mail.Message, error)
	Send(ctx context.Context, m mail.Message) error
}

// postman carries letters out. Each node has some; none leads. What one had in hand
// when it died is taken up by another as soon as its claim runs out: the mail that was
// just under way may then come twice, with the same Message-ID.
type postman struct {
	letters *letters.Store
	post    Post
	log     *slog.Logger
	tally   *Tally
	now     func() time.Time
	more    chan struct{} // there is more than one of them found: the others come too

	panicked func()
}

// errAway is a mail server that was not reached: trying the next letter would tell
// nothing new.
var errAway = errors.New("the mail server was not reached")

// work carries letters out until ctx ends.
func (p *postman) work(ctx context.Context) {
	away := time.Duration(0)
	for ctx.Err() == nil {
		n, err := p.safely(ctx)
		wait := postmen * postEvery
		switch {
		case errors.Is(err, errAway):
			away = min(max(2*away, time.Second), awayMost)
			wait = away
		case err != nil && ctx.Err() == nil:
			p.log.Warn("mail", "error", err.Error())
		case n == handful:
			away, wait = 0, 0
			p.call()
		default:
			away = 0
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		case <-p.ready(away):
		}
	}
}

// call has the others come, who rest.
func (p *postman) call() {
	for len(p.more) < cap(p.more) {
		select {
		case p.more <- struct{}{}:
		default: // somebody else has called
		}
	}
}

// ready tells that there is more to carry; not while the mail server is away.
func (p *postman) ready(away time.Duration) <-chan struct{} {
	if away > 0 {
		return nil
	}
	return p.more
}

// safely is one round, in which a panic costs no more than that.
func (p *postman) safely(ctx context.Context) (n int, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			p.panicked()
			p.log.Error("panic", "in", "postman", "panic", cause, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return p.round(ctx)
}

// round claims a handful of letters and carries them out, and gives back what it does
// not come to.
func (p *postman) round(ctx context.Context) (n int, err error) {
	round, cancel := context.WithTimeout(ctx, roundLimit)
	defer cancel()
	claimed, err := p.letters.Claim(ctx, handful)
	for i, c := range claimed {
		if err == nil && round.Err() == nil {
			err = p.carry(ctx, c)
			continue
		}
		rest := make([]int64, 0, len(claimed)-i)
		for _, c := range claimed[i:] {
			rest = append(rest, c.ID)
		}
		back, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		return len(claimed), errors.Join(err, p.letters.GiveBack(back, rest))
	}
	return len(claimed), err
}

// carry has one letter looked at again, written and handed over, and writes down what
// came of it. Begun, it is ended even when the node stops.
func (p *postman) carry(ctx context.Context, c letters.Claimed) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mailLimit)
	defer cancel()
	l, verdict, err := p.letters.Read(ctx, c)
	if err != nil {
		return err
	}
	if verdict.State != "" {
		p.tally.add(verdict.State)
		return p.letters.NotSent(ctx, c, verdict.State, verdict.Why)
	}
	m, err := p.write(l)
	if err != nil {
		p.log.Error("a letter cannot be written", "letter", c.ID, "kind", c.Kind, "error", err.Error())
		p.tally.add(letters.Dropped)
		return p.letters.NotSent(ctx, c, letters.Dropped, "unwritten")
	}
	return p.handOver(ctx, c, l.To.Address, m)
}

// write writes a letter down. One that cannot be written must not be taken up again and
// again, whatever it is that goes wrong.
func (p *postman) write(l letters.Letter) (m mail.Message, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			p.panicked()
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return p.post.Write(l)
}

// handOver gives the mail to the server and writes down what it said.
func (p *postman) handOver(ctx context.Context, c letters.Claimed, address string, m mail.Message) error {
	err := p.post.Send(ctx, m)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	var refused *mail.Refused
	var paced *mail.Paced
	switch {
	case err == nil:
		p.tally.inARow.Store(0)
		p.tally.add(letters.Sent)
		return p.noteSent(ctx, c, address)
	case errors.As(err, &paced):
		return p.letters.Later(ctx, c, paced.For)
	case errors.As(err, &refused):
		p.tally.noteRefused(p.log, address, refused, p.now())
		if refused.Permanent {
			p.tally.add(letters.Bounced)
			return p.letters.Refused(ctx, c, address, refused.Error(), refused.Nobody)
		}
		p.tally.add(letters.Deferred)
		return p.letters.Deferred(ctx, c, refused.Error())
	default:
		p.tally.add(letters.Deferred)
		p.log.Warn("a mail was not handed over", "letter", c.ID, "error", err.Error())
		return errors.Join(errAway, p.letters.Deferred(ctx, c, err.Error()))
	}
}

// How long, and how often, it is tried to write down that a mail has gone. It ends before
// the claim does, with roundLimit and mailLimit before it.
const (
	noteLimit = 9 * time.Second
	noteEvery = 250 * time.Millisecond
)

// noteSent writes down that a mail has gone: again and again while the database is
// briefly away, for what is not written down goes a second time.
func (p *postman) noteSent(ctx context.Context, c letters.Claimed, address string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteLimit)
	defer cancel()
	for {
		one, done := context.WithTimeout(ctx, noteLimit/3)
		err := p.letters.Sent(one, c, address)
		done()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(noteEvery):
		}
	}
}

// startPost sets the node's postmen to work, until ctx ends.
func (q *Queue) startPost(ctx context.Context, looked *sync.WaitGroup) {
	if q.post == nil {
		return
	}
	p := &postman{letters: q.stores.Letters, post: q.post, log: q.log, tally: &q.Mails, now: q.now, panicked: q.panicked, more: make(chan struct{}, postmen-1)}
	for i := range postmen {
		looked.Add(1)
		go func() {
			defer func() {
				if cause := recover(); cause != nil { // safely has met all others
					q.log.Error("panic", "in", "postman", "panic", cause)
				}
			}()
			defer looked.Done()
			select { // so that they look in turn
			case <-ctx.Done():
			case <-time.After(time.Duration(i) * postEvery):
				p.work(ctx)
			}
		}()
	}
}
