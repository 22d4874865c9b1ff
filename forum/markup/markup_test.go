package markup

import (
	"flag"
	"os"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/post.html anew")

// cast are the people whom the tests name.
var cast = Refs{People: map[string]int64{"ada": 7, "ada-lovelace": 8, "gwilym-2": 9}}

// post renders a source that no bound refuses.
func post(t testing.TB, source string) string {
	t.Helper()
	html, err := Post(source, cast)
	if err != nil {
		t.Fatalf("Post(%.80q): %v", source, err)
	}
	return string(html)
}

const outsideRel = ` rel="nofollow ugc noopener"`

// Markdown shows as CommonMark and its tables, tasks and bare addresses say, within what we show.
func TestMarkdownShowsAs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, source, want string }{
		{"paragraphs", "one\ntwo\n\nthree", "<p>one\ntwo</p>\n<p>three</p>\n"},
		{"hard breaks", "one  \ntwo\\\nthree", "<p>one<br/>\ntwo<br/>\nthree</p>\n"},
		{"emphasis", "*a* **b** ***c*** ~~d~~ snake_case_name", "<p><em>a</em> <strong>b</strong> <em><strong>c</strong></em> <del>d</del> snake_case_name</p>\n"},
		{"code", "`a <b>` and ``a`b``", "<p><code>a &lt;b&gt;</code> and <code>a`b</code></p>\n"},
		{"unclosed code", "a `` b ` c `` d ` e ```", "<p>a <code>b ` c</code> d ` e ```</p>\n"},
		{"code that nothing closes, in another paragraph", "a ` b\n\nc `d`", "<p>a ` b</p>\n<p>c <code>d</code></p>\n"},
		{"code that nothing closes, twice", "a ` b `` c `` ` `` d", "<p>a <code>b `` c ``</code> `` d</p>\n"},
		{"quote", "> a\n> > b", "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>\n"},
		{"lists", "- a\n- b\n  1. c\n\n7. d", "<ul>\n<li>a</li>\n<li>b\n<ol>\n<li>c</li>\n</ol>\n</li>\n</ul>\n<ol start=\"7\">\n<li>d</li>\n</ol>\n"},
		{"rule", "a\n\n* * *", "<p>a</p>\n<hr/>\n"},
		{"tasks", "- [ ] a\n- [x] b", "<ul>\n<li class=\"task-list-item\">☐ a</li>\n<li class=\"task-list-item\">☑ b</li>\n</ul>\n"},
		{"indented code", "    <a>", `<pre tabindex="0" role="group" aria-label="Code"><code>&lt;a&gt;` + "\n</code></pre>\n"},
		{"fenced code", "```c++ extra\n*a*\n```", `<pre tabindex="0" role="group" aria-label="Code"><code class="language-c++">*a*` + "\n</code></pre>\n"},
		{"language that is no class", "```a\"b\nx\n```", `<pre tabindex="0" role="group" aria-label="Code"><code>x` + "\n</code></pre>\n"},
		{"references", "&amp; &copy; &#35; \\* &bogus;", "<p>&amp; © # * &amp;bogus;</p>\n"},
		{"tags are text", "<b onclick=x>*a*</b> <!-- c -->", "<p>&lt;b onclick=x&gt;<em>a</em>&lt;/b&gt; &lt;!-- c --&gt;</p>\n"},
		{"blocks of tags are text", "<div>\n\n</div>", "<p>&lt;div&gt;</p>\n<p>&lt;/div&gt;</p>\n"},
		{"attributes are text", "# a {#b .c}", "<h3>a {#b .c}</h3>\n"},
		{"footnotes are text", "a[^1]\n\n[^1]: the note has words", "<p>a[^1]</p>\n<p>[^1]: the note has words</p>\n"},
		{"control characters", "a\x00b\x1b[31mc\r\nd", "<p>ab[31mc\nd</p>\n"},
		{"references to control characters", "a&#1;b&#x1f;&#127;c&#0;d&#13;e", "<p>abc\uFFFDd\ne</p>\n"},
		{"Welsh", "Tŷ ŵyn **ŷd**", "<p>Tŷ ŵyn <strong>ŷd</strong></p>\n"},
		{"nothing", " \n\n", ""},
	} {
		if got := post(t, c.source); got != c.want {
			t.Errorf("%s: Post(%q)\ngot  %q\nwant %q", c.name, c.source, got, c.want)
		}
	}
}

// Headings begin at h3, since a post stands under the page's h1 and h2, and leave out no level.
func TestHeadingsKeepTheOutline(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, want string }{
		{"# a", "h3"},
		{"### a", "h3"},
		{"# a\n## b\n### c\n#### d\n##### e", "h3 h4 h5 h6 h6"},
		{"# a\n#### b\n# c", "h3 h4 h3"},
		{"### a\n# b\n## c", "h3 h3 h4"},
		{"a\n===\nb\n---", "h3 h4"},
		{"#\n## <!-- -->\n# &nbsp;\n## b", "h3 h3"},
	} {
		var got []string
		for _, part := range strings.Split(post(t, c.source), "<")[1:] {
			if strings.HasPrefix(part, "h") {
				got = append(got, part[:2])
			}
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("headings of %q: got %s, want %s", c.source, got, c.want)
		}
	}
}

