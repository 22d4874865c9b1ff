// Package email writes mails: each as a subject, as plain text and as HTML that says
// the same. The plain text is made first and with the same care: in a council it is
// what some read, and what a screen reader reads best.
//
// The HTML is for the mail programs of councils, so it stands on tables and
// presentational attributes, with one block of styles for what goes beyond; it fetches
// nothing and counts nobody.
package email

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"moothall/forum/letters"
	"moothall/forum/markup"
	"moothall/views/words"
)

// Links are the addresses that a mail leads to.
type Links struct {
	Base        string // of the site, without a slash at its end
	Unsubscribe string // of the page where this reader stops or slows what brings this mail; empty where nothing does
	Confirm     string // of the page where a mailbox's reader says that it is to follow, or an address's that it wants newsletters
	CanReply    bool   // an answer to the mail becomes a post, and the mail says so
}

// Written is a mail as it goes out.
type Written struct {
	Subject string
	Text    string
	HTML    string
}

// Write writes a letter in its reader's language.
func Write(l letters.Letter, links Links) (Written, error) {
	m := mail{Letter: l, links: links, w: words.In(l.To.Lang)}
	m.links.Base = strings.TrimRight(links.Base, "/")
	view, text := m.parts()
	var b strings.Builder
	if err := view.Render(context.Background(), &b); err != nil {
		return Written{}, err
	}
	return Written{Subject: m.subject(), Text: text, HTML: markup.Clean(b.String())}, nil
}

// ofReader are the reasons of mails about the reader, and not about a post.
var ofReader = []string{"let_in", "accepted", "tends", "could_answer", "role"}

// parts are the two forms of a mail.
func (m mail) parts() (view templ.Component, text string) {
	switch {
	case m.Kind == letters.Digest:
		return digest(m), m.digestText()
	case m.Account.Kind != "":
		return account(m), m.accountText()
	case m.Mailbox.Address != "":
		return mailbox(m), m.mailboxText()
	case m.Answer.Why != "":
		return answer(m), m.answerText()
	case slices.Contains(ofReader, m.Reason) || m.tended() || m.ofCollection() || m.ofTrade():
		return notice(m), m.noticeText()
	}
	return instant(m), m.instantText()
}

// mail is a letter that is being written. Its methods are what it says, once for both
// forms.
type mail struct {
	letters.Letter
	links Links
	w     words.Words
	news  *news // nil of what is no newsletter
}

// at is an address on the site.
func (m mail) at(path string) string { return m.links.Base + path }

// link is words and where they lead.
type link struct{ Text, To string }

// phrase is words with a name among them that may be in another language.
type phrase struct{ Before, Name, After, Lang string }

// String is the phrase as plain text.
func (p phrase) String() string { return oneLine(p.Before + p.Name + p.After) }

// named says a sentence around a name in a language.
func (m mail) named(key, name, lang string, more ...any) phrase {
	const here = "\x00"
	before, after, _ := strings.Cut(m.w.T(key, append([]any{"Name", here}, more...)...), here)
	return phrase{before, name, after, m.foreign(lang)}
}

// foreign is a language where it is not the mail's own.
func (m mail) foreign(lang string) string {
	if lang == m.w.Lang() || lang != "en" && lang != "cy" {
		return ""
	}
	return lang
}

// lang is the attribute for words in another language than the mail's.
func lang(of string) templ.Attributes {
	if of == "" {
		return nil
	}
	return templ.Attributes{"lang": of}
}
