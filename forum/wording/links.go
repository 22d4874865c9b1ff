package wording

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// link is a link or a picture: "[" or "![", its words, and "](…)", "][…]" or "]".
type link struct{ open, target extent }

// extent is a part of a text, in bytes.
type extent struct{ from, to int }

// meets reports whether two extents have anything in common, holds whether one has
// all of the other.
func (e extent) meets(other extent) bool { return e.from < other.to && other.from < e.to }
func (e extent) holds(other extent) bool { return e.from <= other.from && other.to <= e.to }

// links is what a text has of links, each in order.
type links struct {
	all         []link
	definitions []extent // lines that say where links lead
	addresses   []extent
}

// linksOf finds the links of a text as Markdown has them (CommonMark 0.31.2 §6.3). It
// takes some for links that are none; a reader passes over those as well.
func linksOf(s string) (l links) {
	if strings.Contains(s, "]:") {
		for _, at := range definition.FindAllStringIndex(s, -1) {
			l.definitions = append(l.definitions, extent{at[0], at[1]})
		}
	}
	if strings.Contains(s, "](") || strings.Contains(s, "][") || l.definitions != nil {
		l.pairs(s)
	}
	l.addresses = addressesOf(s)
	return l
}

// definition is a line that says where the links of a name lead.
var definition = regexp.MustCompile(`(?m)^[ \t>*+-]*\[(?:[^\[\]\\\n]|\\.)+\]:[ \t]*\S+[ \t]*(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\))?[ \t]*$`)

// pairs finds the brackets that are links.
func (l *links) pairs(s string) {
	var open []extent
	steps := 8 * len(s) // a text that is made to be dear is not looked through to its end
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			from := i
			if i > 0 && s[i-1] == '!' {
				from--
			}
			open = append(open, extent{from, i + 1})
		case ']':
			if len(open) == 0 {
				continue
			}
			last := open[len(open)-1]
			open = open[:len(open)-1]
			if n := targetLength(s[i:], &steps); n > 1 || l.definitions != nil {
				l.all = append(l.all, link{last, extent{i, i + n}})
				i += n - 1
			}
		}
	}
	slices.SortFunc(l.all, func(a, b link) int { return cmp.Compare(a.open.from, b.open.from) })
}

// targetLength is how long "](…)" or "][…]" is that a text begins with: 1 if nothing
// but the bracket belongs to it.
func targetLength(s string, steps *int) int {
	if len(s) < 2 || s[1] != '(' && s[1] != '[' || *steps <= 0 {
		return 1
	}
	r := run{s: s[:min(len(s), *steps)], at: 2}
	defer func() { *steps -= r.at }()
	if s[1] == '[' {
		if r.until(']') {
			return r.at
		}
		return 1
	}
	r.blanks()
	if r.next() != '<' {
		r.word()
	} else if r.at++; !r.until('>') {
		return 1
	}
	if r.blanks(); !r.title() || r.next() != ')' {
		return 1
	}
	return r.at + 1
}

// run goes through a text.
type run struct {
	s  string
	at int
}

// next is the byte at hand, 0 at the end.
func (r *run) next() byte {
	if r.at < len(r.s) {
		return r.s[r.at]
	}
	return 0
}

// blanks passes over white space.
func (r *run) blanks() {
	for strings.IndexByte(" \t\n", r.next()) >= 0 {
		r.at++
	}
}

// until passes over all up to a sign and over that, within a paragraph.
func (r *run) until(end byte) bool {
	for ; r.at < len(r.s); r.at++ {
		switch {
		case r.s[r.at] == '\\':
			r.at++
		case r.s[r.at] == end:
			r.at++
			return true
		case strings.HasPrefix(r.s[r.at:], "\n\n"):
			return false
		}
	}
	return false
}

// title passes over a link's title, if it has one that ends.
func (r *run) title() bool {
	quote := r.next()
	switch quote {
	case '(':
		quote = ')'
	case '"', '\'':
	default:
		return true
	}
	r.at++
	ended := r.until(quote)
	r.blanks()
	return ended
}

// word passes over an address, in which brackets come in pairs.
func (r *run) word() {
	for depth := 0; r.at < len(r.s); r.at++ {
		switch c := r.s[r.at]; {
		case c == '\\':
			r.at++
		case c <= ' ', c == ')' && depth == 0:
			return
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
	}
}

// unread are the parts of a text that a reader does not see for links, in order.
func (l links) unread() []extent {
	without := slices.Clone(l.definitions)
	for _, one := range l.all {
		without = append(without, one.open, one.target)
	}
	slices.SortFunc(without, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	return without
}

// addressesOf finds the addresses that are links as they stand.
func addressesOf(s string) (found []extent) {
	for _, sign := range []string{"://", "mailto:", "www."} {
		for at := 0; ; {
			next := strings.Index(s[at:], sign)
			if next < 0 {
				break
			}
			at += next
			address := addressAt(s, extent{at, at + len(sign)})
			found, at = append(found, address), max(address.to, at+len(sign))
		}
	}
	return found
}

// addressAt is the address around a sign of one, with the angles it stands in.
func addressAt(s string, sign extent) extent {
	from, to := sign.from, len(s)
	for from > 0 && isLetter(s[from-1]) && sign.from-from < longestScheme {
		from--
	}
	if n := strings.IndexAny(s[sign.to:], " \t\n<>"); n >= 0 {
		to = sign.to + n
	}
	if from > 0 && s[from-1] == '<' && to < len(s) && s[to] == '>' {
		return extent{from - 1, to + 1}
	}
	return extent{from, from + len(strings.TrimRight(s[from:to], `.,;:!?)]}*_~'"|`+"`"))}
}

// longestScheme is how long the word before "://" may be (CommonMark 0.31.2 §6.5).
const longestScheme = 32

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// tagLength is how long a tag or a comment is that a text begins with. Neither is
// anything in our Markdown, but a reader passes over it.
func tagLength(s string) int {
	if strings.HasPrefix(s, "<!--") {
		if end := strings.Index(s[:min(len(s), longestTag)], "-->"); end > 0 {
			return end + 3
		}
		return 0
	}
	return len(tag.FindString(s[:min(len(s), longestTag)]))
}

// longestTag is how far a tag's end is looked for.
const longestTag = 500

var tag = regexp.MustCompile(`^</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>`)
