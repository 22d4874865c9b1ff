package app

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"moothall/app/mail"
	"moothall/auth"
	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views/words"
)

// replyPurpose binds the tokens of addresses that answers come to.
const replyPurpose = "reply"

// replyToken names who may answer to an address, to which thread, and as of which day:
// answers are taken for as long as it is known which have come.
func replyToken(keys auth.Keys, person, threadID int64, at time.Time) string {
	payload := binary.AppendUvarint(nil, uint64(person))
	payload = binary.AppendUvarint(payload, uint64(threadID))
	return keys.Sign(replyPurpose, binary.AppendUvarint(payload, uint64(dayOf(at))))
}

// dayOf is a time as a number of days.
func dayOf(at time.Time) int64 { return at.Unix() / (24 * 60 * 60) }

// undated is the day of addresses that were given out before they had one.
var undated = dayOf(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))

// answerable reads who may answer to an address and to which thread. It is not ok where
// that is over, or where the address is none of ours.
func (t taker) answerable(token string) (person, threadID int64, ok bool) {
	numbers, ok := openNumbers(t.keys, replyPurpose, token, 3)
	if !ok {
		if numbers, ok = openNumbers(t.keys, replyPurpose, token, 2); !ok {
			return 0, 0, false
		}
		numbers = append(numbers, undated)
	}
	return numbers[0], numbers[1], dayOf(t.now().Add(-letters.AnswerLife)) < numbers[2]
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
	if a.config.Production() && a.config.InboundAuthserv == "" {
		a.log.Warn("nobody vouches for who sends mail: whoever has seen an address may answer in its reader's name", "set", "MOOTHALL_INBOUND_AUTHSERV")
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
	known := t.knows(purpose, token)
	if !known {
		t.incoming.refused.Add(1)
	}
	return known
}

func (t taker) knows(purpose, token string) bool {
	if token == "" {
		return purpose == t.config.mailLocal() || purpose == "postmaster" || purpose == "unsubscribe" // RFC 5321 §4.5.1 wants the second
	}
	switch purpose {
	case "reply":
		_, _, ok := t.answerable(token)
		return ok
	case "ask":
		_, _, _, ok := t.askable(token)
		return ok
	case "bounce":
		_, ok := openNumbers(t.keys, bouncePurpose, token, 1)
		_, news := t.newsBounce(token)
		return ok || news
	case trialPurpose:
		_, ok := openNumbers(t.keys, trialPurpose, token, 1)
		return ok
	case "unsubscribe":
		_, err := openStop(t.keys, token)
		_, _, news := leaver(t.keys, token)
		return err == nil || news
	}
	return false
}

var (
	errNobody = &mail.Unwelcome{Why: "There is nobody at this address any more"}
	// errDropped is a mail that is taken and comes to nothing: of a machine, or late.
	errDropped = errors.New("the mail comes to nothing")
)

// Take does what a mail is for.
func (t taker) Take(ctx context.Context, m mail.Incoming) (err error) {
	switch {
	case m.Token == "":
		err = t.takeLost(ctx, m)
	case m.Purpose == "reply":
		err = t.takeReply(ctx, m)
	case m.Purpose == "ask":
		err = t.takeAsk(ctx, m)
	case m.Purpose == "bounce":
		err = t.takeBounce(ctx, m)
	case m.Purpose == trialPurpose:
		err = t.takeTrial(ctx, m)
	default:
		err = t.takeStop(ctx, m)
	}
	return t.count(err)
}

// count counts what came of a mail, and says what its server is told.
func (t taker) count(err error) error {
	if errors.Is(err, forum.ErrNotFound) {
		err = errNobody
	}
	var no *mail.Unwelcome
	switch {
	case err == nil:
		t.incoming.taken.Add(1)
	case errors.Is(err, errDropped):
		t.incoming.dropped.Add(1)
		return nil
	case errors.As(err, &no):
		t.incoming.refused.Add(1)
	default:
		t.incoming.deferred.Add(1)
	}
	return err
}

// takeLost posts what answers a mail of ours at the address that it came from, as some mail
// programs have it, where the relay vouches for who wrote. Who else wrote to that address, or
// to another that anybody knows, is told that nobody reads it.
func (t taker) takeLost(ctx context.Context, m mail.Incoming) error {
	if m.Auto || m.Envelope == "" || m.From == "" || strings.Contains(m.To+", "+m.Cc, replyPurpose+"+") { // the same mail went there, too
		return errDropped
	}
	in := letters.Inbound{Hash: m.Hash, From: m.From}
	in.Auth, in.Trusted = t.vouched(m)
	if post := t.postOf(m.Answered); post != 0 && in.Auth == "pass" && m.Purpose == t.config.mailLocal() {
		person, thread, err := t.letters.ToldOf(ctx, m.From, post)
		if err != nil {
			return err
		}
		if person != 0 {
			return t.takeAnswer(ctx, m, person, thread)
		}
	}
	return t.letters.TakeLost(ctx, in)
}

// takeReply posts an answer. What a machine has sent is no answer, and gets none.
func (t taker) takeReply(ctx context.Context, m mail.Incoming) error {
	person, thread, ok := t.answerable(m.Token)
	if !ok {
		return errNobody
	}
	if m.Auto || m.Envelope == "" {
		return errDropped
	}
	return t.takeAnswer(ctx, m, person, thread)
}

// takeAnswer posts what somebody wrote in a thread.
func (t taker) takeAnswer(ctx context.Context, m mail.Incoming, person, thread int64) error {
	in := letters.Inbound{Hash: m.Hash, PersonID: person, ThreadID: thread, PostID: t.postOf(m.Answered), From: m.From,
		Words: mail.Words(m.Text, m.FromName), Below: attached(m.Attached), Marked: m.Marked}
	in.Auth, in.Trusted = t.vouched(m)
	if below := mail.AnswersBelow(m.Text); below != "" {
		said, err := t.letters.Said(ctx, person, thread)
		if err != nil {
			return err
		}
		in.Words = strings.TrimSpace(in.Words + "\n\n" + mail.Among(below, said, t.config.MailDomain(), hostOf(t.baseURL)))
	}
	return t.letters.TakeReply(ctx, in)
}

// hostOf is the name of the host of an address of ours.
func hostOf(base string) string {
	at, err := url.Parse(base)
	if err != nil {
		return base // LoadConfig has refused it
	}
	return strings.ToLower(at.Hostname())
}

// postOf is the post that a mail of ours brought, by its Message-ID; 0 of others.
func (t taker) postOf(id string) int64 {
	number, ours := strings.CutSuffix(strings.TrimPrefix(id, "post-"), "@"+t.config.MailDomain())
	post, err := strconv.ParseInt(number, 10, 64)
	if !ours || err != nil || post < 1 {
		return 0
	}
	return post
}

// vouched is what the relay says of a mail's sender, and whether that is enough: it is
// where no relay is asked.
func (t taker) vouched(m mail.Incoming) (said string, enough bool) {
	relay := t.config.InboundAuthserv
	if relay == "" {
		return "unasked", true
	}
	said = mail.DMARC(m.Results, relay, m.From)
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

// takeTrial notes that a mail has come that the site wrote to itself.
func (t taker) takeTrial(ctx context.Context, m mail.Incoming) error {
	numbers, ok := openNumbers(t.keys, trialPurpose, m.Token, 1)
	if !ok {
		return errNobody
	}
	again, err := t.letters.TrialCame(ctx, time.Unix(numbers[0], 0))
	if again {
		t.log.Info("answers by mail arrive again")
	}
	return err
}

// takeBounce notes that a letter of ours came back.
func (t taker) takeBounce(ctx context.Context, m mail.Incoming) error {
	if letter, ok := t.newsBounce(m.Token); ok {
		return t.takeNewsBounce(ctx, m, letter)
	}
	numbers, ok := openNumbers(t.keys, bouncePurpose, m.Token, 1)
	if !ok {
		return errNobody
	}
	r := letters.Returned{LetterID: numbers[0]}
	switch {
	case m.Report != nil && m.Report.Failed:
		r.Status, r.Of, r.Said = m.Report.Status, m.Report.Of, m.Report.Said
	case m.Report == nil && m.Envelope == "" && m.Daemon:
		r.Status = string(mail.StatusIn(m.Text))
	}
	if r.Status == "" {
		return errDropped // late, or an answer of another sort
	}
	if r.Said == "" {
		r.Said = r.Status
	}
	return t.letters.Bounced(ctx, r)
}

// takeStop stops mail, as in one press. It may well be a program that asks for it.
func (t taker) takeStop(ctx context.Context, m mail.Incoming) error {
	if id, issue, ok := leaver(t.keys, m.Token); ok {
		return t.newsletters.Leave(ctx, id, issue)
	}
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
	if l.Thread.ID != 0 && !l.To.IsMailbox() && (l.Kind == letters.Instant || l.Kind == letters.Mention) {
		reply = fmt.Sprintf("reply+%s@%s", replyToken(p.keys, l.To.ID, l.Thread.ID, p.now()), domain)
	}
	return reply, stop
}
