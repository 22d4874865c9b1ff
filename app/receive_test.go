package app_test

import (
	"encoding/binary"
	"fmt"
	"net/smtp"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// replyTo is the address at which somebody answers a thread by mail.
func (w *world) replyTo(person, thread int64) string {
	return w.replyAsOf(person, thread, time.Now())
}

// replyAsOf is that address in a mail of a day.
func (w *world) replyAsOf(person, thread int64, at time.Time) string {
	payload := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(person)), uint64(thread))
	payload = binary.AppendUvarint(payload, uint64(at.Unix()/(24*60*60)))
	return "reply+" + w.keys.Sign("reply", payload) + "@moothall.example"
}

// address gives somebody one that is known to be theirs.
func (w *world) address(p forum.Person, address string) string {
	w.exec(`update people set proven_email = $2 where id = $1`, p.ID, address)
	return address
}

// mailIn hands a mail to the node as a relay does.
func (w *world) mailIn(envelope, to, source string) error {
	return smtp.SendMail(w.site.MailIn(), nil, envelope, []string{to}, []byte(strings.ReplaceAll(source, "\n", "\r\n")))
}

// written is a mail of somebody, with more headers.
func written(from, id, words string, headers ...string) string {
	head := append([]string{"From: Ada <" + from + ">", "Subject: Re: Bins", "Message-ID: <" + id + "@mail.example>"}, headers...)
	return strings.Join(head, "\n") + "\n\n" + words + "\n"
}

// receiving is a world in which a colleague may answer a thread by mail.
func receiving(t *testing.T) (w *world, who forum.Person, thread int64, from, to string) {
	t.Helper()
	w = openCast(t)
	who = w.people["colleague"]
	thread = forumtest.Thread(t, w.store, w.people["author"], "Who has moved bins online?")
	return w, who, thread, w.address(who, "ada@northmoor.gov.example"), w.replyTo(who.ID, thread)
}

const repliesQuery = `select count(*) from posts where thread_id = $1 and by_email`

// An answer by mail stands on the page without what it quotes, and says how it came; the
// same mail again, also at the same time, is the same post.
func TestAnAnswerByMailIsPostedOnce(t *testing.T) {
	t.Parallel()
	w, _, thread, from, to := receiving(t)
	mail := written(from, "one", "We did, in May.\n\nOn Thu, 26 Nov 2026 at 09:15, Ben <ben@x.example> wrote:\n> Who has?")
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if err := w.mailIn(from, to, mail); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := w.number(repliesQuery, thread); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
	page := string(w.get("colleague", fmt.Sprintf("/threads/%d-who-has-moved-bins-online", thread)).body)
	if !strings.Contains(page, "We did, in May.") || strings.Contains(page, "Who has?") || !strings.Contains(page, "by email") {
		t.Error("the page does not show the answer, and only that")
	}
}

// What is not from the person whom the address names, of a machine, empty, for a closed
// thread or too large posts nothing; its person is told at most once an hour, and a
// machine never.
func TestWhatIsNoAnswerPostsNothing(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	answers := func(want int64) {
		t.Helper()
		if n := w.number(`select count(*) from letters where person_id = $1 and key like 'answer:%'`, who.ID); n != want {
			t.Errorf("%d answers, want %d", n, want)
		}
	}
	for i, header := range []string{"Auto-Submitted: auto-replied", "Precedence: bulk", "X-Autoreply: yes", "List-Id: <a.example>", "Return-Path: <>"} {
		if err := w.mailIn(from, to, written(from, fmt.Sprint("auto", i), "I am away.", header)); err != nil {
			t.Error(err)
		}
	}
	answers(0)
	for i := range 3 {
		if err := w.mailIn("eve@x.example", to, written("eve@x.example", fmt.Sprint("eve", i), "Post this.")); err != nil {
			t.Error(err)
		}
	}
	answers(1)
	if n := w.number(`select count(*) from inbound where words <> ''`); n != 0 {
		t.Error("words of somebody else are kept")
	}
	w.exec(`delete from letters`)
	w.exec(`update threads set closed_at = now() where id = $1`, thread)
	if err := w.mailIn(from, to, written(from, "closed", "Too late?\n\n-- \nAda")); err != nil {
		t.Error(err)
	}
	answers(1)
	if n := w.number(`select count(*) from inbound where why = 'closed' and words = 'Too late?'`); n != 1 {
		t.Error("the words are not kept for the answer")
	}
	if err := w.mailIn(from, to, written(from, "large", strings.Repeat(strings.Repeat("a", 70)+"\n", 20000))); err == nil || !strings.HasPrefix(err.Error(), "552") {
		t.Errorf("a large mail: %v, want 552", err)
	}
	if n := w.number(repliesQuery, thread); n != 0 {
		t.Errorf("%d posts, want none", n)
	}
}

// An address that is not of our making is refused at once.
func TestForgedAddressesAreRefused(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	token := strings.TrimPrefix(to, "reply+")
	for _, forged := range []string{"bounce+" + token, "unsubscribe+" + token, "x" + to, "reply+aaaa@moothall.example", "ada@moothall.example",
		strings.Replace(to, "moothall.example", "elsewhere.example", 1)} {
		if err := w.mailIn(from, forged, written(from, "f", "Hello")); err == nil || !strings.HasPrefix(err.Error(), "550") {
			t.Errorf("%s: %v, want 550", forged, err)
		}
	}
	if n := w.number(repliesQuery, thread); n != 0 || who.ID == 0 {
		t.Errorf("%d posts, want none", n)
	}
}

