package dev_test

import (
	"errors"
	"fmt"
	"net/smtp"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/app/dev"
)

func openInbox(t *testing.T, dir string) *dev.Inbox {
	t.Helper()
	inbox, err := dev.OpenInbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inbox.Close(); err != nil {
			t.Error(err)
		}
	})
	return inbox
}

// deliver sends a mail as the standard library does.
func deliver(t *testing.T, inbox *dev.Inbox, to, subject string) {
	t.Helper()
	text := "From: =?utf-8?q?Si=C3=A2n?= <hello@moothall.example>\r\nTo: Ada <ada@northmoor.gov.example>\r\nSubject: " + subject +
		"\r\nMessage-ID: <post-1@moothall.example>\r\nMoothall-Kind: instant\r\nDate: Wed, 04 Mar 2026 05:06:07 +0000\r\n\r\nBins.\r\n"
	if err := smtp.SendMail(inbox.Addr().String(), nil, "bounce@moothall.example", []string{to}, []byte(text)); err != nil {
		t.Error(err)
	}
}

func numbers(t *testing.T, inbox *dev.Inbox, w dev.Wanted) []int64 {
	t.Helper()
	list, err := inbox.List(w)
	if err != nil {
		t.Fatal(err)
	}
	all := []int64{}
	for _, m := range list {
		all = append(all, m.ID)
	}
	return all
}

// A mail is there as it came, and is found by whom it is for and since when.
func TestMailsAreCaught(t *testing.T) {
	t.Parallel()
	inbox := openInbox(t, t.TempDir())
	deliver(t, inbox, "Ada@northmoor.gov.example", "Bins")
	deliver(t, inbox, "ben@southmoor.gov.example", "=?utf-8?q?Gwyl_y_t=C5=B7?=")
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, c := range []struct {
		wanted dev.Wanted
		want   []int64
	}{
		{dev.Wanted{}, []int64{2, 1}},
		{dev.Wanted{To: "ada@NORTHMOOR.gov.example"}, []int64{1}},
		{dev.Wanted{To: "moor.gov"}, []int64{2, 1}},
		{dev.Wanted{To: "da@northmoor.gov.example"}, []int64{}},
		{dev.Wanted{Since: at.Add(900 * time.Millisecond)}, []int64{2, 1}},
		{dev.Wanted{Since: at.Add(time.Second)}, []int64{}},
		{dev.Wanted{After: 1}, []int64{2}},
		{dev.Wanted{Before: 2}, []int64{1}},
		{dev.Wanted{Most: 1}, []int64{2}},
	} {
		if got := numbers(t, inbox, c.wanted); !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.wanted, got, c.want)
		}
	}
	got, err := inbox.Mail(2)
	want := dev.Caught{ID: 2, To: "ben@southmoor.gov.example", From: "Siân <hello@moothall.example>", Subject: "Gwyl y tŷ", Kind: "instant",
		MessageID: "<post-1@moothall.example>", Date: at, Text: "Bins.\n"}
	if got.Headers = nil; err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := inbox.Mail(3); !errors.Is(err, dev.ErrNoMail) {
		t.Errorf("a mail that is not there: got %v", err)
	}
	source, err := inbox.Source(1)
	if err != nil || !strings.HasPrefix(string(source), "Return-Path: <bounce@moothall.example>\r\nDelivered-To: Ada@northmoor.gov.example\r\nFrom: ") {
		t.Errorf("got %q, %v", source, err)
	}
}

// Numbers grow: through restarts, an emptied inbox, and two nodes at once on one folder.
func TestNumbersOfMailsGrow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := openInbox(t, dir), openInbox(t, dir)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() { deliver(t, []*dev.Inbox{first, second}[i%2], "ada@northmoor.gov.example", "Bins") })
	}
	all.Wait()
	if got := numbers(t, second, dev.Wanted{}); len(got) != 20 || got[0] != 20 || got[19] != 1 {
		t.Errorf("got %v, want 20 to 1", got)
	}
	if err := second.Empty(); err != nil {
		t.Fatal(err)
	}
	if got := numbers(t, first, dev.Wanted{}); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
	third := openInbox(t, dir) // after a restart
	for _, inbox := range []*dev.Inbox{first, third, second} {
		deliver(t, inbox, "ada@northmoor.gov.example", "Bins")
	}
	if got := numbers(t, first, dev.Wanted{}); !slices.Equal(got, []int64{23, 22, 21}) {
		t.Errorf("got %v, want 23 to 21", got)
	}
	files, err := os.ReadDir(dir)
	if err != nil || slices.ContainsFunc(files, func(f os.DirEntry) bool { return strings.HasPrefix(f.Name(), "new-") }) {
		t.Errorf("something half was left: %v, %v", files, err)
	}
}

// What is no mail does not hurt, and what is too large is refused.
func TestTheInboxTakesWhatComes(t *testing.T) {
	t.Parallel()
	inbox := openInbox(t, t.TempDir())
	addr := inbox.Addr().String()
	for _, text := range []string{"", "\r\n", "no header", "Content-Type: multipart/mixed\r\n\r\nx", "Content-Type: text/plain; charset=nonsense\r\n\r\nx", "Subject: =?x?q?y?=\r\n\r\n"} {
		if err := smtp.SendMail(addr, nil, "a@example.org", []string{"b@example.org"}, []byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	list, err := inbox.List(dev.Wanted{})
	if err != nil || len(list) != 6 {
		t.Fatalf("got %d, %v, want 6", len(list), err)
	}
	for _, m := range list {
		if _, err := inbox.Mail(m.ID); err != nil || m.To != "b@example.org" {
			t.Errorf("%+v, %v", m, err)
		}
	}
	if err := smtp.SendMail(addr, nil, "a@example.org", []string{"b@example.org"}, make([]byte, 9<<20)); err == nil {
		t.Error("nine megabytes are taken")
	}
}
