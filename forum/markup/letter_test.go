package markup

import (
	"strings"
	"testing"
	"unicode"
)

// A letter says what was written so that it can be read without a browser.
func TestALetterReadsAsPlainText(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"One **two**\nthree.\n\nFour":             "One two three.\n\nFour",
		"See [the page](https://a.example/x) now": "See the page <https://a.example/x> now",
		"https://a.example/x":                     "https://a.example/x",
		"a@b.example":                             "a@b.example",
		"[far](#post-21) [last](#post-20)":        "far <https://m.example/threads/7-x?page=2#post-21>\nlast <https://m.example/threads/7-x#post-20>",
		"#12 and [here](#post-3)":                 "#12 <https://m.example/threads/12> and here\n<https://m.example/threads/7-x#post-3>",
		"> Said\n>\n> > before":                   "> Said\n>\n> > before",
		"- one\n- two\n  - three":                 "- one\n- two\n  - three",
		"3. one\n4. two":                          "3. one\n4. two",
		"- one\n\n  more\n- two":                  "- one\n\n  more\n\n- two",
		"- [x] done":                              "- ☑ done",
		"|a|b|\n|-|-|\n|1|2|":                     "a | b\n---\n1 | 2",
		"```go\nif x {\n\ty  z\n}\n```":           "    if x {\n        y  z\n    }",
		"# Head\n\nText":                          "Head\n----\n\nText",
		"![A map](https://a.example/m.png)":       "A map <https://a.example/m.png>",
		"one\\\ntwo":                              "one\ntwo",
		"~~no~~ `a<b`":                            "~~no~~ `a<b`",
		"a\n\n---\n\nb":                           "a\n\n* * *\n\nb",
		"<b>not</b> a tag":                        "<b>not</b> a tag",
	} {
		if got := Letter(source, 50, Place{"https://m.example/threads/7-x", 20}); got != want {
			t.Errorf("%q: got %q, want %q", source, got, want)
		}
	}
}

// No text makes a line that a mail may not have, or grows beyond bounds, also where it
// is not rendered.
func TestHostileTextMakesNoHostileLetter(t *testing.T) {
	t.Parallel()
	sources := []string{strings.Repeat("ŵ", 5000), "```\n" + strings.Repeat("x", 9000) + "\n```", "a\u2028b\u202ec\u0085d\u009be", nested(15) + "deep " + strings.Repeat("x", 3000),
		"[a](https://a.example/" + strings.Repeat("y", 5000) + ")", table(20, 50), "|" + strings.Repeat("h", 3000) + "|\n|-|\n" + strings.Repeat("|a|\n", 500),
		strings.Repeat("# a\n", 1900), strings.Repeat("- a\n", 1900)}
	for _, a := range lines[attack](t, "testdata/xss.jsonl") {
		sources = append(sources, a.Markdown, "> - "+a.Markdown, "["+a.Markdown+"](/x)", "|a|b|\n|-|-|\n|"+a.Markdown+"|c|", "```"+a.Markdown+"\n"+a.Markdown)
	}
	for _, file := range []string{"testdata/bombs.jsonl", "testdata/bombs_own.jsonl"} {
		for _, b := range lines[bomb](t, file) {
			sources = append(sources, b.source())
		}
	}
	for _, source := range sources {
		letter := Letter(source, 72, Place{"https://m.example/threads/7", 20})
		if len(letter) > 10*len(source)+4<<10 {
			t.Errorf("%d bytes of %d: %.100q", len(letter), len(source), source)
		}
		for line := range strings.SplitSeq(letter, "\n") {
			if len(line) > 998 || strings.ContainsFunc(line, unicode.IsControl) || strings.ContainsAny(line, "\u2028\u2029\u202e") {
				t.Fatalf("a line of %d bytes: %.200q of %.100q", len(line), line, source)
			}
		}
	}
}

// What is in a mail is judged again, and leads to us from anywhere.
func TestStoredTextIsJudgedForAMail(t *testing.T) {
	t.Parallel()
	got := string(Mail(`<p><a class="mention" href="/people/5">@ada</a> <a href="#post-3">3</a><img src="https://x.example/p.gif"><script>x</script>`, Place{"https://m.example/threads/7-x", 20}))
	if want := `<p><a class="mention" href="https://m.example/people/5">@ada</a> <a href="https://m.example/threads/7-x#post-3">3</a></p>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, a := range lines[attack](t, "testdata/xss.jsonl") {
		mail := string(Mail(a.Markdown, Place{"https://m.example/threads/7", 20}))
		for n := range prose(t, strings.ReplaceAll(mail, `<table border="1" cellspacing="0" cellpadding="6">`, "<table>")) {
			judgeElement(t, n, a.Markdown)
		}
	}
}

// However deep a list stands, no line of a letter is longer than a mail's may be.
func TestALongWordDeepInAListIsCut(t *testing.T) {
	t.Parallel()
	source := strings.Repeat("999999999. ", 19) + strings.Repeat("ŵ", 4000)
	for line := range strings.SplitSeq(Letter(source, 72, Place{"https://forum.example/threads/1", 20}), "\n") {
		if len(line) > 998 {
			t.Errorf("a line has %d bytes", len(line))
		}
	}
}
