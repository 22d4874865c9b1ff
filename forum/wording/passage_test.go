package wording

import (
	"strings"
	"testing"

	"moothall/forum/markup"
)

// A passage is found as it was copied from the page, and what stands around it keeps
// its look.
func TestAPassageIsTakenOutOfMarkdown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, passage, want string }{
		{"as it stands", "Mrs Smith of 3 High Street rang.", "Mrs Smith of 3 High Street", "[removed] rang."},
		{"more than once", "Smith rang. Smith wrote.", "Smith", "[removed] rang. [removed] wrote."},
		{"at both ends", "Smith", "Smith", "[removed]"},
		{"over a line's end", "Mrs\nSmith rang.", "Mrs Smith", "[removed] rang."},
		{"with other spaces", "Mrs  Smith\u00a0rang.", "Mrs Smith rang", "[removed]."},
		{"in a quote of two lines", "> Mrs\n> Smith rang.", "Mrs Smith", "> [removed] rang."},
		{"in a list", "- Mrs Smith\n- rang", "Mrs Smith rang", "- [removed]"},
		{"with emphasis inside", "Mrs **Smith** rang.", "Mrs Smith rang", "[removed]."},
		{"with emphasis around", "**Mrs Smith** rang.", "Mrs Smith", "**[removed]** rang."},
		{"with emphasis that begins inside", "So Mrs **Smith of** here.", "Mrs Smith", "So **[removed] of** here."},
		{"with emphasis that ends inside", "**Mrs Smith of** here, too.", "of here", "**Mrs Smith [removed]**, too."},
		{"with two kinds of emphasis", "So _Mrs **Smith**_ rang.", "Mrs Smith rang", "So _[removed]_."},
		{"an address with underscores", "Ask mary_ann_smith@x.example now", "mary_ann_smith@x.example", "Ask [removed] now"},
		{"with the page's apostrophe", "Mrs O'Neil rang.", "Mrs O’Neil", "[removed] rang."},
		{"before a colon", "Smith: 07700", "Smith", `\[removed\]: 07700`},
		{"as a link's words", "[Smith](http://x.example/1)", "Smith", "[[removed]](http://x.example/1)"},
		{"before what looks like a link", "Smith(http://x.example/1)", "Smith", `\[removed\](http://x.example/1)`},
		{"inside a word", "The Smiths rang.", "Smith", "The [removed]s rang."},
		{"in another case", "The smith rang.", "Smith", "The smith rang."},
		{"nowhere", "Nobody rang.", "Smith", "Nobody rang."},
		{"in Welsh and emoji", "Siân 👩🏽‍🌾 Ŵyn rang.", "👩🏽‍🌾 Ŵyn", "Siân [removed] rang."},
	} {
		got, found := WithoutMarkdown(c.text, c.passage, "[removed]")
		if got != c.want || found != (c.text != c.want) {
			t.Errorf("%s: got %q (found: %v), want %q", c.name, got, found, c.want)
		}
	}
}

// Whatever a passage cuts through, what is left can be shown, and the passage is not
// in it.
func FuzzWhatIsLeftStillRenders(f *testing.F) {
	f.Add("Mrs **Smith _of** x_ `a` [Smith](http://x.example)", 4, 20)
	f.Add("```\nMrs Smith\n```\n\n| a | b |\n|---|---|\n| Smith | c |", 2, 30)
	f.Add("> - # *Siân* ~~Ŵyn~~ \\* ’tis", 3, 14)
	f.Fuzz(func(t *testing.T, text string, from, to int) {
		text = markup.Clean(text)
		if from < 0 || to > len(text) || from >= to {
			return
		}
		passage := strings.ToValidUTF8(text[from:to], "")
		if len(strings.TrimSpace(outlineOf(passage).text)) < 3 {
			return
		}
		got, found := WithoutMarkdown(text, passage, "[removed]")
		if found && strings.Contains(outlineOf(strings.ReplaceAll(got, "[removed]", "\x00")).text, strings.TrimSpace(outlineOf(passage).text)) &&
			!strings.Contains("[removed]", strings.TrimSpace(outlineOf(passage).text)) {
			t.Errorf("%q without %q is %q", text, passage, got)
		}
		if _, err := markup.Post(got, markup.Refs{}); err != nil {
			if _, before := markup.Post(text, markup.Refs{}); before == nil {
				t.Logf("%q is no longer within bounds: %v", got, err)
			}
		}
	})
}

// What is long and the same is folded, but for the words around a change; nothing is lost.
func TestLongStretchesAreFolded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Gair hir iawn.\n\n", 60)
	before, after := long+"old"+"\n\n"+long, long+"new"+"\n\n"+long
	var kinds []ChangeKind
	var was strings.Builder
	for _, c := range Fold(Differences(before, after)) {
		kinds = append(kinds, c.Kind)
		if c.Kind != Added {
			was.WriteString(c.Text)
		}
		if c.Kind == Same && c.Words() > wordsAround {
			t.Errorf("%d words stay beside a change", c.Words())
		}
	}
	if was.String() != before {
		t.Error("folding lost words")
	}
	want := []ChangeKind{Folded, Same, Removed, Added, Same, Folded}
	if len(kinds) != len(want) {
		t.Fatalf("got %v, want %v", kinds, want)
	}
	for i := range want {
		if kinds[i] != want[i] {
			t.Fatalf("got %v, want %v", kinds, want)
		}
	}
	short := Fold(Differences("One two three.", "One two four."))
	if short[0].Kind != Same {
		t.Errorf("a short text is folded: %v", short)
	}
}
