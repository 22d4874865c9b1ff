package app

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/app/mail"
	"moothall/auth"
	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views"
)

// askPurpose binds the tokens of addresses that start threads.
const askPurpose = "ask"

// askToken names who may ask by an address, under which topic, and as of which quarter:
// people keep it among their contacts, so it is not another one each day.
func askToken(keys auth.Keys, person, topicID int64, at time.Time) string {
	payload := binary.AppendUvarint(nil, uint64(person))
	payload = binary.AppendUvarint(payload, uint64(topicID))
	at = at.UTC()
	quarter := time.Date(at.Year(), (at.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	return keys.Sign(askPurpose, binary.AppendUvarint(payload, uint64(dayOf(quarter))))
}

// askable reads who may ask by an address and under which topic, and whether the address
// is one of long ago.
func (t taker) askable(token string) (person, topicID int64, late, ok bool) {
	numbers, ok := openNumbers(t.keys, askPurpose, token, 3)
	if !ok {
		return 0, 0, false, false
	}
	return numbers[0], numbers[1], dayOf(t.now().Add(-letters.AnswerLife)) >= numbers[2], true
}

// takeAsk starts a thread with what somebody wrote. One mail is one question, whatever
// addresses of ours it went to; what a machine has sent is none, and gets no answer.
func (t taker) takeAsk(ctx context.Context, m mail.Incoming) error {
	person, topic, late, ok := t.askable(m.Token)
	if !ok {
		return errNobody
	}
	if m.Auto || m.Envelope == "" {
		return errDropped
	}
	hash := m.Hash
	if m.MessageID != "" {
		sum := sha256.Sum256(fmt.Appendf(nil, "ask %d\n%s", person, m.MessageID))
		hash = sum[:]
	}
	in := letters.Inbound{Hash: hash, PersonID: person, TopicID: topic, From: m.From, Late: late, Aside: m.Answers || !strings.Contains(m.To, "ask+"+m.Token+"@"),
		Title: mail.Title(m.Subject), Words: mail.Words(m.Text, m.FromName), Below: attached(m.Attached), Marked: m.Marked}
	in.Auth, in.Trusted = t.vouched(m)
	return t.letters.TakeAsk(ctx, in)
}

// askBy is the address at which somebody asks under a topic by mail; empty where there is
// none for them.
func (a *App) askBy(who forum.Person, topicID int64) string {
	if !a.config.receives() || !forum.CanAsk(who) || topicID == 0 {
		return ""
	}
	return "ask+" + askToken(a.keys, who.ID, topicID, a.now()) + "@" + a.config.MailDomain()
}

// askByMost is how many topics' addresses a page lists.
const askByMost = 10

// asksBy are the addresses of the topics among what somebody follows.
func (a *App) asksBy(c *fiber.Ctx, follows []letters.Followed) (all []views.AskBy) {
	seen := map[int64]bool{}
	for _, f := range follows {
		if f.Kind != forum.ToTopic || seen[f.ID] || len(all) == askByMost {
			continue
		}
		seen[f.ID] = true
		if address := a.askBy(who(c), f.ID); address != "" {
			all = append(all, views.AskBy{Topic: strings.TrimSpace(f.Name), Address: address})
		}
	}
	return all
}
