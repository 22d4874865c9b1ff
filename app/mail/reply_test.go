package mail_test

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"moothall/app/mail"
)

var update = flag.Bool("update", false, "write down what is found in the mails of testdata/replies")

// Of the mails of every program that people write with, in English and Welsh, just their
// own words are found.
func TestTheWordsThatSomebodyWroteAreFound(t *testing.T) {
	t.Parallel()
	mails, err := filepath.Glob("testdata/replies/*.eml")
	if err != nil || len(mails) < 30 {
		t.Fatalf("%d mails (%v)", len(mails), err)
	}
	for _, path := range mails {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.Parse(bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n")))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got := mail.Words(m.Text, m.FromName)
		golden := strings.TrimSuffix(path, "eml") + "txt"
		if *update {
			if err := os.WriteFile(golden, []byte(got+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != strings.TrimSuffix(string(want), "\n") {
			t.Errorf("%s: found\n%s\nwant\n%s", path, got, want)
		}
	}
}

// Files are named and not read; a picture of a signature is neither.
func TestFilesAreNamed(t *testing.T) {
	t.Parallel()
	m, err := mail.Parse([]byte("From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the plan.\r\n--b\r\n" +
		"Content-Type: application/pdf; name=\"../plan.pdf\"\r\nContent-Disposition: attachment; filename=\"../plan.pdf\"\r\n\r\nx\r\n--b\r\n" +
		"Content-Type: image/png; name=logo.png\r\nContent-Disposition: inline\r\n\r\nx\r\n--b--\r\n"))
	if err != nil || strings.Join(m.Attached, " ") != "plan.pdf" || strings.TrimSpace(m.Text) != "See the plan." {
		t.Errorf("found %q and %q (%v)", m.Attached, m.Text, err)
	}
}

// Only what the relay itself says of a sender counts, and of that the topmost.
func TestOnlyTheRelaysWordCounts(t *testing.T) {
	t.Parallel()
	for want, results := range map[string][]string{
		"pass": {"mx.example; dmarc=pass header.from=a.example", "mx.example; dmarc=fail"},
		"fail": {"evil.example; dmarc=pass", "mx.example; dmarc=fail header.from=a.example", "mx.example; dmarc=pass"},
		"none": {"evil.example; dmarc=pass"},
	} {
		if got := mail.DMARC(results, "mx.example"); got != want {
			t.Errorf("%q: %s, want %s", results, got, want)
		}
	}
}

// Whatever a mail consists of, it is read without a panic, in good time, and of its words
// none are made up.
func TestNoMailIsTooMuch(t *testing.T) {
	t.Parallel()
	pieces := []string{"On Thu, 26 Nov 2026, a@x.example wrote:", "> ", ">", "\n", "\n\n", "-- \n", "From: ", "Sent: x\n", "To: y\n", "Subject: z\n", "-----Original Message-----\n",
		"Kind regards\n", "1. one\n", "=====\n", "words ", "Sent from my iPhone\n", "confidential in error\n", "\x00", "\xff", "<blockquote>", "</p>", "<li>", "<pre>"}
	random := rand.New(rand.NewPCG(1, 2))
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
		var b strings.Builder
		for range random.IntN(60) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		got := mail.Words(b.String(), "Ada")
		if strings.Contains(got, "\x00") || len(got) > len(b.String())*3 {
			t.Fatalf("of %q comes %q", b.String(), got)
		}
		mail.HTMLText(b.String())
	}
	begun := time.Now()
	for _, piece := range pieces {
		mail.Words(strings.Repeat(piece, 1<<20/len(piece)), "Ada")
		mail.HTMLText(strings.Repeat(piece, 1<<20/len(piece)))
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("a megabyte of each took %v", took)
	}
}
