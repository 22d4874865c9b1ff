package wording

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

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
		{"in another case", "The smith rang, SMITH wrote.", "Smith", "The [removed] rang, [removed] wrote."},
		{"in another case inside a word", "Guardians plan.", "Ian", "Guardians plan."},
		{"nowhere", "Nobody rang.", "Smith", "Nobody rang."},
		{"in Welsh and emoji", "Siân 👩🏽‍🌾 Ŵyn rang.", "👩🏽‍🌾 Ŵyn", "Siân [removed] rang."},
	} {
		got, found := PassageOf(c.passage).OutOfMarkdown(c.text, "[removed]")
		if got != c.want || found != (c.text != c.want) {
			t.Errorf("%s: got %q (found: %v), want %q", c.name, got, found, c.want)
		}
	}
}

// disguises are ways to write a name that a reader does not see, or reads all the same.
var disguises = []struct{ name, text, want string }{
	{"capitals", "So MRS REDACTA rang.", "So [removed] rang."},
	{"small letters", "So mrs redacta rang.", "So [removed] rang."},
	{"bold inside a word", "So Mrs **Red**acta rang.", "So [removed] rang."},
	{"a space by name", "So Mrs&nbsp;Redacta rang.", "So [removed] rang."},
	{"a hard space", "So Mrs\u00a0Redacta rang.", "So [removed] rang."},
	{"a letter by number", "So Mrs &#82;edacta rang.", "So [removed] rang."},
	{"a letter by hexadecimal number", "So Mrs Redact&#x61; rang.", "So [removed] rang."},
	{"a control character by number", "So Mrs Red&#1;acta rang.", "So [removed] rang."},
	{"a new line", "So Mrs\nRedacta rang.", "So [removed] rang."},
	{"a hard break", "So Mrs  \nRedacta rang.", "So [removed] rang."},
	{"a break by backslash", "So Mrs\\\nRedacta rang.", "So [removed] rang."},
	{"a space without width", "So Mrs Red\u200bacta rang.", "So [removed] rang."},
	{"a joiner without width", "So Mrs Red\u200d\u2060acta\ufeff rang.", "So [removed] rang."},
	{"signs of direction", "So \u202eMrs\u200f Red\u2066acta\u2069 rang.", "So \u202e[removed] rang."},
	{"a soft hyphen", "So Mrs Red\u00adacta rang.", "So [removed] rang."},
	{"a soft hyphen by name", "So Mrs Red&shy;acta rang.", "So [removed] rang."},
	{"a variation selector", "So Mrs Red\ufe0facta rang.", "So [removed] rang."},
	{"an escaped space", "So Mrs\\ Redacta rang.", "So [removed] rang."},
	{"an escaped letter", "So Mrs Redac\\ta rang.", "So [removed] rang."},
	{"code", "So `Mrs` Redacta rang.", "So `[removed]` rang."},
	{"struck through", "So ~~Mrs~~ Redacta rang.", "So ~~[removed]~~ rang."},
	{"an accent", "So Mrs R\u00e9dacta rang.", "So [removed] rang."},
	{"a loose accent", "So Mrs Re\u0301dacta\u0301 rang.", "So [removed] rang."},
	{"full width", "So Ｍｒｓ　Ｒedacta rang.", "So [removed] rang."},
	{"mathematical letters", "So 𝐌𝐫𝐬 𝑅𝑒𝑑acta rang.", "So [removed] rang."},
	{"a quote", "So\n\n> Mrs\n> Redacta\n\nrang.", "So\n\n> [removed]\n\nrang."},
	{"a list", "- Mrs\n  Redacta\n- rang", "- [removed]\n- rang"},
	{"a list with numbers", "1. So Mrs\n2. Redacta rang", "1. So [removed] rang"},
	{"a table's cell", "| a | b |\n|---|---|\n| Mrs Redacta | x |", "| a | b |\n|---|---|\n| [removed] | x |"},
	{"two cells", "| a | b |\n|---|---|\n| Mrs | Redacta |", "| a | b |\n|---|---|\n| [removed] |"},
	{"a heading", "Mrs\n===\nRedacta", "[removed]"},
	{"a comment", "So Mrs <!-- z -->Redacta rang.", "So [removed] rang."},
	{"a tag in a word", "So Mrs Red<b class=\"x\"></b>acta rang.", "So [removed] rang."},
	{"an address in angles", "So <https://x.example/Mrs%20Redacta> rang.", "So [removed] rang."},
	{"a bare address", "So https://x.example/?name=Mrs%20Redacta&x=1, rang.", "So [removed], rang."},
	{"a bare address with a plus", "So https://x.example/?name=Mrs+Redacta rang.", "So [removed] rang."},
	{"an address for mail", "So [mail](mailto:Mrs%20Redacta@x.example) rang.", "So mail [removed] rang."},
	{"letters of an address by number", "So [it](https://x.example/Mrs%20%52edacta) rang.", "So it [removed] rang."},
	{"where a link leads", "So [it](https://x.example/Mrs%20Redacta) rang.", "So it [removed] rang."},
	{"a link's words", "So [Mrs Redacta](https://x.example) rang.", "So [[removed]](https://x.example) rang."},
	{"part of a link's words", "So [our Mrs Redacta here](https://x.example) rang.", "So [our [removed] here](https://x.example) rang."},
	{"a link's words and where it leads", "So [Mrs Redacta](https://x.example/Mrs%20Redacta) rang.", "So [removed] [removed] rang."},
	{"into a link", "So Mrs [Redacta and all](https://x.example) rang.", "So [removed] and all rang."},
	{"out of a link", "So [our Mrs](https://x.example/_a) Redacta rang.", "So our [removed] rang."},
	{"out of a link into another", "So [our Mrs](https://x.example) [Redacta and all](https://x.example) rang.", "So our [removed] and all rang."},
	{"a link inside a word", "So Mrs Red[ac](https://x.example)ta rang.", "So [removed] rang."},
	{"a picture", "So ![Mrs Redacta](https://x.example/a.png) rang.", "So ![[removed]](https://x.example/a.png) rang."},
	{"out of a picture", "So ![our Mrs](https://x.example/a.png) Redacta rang.", "So our [removed] rang."},
	{"a link's title", "So [it](https://x.example \"Mrs Redacta\") rang.", "So it [removed] rang."},
	{"a link by name", "So [our Mrs][1] Redacta rang.\n\n[1]: https://x.example", "So our [removed] rang.\n\n[1]: https://x.example"},
	{"a link by its own name", "So [Mrs] Redacta rang.\n\n[mrs]: https://x.example", "So [removed] rang.\n\n[mrs]: https://x.example"},
	{"where a name leads", "So [it][1] rang.\n\n[1]: https://x.example \"Mrs Redacta\"", "So [it][1] rang.\n\n[removed]"},
	{"into a block of code", "Our Mrs\n\n~~~go\nRedacta here\n~~~\n\nBehind.", "Our [removed]\n~~~\n here\n~~~\n\nBehind."},
	{"out of a block of code", "```\nOur Mrs\n```\nRedacta here.", "```\nOur [removed]\n```\n here."},
	{"between two blocks of code", "~~~\nMrs\n~~~\n\n~~~go\nRedacta\n~~~", "~~~\n[removed]\n~~~"},
	{"an address in angles that is none", "So <https://x.example/Mrs Redacta> rang.", "So <[removed]> rang."},
	{"a footnote that is none", "So[^1] rang.\n\n[^1]: Mrs Redacta", "So[^1] rang.\n\n[^1]: [removed]"},
}

