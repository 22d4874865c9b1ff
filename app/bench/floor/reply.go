package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"
)

// reply takes a post: session and token are checked, then all is one transaction.
func (s *server) reply(c *fasthttp.RequestCtx, path string) {
	text, rest, _ := strings.Cut(path[len("/t/"):], "/")
	thread, err := strconv.ParseInt(text, 10, 64)
	if err != nil || rest != "reply" {
		c.Error("not found", fasthttp.StatusNotFound)
		return
	}
	ctx := context.Background()
	hash := sha256.Sum256(c.Request.Header.Cookie("sid"))
	var person int64
	var csrf string
	if err := s.db.QueryRow(ctx, queries["session"], hash[:]).Scan(&person, &csrf); err != nil {
		fail(c, err)
		return
	}
	form := c.PostArgs()
	body := string(form.Peek("body"))
	if string(form.Peek("csrf")) != csrf || body == "" {
		c.Error("refused", fasthttp.StatusForbidden)
		return
	}
	seq, err := s.addReply(ctx, thread, person, body)
	if err != nil {
		fail(c, err)
		return
	}
	c.Response.Header.Set("Location", fmt.Sprintf("/t/%d?after=%d#p%d", thread, (seq-1)/20*20, seq))
	c.SetStatusCode(fasthttp.StatusSeeOther)
}

// addReply is one transaction in one round trip: a batch with a single Sync is an
// implicit transaction. The update takes the thread's lock first, so that the insert
// sees the counter it has just written.
func (s *server) addReply(ctx context.Context, thread, person int64, body string) (seq int, err error) {
	var b pgx.Batch
	b.Queue(queries["bump"], thread)
	b.Queue(queries["reply"], thread, person, body, "<p>"+html.EscapeString(body)+"</p>")
	b.Queue(queries["job"], thread)
	results := s.db.SendBatch(ctx, &b)
	defer func() { err = errors.Join(err, results.Close()) }()
	if _, err = results.Exec(); err != nil {
		return 0, err
	}
	if err = results.QueryRow().Scan(&seq); err != nil {
		return 0, err
	}
	_, err = results.Exec()
	return seq, err
}
