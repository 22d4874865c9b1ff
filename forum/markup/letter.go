package markup

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxWord is how many bytes of a word stand on one line of a letter: RFC 5322 §2.1.1
// allows a line 998, and marks of quotes and lists may stand before it.
const maxWord = 700

// Letter is a post as plain text for a mail: wrapped at width, a link as its text and
// address, a quote behind "> ", a table's row as a line, code as it stands. Addresses
// of ours are made whole by where the post stands. No line is longer than a mail's may
// be, and nothing in it but a line's end controls anything.
func Letter(source string, width int, in Place) string {
	release := slot()
	raw, err := render(Clean(source), Refs{})
	release()
	if err != nil {
		return Wrap(source, width)
	}
	body, err := fragment(raw)
	if err != nil {
		return Wrap(source, width)
	}
	return strings.Join(in.letter().blocks(body, width), "\n")
}

// Place is where a post stands: the address of its thread, and how many posts the
// thread's pages have.
type Place struct {
	Thread  string
	PerPage int
}

func (p Place) letter() letter {
	at, _ := url.Parse(p.Thread) // of one that is none, addresses stay as they are
	return letter{at, p.PerPage}
}

// Wrap is plain text in lines of at most width, its own line ends kept.
func Wrap(text string, width int) string {
	var lines []string
	for line := range strings.SplitSeq(Clean(text), "\n") {
		lines = append(lines, wrap(line, width)...)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// Mail is a post's stored HTML for a mail: judged by the policy once more, with the
// addresses of ours made whole by where it stands, and lines around a table's cells also
// where no style is heard of.
func Mail(stored string, in Place) HTML {
	clean, err := sanitise([]byte(Clean(stored)))
	if err != nil {
		return ""
	}
	body, err := fragment([]byte(clean))
	if err != nil {
		return ""
	}
	for n := range body.Descendants() {
		if n.DataAtom == atom.Table {
			n.Attr = append(n.Attr, html.Attribute{Key: "border", Val: "1"}, html.Attribute{Key: "cellspacing", Val: "0"}, html.Attribute{Key: "cellpadding", Val: "6"})
		}
		for i, a := range slices.Backward(n.Attr) {
			switch {
			case a.Key != "href":
			case address(a.Val) == "": // nobody is led there from a page either
				n.Attr = slices.Delete(n.Attr, i, i+1)
			default:
				n.Attr[i].Val = in.letter().whole(a.Val)
			}
		}
	}
	var out strings.Builder
	for n := range body.ChildNodes() {
		if err := html.Render(&out, n); err != nil {
			return ""
		}
	}
	return HTML(out.String())
}

// fragment reads HTML as what stands in a page's body.
func fragment(raw []byte) (*html.Node, error) {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(string(raw)), body)
	for _, n := range nodes {
		body.AppendChild(n)
	}
	return body, err
}

// letter writes a post as lines.
type letter struct {
	page    *url.URL
	perPage int
}

// whole is a link's address from anywhere.
func (l letter) whole(href string) string {
	if l.page == nil || outside(href) {
		return href
	}
	u, err := l.page.Parse(href)
	if err != nil {
		return href
	}
	if postAnchor.MatchString(href) && l.perPage > 0 {
		if number, err := strconv.Atoi(href[len("#post-"):]); err == nil && number > l.perPage {
			u.RawQuery = "page=" + strconv.Itoa((number-1)/l.perPage+1)
		}
	}
	return u.String()
}

// blocks are the lines of what stands in n, an empty one between two blocks. What
// stands between blocks is a paragraph.
func (l letter) blocks(n *html.Node, width int) (all []string) {
	var loose strings.Builder
	add := func(lines []string, close bool) {
		if len(lines) > 0 && len(all) > 0 && !close {
			all = append(all, "")
		}
		all = append(all, lines...)
	}
	flush := func() {
		add(paragraph(loose.String(), width), false)
		loose.Reset()
	}
	for c := range n.ChildNodes() {
		if !isBlock(c) {
			l.inline(&loose, c)
			continue
		}
		flush()
		add(l.block(c, width), n.DataAtom == atom.Li && isList(c))
	}
	flush()
	return all
}

func isList(n *html.Node) bool { return n.DataAtom == atom.Ul || n.DataAtom == atom.Ol }

func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Blockquote, atom.Pre, atom.Div, atom.Table, atom.Hr:
		return true
	}
	return false
}

// block is the lines of one block.
func (l letter) block(n *html.Node, width int) []string {
	switch n.DataAtom {
	case atom.Hr:
		return []string{"* * *"}
	case atom.H3, atom.H4, atom.H5, atom.H6:
		return l.heading(n, width)
	case atom.Blockquote:
		return behind("> ", "> ", l.blocks(n, narrower(width)))
	case atom.Ul, atom.Ol:
		return l.list(n, width)
	case atom.Pre:
		return l.code(n)
	case atom.Table:
		return l.table(n, width)
	}
	return l.blocks(n, width)
}

// narrower is the width behind a mark, never so small that lines multiply.
func narrower(width int) int { return max(width-2, 40) }

