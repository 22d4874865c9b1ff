package markup

import (
	"regexp"
	"strconv"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// dialect is our Markdown: CommonMark with tables, task lists, strikethrough and bare
// addresses. It has no HTML: what looks like a tag is text and is shown as typed, so
// nothing is lost and nothing is trusted. It has no attributes and no ids, and no
// footnotes, which need ids.
var dialect = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(blockParsers()...),
		parser.WithInlineParsers(
			util.Prioritized(budget{}, 0),
			util.Prioritized(extension.NewTaskCheckBoxParser(), 50),
			util.Prioritized(codeSpan{parser.NewCodeSpanParser()}, 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewEmphasisParser(), 500),
			util.Prioritized(extension.NewStrikethroughParser(), 500),
			util.Prioritized(extension.NewLinkifyParser(
				extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})), 999),
		),
		parser.WithParagraphTransformers(
			util.Prioritized(parser.LinkReferenceParagraphTransformer, 100),
			util.Prioritized(tableBound{}, 150),
			util.Prioritized(extension.NewTableParagraphTransformer(), 200),
		),
		parser.WithASTTransformers(
			util.Prioritized(extension.NewTableASTTransformer(), 0),
			util.Prioritized(tidy{}, 900),
		),
	)),
	goldmark.WithRenderer(renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(elements{}, 100),
		util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
		util.Prioritized(html.NewRenderer(), 1000),
	))),
)

// blockParsers are CommonMark's but for the one of HTML blocks.
func blockParsers() []util.PrioritizedValue {
	return []util.PrioritizedValue{
		util.Prioritized(parser.NewSetextHeadingParser(), 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	}
}

// elements writes what we show otherwise than goldmark does.
type elements struct{}

// RegisterFuncs is renderer.NodeRenderer's.
func (elements) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(kindAnchor, anchorElement)
	reg.Register(kindWords, wordsElement)
	reg.Register(ast.KindCodeBlock, codeElement)
	reg.Register(ast.KindFencedCodeBlock, codeElement)
	reg.Register(ast.KindListItem, itemElement)
	reg.Register(extensionast.KindTaskCheckBox, boxElement)
	reg.Register(extensionast.KindTable, tableElement)
	reg.Register(extensionast.KindTableHeader, headElement)
	reg.Register(extensionast.KindTableRow, rowElement)
	reg.Register(extensionast.KindTableCell, cellElement)
}

// anchorElement writes a link; search engines are told that it is not our word.
func anchorElement(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	a := node.(*anchor)
	switch {
	case !entering:
		return put(w, "</a>")
	case a.class != "":
		return put(w, `<a class="`, a.class, `" href="`, a.href, `">`)
	case outside(a.href):
		return put(w, `<a href="`, string(util.EscapeHTML([]byte(a.href))), `" rel="nofollow ugc noopener">`)
	}
	return put(w, `<a href="`, string(util.EscapeHTML([]byte(a.href))), `">`)
}

// wordsElement writes text that is to show as it is.
func wordsElement(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	return put(w, string(util.EscapeHTML([]byte(node.(*words).text))))
}

// language is what may follow "language-" in a class.
var language = regexp.MustCompile(`^[A-Za-z0-9_+#.-]{1,40}$`)

// codeElement writes a block of code. It can be wider than the page, so the keyboard
// must reach it to scroll it (WCAG 2.1.1), and then it has a name.
func codeElement(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return put(w, "</code></pre>\n")
	}
	_, _ = w.WriteString(`<pre tabindex="0" role="group" aria-label="Code"><code`)
	if fenced, ok := node.(*ast.FencedCodeBlock); ok && language.Match(fenced.Language(source)) {
		_, _ = put(w, ` class="language-`, string(fenced.Language(source)), `"`)
	}
	_ = w.WriteByte('>')
	for _, line := range node.Lines().Sliced(0, node.Lines().Len()) {
		html.DefaultWriter.RawWrite(w, line.Value(source))
	}
	return ast.WalkContinue, nil
}

// itemElement writes a list's item, marked when it is a task.
func itemElement(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	first := node.FirstChild()
	switch {
	case !entering:
		return put(w, "</li>\n")
	case first == nil:
		return put(w, "<li>")
	case first.FirstChild() != nil && first.FirstChild().Kind() == extensionast.KindTaskCheckBox:
		return put(w, `<li class="task-list-item">`)
	case first.Kind() != ast.KindTextBlock:
		return put(w, "<li>\n")
	}
	return put(w, "<li>")
}

// box is the sign of a task: a control that nobody can use would only be in the way.
func box(b *extensionast.TaskCheckBox) string {
	if b.IsChecked {
		return "☑ "
	}
	return "☐ "
}

// boxElement writes the sign of a task.
func boxElement(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	return put(w, box(node.(*extensionast.TaskCheckBox)))
}

// tableElement writes a table in a frame that scrolls, so that the page does not
// (WCAG 1.4.10) and the keyboard can (WCAG 2.1.1).
func tableElement(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		return put(w, `<div class="table-scroll" tabindex="0" role="group" aria-label="Table">`, "\n<table>\n")
	}
	if node.ChildCount() > 1 {
		_, _ = put(w, "</tbody>\n")
	}
	return put(w, "</table>\n</div>\n")
}

// headElement writes a table's first row.
func headElement(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	switch {
	case entering:
		return put(w, "<thead>\n<tr>\n")
	case node.NextSibling() != nil:
		return put(w, "</tr>\n</thead>\n<tbody>\n")
	}
	return put(w, "</tr>\n</thead>\n")
}

// rowElement writes a table's row.
func rowElement(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		return put(w, "<tr>\n")
	}
	return put(w, "</tr>\n")
}

// cellElement writes a table's cell. One in the head without text heads nothing.
func cellElement(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	cell := node.(*extensionast.TableCell)
	tag := "td"
	if cell.Parent().Kind() == extensionast.KindTableHeader && cell.HasChildren() {
		tag = "th"
	}
	switch {
	case !entering:
		return put(w, "</", tag, ">\n")
	case cell.Alignment == extensionast.AlignRight || cell.Alignment == extensionast.AlignCenter:
		return put(w, "<", tag, " align=", strconv.Quote(cell.Alignment.String()), ">")
	}
	return put(w, "<", tag, ">")
}

// put writes. The writer keeps its first error and says it when it is flushed.
func put(w util.BufWriter, parts ...string) (ast.WalkStatus, error) {
	for _, part := range parts {
		_, _ = w.WriteString(part)
	}
	return ast.WalkContinue, nil
}
