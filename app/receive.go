package app

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"

	"moothall/app/mail"
	"moothall/auth"
	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views/words"
)

// replyPurpose binds the tokens of addresses that answers come to.
const replyPurpose = "reply"

// replyToken names who may answer to an address, and to which thread.
func replyToken(keys auth.Keys, person, threadID int64) string {
	payload := binary.AppendUvarint(nil, uint64(person))
	return keys.Sign(replyPurpose, binary.AppendUvarint(payload, uint64(threadID)))
}

// openNumbers reads the numbers that a token of ours carries: just so many, or it is none.
func openNumbers(keys auth.Keys, purpose, token string, want int) (numbers []int64, ok bool) {
	payload, ok := keys.Open(purpose, token)
	if ok {
		numbers, ok = readNumbers(payload)
	}
	return numbers, ok && len(numbers) == want
}

// readNumbers reads a payload that is numbers and nothing else.
func readNumbers(payload []byte) (numbers []int64, ok bool) {
	for len(payload) > 0 {
		n, size := binary.Uvarint(payload)
		if size <= 0 || n > math.MaxInt64 {
			return nil, false
		}
		numbers, payload = append(numbers, int64(n)), payload[size:]
	}
	return numbers, true
}

// receives reports whether mails can come in.
func (c Config) receives() bool { return c.InboundAddr != "" }

// receive begins to take mails in.
func (a *App) receive(context.Context) error {
	if a.inbound == nil {
		return nil
	}
	r := mail.Receive(a.inbound, a.config.MailDomain(), taker{a}, func(err error) {
		a.log.Warn("receiving mail", "error", shorten(err))
	})
	a.opened("receiving mail", r.Close)
	return nil
}

// taker is who takes the mails that come in.
type taker struct{ *App }

// Knows reports whether an address is one of ours.
func (t taker) Knows(purpose, token string) bool {
	switch purpose {
	case "reply":
		_, ok := openNumbers(t.keys, replyPurpose, token, 2)
		return ok
	case "bounce":
		_, ok := openNumbers(t.keys, bouncePurpose, token, 1)
		return ok
	case "unsubscribe":
		_, err := openStop(t.keys, token)
		return err == nil
	}
	return token == "" && purpose == t.config.mailLocal()
}

var (
	errNobody = &mail.Unwelcome{Why: "There is nobody at this address any more"}
	statusIn  = regexp.MustCompile(`\b[45]\.\d{1,3}\.\d{1,3}\b`)
)

// Take does what a mail is for.
func (t taker) Take(ctx context.Context, m mail.Incoming) (err error) {
	switch m.Purpose {
	case "reply":
		err = t.takeReply(ctx, m)
	case "bounce":
		err = t.takeBounce(ctx, m)
	case "unsubscribe":
		err = t.takeStop(ctx, m)
	default:
		if !m.Auto && m.Envelope != "" && m.From != "" {
			in := letters.Inbound{Hash: m.Hash, From: m.From}
			in.Auth, in.Trusted = t.vouched(m)
			err = t.letters.TakeLost(ctx, in)
		}
	}
	if errors.Is(err, forum.ErrNotFound) {
		return errNobody
	}
	return err
}

// takeReply posts an answer. What a machine has sent is no answer, and gets none.
func (t taker) takeReply(ctx context.Context, m mail.Incoming) error {
	numbers, ok := openNumbers(t.keys, replyPurpose, m.Token, 2)
	if !ok {
		return errNobody
	}
	if m.Auto || m.Envelope == "" {
		return nil
	}
	in := letters.Inbound{Hash: m.Hash, PersonID: numbers[0], ThreadID: numbers[1], From: m.From,
		Words: mail.Words(m.Text, m.FromName), Below: attached(m.Attached)}
	in.Auth, in.Trusted = t.vouched(m)
	return t.letters.TakeReply(ctx, in)
}

// vouched is what the relay says of a mail's sender, and whether that is enough: it is
// where no relay is asked.
func (t taker) vouched(m mail.Incoming) (said string, enough bool) {
	relay := t.config.InboundAuthserv
	if relay == "" {
		return "unasked", true
	}
	said = mail.DMARC(m.Results, relay)
	return said, said == "pass"
}

// attached says which files came along and are not kept.
func attached(names []string) func(lang string) string {
	return func(lang string) string {
		if len(names) == 0 {
			return ""
		}
		quiet := make([]string, len(names))
		for i, name := range names {
			quiet[i] = "`" + strings.ReplaceAll(name, "`", "'") + "`"
		}
		return words.In(lang).T("email_in.attached", "Names", strings.Join(quiet, ", "))
	}
}

// takeBounce notes that a letter of ours came back.
func (t taker) takeBounce(ctx context.Context, m mail.Incoming) error {
	numbers, ok := openNumbers(t.keys, bouncePurpose, m.Token, 1)
	if !ok {
		return errNobody
	}
	r := letters.Returned{LetterID: numbers[0]}
	switch {
	case m.Report != nil && m.Report.Failed:
		r.Status, r.Said = m.Report.Status, m.Report.Said
	case m.Report == nil && m.Envelope == "":
		r.Status = statusIn.FindString(m.Text)
	}
	if r.Status == "" {
		return nil // late, or an answer of another sort
	}
	if r.Said == "" {
		r.Said = r.Status
	}
	return t.letters.Bounced(ctx, r)
}

// takeStop stops mail, as in one press. It may well be a program that asks for it.
func (t taker) takeStop(ctx context.Context, m mail.Incoming) error {
	mailed, err := openStop(t.keys, m.Token)
	if err != nil {
		return err
	}
	return t.letters.Stop(ctx, mailed, mailed.OneClick(), "")
}

// mailTo are the addresses at which a letter can be answered and, by the token of what
// stops it, stopped by mail; empty where none comes in.
func (p post) mailTo(l letters.Letter, token string) (reply, stop string) {
	if !p.config.receives() || token == "" {
		return "", ""
	}
	domain := p.config.MailDomain()
	stop = fmt.Sprintf("unsubscribe+%s@%s", token, domain)
	if l.Thread.ID != 0 && (l.Kind == letters.Instant || l.Kind == letters.Mention) {
		reply = fmt.Sprintf("reply+%s@%s", replyToken(p.keys, l.To.ID, l.Thread.ID), domain)
	}
	return reply, stop
}
