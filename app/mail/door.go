package mail

import (
	"net"
	"sync"
	"time"
)

// How many connections a Receiver has at once, how many of them from one address, so that
// nobody by themselves keeps all others out, and how long one may last.
const (
	guestsMost = 50
	guestsEach = guestsMost / 2
	guestStays = 10 * time.Minute
)

// door is a listener that lets in no more than so many at once, and nobody for ever: also
// of those who never say who they are. Whoever finds no room is told to try again.
type door struct {
	net.Listener
	stays time.Duration

	mu   sync.Mutex
	all  int
	from map[string]int
}

// Accept lets in the next for whom there is room.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if from := hostOf(conn); d.enter(from) {
			return &guest{Conn: conn, until: time.Now().Add(d.stays), leave: sync.OnceFunc(func() { d.leave(from) })}, nil
		}
		_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = conn.Write([]byte("421 4.3.2 Too many connections: try again\r\n")) // whoever does not hear it is gone all the same
		_ = conn.Close()
	}
}

func hostOf(conn net.Conn) string {
	host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		return ""
	}
	return host
}

// enter counts somebody who comes in; false where there is no room.
func (d *door) enter(from string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all >= guestsMost || d.from[from] >= guestsEach {
		return false
	}
	d.all++
	d.from[from]++
	return true
}

// leave makes room for another.
func (d *door) leave(from string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all--
	if d.from[from]--; d.from[from] == 0 {
		delete(d.from, from)
	}
}

// guest is a connection that was let in, until it is closed.
type guest struct {
	net.Conn
	until time.Time
	leave func()
}

// SetReadDeadline says until when to wait for the next words, but no longer than the
// guest may stay.
func (g *guest) SetReadDeadline(at time.Time) error {
	if at.After(g.until) {
		at = g.until
	}
	return g.Conn.SetReadDeadline(at)
}

// Close ends the connection.
func (g *guest) Close() error {
	g.leave()
	return g.Conn.Close()
}
