package app_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"mime"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// bent is what somebody would write who wants to send a mail of their own.
const bent = "Bins\r\nBcc: eve@evil.example\r\nX-Evil: yes\r\n\r\n<script>alert(1)</script>\r\n.\r\nRCPT TO:<eve@evil.example>"

// inbox waits for n mails and returns their sources, in the order of their numbers.
func (w *world) inbox(n int) (sources []string) {
	w.t.Helper()
	var all []struct{ ID int }
	within(w.t, fmt.Sprintf("%d mails come", n), func() bool {
		all = nil
		if err := json.Unmarshal([]byte(w.get("", "/dev/inbox.json").body), &all); err != nil {
			w.t.Fatal(err)
		}
		return len(all) >= n
	})
	slices.SortFunc(all, func(a, b struct{ ID int }) int { return a.ID - b.ID })
	for _, one := range all {
		sources = append(sources, w.get("", fmt.Sprintf("/dev/inbox/%d.eml", one.ID)).body)
	}
	return sources
}

// headers are the names of a mail's headers, each as often as it is there.
func headers(t *testing.T, source string) (names []string) {
	t.Helper()
	head, _, found := strings.Cut(source, "\r\n\r\n")
	if !found {
		t.Fatalf("no mail: %s", short(source))
	}
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, _, found := strings.Cut(line, ":"); found && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
			names = append(names, strings.ToLower(name))
		}
	}
	slices.Sort(names)
	return names
}

