package mail

import (
	"strings"

	"github.com/emersion/go-msgauth/authres"
)

// DMARC is what a relay says of the sender of a mail (RFC 8601): pass, fail, none; only
// its own word counts, and of several the topmost.
func DMARC(results []string, relay string) string {
	for _, line := range results {
		by, all, err := authres.Parse(line)
		by, _, _ = strings.Cut(strings.TrimSpace(by), " ")
		if err != nil || !strings.EqualFold(by, relay) {
			continue
		}
		for _, result := range all {
			if dmarc, ok := result.(*authres.DMARCResult); ok {
				return strings.ToLower(string(dmarc.Value))
			}
		}
		return "none"
	}
	return "none"
}
