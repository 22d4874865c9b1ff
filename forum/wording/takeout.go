package wording

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"moothall/forum/markup"
)

// rounds is how often a passage is looked for again in what is left of a text: what
// stood on both sides of it may have come together.
const rounds = 4

// Out puts removed in the passage's place wherever it stands in a text, and reports
// whether it stood there. Marks of emphasis that begin or end inside it and go on
// outside stay, or what is around it would change its look; of a link that it cuts
// through, the words outside it stay, and of an address nothing.
func (p *Passage) Out(s, removed string) (string, bool) {
	return p.out(s, removed, func(s string) string { return s })
}

// OutOfMarkdown is Out for Markdown: what stands in the passage's place is never half
// of a link.
func (p *Passage) OutOfMarkdown(s, removed string) (string, bool) {
	return p.out(s, removed, func(s string) string { return unlinked(s, removed) })
}

func (p *Passage) out(s, removed string, then func(string) string) (left string, found bool) {
	for round := 0; ; round++ {
		l := linksOf(s)
		hits := p.find(s, l)
		switch {
		case len(hits) == 0, found && p.In(removed):
			return s, found
		case round == rounds:
			return removed, true
		}
		s, found = then(l.without(s, hits, removed)), true
	}
}

// unlinked is a text in which removed is never a link.
func unlinked(s, removed string) string {
	plain := strings.NewReplacer("[", `\[`, "]", `\]`).Replace(removed)
	for _, next := range []string{":", "(", "["} {
		s = strings.ReplaceAll(s, removed+next, plain+next)
	}
	return s
}

// OutOfPage is OutOfMarkdown for a text that will be shown: the passage stands nowhere
// in what a reader sees of it. Where no way was found to take it out alone, all of its
// block goes, and if that is not enough, the text.
func (p *Passage) OutOfPage(s, removed string) (string, bool) {
	s, found := p.OutOfMarkdown(s, removed)
	if p.In(removed) || !p.In(markup.Shown(s)) {
		return s, found
	}
	b := blocks{passage: p, all: strings.Split(s, "\n\n")}
	for _, at := range linksOf(s).definitions {
		b.definitions += "\n\n" + s[at.from:at.to]
	}
	for range blocksOut {
		last := sort.Search(len(b.all), func(i int) bool { return b.show(0, i+1) })
		if last == len(b.all) {
			return strings.Join(b.all, "\n\n"), true
		}
		first := last
		for first > 0 && last-first < blocksBack && !b.show(first, last+1) {
			first--
		}
		for at := first; at <= last; at++ {
			b.all[at] = removed
		}
	}
	return removed, true
}

// blocksOut is how often blocks are taken out of a text before all of it is, and
// blocksBack how far before the last of them the first is looked for.
const blocksOut, blocksBack = 16, 4

// blocks are what white lines part a text into.
type blocks struct {
	passage     *Passage
	all         []string
	definitions string
}

// show reports whether a page with some of the blocks shows the passage.
func (b blocks) show(from, to int) bool {
	return b.passage.In(markup.Shown(strings.Join(b.all[from:to], "\n\n") + b.definitions))
}

// change is what goes from a text, and whether removed stands in its place.
type change struct {
	extent
	told bool
	gap  bool // right behind a word that stays
}

// without is a text without the hits, and without what they leave half of.
func (l links) without(s string, hits []extent, removed string) string {
	masked := l.masked(s)
	var b strings.Builder
	done := 0
	for _, c := range l.changes(hits) {
		b.WriteString(s[done:c.from])
		if c.told {
			before, after := openMarks(masked, c.from, c.to)
			if c.gap {
				before += " "
			}
			b.WriteString(before + removed + after + openFence(masked, c.from, c.to))
		}
		done = c.to
	}
	b.WriteString(s[done:])
	return b.String()
}

// changes are the hits, with all of the addresses and definitions that they touch, and
// the signs of the links that they cut through.
func (l links) changes(hits []extent) (changes []change) {
	for _, whole := range slices.Concat(l.definitions, l.addresses) {
		if _, met := meeting(hits, whole); met {
			changes = append(changes, change{extent: whole, told: true})
		}
	}
	for _, one := range l.all {
		opening, opens := meeting(hits, one.open)
		_, leads := meeting(hits, one.target)
		if opens && leads && opening.holds(one.open) && opening.holds(one.target) {
			continue
		}
		if opens || leads {
			changes = append(changes, change{extent: one.open}, change{extent: one.target, gap: one.open.to < one.target.from})
		}
	}
	for _, hit := range hits {
		changes = append(changes, change{extent: hit, told: true})
	}
	return merged(changes)
}

// merged puts changes in order, and makes those that meet one.
func merged(changes []change) []change {
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.from, b.from) })
	merged := changes[:0]
	for _, c := range changes {
		last := len(merged) - 1
		if last < 0 || c.from >= merged[last].to {
			merged = append(merged, c)
			continue
		}
		merged[last].to, merged[last].told = max(merged[last].to, c.to), merged[last].told || c.told
	}
	return merged
}

// meeting is the first of the hits, which are in order, that meets a part of the text.
func meeting(hits []extent, part extent) (extent, bool) {
	at := sort.Search(len(hits), func(i int) bool { return hits[i].to > part.from })
	if at == len(hits) || !hits[at].meets(part) {
		return extent{}, false
	}
	return hits[at], true
}

// masked is a text in which nothing that a reader does not see for links is a mark.
func (l links) masked(s string) string {
	masked := []byte(s)
	for _, part := range slices.Concat(l.unread(), l.addresses) {
		for i := part.from; i < part.to; i++ {
			masked[i] = 'x'
		}
	}
	return string(masked)
}

// openMarks are the marks of emphasis within a part of a text that have no partner
// there: those that open something, and those that close it.
func openMarks(text string, from, to int) (opened, closed string) {
	var open []string
	for i := from; i < to; {
		mark := markAt(text[i:to])
		if mark == "" || isFence(text, i, mark) {
			i += max(1, len(mark))
			continue
		}
		last, _ := utf8.DecodeLastRuneInString(text[:i])
		i += len(mark)
		next, _ := utf8.DecodeRuneInString(text[i:])
		switch {
		case inWord(last) && inWord(next) && (mark[0] == '_' || len(open) == 0): // as in an address
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

// openFence is the line that a block of code begins or ends with within a part of a
// text, while its other end is elsewhere.
func openFence(text string, from, to int) (line string) {
	for i := from; i < to; i++ {
		mark := markAt(text[i:to])
		switch {
		case !isFence(text, i, mark):
		case line == "":
			line = "\n" + mark + "\n"
		default:
			line = ""
		}
		i += max(0, len(mark)-1)
	}
	return line
}

// isFence reports whether a mark is the line before or behind a block of code.
func isFence(text string, at int, mark string) bool {
	return len(mark) >= 3 && (mark[0] == '`' || mark[0] == '~') && strings.HasSuffix(strings.TrimRight(text[:at], " \t>"), "\n")
}

// markAt is the mark of emphasis or code that a text begins with, however long.
func markAt(s string) string {
	n := 0
	for n < len(s) && s[n] == s[0] && strings.IndexByte("*_~`", s[0]) >= 0 {
		n++
	}
	return s[:n]
}
