package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"
)

// page is one that is kept in memory, for as long as the floor runs.
type page struct {
	body []byte
	etag string
}

// answer makes a page and sends it.
func (s *server) answer(c *fasthttp.RequestCtx, add func([]byte) ([]byte, error)) {
	buffer := s.buffers.Get().(*[]byte)
	defer s.buffers.Put(buffer)
	b, err := add((*buffer)[:0])
	*buffer = b
	if err != nil {
		fail(c, err)
		return
	}
	c.SetContentType("text/html; charset=utf-8")
	c.SetBody(b)
}

func fail(c *fasthttp.RequestCtx, err error) {
	if errors.Is(err, pgx.ErrNoRows) {
		c.Error("sign in", fasthttp.StatusUnauthorized)
		return
	}
	c.Error(err.Error(), fasthttp.StatusInternalServerError)
}

// fromMemory answers with a page that was made once.
func (s *server) fromMemory(c *fasthttp.RequestCtx, path string) {
	key := string(c.RequestURI())
	found, ok := s.kept.Load(key)
	if !ok {
		var b []byte
		var err error
		if topic, list := strings.CutPrefix(path, "/m/l/"); list {
			b, err = s.addListing(nil, topic)
		} else {
			b, err = s.addThread(nil, path[3:], after(c), nil)
		}
		if err != nil {
			fail(c, err)
			return
		}
		sum := sha256.Sum256(b)
		found = &page{b, fmt.Sprintf(`"%x"`, sum[:12])}
		s.kept.Store(key, found)
	}
	p := found.(*page)
	c.Response.Header.Set("ETag", p.etag)
	c.Response.Header.Set("Cache-Control", "public, max-age=0, must-revalidate")
	if string(c.Request.Header.Peek("If-None-Match")) == p.etag {
		c.SetStatusCode(fasthttp.StatusNotModified)
		return
	}
	c.SetContentType("text/html; charset=utf-8")
	c.Response.SetBodyRaw(p.body)
}

// addThread writes a thread page; with a session's hash it is read first, and the
// form to reply stands below.
func (s *server) addThread(b []byte, text string, after int, session []byte) ([]byte, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return b, err
	}
	ctx := context.Background() // a fasthttp context costs a goroutine for each query
	csrf := ""
	if session != nil {
		var person int64
		if err := s.db.QueryRow(ctx, queries["session"], session).Scan(&person, &csrf); err != nil {
			return b, err
		}
	}
	rows, err := s.db.Query(ctx, queries["thread"], id, after)
	if err != nil {
		return b, err
	}
	defer rows.Close()
	b = append(b, s.thread.head...)
	for first := true; rows.Next(); first = false {
		b = addPost(b, rows.RawValues(), first) // read where they lie: no copy but the one into the page
	}
	if csrf != "" {
		b = fmt.Appendf(b, `<form id="reply" method="post" action="/t/%d/reply"><input type="hidden" name="csrf" value="%s">`+
			`<label for="b">Your reply</label><textarea id="b" name="body" rows="8"></textarea><button>Post reply</button></form>`+"\n", id, csrf)
	}
	return append(b, s.thread.tail...), rows.Err()
}

func addPost(b []byte, v [][]byte, first bool) []byte {
	if first {
		b = append(b, "<h1>"...)
		b = addEscaped(b, v[0])
		b = append(b, "</h1>\n<p>"...)
		b = strconv.AppendInt(b, number(v[2]), 10)
		b = append(b, " posts</p>\n"...)
	}
	b = append(b, `<article class="post" id="p`...)
	b = strconv.AppendInt(b, number(v[3]), 10)
	b = append(b, `"><header class="post-head"><a class="author" href="/u/`...)
	b = strconv.AppendInt(b, number(v[6]), 10)
	b = append(b, `">`...)
	b = addEscaped(b, v[7])
	b = append(b, `</a> <time datetime="`...)
	b = moment(v[4]).AppendFormat(b, time.RFC3339)
	b = append(b, `">`...)
	b = moment(v[4]).AppendFormat(b, "2 January 2006 at 15:04")
	b = append(b, `</time></header><div class="body">`...)
	b = append(b, v[5]...)
	return append(b, `</div><footer class="post-foot"><a href="#reply">Reply</a> <a href="#report">Report</a></footer></article>`+"\n"...)
}

// addListing writes the newest 30 threads of a topic.
func (s *server) addListing(b []byte, topic string) ([]byte, error) {
	id, err := strconv.ParseInt(topic, 10, 64)
	if err != nil {
		return b, err
	}
	rows, err := s.db.Query(context.Background(), queries["listing"], id)
	if err != nil {
		return b, err
	}
	defer rows.Close()
	b = append(b, s.list.head...)
	b = append(b, "<h1>Topic</h1>\n<ol>\n"...)
	for rows.Next() {
		v := rows.RawValues()
		b = append(b, `<li class="thread"><h2><a href="/t/`...)
		b = strconv.AppendInt(b, number(v[0]), 10)
		b = append(b, `">`...)
		b = addEscaped(b, v[1])
		b = append(b, `</a></h2><p>Started by `...)
		b = addEscaped(b, v[4])
		b = append(b, `, `...)
		b = strconv.AppendInt(b, number(v[2]), 10)
		b = append(b, ` posts, last on <time>`...)
		b = moment(v[3]).AppendFormat(b, "2 January 2006 at 15:04")
		b = append(b, "</time></p></li>\n"...)
	}
	b = append(b, "</ol>\n"...)
	return append(b, s.list.tail...), rows.Err()
}

// number reads an integer as Postgres sends it in binary: big-endian, 4 or 8 bytes.
func number(v []byte) int64 {
	if len(v) == 4 {
		return int64(int32(binary.BigEndian.Uint32(v)))
	}
	return int64(binary.BigEndian.Uint64(v))
}

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// moment reads a timestamptz: microseconds since 2000.
func moment(v []byte) time.Time { return epoch.Add(time.Duration(number(v)) * time.Microsecond) }

func addEscaped(b, v []byte) []byte {
	for _, c := range v {
		switch c {
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '&':
			b = append(b, "&amp;"...)
		case '"':
			b = append(b, "&#34;"...)
		default:
			b = append(b, c)
		}
	}
	return b
}
