package mail

import (
	"encoding/base64"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,75}$`)
	messageID  = regexp.MustCompile(`^[A-Za-z0-9._+=-]+@[A-Za-z0-9.-]+$`)
	atoms      = regexp.MustCompile("^[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+$") // RFC 5322's phrase of atoms
	angled     = regexp.MustCompile(`^([^<>]*[^<> ]) (<[^<>]+>)$`)        // a name and what it names: List-Id
)

// taken are headers that a Message has a field for, and those that others write. Of the
// Content- ones none is free either.
var taken = map[string]bool{
	"from": true, "sender": true, "to": true, "cc": true, "bcc": true, "reply-to": true, "subject": true, "date": true,
	"message-id": true, "mime-version": true, "return-path": true, "received": true, "dkim-signature": true,
	"authentication-results": true, "user-agent": true, "x-mailer": true,
}

// headers are what stands on top of a mail, each once, by its name in small letters.
type headers map[string]Header

// add takes one, encoded where that is needed.
func (h headers) add(name, value string) error {
	key := strings.ToLower(name)
	_, twice := h[key]
	switch {
	case !headerName.MatchString(name):
		return unsendable("a header has a name that cannot be")
	case !isPlain(value):
		return unsendable("%s has a control character in it", name)
	case twice:
		return unsendable("%s is there twice", name)
	}
	// A line of spaces alone would end the headers for some.
	value = strings.Join(strings.Fields(value), " ")
	if parts := angled.FindStringSubmatch(value); parts != nil && key != "subject" {
		value = phrase(parts[1]) + " " + parts[2]
	}
	h[key] = Header{name, words(value)}
	return nil
}

// addAddress takes one that is an address.
func (h headers) addAddress(name, text string) (address, error) {
	a, err := readAddress(name, text)
	if err == nil {
		h[strings.ToLower(name)] = Header{name, a.String()}
	}
	return a, err
}

// addOther takes one that a Message has no field for.
func (h headers) addOther(name, value string) error {
	key := strings.ToLower(name)
	if taken[key] || strings.HasPrefix(key, "content-") {
		return unsendable("%s is not for others to set", name)
	}
	return h.add(name, value)
}

// words is a text as it stands in a header: in ASCII.
func words(text string) string {
	if strings.Contains(text, "=?") {
		return encoded(text) // or it would be read as something else than it says
	}
	return mime.QEncoding.Encode("utf-8", text) // as it is, where it is ASCII
}

// phrase is a name as it stands before an address.
func phrase(name string) string {
	if strings.Contains(name, "=?") || strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return encoded(name)
	}
	if atoms.MatchString(name) {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// encoded is a text in RFC 2047's words of base64, each a whole number of characters.
func encoded(text string) string {
	const most = 42 // bytes in one: with all around them, fewer than 75
	var all []string
	for text != "" {
		end := min(most, len(text))
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end--
		}
		all = append(all, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[:end]))+"?=")
		text = text[end:]
	}
	return strings.Join(all, " ")
}
