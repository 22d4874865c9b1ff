package mail

import (
	"regexp"
	"slices"
	"strings"
)

// The words by which mail programs begin what they quote, in English and Welsh.
var (
	fromLine     = regexp.MustCompile(`^\s*(?:>\s*)*\*?(?:From|Oddi wrth|O)\s*:\*?\s*\S`)
	sentLine     = regexp.MustCompile(`^\s*(?:>\s*)*\*?(?:Sent|Date|Anfonwyd|Dyddiad)\s*:\*?\s`)
	toLine       = regexp.MustCompile(`^\s*(?:>\s*)*\*?(?:To|Cc|At|I)\s*:\*?\s`)
	subjectLine  = regexp.MustCompile(`^\s*(?:>\s*)*\*?(?:Subject|Pwnc|Testun)\s*:\*?`)
	originalLine = regexp.MustCompile(`^\s*-{2,}\s*(?i:original message|original appointment|forwarded message|neges wreiddiol|neges a anfonwyd ymlaen)\s*-{2,}\s*$`)
	wroteBegin   = regexp.MustCompile(`^\s*(?:On|Ar|Ddydd|Dydd)\s`)
	wroteEnd     = regexp.MustCompile(`(?:\bwrote|ysgrifennodd\b.*|ysgrifennwyd gan\b.*)\s*:\s*$`)
	otherWrote   = regexp.MustCompile(`@.*:\s*$`)
	ruleLine     = regexp.MustCompile(`^\s*[_-]{5,}\s*$`)
	mobileLine   = regexp.MustCompile(`(?i)^\s*(?:sent from (?:my |outlook for |mail for |yahoo mail|workspace one)|get outlook for |anfonwyd o(?:'r|’r|ddi ar)? ?fy |wedi(?:'i|’i) anfon o|cael outlook ar gyfer ).{0,60}$`)
	contact      = regexp.MustCompile(`(?i)(?:\+44|\b0\d{2,4})[\s\d()]{6,}|\S+@\S+\.\S+|\bwww\.|https?://|\b(?:tel|ffôn|ffon|mob|mobile|symudol|direct line)\b\s*:?`)
	listLine     = regexp.MustCompile(`^\s*(?:\d+[.)]|[-*•])\s+\S`)
	closing      = regexp.MustCompile(`(?i)^\s*(?:kind(?:est)? regards|warm regards|best regards|regards|best wishes|many thanks|thanks|thank you|cheers|best|yours sincerely|cofion|cofion cynnes|cofion gorau|dymuniadau gorau|yn gywir|diolch|diolch yn fawr|llawer o ddiolch|kr|br)(?:\s*(?:/|\|)\s*[\pL ]{1,30})?\s*[,.!]?\s*$`)
)

// linesMost is how many lines are looked through; a text that has more is kept as it is.
const linesMost = 20000

// layersMost is how often what stands below somebody's words is looked for: a signature,
// what their phone and their organisation say. Each look may take in many lines.
const layersMost = 12

// Words are what somebody wrote themselves in a mail's text: without what they answer,
// their signature, and what their organisation puts below each mail. Where it is not
// sure, too much is kept. The name is theirs, where it is known.
func Words(text, name string) string {
	lines := strings.Split(tidy(text), "\n")
	if len(lines) > linesMost {
		return strings.TrimSpace(text)
	}
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	lines = slices.DeleteFunc(slices.Clone(withoutQuoted(cutBelow(lines))), func(line string) bool { return line == attribution })
	for range layersMost {
		before := len(lines)
		lines = withoutMobile(trimmed(lines))
		lines = withoutDisclaimer(trimmed(lines))
		lines = withoutSignature(trimmed(lines))
		lines = withoutClosing(trimmed(lines), name)
		if lines = trimmed(lines); len(lines) == before {
			break
		}
	}
	return strings.Join(lines, "\n")
}

// trimmed is lines without empty ones around them.
func trimmed(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func isQuoted(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " "), ">") }

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

// next is the place of the first line from i on that is not empty.
func next(lines []string, i int) int {
	for i < len(lines) && isBlank(lines[i]) {
		i++
	}
	return i
}

