package app_test

import (
	"bufio"
	"bytes"
	"fmt"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/forumtest"
)

// The process is asked whether it lives by whatever name there is for it; people
// are sent on to the one that their cookie is for.
func TestHealthAnswersUnderAnyNameAndPagesUnderOne(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	b := h.guest()
	port := h.URL()[strings.LastIndex(h.URL(), ":"):]
	for _, host := range []string{"localhost" + port, "127.0.0.1" + port, "[::1]" + port, "moothall.internal", "10.0.0.1:80"} {
		b.header.Set("Host", host)
		b.get("/healthz").wantStatus(t, http.StatusOK)
		b.get("/readyz").wantStatus(t, http.StatusOK)
	}
	for _, host := range []string{"127.0.0.1" + port, "[::1]" + port, "127.8.8.8:1"} {
		b.header.Set("Host", host)
		b.get("/about?a=b").wantLocation(t, http.StatusTemporaryRedirect, h.URL()+"/about?a=b")
	}
	for _, host := range []string{"localhost" + port, "moothall.example", "LOCALHOST" + port} {
		b.header.Set("Host", host)
		b.get("/about").wantStatus(t, http.StatusOK)
	}
}

// An address has one spelling. Others lead to it, but only where it leads to
// something: what is not there has no right spelling either.
func TestOtherSpellingsLeadToTheRightOne(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	secret := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Between ourselves", Visibility: "councils"})
	b := h.guest()
	for from, to := range map[string]string{
		"/about/":                       "/about",
		"/ABOUT":                        "/about",
		"/about//":                      "/about",
		"/Threads/?kind=question&x=A/":  "/threads?kind=question&x=A/",
		strings.ToUpper(path):           path,
		path + "/":                      path,
		path + "/?page=1":               path + "?page=1",
		path[:strings.Index(path, "-")]: path,
		strings.Replace(path, "-who", "-WHAT", 1) + "?page=1": path + "?page=1",
	} {
		b.get(from).wantLocation(t, http.StatusMovedPermanently, to)
	}
	for _, path := range []string{"/nowhere/", "/NOWHERE", "//about", "//moothall.example/", "/about.css", "/about/x.css", "/about%2f.css",
		"/threads;.css", "/threads/0", "/threads/01", "/threads/+1", "/threads/99999999999999999999", fmt.Sprintf("/THREADS/%d/", secret),
		fmt.Sprintf("/threads/%d-between-ourselves", secret)} {
		got := b.get(path)
		got.wantStatus(t, http.StatusNotFound)
		if got.Header.Get("Location") != "" || strings.Contains(got.text, "Between ourselves") {
			t.Errorf("%s: leads to %q", path, got.Header.Get("Location"))
		}
	}
	b.do(http.MethodPost, "/about", nil, "").wantStatus(t, http.StatusMethodNotAllowed)
	if got := b.do("BREW", "/about", nil, ""); got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("a method that there is not: %d, policy %q", got.StatusCode, got.Header.Get("Content-Security-Policy"))
	}
}

