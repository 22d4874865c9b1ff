package mail

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// address is a name, if any, and where mail goes.
type address struct{ name, local, domain string }

// bare is the address without the name.
func (a address) bare() string { return a.local + "@" + a.domain }

// String is the address as it stands in a header.
func (a address) String() string {
	if a.name == "" {
		return "<" + a.bare() + ">"
	}
	return phrase(a.name) + " <" + a.bare() + ">"
}

// What an address is made of: RFC 5321's dot-string. Quoted local parts are allowed
// there too; nobody has one, and much that is bent is made of them.
var (
	localPart = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	hostName  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
)

// readAddress reads the one address of a header; what names it in a refusal.
func readAddress(what, text string) (a address, err error) {
	if !isPlain(text) {
		return a, unsendable("%s has a control character in it", what)
	}
	parsed, err := mail.ParseAddress(text)
	if err != nil {
		return a, unsendable("%s is no address", what)
	}
	a.name = strings.Join(strings.Fields(parsed.Name), " ")
	at := strings.LastIndexByte(parsed.Address, '@')
	a.local = parsed.Address[:at]
	if a.domain, err = idna.Lookup.ToASCII(parsed.Address[at+1:]); err != nil {
		return a, unsendable("%s has a domain that cannot be", what)
	}
	switch {
	case !isPlain(parsed.Name): // it may have come encoded
		return a, unsendable("%s has a control character in it", what)
	case !localPart.MatchString(a.local) || !hostName.MatchString(a.domain) || len(a.local) > 64 || len(a.bare()) > 254:
		return a, unsendable("%s is no address that mail can be sent to", what)
	}
	a.domain = strings.ToLower(a.domain)
	return a, nil
}

// isPlain reports whether a text is UTF-8 on one line: no control character is in it,
// nor what some take for a line's end.
func isPlain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}
