package mail_test

import (
	"context"
	"errors"
	"io"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/app/mail"
)

// What a server says decides whether a mail is tried again: no is final only where it
// is said of the recipient or of the mail, and whatever was not an answer is no answer.
func TestRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command, answer string
		code            int // 0: not reached
		permanent       bool
	}{
		{"RCPT", "550 5.1.1 no such person", 550, true},
		{"RCPT", "450 4.2.1 busy", 450, false},
		{"RCPT", "530 5.7.0 sign in first", 530, false},
		{"RCPT", "421 4.3.2 closing", 421, false},
		{"RCPT", "cut", 0, false},
		{"MAIL", "550 5.7.1 not from you", 550, false},
		{"MAIL", "451 later", 451, false},
		{"DATA", "554 5.7.1 no", 554, true},
		{"DATA", "452 full", 452, false},
		{"mail", "552 5.3.4 too large", 552, true},
		{"mail", "451 4.7.1 greylisted", 451, false},
		{"mail", "421 closing", 421, false},
		{"mail", "cut", 0, false},
		{"mail", "nonsense", 0, false},
		{"hello", "554 not you", 0, false},
		{"hello", "421 too many", 0, false},
		{"hello", "cut", 0, false},
		{"EHLO", "cut", 0, false},
	} {
		t.Run(c.command+" "+c.answer, func(t *testing.T) {
			t.Parallel()
			s := openServer(t)
			sender := openSender(t, mail.Config{URL: s.url("tls=off"), Limit: 5 * time.Second})
			s.answers(c.command, c.answer)
			err := sender.Send(t.Context(), bins())
			refused := (*mail.Refused)(nil)
			switch {
			case err == nil:
				t.Fatal("it counts as sent")
			case errors.As(err, &refused) != (c.code != 0):
				t.Fatalf("got %v, want an answer: %v", err, c.code != 0)
			case refused != nil && (refused.Code != c.code || refused.Permanent != c.permanent || !strings.Contains(c.answer, refused.Said)):
				t.Errorf("got %+v, want %d, permanent %v", refused, c.code, c.permanent)
			}
			s.answers(c.command, "") // and the next one goes through, whatever became of the connection
			if err := sender.Send(t.Context(), bins()); err != nil {
				t.Errorf("the next: %v", err)
			}
			if _, mails, _ := s.counted(); len(mails) != 1 {
				t.Errorf("%d mails were taken, want 1", len(mails))
			}
		})
	}
}

// Where nobody listens, nobody was reached.
func TestAServerThatIsAwayIsNotReached(t *testing.T) {
	t.Parallel()
	s := openServer(t)
	_ = s.listener.Close()
	err := openSender(t, mail.Config{URL: s.url("tls=off")}).Send(t.Context(), bins())
	if err == nil || errors.As(err, new(*mail.Refused)) {
		t.Errorf("got %v", err)
	}
}

// A server that does not answer holds a mail up for its time and no longer, and who
// waits for it may stop.
func TestASlowServerIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"hello", "EHLO", "RCPT", "mail"} {
		s := openServer(t)
		s.answers(command, "hang")
		sender := openSender(t, mail.Config{URL: s.url("tls=off"), Limit: 200 * time.Millisecond})
		began := time.Now()
		if err := sender.Send(t.Context(), bins()); err == nil || errors.As(err, new(*mail.Refused)) {
			t.Errorf("%s: got %v", command, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := sender.Send(ctx, bins()); err == nil {
			t.Errorf("%s: sent for somebody who had stopped waiting", command)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: it took %s", command, took)
		}
	}
}

// A connection is used again, and made anew when the server has closed it meanwhile.
func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	s := openServer(t)
	sender := openSender(t, mail.Config{URL: s.url("tls=off")})
	send := func(want int) {
		t.Helper()
		for range 5 {
			if err := sender.Send(t.Context(), bins()); err != nil {
				t.Fatal(err)
			}
		}
		if connections, _, _ := s.counted(); connections != want {
			t.Errorf("%d connections, want %d", connections, want)
		}
	}
	send(1)
	s.answers("RSET", "421 so many are enough")
	if err := sender.Send(t.Context(), bins()); err != nil {
		t.Fatalf("after the server has closed: %v", err)
	}
	s.answers("RSET", "")
	send(2)
	_, mails, said := s.counted()
	rcpt := func(line string) bool { return strings.HasPrefix(line, "RCPT") }
	if n := len(slices.DeleteFunc(said, func(line string) bool { return !rcpt(line) })); n != len(mails) || n != 11 {
		t.Errorf("%d mails with %d recipients, want 11 of each", len(mails), n)
	}
}

