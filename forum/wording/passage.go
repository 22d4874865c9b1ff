package wording

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Passage is some words that are looked for in texts as a reader would find them:
// whoever typed them how, with which marks, and behind which references. It is for
// one goroutine at a time.
type Passage struct {
	wanted string
	cased  string // with its capitals
	word   bool   // there is no white space in it
	in     outline
}

// PassageOf is the passage that somebody typed or copied.
func PassageOf(s string) *Passage {
	p := &Passage{wanted: folding(s, false), cased: folding(s, true)}
	p.word = !strings.Contains(p.wanted, " ")
	return p
}

// folding is a text as it is compared.
func folding(s string, cased bool) string {
	o := outline{cased: cased}
	o.read(s, typed, nil)
	return strings.TrimSpace(string(o.text))
}

// Length is how many code points a reader sees of the passage.
func (p *Passage) Length() int { return utf8.RuneCountInString(p.wanted) }

// In reports whether the passage stands in a text.
func (p *Passage) In(s string) bool { return len(p.find(s, linksOf(s))) > 0 }

// find finds the passage wherever it stands in a text, in order.
func (p *Passage) find(s string, l links) (found []extent) {
	found = p.hits(found, s, typed, nil)
	if l.all != nil || l.definitions != nil || strings.Contains(s, "<") || strings.Contains(s, "~~~") || strings.Contains(s, "```") || hasNumbers(s) {
		found = p.hits(found, s, shown, l.unread())
	}
	if strings.ContainsAny(s, "%+") {
		found = p.hits(found, s, decoded, nil)
	}
	return joined(found)
}

// hasNumbers reports whether a line begins with a digit.
func hasNumbers(s string) bool {
	for {
		at := strings.IndexByte(s, '\n')
		if at < 0 {
			return false
		}
		s = strings.TrimLeft(s[at+1:], " >\t-*+")
		if s != "" && '0' <= s[0] && s[0] <= '9' {
			return true
		}
	}
}

// hits adds where the passage stands in a view of a text.
func (p *Passage) hits(found []extent, s string, v view, unread []extent) []extent {
	wanted := []byte(p.wanted)
	if len(wanted) == 0 {
		return found
	}
	p.in.read(s, v, unread)
	var cased *outline
	for at := 0; ; at += len(wanted) {
		next := bytes.Index(p.in.text[at:], wanted)
		if next < 0 {
			return found
		}
		at += next
		hit := extent{int(p.in.from[at]), int(p.in.to[at+len(wanted)-1])}
		if p.word && insideWord(s, hit) {
			if cased == nil {
				cased = &outline{cased: true}
				cased.read(s, v, unread)
			}
			if !cased.standsAt(p.cased, hit.from) {
				continue
			}
		}
		found = append(found, hit)
	}
}

// insideWord reports whether a part of a text has letters right before or behind it.
// One word in other capitals counts by itself alone: Ian does not stand in guardian.
func insideWord(s string, e extent) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:e.from])
	after, _ := utf8.DecodeRuneInString(s[e.to:])
	return inWord(before) || inWord(after)
}

// standsAt reports whether words stand in an outline at a place of the text itself.
func (o *outline) standsAt(words string, place int) bool {
	at := sort.Search(len(o.from), func(i int) bool { return int(o.from[i]) >= place })
	return bytes.HasPrefix(o.text[at:], []byte(words))
}

// joined puts parts in order, and makes those that meet one.
func joined(parts []extent) (one []extent) {
	slices.SortFunc(parts, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	for _, part := range parts {
		if last := len(one) - 1; last >= 0 && part.from < one[last].to {
			one[last].to = max(one[last].to, part.to)
			continue
		}
		one = append(one, part)
	}
	return one
}

// nearest is how many letters a word has at the least that is looked for by itself.
const nearest = 4

// Near is how often single words of the passage stand in a text where it does not:
// those with a capital or a digit, as names and numbers have, or all where none has.
func (p *Passage) Near(s string) (n int) {
	words, named := map[string]bool{}, false
	for _, word := range strings.FieldsFunc(p.cased, apart) {
		if utf8.RuneCountInString(word) < nearest {
			continue
		}
		telling := strings.ContainsFunc(word, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsNumber(r) })
		if telling && !named {
			clear(words)
		}
		if named = named || telling; telling || !named {
			words[folding(word, false)] = true
		}
	}
	for _, word := range strings.FieldsFunc(folding(s, false), apart) {
		if words[word] {
			n++
		}
	}
	return n
}

func apart(r rune) bool { return !inWord(r) }
