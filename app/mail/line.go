package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// line is one connection to a server. go-mail opens it; what is said on it we say
// ourselves, for go-mail does not tell a mail that was taken from one that was not
// when only the RSET after it has failed.
type line struct {
	client *smtp.Client
	conn   net.Conn
	broken bool        // not to be used again
	rest   *time.Timer // ends it, while nobody uses it
}

// dial opens a connection, with TLS and a password as the destination has them. A
// server that does not let us in is one that was not reached.
func dial(ctx context.Context, c Config, to destination) (*line, error) {
	l := &line{}
	stop := func() bool { return true }
	config := &tls.Config{ServerName: to.host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}
	open := func(dialing context.Context, network, _ string) (conn net.Conn, err error) {
		if conn, err = (&net.Dialer{}).DialContext(dialing, network, net.JoinHostPort(to.host, to.port)); err != nil {
			return nil, err
		}
		l.conn = conn
		stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
		if !to.wrapped {
			return conn, nil
		}
		wrapped := tls.Client(conn, config)
		return wrapped, wrapped.HandshakeContext(dialing)
	}
	options := []mail.Option{mail.WithHELO(c.Domain), mail.WithTimeout(c.Limit), mail.WithTLSConfig(config),
		mail.WithTLSPolicy(to.policy()), mail.WithoutSMTPUTF8(), mail.WithDialContextFunc(open)}
	if to.user != "" {
		options = append(options, mail.WithUsername(to.user), mail.WithPassword(to.password), mail.WithOpportunisticSMTPAuth(to.ways()...))
	}
	// Each connection has a client of its own: go-mail's notes in it how to sign in.
	client, err := mail.NewClient(to.host, options...)
	if err == nil {
		l.client, err = client.DialToSMTPClientWithContext(ctx)
	}
	if err == nil {
		err = l.conn.SetDeadline(time.Time{}) // go-mail's; each mail has its own
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		l.cut()
		return nil, fmt.Errorf("the mail server was not reached: %w", err)
	}
	return l, nil
}

// policy is go-mail's name for what is demanded of a server. With smtps there is TLS
// before go-mail sees the connection.
func (d destination) policy() mail.TLSPolicy {
	switch {
	case d.wrapped || d.tls == tlsOff:
		return mail.NoTLS
	case d.tls == tlsTry:
		return mail.TLSOpportunistic
	}
	return mail.TLSMandatory
}

// ways are how to sign in, the best first. Where TLS was switched off by hand, a
// password goes without it.
func (d destination) ways() []mail.SMTPAuthType {
	if d.tls == tlsOff {
		return []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc}
	}
	return []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin}
}

// within says something on the line, and breaks it when ctx ends meanwhile.
func (l *line) within(ctx context.Context, say func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = l.conn.Close() })
	err := say()
	if !stop() {
		l.broken = true
		if err != nil {
			return fmt.Errorf("the mail server took too long: %w", context.Cause(ctx))
		}
	}
	return err
}

// reset begins anew on a line that has rested. A server that has closed it is found out here,
// before there is a mail on the way.
func (l *line) reset() error { return l.client.Reset() }

// hand hands a mail over, in a transaction of its own.
func (l *line) hand(m letter) error {
	if err := l.client.Mail("<" + m.from.bare() + ">"); err != nil {
		return l.refused(err, false) // what is said of the sender is said of us
	}
	if err := l.client.Rcpt("<" + m.to.bare() + ">"); err != nil {
		return ofRecipient(l.refused(err, true))
	}
	data, err := l.client.Data()
	if err != nil {
		return l.refused(err, true)
	}
	if _, err := data.Write(m.text); err != nil {
		l.broken = true // and not closed: half a mail must not be taken for a whole one
		return fmt.Errorf("the mail server was lost: %w", err)
	}
	if m.last != nil {
		if err := m.last(); err != nil {
			l.broken = true // so that the server has half a mail, and drops it
			return err
		}
	}
	if err := data.Close(); err != nil {
		return l.refused(err, true)
	}
	return nil
}

// Answers that are of us rather than of the mail, wherever they come: we have not
// signed in, or not well enough, or without TLS.
var ours = map[int]bool{530: true, 534: true, 535: true, 538: true}

// refused is an answer that was a no. Without an answer the line is lost.
func (l *line) refused(err error, final bool) error {
	answer := (*textproto.Error)(nil)
	if !errors.As(err, &answer) || answer.Code < 400 || answer.Code > 599 {
		l.broken = true
		return fmt.Errorf("the mail server was lost: %w", err)
	}
	l.broken = answer.Code == 421 // RFC 5321 §3.8: it is closing
	r := &Refused{Code: answer.Code, Said: brief(answer.Msg), Permanent: final && answer.Code >= 500 && !ours[answer.Code]}
	r.Nobody = r.Permanent && nobodyIn(r.Said)
	return r
}

// brief is what a server said, on one line that fits into a record.
func brief(said string) string {
	said = strings.Join(strings.Fields(strings.ToValidUTF8(said, "?")), " ")
	if runes := []rune(said); len(runes) > 300 {
		return string(runes[:300]) + "…"
	}
	return said
}

// cut ends a connection without a word.
func (l *line) cut() {
	if l.conn != nil {
		_ = l.conn.Close() // it may be closed already
	}
}

// quit takes leave of the server, if it still listens.
func (l *line) quit() {
	late := time.AfterFunc(time.Second, l.cut)
	defer late.Stop()
	_ = l.client.Quit() // it may be gone
	l.cut()
}
