package mail

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// HTMLText is the words of a mail's HTML, as its text part would have them: quotations
// behind "> ", lists with their marks, an end of line where one shows.
func HTMLText(source string) string {
	w := &htmlText{}
	tokens := html.NewTokenizer(strings.NewReader(source))
	tokens.SetMaxBuf(textMost)
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(w.out.String())
		case html.TextToken:
			if w.silent == 0 {
				w.words(string(tokens.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(tokens.Token())
		case html.EndTagToken:
			w.end(tokens.Token().DataAtom)
		}
	}
}

// listsMost is how deep lists are told apart.
const listsMost = 10

// htmlText is text while it is written.
type htmlText struct {
	out    strings.Builder
	quotes int    // how deep in quotations
	silent int    // how deep in what shows no words
	pre    int    // how deep in what keeps its line ends
	lists  []int  // the next number of each list; 0 without numbers
	begun  bool   // the line has words
	link   string // where the link leads that is being written
	linkAt int    // where its words begin
	blank  int    // line ends since the last words
	space  bool   // a space is due before the next word
	cell   bool   // a sign between two cells is
}

// line ends the line, and with two leaves one empty.
func (w *htmlText) line(ends int) {
	if w.out.Len() == 0 {
		return
	}
	for w.blank < ends {
		if w.blank++; w.blank > 1 || !w.begun {
			w.out.WriteString(strings.TrimRight(w.mark(), " "))
		}
		w.out.WriteString("\n")
		w.begun = false
	}
	w.space, w.cell = false, false
}

// mark is what a line of a quotation begins with.
func (w *htmlText) mark() string { return strings.Repeat("> ", min(w.quotes, 5)) }

// write writes within a line.
func (w *htmlText) write(text string) {
	if !w.begun {
		w.out.WriteString(w.mark())
	} else if w.cell {
		w.out.WriteString(" | ")
	} else if w.space {
		w.out.WriteString(" ")
	}
	w.out.WriteString(text)
	w.begun, w.blank, w.space, w.cell = true, 0, false, false
}

// words writes what stands between tags, its spaces as they show.
func (w *htmlText) words(text string) {
	if w.pre > 0 {
		for i, line := range strings.Split(text, "\n") {
			if i > 0 {
				w.line(w.blank + 1)
			}
			if line = strings.TrimRight(line, " \r"); line != "" {
				w.write(line)
			}
		}
		return
	}
	fields := strings.Fields(text)
	if text != "" && strings.ContainsAny(text[:1], " \t\r\n") {
		w.space = w.begun
	}
	for i, word := range fields {
		if i > 0 {
			w.space = true
		}
		w.write(word)
	}
	if len(fields) > 0 && strings.ContainsAny(text[len(text)-1:], " \t\r\n") {
		w.space = true
	}
}

// start meets the begin of an element.
func (w *htmlText) start(t html.Token) {
	switch t.DataAtom {
	case atom.Style, atom.Script, atom.Title, atom.Head:
		if t.Type == html.StartTagToken {
			w.silent++
		}
	case atom.Body:
		w.silent = 0
	case atom.Br:
		w.line(min(w.blank+1, 2))
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.line(2)
	case atom.Div, atom.Tr, atom.Hr, atom.Table:
		w.line(1)
	case atom.Td, atom.Th:
		w.cell = w.begun
	case atom.A:
		w.leads(t)
	case atom.Pre:
		w.line(2)
		w.pre++
	case atom.Blockquote:
		w.line(1)
		w.quotes++
	default:
		w.startList(t.DataAtom)
	}
}

// startList meets the begin of a list, or of an item of one.
func (w *htmlText) startList(a atom.Atom) {
	switch a {
	case atom.Ul, atom.Ol:
		w.line(1)
		w.list(a == atom.Ol)
	case atom.Li:
		w.line(1)
		w.item()
	}
}

// leads notes where a link leads that begins here.
func (w *htmlText) leads(t html.Token) {
	w.link, w.linkAt = "", w.out.Len()
	for _, a := range t.Attr {
		if to := strings.TrimSpace(a.Val); a.Key == "href" && (strings.HasPrefix(to, "http") || strings.HasPrefix(to, "mailto:")) && !strings.ContainsAny(to, " <>\n") {
			w.link = to
		}
	}
}

// led writes where a link leads behind its words, as in the text that programs make.
func (w *htmlText) led() {
	if on := strings.TrimSpace(w.out.String()[w.linkAt:]); w.link != "" && on != "" && w.begun {
		w.out.WriteString("<" + w.link + ">")
	}
	w.link = ""
}

// list begins a list.
func (w *htmlText) list(numbered bool) {
	first := 0
	if numbered {
		first = 1
	}
	if len(w.lists) < listsMost {
		w.lists = append(w.lists, first)
	}
}

// item begins an item of a list.
func (w *htmlText) item() {
	mark := "-"
	if n := len(w.lists); n > 0 && w.lists[n-1] > 0 {
		mark = fmt.Sprintf("%d.", w.lists[n-1])
		w.lists[n-1]++
	}
	w.write(strings.Repeat("   ", max(0, len(w.lists)-1)) + mark)
	w.space = true
}

// end meets the end of an element.
func (w *htmlText) end(a atom.Atom) {
	switch a {
	case atom.Style, atom.Script, atom.Title, atom.Head:
		w.silent = max(0, w.silent-1)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.line(2)
	case atom.Div, atom.Tr, atom.Li:
		w.line(1)
	case atom.A:
		w.led()
	case atom.Pre:
		w.line(2)
		w.pre = max(0, w.pre-1)
	case atom.Blockquote:
		w.line(1)
		w.quotes = max(0, w.quotes-1)
	case atom.Ul, atom.Ol:
		if n := len(w.lists); n > 0 {
			w.lists = w.lists[:n-1]
		}
		w.line(1)
		if len(w.lists) == 0 {
			w.line(2)
		}
	}
}