// headerLines is how many lines from i on are the headers of a mail that is quoted: From,
// and at least two others, whose values may go on in the next lines. 0 if they are not.
func headerLines(lines []string, i int) int {
	if !fromLine.MatchString(lines[i]) {
		return 0
	}
	met, last := map[string]bool{}, i
	for j := i + 1; j < len(lines) && j <= last+4 && j < i+20; j++ {
		for name, pattern := range map[string]*regexp.Regexp{"sent": sentLine, "to": toLine, "subject": subjectLine} {
			if pattern.MatchString(lines[j]) {
				met[name], last = true, j
			}
		}
		if met["subject"] && len(met) > 1 {
			break
		}
	}
	if !met["sent"] && !met["subject"] || len(met) < 2 {
		return 0
	}
	return last - i + 1
}

// cutBelow cuts what a mail program has put below the words as a whole, under headers or
// a line that says so. Where that is marked line by line, only the heading goes.
func cutBelow(lines []string) []string {
	for i := range lines {
		n := 0
		if originalLine.MatchString(lines[i]) {
			n = 1
			if j := next(lines, i+1); j < len(lines) {
				if more := headerLines(lines, j); more > 0 {
					n = j - i + more
				}
			}
		} else if !isQuoted(lines[i]) {
			n = headerLines(lines, i)
		}
		if n == 0 {
			continue
		}
		above := lines[:i]
		if j := len(trimmed(above)); j > 0 {
			above = above[:lastInked(above)+1]
			if ruleLine.MatchString(above[len(above)-1]) {
				above = above[:len(above)-1]
			}
		}
		if j := next(lines, i+n); j < len(lines) && isQuoted(lines[j]) {
			return slices.Concat(above, []string{attribution}, lines[i+n:])
		}
		return above
	}
	return lines
}

// lastInked is the place of the last line that is not empty.
func lastInked(lines []string) int {
	i := len(lines) - 1
	for i > 0 && isBlank(lines[i]) {
		i--
	}
	return i
}

// attribution stands in for the line that says whose the quoted words are.
const attribution = "\x00"

// attributed is how many lines from i on say who wrote what is quoted below: 0 for none.
func attributed(lines []string, i int) int {
	if lines[i] == attribution {
		return 1
	}
	if isQuoted(lines[i]) || isBlank(lines[i]) {
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

// withoutQuoted takes out what is quoted from the mail that is answered. Where somebody
// has answered it point by point, what they answer stays above each answer.
func withoutQuoted(lines []string) []string {
	at, n := -1, 0
	for i := range lines {
		if n = attributed(lines, i); n > 0 {
			at = i
			break
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
	own, last := stretches(below)
	switch {
	case own == 0:
		return above
	case own == 1:
		below = slices.DeleteFunc(slices.Clone(below), isQuoted)
	default:
		below = withoutQuotedEnd(below[:last+1], below[last+1:])
	}
	return slices.Concat(above, []string{""}, trimmed(below))
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

// withoutQuotedEnd leaves out what is quoted last, below all answers.
func withoutQuotedEnd(answered, rest []string) []string {
	return slices.Concat(answered, slices.DeleteFunc(slices.Clone(rest), isQuoted))
}

// withoutMobile takes out the line that a phone puts below each mail.
func withoutMobile(lines []string) []string {
	if n := len(lines); n > 0 && mobileLine.MatchString(lines[n-1]) {
		return lines[:n-1]
	}
	return lines
}

// signatureMost is how long a signature is at most.
const signatureMost = 15

// withoutSignature takes out what stands below the sign for it, unless it is too long to
// be one.
func withoutSignature(lines []string) []string {
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-signatureMost; i-- {
		if lines[i] == "--" {
			return lines[:i]
		}
	}
	return lines
}

// withoutClosing takes out a greeting at the end with the card below it: short lines of
// which one tells how to reach the sender, or is just their name.
func withoutClosing(lines []string, name string) []string {
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-signatureMost; i-- {
		if !closing.MatchString(lines[i]) {
			continue
		}
		if isCard(lines[i+1:], name) {
			return lines[:i]
		}
	}
	return lines
}

// isCard reports whether lines tell who somebody is, and nothing else.
func isCard(lines []string, name string) bool {
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	card := len(trimmed(lines)) == 0
	for _, line := range lines {
		words := strings.ToLower(strings.TrimSpace(line))
		if len([]rune(words)) > 90 || strings.HasSuffix(words, "?") || strings.HasSuffix(words, ":") || listLine.MatchString(line) || isQuoted(line) {
			return false
		}
		if contact.MatchString(words) || first != "" && (words == first || words == strings.ToLower(name)) {
			card = true
		}
	}
	return card
}
