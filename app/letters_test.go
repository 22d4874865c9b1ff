package app_test

import (
	"net/mail"
	"regexp"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/letters"
)

// Each mail's Message-ID begins with what it is: a post, or the kind that its header names;
// and no two mails about different things have the same.
func TestEachMailHasTheIdentityOfWhatItTells(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	reader := w.people["colleague"]
	w.address(reader, "cole@southmoor.gov.example")
	thread := forumtest.Thread(t, w.store, w.people["author"], "Who has moved bins online?")
	w.must(w.store.Follow(t.Context(), reader, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant))
	w.say(thread, "We have.")
	told := letters.New(w.store)
	for _, device := range []string{"Firefox on Windows", "Chrome on Android", "Safari on iOS"} {
		w.must(told.SignedIn(t.Context(), reader.ID, device))
	}
	seen := map[string]bool{}
	for _, source := range w.inbox(3) { // of the first device nobody is told
		m, err := mail.ReadMessage(strings.NewReader(source))
		w.must(err)
		kind := m.Header.Get("Moothall-Kind")
		if kind == "instant" {
			kind = "post"
		}
		id := m.Header.Get("Message-Id")
		if !regexp.MustCompile(`^<`+kind+`-\d+@moothall\.example>$`).MatchString(id) || seen[id] {
			t.Errorf("%s: the Message-ID is %s", m.Header.Get("Subject"), id)
		}
		seen[id] = true
	}
}
