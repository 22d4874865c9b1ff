package app_test

import (
	"encoding/binary"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// leaveToken is that of a newsletter's link that stops it.
func (w *world) leaveToken(subscriber, issue int64) string {
	return w.keys.Sign("newsletter", binary.AppendUvarint(binary.AppendUvarint(nil, uint64(subscriber)), uint64(issue)))
}

// subscriber is an address that gets the newsletter.
func (w *world) subscriber(name string) int64 {
	w.t.Helper()
	w.exec(`insert into newsletter_subscribers (address, asked_at, asks_since, confirmed_at) values ($1 || '@example.org', now(), now(), now()) on conflict do nothing`, name)
	return w.number(`select id from newsletter_subscribers where address = $1 || '@example.org'`, name)
}

// newsletter is the word for an issue, for a block of one, or for a link.
func (w *rightsWorld) newsletter(name string) string {
	w.t.Helper()
	cora := w.people["curator"].ID
	if name == "others" {
		cora = w.people["administrator"].ID
	}
	begun := "null"
	state := name
	switch name {
	case "address", "wrong", "on", "off", "-":
		return ""
	case "unknown":
		return strings.Repeat("a", 50)
	case "known":
		w.exec(`insert into newsletter_subscribers (address, asked_at, asks_since) values ('asked@example.org', now(), now()) on conflict do nothing`)
		id := w.number(`select id from newsletter_subscribers where address = 'asked@example.org'`)
		return w.keys.Sign("newsletter-confirm", binary.AppendUvarint(binary.AppendUvarint(nil, uint64(id)), uint64(time.Now().Unix())))
	case "others", "block":
		state = "draft"
	case "sent", "paused":
		begun = "now()"
	}
	id := w.number(`
		insert into newsletters (subject, state, curator_id, made_at, changed_at, since, due_at, begun_at, queued_at, ended_at)
		values ('News', $1, $2, now(), now(), now(), '2100-01-01', `+begun+`, `+begun+`, case when $1 = 'sent' then now() end) returning id`, state, cora)
	block := w.number(`insert into newsletter_blocks (newsletter_id, kind, body, place) values ($1, 'text', 'Hello', 1) returning id`, id)
	if name == "block" {
		id = block
	}
	return strconv.FormatInt(id, 10)
}

// newsletterForm is a form that an address of newsletters takes.
func (w *rightsWorld) newsletterForm(c cell) url.Values {
	switch c.e.path {
	case "/newsletters", "/newsletters/:id":
		return fieldsOf("subject", "News", "lang", "en", "version", "")
	case "/newsletters/subscribe":
		return fieldsOf("email", map[string]string{"address": "somebody@example.org", "wrong": "nobody"}[c.name])
	case "/newsletters/blocks/:id", "/newsletters/:id/blocks":
		return fieldsOf("kind", "text", "heading", "News", "version", "")
	case "/newsletters/blocks/:id/move":
		return fieldsOf("to", "up")
	case "/newsletters/:id/review":
		return fieldsOf("on", "0")
	case "/newsletters/:id/approve":
		return fieldsOf("version", "1")
	case "/newsletters/:id/schedule":
		return fieldsOf("at", time.Now().AddDate(0, 1, 0).UTC().Format("2006-01-02T15:04"))
	}
	return url.Values{}
}

// linkIn finds an address of the site in a mail's plain text.
func (w *world) linkIn(mail, path string) string {
	w.t.Helper()
	text := strings.ReplaceAll(strings.ReplaceAll(mail, "=\r\n", ""), "=3D", "=")
	found := regexp.MustCompile(regexp.QuoteMeta(w.url) + `(` + path + `[a-z2-7]+)`).FindStringSubmatch(text)
	if found == nil {
		w.t.Fatalf("no %s in %s", path, mail)
	}
	return found[1]
}

// visit sends a form as a visitor's browser does.
func (w *world) visit(path string, fields ...string) echo {
	return w.send(knock{method: "POST", path: path, form: fieldsOf(fields...), header: http.Header{"Origin": {w.url}}})
}

// A visitor subscribes by a button behind a link that was sent to them: opening it does
// nothing, pressing twice no more than once, and the answer to the form says nothing of
// who is known. One press in a mail program ends it, and no issue comes after.
func TestAVisitorSubscribesAndLeaves(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	w.subscriber("known")
	first := w.visit("/newsletters/subscribe", "email", "Eve@Example.org")
	known := w.visit("/newsletters/subscribe", "email", "known@example.org")
	if first.status != 303 || first.location(w) != "/newsletters/subscribed" || known.location(w) != first.location(w) || known.status != 303 || first.header.Get("Set-Cookie") != "" {
		t.Fatalf("%d %s, of who is known %d %s", first.status, first.location(w), known.status, known.location(w))
	}
	for _, wrong := range []string{"", "eve", "eve@example.org\r\nBcc: x@example.org"} {
		if got := w.visit("/newsletters/subscribe", "email", wrong); got.status != 422 || !strings.Contains(got.body, `id="email-error"`) || wrong == "eve" && !strings.Contains(got.body, `value="eve"`) {
			t.Errorf("%q: %d", wrong, got.status)
		}
	}
	if got := w.send(knock{method: "POST", path: "/newsletters/subscribe", form: fieldsOf("email", "x@example.org"), header: http.Header{"Origin": {"https://evil.example"}}}); got.status != 403 {
		t.Errorf("from elsewhere: %d", got.status)
	}
	mail := w.inbox(1)[0]
	link := w.linkIn(mail, "/newsletters/confirm/")
	before := w.state()
	for _, method := range []string{"GET", "HEAD"} {
		if got := w.send(knock{method: method, path: link}); got.status != 200 || got.header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s: %d", method, got.status)
		}
	}
	if tables := changed(before, w.state()); len(tables) > 0 {
		t.Errorf("opening it changed %v", tables)
	}
	for range 2 {
		if got := w.visit(link); got.status != 303 || got.location(w) != link {
			t.Fatalf("pressing: %d %s", got.status, short(got.body))
		}
	}
	if got := w.get("", link); !strings.Contains(got.body, "eve@example.org gets the newsletter now") {
		t.Errorf("it says %s", short(got.body))
	}
	for name, forged := range map[string]string{"cut": link[:len(link)-2], "of another purpose": "/newsletters/confirm/" + w.leaveToken(1, 0), "old": "/newsletters/confirm/" +
		w.keys.Sign("newsletter-confirm", binary.AppendUvarint([]byte{1}, uint64(time.Now().AddDate(0, 0, -8).Unix())))} {
		if get, post := w.get("", forged), w.visit(forged); get.status != 404 || post.status != 404 || name == "old" && (!strings.Contains(get.body, `<a href="/newsletters#subscribe">Type your address again</a>`) || strings.Contains(get.body, "to see whether")) {
			t.Errorf("%s: %d %d", name, get.status, post.status)
		}
	}
	if w.number(`select count(*) from newsletter_subscribers where confirmed_at is not null`) != 2 {
		t.Error("others were subscribed")
	}
	issue := w.sendIssue("Hello **all**.")
	for _, mail = range w.inbox(3)[1:] {
		if strings.Contains(mail, "To: <eve@example.org>") {
			break
		}
	}
	for _, header := range []string{fmt.Sprintf("Message-ID: <newsletter-%d@", issue), "Moothall-Kind: newsletter", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "List-Id: <newsletter."} {
		if !strings.Contains(mail, header) {
			t.Errorf("the mail has no %q", header)
		}
	}
	stop := "/unsubscribe/" + w.leaveToken(w.number(`select id from newsletter_subscribers where address = 'eve@example.org'`), issue)
	if !strings.Contains(strings.ReplaceAll(mail, "=\r\n", ""), w.url+stop) {
		t.Error("the mail has no link that stops it")
	}
	if got := w.get("", stop); got.status != 200 || w.number(`select count(*) from newsletter_subscribers where left_at is not null`) != 0 {
		t.Errorf("opening the link: %d", got.status)
	}
	for range 2 {
		got := w.send(knock{method: "POST", path: stop, form: fieldsOf("List-Unsubscribe", "One-Click"), header: http.Header{"Origin": {"null"}}, unsigned: true})
		if got.status != 200 {
			t.Errorf("one press: %d", got.status)
		}
	}
	if n := w.number(`select went from newsletters where id = $1`, issue); n != 1 {
		t.Errorf("%d are said to have left", n)
	}
	w.sendIssue("Hello again.")
	within(t, "the next issue is sent", func() bool {
		return w.number(`select count(*) from newsletter_letters where kind = 'issue' and state = 'sent'`) == 3
	})
}

