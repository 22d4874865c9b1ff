// Package wording compares texts word by word, and finds a passage in them and takes it
// out. It is pure computing and knows nothing of the forum.
package wording

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// ChangeKind says what became of the words of a Change.
type ChangeKind string

// The kinds of Change.
const (
	Same    ChangeKind = "same"
	Removed ChangeKind = "removed"
	Added   ChangeKind = "added"
)

// Change is a run of words, with their white space, that two versions of a text
// share, or that only one of them has.
type Change struct {
	Kind ChangeKind
	Text string
}

// Differences compares two versions of a text word by word. What is same or removed
// makes up before, what is same or added makes up after, byte for byte; so line ends
// differ as any character does, and both texts are best markup.Clean. Two changes
// that only little lies between are one, and texts that have nothing in common come
// back as one replacing the other. Its cost grows as the texts do, whatever they say.
func Differences(before, after string) []Change {
	p := pairing{before: before, after: after, a: cut(before), b: cut(after)}
	p.number()
	p.align(span{0, len(p.x), 0, len(p.y)}, anchorRounds)
	return p.changes(p.calm(p.stretches()))
}

// piece is a word or a sign of a text, and where the white space before it begins.
type piece struct{ gap, from, to int }

// cut cuts a text into its pieces. The last is empty, with the white space of the end.
func cut(s string) (pieces []piece) {
	for end := 0; ; {
		p := piece{gap: end, from: len(s) - len(strings.TrimLeftFunc(s[end:], unicode.IsSpace))}
		for p.to = p.from; p.to < len(s) && (p.to == p.from || joins(s, p.from, p.to)); {
			_, n := utf8.DecodeRuneInString(s[p.to:])
			p.to += n
		}
		pieces = append(pieces, p)
		if end = p.to; p.from == len(s) {
			return pieces
		}
	}
}

const joiner = '\u200d' // of emoji, such as a family of four

// joins reports whether the character at belongs to the piece that began at from:
// letters of a word, an apostrophe inside it, marks, what emoji are made of (after
// UAX #29, by words as people count them).
func joins(s string, from, at int) bool {
	last, width := utf8.DecodeLastRuneInString(s[from:at])
	r, n := utf8.DecodeRuneInString(s[at:])
	switch {
	case last == joiner:
		return !unicode.IsSpace(r)
	case isMark(r):
		return true
	case r == '\'' || r == '’':
		next, _ := utf8.DecodeRuneInString(s[at+n:])
		return inWord(last) && inWord(next)
	case last == '\'' || last == '’':
		return at-width > from
	}
	return inWord(last) && inWord(r) || isFlag(last) && isFlag(r)
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || isMark(r) }

// isMark is true of what is part of the character before it, such as a shade of skin.
func isMark(r rune) bool {
	return r >= utf8.RuneSelf && unicode.In(r, unicode.M, unicode.Cf) || r >= 0x1f3fb && r <= 0x1f3ff
}

