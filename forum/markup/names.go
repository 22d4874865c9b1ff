package markup

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

const maxHandle = 60 // characters

// name is a place in a text that names a person or a thread.
type name struct{ start, stop int } // with its @ or #

// names links the people and threads that the text below a node names, in its order.
func (r *reading) names(parent ast.Node) {
	for c := parent.FirstChild(); c != nil; {
		at := c
		c = c.NextSibling()
		switch at := at.(type) {
		case *ast.Text:
			last := at // the parser cuts text at each character that might have been markup
			for next, ok := c.(*ast.Text); ok && joins(last, next); next, ok = c.(*ast.Text) {
				last, c = next, next.NextSibling()
			}
			r.nameRun(parent, at, last)
		case *anchor, *words, *ast.CodeSpan:
		default:
			r.names(at)
		}
	}
}

// joins reports whether two texts are one that was cut.
func joins(a, b *ast.Text) bool {
	return !a.SoftLineBreak() && !a.HardLineBreak() && a.Segment.Stop == b.Segment.Start
}

// nameRun puts links into the run of texts from first to last.
func (r *reading) nameRun(parent ast.Node, first, last *ast.Text) {
	at, stop := first.Segment.Start, last.Segment.Stop
	base := at
	var links []ast.Node
	for _, n := range namesIn(r.source[at:stop]) {
		link := r.nameLink(string(r.source[base+n.start : base+n.stop]))
		if link == nil {
			continue
		}
		if base+n.start > at {
			links = append(links, ast.NewTextSegment(text.NewSegment(at, base+n.start)))
		}
		links = append(links, link)
		at = base + n.stop
	}
	if len(links) == 0 {
		return
	}
	for _, link := range links {
		parent.InsertBefore(parent, first, link)
	}
	for c := ast.Node(first); c != last; {
		next := c.NextSibling()
		parent.RemoveChild(parent, c)
		c = next
	}
	last.Segment = text.NewSegment(at, stop) // keeps the line break that follows
}

// nameLink is the link that a name becomes; nil when nobody is called so.
func (r *reading) nameLink(typed string) ast.Node {
	if typed[0] == '#' {
		r.countLink()
		return newAnchor("/threads/"+typed[1:], "", typed)
	}
	handle := strings.ToLower(typed[1:])
	again := r.handle(handle)
	id, known := r.refs.People[handle]
	if !known {
		return nil
	}
	if again {
		r.countLink() // the first is counted as a mention
	}
	return newAnchor("/people/"+strconv.FormatInt(id, 10), "mention", typed)
}

// handle notes a handle and reports whether it was named before.
func (r *reading) handle(handle string) (again bool) {
	for _, h := range r.handles {
		if h == handle {
			return true
		}
	}
	if len(r.handles) == maxMentions {
		r.stop("mentions", maxMentions)
		return false
	}
	r.handles = append(r.handles, handle)
	return false
}

// namesIn finds what has the form of a name, in one pass.
func namesIn(text []byte) (found []name) {
	for i := 0; i < len(text); i++ {
		length := 0
		switch {
		case text[i] != '@' && text[i] != '#' || !mayBegin(text[:i]):
		case text[i] == '@':
			length = handleLength(text[i+1:])
		default:
			length = idLength(text[i+1:])
		}
		if length > 0 {
			found = append(found, name{i, i + 1 + length})
			i += length
		}
	}
	return found
}

// mayBegin reports whether a name may follow text: not inside a word, an address, a
// path, a reference ("&#35;") or behind a backslash.
func mayBegin(text []byte) bool {
	before, size := utf8.DecodeLastRune(text)
	return size == 0 || !wordly(before) && !strings.ContainsRune(`.@/\&#+`, before)
}

// wordly is true of what words and handles are made of.
func wordly(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// handleForm is letters and digits with single hyphens between them.
var handleForm = regexp.MustCompile(`^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*`)

// handleLength is the length of the handle that a text begins with. It is 0 of
// "b.example", "scope/package" and "name@place", which are something else.
func handleLength(text []byte) int {
	n := len(handleForm.Find(text))
	if n == 0 || n > maxHandle {
		return 0
	}
	next, size := utf8.DecodeRune(text[n:])
	beyond, _ := utf8.DecodeRune(text[n+size:])
	if size > 0 && (wordly(next) || next == '@') || (next == '.' || next == '/') && wordly(beyond) {
		return 0
	}
	return n
}

// idForm is a thread's number.
var idForm = regexp.MustCompile(`^[1-9][0-9]{0,9}`)

// idLength is the length of the thread's number that a text begins with; 0 when a
// word, a colour or a longer number begins so.
func idLength(text []byte) int {
	n := len(idForm.Find(text))
	if next, size := utf8.DecodeRune(text[n:]); size > 0 && (wordly(next) || next == '#') {
		return 0
	}
	return n
}
