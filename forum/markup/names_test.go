package markup

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func mention(id int, typed string) string {
	return fmt.Sprintf(`<a class="mention" href="/people/%d">%s</a>`, id, typed)
}

func thread(n string) string { return fmt.Sprintf(`<a href="/threads/%s">#%[1]s</a>`, n) }

// A name is a link where it is one, and plain text everywhere else.
func TestNamesBecomeLinks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, want string }{
		{"@ada", mention(7, "@ada")},
		{"@Ada, @ADA-Lovelace. (@gwilym-2)", mention(7, "@Ada") + ", " + mention(8, "@ADA-Lovelace") + ". (" + mention(9, "@gwilym-2") + ")"},
		{"@ada's @ada: @ada- @ada--x", mention(7, "@ada") + "&#39;s " + mention(7, "@ada") + ": " + mention(7, "@ada") + "- " + mention(7, "@ada") + "--x"},
		{"**@ada**\n_@ada_", "<strong>" + mention(7, "@ada") + "</strong>\n<em>" + mention(7, "@ada") + "</em>"},
		{"**a***@ada", "<strong>a</strong>*" + mention(7, "@ada")},
		{"*a @ada", "*a " + mention(7, "@ada")},
		{"@nobody", "@nobody"},
		{"@ada_x @adaŵ @ada@x.test @ada.test @ada/x @-ada @", "@ada_x @adaŵ @ada@x.test @ada.test @ada/x @-ada @"},
		{"x@ada ŷ@ada _@ada .@ada /@ada @@ada +@ada 1@ada", "x@ada ŷ@ada _@ada .@ada /@ada @@ada +@ada 1@ada"},
		{`\@ada &commat;ada &#64;ada`, "@ada @ada @ada"},
		{"`@ada`", "<code>@ada</code>"},
		{"[@ada](/x)", `<a href="/x">@ada</a>`},
		{"[x @ada](//y)", "x " + mention(7, "@ada") + " (//y)"},
		{"![@ada](/x)", `<a href="/x">@ada</a>`},
		{"https://x.test/@ada", `<a href="https://x.test/@ada"` + outsideRel + `>https://x.test/@ada</a>`},
		{"#12 (#345), #1234567890.", thread("12") + " (" + thread("345") + "), " + thread("1234567890") + "."},
		{"a#1 #1a #12345678901 #0 #01 ##1 #1# /#1 &#49; #", "a#1 #1a #12345678901 #0 #01 ##1 #1# /#1 1 #"},
		{`\#12 _#12`, "#12 _#12"},
		{"`#12` [#12](/x) ![#13](/x)", `<code>#12</code> <a href="/x">#12</a> <a href="/x">#13</a>`},
		{"@ada#12", mention(7, "@ada") + "#12"},
	} {
		if got, want := post(t, c.source), "<p>"+c.want+"</p>\n"; got != want {
			t.Errorf("Post(%q)\ngot  %s\nwant %s", c.source, got, want)
		}
	}
}

// A name stands in headings, lists and tables too, but not in code.
func TestNamesInBlocks(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]int{
		"# @ada":                     1,
		"- @ada\n- [ ] @ada":         2,
		"> @ada":                     1,
		"|@ada|b|\n|-|-|\n|@ada|#1|": 2,
		"    @ada":                   0,
		"```\n@ada\n```":             0,
		"[@ada]: /x":                 0,
	} {
		if got := strings.Count(post(t, source), `class="mention"`); got != want {
			t.Errorf("mentions in %q: got %d, want %d", source, got, want)
		}
	}
}

// Mentions are handles in the order of the text, each once, whoever they are.
func TestMentions(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", maxHandle)
	var many, first []string
	for i := range maxMentions + 5 {
		many = append(many, fmt.Sprintf("@p%d", i))
		if i < maxMentions {
			first = append(first, fmt.Sprintf("p%d", i))
		}
	}
	for _, c := range []struct {
		source string
		want   []string
	}{
		{"no one", nil},
		{"@Bob **@ada** @bob", []string{"bob", "ada"}},
		{"# @c\n\n- *@b*\n\n|@a|@d|\n|-|-|", []string{"c", "b", "a", "d"}},
		{"`@a` [@b](/x) <https://x.test/@c> d@x.test @e", []string{"e"}},
		{"@" + long + " @" + long + "b", []string{long}},
		{strings.Join(many, " "), first},
	} {
		if got := Mentions(c.source); !slices.Equal(got, c.want) {
			t.Errorf("Mentions(%.80q): got %q, want %q", c.source, got, c.want)
		}
	}
}
