package mail_test

import (
	"errors"
	"testing"
	"time"

	"moothall/app/dev"
	"moothall/app/mail"
)

// What is called last is called before the server has the mail, and keeps it back where it
// fails; the next mail goes as if nothing had been.
func TestWhatIsWrittenDownLastKeepsAMailBack(t *testing.T) {
	t.Parallel()
	inbox := openInbox(t)
	sender, err := mail.Open(mail.Config{URL: inbox.URL(), Domain: "forum.example", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sender.Close() }()
	there := func() int {
		all, err := inbox.List(dev.Wanted{})
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	m := mail.Message{ID: "newsletter-1@forum.example", From: "Moothall <hello@forum.example>", To: "ada@example.org", Subject: "News", Text: "Hello", At: time.Now()}
	away := errors.New("the database is away")
	m.Last = func() error { return away }
	if err := sender.Send(t.Context(), m); !errors.Is(err, away) || there() != 0 {
		t.Errorf("%v, and %d mails came", err, there())
	}
	before := -1
	m.Last = func() error { before = there(); return nil }
	if err := sender.Send(t.Context(), m); err != nil || before != 0 || there() != 1 {
		t.Errorf("%v, %d mails before and %d after", err, before, there())
	}
}
