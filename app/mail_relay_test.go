package app_test

import (
	"bufio"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// relay is a mail server of a test's own, which does to the mail of each address what it
// is told to.
type relay struct {
	t    testing.TB
	addr string

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
	say      map[string][]string // by address: answers to their mails, one after the other; then they are taken
	tries    map[string]int
	taken    map[string][]string // by address: the Message-IDs of what was taken
	pause    time.Duration       // before each answer to a mail
}

// What a relay can be told beside an answer such as "451 later".
const (
	cuts  = "cut"  // takes the mail, and hangs up without a word
	hangs = "hang" // takes nothing, and says nothing until the connection is cut
)

func openRelay(t testing.TB) *relay {
	t.Helper()
	r := &relay{t: t, open: map[net.Conn]bool{}, say: map[string][]string{}, tries: map[string]int{}, taken: map[string][]string{}}
	r.listen("127.0.0.1:0")
	t.Cleanup(r.leave)
	return r
}

// url is where it is, as a setting says it.
func (r *relay) url() string { return "smtp://" + r.addr + "?tls=off&pace=0" }

func (r *relay) listen(addr string) {
	r.t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	r.listener, r.addr = listener, listener.Addr().String()
	r.mu.Unlock()
	go func() {
		defer func() { _ = recover() }()
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			r.open[conn] = true
			r.mu.Unlock()
			go r.serve(conn)
		}
	}()
}

// leave ends the server, with all that is connected to it.
func (r *relay) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.listener.Close() // once more, perhaps
	for conn := range r.open {
		_ = conn.Close()
	}
}

// back has it listen again, where it was.
func (r *relay) back() { r.listen(r.addr) }

// tells has it give those answers to the next mails for an address.
func (r *relay) tells(address string, answers ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.say[address] = answers
}

// got are the Message-IDs of the mails that were taken for an address.
func (r *relay) got(address string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.taken[address]...)
}

// tried is how often a mail for an address came.
func (r *relay) tried(address string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tries[address]
}

// all counts the mails that were taken, the addresses, and the different Message-IDs.
func (r *relay) all() (mails, addresses, ids int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	different := map[string]bool{}
	for _, taken := range r.taken {
		mails += len(taken)
		for _, id := range taken {
			different[id] = true
		}
	}
	return mails, len(r.taken), len(different)
}

// serve is one connection.
func (r *relay) serve(conn net.Conn) {
	defer func() { _ = recover() }()
	defer func() { _ = conn.Close() }()
	in := textproto.NewReader(bufio.NewReader(conn))
	say := func(answer string) { _, _ = fmt.Fprint(conn, answer+"\r\n") }
	say("220 relay")
	to := ""
	for {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		switch command, rest, _ := strings.Cut(strings.ToUpper(line), " "); command {
		case "EHLO":
			say("250-relay\r\n250 8BITMIME")
		case "RCPT":
			to = strings.ToLower(strings.Trim(strings.TrimPrefix(strings.Fields(rest)[0], "TO:"), "<>"))
			say("250 ok")
		case "DATA":
			say("354 go on")
			mail, err := in.ReadDotBytes()
			if err != nil || !r.answer(conn, to, string(mail), say) {
				return
			}
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// answer does with a mail what it was told to; false ends the connection.
func (r *relay) answer(conn net.Conn, to, mail string, say func(string)) bool {
	time.Sleep(r.pause)
	r.mu.Lock()
	r.tries[to]++
	told := "250 taken"
	if answers := r.say[to]; len(answers) > 0 {
		told, r.say[to] = answers[0], answers[1:]
	}
	if told == cuts || strings.HasPrefix(told, "250") {
		_, id, _ := strings.Cut(strings.ToLower(mail), "\nmessage-id: ")
		id, _, _ = strings.Cut(id, "\n")
		r.taken[to] = append(r.taken[to], id)
	}
	r.mu.Unlock()
	switch told {
	case cuts:
		return false
	case hangs:
		_, _ = conn.Read(make([]byte, 1))
		return false
	}
	say(told)
	return true
}

// within waits until something has come about.
func within(t testing.TB, what string, there func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !there(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within three minutes: %s", what)
		}
	}
}

// advance moves the node's clock.
func (w *world) advance(by time.Duration) {
	w.t.Helper()
	if got := w.send(knock{method: "POST", path: "/dev/clock", form: fieldsOf("advance", by.String()), unsigned: true}); got.status != 200 {
		w.t.Fatalf("moving the clock: %d %s", got.status, short(got.body))
	}
}

// states are what became of somebody's letters, in their order.
func (w *world) states(person int64) (all string) {
	w.t.Helper()
	w.must(w.db.QueryRow(w.t.Context(), `select coalesce(string_agg(trim(state || ' ' || why), ', ' order by id), '') from letters where person_id = $1`, person).Scan(&all))
	return all
}

// posts counts the mails that brought an address a post.
func (r *relay) posts(address string) (n int) {
	for _, id := range r.got(address) {
		if strings.HasPrefix(id, "<post-") {
			n++
		}
	}
	return n
}
