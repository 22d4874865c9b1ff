package app_test

import (
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

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

// Once an hour the site writes to itself as people answer. What does not come back an
// administrator is told of, until the next one has.
func TestTheSiteTriesWhetherAnswersArrive(t *testing.T) {
	t.Parallel()
	w := openCast(t, "MOOTHALL_MAIL_TRIALS", "on")
	told := func(want, arrive bool) {
		t.Helper()
		within(t, "the page tells whether answers arrive", func() bool {
			page := w.get("administrator", "/admin/mail").body
			return strings.Contains(page, "Answers by email do not arrive") == want && strings.Contains(page, "As far as it knows, they do.") == arrive
		})
	}
	sent := func(n int) (to, source string) {
		t.Helper()
		source = w.inbox(n)[n-1]
		m, err := mail.ReadMessage(strings.NewReader(source))
		w.must(err)
		if kind := m.Header.Get("Moothall-Kind"); kind != "trial" {
			t.Fatalf("the mail is a %s", kind)
		}
		return strings.Trim(m.Header.Get("To"), "<>"), source
	}
	within(t, "the first trial is set for an hour from now", func() bool { return w.number(`select count(*) from chores where name = 'trial_began'`) == 1 })
	told(false, false)
	w.advance(time.Hour + time.Minute)
	sent(1)
	w.advance(16 * time.Minute)
	told(true, false)
	if page := w.get("administrator", "/admin/mail").body; !strings.Contains(page, "None of these emails has come back") {
		t.Error("of what never came it is said that it came")
	}
	w.advance(time.Hour)
	to, source := sent(2)
	if err := w.mailIn("hello@moothall.example", strings.Replace(to, "@", "a@", 1), "Hello\n"); err == nil || !strings.HasPrefix(err.Error(), "550") {
		t.Errorf("a mail to an address that is none: got %v, want 550", err)
	}
	w.must(w.mailIn("hello@moothall.example", to, strings.ReplaceAll(source, "\r\n", "\n")))
	told(false, true)
	if n := w.number(`select count(*) from inbound`); n != 0 {
		t.Error("it is taken for an answer")
	}
}
