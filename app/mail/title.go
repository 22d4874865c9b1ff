package mail

import (
	"regexp"
)

// What mail programs and organisations put before a subject, in English, Welsh and the
// languages whose programs some have: of an answer or what is sent on, and of other mails.
var (
	beforeAnswer = regexp.MustCompile(`(?i)^(?:re|fw|fwd|aw|antw|wg|sv|vs|tr|odp|ateb|atb|ymlaen|yml|parthed)(?:\s?[\[(^]?\d+[\])]?)?\s*[:：]\s*`)
	beforeTitle  = regexp.MustCompile(`(?i)^\[(?:external|ext|external email|official|allanol|swyddogol)\]:?\s*`)
)

// Title is a mail's subject without what its way here has put before it.
func Title(subject string) string {
	title, _ := titled(subject)
	return title
}

// titled is the title in a subject, and whether that is of an answer or of what is sent on.
func titled(subject string) (title string, answers bool) {
	title = oneLine(tidy(subject))
	for {
		bare := beforeTitle.ReplaceAllString(title, "")
		rest := beforeAnswer.ReplaceAllString(bare, "")
		if rest == title {
			return title, answers
		}
		answers = answers || rest != bare
		title = rest
	}
}
