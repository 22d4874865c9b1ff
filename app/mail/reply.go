package mail

import (
	"regexp"
	"slices"
	"strings"
)

// The words by which mail programs begin what they quote, in English and Welsh.
var (
	fromLine     = heading(`From|Oddi wrth|O`, `\s*\S`)
	sentLine     = heading(`Sent|Date|Anfonwyd|Dyddiad`, `\s`)
	toLine       = heading(`To|Cc|At|I`, `\s`)
	subjectLine  = heading(`Subject|Pwnc|Testun`, ``)
	originalLine = regexp.MustCompile(`^\s*(?:-{2,}\s*(?i:original message|original appointment|forwarded message|neges wreiddiol|neges a anfonwyd ymlaen)\s*-{2,}|Begin forwarded message:|Dechrau neges a anfonwyd ymlaen:|>>> .*\d.* >>>)\s*$`)
	wroteBegin   = regexp.MustCompile(`^\s*(?:On|Ar|Ddydd|Dydd)\s`)
	wroteEnd     = regexp.MustCompile(`(?:\bwrote|ysgrifennodd\b.*|ysgrifennwyd gan\b.*)\s*:\s*$`)
	otherWrote   = regexp.MustCompile(`@.*:\s*$`)
	ruleLine     = regexp.MustCompile(`^\s*[_-]{5,}\s*$`)
	mobileLine   = regexp.MustCompile(`(?i)^\s*(?:sent from (?:my |samsung |outlook for |mail for |gmail mobile|yahoo mail|workspace one)|get outlook for |anfonwyd o(?:'r|’r|ddi ar)? ?(?:fy |outlook )|wedi(?:'i|’i) anfon o|cael outlook ar gyfer ).{0,60}$|^\s*this (?:e-?mail|message) (?:has been|was) (?:scanned|checked) .{0,120}$`)
	contact      = regexp.MustCompile(`(?i)(?:\+44|\b0\d{2,4})[\s\d()]{6,}|\S+@\S+\.\S+|\bwww\.|https?://|\b(?:tel|ffôn|ffon|mob|mobile|symudol|direct line)\b\s*:?`)
	listLine     = regexp.MustCompile(`^\s*(?:\d+[.)]|[-*•])\s+\S`)
	closing      = regexp.MustCompile(`(?i)^\s*(?:kind(?:est)? regards|warm regards|best regards|regards|best wishes|many thanks|thanks|thank you|cheers|best|yours sincerely|cofion|cofion cynnes|cofion gorau|dymuniadau gorau|yn gywir|diolch|diolch yn fawr|llawer o ddiolch|kr|br)(?:\s*(?:/|\|)\s*[\pL ]{1,30})?\s*[,.!]?\s*$`)
)

// heading is how a line of a quoted mail's head begins, also where an organisation has it
// in both languages: "Oddi wrth / From: ".
func heading(names, after string) *regexp.Regexp {
	return regexp.MustCompile(`^\s*(?:>\s*)*\*?(?:` + names + `)(?:\s*/\s*(?:` + names + `))?\s*:\*?` + after)
}

// secret is what is for one reader alone in the addresses of our mails, as they stand in
// what somebody quotes: whoever has it can write in their name, or stop what comes to them.
// Programs may have written it otherwise, within links of theirs.
var secret = regexp.MustCompile(`(?i)((?:/|%2F)(?:unsubscribe|mailboxes|confirm)(?:/|%2F)|\b(?:reply|ask|unsubscribe|bounce)(?:\+|%2B))[a-z2-7]{16,}`)

// linesMost is how many lines are looked through; a text that has more is kept as it is.
const linesMost = 20000

// layersMost is how often what stands below somebody's words is looked for: a signature,
// what their phone and their organisation say. Each look may take in many lines.
const layersMost = 12

// Words are what somebody wrote themselves in a mail's text: without what they answer,
// their signature, and what their organisation puts around each mail. Where it is not
// sure, too much is kept. The name is theirs, where it is known.
func Words(text, name string) string {
	lines := strings.Split(tidy(text), "\n")
	if len(lines) > linesMost {
		return published(strings.TrimSpace(text))
	}
	for i := range lines {
		if lines[i] != signatureSign {
			lines[i] = strings.TrimRight(lines[i], " \t")
		}
	}
	name = asCalled(name)
	above, below, marked := cutBelow(withoutHead(lines))
	if marked {
		above = slices.Concat(above, []string{attribution}, below)
	}
	lines = slices.DeleteFunc(slices.Clone(withoutQuoted(above, name)), func(line string) bool { return line == attribution })
	return published(strings.Join(withoutCard(lines, name), "\n"))
}

// published is words as they can stand on the site: links beside what they are on, a
// picture by its name, and no reader's own addresses.
func published(words string) string {
	words = linked.ReplaceAllStringFunc(words, func(both string) string {
		on, to, _ := strings.Cut(strings.TrimSuffix(both, ">"), "<")
		if on == "" || on[0] == '<' {
			return both
		}
		if bare(on) == bare(to) {
			return on
		}
		return on + " <" + to + ">"
	})
	return secret.ReplaceAllString(pictureMark.ReplaceAllString(words, "[$1]"), "$1…")
}

// linked is the end of words that are a link, and where it leads, as mail programs write it.
var linked = regexp.MustCompile(`[^<>\s]+<(?:https?|mailto|tel):[^<>\s]+>`)

// bare is an address without what goes without saying.
func bare(address string) string {
	for _, begin := range []string{"mailto:", "tel:", "https://", "http://"} {
		address = strings.TrimPrefix(address, begin)
	}
	return strings.ToLower(strings.TrimSuffix(address, "/"))
}

// withoutCard takes off, layer by layer, what stands below somebody's words.
func withoutCard(lines []string, name string) []string {
	for range layersMost {
		before := len(lines)
		lines = withoutMobile(trimmed(lines))
		lines = withoutDisclaimer(trimmed(lines))
		lines = withoutMarking(trimmed(lines))
		lines = withoutSignature(trimmed(lines), name)
		lines = withoutClosing(trimmed(lines), name)
		lines = withoutName(trimmed(lines), name)
		if lines = trimmed(lines); len(lines) == before {
			break
		}
	}
	return lines
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

// cutBelow cuts off what a mail program has put below the words as a whole, under headers
// or a line that says so. Where that is marked line by line, somebody may have answered
// it in between.
func cutBelow(lines []string) (above, below []string, marked bool) {
	for i := range lines {
		n := headLines(lines, i)
		if n == 0 {
			continue
		}
		above, below = lines[:i], lines[i+n:]
		if j := len(trimmed(above)); j > 0 {
			above = above[:lastInked(above)+1]
			if ruleLine.MatchString(above[len(above)-1]) {
				above = above[:len(above)-1]
			}
		}
		j := next(below, 0)
		return above, below, j < len(below) && isQuoted(below[j])
	}
	return lines, nil, false
}

// headLines is how many lines from i on head a mail that is quoted below them: 0 for none.
func headLines(lines []string, i int) int {
	if originalLine.MatchString(lines[i]) {
		if j := next(lines, i+1); j < len(lines) {
			if more := headerLines(lines, j); more > 0 {
				return j - i + more
			}
		}
		return 1
	}
	if isQuoted(lines[i]) {
		return 0
	}
	return headerLines(lines, i)
}

// lastInked is the place of the last line that is not empty.
func lastInked(lines []string) int {
	i := len(lines) - 1
	for i > 0 && isBlank(lines[i]) {
		i--
	}
	return i
}
