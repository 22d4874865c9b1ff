package forum

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"moothall/forum/markup"
)

// slugLength is where a slug is cut, at a word.
const slugLength = 60

// oneLine is a title or a name as it is stored: one line, single spaces, and no
// character that takes part in it without being seen, so that nobody has an empty
// name, or one that only looks like another's.
func oneLine(s string) string {
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || strings.ContainsRune("\u115f\u1160\u2800\u3164\uffa0", r) {
			return -1
		}
		return r
	}, markup.Clean(s))
	return strings.Join(strings.Fields(seen), " ")
}

// isPlain reports whether a slug takes a letter as it is.
func isPlain(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

// Slug is a title as it stands in an address: lower-case letters and digits of
// ASCII with single hyphens, marks taken off (Tŷ → ty). It may be empty.
func Slug(title string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(strings.ToLower(title)) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’':
			continue
		case isPlain(r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	s := b.String()
	if len(s) <= slugLength {
		return s
	}
	if cut := strings.LastIndexByte(s[:slugLength+1], '-'); cut > 0 {
		return s[:cut]
	}
	return s[:slugLength]
}
