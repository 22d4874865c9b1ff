package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// request is what is sent, as it goes over the wire. In it {{n}} stands for a number
// that was never used before, so that no two forms are the same.
type request struct {
	head, body string
	post       bool
	whole      []byte // when there is no {{n}}
}

// get asks for a page; headers are whole lines.
func get(s *server, path string, headers ...string) request {
	r := request{head: head("GET", s, path, headers)}
	r.whole = r.bytes(nil)
	return r
}

// send posts a form.
func send(s *server, path, form string, headers ...string) request {
	headers = append(headers, "Content-Type: application/x-www-form-urlencoded")
	return request{head: head("POST", s, path, headers), body: form, post: true}
}

func head(method string, s *server, path string, headers []string) string {
	lines := append([]string{method + " " + path + " HTTP/1.1", "Host: " + s.host, "User-Agent: moothall-bench",
		"Accept: text/html,application/json"}, headers...)
	return strings.Join(lines, "\r\n") + "\r\n"
}

var unique atomic.Int64

// bytes is the request as it is sent; b is room for it.
func (r *request) bytes(b []byte) []byte {
	head, body := r.head, r.body
	if r.post {
		n := strconv.FormatInt(unique.Add(1), 10)
		head, body = strings.ReplaceAll(head, "{{n}}", n), strings.ReplaceAll(body, "{{n}}", n)
	}
	b = append(b, head...)
	if r.post {
		b = fmt.Appendf(b, "Content-Length: %d\r\n", len(body))
	}
	b = append(b, "\r\n"...)
	return append(b, body...)
}

// timeout is how long one request may take.
const timeout = 30 * time.Second

// client is one connection that is kept and, should it end, made anew.
type client struct {
	addr string
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	room int // of the buffer to read into
}

func newClient(addr string) *client { return &client{addr: addr, room: 64 << 10} }

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// answer is what came back.
type answer struct {
	status int
	size   int64 // of the body, as it came over the wire
	shut   bool  // the connection ends with it
	length int64 // as announced; -1 where not
	chunks bool
	header map[string]string // only when it was asked to be kept
	body   []byte            // likewise
}

// do sends a request and reads the whole answer; keep is whether to keep it.
func (c *client) do(r *request, keep bool) (a answer, err error) {
	defer func() {
		if err != nil || a.shut {
			c.close()
		}
	}()
	if c.conn == nil {
		if c.conn, err = net.DialTimeout("tcp", c.addr, timeout); err != nil {
			c.conn = nil
			return a, err
		}
		c.in = bufio.NewReaderSize(c.conn, c.room)
	}
	out := r.whole
	if out == nil {
		c.out = r.bytes(c.out[:0])
		out = c.out
	}
	if err := c.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return a, err
	}
	if _, err := c.conn.Write(out); err != nil {
		return a, err
	}
	if keep {
		a.header = map[string]string{}
	}
	if err := c.readHead(&a); err != nil {
		return a, err
	}
	return a, c.readBody(&a)
}

func (c *client) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

func (c *client) readHead(a *answer) error {
	line, err := c.line()
	if err != nil {
		return err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return fmt.Errorf("no status line: %q", line)
	}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return err
	}
	for a.length = -1; ; {
		line, err := c.line()
		if err != nil || len(line) == 0 {
			return err
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if err := a.note(name, bytes.TrimSpace(value)); err != nil {
			return err
		}
	}
}

// note takes in a header line.
func (a *answer) note(name, value []byte) (err error) {
	if a.header != nil {
		a.header[strings.ToLower(string(name))] = string(value)
	}
	switch {
	case equal(name, "content-length"):
		a.length, err = strconv.ParseInt(string(value), 10, 64)
	case equal(name, "transfer-encoding"):
		a.chunks = equal(value, "chunked")
	case equal(name, "connection"):
		a.shut = equal(value, "close")
	}
	return err
}

func equal(b []byte, s string) bool { return len(b) == len(s) && bytes.EqualFold(b, []byte(s)) }

func (c *client) readBody(a *answer) error {
	switch {
	case a.status == 204 || a.status == 304 || a.status < 200:
		return nil
	case a.chunks:
		return c.readChunks(a)
	case a.length >= 0:
		return c.take(a, a.length)
	}
	return fmt.Errorf("status %d without a length", a.status)
}

func (c *client) readChunks(a *answer) error {
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		text, _, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseInt(strings.TrimSpace(text), 16, 64)
		if err != nil {
			return err
		}
		if err := c.take(a, n); err != nil {
			return err
		}
		if _, err := c.line(); err != nil || n == 0 {
			return err
		}
	}
}

// take reads n bytes of the body.
func (c *client) take(a *answer, n int64) error {
	a.size += n
	if a.header == nil {
		_, err := c.in.Discard(int(n))
		return err
	}
	part := make([]byte, n)
	_, err := io.ReadFull(c.in, part)
	a.body = append(a.body, part...)
	return err
}
