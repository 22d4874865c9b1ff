package jobs

import (
	"context"
	"sync"
	"time"

	"moothall/app/mail"
	"moothall/forum/letters"
	"moothall/forum/newsletter"
)

// letterBox is the outbox of what people hear of.
type letterBox struct{ *letters.Store }

func (letterBox) id(c letters.Claimed) int64 { return c.ID }

// write reads a letter as it is now.
func (b letterBox) write(ctx context.Context, p *postman[letters.Claimed], c letters.Claimed) (m mail.Message, address string, err error) {
	l, verdict, err := b.Read(ctx, c)
	if err != nil {
		return m, "", err
	}
	if verdict.State != "" {
		p.tally.add(verdict.State)
		return m, "", b.NotSent(ctx, c, verdict.State, verdict.Why)
	}
	m, err = p.safelyWrite(func() (mail.Message, error) { return p.post.Write(l) })
	if err != nil {
		p.log.Error("a letter cannot be written", "letter", c.ID, "kind", c.Kind, "error", err.Error())
		p.tally.add(letters.Dropped)
		return m, "", b.NotSent(ctx, c, letters.Dropped, "unwritten")
	}
	return m, l.To.Address, nil
}

// newsBox is the outbox of newsletters. What is in an issue is read for a handful at once:
// what was hidden since is in none of the next.
type newsBox struct {
	*newsletter.Store
	mu     sync.Mutex
	issues map[int64]readIssue
}

// readIssue is an issue as it was a moment ago.
type readIssue struct {
	newsletter.Issue
	at time.Time
}

// asRead is how long what was read of an issue is used, by the product's clock.
const asRead = time.Second

func (*newsBox) id(c newsletter.Claimed) int64 { return c.ID }

// Claim takes the next ones, for which what is in their issues is read anew.
func (b *newsBox) Claim(ctx context.Context, n int) ([]newsletter.Claimed, error) {
	b.mu.Lock()
	b.issues = nil
	b.mu.Unlock()
	return b.Store.Claim(ctx, n)
}

// Sent writes down that one has gone.
func (b *newsBox) Sent(ctx context.Context, c newsletter.Claimed, _ string) error {
	return b.Store.Sent(ctx, c)
}

// Refused writes down that one was refused.
func (b *newsBox) Refused(ctx context.Context, c newsletter.Claimed, _, said string, nobody bool) error {
	return b.Store.Refused(ctx, c, said, nobody)
}

// issue reads what is in an issue, or has read it just now.
func (b *newsBox) issue(ctx context.Context, id int64, now time.Time) (newsletter.Issue, error) {
	if id == 0 {
		return newsletter.Issue{}, nil // an address is asked
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if r, ok := b.issues[id]; ok && now.Sub(r.at) < asRead && !now.Before(r.at) {
		return r.Issue, nil
	}
	i, err := b.Content(ctx, id)
	if err == nil {
		b.issues = map[int64]readIssue{id: {i, now}}
	}
	return i, err
}

// write looks again at who gets one, and writes it.
func (b *newsBox) write(ctx context.Context, p *postman[newsletter.Claimed], c newsletter.Claimed) (m mail.Message, address string, err error) {
	to, verdict, err := b.Reader(ctx, c)
	if err != nil {
		return m, "", err
	}
	if verdict.State != "" {
		p.tally.add(letters.State(verdict.State))
		return m, "", b.NotSent(ctx, c, verdict)
	}
	issue, err := b.issue(ctx, c.NewsletterID, p.now())
	if err != nil {
		return m, "", err
	}
	m, err = p.safelyWrite(func() (mail.Message, error) { return p.post.WriteNewsletter(issue, c, to) })
	if err != nil {
		p.log.Error("a newsletter cannot be written", "letter", c.ID, "error", err.Error())
		p.tally.add(letters.Dropped)
		return m, "", b.NotSent(ctx, c, newsletter.Verdict{State: "dropped", Why: "unwritten"})
	}
	return m, to.Address, nil
}