// Whatever is in a title or in a name, the mail about it has the headers that it always
// has and goes to one person; to an address that is more than one it does not go at all.
func TestNoTitleNameOrAddressBendsAMail(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	author, reader := w.people["author"], w.people["colleague"]
	w.address(reader, "cole@southmoor.gov.example")
	thread := forumtest.Thread(t, w.store, author, "Who has moved bins online?")
	w.must(w.store.Follow(t.Context(), reader, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant))
	w.say(thread, "A mail as it should be.")
	straight := headers(t, w.inbox(1)[0])

	w.exec(`update threads set title = $1 where id = $2`, bent, thread)
	w.exec(`update topics set name = $1 where slug = 'waste-management'`, bent)
	w.exec(`update people set name = $1, job_title = $1 where id = any($2)`, bent, []int64{author.ID, reader.ID})
	w.exec(`update councils set name = $1, short_name = $1 where slug = 'northmoor'`, bent)
	w.say(thread, "A mail that somebody wants to bend.\n.\n"+bent)
	source := w.inbox(2)[1]
	if got := headers(t, source); !slices.Equal(got, straight) {
		t.Errorf("the headers are %q, want %q", got, straight)
	}
	m, err := netmail.ReadMessage(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "cole@southmoor.gov.example" || m.Header.Get("Delivered-To") != "cole@southmoor.gov.example" {
		t.Errorf("it went to %v, %q, %v", to, m.Header.Get("Delivered-To"), err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || strings.ContainsAny(subject, "\r\n") || !strings.Contains(subject, "Bins") {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	if strings.Contains(source, "<script>") && !strings.Contains(source, "&lt;script&gt;") {
		t.Error("the mail carries a script")
	}

	for n, address := range []string{"cole@southmoor.gov.example>\r\nRCPT TO:<eve@evil.example", "cole@southmoor.gov.example, eve@evil.example", "cole@southmoor.gov.example\r\nBcc: eve@evil.example"} {
		w.exec(`delete from bounces`)
		w.address(reader, address)
		w.say(thread, fmt.Sprint("To an address that is none ", n))
		within(t, "the letter comes to something", func() bool {
			return w.number(`select count(*) from letters where person_id = $1 and state = 'bounced'`, reader.ID) == int64(n+1)
		})
	}
	if got := w.inbox(2); len(got) != 2 {
		t.Errorf("%d mails went out, want 2", len(got))
	}
}

// What is bent in a mail that came in bends nothing that goes out: neither the answer to
// its writer nor the mail about the post that it became.
func TestNoMailThatCameInBendsOneThatGoesOut(t *testing.T) {
	t.Parallel()
	w, who, thread, from, to := receiving(t)
	w.say(thread, "A mail as it should be.") // to nobody but the author's followers: none
	w.exec(`update threads set closed_at = now() where id = $1`, thread)
	if err := w.mailIn(from, to, written(from, "straight", "Too late?")); err != nil {
		t.Fatal(err)
	}
	straight := headers(t, w.inbox(1)[0])
	w.exec(`update letters set created_at = created_at - interval '2 hours' where person_id = $1`, who.ID)
	odd := "=?utf-8?q?Ada=0D=0ABcc=3A_eve=40evil.example=0D=0A=0D=0AX?="
	source := strings.Join([]string{"From: " + odd + " <" + from + ">", "Subject: " + odd, "Message-ID: <" + odd + "bent@mail.example>",
		"References: <a@b.example>" + odd, "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "",
		"Words.", "Bcc: eve@evil.example", "X-Evil: yes", "..", "", "--b", "Content-Type: text/plain; name=\"" + odd + "\"",
		"Content-Disposition: attachment; filename*=utf-8''a%0D%0ABcc%3A%20eve@evil.example%60%5Bx%5D(https%3A%2F%2Fevil.example)", "", "x", "--b--", ""}, "\n")
	if err := w.mailIn(from, to, source); err != nil {
		t.Fatal(err)
	}
	answer := w.inbox(2)[1]
	if got := headers(t, answer); !slices.Equal(got, straight) {
		t.Errorf("the answer has the headers %q, want %q", got, straight)
	}
	if !strings.Contains(answer, "> Bcc: eve@evil.example") {
		t.Errorf("the words are not in the answer: %.900s", answer)
	}

	reader := w.people["lead"]
	w.address(reader, "lea@northmoor.gov.example")
	w.must(w.store.Follow(t.Context(), reader, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant))
	w.exec(`update threads set closed_at = null where id = $1`, thread)
	w.say(thread, "A mail as it should be.")
	told := headers(t, w.inbox(3)[2])
	if err := w.mailIn(from, to, strings.Replace(source, "bent@", "bent2@", 1)); err != nil {
		t.Fatal(err)
	}
	if got := headers(t, w.inbox(4)[3]); !slices.Equal(got, told) {
		t.Errorf("the mail about the post has the headers %q, want %q", got, told)
	}
	if page := w.get("colleague", threadAt(thread)); strings.Contains(page.body, `href="https://evil.example`) {
		t.Error("the name of a file became a link")
	}
}

// bounced hands in what a mail server says of a letter of ours.
func (w *world) bounced(letter int64, report string) {
	w.t.Helper()
	to := "bounce+" + w.keys.Sign("bounce", binary.AppendUvarint(nil, uint64(letter))) + "@moothall.example"
	if err := w.mailIn("", to, report); err != nil {
		w.t.Error(err)
	}
}

// sentTo is a letter of somebody's that went out.
func (w *world) sentTo(who forum.Person, address, key string) int64 {
	return w.number(`insert into letters (person_id, kind, key, state, address, created_at, due_at, done_at)
		values ($1, 'instant', $3, 'sent', $2, now(), now(), now()) returning id`, who.ID, address, key)
}

// Mail that comes back for a while, again and again, ends mail to an address as does that
// for good, also where the server says so in words alone; what is no report ends nothing, and
// neither does what is of somebody else to whom it was sent on.
func TestMailThatComesBackAgainAndAgainStops(t *testing.T) {
	t.Parallel()
	report := func(status string) string {
		return "From: mailer@x.example\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry\n--b\n" +
			"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; ada@northmoor.gov.example\nAction: failed\nStatus: " + status + "\n\n--b--\n"
	}
	of := func(status, whom string) string {
		return strings.Replace(report(status), "ada@northmoor.gov.example", whom, 1)
	}
	plain := func(said string) string {
		return "From: MAILER-DAEMON@x.example\nSubject: failure notice\n\nHi. This is the mail program at x.example.\n<a@x.example>:\n" + said + "\n"
	}
	for name, test := range map[string]struct {
		reports []string
		after   int // as many of them; 0: never
	}{
		"full for a while":      {[]string{report("4.2.2"), report("4.2.2"), report("4.2.2"), report("4.2.2"), report("4.2.2")}, 4},
		"what they think of us": {[]string{report("5.7.1"), report("5.1.8"), report("4.7.0"), report("5.6.0"), report("5.7.1")}, 0},
		"takes no mail":         {[]string{report("5.2.1"), report("5.2.1"), report("5.2.1")}, 3},
		"some of both":          {[]string{report("4.2.2"), report("5.2.1"), report("4.4.1"), report("5.2.2")}, 4},
		"nobody there":          {[]string{report("5.1.1")}, 1},
		"nobody, in words":      {[]string{plain("550 5.1.1 There is nobody here")}, 1},
		"full, in words":        {[]string{plain("452 4.2.2 Mailbox full"), plain("452 4.2.2 Mailbox full"), plain("452 4.2.2 Mailbox full"), plain("452 4.2.2 Mailbox full")}, 4},
		"nothing of the kind": {[]string{plain("Thank you for your mail, I am back on Monday."), plain("It is warm: 25.1.1 degrees."),
			"From: ada@x.example\nAuto-Submitted: auto-replied\nSubject: Away\n\nI am away until 5.1.27. 550 5.1.1\n",
			"From: ada@x.example\nSubject: Away\n\nIn room 550 5.1.1 from Monday.\n", plain("I am away until 5.1.27"), "From: a@x.example\nSubject: Re\n\n\n"}, 0},
		"of one in a list":      {[]string{of("5.1.1", "jo@northmoor.gov.example"), of("5.1.1", "jo@northmoor.gov.example"), of("5.2.2", "jo@home.example"), of("5.1.1", "jo@x.example"), of("5.1.1", "jo@x.example")}, 0},
		"of their own":          {[]string{of("5.1.1", "ada@home.example"), of("5.1.1", "ada@home.example"), of("5.2.1", "ada@gov.example"), of("5.1.1", "ada@onmicrosoft.com.example")}, 0},
		"by its other name":     {[]string{of("5.1.1", "ADA+bins@Northmoor.gov.example")}, 1},
		"where its host has it": {[]string{of("5.1.1", "ada@northmoorgov.mail.onmicrosoft.com")}, 1},
		"only delayed, so far":  {[]string{strings.Replace(report("4.4.1"), "failed", "delayed", 1), strings.Replace(report("4.4.1"), "failed", "delayed", 1)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, who, _, from, _ := receiving(t)
			for n, report := range test.reports {
				letter := w.sentTo(who, from, fmt.Sprint(n))
				w.bounced(letter, report)
				w.bounced(letter, report) // once for each letter
				stopped := w.number(`select count(*) from bounces where person_id = $1 and suppressed_at is not null`, who.ID) == 1
				if want := test.after > 0 && n+1 >= test.after; stopped != want {
					t.Errorf("after %d: stopped is %v, want %v", n+1, stopped, want)
				}
			}
			if page := w.get("colleague", "/account/emails").body; strings.Contains(page, "/account/emails/try") != (test.after > 0) {
				t.Error("the site says it, or does not, when it should not, or should")
			}
		})
	}
}
