package jobs

import (
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"moothall/app/mail"
	"moothall/forum/letters"
)

// Tallied are the states that a Tally counts.
var Tallied = []letters.State{letters.Sent, letters.Deferred, letters.Bounced, letters.Dropped, letters.Merged, letters.Suppressed}

// Tally counts what came of letters, and how many in a row were refused for no fault of
// their addresses.
type Tally struct {
	counts [6]atomic.Uint64 // in the order of Tallied
	inARow atomic.Int64
	mu     sync.Mutex
	said   map[string]time.Time // when a refusal of a domain was last noted
}

// Of is how many letters have come to a state.
func (t *Tally) Of(state letters.State) uint64 {
	for i, s := range Tallied {
		if s == state {
			return t.counts[i].Load()
		}
	}
	return 0
}

func (t *Tally) add(state letters.State) {
	for i, s := range Tallied {
		if s == state {
			t.counts[i].Add(1)
		}
	}
}

// sayEvery is how often, at most, a refusal of one domain is noted; rowMost how many in a
// row tell that something is wrong with us.
const (
	sayEvery   = time.Minute
	domainMost = 1000 // of which it is known when
	rowMost    = 10
)

// addressIn finds addresses in what a mail server said: no log holds any.
var addressIn = regexp.MustCompile(`[^\s<>]*@[^\s<>]*`)

// mayNote reports whether a refusal of a domain is to be noted now.
func (t *Tally) mayNote(domain string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last, ok := t.said[domain]; ok && now.Sub(last) < sayEvery {
		return false
	}
	if len(t.said) >= domainMost || t.said == nil {
		t.said = map[string]time.Time{}
	}
	t.said[domain] = now
	return true
}

// noteRefused notes in the log what a mail server refused: of each domain once a minute,
// and that it refuses one letter after another. Of its recipient no more than the domain
// is said.
func (t *Tally) noteRefused(log *slog.Logger, address string, r *mail.Refused, now time.Time) {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	if t.mayNote(domain, now) {
		log.Warn("mail refused", "domain", domain, "code", r.Code, "said", addressIn.ReplaceAllString(r.Said, "…"), "permanent", r.Permanent, "nobody", r.Nobody)
	}
	if r.Nobody {
		return
	}
	if n := t.inARow.Add(1); n%rowMost == 0 {
		log.Error("the mail server refuses letter after letter: look at what it thinks of us", "in_a_row", n, "code", r.Code)
	}
}
