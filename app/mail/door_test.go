package mail

import (
	"bufio"
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

// anybody takes all that comes.
type anybody struct{}

func (anybody) Knows(string, string) bool            { return true }
func (anybody) Take(context.Context, Incoming) error { return nil }

// opened is a receiver, and how to come there from an address.
func opened(t *testing.T, with patience) (r *Receiver, from func(host string) (net.Conn, string)) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r = receive(listener, with, "moothall.example", anybody{}, func(err error) { t.Error(err) })
	t.Cleanup(func() { _ = r.server.Close() })
	return r, func(host string) (net.Conn, string) {
		t.Helper()
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}, Timeout: 5 * time.Second}
		conn, err := dialer.Dial("tcp4", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		said, _ := bufio.NewReader(conn).ReadString('\n')
		return conn, said
	}
}

// Whoever opens connections and says nothing takes up no more than half the room, and
// nothing of it is kept of those for whom there is none; when they leave it is free again.
func TestNobodyKeepsAllOthersOut(t *testing.T) {
	t.Parallel()
	_, from := opened(t, usual)
	var held []net.Conn
	for range 4 * guestsMost {
		conn, said := from("127.0.0.1")
		if len(held) < guestsEach != strings.HasPrefix(said, "220 ") {
			t.Fatalf("connection %d is told %q", len(held)+1, said)
		}
		if !strings.HasPrefix(said, "220 ") {
			if !strings.HasPrefix(said, "421 ") {
				t.Fatalf("told %q, want 421", said)
			}
			if _, err := conn.Read(make([]byte, 1)); err == nil {
				t.Fatal("a connection for which there was no room goes on")
			}
			continue
		}
		held = append(held, conn)
	}
	if _, said := from("127.0.0.2"); !strings.HasPrefix(said, "220 ") {
		t.Errorf("another sender is told %q, want 220", said)
	}
	for _, conn := range held {
		_ = conn.Close()
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		_, said := from("127.0.0.1")
		if strings.HasPrefix(said, "220 ") {
			break
		}
		if time.Now().After(end) {
			t.Fatal("there is no room after they have left")
		}
	}
}

// Nobody stays for ever by saying something from time to time.
func TestNobodyStaysForEver(t *testing.T) {
	t.Parallel()
	_, from := opened(t, patience{stays: 500 * time.Millisecond, silent: time.Minute})
	conn, _ := from("127.0.0.1")
	begun := time.Now()
	for time.Since(begun) < 5*time.Second {
		if _, err := conn.Write([]byte("NOOP\r\n")); err != nil {
			return
		}
		if said, err := bufio.NewReader(conn).ReadString('\n'); err != nil || strings.HasPrefix(said, "421 ") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("a connection goes on for as long as it says something")
}

// say says lines, and reads one answer to each.
func say(t *testing.T, conn net.Conn, lines ...string) (last string) {
	t.Helper()
	answers := bufio.NewReader(conn)
	for _, line := range lines {
		if _, err := conn.Write([]byte(line + "\r\n")); err != nil {
			t.Fatal(err)
		}
		last, _ = answers.ReadString('\n')
	}
	return last
}

// begin says all that comes before a mail, and half of it.
func begin(t *testing.T, conn net.Conn) {
	t.Helper()
	if said := say(t, conn, "HELO x.example", "MAIL FROM:<a@x.example>", "RCPT TO:<hello@moothall.example>", "DATA"); !strings.HasPrefix(said, "354 ") {
		t.Fatalf("told %q", said)
	}
	if _, err := conn.Write([]byte("From: a@x.example\r\n\r\nHalf")); err != nil {
		t.Fatal(err)
	}
}

// At the end whoever says nothing is let go at once, and whoever is in the midst of a mail
// when it is there.
func TestNobodyHoldsUpTheEnd(t *testing.T) {
	t.Parallel()
	r, from := opened(t, usual)
	silent, _ := from("127.0.0.1")
	greeted, _ := from("127.0.0.1")
	say(t, greeted, "HELO x.example")
	writing, _ := from("127.0.0.1")
	begin(t, writing)
	ended := make(chan error, 1)
	go func() {
		defer func() { _ = recover() }()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		ended <- r.Close(ctx)
	}()
	for _, conn := range []net.Conn{silent, greeted} {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		if said, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.HasPrefix(said, "421 ") {
			t.Errorf("who says nothing is told %q (%v), want 421", said, err)
		}
	}
	if said := say(t, writing, " and half\r\n."); !strings.HasPrefix(said, "250 ") {
		t.Errorf("who was in the midst of a mail is told %q, want 250", said)
	}
	if err := <-ended; err != nil {
		t.Errorf("the end: %v", err)
	}
}

// A mail that does not come in time is to come again: it was nobody's fault.
func TestASlowMailIsToComeAgain(t *testing.T) {
	t.Parallel()
	_, from := opened(t, patience{stays: time.Minute, silent: 500 * time.Millisecond})
	conn, _ := from("127.0.0.1")
	begin(t, conn)
	chunked, _ := from("127.0.0.1")
	said := say(t, chunked, "HELO x.example", "MAIL FROM:<a@x.example>", "RCPT TO:<hello@moothall.example>", "BDAT 9\r\nX: from", "BDAT 100 LAST\r\n a@x.example")
	if !strings.HasPrefix(said, "4") {
		t.Errorf("who sends it in parts is told %q, want to try again", said)
	}
	if said, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.HasPrefix(said, "4") {
		t.Errorf("told %q (%v), want to try again", said, err)
	}
}