// The checks of a form come in one order: of several faults the first is told. Only
// what got as far as its session is kept.
func TestTheChecksOfAFormComeInOrder(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	reply := path + "/posts"
	const words = "We did, in March."

	ended := h.as(ada)
	form := ended.form(path, url.Values{"body": {words}})
	if err := h.sessions.End(t.Context(), auth.Hash(ended.cookie)); err != nil {
		t.Fatal(err)
	}
	foreign := h.guest()
	foreign.cookie = ended.cookie
	foreign.header.Set("Origin", "https://elsewhere.example")

	forged := url.Values{"body": {words}, "_csrf": {"AAAA"}}
	kept := func() string {
		t.Helper()
		draft, err := h.store.Draft(t.Context(), ada, forum.DraftReply, 1)
		if err != nil {
			t.Fatal(err)
		}
		return draft.Values().Get("body")
	}
	got := foreign.post(reply, forged)
	got.wantStatus(t, http.StatusForbidden)
	if !strings.Contains(got.text, "This came from another site") || !strings.Contains(got.text, words) {
		t.Errorf("of another site, forged and ended, it says:\n%s", got.text)
	}
	got = ended.post(reply, forged)
	got.wantStatus(t, http.StatusForbidden)
	if !strings.Contains(got.text, "no longer yours") || !strings.Contains(got.text, words) {
		t.Errorf("forged and ended, it says:\n%s", got.text)
	}
	if kept() != "" {
		t.Error("a forged form was kept")
	}
	ended.post(reply, form).wantLocation(t, http.StatusSeeOther, "/sign-in?return="+url.QueryEscape(path)+"&kept=1")
	if kept() != words {
		t.Errorf("of the ended session is kept %q, want %q", kept(), words)
	}
	again := h.as(ada).get(path)
	if !strings.Contains(again.text, words) {
		t.Error("signed in again, the words are not in the form")
	}
	form.Set("body", strings.Repeat("We did. ", 40_000))
	got = ended.post(reply, form)
	got.wantStatus(t, http.StatusForbidden)
	if !strings.Contains(got.text, form.Get("body")) || kept() != words {
		t.Errorf("words without an end are not given back, or the first ones are gone: %q is kept", kept())
	}
	form.Set("body", "We did not.")
	form.Set("idempotency", "another tab")
	ended.post(reply, form).wantStatus(t, http.StatusSeeOther)
	if kept() != words {
		t.Errorf("another tab took the place of what was kept: %q", kept())
	}
	h.as(ada).get("/drafts").has(t, words, "We did not.", "From another tab or device")

	// A session that was ended from elsewhere may be in other hands: it keeps nothing.
	if err := h.sessions.EndAll(t.Context(), ada.ID, nil); err != nil {
		t.Fatal(err)
	}
	form.Set("body", "Of a thief")
	got = ended.post(reply, form)
	got.wantStatus(t, http.StatusForbidden)
	if kept() != words {
		t.Errorf("a revoked session keeps %q", kept())
	}

	live := h.as(ada)
	form = live.form(path, url.Values{"body": {words}})
	form["body"] = []string{words, "Another."}
	got = live.post(reply, form)
	got.wantStatus(t, http.StatusUnprocessableEntity)
	if !strings.Contains(got.text, "Another.") || !strings.Contains(got.text, words) {
		t.Errorf("of a field that came twice not all is there:\n%s", got.text)
	}
	form = live.form(path, url.Values{"body": {words + "\x00\xff"}})
	got = live.post(reply, form)
	got.wantStatus(t, http.StatusUnprocessableEntity)
	if !strings.Contains(got.text, words) || strings.ContainsRune(got.text, 0) {
		t.Errorf("of bytes that are no text it says:\n%s", got.text)
	}
	form = live.form(path, url.Values{"body": {words}, "a[99999999]": {"x"}})
	live.post(reply, form).wantStatus(t, http.StatusSeeOther)
	live.post(reply, form).wantStatus(t, http.StatusSeeOther) // pressed twice
	form.Set("body", "Other words under the same key.")
	got = live.post(reply, form)
	got.wantStatus(t, http.StatusConflict)
	if !strings.Contains(got.text, "Other words under the same key.") {
		t.Errorf("of a key used up it says:\n%s", got.text)
	}
	if n := strings.Count(live.get(path).text, `<article`); n != 2 {
		t.Errorf("there are %d posts, want the opening one and one reply", n)
	}
}

// A form that says it is too large is told so before it is sent. Only its head is
// sent here: a client that goes on writing may be cut off before it reads.
func TestTooLargeAFormIsToldSo(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /threads HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n",
		strings.TrimPrefix(h.URL(), "http://"), 2<<20)
	got, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusRequestEntityTooLarge || got.Header.Get("Content-Security-Policy") == "" || got.Header.Get("X-Request-Id") == "" {
		t.Errorf("got %d, want 413, headers %v", got.StatusCode, got.Header)
	}
}

