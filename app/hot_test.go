package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// hotPages are those that people open most, with a full page of posts and of threads.
func hotPages(b *testing.B) (h *house, reader forum.Person, paths map[string]string) {
	h = openHouse(b, map[string]string{"MOOTHALL_RATE_LIMITS": "off"})
	asker, reader := forumtest.Person(b, h.store, "Ada", "Northmoor"), forumtest.Person(b, h.store, "Ben", "Southmoor")
	id, path := h.threadOf(asker, "Missed bins?")
	for n := range forum.PostsPerPage - 1 {
		forumtest.Reply(b, h.store, asker, id, strings.Repeat(fmt.Sprintf("We tried route %d, and *it held*. ", n), 20))
	}
	for n := range forum.ThreadsPerPage {
		h.threadOf(asker, fmt.Sprintf("Question %d?", n))
	}
	return h, reader, map[string]string{"home": "/", "listing": "/threads", "thread": path}
}

// A thread page of twenty posts of ordinary text stays light, with what search engines
// read of it, or with all that somebody signed in may do on it: the design allows 45 KB
// before it is pressed.
func TestAPageOfTwentyPostsIsLight(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	asker, reader := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	helper := forumtest.Person(t, h.store, "Cai", "Northmoor")
	id, path := h.threadOf(asker, "Missed bins?")
	for n := range 5 { // of which some stand at its foot
		h.threadOf(asker, fmt.Sprintf("Who has moved missed bins online, and what came of it in year %d?", n))
	}
	for n := range forum.PostsPerPage - 1 {
		forumtest.Reply(t, h.store, helper, id, strings.Repeat(fmt.Sprintf("We tried route %d, and *it held*. ", n), 20))
	}
	for n := range 5 {
		h.threadOf(asker, fmt.Sprintf("Missed bins of street %d?", n)) // which are like it, and stand at its foot where there is room
	}
	for who, b := range map[string]*browser{"signed in": h.as(reader), "visitor": h.guest()} {
		page := b.get(path)
		if got := strings.Count(page.text, "<article"); got != forum.PostsPerPage {
			t.Fatalf("%s: got %d posts", who, got)
		}
		if got := strings.Contains(page.text, "Missed bins of street"); got != (who == "visitor") {
			t.Errorf("%s: threads like it are there: %v", who, got)
		}
		if got := len(page.text); got > 45<<10 {
			t.Errorf("%s: got %d bytes, want at most %d", who, got, 45<<10)
		}
	}
}

// BenchmarkHotPages asks a node for the pages that are asked for most, as a visitor with
// nothing kept and as somebody signed in. The client writes and reads bytes, and
// allocates next to nothing: what is printed is the server's.
func BenchmarkHotPages(b *testing.B) {
	h, reader, paths := hotPages(b)
	for who, cookie := range map[string]string{"visitor": "", "signed in": h.as(reader).cookie} {
		for name, path := range paths {
			b.Run(who+" "+name, func(b *testing.B) { ask(b, h.URL(), path, cookie) })
		}
	}
}

// ask sends one request over and over on one connection.
func ask(b *testing.B, site, path, cookie string) {
	u, err := url.Parse(site)
	if err != nil {
		b.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	request := "GET " + path + " HTTP/1.1\r\nHost: " + u.Host + "\r\n"
	if cookie != "" {
		request += "Cookie: moothall=" + cookie + "\r\n"
	}
	request += "\r\n"
	r := bufio.NewReaderSize(c, 1<<20)
	size := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := io.WriteString(c, request); err != nil {
			b.Fatal(err)
		}
		got, err := http.ReadResponse(r, nil)
		if err != nil || got.StatusCode != http.StatusOK {
			b.Fatalf("%s: %+v, %v", path, got, err)
		}
		if size, err = io.Copy(io.Discard, got.Body); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size), "bytes/page")
}

// BenchmarkReply posts one reply after the other through the form, as somebody signed in.
// Telling those who follow runs beside it.
func BenchmarkReply(b *testing.B) {
	h, reader, paths := hotPages(b)
	browser := h.as(reader)
	form := browser.form(paths["thread"], url.Values{"body": {"We did, and it held."}})
	n, trips := 0, ""
	for b.Loop() {
		n++
		form.Set("idempotency", fmt.Sprint("reply ", n))
		form.Set("body", fmt.Sprintf("We did, and it held for %d rounds.", n))
		got := browser.post(paths["thread"]+"/posts", form)
		got.wantStatus(b, http.StatusSeeOther)
		trips = got.Header.Get("Server-Timing")
	}
	b.Log(trips)
}

// BenchmarkKept asks a node for a visitor's page that is kept, whole and by its tag.
func BenchmarkKept(b *testing.B) {
	h := openHouse(b, map[string]string{"MOOTHALL_RATE_LIMITS": "off"})
	_, path := h.threadOf(forumtest.Person(b, h.store, "Ada", "Northmoor"), "Missed bins?")
	u, err := url.Parse(h.URL())
	if err != nil {
		b.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReaderSize(c, 1<<20)
	send := func(request string) *http.Response {
		if _, err := io.WriteString(c, request); err != nil {
			b.Fatal(err)
		}
		got, err := http.ReadResponse(r, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err = io.Copy(io.Discard, got.Body); err != nil {
			b.Fatal(err)
		}
		return got
	}
	request := "GET " + path + " HTTP/1.1\r\nHost: " + u.Host + "\r\n"
	tag := send(request + "\r\n").Header.Get("ETag")
	for name, head := range map[string]string{"whole": "", "unchanged": "If-None-Match: " + strings.TrimSpace(tag) + "\r\n"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				send(request + head + "\r\n")
			}
		})
	}
}
