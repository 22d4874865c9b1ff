package dev

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"net/url"
	"regexp"
	"strings"
)

//go:embed inbox_page.html
var inboxText string

var inboxPage = template.Must(template.New("inbox").Parse(inboxText))

// inboxMost is how many mails a page has.
const inboxMost = 30

// shownMail is a mail on a page.
type shownMail struct {
	Caught
	Alone bool // the page is this mail's
}

// piece is a part of a mail's text: a link, or words; it may end a line.
type piece struct {
	Text string
	Link bool
	Ends bool
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]]`)

// Pieces is the text with its links, so that they can be followed.
func (m shownMail) Pieces() (all []piece) {
	for line := range strings.Lines(m.Text) {
		line, ends := strings.CutSuffix(line, "\n")
		for line != "" {
			at := webAddress.FindStringIndex(line)
			if at == nil {
				break
			}
			all = append(all, piece{Text: line[:at[0]]}, piece{Text: line[at[0]:at[1]], Link: true})
			line = line[at[1]:]
		}
		all = append(all, piece{Text: line, Ends: ends})
	}
	return all
}

// WriteList writes the page of mails to somebody, or to all; before is the number that
// they come before, 0 for the newest.
func (b *Inbox) WriteList(w io.Writer, style, to string, before int64) error {
	list, err := b.List(Wanted{To: to, Before: before, Most: inboxMost + 1})
	if err != nil {
		return err
	}
	older := ""
	if len(list) > inboxMost {
		list = list[:inboxMost]
		older = "/dev/inbox?" + url.Values{"to": {to}, "before": {fmt.Sprint(list[inboxMost-1].ID)}}.Encode()
	}
	mails := make([]shownMail, 0, len(list))
	for _, top := range list {
		if m, err := b.Mail(top.ID); err == nil { // or another node has emptied the inbox
			mails = append(mails, shownMail{Caught: m})
		}
	}
	return inboxPage.Execute(w, map[string]any{"Style": style, "To": to, "Mails": mails, "Older": older})
}

// WriteMail writes the page of one mail, or fails with ErrNoMail.
func (b *Inbox) WriteMail(w io.Writer, style string, id int64) error {
	m, err := b.Mail(id)
	if err != nil {
		return err
	}
	return inboxPage.Execute(w, map[string]any{"Style": style, "One": &shownMail{m, true}})
}