// What cannot be read as a form is refused before anything else looks at it.
func TestWhatIsNoFormIsRefused(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	b := h.as(ada)
	form := b.form(path, url.Values{"body": {"We did."}})
	encoded := form.Encode()
	for _, c := range []struct {
		name, kind, body string
		header           http.Header
		want             int
	}{
		{"JSON", "application/json", `{"body":"We did."}`, nil, 415},
		{"plain text", "text/plain", encoded, nil, 415},
		{"no type", "", encoded, nil, 415},
		{"compressed", "application/x-www-form-urlencoded", encoded, http.Header{"Content-Encoding": {"gzip"}}, 415},
		{"a broken escape", "application/x-www-form-urlencoded", encoded + "&x=%zz", nil, 400},
		{"a thousand fields", "application/x-www-form-urlencoded", encoded + strings.Repeat("&x=1", 1000), nil, 413},
		{"parts without an end", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=body\r\n\r\nWe", nil, 400},
		{"parts without a boundary", "multipart/form-data", encoded, nil, 400},
	} {
		b.header = c.header.Clone()
		if b.header == nil {
			b.header = http.Header{}
		}
		got := b.do(http.MethodPost, path+"/posts", strings.NewReader(c.body), c.kind)
		if got.StatusCode != c.want || got.Header.Get("Content-Security-Policy") == "" || got.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: got %d, want %d, headers %v\n%.300s", c.name, got.StatusCode, c.want, got.Header, got.text)
		}
	}
	b.header = http.Header{"Content-Encoding": {"br"}}
	b.get(path).wantStatus(t, http.StatusUnsupportedMediaType)

	b.header = http.Header{}
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	for name, values := range form {
		if err := w.WriteField(name, values[0]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b.do(http.MethodPost, path+"/posts", &parts, w.FormDataContentType()).wantStatus(t, http.StatusSeeOther)
}

// A page belongs to who it was made for: one with a session is kept by nobody, and
// a visitor's sets no cookie.
func TestPagesAreKeptByNobodyElse(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	for _, path := range []string{path, "/", "/about", "/nowhere"} {
		visitor, signedIn := h.guest().get(path), h.as(ada).get(path)
		if got := visitor.Header.Get("Cache-Control"); got != "private, no-cache" || visitor.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s, a visitor: %q, cookie %q", path, got, visitor.Header.Get("Set-Cookie"))
		}
		if got := signedIn.Header.Get("Cache-Control"); got != "private, no-store" || signedIn.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s, signed in: %q, %q", path, got, signedIn.Header.Get("Content-Encoding"))
		}
	}
	page := h.guest().get("/")
	_, rest, _ := strings.Cut(page.text, `<link rel="stylesheet" href="`)
	sheet, _, _ := strings.Cut(rest, `"`)
	b := h.guest()
	b.header.Set("Accept-Encoding", "br, gzip")
	got := b.get(sheet)
	got.wantStatus(t, http.StatusOK)
	if got.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.Header.Get("Vary") != "Accept-Encoding" || got.Header.Get("Content-Encoding") != "br" {
		t.Errorf("%s: %v", sheet, got.Header)
	}
	b.get("/assets/moothall.0000000000.css").wantStatus(t, http.StatusNotFound)
}

// Somebody who has signed in and not yet joined is led to joining, and from there
// back to where they wanted to go.
func TestWhoHasNotJoinedIsLedThere(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	id, err := h.store.SignIn(t.Context(), forum.Identity{Issuer: "test", Subject: "new", Name: "New"})
	if err != nil {
		t.Fatal(err)
	}
	b := h.as(forum.Person{ID: id})
	b.get("/threads?state=open").wantLocation(t, http.StatusSeeOther, "/account/join?return="+url.QueryEscape("/threads?state=open"))
	b.get("/desk/newcomers").wantLocation(t, http.StatusSeeOther, "/account/join?return="+url.QueryEscape("/desk/newcomers"))
	b.get("/account/join").wantStatus(t, http.StatusOK)
	b.get("/about/rules").wantStatus(t, http.StatusOK)
	v := h.guest()
	v.get("/threads/new?topic=x").wantLocation(t, http.StatusSeeOther, "/sign-in?return="+url.QueryEscape("/threads/new?topic=x"))
	v.get("/desk/newcomers").wantLocation(t, http.StatusSeeOther, "/sign-in?return=%2Fdesk%2Fnewcomers")
	h.as(forumtest.Person(t, h.store, "Ada", "Northmoor")).get("/desk/newcomers").wantStatus(t, http.StatusForbidden)
}