// A name is found whichever way it is disguised, and only the name goes.
func TestADisguisedPassageIsTakenOut(t *testing.T) {
	t.Parallel()
	for _, c := range disguises {
		p := PassageOf("Mrs Redacta")
		got, found := p.OutOfPage(c.text, "[removed]")
		if got != c.want || !found {
			t.Errorf("%s: got %q (found: %v), want %q", c.name, got, found, c.want)
		}
		if text := markup.Shown(got); p.In(text) || bare(text) != "" && strings.Contains(bare(text), "mrsredacta") {
			t.Errorf("%s: a page still shows %q", c.name, text)
		}
	}
}

// bare is a text's letters alone.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// What only looks alike stays, and so does all that stands around.
func TestWhatIsNotThePassageStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"Mrs Reda rang.", "Mrs. Redacta rang.", "MrsRedacta rang.", "[Mrs](https://x.example) Red [acta](https://x.example)", "100%20 &amp; *so* <b>on</b>", ""} {
		if got, found := PassageOf("Mrs Redacta").OutOfPage(text, "[removed]"); found || got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// Where no way is found to take the passage out alone, its block goes, and never is
// it left to be read.
func TestWhatCannotBeTakenOutAloneGoesWithItsBlock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"Before.\n\nOur Mrs\n\n[1]:\nhttps://x.example\n\nRedacta here.\n\nBehind.", "Before.\n\n[removed]\n\n[removed]\n\n[removed]\n\nBehind."},
	} {
		p := PassageOf("Mrs Redacta")
		got, found := p.OutOfPage(c.text, "[removed]")
		if got != c.want || !found {
			t.Errorf("got %q (found: %v), want %q", got, found, c.want)
		}
	}
}