// sendIssue has the curator write an issue and send it, and its number.
func (w *world) sendIssue(body string) int64 {
	w.t.Helper()
	got := w.post("curator", "/newsletters", "subject", "News of "+body, "lang", "en")
	var id int64
	if _, err := fmt.Sscanf(got.location(w), "/newsletters/%d/edit", &id); err != nil {
		w.t.Fatalf("%d %s", got.status, short(got.body))
	}
	page := fmt.Sprintf("/newsletters/%d", id)
	if got := w.post("curator", page+"/blocks", "kind", "text", "body", body); got.status != 303 {
		w.t.Fatalf("a block: %d %s", got.status, short(got.body))
	}
	if got := w.post("curator", page+"/schedule", "at", ""); got.status != 303 {
		w.t.Fatalf("scheduling: %d %s", got.status, short(got.body))
	}
	return id
}

// Whose page showed another title than an issue has by now gets the page anew, and sends it
// from there.
func TestAnIssueGoesOutAsThePageShowedIt(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	thread := forumtest.Thread(t, w.store, w.people["author"], "Who has a canary?")
	page := strings.TrimSuffix(w.post("curator", "/newsletters", "subject", "News", "lang", "en").location(w), "/edit")
	w.post("curator", page+"/blocks", "kind", "news", "threads", strconv.FormatInt(thread, 10))
	seen := func(body string) (fields []string) {
		for _, name := range []string{"version", "seen"} {
			_, form, _ := strings.Cut(body, `action="`+page+`/schedule"`)
			_, rest, _ := strings.Cut(form, `name="`+name+`" value="`)
			value, _, _ := strings.Cut(rest, `"`)
			fields = append(fields, name, value)
		}
		return fields
	}
	before := seen(w.get("curator", page+"/edit").body)
	w.exec(`update threads set title = 'Buy my canary' where id = $1`, thread)
	w.exec(`update newsletters set changed_by = $1`, w.people["author"].ID) // the curator may approve it
	for _, deed := range []string{"/schedule", "/approve"} {
		if got := w.post("curator", page+deed, before...); got.status != 409 || !strings.Contains(got.body, "Buy my canary") {
			t.Errorf("%s: %d %s", deed, got.status, short(got.body))
		}
	}
	again := w.post("curator", page+"/schedule", before...)
	if got := w.post("curator", page+"/schedule", seen(again.body)...); got.status != 303 {
		t.Errorf("from the page anew: %d %s", got.status, short(got.body))
	}
}

