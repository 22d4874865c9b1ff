package markup

import (
	"bytes"
	"slices"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// readingKey is where the parser's context holds the *reading.
var readingKey = parser.NewContextKey()

// readingOf is the reading that a parser's context belongs to.
func readingOf(pc parser.Context) *reading { return pc.Get(readingKey).(*reading) }

// reading is what is known of one text while it is parsed.
type reading struct {
	source []byte
	refs   Refs
	much   *TooMuch // the first bound passed; what follows is not looked at

	openers  map[byte]int // of the paragraph at hand, by their character
	waiting  int          // the sum of openers
	specials int          // of the paragraph at hand
	unclosed []int        // of the paragraph at hand: lengths of runs of ` that nothing closes
	cells    int

	links, pictures, targets int
	handles                  []string // named, in lower case, each once
	headings                 []int    // levels as typed, of the headings that the one at hand is under
}

// stop notes the first bound passed.
func (r *reading) stop(what string, limit int) {
	if r.much == nil {
		r.much = &TooMuch{What: what, Limit: limit}
	}
}

// budget is an inline parser that parses nothing. It stands before the others and
// counts what they would have to remember: each opener without a partner is looked
// at again by each closer, so their number decides whether a paragraph is dear.
// Standing inside the parser it counts what the parser sees, not what is code.
type budget struct{}

// Trigger is parser.InlineParser's: the characters that open or close something.
func (budget) Trigger() []byte { return []byte("[]*_~") }

// Parse counts the special character at hand. Once a bound is passed it takes the
// rest of the paragraph, so that nothing dear is done any more.
func (budget) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	r := readingOf(pc)
	if r.much == nil {
		r.count(block)
	}
	if r.much == nil {
		return nil
	}
	for line, _ := block.PeekLine(); line != nil; line, _ = block.PeekLine() {
		block.AdvanceLine()
	}
	return &words{}
}

// CloseBlock begins the next paragraph's count.
func (budget) CloseBlock(_ ast.Node, _ text.Reader, pc parser.Context) {
	r := readingOf(pc)
	clear(r.openers)
	r.waiting, r.specials, r.unclosed = 0, 0, nil
}

// count adds the special character, or the run of them, that the reader stands before.
func (r *reading) count(block text.Reader) {
	line, _ := block.PeekLine()
	c, before, after := line[0], block.PrecendingCharacter(), byte(' ')
	run := len(line) - len(bytes.TrimLeft(line, string(c)))
	if run < len(line) {
		after = line[run]
	}
	r.specials++
	switch {
	case c == '[':
		r.open('[')
	case c == ']':
		r.shut('[')
	case before != ' ' && before != '\n' && r.shut(c):
	case after != ' ' && after != '\n':
		r.open(c)
	}
	if r.waiting > maxOpeners || r.specials > maxSpecials {
		r.stop("emphasis", maxOpeners)
	}
}

// open adds an opener that waits for its partner.
func (r *reading) open(c byte) {
	if r.openers == nil {
		r.openers = map[byte]int{}
	}
	r.openers[c]++
	r.waiting++
}

// shut gives an opener its partner and reports whether there was one.
func (r *reading) shut(c byte) bool {
	if r.openers[c] == 0 {
		return false
	}
	r.openers[c]--
	r.waiting--
	return true
}

// codeSpan is the parser of `code` that remembers in vain sought ends. An opening run
// without one is looked for to the paragraph's end; one of the same length later on
// need not be looked for again.
type codeSpan struct{ parser.InlineParser }

// Parse is parser.InlineParser's.
func (s codeSpan) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	r := readingOf(pc)
	line, segment := block.PeekLine()
	run := len(line) - len(bytes.TrimLeft(line, "`"))
	if r.much == nil && !slices.Contains(r.unclosed, run) {
		node := s.InlineParser.Parse(parent, block, pc)
		if node.Kind() == ast.KindCodeSpan {
			return node
		}
		r.unclosed = append(r.unclosed, run)
		if len(r.unclosed) > maxUnclosed {
			r.stop("emphasis", maxUnclosed)
		}
		return node
	}
	block.Advance(run)
	return ast.NewTextSegment(segment.WithStop(segment.Start + run))
}

// tableBound refuses a paragraph that is about to become too large a table: rows
// are filled up to the width of the first, so a table costs columns times rows.
type tableBound struct{}

// Transform is parser.ParagraphTransformer's.
func (tableBound) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	r, lines := readingOf(pc), node.Lines()
	for i := 1; i < lines.Len(); i++ {
		segment := lines.At(i)
		columns := tableColumns(segment.Value(reader.Source()))
		if columns == 0 {
			continue
		}
		cells := columns * (lines.Len() - i)
		r.cells += cells
		switch {
		case columns > maxColumns:
			r.stop("table", maxColumns)
		case cells > maxCells, r.cells > maxAllCells:
			r.stop("table", maxCells)
		default:
			return
		}
		node.Parent().RemoveChild(node.Parent(), node)
		return
	}
}

// tableColumns is how many columns the line under a table's head declares; 0 when it
// is no such line. It asks less of the line than the parser does, never more.
func tableColumns(line []byte) int {
	line = bytes.TrimSpace(line)
	if len(bytes.Trim(line, "-|: \t")) > 0 || !bytes.ContainsRune(line, '-') {
		return 0
	}
	line = bytes.TrimSuffix(bytes.TrimPrefix(line, []byte("|")), []byte("|"))
	return bytes.Count(line, []byte("|")) + 1
}
