package markup

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// table is a table of single letters.
func table(columns, rows int) string {
	return strings.Repeat("|ab", columns) + "|\n" + strings.Repeat("|-", columns) + "|\n" +
		strings.Repeat(strings.Repeat("|abcd", columns)+"|\n", rows) + "\n"
}

// numbered repeats a text that tells its number.
func numbered(n int, form string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, form, i)
	}
	return b.String()
}

// nested is lists inside lists, one a line.
func nested(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}

// bounds are texts at a bound and beyond it.
var bounds = []struct {
	what    string
	most    string
	tooMuch string
	limit   int
}{
	{"size", strings.Repeat(strings.Repeat("a", 63)+"\n", 1<<10), strings.Repeat(strings.Repeat("a", 63)+"\n", 1<<10) + "a", maxSize},
	{"lines", strings.Repeat("a\n", maxLines), strings.Repeat("a\n", maxLines+1), maxLines},
	{"line", strings.Repeat("a", maxLine), strings.Repeat("a", maxLine+1), maxLine},
	{"nesting", strings.Repeat(">", maxNesting) + "a", strings.Repeat(">", maxNesting+1) + "a", maxNesting},
	{"nesting", strings.Repeat("- ", maxNesting) + "a", strings.Repeat("- ", maxNesting+1) + "a", maxNesting},
	{"nesting", strings.Repeat("> 1) ", maxNesting/2) + "a", strings.Repeat("> 1) ", maxNesting/2) + "> a", maxNesting},
	{"nesting", nested(maxNesting), nested(maxNesting + 1), maxNesting},
	{"nesting", nested(maxNesting-1) + "a\n\n" + nested(maxNesting), nested(maxNesting) + "a\n" + strings.Repeat("  ", maxNesting) + "+ a", maxNesting},
	{"nesting", strings.Repeat("- ", 60), strings.Repeat("- ", 60) + "a", maxNesting}, // the first is a rule
	{"nesting", strings.Repeat("*a ", 15) + strings.Repeat("b* ", 15), strings.Repeat("*a ", 100) + strings.Repeat("b* ", 100), maxNesting},
	{"links", numbered(maxLinks, "https://h%d.test "), numbered(maxLinks+1, "https://h%d.test "), maxLinks},
	{"links", numbered(maxLinks, "[a](/%d) "), numbered(maxLinks+1, "[a](/%d) "), maxLinks},
	{"links", numbered(maxLinks, "<https://h%d.test> "), numbered(maxLinks+1, "<https://h%d.test> "), maxLinks},
	{"links", numbered(maxLinks, "#1%d "), numbered(maxLinks+1, "#1%d "), maxLinks},
	{"links", strings.Repeat("@ada ", maxLinks+1), strings.Repeat("@ada ", maxLinks+2), maxLinks},
	{"pictures", numbered(maxPictures, "![a](/%d)\n"), numbered(maxPictures+1, "![a](/%d)\n"), maxPictures},
	{"pictures", "[" + numbered(maxPictures, "![a](/%d)") + "](/a)", "[" + numbered(maxPictures+1, "![a](/%d)") + "](/a)", maxPictures},
	{"mentions", numbered(maxMentions, "@p%d ") + "@p1", numbered(maxMentions+1, "@p%d "), maxMentions},
	{"table", table(maxColumns, 1), table(maxColumns+1, 1), maxColumns},
	{"table", table(20, 99), table(20, 100), maxCells},
	{"table", table(20, 90) + table(20, 90), table(20, 90) + table(20, 90) + table(20, 90), maxCells},
	{"definitions", numbered(maxDefinitions, "[r%d]: /u\n"), numbered(maxDefinitions+1, "[r%d]: /u\n"), maxDefinitions},
	{"definitions", "[r]: /" + strings.Repeat("a", 8000) + "\n\n" + strings.Repeat("[r] ", 8), "[r]: /" + strings.Repeat("a", 8000) + "\n\n" + strings.Repeat("[r] ", 9), maxDefinitions},
	{"definitions", "[r]: /" + strings.Repeat("a", 8000) + "\n\n" + strings.Repeat("![r] ", 8), "[r]: /" + strings.Repeat("a", 8000) + "\n\n" + strings.Repeat("![r] ", 9), maxDefinitions},
	{"emphasis", strings.Repeat("*a ", maxOpeners), strings.Repeat("*a ", maxOpeners+1), maxOpeners},
	{"emphasis", strings.Repeat("[a\n", maxOpeners), strings.Repeat("[a\n", maxOpeners+1), maxOpeners},
	{"emphasis", "- " + strings.Repeat("~~a ", maxOpeners), "- " + strings.Repeat("~~a ", maxOpeners+1), maxOpeners},
	{"emphasis", "# " + strings.Repeat("_a ", maxOpeners), "# " + strings.Repeat("_a ", maxOpeners+1), maxOpeners},
	{"emphasis", strings.Repeat("**a**\n", maxSpecials/2), strings.Repeat("a_b ", maxSpecials+1), maxOpeners},
	{"emphasis", strings.Repeat("*a ", 400) + "\n\n" + strings.Repeat("*a ", 400), strings.Repeat("*a ", 400) + "\n\n" + strings.Repeat("b* ", 300) + strings.Repeat("*a ", 600), maxOpeners},
	{"emphasis", strings.Repeat("\\``a ", 4*maxUnclosed) + "\n\n" + ticks(maxUnclosed), ticks(maxUnclosed + 1), maxUnclosed},
	{"size", numbered(40, "|a|b|c\n|-|-|-\n%d\n\n"), "|" + strings.Repeat("a|", 30) + "\n|" + strings.Repeat("-|", 30) + "\n" + strings.Repeat("a\n", 60), maxSize},
}