// A curator fills an issue, looks it through, tries it and sends it; everybody may then
// read it, in the archive, by itself and in the feed, and no more than a visitor may see
// is in it, in the mail neither.
func TestACuratorComposesAndSends(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	w.subscriber("reader")
	w.exec(`update people set proven_email = 'cora@southmoor.gov.example' where id = $1`, w.people["curator"].ID)
	thread := forumtest.Thread(t, w.store, w.people["author"], "Who has a canary?")
	forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: "A secret of councils", Visibility: "councils"})
	got := w.post("curator", "/newsletters", "subject", "News", "lang", "en")
	page := strings.TrimSuffix(got.location(w), "/edit")
	for _, step := range []struct {
		path   string
		fields []string
		want   int
	}{
		{"/fill", nil, 303}, {"/fill", nil, 303},
		{"/blocks", []string{"kind", "news", "body", "Look [here](/threads/999999)", "threads", "/threads/999999"}, 422},
		{"/blocks", []string{"kind", "news", "body", "Look [here](/threads/999999)", "threads", "https://elsewhere.example/threads/" + strconv.FormatInt(thread, 10)}, 422},
		{"/blocks", []string{"kind", "dates", "threads", w.url + "/threads/" + strconv.FormatInt(thread, 10) + " by its whole address"}, 303},
		{"/blocks", []string{"kind", "news", "heading", "Mine", "body", "Look [here](/threads/999999)."}, 303},
		{"/check", nil, 200}, {"/test", nil, 303}, {"/schedule", []string{"at", "2020-01-01T10:00"}, 422},
		{"/schedule", []string{"at", "", "when", "later"}, 422}, {"/schedule", []string{"at", "", "version", "1"}, 409},
	} {
		got := w.post("curator", page+step.path, step.fields...)
		if got.status != step.want {
			t.Fatalf("%s: %d, want %d: %s", step.path, got.status, step.want, short(got.body))
		}
		switch {
		case step.want == 422 && step.path == "/blocks" && (!strings.Contains(got.body, "Look [here](/threads/999999)</textarea>") || !strings.Contains(got.body, `id="threads-error"`)):
			t.Errorf("what was typed is lost: %s", short(got.body))
		case step.path == "/check" && (!strings.Contains(html.UnescapeString(got.body), "A link says only “here”") || !strings.Contains(got.body, "number 999999") || !strings.Contains(got.body, "The plain text says the same")):
			t.Errorf("it was not looked through: %s", got.body)
		}
	}
	test := w.inbox(1)[0]
	if !strings.Contains(test, "Subject: [TEST] News") || !strings.Contains(test, "To: <cora@southmoor.gov.example>") || strings.Contains(test, "List-Unsubscribe:") {
		t.Errorf("the test is %s", test)
	}
	if got := w.get("visitor", page); got.status != 404 {
		t.Errorf("a draft: %d", got.status)
	}
	for _, as := range []string{"text", "html"} {
		if got := w.get("curator", page+"/mail?as="+as); got.status != 200 || !strings.Contains(got.body, "Who has a canary?") || strings.Contains(got.body, "A secret") || strings.Contains(got.body, "style=") {
			t.Errorf("as %s: %d %s", as, got.status, got.body)
		}
	}
	if got := w.post("curator", page+"/schedule"); got.status != 303 {
		t.Fatalf("%d %s", got.status, short(got.body))
	}
	mail := w.inbox(2)[1]
	if !strings.Contains(mail, "To: <reader@example.org>") || !strings.Contains(mail, "Who has a canary?") || strings.Contains(mail, "A secret") {
		t.Errorf("the mail is %s", mail)
	}
	everywhere := func(want bool) {
		t.Helper()
		for _, path := range []string{page, "/feeds/newsletters.atom"} {
			if got := w.get("visitor", path); got.status != 200 || strings.Contains(got.body, "Who has a canary?") != want {
				t.Errorf("%s: %d, it is there: %t", path, got.status, !want)
			}
		}
	}
	everywhere(true)
	if got := w.get("visitor", "/newsletters"); !strings.Contains(got.body, `href="`+page+`"`) {
		t.Errorf("the archive is %s", short(got.body))
	}
	if got := w.post("curator", page+"/blocks", "kind", "text", "body", "Too late"); got.status != 409 || !strings.Contains(got.body, "It has changed meanwhile") {
		t.Errorf("changed after: %d", got.status)
	}
	if got := w.post("moderator", fmt.Sprintf("/threads/%d/hide", thread), "on", "1", "reason", "It names somebody"); got.status != 303 {
		t.Fatalf("hiding: %d", got.status)
	}
	everywhere(false)
	within(t, "it is over", func() bool {
		w.advance(time.Minute)
		return w.number(`select count(*) from newsletters where state = 'sent' and sent = 1`) == 1
	})
	if got := w.get("curator", page+"/edit"); !strings.Contains(got.body, "Came back") || strings.Contains(got.body, "Send it then") {
		t.Errorf("what came of it: %s", short(got.body))
	}
}