// A table stands in a frame that the keyboard can scroll, its cells aligned without a style.
func TestTablesStandInAFrame(t *testing.T) {
	t.Parallel()
	got := post(t, "| Council | Bins | |\n|:--|--:|:-:|\n| Northmoor | 12 | `a\\|b` |\n| Ŷ |")
	want := `<div class="table-scroll" tabindex="0" role="group" aria-label="Table">
<table>
<thead>
<tr>
<th>Council</th>
<th align="right">Bins</th>
<td align="center"></td>
</tr>
</thead>
<tbody>
<tr>
<td>Northmoor</td>
<td align="right">12</td>
<td align="center"><code>a|b</code></td>
</tr>
<tr>
<td>Ŷ</td>
<td></td>
<td></td>
</tr>
</tbody>
</table>
</div>
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A link leads only where nobody is deceived; else it is its text and its address.
func TestLinksLeadOnlyWhereTheySay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, want string }{
		{"[a](https://x.test/?b=1&c=2 \"title\")", `<a href="https://x.test/?b=1&amp;c=2"` + outsideRel + `>a</a>`},
		{"[a](HTTP://x.test)", `<a href="http://x.test"` + outsideRel + `>a</a>`},
		{"[a](https://tŷ.cymru/ŵ)", `<a href="https://t%C5%B7.cymru/%C5%B5"` + outsideRel + `>a</a>`},
		{"[a](mailto:b@x.test)", `<a href="mailto:b@x.test"` + outsideRel + `>a</a>`},
		{"[a](/threads/4?page=2#post-31)", `<a href="/threads/4?page=2#post-31">a</a>`},
		{"[a](#post-3)", `<a href="#post-3">a</a>`},
		{"[a](#other)", `a (#other)`},
		{"[a](docs/a.html)", `a (docs/a.html)`},
		{"[a]()", `a`},
		{"[a](//x.test)", `a (//x.test)`},
		{`[a](/\x.test)`, `a (/\x.test)`},
		{"[a](/&#9;/x.test)", "a (/\t/x.test)"},
		{"[a](/&Tab;/x.test)", "a (/\t/x.test)"},
		{"[a](/b&#1;c)", `a (/bc)`},
		{"[a](https:x.test)", `a (https:x.test)`},
		{"[a](https:///x.test)", `a (https:///x.test)`},
		{"[a](https://b@x.test/)", `a (https://b@x.test/)`},
		{"[a](https://b:c@x.test/)", `a (https://b:c@x.test/)`},
		{"[a](https://b&commat;x.test/)", `a (https://b@x.test/)`},
		{"[a](javascript:b)", `a (javascript:b)`},
		{"[a](javascript&colon;b)", `a (javascript:b)`},
		{"[a](java&#10;script:b)", "a (java\nscript:b)"},
		{"[a](data:text/html,b)", `a (data:text/html,b)`},
		{"[a](ftp://x.test)", `a (ftp://x.test)`},
		{"[https://b@x.test](https://b@x.test)", `https://b@x.test`},
		{"<https://x.test/a>", `<a href="https://x.test/a"` + outsideRel + `>https://x.test/a</a>`},
		{"<https://b@x.test/>", `https://b@x.test/`},
		{"<tel:999>", `tel:999`},
		{"https://x.test/a_b_c. (www.x.test)", `<a href="https://x.test/a_b_c"` + outsideRel + `>https://x.test/a_b_c</a>. (<a href="http://www.x.test"` + outsideRel + `>www.x.test</a>)`},
		{"b@x.test", `<a href="mailto:b@x.test"` + outsideRel + `>b@x.test</a>`},
		{"[](https://x.test)", `<a href="https://x.test"` + outsideRel + `>https://x.test</a>`},
		{"[&nbsp;](https://x.test)", `<a href="https://x.test"` + outsideRel + `>https://x.test</a>`},
		{"[*a* [b]][r]\n\n[r]: /c", `<a href="/c"><em>a</em> [b]</a>`},
		{"[<https://y.test>](/c)", `<a href="/c">https://y.test</a>`},
	} {
		if got, want := post(t, c.source), "<p>"+c.want+"</p>\n"; got != want {
			t.Errorf("Post(%q)\ngot  %s\nwant %s", c.source, got, want)
		}
	}
}

// A page fetches no picture from elsewhere: a picture is a link to it.
func TestPicturesBecomeLinks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, want string }{
		{"![a *map* &amp; key](https://x.test/y.png)", `<a href="https://x.test/y.png"` + outsideRel + `>a map &amp; key</a>`},
		{"![](https://x.test/y.png)", `<a href="https://x.test/y.png"` + outsideRel + `>https://x.test/y.png</a>`},
		{"![a](javascript:b)", `a (javascript:b)`},
		{"[![a](https://x.test/y.png) b](/c)", `<a href="/c">a b</a>`},
		{"[![](https://x.test/y.png)](/c)", `<a href="/c">/c</a>`},
		{"![[a](/b)](/c)", `<a href="/c">a</a>`},
	} {
		if got, want := post(t, c.source), "<p>"+c.want+"</p>\n"; got != want {
			t.Errorf("Post(%q)\ngot  %s\nwant %s", c.source, got, want)
		}
	}
}

