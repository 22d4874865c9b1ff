package dev

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // mails in other character sets than UTF-8
	"github.com/emersion/go-message/mail"
)

// Caught is a mail of the inbox.
type Caught struct {
	ID        int64     `json:"id"`
	To        string    `json:"to"` // the envelope's recipient
	From      string    `json:"from"`
	Subject   string    `json:"subject"`
	Kind      string    `json:"kind"` // Moothall-Kind
	MessageID string    `json:"message_id"`
	Date      time.Time `json:"date"`

	Text, HTML string   `json:"-"` // of Mail alone
	Headers    []string `json:"-"` // the same: each header, decoded
}

// What the catcher adds on top of a mail: its envelope.
const (
	envelopeTo   = "Delivered-To"
	envelopeFrom = "Return-Path"
)

// readTop reads the headers of a mail that came at a time. A mail that cannot be read is shown
// with what can be.
func readTop(id int64, source []byte, at time.Time) Caught {
	h, _ := textproto.NewReader(bufio.NewReader(bytes.NewReader(source))).ReadMIMEHeader() // what was read before it failed
	m := Caught{ID: id, To: h.Get(envelopeTo), From: decoded(h.Get("From")), Subject: decoded(h.Get("Subject")), Kind: h.Get("Moothall-Kind"),
		MessageID: h.Get("Message-Id"), Date: at}
	var parsed mail.Header
	parsed.Set("Date", h.Get("Date"))
	if date, err := parsed.Date(); err == nil && !date.IsZero() {
		m.Date = date.UTC()
	}
	return m
}

func decoded(value string) string {
	words := mime.WordDecoder{CharsetReader: message.CharsetReader}
	if text, err := words.DecodeHeader(value); err == nil {
		return text
	}
	return value
}

// readBody reads what a mail says, as far as it can be read.
func (m *Caught) readBody(source io.Reader) {
	all, err := mail.CreateReader(source)
	if err != nil && !message.IsUnknownCharset(err) {
		return
	}
	for fields := all.Header.Fields(); fields.Next(); {
		m.Headers = append(m.Headers, fields.Key()+": "+decoded(fields.Value()))
	}
	for {
		part, err := all.NextPart()
		if errors.Is(err, io.EOF) || err != nil && !message.IsUnknownCharset(err) {
			return
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")) // "" is text
		text, _ := io.ReadAll(part.Body)                                   // what was read before it failed
		switch {
		case kind == "text/html":
			m.HTML += string(text)
		case kind == "" || kind == "text/plain":
			m.Text += strings.ReplaceAll(string(text), "\r\n", "\n")
		}
	}
}
