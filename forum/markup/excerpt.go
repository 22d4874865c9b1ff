package markup

import (
	"bytes"
	"html"
	"strings"
	"unicode"

	nethtml "golang.org/x/net/html"
)

// Excerpt is the plain text of a post in at most n code points and one line. A longer
// one is cut behind a word and ends in "…".
func Excerpt(source string, n int) string {
	defer slot()()
	source = Clean(source)
	raw, err := render(source, Refs{})
	if err != nil {
		return cut(source, n) // as Plain would show it
	}
	return cut(plainText(raw), n)
}

// plainText is the text of HTML as the renderer writes it: a new line at the end of
// each block and break.
func plainText(raw []byte) string {
	var b strings.Builder
	tokens := nethtml.NewTokenizer(bytes.NewReader(raw))
	for kind := tokens.Next(); kind != nethtml.ErrorToken; kind = tokens.Next() {
		if kind == nethtml.TextToken {
			b.WriteString(html.UnescapeString(string(tokens.Raw())))
		}
	}
	return b.String()
}

// cut shortens text to n code points with single spaces.
func cut(text string, n int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= n {
		return string(runes)
	}
	if n < 1 {
		return ""
	}
	end := n - 1 // room for the ellipsis
	for i := end; i > end/2; i-- {
		if runes[i] == ' ' {
			end = i
			break
		}
	}
	return strings.TrimRightFunc(string(runes[:end]), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r) && !strings.ContainsRune(`)]"'’”?!`, r)
	}) + "…"
}
