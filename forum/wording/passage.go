package wording

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// outline is a text without what a reader does not see of it: marks of emphasis and
// quotes, and how white space is made. So a passage is found as it was copied from
// the page. from and to say where each byte stands in the text itself.
type outline struct {
	text     string
	from, to []int
}

// alike are signs that one keyboard makes in the place of another.
var alike = map[rune]string{'’': "'", '‘': "'", '“': `"`, '”': `"`}

func outlineOf(s string) (o outline) {
	var b strings.Builder
	add := func(text string, from, to int) {
		for range len(text) {
			o.from, o.to = append(o.from, from), append(o.to, to)
		}
		b.WriteString(text)
	}
	space, beginning := true, true // before the first word; where a line may begin with marks
	for i, r := range s {
		end := i + utf8.RuneLen(r)
		switch {
		case unicode.IsSpace(r):
			if !space {
				add(" ", i, end)
			}
			space, beginning = true, beginning || r == '\n'
		case strings.ContainsRune(`*_~\`+"`", r), beginning && begins(s[i:]):
		default:
			text := s[i:end]
			if same, ok := alike[r]; ok {
				text = same
			}
			add(text, i, end)
			space, beginning = false, false
		}
	}
	o.text = b.String()
	return o
}

// begins reports whether a mark of a quote, a heading or a list stands here, at the
// beginning of a line.
func begins(line string) bool {
	return line[0] == '>' || line[0] == '#' || strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "+ ")
}

// Seen is what a reader sees of a text: without marks, with single spaces.
func Seen(s string) string { return strings.TrimSpace(outlineOf(s).text) }

// Without puts removed in the place of a passage wherever it stands in a text, and
// reports whether it stood there. Marks of emphasis that begin or end inside it and
// go on outside stay, or what is around it would change its look.
func Without(text, passage, removed string) (string, bool) {
	o, wanted := outlineOf(text), strings.TrimSpace(outlineOf(passage).text)
	if wanted == "" {
		return text, false
	}
	var b strings.Builder
	done := 0
	for at := 0; ; at += len(wanted) {
		next := strings.Index(o.text[at:], wanted)
		if next < 0 {
			break
		}
		at += next
		from, to := o.from[at], o.to[at+len(wanted)-1]
		before, after := openMarks(text, from, to)
		b.WriteString(text[done:from] + before + removed + after)
		done = to
	}
	b.WriteString(text[done:])
	return b.String(), done > 0
}

// WithoutMarkdown is Without for Markdown: what stands in the passage's place is
// never half of a link.
func WithoutMarkdown(text, passage, removed string) (string, bool) {
	text, found := Without(text, passage, removed)
	if !found {
		return text, false
	}
	plain := strings.NewReplacer("[", `\[`, "]", `\]`).Replace(removed)
	for _, next := range []string{":", "(", "["} {
		text = strings.ReplaceAll(text, removed+next, plain+next)
	}
	return text, true
}

// openMarks are the marks of emphasis within a part of a text that have no partner
// there: those that open something, and those that close it.
func openMarks(text string, from, to int) (opened, closed string) {
	var open []string
	for i := from; i < to; {
		mark := markAt(text[i:to])
		if mark == "" {
			i++
			continue
		}
		last, _ := utf8.DecodeLastRuneInString(text[:i])
		i += len(mark)
		next, _ := utf8.DecodeRuneInString(text[i:])
		switch {
		case inWord(last) && inWord(next): // as in an address
		case len(open) > 0 && open[len(open)-1] == mark:
			open = open[:len(open)-1]
		case !inWord(last) && !unicode.IsSpace(next):
			open = append(open, mark)
		default:
			closed += mark
		}
	}
	return strings.Join(open, ""), closed
}

// markAt is the mark of emphasis or code that a text begins with, however long.
func markAt(s string) string {
	n := 0
	for n < len(s) && s[n] == s[0] && strings.IndexByte("*_~`", s[0]) >= 0 {
		n++
	}
	return s[:n]
}
