package app_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"moothall/forum/letters"
)

// What was written is kept as a draft, also where no mail says so because one did within
// the hour; and what is sent in somebody's name takes nothing from what they hear.
func TestWordsThatWereNotPostedAreKept(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	w.exec(`update threads set closed_at = now() where id = $1`, thread)
	for n, mail := range []struct{ from, to string }{{"eve@x.example", to}, {from, "hello@moothall.example"}} {
		if err := w.mailIn(mail.from, mail.to, written(mail.from, fmt.Sprint("forged", n), "Buy this")); err != nil {
			t.Error(err)
		}
	}
	for _, words := range []string{"First, in May.", "Second, in June."} {
		for range 2 {
			if err := w.mailIn(from, to, written(from, words[:5], words)); err != nil {
				t.Error(err)
			}
		}
	}
	if n := w.number(`select count(*) from letters l join inbound i on l.key = 'answer:' || i.id where l.person_id = $1 and i.why = 'closed'`, who.ID); n != 1 {
		t.Errorf("%d mails tell that the thread is closed, want 1", n)
	}
	if n := w.number(`select count(*) from inbound where person_id = $1 and why = 'closed'`, who.ID); n != 2 {
		t.Errorf("%d mails are written down, want 2", n)
	}
	page := w.get("colleague", "/drafts").body
	if !strings.Contains(page, "Second, in June.") || strings.Contains(page, "Buy this") {
		t.Errorf("the drafts do not show the last words: %.300s", page)
	}
	if n := w.number(`select count(*) from draft_versions where person_id = $1 and fields::text like '%First, in May.%'`, who.ID); n != 1 {
		t.Errorf("%d older drafts hold the first words, want 1", n)
	}
}

// An answer is posted once for as long as its address takes any, however long after; then
// its address is nobody's.
func TestAnAnswerDoesNotComeAgainLater(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	mail := written(from, "one", "We did, in May.")
	if err := w.mailIn(from, to, mail); err != nil {
		t.Fatal(err)
	}
	closed := w.replyAsOf(who.ID, thread, time.Now().Add(-letters.AnswerLife-24*time.Hour))
	if err := w.mailIn(from, closed, written(from, "two", "Late.")); err == nil || !strings.HasPrefix(err.Error(), "550") {
		t.Errorf("to the address of a mail of a year ago: %v, want 550", err)
	}
	w.exec(`update inbound set at = at - interval '300 days'`)
	if _, err := letters.New(w.store).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.mailIn(from, to, mail); err != nil {
		t.Error(err)
	}
	if n := w.number(repliesQuery, thread); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
	w.exec(`insert into inbound (hash, person_id, why, words, at) values (decode(repeat('ab', 32), 'hex'), $1, 'closed', 'Words', now() - interval '31 days'), (decode(repeat('cd', 32), 'hex'), $1, '', '', now() - interval '366 days')`, who.ID)
	if _, err := letters.New(w.store).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`select count(*) * 10 + count(*) filter (where words <> '') from inbound where person_id = $1`, who.ID); n != 20 {
		t.Errorf("of mails that came in are left and hold words: %d, want 20", n)
	}
}

// The addresses that people try are somebody's, and a mail that a program writes in one
// long line is taken.
func TestUsualAddressesAndLongLinesAreTaken(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	for n, local := range []string{"postmaster", "unsubscribe", "hello"} {
		if err := w.mailIn(from, local+"@moothall.example", written(from, fmt.Sprint("usual", n), "Hello")); err != nil {
			t.Errorf("%s: %v", local, err)
		}
	}
	for _, local := range []string{"reply", "bounce", "postmaster+x"} {
		if err := w.mailIn(from, local+"@moothall.example", written(from, local, "Hello")); err == nil || !strings.HasPrefix(err.Error(), "550") {
			t.Errorf("%s: %v, want 550", local, err)
		}
	}
	if n := w.number(`select count(*) from letters where person_id = $1 and key like 'answer:%'`, who.ID); n != 1 {
		t.Errorf("%d answers, want 1", n)
	}
	if told := strings.Join(strings.Fields(w.inboxOf(t, from, "Nobody reads")), " "); !strings.Contains(told, "To stop emails, open the link at the foot") {
		t.Errorf("who would stop emails is told %s", told)
	}
	if err := w.mailIn(from, to, written(from, "long", strings.Repeat("word ", 1500))); err != nil {
		t.Errorf("a long line: %v", err)
	}
	if n := w.number(repliesQuery, thread); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
}

// Who is away stays reachable, and their note is no post, whatever it looks like.
func TestANoteOfWhoIsAwayStopsNothing(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	for n, head := range []string{"Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All", "X-Nothing: x"} {
		w.bounced(w.sentTo(who, from, fmt.Sprint(n)), written(from, fmt.Sprint("b", n), "I am away until 5.1.27.", head))
	}
	if n := w.number(`select count(*) from letters where person_id = $1 and state = 'bounced'`, who.ID); n != 0 {
		t.Errorf("%d letters count as come back, want none", n)
	}
	away := "From: Ada <" + from + ">\nSubject: Automatic reply: Bins\nMessage-ID: <away@mail.example>\n\nI am away until 5.1.27.\n"
	if err := w.mailIn(from, to, away); err != nil {
		t.Error(err)
	}
	if n := w.number(repliesQuery, thread); n != 0 {
		t.Errorf("%d posts, want none", n)
	}
}

