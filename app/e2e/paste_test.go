package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// paste has the browser paste into the field of an id, as the clipboard holds it.
func (b *tab) paste(id, html, plain string) {
	b.t.Helper()
	args, _ := json.Marshal([]string{id, html, plain}) // strings always can be
	if !eval[bool](b, fmt.Sprintf(`(([id, html, plain]) => {
		const field = document.getElementById(id);
		field.focus();
		const data = new DataTransfer();
		if (html) data.setData("text/html", html);
		data.setData("text/plain", plain);
		const taken = !field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
		if (!taken) document.execCommand("insertText", false, plain); // as the browser would
		return true;
	})(%s)`, args)) {
		b.t.Fatal("nothing was pasted")
	}
}

// What office programs put on the clipboard becomes clean Markdown, and one step
// back takes it away again. Nothing of it runs or breaks the policy.
func TestPastingFromOffice(t *testing.T) {
	t.Parallel()
	b := open(t, site(t), look{width: 1280})
	seen := b.violations()
	b.signIn("florence-quarmby", "/threads/new")
	b.goTo("/threads/new")
	for _, program := range []string{"word", "outlook", "excel"} {
		html, err := os.ReadFile(filepath.Join("testdata", "clipboard", program+".html"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("testdata", "clipboard", program+".md"))
		if err != nil {
			t.Fatal(err)
		}
		b.fill("body", "Before.")
		b.paste("body", string(html), "the plain words")
		got := strings.TrimSpace(strings.TrimPrefix(b.value("body"), "Before."))
		if got != strings.TrimSpace(string(want)) {
			t.Errorf("from %s came\n%s\nwant\n%s", program, got, want)
		}
		eval[bool](b, `document.execCommand("undo")`)
		if got := b.value("body"); got != "Before." {
			t.Errorf("a step back from %s leaves %q", program, got)
		}
	}
	for _, v := range seen() {
		t.Errorf("the policy was broken: %s", v)
	}
}

// An address pasted over words makes a link of them; cells of a spreadsheet make a
// table; plain words, and HTML that only wears colours, stay as they are.
func TestPastingLinksAndCells(t *testing.T) {
	t.Parallel()
	b := open(t, site(t), look{width: 1280})
	b.signIn("gideon-aspinall", "/threads/new")
	b.goTo("/threads/new")
	for _, c := range []struct{ before, html, plain, want string }{
		{"our page", "", "https://example.org/a_(b)", "[our page](https://example.org/a_%28b%29)"},
		{"", "", "a\tb\n1\t2\n", "| a | b |\n| --- | --- |\n| 1 | 2 |"},
		{"", "", "one\ttab only", "one\ttab only"},
		{"", `<div style="color:#d4d4d4;font-family:Consolas"><span style="color:red">**raw** _markdown_</span></div>`, "**raw** _markdown_", "**raw** _markdown_"},
		{"", `<b style="font-weight:normal" id="docs-internal-guid-1"><p>2 * 3 <strong>is</strong> 6</p><p># not a heading</p></b>`, "x", "2 \\* 3 **is** 6\n\n\\# not a heading"},
		{"", `<p>See <a href="javascript:alert(1)">this</a> <a href="https://example.org">and that</a></p><script>alert(1)</script>`, "x", "See this [and that](https://example.org)"},
	} {
		b.fill("body", c.before)
		eval[bool](b, `document.getElementById("body").select(), true`)
		b.paste("body", c.html, c.plain)
		if got := b.value("body"); got != c.want {
			t.Errorf("of %q over %q came %q, want %q", c.plain, c.before, got, c.want)
		}
	}
}
