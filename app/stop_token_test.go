package app

import (
	"testing"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/letters"
)

// A token gives back the person, what the mail came by and the thread, whatever their
// numbers, and fits into a mail address beside "unsubscribe+"; where the numbers are too
// long for that, the thread is left out. It holds under a key that no longer signs.
func TestAStopTokenFitsIntoAnAddress(t *testing.T) {
	t.Parallel()
	old, next := "a key that was used before this one was made", "a key that is used now for all that is signed"
	before, err := auth.NewKeys([]string{old})
	if err != nil {
		t.Fatal(err)
	}
	after, err := auth.NewKeys([]string{next, old})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range stopKinds {
		for _, n := range []int64{0, 1, 127, 128, 1 << 20, 1<<28 - 1} {
			via := letters.Via{Kind: kind.kind, ID: n, ThreadKind: kind.threadKind}
			token := stopToken(before, n+1, via, n)
			if len("unsubscribe+"+token) > 64 {
				t.Errorf("%+v: the token has %d characters", via, len(token))
			}
			got, err := openStop(after, token)
			if kind.kind == "" {
				via.ID = 0
			}
			if kind.kind == inDigest { // which is no follow
				via = letters.Via{}
			}
			if got.Digest != (kind.kind == inDigest) {
				t.Errorf("of %+v comes %+v", kind, got)
			}
			if err != nil || got.PersonID != n+1 || got.Via != via || got.ThreadID != n {
				t.Errorf("of %+v comes %+v (%v)", via, got, err)
			}
		}
	}
	via := letters.Via{Kind: forum.ToTopic, ID: 1 << 40}
	token := stopToken(after, 1<<40, via, 1<<40)
	if got, err := openStop(after, token); err != nil || got.PersonID != 1<<40 || got.Via != via || got.ThreadID != 0 || len("unsubscribe+"+token) > 64 {
		t.Errorf("of long numbers comes %+v (%v)", got, err)
	}
	if _, err := openStop(before, stopToken(after, 1, via, 1)); err == nil {
		t.Error("a token holds under a key that did not sign it")
	}
}
