package letters

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"moothall/forum"
)

// Of the fifty-first mail of a day on, what comes goes into the digest, which says so.
func TestTheFiftyFirstGoesIntoTheDigest(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	thread := h.ask(ada, "Bins?", "waste-management")
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
	for range atOnce + 3 {
		h.reply(ada, thread, forum.PostDraft{Body: "This."})
	}
	h.tellAll()
	if sent := h.post(); len(sent) != atOnce {
		t.Errorf("%d letters went out, want %d", len(sent), atOnce)
	}
	h.clock.Advance(24 * time.Hour)
	_, err := h.MakeDigests(t.Context())
	h.must(err)
	if sent := h.post(); len(sent) != 1 || sent[0].Kind != Digest || sent[0].Digest.Over != 3 || sent[0].Digest.Sections[0].Topics[0].Items[0].New != 3 {
		t.Errorf("the digest is %+v", sent)
	}
}

// The fifty are fifty, however many are on the way at once: those that are not sent yet
// count too, and each but the first few is the one that is too many.
func TestLettersOnTheWayCountForTheDay(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	thread := h.ask(ada, "Bins?", "waste-management")
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
	for n := range atOnce + 3 {
		h.reply(ada, thread, forum.PostDraft{Body: fmt.Sprint("Words of ", n)})
		h.clock.Advance(time.Minute) // who posts much is slowed down
	}
	h.tellAll()
	claimed, err := h.Claim(t.Context(), atOnce+3)
	h.must(err)
	if len(claimed) != atOnce+3 {
		t.Fatalf("%d letters are to go, want %d", len(claimed), atOnce+3)
	}
	slices.SortFunc(claimed, func(a, b Claimed) int { return cmp.Compare(a.ID, b.ID) })
	for i, c := range claimed {
		_, verdict, err := h.Read(t.Context(), c)
		h.must(err)
		if (verdict.Why == "cap") != (i >= atOnce) {
			t.Errorf("letter %d: %+v", i+1, verdict)
		}
	}
}
