package mail

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// How many connections a Receiver has at once, and how many of them from one address, so
// that nobody by themselves keeps all others out.
const (
	guestsMost = 50
	guestsEach = guestsMost / 2
)

// patience is how long one may last, and may say nothing.
type patience struct{ stays, silent time.Duration }

var usual = patience{stays: 10 * time.Minute, silent: time.Minute}

// door is a listener that lets in no more than so many at once, and nobody for ever: also
// of those who never say who they are. Whoever finds no room is told to try again.
type door struct {
	net.Listener
	stays time.Duration

	mu     sync.Mutex
	shut   bool
	guests map[*guest]bool
	from   map[string]int
}

func newDoor(listener net.Listener, stays time.Duration) *door {
	return &door{Listener: listener, stays: stays, guests: map[*guest]bool{}, from: map[string]int{}}
}

// Accept lets in the next for whom there is room.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g := d.enter(conn); g != nil {
			return g, nil
		}
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

// enter lets somebody in; nil where there is no room.
func (d *door) enter(conn net.Conn) *guest {
	from := hostOf(conn)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut || len(d.guests) >= guestsMost || d.from[from] >= guestsEach {
		return nil
	}
	g := &guest{Conn: conn}
	up := time.AfterFunc(d.stays, g.goNow)
	g.leave = sync.OnceFunc(func() {
		up.Stop()
		d.leave(g, from)
	})
	d.guests[g] = true
	d.from[from]++
	return g
}

// leave makes room for another.
func (d *door) leave(g *guest, from string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.guests, g)
	if d.from[from]--; d.from[from] == 0 {
		delete(d.from, from)
	}
}

// close lets nobody in any more, and has whoever is there leave.
func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shut = true
	for g := range d.guests {
		g.goNow()
	}
}

// longAgo is until when whoever has to go is listened to.
var longAgo = time.Unix(1, 0)

// guest is a connection that was let in, until it is closed.
type guest struct {
	net.Conn
	leave func()

	mu   sync.Mutex
	up   bool // their time is
	busy bool // a mail of theirs is coming in
}

// SetReadDeadline says until when to wait for the next words: no more where the guest's
// time is up.
func (g *guest) SetReadDeadline(at time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.up {
		at = longAgo
	}
	return g.Conn.SetReadDeadline(at)
}

// brings notes whether a mail of theirs is coming in.
func (g *guest) brings(mail bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy = mail
}

// errLate is that the rest of a mail did not come in time. It is to come again: any other
// word than this would have its server give it up.
var errLate = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "The rest did not come in time: try again"}

// Read waits for the next words. Where the rest of a mail does not come in time, that is
// said in a way that is passed on.
func (g *guest) Read(b []byte) (int, error) {
	n, err := g.Conn.Read(b)
	if late := net.Error(nil); errors.As(err, &late) && late.Timeout() && g.isBusy() {
		err = errLate
	}
	return n, err
}

func (g *guest) isBusy() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.busy
}

// goNow has the guest leave: at once, or as soon as their mail is there.
func (g *guest) goNow() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.up = true
	if !g.busy {
		_ = g.Conn.SetReadDeadline(longAgo) // they may have left just now
	}
}

// Close ends the connection.
func (g *guest) Close() error {
	g.leave()
	return g.Conn.Close()
}
