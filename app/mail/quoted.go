package mail

import (
	"slices"
	"strings"
)

// attribution stands in for the line that says whose the quoted words are.
const attribution = "\x00"

// attributed is how many lines from i on say who wrote what is quoted below: 0 for none.
func attributed(lines []string, i int) int {
	if lines[i] == attribution {
		return 1
	}
	if isBlank(lines[i]) || isQuoted(lines[i]) {
		return 0
	}
	joined := ""
	for n, line := range lines[i:min(i+5, len(lines))] {
		n++
		if isBlank(line) || isQuoted(line) {
			return 0
		}
		joined += " " + line
		after := next(lines, i+n)
		quoted := after < len(lines) && isQuoted(lines[after])
		if saysWho(joined[1:], quoted) || n == 1 && quoted && otherWrote.MatchString(line) {
			return n
		}
	}
	return 0
}

// saysWho reports whether words say who wrote something and when.
func saysWho(words string, quoted bool) bool {
	return wroteBegin.MatchString(words) && wroteEnd.MatchString(words) && strings.ContainsAny(words, "0123456789") &&
		(quoted || strings.Contains(words, "@"))
}

// markedAttribution reports whether the quotation that begins with line i says itself, in
// its first lines, whose it is, as Apple's programs have it.
func markedAttribution(lines []string, i int) bool {
	if !isQuoted(lines[i]) || i > 0 && isQuoted(lines[i-1]) {
		return false
	}
	joined := ""
	for _, line := range lines[i:min(i+3, len(lines))] {
		joined += " " + unmarked(line)
		if saysWho(joined[1:], false) {
			return true
		}
	}
	return false
}

// unmarked is a quoted line's words.
func unmarked(line string) string { return strings.TrimLeft(line, "> ") }

// withoutQuoted takes out what is quoted from the mail that is answered. Where somebody
// has answered it point by point, the point stays above each answer.
func withoutQuoted(lines []string, name string) []string {
	at, n := -1, 0
	lines = trimmed(lines)
	_, lastOwn := stretches(withoutCard(lines, name))
	for i := range lines {
		if n = attributed(lines, i); n > 0 {
			at = i
			break
		}
		if i > lastOwn && i > 0 && markedAttribution(lines, i) {
			return lines[:i]
		}
	}
	if at < 0 {
		return lines
	}
	above, below := lines[:at], lines[at+n:]
	if j := next(below, 0); j == len(below) || !isQuoted(below[j]) {
		if len(trimmed(above)) > 0 {
			return above // quoted without a mark
		}
		return slices.Concat(above, below)
	}
	below = withoutCard(below, name)
	own, last := stretches(below)
	switch {
	case own == 0:
		return above
	case own == 1:
		below = slices.DeleteFunc(slices.Clone(below), isQuoted)
	default:
		below = points(below[:last+1])
	}
	return slices.Concat(trimmed(above), []string{""}, trimmed(below))
}

// points is answers with what each answers: of a longer quotation that is its last paragraph.
func points(lines []string) (out []string) {
	point, ended := []string(nil), false // the paragraph that is quoted, and whether it is over
	for _, line := range lines {
		if isQuoted(line) {
			if words := unmarked(line); words == "" {
				ended = true
			} else if ended {
				point, ended = []string{line}, false
			} else {
				point = append(point, line)
			}
			continue
		}
		if len(point) == 0 {
			out = append(out, line)
		} else if !isBlank(line) {
			out = append(append(trimmed(out), ""), point...)
			out = append(out, "", line)
			point, ended = nil, false
		}
	}
	return out
}

// stretches counts the stretches of own words, and tells where the last of them ends.
func stretches(lines []string) (own, last int) {
	within := false
	for i, line := range lines {
		switch {
		case isQuoted(line):
			within = false
		case !isBlank(line):
			if !within {
				own++
			}
			last, within = i, true
		}
	}
	return own, last
}
