package wording

import (
	"unicode"
	"unicode/utf8"
)

// Folded is a Change that is the same in both versions, long, and far from any
// that is not: a page shows only that it is there.
const Folded ChangeKind = "folded"

// What stays to be read on either side of a change, in words, and the least that is
// worth folding.
const wordsAround, wordsFolded = 25, 40

// Words is how many words a change has.
func (c Change) Words() int { return countWords(c.Text) }

// Fold folds what is the same and long, but for the words around each change.
func Fold(changes []Change) (folded []Change) {
	for i, c := range changes {
		if c.Kind != Same || c.Words() < wordsFolded+2*wordsAround {
			folded = append(folded, c)
			continue
		}
		from, to := 0, len(c.Text)
		if i > 0 {
			from = wordsOf(c.Text, wordsAround)
		}
		if i < len(changes)-1 {
			to = wordsBefore(c.Text, wordsAround)
		}
		for _, part := range []Change{{Same, c.Text[:from]}, {Folded, c.Text[from:to]}, {Same, c.Text[to:]}} {
			if part.Text != "" {
				folded = append(folded, part)
			}
		}
	}
	return folded
}

// wordsOf is where the first n words of a text end, with the white space behind them.
func wordsOf(s string, n int) int {
	inside, words := false, 0
	for i, r := range s {
		was := inside
		if inside = !unicode.IsSpace(r); inside && !was {
			if words++; words > n {
				return i
			}
		}
	}
	return len(s)
}

// wordsBefore is where the last n words of a text begin.
func wordsBefore(s string, n int) int {
	inside, words := false, 0
	for i := len(s); i > 0; {
		r, width := utf8.DecodeLastRuneInString(s[:i])
		was := inside
		if inside = !unicode.IsSpace(r); was && !inside {
			if words++; words == n {
				return i
			}
		}
		i -= width
	}
	return 0
}
