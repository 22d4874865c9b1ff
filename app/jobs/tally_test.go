package jobs

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"moothall/app/mail"
)

// What is refused is noted once a minute for each domain, without an address; that one
// letter after another is refused for what we are is noted as well.
func TestRefusalsAreNoted(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	tally := &Tally{}
	for i := range 25 {
		tally.noteRefused(log, "ada@x.example", &mail.Refused{Code: 550, Said: "5.7.1 <Ada@x.example> blocked", Permanent: true}, at.Add(time.Duration(i)*time.Second))
	}
	tally.noteRefused(log, "ben@y.example", &mail.Refused{Code: 550, Permanent: true, Nobody: true}, at)
	tally.noteRefused(log, "ada@x.example", &mail.Refused{Code: 550, Permanent: true}, at.Add(time.Minute))
	text := said.String()
	if n := strings.Count(text, "mail refused"); n != 3 {
		t.Errorf("noted %d times, want 3: %s", n, text)
	}
	if n := strings.Count(text, "letter after letter"); n != 2 {
		t.Errorf("that letters are refused one after another: %d times, want 2", n)
	}
	if strings.Contains(strings.ToLower(text), "ada") || !strings.Contains(text, "blocked") {
		t.Errorf("noted: %s", text)
	}
}
