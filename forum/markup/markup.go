// Package markup turns what people write into what pages show: Markdown into safe
// HTML and into plain text. It finds the people a text names, and refuses a text
// that would be dear to render. It is pure computing and knows nothing of the forum.
//
// A text goes through four gates, each of which would hold alone: bounds before and
// while parsing (bounds.go, budget.go), a tree that is tidied until it holds only
// what we show (tidy.go), a policy that lists what may come out (policy.go), and one
// more parse, so that no tag reaches outside its post.
package markup

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"runtime"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Version is the renderer's version, stored with every post. It is raised when the
// same source gives other HTML, so that old posts are rendered again.
const Version = 2

// HTML is markup's own output, the only thing a page writes unescaped.
type HTML = template.HTML

// Refs tells how the names in a text resolve.
type Refs struct {
	People map[string]int64 // from a handle in lower case, without its @, to a person's id
}

// TooMuch says which bound a text passed. What ends the key of its sentence in the
// catalogue.
type TooMuch struct {
	What  string // links, table, nesting, lines, line, pictures, mentions, definitions, emphasis or size
	Limit int    // how many there may be; bytes for line and size
}

// Error is for the log; a person reads the catalogue's sentence.
func (e *TooMuch) Error() string {
	return fmt.Sprintf("markup: too much: %s, at most %d", e.What, e.Limit)
}

// Post renders Markdown. The error is a *TooMuch when a bound is passed; nothing is
// rendered then.
func Post(source string, refs Refs) (HTML, error) {
	defer slot()()
	source = Clean(source)
	raw, err := render(source, refs)
	if err != nil {
		return "", err
	}
	out, err := sanitise(raw)
	if err != nil {
		return "", err
	}
	if len(out) > outputLimit(source) {
		return "", &TooMuch{What: "size", Limit: maxSize}
	}
	return HTML(out), nil
}

// Plain renders text as escaped paragraphs, where Markdown may not be refused: a
// post that a stricter renderer no longer takes, a mail.
func Plain(source string) HTML {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(Clean(source), "\n\n") {
		paragraph = strings.Trim(paragraph, "\n")
		if !inked(paragraph) {
			continue
		}
		b.WriteString("<p>")
		b.WriteString(strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>\n"))
		b.WriteString("</p>\n")
	}
	return HTML(b.String())
}

// Mentions lists the handles that a text names, outside code and links: in lower
// case, each once, in their order, 20 at most.
func Mentions(source string) []string {
	if !strings.Contains(source, "@") {
		return nil
	}
	defer slot()()
	source = Clean(source)
	if measure(source) != nil {
		return nil
	}
	_, r := parse(source, Refs{})
	return r.handles
}

// slots are as many as there are processors: renders beyond that would only take
// memory from each other.
var slots = make(chan struct{}, runtime.GOMAXPROCS(0))

// slot waits for one of the slots and returns what gives it back.
func slot() (release func()) {
	slots <- struct{}{}
	return func() { <-slots }
}

// parse reads the Markdown into a tidied tree. The source has been measured.
func parse(source string, refs Refs) (ast.Node, *reading) {
	r := &reading{source: []byte(source), refs: refs}
	pc := parser.NewContext()
	pc.Set(readingKey, r)
	return dialect.Parser().Parse(text.NewReader(r.source), parser.WithContext(pc)), r
}

// render makes HTML that the policy has not seen yet.
func render(source string, refs Refs) ([]byte, error) {
	if much := measure(source); much != nil {
		return nil, much
	}
	tree, r := parse(source, refs)
	if r.much != nil {
		return nil, r.much
	}
	out := bounded{left: outputLimit(source)}
	if err := dialect.Renderer().Render(&out, r.source, tree); err != nil {
		return nil, err
	}
	return []byte(Clean(out.String())), nil // "&#1;" is a control character only now
}

// outputLimit is how many bytes of HTML a source may become.
func outputLimit(source string) int { return 10*len(source) + 4<<10 }

// bounded is a buffer that refuses more than it was allowed.
type bounded struct {
	bytes.Buffer
	left int
}

// Write refuses what passes the limit, which makes the renderer stop.
func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, &TooMuch{What: "size", Limit: maxSize}
	}
	b.left -= len(p)
	return b.Buffer.Write(p)
}