// A council's ordinary post passes all bounds and shows as it always did (-update writes it anew).
func TestAnOrdinaryPost(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("testdata/post.md")
	if err != nil {
		t.Fatal(err)
	}
	got := post(t, string(source))
	judge(t, got)
	if *update {
		if err := os.WriteFile("testdata/post.html", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/post.html")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant testdata/post.html", got)
	}
}

// A text that is not Markdown shows as paragraphs, whatever it holds.
func TestPlainEscapesAndKeepsLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, want string }{
		{"a <b> & *c*\nd\r\n\r\n\r\n\r\n\"e\"", "<p>a &lt;b&gt; &amp; *c*<br>\nd</p>\n<p>&#34;e&#34;</p>\n"},
		{"\n\n \n", ""},
		{"a\n\n\nb", "<p>a</p>\n<p>b</p>\n"},
	} {
		if got := string(Plain(c.source)); got != c.want {
			t.Errorf("Plain(%q)\ngot  %q\nwant %q", c.source, got, c.want)
		}
	}
}

// An excerpt is one line of plain text, cut behind a word.
func TestExcerptIsCutBehindAWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source string
		n      int
		want   string
	}{
		{"# Bins\n\nWho *has* [moved](https://x.test)\nthem &amp; why? <b>", 99, "Bins: Who has moved them & why? <b>"},
		{"- [x] a\n- b\n\n|c|d|\n|-|-|\n|e|f|", 99, "☑ a; b. c; d; e; f."},
		{"one  \ntwo\n```\nthree\n  four\n```", 99, "one two three four"},
		{"Tŷ ŵyn, ŷd", 10, "Tŷ ŵyn, ŷd"},
		{"Tŷ ŵyn, ŷdau", 10, "Tŷ ŵyn…"},
		{"ŷŷŷŷŷŷŷŷŷŷŷŷ", 5, "ŷŷŷŷ…"},
		{"a", 0, ""},
		{"", 5, ""},
		{strings.Repeat("*ab ", 3000), 12, "*ab *ab *ab…"}, // more than may be rendered
	} {
		got := Excerpt(c.source, c.n)
		if got != c.want || len([]rune(got)) > c.n {
			t.Errorf("Excerpt(%.40q, %d): got %q, want %q", c.source, c.n, got, c.want)
		}
	}
}

// What Clean returns can be stored, and Clean changes it no more.
func TestCleanTextStaysClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"a\tb\nc", "a\tb\nc"},
		{"a\r\nb\rc\n\rd", "a\nb\nc\n\nd"},
		{"a\r\x00\nb", "a\n\nb"},
		{"\x00a\x01\x1f\x7fb\x0b\x0c", "ab"},
		{"a\xffb\xc3", "a\uFFFDb\uFFFD"},
		{"\xc5\x00\xb7", "\uFFFD\uFFFD"},
		{"\u202eŷ\u200b\ufeff", "\u202eŷ\u200b\ufeff"},
	} {
		got := Clean(c.text)
		if got != c.want {
			t.Errorf("Clean(%q): got %q, want %q", c.text, got, c.want)
		}
		if again := Clean(got); again != got {
			t.Errorf("Clean(Clean(%q)): got %q, want %q", c.text, again, got)
		}
	}
}

// Many may render at once, and each gets their own.
func TestRendersAtOnce(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			word := strings.Repeat("x", i+1)
			html, err := Post("*"+word+"* @ada", cast)
			if want := "<p><em>" + word + `</em> <a class="mention" href="/people/7">@ada</a></p>` + "\n"; err != nil || string(html) != want {
				t.Errorf("got %q, %v, want %q", html, err, want)
			}
			if got := Excerpt(word, 50); got != word {
				t.Errorf("excerpt: got %q, want %q", got, word)
			}
		})
	}
	all.Wait()
}

// What a page shows of a text is its words as they are read, and where its links lead.
func TestShownIsWhatAReaderGetsToSee(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"Mrs&nbsp;**Smi**th\\\nrang":               "Mrs\u00a0Smith\nrang\n",
		"[Mrs](https://x.example/a%20b) Smith":     "Mrs Smith\n\n;\nhttps://x.example/a%20b",
		"![Mrs](https://x.example/?a&b)":           "Mrs\n\n;\nhttps://x.example/?a&b",
		"| a | b |\n|---|---|\n| Mrs | <b>Smith |": "\n\n\n\na\nb\n\n\n\n\nMrs\n<b>Smith\n\n\n\n\n",
		strings.Repeat("> ", 40) + "Mrs":           strings.Repeat("> ", 40) + "Mrs",
	} {
		if got := Shown(source); got != want {
			t.Errorf("%q shows %q, want %q", source, got, want)
		}
	}
}
