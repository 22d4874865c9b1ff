package wording

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// view is a way to look at a text for a passage.
type view uint8

// The views. In each there are no marks of emphasis, quotes or lists, white space is
// single, references such as &nbsp; are what they stand for, and letters are folded.
const (
	typed   view = iota // all that was typed
	shown               // without tags, numbers of lists, and where links lead
	decoded             // with %20 and + as they are read in an address
)

// outline is a text as a view shows it. from and to say where each byte stands in the
// text itself.
type outline struct {
	text     []byte
	from, to []int32

	view    view
	cased   bool // letters keep their case
	spaced  bool // the last sign is white space, or there is none yet
	begun   int  // where the text of the last sign begins in text
	scratch []byte
}

// read makes the outline of a text. Without is what the view is without, in order.
func (o *outline) read(s string, v view, without []extent) {
	o.text, o.from, o.to = o.text[:0], o.from[:0], o.to[:0]
	o.view, o.spaced, o.begun = v, true, 0
	for i := o.lineMarks(s, 0); i < len(s); {
		for len(without) > 0 && without[0].to <= i {
			without = without[1:]
		}
		switch c := s[i]; {
		case len(without) > 0 && i >= without[0].from:
			i = without[0].to
		case letters[c] != 0 && !o.cased:
			o.begun, o.spaced = len(o.text), false
			o.text, o.from, o.to = append(o.text, letters[c]), append(o.from, int32(i)), append(o.to, int32(i+1))
			i++
		case c < utf8.RuneSelf:
			i = o.sign(s, i)
		default:
			r, width := utf8.DecodeRuneInString(s[i:])
			if int(r) < len(folded) && folded[r] != 0 && !o.cased {
				o.add(folded[r], i, i+width)
			} else {
				o.fold(r, i, i+width)
			}
			i += width
		}
	}
}

// letters are the bytes that stand for themselves in every view, in lower case.
var letters = func() (l [256]byte) {
	for c := range byte(utf8.RuneSelf) {
		if c > ' ' && c < 0x7f && !strings.ContainsRune(`*_~\|&<%+"`+"`", rune(c)) {
			l[c] = c
		}
		if 'A' <= c && c <= 'Z' {
			l[c] = c + 'a' - 'A'
		}
	}
	return l
}()

// sign reads an ASCII sign and returns where the next begins.
func (o *outline) sign(s string, i int) int {
	width := 1
	switch c := s[i]; {
	case c == '\n':
		o.add(' ', i, i+1)
		return o.lineMarks(s, i+1)
	case c == '*', c == '_', c == '~', c == '`', c == '\\':
		return i + 1
	case c == '|', c == '+' && o.view == decoded:
		o.add(' ', i, i+1)
		return i + 1
	case c == '&':
		width = o.reference(s, i)
	case c == '<' && o.view == shown:
		width = tagLength(s[i:])
	case c == '%' && o.view == decoded:
		width = o.percent(s, i)
	default:
		width = 0
	}
	if width == 0 {
		o.fold(rune(s[i]), i, i+1)
		width = 1
	}
	return i + width
}

// add adds a sign, and white space only where there is none.
func (o *outline) add(r rune, from, to int) {
	blank := isBlank(r)
	if blank && o.spaced {
		return
	}
	if blank {
		r = ' '
	}
	o.spaced, o.begun = blank, len(o.text)
	o.text = utf8.AppendRune(o.text, r)
	for len(o.from) < len(o.text) {
		o.from, o.to = append(o.from, int32(from)), append(o.to, int32(to))
	}
}

// fold adds what a character is the same as, whoever typed it how. What nobody sees
// belongs to the sign before it.
func (o *outline) fold(r rune, from, to int) {
	if unseen(r) {
		for at := len(o.to) - 1; at >= o.begun && int(o.to[at]) == from; at-- {
			o.to[at] = int32(to)
		}
		return
	}
	o.scratch = appendFolded(o.scratch[:0], r, o.cased)
	for at := 0; at < len(o.scratch); {
		one, width := utf8.DecodeRune(o.scratch[at:])
		o.add(one, from, to)
		at += width
	}
}

