package markup

import (
	"strings"
	"unicode"
)

// Clean makes typed text storable: CRLF and CR become LF; control characters other
// than tab and LF are taken out (Postgres takes no NUL, XML 1.0 §2.2 none of them);
// bytes that are not UTF-8 become U+FFFD. Clean of clean text changes nothing.
func Clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.ContainsFunc(s, unstorable) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case unstorable(r):
			return -1
		}
		return r
	}, s)
}

// unstorable is true of the control characters that stored text is without.
func unstorable(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }

// inked reports whether text has anything to see: a link or a heading without would
// have no name for who listens to the page (WCAG 2.4.4, 2.4.6).
func inked(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}
