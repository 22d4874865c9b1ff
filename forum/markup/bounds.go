package markup

import (
	"regexp"
	"strings"
)

// The bounds of a post. The forum's own limit of a body lies below maxSize.
const (
	maxSize        = 64 << 10 // bytes
	maxLines       = 2000
	maxLine        = 10 << 10 // bytes
	maxNesting     = 20       // quotes and lists, one inside the other
	maxDepth       = 64       // nodes, one inside the other: a list takes two of them
	maxLinks       = 50
	maxPictures    = 20
	maxMentions    = 20
	maxColumns     = 30
	maxCells       = 2000     // of one table
	maxAllCells    = 4000     // of all tables
	maxDefinitions = 100      // of link addresses
	maxTargets     = 64 << 10 // bytes of defined addresses, each time they are used
	maxOpeners     = 500      // in a paragraph, of emphasis and links, without a partner
	maxUnclosed    = 50       // in a paragraph, of code, without a partner and of different length
	maxSpecials    = 2000     // in a paragraph, with or without a partner
)

// measure passes once over a source before it is parsed. It finds what makes the
// parser's reading of lines dear; what makes the reading of paragraphs dear, the
// budget finds.
func measure(source string) *TooMuch {
	if len(source) > maxSize {
		return &TooMuch{What: "size", Limit: maxSize}
	}
	if strings.Count(source, "\n") > maxLines {
		return &TooMuch{What: "lines", Limit: maxLines}
	}
	var levels nesting
	for line := range strings.SplitSeq(source, "\n") {
		if len(line) > maxLine {
			return &TooMuch{What: "line", Limit: maxLine}
		}
		if levels.line(line) > maxNesting {
			return &TooMuch{What: "nesting", Limit: maxNesting}
		}
	}
	return nil
}

// nesting counts how many quotes and lists are open, one inside the other. It may
// count more than the parser will find (it does not know code blocks), never fewer:
// a list is taken to be open until an item begins left of its text.
type nesting struct {
	lists []int // the columns where the open items' text begins
}

// line reads a line's quote and list marks and returns the depth they reach.
func (n *nesting) line(line string) int {
	rule := ruleStart(line)
	quotes, column, depth := 0, 0, 0
	for i := 0; i < len(line) && i < rule; {
		width := 1
		switch line[i] {
		case ' ':
		case '\t':
			column += 3 - column%4
		case '>':
			quotes++
		default:
			if width = markWidth(line[i:]); width == 0 {
				return depth
			}
			n.item(column, width)
		}
		column, i = column+width, i+width
		depth = quotes + len(n.lists)
		if depth > maxNesting {
			return depth
		}
	}
	return depth
}

// item closes the lists that an item at this column is not inside of, and opens it.
func (n *nesting) item(column, width int) {
	for len(n.lists) > 0 && n.lists[len(n.lists)-1] > column {
		n.lists = n.lists[:len(n.lists)-1]
	}
	n.lists = append(n.lists, column+width+1)
}

// listMark is what a list's item begins with (CommonMark 0.31.2 §5.2).
var listMark = regexp.MustCompile(`^(?:[-*+]|[0-9]{1,9}[.)])(?:[ \t]|$)`)

// markWidth is the width of the list mark that a text begins with; 0 without one.
func markWidth(s string) int { return len(strings.TrimRight(listMark.FindString(s), " \t")) }

// ruleStart is where the tail of a line begins that is a thematic break, "* * *",
// which is no list of lists (CommonMark 0.31.2 §4.1).
func ruleStart(line string) int {
	line = strings.TrimRight(line, " \t")
	if line == "" {
		return 0
	}
	mark := line[len(line)-1]
	if mark != '-' && mark != '*' && mark != '_' {
		return len(line)
	}
	start := len(strings.TrimRight(line, string(mark)+" \t"))
	if strings.Count(line[start:], string(mark)) < 3 {
		return len(line)
	}
	return start
}
