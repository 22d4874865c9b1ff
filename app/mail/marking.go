package mail

import (
	"regexp"
	"strings"
)

// markings are lines by which an organisation says how a mail is to be handled (Government
// Security Classifications), as programs put them above and below its words.
var markings = regexp.MustCompile(`(?i)^[\s\[(*_#-]*(?:(?:classification|sensitivity|protective marking|security (?:label|marking)|dosbarthiad)\s*:\s*)?` +
	`(?:official(?:[\s:_-]+sensitive[\w\s:,\[\]-]{0,40})?|swyddogol(?:[\s:_-]+sensitif)?|unclassified|not protectively marked|nid yw wedi’i farcio)[\s\])*_#.-]*$`)

// sensitive is what such a line says of what is not for everybody.
var (
	sensitive       = regexp.MustCompile(`(?i)\b(?:official[\s:_-]+sensitive|swyddogol[\s:_-]+sensitif)`)
	sensitiveTitle  = regexp.MustCompile(`^\W*OFFICIAL[\s:_-]+SENSITIVE\b|[\[(]OFFICIAL[\s:_-]+SENSITIVE[^\])]*[\])]\s*$`)
	sensitiveLabels = regexp.MustCompile(`(?i)_name=official(?:[\s:_-]|%20)*sensitive`)
)

// isMarking reports whether a line is one, and nothing else.
func isMarking(line string) bool { return len(line) <= 100 && markings.MatchString(line) }

// withoutMarking takes out the last line where it is one.
func withoutMarking(lines []string) []string {
	if n := len(lines); n > 1 && isMarking(lines[n-1]) {
		return lines[:n-1]
	}
	return lines
}

// withoutHead takes out what an organisation puts above the words: a marking, a warning.
func withoutHead(lines []string) []string {
	for range 3 {
		before := len(lines)
		if lines = trimmed(lines); len(lines) > 1 && isMarking(lines[0]) {
			lines = trimmed(lines[1:])
		}
		if lines = withoutBanner(lines); len(lines) == before {
			break
		}
	}
	return lines
}

// marked reports whether a mail is marked as one that is not for everybody: by a label of
// Outlook's, in its subject, or by a line of its own above what it quotes.
func marked(subject, labels, text string) bool {
	title, _ := titled(subject)
	if sensitiveTitle.MatchString(title) || sensitiveLabels.MatchString(labels) {
		return true
	}
	lines := strings.Split(text, "\n")
	if len(lines) > linesMost {
		return false
	}
	above, _, _ := cutBelow(lines)
	for _, line := range above {
		if !isQuoted(line) && sensitive.MatchString(line) && isMarking(line) {
			return true
		}
	}
	return false
}
