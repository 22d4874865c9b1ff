package app

import (
	"context"
	"encoding/binary"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	"moothall/app/mail"
	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views"
	"moothall/views/email"
)

// bouncePurpose binds the tokens of addresses that bounces come back to.
const bouncePurpose = "bounce"

// trialPurpose binds the tokens of addresses to which the site writes itself.
const trialPurpose = "trial"

// post is how the site's letters leave.
type post struct{ *App }

// Send hands a mail over.
func (p post) Send(ctx context.Context, m mail.Message) error { return p.mail.Send(ctx, m) }

// Write makes the mail of a letter: its words, and the headers by which mail programs
// put a thread together, tell what came by itself, and stop it.
func (p post) Write(l letters.Letter) (mail.Message, error) {
	domain := p.config.MailDomain()
	token := ""
	links := email.Links{Base: p.baseURL}
	if l.Mailbox.Address != "" {
		links.Confirm = p.baseURL + views.MailboxPath(mailboxToken(p.keys, l.To.ID))
	} else if l.Account.Kind == "" && l.Answer.Why == "" { // what is about the account cannot be stopped, nor what was asked for
		via := l.Via
		if l.Kind == letters.Digest {
			via.Kind = inDigest
		}
		token = stopToken(p.keys, l.To.ID, via, l.Thread.ID)
		links.Unsubscribe = p.baseURL + "/unsubscribe/" + token
	}
	reply, stopBy := p.mailTo(l, token)
	links.CanReply = reply != ""
	written, err := email.Write(l, links)
	if err != nil {
		return mail.Message{}, err
	}
	m := mail.Message{
		ID: messageID(l) + "@" + domain, From: p.config.MailFrom, To: (&netmail.Address{Name: onOneLine(l.To.Name), Address: l.To.Address}).String(),
		Envelope: "bounce+" + p.keys.Sign(bouncePurpose, binary.AppendUvarint(nil, uint64(l.ID))) + "@" + domain,
		ReplyTo:  reply, Subject: written.Subject, Text: written.Text, HTML: written.HTML, At: p.now(),
		Headers: []mail.Header{
			{Name: "Moothall-Kind", Value: string(l.Kind)},
			{Name: "Auto-Submitted", Value: "auto-generated"},
			{Name: "X-Auto-Response-Suppress", Value: "All"},
		},
	}
	if token != "" {
		m.Headers = append(m.Headers, mail.Header{Name: "List-Id", Value: listID(l, domain)},
			mail.Header{Name: "List-Unsubscribe", Value: stopWays(links.Unsubscribe, stopBy)},
			mail.Header{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"})
	}
	return withReferences(m, l, domain), nil
}

// trial is the mail by which the site tries whether answers arrive: to itself, through its
// mail server. It bounces to nobody.
func (p post) trial(at time.Time) mail.Message {
	domain, number := p.config.MailDomain(), at.Unix()
	return mail.Message{
		ID: fmt.Sprintf("trial-%d@%s", number, domain), From: p.config.MailFrom, Envelope: p.config.mailLocal() + "@" + domain,
		To:      trialPurpose + "+" + p.keys.Sign(trialPurpose, binary.AppendUvarint(nil, uint64(number))) + "@" + domain,
		Subject: "Do answers by email arrive?", Text: "Moothall writes this to itself once an hour. Nobody has to read it.\n", At: at,
		Headers: []mail.Header{{Name: "Moothall-Kind", Value: trialPurpose}, {Name: "Auto-Submitted", Value: "auto-generated"}},
	}
}

// onOneLine is a name as a header can have it: what is no letter of it is a space.
func onOneLine(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
}

// stopWays are the ways to stop a mail, for its header.
func stopWays(page, address string) string {
	if address == "" {
		return "<" + page + ">"
	}
	return "<" + page + ">, <mailto:" + address + ">"
}

// messageID is a mail's identity, the same for everybody and on each try: that of the
// post which it brings, else of the event, the digest or the change.
func messageID(l letters.Letter) string {
	switch {
	case l.Kind == letters.Digest:
		return fmt.Sprintf("digest-%d", l.ID)
	case l.Event == forum.ThreadAsked || l.Event == forum.PostAdded:
		return fmt.Sprintf("post-%d", l.Post.ID)
	case l.EventID != 0:
		return fmt.Sprintf("%s-%d", l.Kind, l.EventID)
	}
	return fmt.Sprintf("%s-0%d", l.Kind, l.ID) // with a nought, which no event's number has
}

// withReferences tells mail programs after which mails of the thread one comes: the
// opening post, and what it answers (RFC 5322 §3.6.4).
func withReferences(m mail.Message, l letters.Letter, domain string) mail.Message {
	var before []string
	for _, id := range []int64{l.Thread.FirstPost, l.Post.Quoted} {
		one := fmt.Sprintf("<post-%d@%s>", id, domain)
		if id != 0 && one != "<"+m.ID+">" && (len(before) == 0 || before[0] != one) {
			before = append(before, one)
		}
	}
	if len(before) == 0 {
		return m
	}
	m.Headers = append(m.Headers, mail.Header{Name: "In-Reply-To", Value: before[len(before)-1]},
		mail.Header{Name: "References", Value: strings.Join(before, " ")})
	return m
}

// listID names what a mail belongs to, so that people can sort by it (RFC 2919): the
// thread's home topic.
func listID(l letters.Letter, domain string) string {
	slug := l.Thread.TopicSlug
	if slug == "" {
		slug = string(l.Kind)
	}
	return "<" + slug + "." + domain + ">"
}
