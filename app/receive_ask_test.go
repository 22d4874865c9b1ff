package app_test

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/letters"
)

// askAt is the address at which somebody asks under a topic, as of a day.
func (w *world) askAt(person forum.Person, topic string, at time.Time) string {
	id := w.number(`select id from topics where slug = $1`, topic)
	payload := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(person.ID)), uint64(id))
	payload = binary.AppendUvarint(payload, uint64(at.Unix()/(24*60*60)))
	return "ask+" + w.keys.Sign("ask", payload) + "@moothall.example"
}

// questioning is a mail of somebody that asks something.
func questioning(from, id, subject, words string, headers ...string) string {
	head := append([]string{"From: Ada <" + from + ">", "Subject: " + subject, "Message-ID: <" + id + "@mail.example>"}, headers...)
	return strings.Join(head, "\n") + "\n\n" + words + "\n"
}

// inboxOf is all that came to an address, once it holds some words.
func (w *world) inboxOf(t *testing.T, address, words string) (all string) {
	t.Helper()
	within(t, "a mail that says "+words, func() bool {
		all = ""
		for n := 1; n < 20; n++ {
			mail := w.get("", fmt.Sprintf("/dev/inbox/%d.eml", n))
			if mail.status == 200 && strings.Contains(mail.body, address) {
				all += strings.ReplaceAll(strings.ReplaceAll(mail.body, "=\r\n", ""), "=3D", "=")
			}
		}
		return strings.Contains(all, words)
	})
	return all
}

const asksQuery = `select count(*) from threads t join posts p on p.thread_id = t.id and p.by_email where t.author_id = $1`

