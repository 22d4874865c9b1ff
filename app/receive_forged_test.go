package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// Letters that only look like others, or become them in lower case, make no address that
// of somebody else: their domain is another one, and that proves itself.
func TestAnAddressOfOtherLettersIsAnothers(t *testing.T) {
	t.Parallel()
	w, who, thread, _, to := receiving(t)
	w.address(who, "kit@lincoln.example")
	for i, from := range []string{"kit@l\u0130ncoln.example", "\u212Ait@lincoln.example", "k\u0130t@lincoln.example", "kit@lincoln.example\u200b", "kıt@lincoln.example", "КIT@lincoln.example"} {
		if err := w.mailIn("eve@x.example", to, written(from, fmt.Sprint("other", i), "Not mine.")); err != nil {
			t.Error(err)
		}
	}
	if n := w.number(repliesQuery, thread); n != 0 {
		t.Errorf("%d posts by whose address looks alike", n)
	}
	if err := w.mailIn("kit@lincoln.example", to, written("KIT@Lincoln.Example", "own", "Mine.")); err != nil {
		t.Error(err)
	}
	if n := w.number(repliesQuery, thread); n != 1 {
		t.Errorf("%d posts from the address in capitals, want 1", n)
	}
}

// A subject of any length costs no more than its mail does: anybody may write to the
// site's own address.
func TestALongSubjectIsReadQuickly(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	begun := time.Now()
	mail := "From: eve@x.example\nSubject: " + strings.Repeat("re: [external] ", 35000) + "\n\nHello\n"
	if err := w.mailIn("eve@x.example", "postmaster@moothall.example", mail); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// What anybody may have written in somebody's name takes the place of nothing that they
// have typed, however much of it comes; it lies beside that, and what comes of it is bounded.
func TestForgedMailTakesThePlaceOfNoDraft(t *testing.T) {
	t.Parallel()
	w := openCast(t, "MOOTHALL_INBOUND_AUTHSERV", "mx.example")
	who := w.people["colleague"]
	thread := forumtest.Thread(t, w.store, w.people["author"], "Who has moved bins online?")
	from, to := w.address(who, "ada@northmoor.gov.example"), w.replyTo(who.ID, thread)
	typed := func(kind forum.DraftKind, target int64, words string) {
		t.Helper()
		if _, err := w.store.SaveDraft(t.Context(), who, forum.Typed{Kind: kind, Target: target, Fields: url.Values{"body": {words}}, Page: "a-page", Auto: true}); err != nil {
			t.Fatal(err)
		}
	}
	typed(forum.DraftReply, thread, "What I was typing.")
	typed(forum.DraftAsk, 0, "What I was asking.")
	ask := w.askAt(who, "waste-management", time.Now())
	for n := range 60 {
		for _, address := range []string{to, ask} {
			if err := w.mailIn("eve@x.example", address, written(from, fmt.Sprint(n, address[:3]), fmt.Sprintf("Eve says %d.", n), "To: "+address)); err != nil && !strings.HasPrefix(err.Error(), "451") {
				t.Fatal(err)
			}
		}
	}
	for _, words := range []string{"What I was typing.", "What I was asking."} {
		if n := w.number(`select count(*) from drafts where person_id = $1 and fields->>'body' like '%' || $2 || '%'`, who.ID, words); n != 1 {
			t.Errorf("%q is a draft no more", words)
		}
	}
	if n := w.number(`select count(*) from draft_versions where person_id = $1 and fields::text like '%Eve says%'`, who.ID); n != 2 {
		t.Errorf("%d texts lie beside the drafts, want the last of each", n)
	}
	if n := w.number(`select count(*) from inbound where person_id = $1`, who.ID); n > 50 {
		t.Errorf("%d mails are written down", n)
	}
	typed(forum.DraftReply, thread, "What I was typing. And more.") // and what comes by mail takes nothing from their pace
	if err := w.mailIn(from, to, written(from, "own", "By mail.", "Authentication-Results: mx.example; dmarc=pass")); err != nil {
		t.Error(err)
	}
	if n := w.number(repliesQuery, thread); n != 1 {
		t.Errorf("%d posts, want their own", n)
	}
	w.exec(`update threads set closed_at = now() where id = $1`, thread)
	if err := w.mailIn(from, to, written(from, "closed", "Too late?", "Authentication-Results: mx.example; dmarc=pass")); err != nil {
		t.Errorf("a mail of their own that comes too late: %v, want that they are told", err)
	}
}

// What anybody writes to the site's own address in somebody's name takes nothing from what
// they are told of their own mails.
func TestMailToNobodyKeepsNobodyFromBeingTold(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	for n := range 60 {
		if err := w.mailIn("eve@x.example", "hello@moothall.example", written(from, fmt.Sprint("lost", n), "Hello")); err != nil {
			t.Fatal(err)
		}
	}
	w.exec(`update threads set closed_at = now() where id = $1`, thread)
	if err := w.mailIn(from, to, written(from, "closed", "Too late?")); err != nil {
		t.Error(err)
	}
	if n := w.number(`select count(*) from letters l join inbound i on l.key = 'answer:' || i.id where l.person_id = $1 and i.why = 'closed'`, who.ID); n != 1 {
		t.Errorf("%d mails tell that the thread is closed, want 1", n)
	}
	if n := w.number(`select count(*) from inbound where person_id = $1`, who.ID); n > 51 {
		t.Errorf("%d mails are written down", n)
	}
}

// A machine that nobody knows for one says the same each time: it stands there once, and
// nobody is told. Who has taken their words away may say them again.
func TestTheSameWordsStandInAThreadOnce(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	other := forumtest.Thread(t, w.store, w.people["author"], "Who has moved bins online twice?")
	say := func(id, address string, want int64) {
		t.Helper()
		if err := w.mailIn(from, address, written(from, id, "I am not here until Monday.\nWrite to my colleagues.")); err != nil {
			t.Error(err)
		}
		if n := w.number(`select count(*) from posts where by_email and deleted_at is null and author_id = $1`, who.ID); n != want {
			t.Errorf("%d posts after %s, want %d", n, id, want)
		}
	}
	say("one", to, 1)
	say("two", to, 1)
	say("three", w.replyTo(who.ID, other), 2)
	if n := w.number(`select count(*) from letters where person_id = $1`, who.ID); n != 0 {
		t.Errorf("%d letters to a machine", n)
	}
	w.exec(`update posts set deleted_at = now() where by_email and thread_id = $1`, thread)
	say("four", to, 2)
	w.exec(`update posts set posted_at = now() - interval '2 days' where by_email`)
	say("five", to, 3)
}

// What cannot be read is refused at an address that few know. At one that anybody does it
// is taken and comes to nothing: the server that has to give it back would send it to
// whoever it says it is from.
func TestNobodyIsSentWhatOthersWriteInTheirName(t *testing.T) {
	t.Parallel()
	w, _, _, _, to := receiving(t)
	unread, large := "From: ada@x.example\nthis is no header\n\nBuy this", "From: ada@x.example\n\n"+strings.Repeat(strings.Repeat("a", 70)+"\n", 20000)
	for _, mail := range []string{unread, large} {
		for _, open := range []string{"hello", "postmaster", "unsubscribe"} {
			if err := w.mailIn("victim@third.example", open+"@moothall.example", mail); err != nil {
				t.Errorf("%s: %v, want it taken", open, err)
			}
		}
		if err := w.mailIn("victim@third.example", to, mail); err == nil || err.Error()[0] != '5' {
			t.Errorf("at an address of somebody's: %v, want it refused", err)
		}
	}
	if n := w.number(`select count(*) from letters`) + w.number(`select count(*) from inbound`); n != 0 {
		t.Errorf("%d letters and notes of it", n)
	}
}

// What a mail of ours has for its reader alone is in no post, whatever of that mail they
// quote: by those addresses anybody could stop their mail, or write in their name.
func TestNoPostHasWhatOneMailWasGiven(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	stop := w.stopToken(byThread, who.ID, thread, 0)
	ask := w.askAt(who, "housing", time.Now())
	words := "On Thu, 26 Nov 2026 at 09:15, Moothall <" + to + "> wrote:\n> Who has?\nWe have.\n" +
		"> Mute this:\n> https://moothall.example/unsubscribe/" + stop + "\nPlease see https://moothall.example/threads/7 too.\n" +
		"> https://eur01.safelinks.example/?url=https%3A%2F%2Fmoothall.example%2Funsubscribe%2F" + strings.ToUpper(stop) + "&data=05\nAnd write to me.\n" +
		"> [mailto:unsubscribe+" + stop + "@moothall.example] <mailto:unsubscribe%2B" + stop + "@moothall.example>\n> To: " + to + ", " + ask + "\nThat is all.\n"
	if err := w.mailIn(from, to, written(from, "one", words)); err != nil {
		t.Fatal(err)
	}
	var body string
	w.must(w.db.QueryRow(t.Context(), `select lower(body || html) from posts where by_email`).Scan(&body))
	for _, token := range []string{stop, to, ask} {
		if _, rest, found := strings.Cut(token, "+"); found {
			token, _, _ = strings.Cut(rest, "@")
		}
		if strings.Contains(body, token) {
			t.Errorf("the post has a token in it: %s", body)
		}
	}
	if !strings.Contains(body, "https://moothall.example/threads/7") || !strings.Contains(body, "that is all") {
		t.Errorf("the post is %s", body)
	}
}
