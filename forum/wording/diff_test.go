package wording

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// told writes changes as one text: [-removed-], {+added+}.
func told(changes []Change) string {
	var b strings.Builder
	for _, c := range changes {
		switch c.Kind {
		case Same:
			b.WriteString(c.Text)
		case Removed:
			b.WriteString("[-" + c.Text + "-]")
		case Added:
			b.WriteString("{+" + c.Text + "+}")
		}
	}
	return b.String()
}

// A person sees which words went and which came, and is not shown confetti.
func TestDifferencesAreReadable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, before, after, want string }{
		{"nothing", "", "", ""},
		{"all new", "", "One.", "{+One.+}"},
		{"all gone", "One.", "", "[-One.-]"},
		{"no change", "As it was.\n", "As it was.\n", "As it was.\n"},
		{"a word", "We moved planning notices online.", "We moved licensing notices online.", "We moved[- planning-]{+ licensing+} notices online."},
		{"a word more", "We moved notices.", "We slowly moved notices.", "We{+ slowly+} moved notices."},
		{"a word less", "We slowly moved notices.", "We moved notices.", "We[- slowly-] moved notices."},
		{"the first word", "moved notices", "We moved notices", "{+We +}moved notices"},
		{"the last word", "We moved notices", "We moved notices online", "We moved notices{+ online+}"},
		{"one letter in a word", "the colour", "the color", "the[- colour-]{+ color+}"},
		{"a sign", "They rang, once.", "They rang. Once.", "They rang[-, once-]{+. Once+}."},
		{"white space alone", "one  after\nthree", "one after three", "one[-  -]{+ +}after[-\n-]{+ +}three"},
		{"a line break at the end", "one", "one\n", "one{+\n+}"},
		{"two changes with a space between", "red big bus", "old green bus", "[-red big-]{+old green+} bus"},
		{"two changes with a short word between", "forms for cats and small dogs here", "forms for birds and young fish here",
			"forms for[- cats and small dogs-]{+ birds and young fish+} here"},
		{"two changes with a long word between", "seven councils agree", "eight councils refuse", "[-seven-]{+eight+} councils[- agree-]{+ refuse+}"},
		{"a new paragraph", "First here.\n\nLast here.", "First here.\n\nNew here.\n\nLast here.", "First here.{+\n\nNew here.+}\n\nLast here."},
		{"a paragraph that moved", "We have a long first story.\n\nThen comes another thing.\n\nAnd the end.",
			"Then comes another thing.\n\nWe have a long first story.\n\nAnd the end.", "{+Then comes another thing.\n\n+}We have a long first story.[-\n\nThen comes another thing.-]\n\nAnd the end."},
		{"Welsh", "Mae’r tŷ yn y dŵr o hyd", "Mae’r tŷ yn y môr o hyd", "Mae’r tŷ yn y[- dŵr-]{+ môr+} o hyd"},
		{"Welsh with loose marks", "y w\u0302yn yma heddiw", "y wyn yma heddiw", "y[- w\u0302yn-]{+ wyn+} yma heddiw"},
		{"an apostrophe", "the council's form", "the councils' form", "the[- council's-]{+ councils'+} form"},
		{"emoji", "All well 👩‍👩‍👧 now", "All well 👩‍👩‍👦 now", "All well[- 👩‍👩‍👧-]{+ 👩‍👩‍👦+} now"},
		{"flags and shades", "🇬🇧 thanks 👍🏽", "🇫🇷 thanks 👍🏿", "[-🇬🇧-]{+🇫🇷+} thanks[- 👍🏽-]{+ 👍🏿+}"},
		{"CRLF kept", "one\r\ntwo\r\n", "one\r\nthree\r\n", "one[-\r\ntwo-]{+\r\nthree+}\r\n"},
		{"CRLF made LF", "one\r\ntwo", "one\ntwo", "one[-\r\n-]{+\n+}two"},
		{"no UTF-8", "a \xff b", "a \xfe b", "a[- \xff-]{+ \xfe+} b"},
		{"written anew", "Nobody knows whether the old register of planning notices was ever kept in one place",
			"Our suppliers charge by seat, which made the yearly price of licences hard to tell beforehand",
			"[-Nobody knows whether the old register of planning notices was ever kept in one place-]{+Our suppliers charge by seat, which made the yearly price of licences hard to tell beforehand+}"},
	} {
		if got := told(Differences(c.before, c.after)); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.what, got, c.want)
		}
	}
}

// checkDifferences checks what must be true of the differences of any two texts.
func checkDifferences(t *testing.T, before, after string) []Change {
	t.Helper()
	changes := Differences(before, after)
	var old, new strings.Builder
	for i, c := range changes {
		if c.Text == "" {
			t.Errorf("change %d is empty", i)
		}
		if c.Kind != Added {
			old.WriteString(c.Text)
		}
		if c.Kind != Removed {
			new.WriteString(c.Text)
		}
		if utf8.ValidString(before) && utf8.ValidString(after) && !utf8.ValidString(c.Text) {
			t.Errorf("change %d cuts a letter: %q", i, c.Text)
		}
		if i > 0 && (changes[i-1].Kind == c.Kind || changes[i-1].Kind == Added && c.Kind == Removed) {
			t.Errorf("%s follows %s", c.Kind, changes[i-1].Kind)
		}
	}
	if old.String() != before {
		t.Errorf("same and removed do not make up what was before:\n got %q\nwant %q", old.String(), before)
	}
	if new.String() != after {
		t.Errorf("same and added do not make up what is after:\n got %q\nwant %q", new.String(), after)
	}
	if before == after && len(changes) > 1 {
		t.Errorf("%d changes of what is the same", len(changes))
	}
	return changes
}

