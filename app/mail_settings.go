package app

import (
	"errors"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"

	"moothall/app/mail"
)

// Span is a length of time as a setting: 5m, 30s.
type Span time.Duration

// usualHold is how long an instant mail waits in production.
const usualHold = Span(5 * time.Minute)

// UnmarshalText reads one that a mail may be held for.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err == nil && (d < 0 || d > 24*time.Hour) {
		err = errors.New("not from 0s to 24h")
	}
	*s = Span(d)
	return err
}

// mailLocal is what stands before the domain in the address that mails come from.
func (c Config) mailLocal() string {
	a, err := netmail.ParseAddress(c.MailFrom)
	if err != nil {
		return ""
	}
	return strings.ToLower(a.Address[:strings.LastIndexByte(a.Address, '@')])
}

// MailDomain is the domain of the address that mails come from: what is sent back to
// us comes there, and Message-IDs end in it.
func (c Config) MailDomain() string {
	a, err := netmail.ParseAddress(c.MailFrom)
	if err != nil {
		return "" // LoadConfig has refused it
	}
	return strings.ToLower(a.Address[strings.LastIndexByte(a.Address, '@')+1:])
}

var (
	selector   = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)
	mailDomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
)

// checkMail says what is wrong with how mails go out.
func (c Config) checkMail(bad *problems) {
	if c.SMTPURL != "" {
		if err := mail.CheckURL(c.SMTPURL, c.Production()); err != nil {
			bad.add("MOOTHALL_SMTP_URL %s", err)
		}
	}
	if _, err := netmail.ParseAddress(c.MailFrom); err != nil || !mailDomain.MatchString(c.MailDomain()) {
		bad.add("MOOTHALL_MAIL_FROM must be one address such as Moothall <hello@example.org>")
	}
	if c.InboundAddr != "" {
		checkAddr(bad, "MOOTHALL_INBOUND_ADDR", c.InboundAddr)
	}
	if strings.ContainsAny(c.InboundAuthserv, " ;\t") {
		bad.add("MOOTHALL_INBOUND_AUTHSERV must be the name by which the relay signs its Authentication-Results")
	}
	if (c.DKIMKey == "") != (c.DKIMSelector == "") {
		bad.add("MOOTHALL_DKIM_KEY and MOOTHALL_DKIM_SELECTOR belong together")
	}
	if c.DKIMKey != "" {
		if err := mail.CheckKey(c.DKIMKey); err != nil {
			bad.add("MOOTHALL_DKIM_KEY %s", err)
		}
	}
	if c.DKIMSelector != "" && !selector.MatchString(c.DKIMSelector) {
		bad.add("MOOTHALL_DKIM_SELECTOR must be a name in the DNS, such as moothall2026")
	}
}
