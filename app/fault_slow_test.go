package app_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/app"
	"moothall/forum/forumtest"
)

// slowKinds are the ways to hold a connection without using it. Each begins, and goes on
// with one byte at a time until the site has had enough.
var slowKinds = []struct {
	name, begin string
	each        string // sent again and again; empty: nothing more is sent
}{
	{"header", "GET /about HTTP/1.1\r\nHost: %[1]s\r\nX-Slow: ", "x"},
	{"body", "POST /sign-out HTTP/1.1\r\nHost: %[1]s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n", "x"},
	{"read", strings.Repeat("GET /about HTTP/1.1\r\nHost: %[1]s\r\n\r\n", 1000), ""},
	{"silent", "", ""},
}

const slowEach = 75 // of each kind: 300 in all

// Three hundred slow connections hold up nobody, and are closed by themselves.
func TestSlowConnectionsAreClosedAndHoldUpNobody(t *testing.T) {
	t.Parallel()
	const limit = 3 * time.Second // in place of 15, 30 and 60
	h := openTampered(t, map[string]string{"MOOTHALL_OPS_ADDR": "127.0.0.1:0"}, func(a *app.App) { a.Hurry(limit) })
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	b := h.as(ada)
	form := b.form(path, url.Values{"body": {"We did, in March."}})

	var slow sync.WaitGroup
	var mu sync.Mutex
	left := map[string]int{}
	for range slowEach {
		for _, kind := range slowKinds {
			conn, err := net.Dial("tcp", h.Addr())
			if err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			left[kind.name]++
			mu.Unlock()
			slow.Go(func() {
				defer func() { _ = recover(); _ = conn.Close() }()
				if outlasts(conn, kind.begin, kind.each, strings.TrimPrefix(h.URL(), "http://")) {
					return // it stays in the count of those that are left
				}
				mu.Lock()
				defer mu.Unlock()
				left[kind.name]--
			})
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); slow.Wait() }()
	asked := 0
	for closed := false; !closed; asked++ {
		select {
		case <-done:
			closed = true
		case <-time.After(20 * time.Millisecond): // the processor is for the others too
		}
		h.guest().get(path).wantStatus(t, http.StatusOK)
		b.get(path).wantStatus(t, http.StatusOK)
		if asked == 0 {
			b.post(path+"/posts", form).wantStatus(t, http.StatusSeeOther)
		}
	}
	for kind, n := range left {
		if n > 0 {
			t.Errorf("%d of %d slow connections (%s) are never closed", n, slowEach, kind)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	eventually(t, "no connection is left", func() bool {
		return strings.Contains(h.metrics(), "moothall_connections_open 0\n")
	})
	t.Logf("%d times asked meanwhile", asked)
}

// outlasts reports whether a slow connection is still open when others are long closed.
func outlasts(conn net.Conn, begin, each, host string) bool {
	end := time.Now().Add(4 * time.Minute) // a busy machine takes one to fill what lies between
	if each == "" {                        // it reads nothing until the site must have given up
		_ = conn.(*net.TCPConn).SetReadBuffer(4096)
	}
	if begin != "" {
		if _, err := io.WriteString(conn, fmt.Sprintf(begin, host)); err != nil {
			return false
		}
	}
	for each != "" {
		if time.Now().After(end) {
			return true
		}
		if _, err := io.WriteString(conn, each); err != nil {
			return false // reset: the site has closed it
		}
		_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if _, err := io.Copy(io.Discard, conn); err == nil {
			return false
		}
	}
	return !closes(conn, end)
}

// closes reports whether the other side ends a connection, which is read a byte at a
// time, so that what is on its way lasts.
func closes(conn net.Conn, end time.Time) bool {
	for one := make([]byte, 512); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		_ = conn.SetReadDeadline(end)
		if _, err := conn.Read(one); err != nil {
			timeout, ok := err.(net.Error)
			return !ok || !timeout.Timeout()
		}
	}
	return false
}