// What looks like a resident's data is kept as a draft and asked about on the site.
func TestAnAnswerToLookAtIsKeptAsADraft(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	if err := w.mailIn(from, to, written(from, "res", "Her national insurance number is AB 12 34 56 C, call 07700 900123.")); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`select count(*) from drafts where person_id = $1 and target = $2`, who.ID, thread); n != 1 {
		t.Errorf("%d drafts, want 1", n)
	}
	if n := w.number(`select count(*) from inbound where why = 'check'`); n != 1 {
		t.Error("nobody is told")
	}
}

// A report that nobody is at an address stops mail to it, once, and only of a letter that
// was sent; a mail to the address that stops mail stops it.
func TestBouncesAndMailsToStopAreHeard(t *testing.T) {
	t.Parallel()
	w, who, thread, from, _ := receiving(t)
	letter := w.number(`insert into letters (person_id, kind, key, state, address, created_at, due_at, done_at)
		values ($1, 'instant', 'a', 'sent', $2, now(), now(), now()) returning id`, who.ID, from)
	queued := w.number(`insert into letters (person_id, kind, key, state, created_at, due_at)
		values ($1, 'instant', 'b', 'deferred', now(), now() + interval '1 day') returning id`, who.ID)
	bounce := func(letter int64, status, kind, alphabet string) {
		t.Helper()
		to := "bounce+" + w.keys.Sign("bounce", binary.AppendUvarint(nil, uint64(letter))) + "@moothall.example"
		report := "From: mailer@x.example\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry\n--b\n" +
			"Content-Type: message/" + kind + "\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: " + alphabet + "; ada@northmoor.gov.example\nAction: failed\nStatus: " +
			status + "\nDiagnostic-Code: smtp; 550 no such\n mailbox\n\n--b--\n"
		if err := w.mailIn("", to, report); err != nil {
			t.Error(err)
		}
	}
	suppressed := func(want int64) {
		t.Helper()
		if n := w.number(`select count(*) from bounces where person_id = $1 and suppressed_at is not null`, who.ID); n != want {
			t.Errorf("%d suppressed, want %d", n, want)
		}
	}
	bounce(queued, "5.1.1", "delivery-status", "rfc822")
	bounce(letter, "4.2.2", "delivery-status", "rfc822")
	bounce(letter, "5.1.1", "delivery-status", "rfc822") // once for each letter
	suppressed(0)
	again := w.number(`insert into letters (person_id, kind, key, state, address, created_at, due_at, done_at)
		values ($1, 'instant', 'c', 'sent', $2, now(), now(), now()) returning id`, who.ID, from)
	bounce(again, "5.1.1", "global-delivery-status", "utf-8") // RFC 6533
	suppressed(1)
	stop := "unsubscribe+" + w.stopToken(byThread, who.ID, thread, 0) + "@moothall.example"
	if err := w.mailIn(from, stop, written(from, "stop", "stop")); err != nil {
		t.Error(err)
	}
	if got := w.follows(who.ID); !strings.Contains(got, "thread mute") {
		t.Errorf("follows %s, want the thread muted", got)
	}
}

// Where a relay is trusted, what it does not vouch for is kept as a draft, and a mail
// tells so, with the words in it.
func TestWhatTheRelayDoesNotVouchForIsKept(t *testing.T) {
	t.Parallel()
	w := openCast(t, "MOOTHALL_INBOUND_AUTHSERV", "mx.example")
	who := w.people["colleague"]
	thread := forumtest.Thread(t, w.store, w.people["author"], "Who has moved bins online?")
	from, to := w.address(who, "ada@northmoor.gov.example"), w.replyTo(who.ID, thread)
	for id, result := range map[string]string{"a": "mx.example; dmarc=fail", "b": "evil.example; dmarc=pass", "d": "mx.example; dmarc=pass header.from=evil.example"} {
		if err := w.mailIn(from, to, written(from, id, "We did, in May.", "Authentication-Results: "+result)); err != nil {
			t.Error(err)
		}
	}
	if n := w.number(repliesQuery, thread); n != 0 {
		t.Errorf("%d posts, want none", n)
	}
	if err := w.mailIn(from, to, written(from, "c", "We did, in May.", "Authentication-Results: mx.example; dmarc=pass header.from=northmoor.gov.example")); err != nil {
		t.Error(err)
	}
	if n := w.number(repliesQuery, thread); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		inbox := w.get("", "/dev/inbox/1.eml").body
		if strings.Contains(inbox, "was not posted") && strings.Contains(inbox, "> We did, in May.") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("nobody is told: %.500s", inbox)
		}
	}
}

// Who writes to the site's own address is told that nobody reads it, at the address that
// is theirs, and nothing of the mail is sent there: anybody can write in their name.
func TestNobodysWordsComeBackFromTheSitesOwnAddress(t *testing.T) {
	t.Parallel()
	w, who, _, from, _ := receiving(t)
	for n, address := range []string{from, from, "stranger@elsewhere.example"} {
		if err := w.mailIn(address, "hello@moothall.example", written(address, fmt.Sprint("lost", n), "Buy this at https://evil.example")); err != nil {
			t.Error(err)
		}
	}
	if n := w.number(`select count(*) from letters where person_id = $1 and key like 'answer:%'`, who.ID); n != 1 {
		t.Errorf("%d letters, want 1 an hour", n)
	}
	if n := w.number(`select count(*) from inbound where words <> '' and $1 > 0`, who.ID); n != 0 {
		t.Errorf("the words of %d mails are kept, to be sent to who may not have written them", n)
	}
}
