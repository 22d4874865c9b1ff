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
	"moothall/forum/newsletter"
)

const (
	postmen    = 4 // on one node: as many mails are under way at once
	newsmen    = 2 // likewise of newsletters
	handful    = 10
	roundLimit = 15 * time.Second       // after which a round takes up nothing more of its handful
	mailLimit  = 25 * time.Second       // for one mail; with roundLimit shorter than a claim's lease
	postEvery  = 500 * time.Millisecond // while there is nothing to carry, one of them looks
	awayMost   = 30 * time.Second       // between two looks at a mail server that is away
)

// Post is how a letter leaves: written down, then handed over.
type Post interface {
	Write(l letters.Letter) (mail.Message, error)
	WriteNewsletter(i newsletter.Issue, c newsletter.Claimed, to newsletter.Reader) (mail.Message, error)
	Send(ctx context.Context, m mail.Message) error
}

// outbox is what a postman carries from: letters, or newsletters, each with its own
// postmen, so that neither waits for the other.
type outbox[T any] interface {
	Claim(ctx context.Context, n int) ([]T, error)
	GiveBack(ctx context.Context, ids []int64) error
	Sent(ctx context.Context, c T, address string) error
	Later(ctx context.Context, c T, in time.Duration) error
	Deferred(ctx context.Context, c T, said string) error
	Refused(ctx context.Context, c T, address, said string, nobody bool) error

	id(c T) int64
	// write looks again at a letter and writes it down; one that is not to be sent has its
	// end written down instead, and no address.
	write(ctx context.Context, p *postman[T], c T) (m mail.Message, address string, err error)
}

// postman carries letters out. Each node has some; none leads. What one had in hand
// when it died is taken up by another as soon as its claim runs out: the mail that was
// just under way may then come twice, with the same Message-ID.
type postman[T any] struct {
	outbox outbox[T]
	post   Post
	log    *slog.Logger
	tally  *Tally
	now    func() time.Time
	many   int           // of them on this node
	more   chan struct{} // there is more than one of them found: the others come too

	panicked func()
}

// errAway is a mail server that was not reached: trying the next letter would tell
// nothing new.
var errAway = errors.New("the mail server was not reached")

// work carries letters out until ctx ends.
func (p *postman[T]) work(ctx context.Context) {
	away := time.Duration(0)
	for ctx.Err() == nil {
		n, err := p.safely(ctx)
		wait := time.Duration(p.many) * postEvery
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
func (p *postman[T]) call() {
	for len(p.more) < cap(p.more) {
		select {
		case p.more <- struct{}{}:
		default: // somebody else has called
		}
	}
}

// ready tells that there is more to carry; not while the mail server is away.
func (p *postman[T]) ready(away time.Duration) <-chan struct{} {
	if away > 0 {
		return nil
	}
	return p.more
}

// safely is one round, in which a panic costs no more than that.
func (p *postman[T]) safely(ctx context.Context) (n int, err error) {
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
func (p *postman[T]) round(ctx context.Context) (n int, err error) {
	round, cancel := context.WithTimeout(ctx, roundLimit)
	defer cancel()
	claimed, err := p.outbox.Claim(ctx, handful)
	for i, c := range claimed {
		if err == nil && round.Err() == nil {
			err = p.carry(ctx, c)
			continue
		}
		rest := make([]int64, 0, len(claimed)-i)
		for _, c := range claimed[i:] {
			rest = append(rest, p.outbox.id(c))
		}
		back, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		return len(claimed), errors.Join(err, p.outbox.GiveBack(back, rest))
	}
	return len(claimed), err
}

// carry has one letter looked at again, written and handed over, and writes down what
// came of it. Begun, it is ended even when the node stops.
func (p *postman[T]) carry(ctx context.Context, c T) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mailLimit)
	defer cancel()
	m, address, err := p.outbox.write(ctx, p, c)
	if err != nil || address == "" {
		return err
	}
	return p.handOver(ctx, c, address, m)
}

// safelyWrite writes a letter down. One that cannot be written must not be taken up again
// and again, whatever it is that goes wrong.
func (p *postman[T]) safelyWrite(write func() (mail.Message, error)) (m mail.Message, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			p.panicked()
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return write()
}

// handOver gives the mail to the server and writes down what it said.
func (p *postman[T]) handOver(ctx context.Context, c T, address string, m mail.Message) error {
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
		return p.outbox.Later(ctx, c, paced.For)
	case errors.As(err, &refused):
		p.tally.noteRefused(p.log, address, refused, p.now())
		if refused.Permanent {
			p.tally.add(letters.Bounced)
			return p.outbox.Refused(ctx, c, address, refused.Error(), refused.Nobody)
		}
		p.tally.add(letters.Deferred)
		return p.outbox.Deferred(ctx, c, refused.Error())
	default:
		p.tally.add(letters.Deferred)
		p.log.Warn("a mail was not handed over", "letter", p.outbox.id(c), "error", err.Error())
		return errors.Join(errAway, p.outbox.Deferred(ctx, c, err.Error()))
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
func (p *postman[T]) noteSent(ctx context.Context, c T, address string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteLimit)
	defer cancel()
	for {
		one, done := context.WithTimeout(ctx, noteLimit/3)
		err := p.outbox.Sent(one, c, address)
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
	startPostmen(ctx, q, looked, postmanOf(q, letterBox{q.stores.Letters}, postmen))
	startPostmen(ctx, q, looked, postmanOf(q, &newsBox{Store: q.stores.Newsletters}, newsmen))
}

// postmanOf makes the postman that so many of a node's are.
func postmanOf[T any](q *Queue, from outbox[T], many int) *postman[T] {
	return &postman[T]{outbox: from, post: q.post, log: q.log, tally: &q.Mails, now: q.now, panicked: q.panicked, many: many, more: make(chan struct{}, many-1)}
}

func startPostmen[T any](ctx context.Context, q *Queue, looked *sync.WaitGroup, p *postman[T]) {
	for i := range p.many {
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