// A text at a bound is rendered; one beyond it is refused by the bound's name.
func TestBoundsAreKept(t *testing.T) {
	t.Parallel()
	for _, c := range bounds {
		if _, err := Post(c.most, cast); err != nil {
			t.Errorf("%s at the bound (%.40q, %d bytes): %v", c.what, c.most, len(c.most), err)
		}
		html, err := Post(c.tooMuch, cast)
		much := (*TooMuch)(nil)
		if !errors.As(err, &much) {
			t.Errorf("%s beyond the bound (%.40q): got %v, want *TooMuch", c.what, c.tooMuch, err)
			continue
		}
		if much.What != c.what || much.Limit != c.limit || html != "" {
			t.Errorf("%s beyond the bound (%.40q): got %s, %d, %d bytes, want limit %d", c.what, c.tooMuch, much.What, much.Limit, len(html), c.limit)
		}
	}
}

// The renderer stops when it has written ten times what it read; and what an HTML
// parser makes of it is measured again.
func TestOutputIsBounded(t *testing.T) {
	t.Parallel()
	padded := "|" + strings.Repeat("a|", 30) + "\n|" + strings.Repeat("-|", 30) + "\n" + strings.Repeat("a\n", 60)
	grows := strings.Repeat("|'", 20) + "|\n" + strings.Repeat("|:-:", 11) + strings.Repeat("|-", 9) + "|\n" + strings.Repeat(strings.Repeat("|'", 20)+"|\n", 98)
	if raw, err := render(padded, cast); err == nil {
		t.Errorf("got %d bytes from %d, want an error", len(raw), len(padded))
	}
	if raw, err := render(grows, cast); err != nil || len(raw) > outputLimit(grows) {
		t.Errorf("got %d bytes from %d, %v, want them within bounds", len(raw), len(grows), err)
	}
	if html, err := Post(grows, cast); err == nil {
		t.Errorf("got %d bytes from %d, want an error", len(html), len(grows))
	}
}

// ticks is runs of ` of n lengths that nothing closes.
func ticks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("`", i+1) + " a ")
	}
	return b.String()
}

// What is code is not counted: a log of a hundred addresses is no hundred links.
func TestCodeIsNotCounted(t *testing.T) {
	t.Parallel()
	code := numbered(200, "https://h%d.test/ [a](b) ![c](d) @p [r%[1]d]: /u *a _b ~~c\n") + table(31, 3) + strings.Repeat("*[", 2000)
	if _, err := Post("```\n"+code+"\n```\n", cast); err != nil {
		t.Errorf("got %v, want it rendered", err)
	}
	spans := "`" + strings.Repeat("*a [b ", 300) + "` "
	if _, err := Post(strings.Repeat(spans, 4), cast); err != nil {
		t.Errorf("in spans: got %v, want it rendered", err)
	}
}

// Nine hundred words, a table of twenty by ten and thirty links are an ordinary post.
func TestALongPostPasses(t *testing.T) {
	t.Parallel()
	source := strings.Repeat("Tŷ **ŵyn** a_b and *so* on, with nine (9) words.\n", 100) + "\n" + table(20, 10) +
		numbered(30, "- [ ] [the report of the year](https://www.example.gov.uk/a/long/path/%d.pdf) `code`\n") + "\n@ada #12\n"
	judge(t, post(t, source))
}

// The sentence for the log names the bound.
func TestTooMuchSaysWhat(t *testing.T) {
	t.Parallel()
	if got, want := (&TooMuch{What: "links", Limit: 50}).Error(), "markup: too much: links, at most 50"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
