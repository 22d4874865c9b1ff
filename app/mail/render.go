package mail

import (
	"bytes"

	"github.com/wneessen/go-mail"
)

// letter is a mail as it goes over the wire.
type letter struct {
	from, to address // of the envelope
	text     []byte
	last     func() error // nil: nothing
}

const longest = 998 // octets of a line, without its end (RFC 5322 §2.1.1)

// render writes a mail out. What it fails with is permanent.
func render(m Message) (l letter, err error) {
	h, err := l.readHeaders(m)
	if err != nil {
		return l, err
	}
	l.last = m.Last
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	for _, header := range h {
		msg.SetGenHeader(mail.Header(header.Name), header.Value)
	}
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.At)
	switch {
	case m.Text != "" && m.HTML != "":
		msg.SetBodyString(mail.TypeTextPlain, m.Text)
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	case m.HTML != "":
		msg.SetBodyString(mail.TypeTextHTML, m.HTML)
	default:
		msg.SetBodyString(mail.TypeTextPlain, m.Text)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return l, unsendable("%s", err)
	}
	l.text = b.Bytes()
	for line := range bytes.Lines(l.text) {
		if len(bytes.TrimRight(line, "\r\n")) > longest {
			return l, unsendable("a line is longer than %d", longest)
		}
	}
	return l, nil
}

// readHeaders is what stands on top of a mail, and its envelope.
func (l *letter) readHeaders(m Message) (headers, error) {
	h := headers{}
	if !messageID.MatchString(m.ID) {
		return nil, unsendable("its Message-ID cannot be")
	}
	if m.At.IsZero() {
		return nil, unsendable("it has no date")
	}
	from, err := h.addAddress("From", m.From)
	if err != nil {
		return nil, err
	}
	if l.to, err = h.addAddress("To", m.To); err != nil {
		return nil, err
	}
	if m.ReplyTo != "" {
		if _, err := h.addAddress("Reply-To", m.ReplyTo); err != nil {
			return nil, err
		}
	}
	l.from = from
	if m.Envelope != "" {
		if l.from, err = readAddress("the envelope's sender", m.Envelope); err != nil {
			return nil, err
		}
	}
	if err := h.add("Subject", m.Subject); err != nil {
		return nil, err
	}
	for _, other := range m.Headers {
		if err := h.addOther(other.Name, other.Value); err != nil {
			return nil, err
		}
	}
	return h, nil
}
