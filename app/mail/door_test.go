package mail

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"
)

// opened is a receiver's address, and how to come there from one.
func opened(t *testing.T, stays time.Duration) (from func(host string) (net.Conn, string)) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := receive(listener, stays, "moothall.example", nil, func(err error) { t.Error(err) })
	t.Cleanup(func() { _ = r.server.Close() })
	return func(host string) (net.Conn, string) {
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
	from := opened(t, time.Minute)
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
	conn, _ := opened(t, 500*time.Millisecond)("127.0.0.1")
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
