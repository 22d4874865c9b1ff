package mail

import (
	"regexp"
	"slices"
	"strings"
)

// openings are how what organisations put below mails begins. Nobody begins a paragraph of
// their own so, or says it with two of the marks in it.
var openings = []string{"this email and", "this e-mail and", "this message and", "this email is", "this e-mail is", "this message is", "this email may", "this e-mail may", "this message may", "this email, ", "this email (",
	"this email contains", "this message contains", "this email has", "this email originated", "this message originated", "this communication", "this transmission", "the information in this", "the information contained in",
	"the contents of this", "the content of this", "confidentiality", "disclaimer", "important notice", "private and confidential", "privileged and confidential", "caution:", "warning:", "external email",
	"any views", "any opinions", "the views expressed", "views expressed", "please consider the environment", "consider the environment", "before printing", "think before you print",
	"if you have received this", "if you are not the", "if you received this", "we welcome correspondence", "we welcome receiving correspondence", "all emails", "email sent to",
	"mae'r neges hon", "mae'r e-bost hwn", "mae'r ebost hwn", "neges gyfrinachol", "cyfrinachol", "ymwadiad", "rydym yn croesawu gohebiaeth", "rydyn ni'n croesawu gohebiaeth", "croesawn ohebiaeth", "croesewir gohebiaeth", "mae croeso i chi gysylltu", "you are welcome to contact us in welsh", "correspondence in welsh",
	"os nad chi yw", "ystyriwch yr amgylchedd", "os ydych wedi derbyn"}

// marks are what such a paragraph goes on with. Words that colleagues have a use for when
// they write of their work, such as data protection or a virus, are none.
var marks = []string{"any attachment", "any attached", "any files transmitted", "confidential", "intended recipient", "intended solely", "solely for the", "intended only for", "in error", "notify the sender",
	"inform the sender", "contact the sender", "legally privileged", "are those of the author", "not necessarily", "cannot accept", "accepts no liability", "no liability", "may be monitored",
	"are monitored", "before printing", "before you print", "consider the environment", "welcome correspondence", "welcome receiving correspondence", "in welsh", "without delay", "lead to a delay", "will not lead to", "not click", "originated from outside", "outside of the organisation", "outside the organisation",
	"atodiad", "gyfrinachol", "derbynnydd", "derbyniwr", "mewn camgymeriad", "trwy gamgymeriad", "drwy gamgymeriad", "rhowch wybod i'r anfonwr", "a'i dileu", "dilëwch", "nid yw o reidrwydd", "cyn argraffu",
	"yn gymraeg", "heb oedi", "arwain at oedi", "ni fydd gohebu", "ni fydd hynny"}

// What is looked at as a disclaimer is at most so long.
const disclaimerLines, disclaimerBytes = 40, 6000

// isDisclaimer reports whether a paragraph is what an organisation puts below mails: it
// begins as they do, and has several of their marks; more of them where nothing above
// says that somebody's own words are over.
func isDisclaimer(paragraph string, ended bool) bool {
	paragraph = strings.ToLower(strings.ReplaceAll(paragraph, "’", "'"))
	start := strings.TrimLeft(paragraph, "*_=-#>[( \t")
	if !slices.ContainsFunc(openings, func(opening string) bool { return strings.HasPrefix(start, opening) }) {
		return false
	}
	n, want := 0, 4
	if ended {
		want = 2
	}
	for _, mark := range marks {
		if strings.Contains(paragraph, mark) {
			n++
		}
	}
	return n >= want
}

// withoutDisclaimer takes out the last paragraph, and a row of signs above it, where an
// organisation has put it there.
func withoutDisclaimer(lines []string) []string {
	start, paragraph := lastParagraph(lines)
	if paragraph == "" || listLine.MatchString(lines[start]) || !isDisclaimer(paragraph, isRow(lines[start]) || endsAbove(lines[:start])) {
		return lines
	}
	lines = trimmed(lines[:start])
	if n := len(lines); n > 0 && isRow(lines[n-1]) {
		lines = lines[:n-1]
	}
	return lines
}

// How warnings begin that a mail server puts above what comes from outside, and what they
// go on with: three of these, and nobody has written it themselves.
var (
	warnings     = []string{"external", "caution", "warning", "this email originated", "this message originated", "this email has come from", "this email came from", "allanol", "rhybudd", "e-bost allanol"}
	warningMarks = []string{"originated from outside", "outside of the", "outside the", "outside your", "from outside", "not click", "clicking", "recogni", "content is safe", "links or", "links and", "attachments",
		"tu allan i", "peidiwch â chlicio", "atodiadau", "adnabod", "dolenni"}
	tagLine = regexp.MustCompile(`(?i)^[\[*(]*\s*(?:external|allanol)(?:\s+(?:e-?mail|sender|message))?\s*[\])*:]*$`)
)

// withoutBanner takes out what lines begin with where that is such a warning, and there is
// more.
func withoutBanner(lines []string) []string {
	end, n := bannerMarks(lines)
	if len(lines) > 0 && tagLine.MatchString(lines[0]) {
		end, n = max(end, 1), 3
	}
	rest := trimmed(lines[end:])
	if n < 3 || len(rest) == 0 {
		return lines
	}
	begins := strings.ToLower(strings.TrimLeft(lines[0], "*_=-#>[( \t"))
	if !slices.ContainsFunc(warnings, func(begin string) bool { return strings.HasPrefix(begins, begin) }) {
		return lines
	}
	return rest
}

// bannerMarks counts the marks of a warning that lines begin with, and tells where it ends:
// as soon as a line below the first has none. Somebody may have begun there.
func bannerMarks(lines []string) (end, n int) {
	for i := 0; i < len(lines) && i <= disclaimerLines && (i < 2 || end == i); i++ {
		for _, mark := range warningMarks {
			if strings.Contains(strings.ToLower(lines[i]), mark) {
				end, n = i+1, n+1
			}
		}
		if isBlank(lines[i]) {
			break
		}
	}
	return end, n
}

// isRow reports whether a line is a row of signs.
func isRow(line string) bool { return strings.Trim(line, "*_=-# ") == "" }

// endsAbove reports whether something near the end of lines says that somebody's own words
// are over: a greeting, the sign of a signature, a row of signs, or another disclaimer.
func endsAbove(lines []string) bool {
	lines = trimmed(lines)
	for _, line := range lines[max(0, len(lines)-signatureMost):] {
		if line == "--" || line == signatureSign || closing.MatchString(line) || isRow(line) && !isBlank(line) {
			return true
		}
	}
	_, paragraph := lastParagraph(lines)
	return isDisclaimer(paragraph, false)
}

// lastParagraph is where the last paragraph begins, and what it says: nothing where it is
// too long to be a disclaimer.
func lastParagraph(lines []string) (start int, paragraph string) {
	start = len(lines)
	for start > 0 && len(lines)-start <= disclaimerLines && !isBlank(lines[start-1]) {
		start--
	}
	if start > 0 && start < len(lines) && !isBlank(lines[start-1]) {
		return start, ""
	}
	if paragraph = strings.Join(lines[start:], " "); len(paragraph) > disclaimerBytes {
		return start, ""
	}
	return start, paragraph
}
