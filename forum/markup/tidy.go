package markup

import (
	"bufio"
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	goldmark "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// kindAnchor is the kind of anchor nodes, kindWords of words nodes.
var (
	kindAnchor = ast.NewNodeKind("Anchor")
	kindWords  = ast.NewNodeKind("Words")
)

// anchor is a link whose address has been judged. All links become one.
type anchor struct {
	ast.BaseInline
	href, class string
}

// Kind is ast.Node's.
func (*anchor) Kind() ast.NodeKind { return kindAnchor }

// Dump is ast.Node's.
func (a *anchor) Dump(source []byte, level int) {
	ast.DumpHelper(a, source, level, map[string]string{"href": a.href}, nil)
}

// words is text that does not stand in the source as it is shown.
type words struct {
	ast.BaseInline
	text string
}

// Kind is ast.Node's.
func (*words) Kind() ast.NodeKind { return kindWords }

// Dump is ast.Node's.
func (w *words) Dump(source []byte, level int) {
	ast.DumpHelper(w, source, level, map[string]string{"text": w.text}, nil)
}

// newAnchor is a link with its text.
func newAnchor(href, class, label string) *anchor {
	a := &anchor{href: href, class: class}
	a.AppendChild(a, &words{text: label})
	return a
}

// tidy is an ASTTransformer that leaves in the tree only what we show: addresses are
// judged, pictures are links, names are links, headings are in order. It works on the
// tree because a parser for names would break links: a link holds no other.
type tidy struct{}

// Transform is parser.ASTTransformer's.
func (tidy) Transform(node *ast.Document, _ text.Reader, pc parser.Context) {
	r := readingOf(pc)
	if len(pc.References()) > maxDefinitions {
		r.stop("definitions", maxDefinitions)
	}
	if r.much == nil {
		r.tidy(node, 0)
	}
	if r.much == nil {
		r.names(node)
	}
}

// tidy puts a node's descendants in order.
func (r *reading) tidy(parent ast.Node, depth int) {
	if depth > maxDepth {
		r.stop("nesting", maxNesting)
	}
	if r.much != nil {
		return
	}
	for c := parent.FirstChild(); c != nil; {
		next := c.NextSibling()
		switch c := c.(type) {
		case *ast.Link:
			r.link(parent, c)
		case *ast.AutoLink:
			r.autoLink(parent, c)
		case *ast.Image:
			r.picture(parent, c)
		case *ast.Heading:
			r.tidy(c, depth+1)
			r.heading(parent, c)
		case *ast.CodeSpan, *ast.CodeBlock, *ast.FencedCodeBlock, *ast.LinkReferenceDefinition:
		default:
			r.tidy(c, depth+1)
		}
		c = next
	}
}

// countLink counts a link.
func (r *reading) countLink() {
	r.links++
	if r.links > maxLinks {
		r.stop("links", maxLinks)
	}
}

// countTarget counts the use of an address that stands elsewhere: a long one used
// often would make little text into much HTML.
func (r *reading) countTarget(use *ast.ReferenceLink, target, title []byte) {
	if use == nil {
		return
	}
	r.targets += len(target) + len(title)
	if r.targets > maxTargets {
		r.stop("definitions", maxDefinitions)
	}
}

// link makes a link an anchor, or its text where nobody is led there. Its text stays,
// with the address behind it, so that its author sees what became of it.
func (r *reading) link(parent ast.Node, link *ast.Link) {
	r.countLink()
	r.countTarget(link.Reference, link.Destination, link.Title)
	r.flatten(link)
	target := resolved(link.Destination)
	label := r.textOf(link)
	if !inked(label) {
		link.RemoveChildren(link)
		link.AppendChild(link, &words{text: target})
	}
	if href := address(target); href != "" {
		a := &anchor{href: href}
		adopt(a, link)
		parent.ReplaceChild(parent, link, a)
		return
	}
	if inked(target) && inked(label) && strings.TrimSpace(label) != target {
		link.AppendChild(link, &words{text: " (" + target + ")"})
	}
	for c := link.FirstChild(); c != nil; c = link.FirstChild() {
		parent.InsertBefore(parent, link, c)
	}
	parent.RemoveChild(parent, link)
}

// adopt moves all children of one node to another.
func adopt(to, from ast.Node) {
	for c := from.FirstChild(); c != nil; c = from.FirstChild() {
		to.AppendChild(to, c)
	}
}

// autoLink makes an address in the text an anchor, or leaves it text.
func (r *reading) autoLink(parent ast.Node, link *ast.AutoLink) {
	r.countLink()
	label, target := string(link.Label(r.source)), string(link.URL(r.source))
	if link.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(target), "mailto:") {
		target = "mailto:" + target
	}
	if href := address(target); href != "" {
		parent.ReplaceChild(parent, link, newAnchor(href, "", label))
		return
	}
	parent.ReplaceChild(parent, link, &words{text: label})
}