// behind puts a mark before the first line and another before each that follows.
func behind(first, rest string, lines []string) []string {
	mark := first
	for i, line := range lines {
		lines[i] = strings.TrimRight(mark+line, " ")
		mark = rest
	}
	return lines
}

// heading is a heading with a line below it.
func (l letter) heading(n *html.Node, width int) []string {
	var b strings.Builder
	for c := range n.ChildNodes() {
		l.inline(&b, c)
	}
	lines, longest := paragraph(b.String(), width), 0
	for _, line := range lines {
		longest = max(longest, utf8.RuneCountInString(line))
	}
	return append(lines, strings.Repeat("-", min(longest, 8)))
}

// list is the items of a list, each behind its dash or number.
func (l letter) list(n *html.Node, width int) (all []string) {
	number, ordered := 1, n.DataAtom == atom.Ol
	for _, a := range n.Attr {
		if start, err := strconv.Atoi(a.Val); a.Key == "start" && err == nil {
			number = start
		}
	}
	for item := range n.ChildNodes() {
		if item.DataAtom != atom.Li {
			continue
		}
		mark := "- "
		if ordered {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		if item.FirstChild != nil && loose(item) && len(all) > 0 {
			all = append(all, "")
		}
		lines := l.blocks(item, narrower(width))
		if len(lines) == 0 {
			lines = []string{""}
		}
		all = append(all, behind(mark, "  ", lines)...)
	}
	return all
}

// loose reports whether an item holds paragraphs, which stand apart.
func loose(item *html.Node) bool {
	for c := range item.ChildNodes() {
		if c.DataAtom == atom.P {
			return true
		}
	}
	return false
}

// code is a block of code, its lines as they stand.
func (l letter) code(n *html.Node) (lines []string) {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	for line := range strings.SplitSeq(strings.TrimRight(b.String(), "\n"), "\n") {
		for _, part := range broken(printable(strings.ReplaceAll(line, "\t", "    "))) {
			lines = append(lines, strings.TrimRight("    "+part, " "))
		}
	}
	return lines
}

// table is a line for each row, its cells parted by "|".
func (l letter) table(n *html.Node, width int) (lines []string) {
	for row := range n.Descendants() {
		if row.DataAtom != atom.Tr {
			continue
		}
		var b strings.Builder
		for cell := range row.ChildNodes() {
			if cell.DataAtom != atom.Td && cell.DataAtom != atom.Th {
				continue
			}
			if b.Len() > 0 {
				b.WriteString(" | ")
			}
			for c := range cell.ChildNodes() {
				l.inline(&b, c)
			}
		}
		lines = append(lines, wrap(b.String(), width)...)
		if row.Parent.DataAtom == atom.Thead && len(lines) > 0 {
			lines = append(lines, "---")
		}
	}
	return lines
}

// inline writes what stands in a line. "\n" is only where a break was asked for.
func (l letter) inline(b *strings.Builder, n *html.Node) {
	mark := ""
	switch {
	case n.Type == html.TextNode:
		b.WriteString(strings.ReplaceAll(n.Data, "\n", " "))
		return
	case n.DataAtom == atom.Br:
		b.WriteByte('\n')
		return
	case n.DataAtom == atom.Del:
		mark = "~~"
	case n.DataAtom == atom.Code:
		mark = "`"
	}
	from := b.Len()
	b.WriteString(mark)
	for c := range n.ChildNodes() {
		l.inline(b, c)
	}
	b.WriteString(mark)
	if n.DataAtom == atom.A {
		l.target(b, n, strings.TrimSpace(b.String()[from:]))
	}
}

// target writes a link's address behind its text, where that is not the address.
func (l letter) target(b *strings.Builder, a *html.Node, label string) {
	for _, attr := range a.Attr {
		if attr.Key != "href" {
			continue
		}
		if href := l.whole(attr.Val); href != label && href != "mailto:"+label {
			b.WriteString(" <" + href + ">")
		}
	}
}

// paragraph is text with its breaks, in lines.
func paragraph(text string, width int) (lines []string) {
	if !inked(text) {
		return nil
	}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		lines = append(lines, wrap(line, width)...)
	}
	return lines
}

// wrap breaks one line between words.
func wrap(text string, width int) (lines []string) {
	line, long := "", 0
	for _, field := range strings.Fields(printable(text)) {
		for _, word := range broken(field) {
			n := utf8.RuneCountInString(word)
			switch {
			case long == 0:
				line, long = word, n
			case long+1+n <= width:
				line, long = line+" "+word, long+1+n
			default:
				lines = append(lines, line)
				line, long = word, n
			}
		}
	}
	return append(lines, line)
}

// broken is text in parts that fit on a mail's line.
func broken(text string) (parts []string) {
	for len(text) > maxWord {
		end := maxWord
		for !utf8.RuneStart(text[end]) {
			end--
		}
		parts, text = append(parts, text[:end]), text[end:]
	}
	return append(parts, text)
}

// printable is text without what controls a line: C0 and C1, the separators of lines,
// and what turns the direction of the text around it.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Zl, unicode.Zp), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
}