// Somebody with an account switches it on and off among their emails; it goes with them.
func TestAnAccountHasASwitch(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	w.exec(`update people set proven_email = 'cole@southmoor.gov.example' where id = $1`, w.people["colleague"].ID)
	for _, on := range []string{"1", "1", "0", "0", "1"} {
		if got := w.post("colleague", "/account/emails/newsletter", "on", on); got.status != 303 {
			t.Fatalf("%d %s", got.status, short(got.body))
		}
		want := map[string]string{"1": "The newsletter comes to you.", "0": "The newsletter does not come to you."}[on]
		if got := w.get("colleague", "/account/emails"); !strings.Contains(got.body, want) {
			t.Errorf("%s: it does not say %q", on, want)
		}
	}
	issue := w.sendIssue("Hello.")
	if mail := w.inbox(1)[0]; !strings.Contains(mail, "To: <cole@southmoor.gov.example>") {
		t.Errorf("the mail is %s", mail)
	}
	// The old mail lies in the inbox of a council that they have left: it stops the newsletter, and does not say where it comes now.
	w.exec(`update people set proven_email = 'cole@northmoor.gov.example' where id = $1`, w.people["colleague"].ID)
	stop := "/unsubscribe/" + w.leaveToken(w.number(`select id from newsletter_subscribers`), issue)
	for _, want := range []string{"Press the button", "No newsletter comes to this account any more"} {
		if got := w.get("", stop); got.status != 200 || !strings.Contains(got.body, want) || strings.Contains(got.body, "northmoor.gov") {
			t.Errorf("%q: %d %s", want, got.status, short(got.body))
		}
		if got := w.visit(stop); got.status != 303 {
			t.Errorf("stopping: %d", got.status)
		}
	}
}