// The parts make up both texts again, whatever these are.
func FuzzDifferences(f *testing.F) {
	f.Add("", "")
	f.Add("Mae’r tŷ yn y dŵr.\r\n\r\nYno.", "Mae’r tŷ yn y môr.\n\nYno.")
	f.Add("👩‍👩‍👧 🇬🇧🇫🇷 👍🏽", "👩‍👩‍👦 🇫🇷 👍")
	f.Add(strings.Repeat("a b c ", 60), strings.Repeat("c b a ", 60))
	f.Add("a \xff'b' ''", "\u200d'a\u0301' \xfe")
	f.Fuzz(func(t *testing.T, before, after string) {
		checkDifferences(t, before, after)
		checkDifferences(t, after, before)
		checkDifferences(t, before, before+after)
	})
}

// prose is a text of about so many bytes, of a vocabulary of its own if seed differs.
func prose(seed uint64, size int) string {
	random := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "%c%d%s", 'a'+rune(seed%26), random.IntN(2000), []string{" ", " ", " ", ", ", ".\n\n"}[random.IntN(5)])
	}
	return b.String()[:size]
}

// edited changes every n-th word of a text.
func edited(s string, n int) string {
	words := strings.SplitAfter(s, " ")
	for i := n / 2; i < len(words); i += n {
		words[i] = "anew "
	}
	return strings.Join(words, "")
}

// hostile pairs are as long as a post may be, and of kinds that cost most.
func hostilePairs() map[string][2]string {
	const size = 60_000
	cut := func(s string) string { return s[:size] }
	shuffled := strings.Fields(prose(1, size))
	rand.New(rand.NewPCG(9, 9)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	reversed := strings.Fields(prose(1, size))
	slices.Reverse(reversed)
	return map[string][2]string{
		"nothing shared":        {prose(1, size), prose(2, size)},
		"many edits":            {prose(1, size), edited(prose(1, size), 10)},
		"shuffled":              {prose(1, size), strings.Join(shuffled, " ")},
		"reversed":              {prose(1, size), strings.Join(reversed, " ")},
		"one letter":            {strings.Repeat("a ", size/2), strings.Repeat("a ", size/2-1)},
		"one letter and others": {cut(strings.Repeat("a a a b ", size)), cut(strings.Repeat("a c a a ", size))},
		"signs":                 {cut(strings.Repeat("-*-", size)), cut(strings.Repeat("*_-", size))},
		"signs and words":       {cut(strings.Repeat("- ", 15_000) + strings.Repeat("k a b c d e f ", size)), cut(strings.Repeat("* ", 15_000) + strings.Repeat("k t u v w x y ", size))},
		"two of each":           {prose(1, size/2) + prose(1, size/2), prose(1, size/2) + edited(prose(1, size/2), 9)},
		"emoji":                 {strings.Repeat("👩‍👩‍👧", 3000), strings.Repeat("👩‍👩‍👦", 3000)},
		"one word":              {strings.Repeat("a", size), strings.Repeat("b", size)},
		"white space":           {strings.Repeat(" \n", size/2), strings.Repeat("\n ", size/2)},
		"apostrophes":           {cut(strings.Repeat("a'b'", size)), cut(strings.Repeat("'a''", size))},
		"loose marks":           {strings.Repeat("\u0301", size/2), strings.Repeat("\u0302", size/2)},
	}
}

// Long texts that share nothing, or hardly anything, are one replacing the other.
func TestDifferencesOfStrangersAreWhole(t *testing.T) {
	t.Parallel()
	for what, c := range hostilePairs() {
		changes := checkDifferences(t, c[0], c[1])
		if what == "nothing shared" && len(changes) > 4 {
			t.Errorf("%s: %d changes", what, len(changes))
		}
	}
}

// A long text with many small edits shows each of them, and no more.
func TestDifferencesOfALongTextAreSmall(t *testing.T) {
	t.Parallel()
	before := prose(1, 60_000)
	for _, n := range []int{12, 40, 300} {
		after, removed, want := edited(before, n), 0, 0
		for i, word := range strings.SplitAfter(before, " ") {
			if i%n == n/2 {
				want += len(word)
			}
		}
		for _, c := range checkDifferences(t, before, after) {
			if c.Kind == Removed {
				removed += len(c.Text)
			}
		}
		if removed > want*3/2 {
			t.Errorf("one word in %d: %d bytes removed, of %d that were", n, removed, want)
		}
	}
	block := prose(3, 20_000)
	changes := checkDifferences(t, before, before[:30_000]+block+before[30_000:])
	if len(changes) > 4 {
		t.Errorf("a block put in comes back as %d changes", len(changes))
	}
}

func BenchmarkDifferences(b *testing.B) {
	for what, c := range hostilePairs() {
		b.Run(what, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Differences(c[0], c[1])
			}
		})
	}
}
