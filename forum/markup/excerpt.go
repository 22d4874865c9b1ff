package markup

import (
	"bytes"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

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

// Text is the plain text of a post's stored HTML in at most n code points and one line,
// cut as an Excerpt is.
func Text(stored HTML, n int) string { return cut(plainText([]byte(stored)), n) }

// ends are the signs that part what stands in lines of its own, once it is all in one.
var ends = map[string]string{"li": ";", "td": ";", "th": ";", "ul": ".", "ol": ".", "table": ".",
	"h1": ":", "h2": ":", "h3": ":", "h4": ":", "h5": ":", "h6": ":"}

// plainText is the text of HTML as the renderer writes it: a new line at the end of
// each block and break.
func plainText(raw []byte) string {
	var text []byte
	last := ' ' // the last sign that is no space
	add := func(more string) {
		text = append(text, more...)
		if trimmed := strings.TrimRightFunc(more, unicode.IsSpace); trimmed != "" {
			last, _ = utf8.DecodeLastRuneInString(trimmed)
		}
	}
	tokens := nethtml.NewTokenizer(bytes.NewReader(raw))
	for kind := tokens.Next(); kind != nethtml.ErrorToken; kind = tokens.Next() {
		switch kind {
		case nethtml.TextToken:
			add(html.UnescapeString(string(tokens.Raw())))
		case nethtml.EndTagToken:
			name, _ := tokens.TagName()
			switch end := ends[string(name)]; {
			case end == "." && last == ';':
				text = bytes.TrimSuffix(bytes.TrimRightFunc(text, unicode.IsSpace), []byte(";"))
				add(".\n")
			case end != "" && end != "." && (unicode.IsLetter(last) || unicode.IsNumber(last) || last == ')'):
				add(end + " ")
			}
		}
	}
	return string(text)
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

// Shown is all that a page shows of a text, as plain text: its words, and on lines of
// their own the addresses of its links. What is not rendered shows as it is.
func Shown(source string) string {
	defer slot()()
	source = Clean(source)
	raw, err := render(source, Refs{})
	if err != nil {
		return source
	}
	var text, addresses strings.Builder
	tokens := nethtml.NewTokenizer(bytes.NewReader(raw))
	for kind := tokens.Next(); kind != nethtml.ErrorToken; kind = tokens.Next() {
		switch kind {
		case nethtml.TextToken:
			text.WriteString(html.UnescapeString(string(tokens.Raw())))
		case nethtml.StartTagToken:
			for key, value, more := tokens.TagAttr(); key != nil; key, value, more = tokens.TagAttr() {
				if string(key) == "href" {
					addresses.WriteString("\n;\n")
					addresses.Write(value)
				}
				if !more {
					break
				}
			}
		}
	}
	return text.String() + addresses.String()
}