// What comes back because nobody is there ends the address; who wrote an answer, or what
// is only late, does not.
func TestANewsletterThatComesBackEndsTheAddress(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	w.subscriber("gone")
	w.sendIssue("Hello.")
	w.inbox(1)
	letter := w.number(`select id from newsletter_letters`)
	to := "bounce+" + w.keys.Sign("newsletter-bounce", binary.AppendUvarint(nil, uint64(letter))) + "@moothall.example"
	report := func(action, status string) string {
		return "From: Mail Delivery <mailer-daemon@example.org>\nTo: <" + to + ">\nSubject: Returned\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
			"--b\nContent-Type: text/plain\n\nIt came back.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.org\n\nFinal-Recipient: rfc822; gone@example.org\nAction: " + action + "\nStatus: " + status + "\n--b--\n"
	}
	within(t, "it was sent", func() bool { return w.number(`select count(*) from newsletter_letters where state = 'sent'`) == 1 })
	w.must(w.mailIn("", to, report("delayed", "4.4.1")))
	if w.number(`select count(*) from newsletter_letters where state = 'sent'`) != 1 {
		t.Error("what is late has come back")
	}
	w.must(w.mailIn("", to, strings.Replace(report("failed", "5.1.1"), "gone@example.org", "somebody.else@example.net", 1)))
	if w.number(`select count(*) from newsletter_subscribers where suppressed_at is not null`) != 0 {
		t.Error("what is of somebody else to whom it was sent on ends the address")
	}
	w.exec(`update newsletter_letters set state = 'sent'`)
	w.must(w.mailIn("", to, report("failed", "5.1.1")))
	within(t, "it came back", func() bool {
		return w.number(`select count(*) from newsletter_subscribers where suppressed_at is not null`) == 1 && w.number(`select count(*) from newsletter_letters where state = 'bounced'`) == 1
	})
}

// From one address of the network only so many links are asked for in an hour; whoever
// reads the pages meanwhile notices nothing.
func TestNobodyFloodsInboxesWithLinks(t *testing.T) {
	t.Parallel()
	w := openWorld(t, "MOOTHALL_RATE_LIMITS", "on")
	taken := 0
	for n := range 30 {
		got := w.visit("/newsletters/subscribe", "email", fmt.Sprintf("victim%d@example.org", n))
		switch {
		case got.status == 303:
			taken++
		case got.status != 429 || got.header.Get("Retry-After") == "":
			t.Fatalf("%d %s", got.status, short(got.body))
		}
	}
	if asked := w.number(`select count(*) from newsletter_subscribers`); taken != 20 || asked != 20 {
		t.Errorf("%d were taken, and %d addresses asked", taken, asked)
	}
	if got := w.get("", "/newsletters"); got.status != 200 {
		t.Errorf("the archive: %d", got.status)
	}
}