// A mail to a topic's address, which its page shows to who may ask, starts a thread there
// once, however often it comes and to however many of them; its writer is told where.
func TestAQuestionByMailIsAskedOnce(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	who := w.people["colleague"]
	from := w.address(who, "ada@northmoor.gov.example")
	shown := regexp.MustCompile(`ask\+[a-z2-7]+@moothall\.example`)
	to := shown.FindString(w.get("colleague", "/topics/waste-management").body)
	if to == "" || shown.MatchString(w.get("visitor", "/topics/waste-management").body+w.get("supplier", "/topics/waste-management").body) {
		t.Fatalf("the address %q is not shown to whom it is for, and to nobody else", to)
	}
	mail := questioning(from, "one", "[EXTERNAL] =?utf-8?q?Who_has_moved_bins_online=3F?=", "We have *not*, so far.\n\n-- \nAda\nNorthmoor Council",
		"To: Waste <"+strings.ToUpper(to)+">, "+w.askAt(who, "housing", time.Now()))
	other := w.askAt(who, "housing", time.Now())
	var all sync.WaitGroup
	for _, address := range []string{to, to, to, other, to} {
		all.Go(func() {
			if err := w.mailIn(from, address, mail); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := w.number(asksQuery, who.ID); n != 1 {
		t.Fatalf("%d threads, want 1", n)
	}
	id := w.number(`select id from threads where author_id = $1 and kind = 'question' and title = 'Who has moved bins online?' and visibility = 'public'`, who.ID)
	page := w.get("visitor", fmt.Sprintf("/threads/%d-who-has-moved-bins-online", id)).body
	if !strings.Contains(page, "We have <em>not</em>, so far.") || strings.Contains(page, "Northmoor Council</p>") || !strings.Contains(page, "by email") {
		t.Error("the page does not show the words, and only those")
	}
	told := w.inboxOf(t, from, "Your question is posted: Who has moved bins online?")
	if n := strings.Count(told, "\nSubject:"); n != 1 || !strings.Contains(told, fmt.Sprintf("/threads/%d-who-has", id)) || !strings.Contains(told, "as a question in") {
		t.Errorf("%d mails, want 1 that says where it stands and what it is: %s", n, told)
	}
	if strings.Contains(told, "List-Unsubscribe") || !strings.Contains(told, "Auto-Submitted: auto-generated") {
		t.Error("what confirms is not a mail of its own sort")
	}
}

// What cannot be asked by mail is kept as a draft of a question where it is its person's,
// and a mail leads there; a machine's is nothing.
func TestWhatIsNotAskedByMailIsADraft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, why, subject, words string
		who                       string
		change                    string // of the person
		from                      string // other than theirs
		to                        string // other than the topic's address
		headers                   []string
		days                      int // ago
		kept                      bool
	}{
		{name: "residents", why: "check", words: "Her national insurance number is AB 12 34 56 C, call 07700 900123.", kept: true},
		{name: "marked", why: "marked", subject: "[OFFICIAL-SENSITIVE] Our leak", kept: true},
		{name: "untitled", why: "ask_untitled", subject: "[EXTERNAL]", kept: true},
		{name: "answer", why: "ask_aside", headers: []string{"In-Reply-To: <x@mail.example>"}, kept: true},
		{name: "thread", why: "ask_aside", headers: []string{"References: <x@mail.example>"}, kept: true},
		{name: "re", why: "ask_aside", subject: "[EXTERNAL] RE: Our leak", kept: true},
		{name: "forwarded", why: "ask_aside", subject: "YML: Our leak", kept: true},
		{name: "copied", why: "ask_aside", to: "ben@southmoor.gov.example", kept: true},
		{name: "blind", why: "ask_aside", to: "undisclosed-recipients:;", kept: true},
		{name: "long title", why: "check", subject: strings.Repeat("why ", 60), kept: true},
		{name: "empty", why: "ask_empty", words: "\n\nOn Thu, 26 Nov 2026 at 09:15, Ben <ben@x.example> wrote:\n> Who has?"},
		{name: "old address", why: "ask_late", days: 366, kept: true},
		{name: "somebody else", why: "other_address", from: "eve@x.example"},
		{name: "supplier", why: "ask_supplier", who: "supplier", kept: true},
		{name: "suspended", why: "suspended", change: `update people set suspended_at = now() - interval '1 hour', suspended_until = now() + interval '1 day', suspended_why = 'x' where id = $1`, kept: true},
		{name: "machine", headers: []string{"Auto-Submitted: auto-replied"}},
		{name: "away", subject: "Automatic reply: Who has?"},
		{name: "list", headers: []string{"List-Id: <a.example>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := openCast(t)
			name := "colleague"
			if c.who != "" {
				name = c.who
			}
			who := w.people[name]
			from := w.address(who, "ada@northmoor.gov.example")
			if c.change != "" {
				w.exec(c.change, who.ID)
			}
			before := w.number(`select count(*) from threads`)
			sender, subject, words := from, "Who has moved bins online?", "We have not."
			if c.from != "" {
				sender = c.from
			}
			if c.subject != "" {
				subject = c.subject
			}
			if c.words != "" {
				words = c.words
			}
			to := w.askAt(who, "waste-management", time.Now().AddDate(0, 0, -c.days))
			written := to
			if c.to != "" {
				written = c.to + "\nCc: " + to
			}
			for n := range 3 {
				if err := w.mailIn(sender, to, questioning(sender, fmt.Sprint(c.name[:2], n), subject, words, append(c.headers, "To: "+written)...)); err != nil {
					t.Error(err)
				}
			}
			if n := w.number(`select count(*) from threads`); n != before {
				t.Errorf("%d threads more", n-before)
			}
			if c.why == "" {
				if n := w.number(`select count(*) from inbound`) + w.number(`select count(*) from letters`); n != 0 {
					t.Error("a machine gets an answer")
				}
				return
			}
			if n := w.number(`select count(*) from letters l join inbound i on l.key = 'answer:' || i.id where l.person_id = $1 and i.why = $2`, who.ID, c.why); n != 1 {
				t.Errorf("%d mails tell why, want 1 an hour", n)
			}
			if n := w.number(`select count(*) from drafts where person_id = $1 and kind = 'ask' and fields->'topic' = '["waste-management"]'`, who.ID); (n == 1) != c.kept {
				t.Errorf("%d drafts, want one: %v", n, c.kept)
			}
			told := w.inboxOf(t, from, "was not posted")
			if strings.Contains(told, "Your words are kept as a draft") != c.kept || strings.Contains(told, "/threads/new") != c.kept {
				t.Errorf("the mail says of a draft, with its link: %v, want %v: %s", !c.kept, c.kept, told)
			}
		})
	}
}

// Where a relay is trusted, what it does not vouch for is a draft; a newcomer's question
// waits; a topic's address of nobody is refused at once.
func TestAskingByMailTakesWhatAnsweringTakes(t *testing.T) {
	t.Parallel()
	w := openCast(t, "MOOTHALL_INBOUND_AUTHSERV", "mx.example")
	who := w.people["newcomer"]
	from := w.address(who, "nia@northmoor.gov.example")
	to := w.askAt(who, "waste-management", time.Now())
	if err := w.mailIn(from, to, questioning(from, "forged", "Buy this", "Now", "To: "+to, "Authentication-Results: mx.example; dmarc=fail")); err != nil {
		t.Error(err)
	}
	if n := w.number(asksQuery, who.ID); n != 0 {
		t.Errorf("%d threads, want none", n)
	}
	if err := w.mailIn(from, to, questioning(from, "mine", "Who has moved bins online?", "We have not.", "To: "+to, "Authentication-Results: mx.example; dmarc=pass")); err != nil {
		t.Error(err)
	}
	id := w.number(`select id from threads where author_id = $1 and held_at is not null`, who.ID)
	if page := w.get("visitor", fmt.Sprintf("/threads/%d", id)); page.status != 404 {
		t.Errorf("a newcomer's question: %d, want 404", page.status)
	}
	if n := w.number(`select count(*) from drafts where person_id = $1 and fields->'title' = '["Buy this"]'`, who.ID); n != 1 {
		t.Errorf("%d drafts hold what was not vouched for, want 1", n)
	}
	w.inboxOf(t, from, "Your question waits for you to be let in: Who has moved bins online?")
	for _, forged := range []string{"ask@moothall.example", "ask+aaaa@moothall.example", strings.Replace(to, "ask+", "reply+", 1), "waste@moothall.example"} {
		if err := w.mailIn(from, forged, questioning(from, "f", "Hello", "Hello")); err == nil || !strings.HasPrefix(err.Error(), "550") {
			t.Errorf("%s: %v, want 550", forged, err)
		}
	}
	w.exec(`delete from letters`)
	if _, err := letters.New(w.store).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}
