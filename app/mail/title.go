package mail

import (
	"regexp"
)

// What mail programs and organisations put before a subject, in English, Welsh and the
// languages whose programs some have.
var beforeTitle = regexp.MustCompile(`(?i)^(?:(?:re|fw|fwd|aw|wg|sv|vs|tr|ateb|ymlaen|parthed)(?:\[\d+\])?\s*:|\[(?:external|ext|external email|official|allanol|swyddogol)\]:?)\s*`)

// Title is a mail's subject without what its way here has put before it.
func Title(subject string) string {
	title := oneLine(tidy(subject))
	for {
		rest := beforeTitle.ReplaceAllString(title, "")
		if rest == title {
			return title
		}
		title = rest
	}
}