// reference adds what a reference such as &nbsp; stands for, and returns its width:
// 0 if it is none (CommonMark 0.31.2 §2.5).
func (o *outline) reference(s string, i int) int {
	end := strings.IndexByte(s[i:min(len(s), i+longestReference)], ';') + 1
	if end < 3 || strings.ContainsFunc(s[i+1:i+end-1], func(r rune) bool { return r != '#' && !inWord(r) }) {
		return 0
	}
	meant := html.UnescapeString(s[i : i+end])
	if meant == s[i:i+end] || strings.HasSuffix(meant, ";") && len(meant) > 1 {
		return 0
	}
	for _, r := range meant {
		o.fold(r, i, i+end)
	}
	return end
}

// longestReference is as long as "&CounterClockwiseContourIntegral;".
const longestReference = 33

// percent adds what an address says with %20 or the like, and returns its width: 0
// if there is no such thing (RFC 3986 §2.1).
func (o *outline) percent(s string, i int) int {
	var bytes [utf8.UTFMax]byte
	n := 0
	for at := i; n < len(bytes) && at+3 <= len(s) && s[at] == '%'; at += 3 {
		high, low := hexDigit(s[at+1]), hexDigit(s[at+2])
		if high < 0 || low < 0 {
			break
		}
		bytes[n] = byte(high<<4 | low)
		n++
	}
	r, width := utf8.DecodeRune(bytes[:n])
	if width == 0 || r == utf8.RuneError {
		return 0
	}
	o.fold(r, i, i+3*width)
	return 3 * width
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", c|0x20) }

// lineMarks passes over what a line begins with that says what kind of block it is,
// and over all of a line that is only there to draw one.
func (o *outline) lineMarks(s string, i int) int {
	numbers := i > 0
	for i < len(s) {
		width := lineMark(s[i:])
		if width == 0 && o.view == shown && numbers {
			width = numbered(s[i:])
		}
		if width == 0 && o.view == shown {
			width = fenced(s[i:])
		}
		if width == 0 {
			return i
		}
		i += width
	}
	return i
}

// lineMark is the width of the mark that a line goes on with, 0 without one.
func lineMark(s string) int {
	switch s[0] {
	case ' ', '\t', '>':
		return 1
	case '-':
		return max(drawn(s), bullet(s))
	case '=', '|', ':':
		return drawn(s)
	case '+', '*':
		return bullet(s)
	case '#':
		return headed(s)
	}
	return 0
}

// drawn is how long a line is that only draws: under a heading, or in a table.
func drawn(s string) int {
	for i := range len(s) {
		if s[i] == '\n' {
			return i
		}
		if strings.IndexByte("-=|: \t", s[i]) < 0 {
			return 0
		}
	}
	return len(s)
}

// bullet is the width of a list's mark.
func bullet(s string) int {
	if len(s) > 1 && (s[1] == ' ' || s[1] == '\t') {
		return 2
	}
	return 0
}

// headed is the width of a heading's mark.
func headed(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "#"))
	if n < len(s) && s[n] != ' ' && s[n] != '\t' && s[n] != '\n' {
		return 0
	}
	return n
}

// fenced is how long the line is that a block of code begins or ends with.
func fenced(s string) int {
	if !strings.HasPrefix(s, "```") && !strings.HasPrefix(s, "~~~") {
		return 0
	}
	if end := strings.IndexByte(s, '\n'); end >= 0 {
		return end
	}
	return len(s)
}

// numbered is the width of the mark of a list with numbers.
func numbered(s string) int {
	n := 0
	for n < len(s) && n < 9 && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	if n+1 < len(s) && (s[n] == '.' || s[n] == ')') && s[n+1] == ' ' {
		return n + 1
	}
	return 0
}

// isBlank is true of white space, and of a character that looks like it.
func isBlank(r rune) bool { return unicode.IsSpace(r) || r == '\u2800' }
