package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"moothall/forum/forumtest"
)

// Neither a client who does not send what they promised nor a database that does
// not answer makes a stop fail: they are cut off, and the log says so.
func TestStoppingCutsOffWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	b := h.as(ada)
	form := b.form(path, url.Values{"body": {"Begun, and never done."}})

	tx, err := h.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), `select from threads for update`); err != nil {
		t.Fatal(err)
	}
	slow, err := net.Dial("tcp", h.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Close() }()
	if _, err := fmt.Fprintf(slow, "POST %s/posts HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000\r\n\r\nbo", path, h.Addr()); err != nil {
		t.Fatal(err)
	}
	waiting, err := net.Dial("tcp", h.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = waiting.Close() }()
	text := form.Encode()
	if _, err := fmt.Fprintf(waiting, "POST %s/posts HTTP/1.1\r\nHost: %s\r\nCookie: moothall=%s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		path, strings.TrimPrefix(h.URL(), "http://"), b.cookie, len(text), text); err != nil {
		t.Fatal(err)
	}
	waitFor(t, h, `select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())`)

	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 200*time.Millisecond)
	defer cancel()
	if err := h.Stop(ctx, 0); err != nil {
		t.Errorf("stopping: %v, want a line in the log", err)
	}
	for _, what := range []string{"requests", "pool"} {
		if !strings.Contains(h.log.String(), "did not end in time\" what="+what) {
			t.Errorf("the log does not say that %s were cut off:\n%s", what, h.log)
		}
	}
	if err := slow.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, slow); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the slow client hears nothing: %v", err)
	}
}