// However a passage is disguised and wrapped, no page shows it once it is taken out,
// and what stands around it is untouched.
func TestNoDisguiseOutlastsARedaction(t *testing.T) {
	t.Parallel()
	const rounds = 3000
	luck := rand.New(rand.NewPCG(1, 2))
	wraps := []string{"%s", "**%s**", "_%s_", "~~%s~~", "`%s`", "[%s](https://x.example/1)", "![%s](https://x.example/a.png)", "> %s", "- %s", "1. %s",
		"# %s", "| a |\n|---|\n| %s |", "```\n%s\n```", "<%s>", "[x](https://x.example/%s)", "[x](https://x.example '%s')", "<b>%s</b>", "\\%s", "*[%s][1]*"}
	for range rounds {
		name := letterByLetter(luck, "Jane Doe")
		for range luck.IntN(4) {
			name = strings.Replace(wraps[luck.IntN(len(wraps))], "%s", name, 1)
		}
		text := "Before, *it* was.\n\n" + name + "\n\nBehind, [it](/threads/1) was.\n\n[1]: https://x.example/2"
		p := PassageOf("Jane Doe")
		got, _ := p.OutOfPage(text, "[removed]")
		if page := markup.Shown(got); strings.Contains(folding(page, false), "jane doe") || p.In(got) {
			t.Fatalf("%q became %q, which shows as %q", text, got, page)
		}
		if !strings.HasPrefix(got, "Before, *it* was.\n\n") || !strings.HasSuffix(got, "\n\nBehind, [it](/threads/1) was.\n\n[1]: https://x.example/2") {
			t.Fatalf("%q lost what stood around: %q", text, got)
		}
	}
}

// letterByLetter writes a name with now and then a letter in a disguise.
func letterByLetter(luck *rand.Rand, name string) string {
	var b strings.Builder
	for _, r := range name {
		letter := string(r)
		options := []string{letter, letter, letter, strings.ToUpper(letter), strings.ToLower(letter), fmt.Sprintf("&#%d;", r), letter + "\u200b", letter + "\u00ad",
			"&shy;" + letter, "**" + letter + "**", "\\" + letter, "[" + letter + "](https://x.example)", "[" + letter + "][1]", letter + "\u0301", "<i></i>" + letter, letter + "<!-- x -->"}
		if r == ' ' {
			options = []string{" ", " ", "&nbsp;", "\u00a0", "\n", "  \n", "\\\n", "\u2003", " **", " <!-- x --> ", "&#32;", " | "}
		} else {
			options = append(options, string(r-'A'+'Ａ'), string(unicode.ToUpper(r)-'A'+'𝐀'))
		}
		b.WriteString(options[luck.IntN(len(options))])
	}
	return b.String()
}

// Whatever a passage cuts through, what is left can be shown, and the passage is not
// in it.
func FuzzWhatIsLeftStillRenders(f *testing.F) {
	f.Add("Mrs **Smith _of** x_ `a` [Smith](http://x.example)", 4, 20)
	f.Add("```\nMrs Smith\n```\n\n| a | b |\n|---|---|\n| Smith | c |", 2, 30)
	f.Add("> - # *Siân* ~~Ŵyn~~ \\* ’tis", 3, 14)
	f.Add("` ``[\n```0IIII III00000|\n   -| \\e - \n I0", 2, 16)
	f.Add("[0[00.00][0.0000000000.", 7, 11)
	f.Add("[![a](b)][c] <http://x.example/%41> &amp; [c]: d", 3, 30)
	f.Fuzz(func(t *testing.T, text string, from, to int) {
		text = markup.Clean(text)
		if from < 0 || to > len(text) || from >= to {
			return
		}
		passage := strings.ToValidUTF8(text[from:to], "")
		p := PassageOf(passage)
		if p.Length() < 3 || p.In("[removed]") || p.In("[removed] [removed]") {
			return
		}
		got, found := p.OutOfPage(text, "[removed]")
		if p.In(got) || p.In(markup.Shown(got)) {
			t.Errorf("%q without %q is %q", text, passage, got)
		}
		if !found && got != text {
			t.Errorf("%q became %q, and nothing was found", text, got)
		}
	})
}