func isFlag(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// pair is a piece of one text that is the same as a piece of the other.
type pair struct{ a, b int }

// span is a part of both texts, in pieces.
type span struct{ a, aEnd, b, bEnd int }

// pairing finds which pieces of two texts are the same.
type pairing struct {
	before, after string
	a, b          []piece
	x, y          []rune // a number for each piece but the last: equal ones, equal words
	paired        []pair // in order
}

// number numbers the words. The numbers are runes for the library's sake, which
// compares them and no more.
func (p *pairing) number() {
	known := map[string]rune{}
	numbers := func(s string, pieces []piece) []rune {
		ids := make([]rune, len(pieces)-1)
		for i := range ids {
			word := s[pieces[i].from:pieces[i].to]
			id, ok := known[word]
			if !ok {
				id = rune(len(known))
				known[word] = id
			}
			ids[i] = id
		}
		return ids
	}
	p.x, p.y = numbers(p.before, p.a), numbers(p.after, p.b)
}

// anchorWords is how many words make an anchor, and anchorRounds how often anchors
// are looked for again between those that were found.
const anchorWords, anchorRounds = 3, 3

// align pairs the pieces of a span. Words in a row that each text has once hold the
// texts together; between them the library looks for the shortest way, and gives up
// after a hundred steps, which leaves what lies there replaced.
func (p *pairing) align(s span, rounds int) {
	if rounds > 0 {
		if anchors := p.anchors(s); len(anchors) > 0 {
			for _, anchor := range anchors {
				p.between(&s, anchor, rounds-1)
			}
			p.align(s, rounds-1)
			return
		}
	}
	if s.a == s.aEnd || s.b == s.bEnd {
		return
	}
	a, b := s.a, s.b
	for _, d := range lcs.DiffRunes(p.x[s.a:s.aEnd], p.y[s.b:s.bEnd]) {
		for a < s.a+d.Start {
			p.paired = append(p.paired, pair{a, b})
			a, b = a+1, b+1
		}
		a, b = s.a+d.End, s.b+d.ReplEnd
	}
	for ; a < s.aEnd; a, b = a+1, b+1 {
		p.paired = append(p.paired, pair{a, b})
	}
}

// between aligns what lies before an anchor, pairs the anchor and all that goes on
// as it does, and leaves the rest of the span.
func (p *pairing) between(s *span, anchor pair, rounds int) {
	if anchor.a < s.a || anchor.b < s.b {
		return // the anchor before it went further than this
	}
	p.align(span{s.a, anchor.a, s.b, anchor.b}, rounds)
	for s.a, s.b = anchor.a, anchor.b; s.a < s.aEnd && s.b < s.bEnd && p.x[s.a] == p.y[s.b]; s.a, s.b = s.a+1, s.b+1 {
		p.paired = append(p.paired, pair{s.a, s.b})
	}
}

// anchors are the places where both texts have the same words in a row, once each,
// in the order of both: of those that have moved, the fewest are left out.
func (p *pairing) anchors(s span) []pair {
	type row [anchorWords]rune
	type places struct{ a, b int } // -1 where it is not, -2 where it is more than once
	found := map[row]places{}
	once := func(at, i int) int {
		if at == -1 {
			return i
		}
		return -2
	}
	for i := s.a; i+anchorWords <= s.aEnd; i++ {
		r := row(p.x[i:])
		at, ok := found[r]
		if !ok {
			at = places{-1, -1}
		}
		found[r] = places{once(at.a, i), -1}
	}
	for i := s.b; i+anchorWords <= s.bEnd; i++ {
		if at, ok := found[row(p.y[i:])]; ok {
			found[row(p.y[i:])] = places{at.a, once(at.b, i)}
		}
	}
	var all []pair
	for i := s.a; i+anchorWords <= s.aEnd; i++ {
		if at := found[row(p.x[i:])]; at.a >= 0 && at.b >= 0 {
			all = append(all, pair(at))
		}
	}
	return rising(all)
}

// rising is the longest part of pairs, in order of a, whose b rises too (Schensted).
func rising(pairs []pair) []pair {
	var ends []int // ends[n] is the pair that ends the best part of n+1
	before := make([]int, len(pairs))
	for i, at := range pairs {
		n := sort.Search(len(ends), func(n int) bool { return pairs[ends[n]].b >= at.b })
		if n == len(ends) {
			ends = append(ends, i)
		}
		ends[n], before[i] = i, -1
		if n > 0 {
			before[i] = ends[n-1]
		}
	}
	if len(ends) == 0 {
		return nil
	}
	part := make([]pair, 0, len(ends))
	for i := ends[len(ends)-1]; i >= 0; i = before[i] {
		part = append(part, pairs[i])
	}
	slices.Reverse(part)
	return part
}

// stretch is a part of both texts, in bytes: the same, or one replaces the other.
type stretch struct {
	a, aEnd, b, bEnd int
	same             bool
	words            int // of the text that has more
}

// extend goes on to where both texts are the same, or are not.
func extend(all []stretch, next stretch) []stretch {
	n := len(all) - 1
	if n >= 0 {
		next.a, next.b = all[n].aEnd, all[n].bEnd
	}
	switch {
	case next.a == next.aEnd && next.b == next.bEnd:
		return all
	case n >= 0 && all[n].same == next.same:
		all[n].aEnd, all[n].bEnd, all[n].words = next.aEnd, next.bEnd, all[n].words+next.words
		return all
	}
	return append(all, next)
}

// stretches are the two texts from end to end, same and not in turn. White space goes
// with the word behind it or, where it is not the same in both, with the change.
func (p *pairing) stretches() (all []stretch) {
	for _, at := range append(p.paired, pair{len(p.a) - 1, len(p.b) - 1}) {
		a, b := p.a[at.a], p.b[at.b]
		cutA, cutB := a.gap, b.gap
		if p.before[a.gap:a.from] != p.after[b.gap:b.from] {
			cutA, cutB = a.from, b.from
		}
		all = extend(all, stretch{aEnd: cutA, bEnd: cutB})
		all = extend(all, stretch{aEnd: a.to, bEnd: b.to, same: true})
	}
	for i, s := range all {
		all[i].words = max(countWords(p.before[s.a:s.aEnd]), countWords(p.after[s.b:s.bEnd]))
	}
	return all
}

// calm makes one of two changes that only a slight stretch lies between.
func (p *pairing) calm(all []stretch) (calmed []stretch) {
	for i, s := range all {
		if s.same && i > 0 && i < len(all)-1 && s.slight(p.before, calmed[len(calmed)-1].words, all[i+1].words) {
			s.same = false
		}
		calmed = extend(calmed, s)
	}
	return calmed
}

// What is the same is slight if it has no word; only one, as short as "the"; or so few
// among so many that were written anew that they are there by chance.
const shortWord, fewWords, manyTimes = 3, 3, 6

func (s stretch) slight(before string, left, right int) bool {
	short := func() bool { return utf8.RuneCountInString(strings.TrimSpace(before[s.a:s.aEnd])) <= shortWord }
	return s.words == 0 || s.words == 1 && short() || s.words <= fewWords && min(left, right) >= manyTimes*s.words
}

// countWords counts the runs of letters and digits.
func countWords(s string) (n int) {
	inside := false
	for _, r := range s {
		was := inside
		if inside = inWord(r); inside && !was {
			n++
		}
	}
	return n
}

func (p *pairing) changes(all []stretch) (changes []Change) {
	add := func(kind ChangeKind, text string) {
		if text != "" {
			changes = append(changes, Change{kind, text})
		}
	}
	for _, s := range all {
		if s.same {
			add(Same, p.before[s.a:s.aEnd])
			continue
		}
		add(Removed, p.before[s.a:s.aEnd])
		add(Added, p.after[s.b:s.bEnd])
	}
	return changes
}
