package mail

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// announces is how somebody says that their answers stand in the mail that they answer.
// Outlook marks nothing there as quoted.
var announces = regexp.MustCompile(`(?i)\b(?:(?:answer|answers|answered|reply|replies|replied|comment|comments|response|responses|responded|thoughts|notes|see|please find)\b[^.\n]{0,40}\b(?:below|underneath|in[- ]?line)\b` +
	`|in[- ]?line\b|in (?:red|blue|green|bold|purple|orange|capitals|caps)\b|(?:ateb|atebion|sylwadau|gweler|gwelwch)\b[^.\n]{0,40}\bisod\b|mewn (?:coch|glas|gwyrdd|llythrennau bras)\b)`)

// belowMost is how many lines of a quoted mail are held against what was said before.
const belowMost = 2000

// AnswersBelow is what stands below somebody's words, under the head of the mail that they
// answer, where they say that their answers are in it: then not all of it is quoted. It is
// empty of other mails.
func AnswersBelow(text string) string {
	lines := strings.Split(tidy(text), "\n")
	if len(lines) > linesMost {
		return ""
	}
	above, below, marked := cutBelow(withoutHead(lines))
	if marked || len(below) > belowMost || !announces.MatchString(strings.Join(above, "\n")) {
		return ""
	}
	return strings.Join(below, "\n")
}

// Among are the words among lines that nobody has said before, each with the line above it
// that it answers. What was said is all that the mail may have quoted; what stands above the
// first line of that, and from the first link on below the last that leads to a domain of
// ours, is the quoted mail's own. It is empty where nothing was added, or where none of what
// was said is found.
func Among(lines, said string, ours ...string) string {
	whole := strings.Split(lines, "\n")
	quoted := quotedOf(whole, " "+plain(said)+" ")
	first, last := slices.Index(quoted, true), len(quoted)-1
	if first < 0 {
		return ""
	}
	for !quoted[last] {
		last--
	}
	end := last + 1
	for end < len(whole) && !linksTo(whole[end], ours) {
		end++
	}
	out := answersAmong(whole[first:end], quoted[first:end])
	if n := len(out); n > 0 && end < len(whole) && strings.HasSuffix(out[n-1], ":") {
		out = out[:n-1] // what led to the address
	}
	return published(strings.Join(trimmed(out), "\n"))
}

// wholeLink is a line that is a link and nothing else, as below our mails: others write an
// address among their words.
var wholeLink = regexp.MustCompile(`^(?:[^<>/]*<)?(https?://[^\s<>]+)>?$`)

// linksTo reports whether a line is a link to one of some domains, also by way of a program
// that looks at links first.
func linksTo(line string, domains []string) bool {
	link := wholeLink.FindStringSubmatch(strings.TrimSpace(line))
	return link != nil && slices.ContainsFunc(domains, func(domain string) bool {
		return strings.Contains(strings.ToLower(link[1]), domain)
	})
}

// answersAmong is those of lines that are not quoted, under the line above them that is.
func answersAmong(lines []string, quoted []bool) (out []string) {
	own, above := false, ""
	for i, line := range lines {
		switch words := shown(line); {
		case quoted[i]:
			above, own = words, false
		case words != "" && !own && above != "":
			out, own = append(out, "", "> "+above, "", line), true
		case words != "" || own:
			out = append(out, line)
		}
	}
	return out
}

// quotedOf tells of each line whether it was said before: a short one only as it goes on
// from the line above it, or where it stood on a line of its own.
func quotedOf(lines []string, said string) []bool {
	quoted := make([]bool, len(lines))
	run := ""
	for i, line := range lines {
		words := plain(line)
		if words == "" {
			continue
		}
		longer := strings.TrimSpace(run + " " + words)
		switch {
		case len(longer) < 8*len(words)+400 && strings.Count(longer, " ") > 2 && strings.Contains(said, " "+longer+" "):
			quoted[i], run = true, longer
		case strings.Count(words, " ") > 2 && strings.Contains(said, " "+words+" "):
			quoted[i], run = true, words
		default:
			run = ""
		}
	}
	return quoted
}

// addresses are what a line shows less of than its source.
var addresses = regexp.MustCompile(`\(?https?://[^\s)>]*\)?`)

// plain is words without their signs, links and capitals, to compare them.
func plain(text string) string {
	text = addresses.ReplaceAllString(linkMark.ReplaceAllString(text, ""), " ")
	return strings.ToLower(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " "))
}