// Whoever runs the site sees how mail goes, out and in.
func TestMetricsTellOfMail(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ops := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	w := openCast(t, "MOOTHALL_OPS_ADDR", ops)
	who := w.people["colleague"]
	from := w.address(who, "ada@northmoor.gov.example")
	for n, mail := range []struct{ to, head string }{{"hello", "X-A: b"}, {"hello", "Precedence: bulk"}, {"nobody", "X-A: b"}} {
		_ = w.mailIn(from, mail.to+"@moothall.example", written(from, fmt.Sprint("m", n), "Hello", mail.head)) // the last is refused
	}
	want := []string{`moothall_mails_in_total{state="taken"} 1`, `moothall_mails_in_total{state="dropped"} 1`, `moothall_mails_in_total{state="refused"} 1`,
		`moothall_mails_total{state="sent"} 1`, "moothall_mail_oldest_due_seconds 0", "moothall_jobs_due "}
	missing := ""
	within(t, "the figures of mail", func() bool {
		answer, err := http.Get("http://" + ops + "/metrics")
		if err != nil {
			return false
		}
		text, err := io.ReadAll(answer.Body)
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
		missing = ""
		for _, line := range want {
			if !strings.Contains(string(text), "\n"+line) {
				missing += line + "; "
			}
		}
		return err == nil && missing == ""
	})
}

// Answers that somebody writes into the mail that they answer, as Outlook has it, are
// posted where they say so: each below what it answers, and nothing else of the mail.
func TestAnswersWrittenIntoTheMailArePosted(t *testing.T) {
	t.Parallel()
	w, _, thread, from, to := receiving(t)
	w.exec(`update posts set body = E'How do you stop missed bin reports?\n\n1. Which supplier was it?\n2. How long did it take?' where thread_id = $1 and number = 1`, thread)
	const quoted = "\n\nFrom: Moothall <hello@moothall.example>\nSent: 26 November 2026 09:15\nTo: Ada <a@x.example>\nSubject: Bins\n\nBins\n\nHow do you stop missed bin reports?\n\n" +
		"  1.  Which supplier was it?\nOur own.\n  2.  How long did it take?\nTwo days.\n\nRead it on Moothall<https://moothall.example/posts/1>\n\nMute this thread<https://moothall.example/unsubscribe/abc>\n"
	if err := w.mailIn(from, to, written(from, "one", "My answers are below."+quoted)); err != nil {
		t.Fatal(err)
	}
	if err := w.mailIn(from, to, written(from, "two", "We did."+quoted)); err != nil {
		t.Fatal(err)
	}
	further := strings.NewReplacer("Two days.", "It is at https://bins.example/a\nTwo weeks.", "https://moothall.example", w.url).Replace(quoted) // a site whose mail has another domain
	if err := w.mailIn(from, to, written(from, "three", "See below."+further)); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"My answers are below.\n\n> 1.  Which supplier was it?\n\nOur own.\n\n> 2.  How long did it take?\n\nTwo days.", "We did.",
		"See below.\n\n> 1.  Which supplier was it?\n\nOur own.\n\n> 2.  How long did it take?\n\nIt is at https://bins.example/a\nTwo weeks."} {
		if n := w.number(`select count(*) from posts where thread_id = $1 and by_email and body = $2`, thread, body); n != 1 {
			t.Errorf("%d posts say %q, want 1", n, body)
		}
	}
}

// A mail that its organisation has marked as sensitive is not posted where everybody reads
// it: its words are a draft, and its writer is told.
func TestASensitiveMailIsNotPosted(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	if err := w.mailIn(from, to, written(from, "one", "OFFICIAL-SENSITIVE\n\nIt is the house at the corner.")); err != nil {
		t.Fatal(err)
	}
	if n := w.number(repliesQuery, thread); n != 0 {
		t.Errorf("%d posts, want none", n)
	}
	if n := w.number(`select count(*) from inbound i join letters l on l.key = 'answer:' || i.id where i.person_id = $1 and i.why = 'marked' and i.kept`, who.ID); n != 1 {
		t.Errorf("%d mails tell of it, want 1", n)
	}
	if page := w.get("colleague", threadAt(thread)+"-who-has-moved-bins-online").body; !strings.Contains(page, "It is the house at the corner.") {
		t.Error("the words are not in the form of the thread")
	}
	if err := w.mailIn(from, to, written(from, "two", "OFFICIAL\n\nWe did.")); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`select count(*) from posts where thread_id = $1 and body = 'We did.'`, thread); n != 1 {
		t.Errorf("%d posts of what is for all, want 1", n)
	}
}