// Never are there more connections than allowed, and those that nobody needs are closed.
func TestConnectionsAreFewAndRest(t *testing.T) {
	t.Parallel()
	s := openServer(t)
	sender := openSender(t, mail.Config{URL: s.url("tls=off"), Connections: 3, Idle: 100 * time.Millisecond})
	var all sync.WaitGroup
	for range 24 {
		all.Go(func() {
			if err := sender.Send(context.Background(), bins()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	connections, mails, _ := s.counted()
	if connections > 3 || len(mails) != 24 {
		t.Errorf("%d connections, %d mails, want at most 3 and 24", connections, len(mails))
	}
	for until := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, _, said := s.counted()
		if n := strings.Count(strings.Join(said, "\n"), "QUIT"); n == connections {
			break
		} else if time.Now().After(until) {
			t.Fatalf("%d of %d connections were closed", n, connections)
		}
	}
	if err := sender.Close(); err != nil {
		t.Error(err)
	}
	if err := sender.Send(t.Context(), bins()); err == nil {
		t.Error("sent after it was closed")
	}
}

// TLS is demanded in production, of somebody who is known; otherwise no mail goes, and
// no password.
func TestTLSIsDemanded(t *testing.T) {
	t.Parallel()
	config, roots := certificate(t)
	for _, c := range []struct {
		name   string
		tls    bool
		known  bool
		more   string
		signed bool
		sent   bool
	}{
		{"offered and known", true, true, "", true, true},
		{"offered by somebody unknown", true, false, "", true, false},
		{"not offered", false, false, "", false, false},
		{"not offered, with a password", false, false, "", true, false},
		{"not offered, and not demanded", false, false, "tls=off", false, true},
		{"not offered, tried", false, false, "tls=try", false, true},
		{"offered, tried", true, true, "tls=try", true, true},
		{"a password without, as the setting says", false, false, "tls=off", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openServer(t)
			url := s.url(c.more)
			if c.tls {
				s.tls = config
			}
			if c.signed {
				url = strings.Replace(url, "smtp://", "smtp://moothall:hunter2@", 1)
			}
			settings := mail.Config{URL: url, Production: true}
			if c.known {
				settings.Roots = roots
			}
			err := openSender(t, settings).Send(t.Context(), bins())
			if (err == nil) != c.sent || errors.As(err, new(*mail.Refused)) {
				t.Errorf("got %v, want sent: %v", err, c.sent)
			}
			_, _, said := s.counted()
			if all := strings.Join(said, "\n"); strings.Contains(all, "AUTH ") != (c.signed && c.sent) {
				t.Errorf("the server heard\n%s", all)
			}
		})
	}
}

// A password that is wrong is our fault: no address is to suffer for it.
func TestAWrongPasswordIsNotTheAddresssFault(t *testing.T) {
	t.Parallel()
	s := openServer(t)
	s.answers("AUTH", "535 5.7.8 wrong")
	sender := openSender(t, mail.Config{URL: strings.Replace(s.url("tls=off"), "smtp://", "smtp://moothall:hunter2@", 1)})
	if err := sender.Send(t.Context(), bins()); err == nil || errors.As(err, new(*mail.Refused)) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

// Each try of a mail has the same Message-ID, and the envelope that was asked for.
func TestEachTryHasTheSameMessageID(t *testing.T) {
	t.Parallel()
	s := openServer(t)
	sender := openSender(t, mail.Config{URL: s.url("tls=off")})
	for range 2 {
		if err := sender.Send(t.Context(), bins()); err != nil {
			t.Fatal(err)
		}
	}
	_, mails, said := s.counted()
	for _, text := range mails {
		m, err := netmail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"Message-Id": "<post-12@moothall.example>", "Date": "Wed, 04 Mar 2026 05:06:07 +0000",
			"Reply-To": "<reply+abc234@moothall.example>", "User-Agent": "", "X-Mailer": "", "Moothall-Kind": "instant",
			"List-Id": "Waste and recycling <waste.moothall.example>", "To": "Ada Owen <ada@northmoor.gov.example>"} {
			if got := m.Header.Get(name); got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
		if body, err := io.ReadAll(m.Body); err != nil || !strings.Contains(string(body), "evening before") {
			t.Errorf("it says %q, %v", body, err)
		}
	}
	for _, want := range []string{"EHLO moothall.example", "MAIL FROM:<bounce+xyz567@moothall.example> BODY=8BITMIME", "RCPT TO:<ada@northmoor.gov.example>"} {
		if !slices.Contains(said, want) {
			t.Errorf("%q was not said in %q", want, said)
		}
	}
}

// To one domain go so many mails at once and then so many a second; other domains do
// not wait for it.
func TestDomainsArePaced(t *testing.T) {
	t.Parallel()
	s := openServer(t)
	sender := openSender(t, mail.Config{URL: strings.Replace(s.url("tls=off"), "pace=0", "pace=0.2", 1)})
	if err := sender.Send(t.Context(), bins()); err != nil {
		t.Fatal(err)
	}
	paced := (*mail.Paced)(nil)
	if err := sender.Send(t.Context(), bins()); !errors.As(err, &paced) || paced.For < 3*time.Second || paced.For > 5*time.Second {
		t.Errorf("the second of one domain: got %v", err)
	}
	other := bins()
	other.To = "ben@southmoor.gov.example"
	if err := sender.Send(t.Context(), other); err != nil {
		t.Errorf("another domain: %v", err)
	}
}

// What a server refuses for what it thinks of us is not the address's fault; that there
// is nobody is.
func TestWhatIsOursIsNotTheAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command, answer string
		nobody          bool
	}{
		{"RCPT", "550 5.1.1 no such person", true},
		{"RCPT", "550 5.1.10 recipient not found", true},
		{"RCPT", "550 5.2.1 disabled", true},
		{"RCPT", "550 no such mailbox", true},
		{"RCPT", "553 sorry, no such person", true},
		{"DATA", "550 5.1.1 no such person", true},
		{"RCPT", "550 5.7.1 Service unavailable; client [1.2.3.4] blocked using Spamhaus", false},
		{"RCPT", "550 blocked using zen.spamhaus.org", false},
		{"RCPT", "550 5.1.8 sender rejected", false},
		{"RCPT", "553 sender verify failed", false},
		{"RCPT", "550 relay not permitted", false},
		{"RCPT", "554 5.1.0 no", false},
		{"RCPT", "552 5.2.2 full", false},
		{"DATA", "550 no", false},
	} {
		s := openServer(t)
		s.answers(c.command, c.answer)
		err := openSender(t, mail.Config{URL: s.url("tls=off")}).Send(t.Context(), bins())
		var r *mail.Refused
		if !errors.As(err, &r) || !r.Permanent || r.Nobody != c.nobody {
			t.Errorf("%s %s: %+v, want nobody %v", c.command, c.answer, err, c.nobody)
		}
	}
}