// picture makes a picture a link to it: a page fetches nothing from elsewhere.
func (r *reading) picture(parent ast.Node, picture *ast.Image) {
	r.pictures++
	if r.pictures > maxPictures {
		r.stop("pictures", maxPictures)
	}
	r.countTarget(picture.Reference, picture.Destination, picture.Title)
	target := resolved(picture.Destination)
	label := r.textOf(picture)
	if !inked(label) {
		label = target
	}
	if href := address(target); href != "" {
		parent.ReplaceChild(parent, picture, newAnchor(href, "", label))
		return
	}
	if label != target {
		label += " (" + target + ")"
	}
	parent.ReplaceChild(parent, picture, &words{text: label})
}

// flatten makes links and pictures inside a link text: links do not nest.
func (r *reading) flatten(link ast.Node) {
	for c := link.FirstChild(); c != nil; {
		next := c.NextSibling()
		switch c.(type) {
		case *ast.Image:
			r.pictures++
			link.ReplaceChild(link, c, &words{text: r.textOf(c)})
		case *ast.Link, *ast.AutoLink:
			link.ReplaceChild(link, c, &words{text: r.textOf(c)})
		default:
			r.flatten(c)
		}
		c = next
	}
	if r.pictures > maxPictures {
		r.stop("pictures", maxPictures)
	}
}

// heading puts a heading where it stands in the order of its post. A post stands
// under the page's h1 and h2, so its highest are h3; no level is left out on the way
// down, whichever the author began with (WCAG 1.3.1). One without text goes.
func (r *reading) heading(parent ast.Node, h *ast.Heading) {
	if !inked(r.textOf(h)) {
		parent.RemoveChild(parent, h)
		return
	}
	for len(r.headings) > 0 && r.headings[len(r.headings)-1] >= h.Level {
		r.headings = r.headings[:len(r.headings)-1]
	}
	r.headings = append(r.headings, h.Level)
	h.Level = min(2+len(r.headings), 6)
}

// textOf is the text of a node and its descendants.
func (r *reading) textOf(n ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.WriteString(unescaped(n, r.source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.AutoLink:
			b.Write(n.Label(r.source))
		case *words:
			b.WriteString(n.text)
		case *extension.TaskCheckBox:
			b.WriteString(box(n))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// unescaped is a text's value as it is read, by way of the HTML that it would become,
// so that both say the same.
func unescaped(t *ast.Text, source []byte) string {
	value := t.Segment.Value(source)
	if t.IsRaw() || !bytes.ContainsAny(value, `\&`) {
		return string(value)
	}
	var b bytes.Buffer
	w := bufio.NewWriterSize(&b, 64) // there may be thousands of these
	goldmark.DefaultWriter.Write(w, value)
	_ = w.Flush() // a bytes.Buffer takes everything
	return html.UnescapeString(b.String())
}
