package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"moothall/app/mail"
	"moothall/forum/forumtest"
)

// deliver sends a mail as the node itself does.
func (h *house) deliver(to, subject string) {
	h.t.Helper()
	m := mail.Message{ID: "post-1@moothall.example", From: "Moothall <hello@moothall.example>", To: to, Envelope: "bounce@moothall.example", Subject: subject,
		Text: "Read it: https://moothall.example/threads/1. <b>\n", HTML: `<p style="color:red">Read it</p><script>alert(1)</script>`,
		Headers: []mail.Header{{Name: "Moothall-Kind", Value: "instant"}}, At: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	if err := h.Mail().Send(h.t.Context(), m); err != nil {
		h.t.Fatal(err)
	}
}

// Mails of development are read as a page, as text, as HTML that can do nothing, as they
// came, and by machines as JSON.
func TestMailsAreReadInTheInbox(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	h.deliver("ada@northmoor.gov.example", "Missed bins")
	h.deliver("ben@southmoor.gov.example", "Missed <b>bags</b>")
	b := h.guest()
	page := b.get("/dev/inbox")
	page.wantStatus(t, http.StatusOK)
	page.has(t, "Missed bins", "Missed &lt;b&gt;bags&lt;/b&gt;", `<a class="govuk-link" href="https://moothall.example/threads/1">`, `src="/dev/inbox/2.html"`, "sandbox", `href="/dev/inbox/1.eml"`)
	if policy := page.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || !strings.HasSuffix(policy, "; frame-src 'self'") {
		t.Errorf("the page's policy is %s", policy)
	}
	if strings.Index(page.text, "bags") > strings.Index(page.text, "Missed bins") {
		t.Error("the newest is not first")
	}
	if page := b.get("/dev/inbox?to=ada@northmoor.gov.example"); !strings.Contains(page.text, "Missed bins") || strings.Contains(page.text, "bags") {
		t.Errorf("filtered by person: %s", page.text)
	}
	b.get("/dev/inbox/2").has(t, "Missed &lt;b&gt;bags", "Delivered-To: ben@southmoor.gov.example", "Moothall-Kind: instant")
	doc := b.get("/dev/inbox/2.html")
	doc.has(t, `<p style="color:red">Read it</p>`)
	if policy := doc.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox; ") || strings.Contains(policy, "allow-") || strings.Contains(policy, "script-src") ||
		!strings.Contains(policy, "frame-ancestors 'self'") || doc.Header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("the mail's own policy is %s", policy)
	}
	source := b.get("/dev/inbox/1.eml")
	if !strings.HasPrefix(source.text, "Return-Path: <bounce@moothall.example>\r\nDelivered-To: ada@northmoor.gov.example\r\n") || !strings.HasPrefix(source.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("the source is\n%s", source.text)
	}
	for _, path := range []string{"/dev/inbox/3", "/dev/inbox/3.eml", "/dev/inbox/0", "/dev/inbox/x.eml", "/dev/inbox/..%2fpostgres"} {
		b.get(path).wantStatus(t, http.StatusNotFound)
	}
	b.get("/dev/inbox?before=x").wantStatus(t, http.StatusBadRequest)
	if log := h.log.String(); !strings.Contains(log, h.URL()+"/dev/inbox") {
		t.Error("nobody is told where mails are")
	}
}

// Machines get a list, filtered by whom it is for and since when.
func TestMachinesReadTheInbox(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	b := h.guest()
	if empty := b.get("/dev/inbox.json"); empty.text != "[]" {
		t.Errorf("an empty inbox is %s", empty.text)
	}
	h.deliver("ada@northmoor.gov.example", "Missed bins")
	want := `[{"id":1,"to":"ada@northmoor.gov.example","from":"Moothall \u003chello@moothall.example\u003e","subject":"Missed bins","kind":"instant",` +
		`"message_id":"\u003cpost-1@moothall.example\u003e","date":"2026-03-04T05:06:07Z"}]`
	for query, n := range map[string]int{"": 1, "?to=ada@northmoor.gov.example": 1, "?to=ben@southmoor.gov.example": 0, "?since=2026-03-04T05:06:07.5Z": 1,
		"?since=2026-03-04T05:06:08Z": 0, "?since=0": 1, "?since=1": 0} {
		got := b.get("/dev/inbox.json" + query)
		var list []any
		if err := json.Unmarshal([]byte(got.text), &list); err != nil || len(list) != n || n == 1 && got.text != want {
			t.Errorf("%s: got %s, %v, want %d", query, got.text, err, n)
		}
	}
	b.get("/dev/inbox.json?since=yesterday").wantStatus(t, http.StatusBadRequest)
	b.header.Set("Sec-Fetch-Site", "cross-site")
	b.do(http.MethodPost, "/dev/inbox/empty", nil, "").wantStatus(t, http.StatusForbidden)
	b.header.Set("Sec-Fetch-Site", "same-origin")
	b.do(http.MethodPost, "/dev/inbox/empty", nil, "").wantStatus(t, http.StatusSeeOther)
	if left := b.get("/dev/inbox.json"); left.text != "[]" {
		t.Errorf("left: %s", left.text)
	}
}

// Where mails go to a server, there is no inbox.
func TestWithAServerThereIsNoInbox(t *testing.T) {
	t.Parallel()
	h := openHouse(t, map[string]string{"MOOTHALL_SMTP_URL": "smtp://127.0.0.1:1?tls=off"})
	for _, path := range []string{"/dev/inbox", "/dev/inbox.json", "/dev/inbox/1"} {
		h.as(forumtest.Person(t, h.store, "Ada", "Northmoor")).get(path).wantStatus(t, http.StatusNotFound)
	}
}

// A clock that is to go back, or further than time goes, is refused like any other form.
func TestAClockThatCannotGoIsRefused(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	for _, by := range []string{"-1h", "an hour", "", "999999h"} {
		h.guest().post("/dev/clock", url.Values{"advance": {by}}).wantStatus(t, 422)
	}
}
