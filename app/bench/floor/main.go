// Command floor is the limit that Moothall is measured against: the fewest queries
// and the least work that still answer a forum's hot requests truthfully. It has no
// rights, moderation, audit, unread marks, languages, logging or security headers.
// The benchmark builds and starts it; nothing else uses it.
package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/valyala/fasthttp"
)

//go:embed queries.sql
var queriesSQL string

// queries are the statements of queries.sql by their names.
var queries = parseQueries(queriesSQL)

func parseQueries(text string) map[string]string {
	all := map[string]string{}
	for _, part := range strings.Split(text, "-- name: ")[1:] {
		name, body, _ := strings.Cut(part, "\n")
		all[strings.TrimSpace(name)] = strings.TrimSpace(body)
	}
	return all
}

func main() {
	log.SetFlags(0)
	dsn := flag.String("dsn", "", "the database's address")
	threads := flag.Int("chrome", 0, "bytes around the posts of a thread page")
	lists := flag.Int("list-chrome", 0, "bytes around the rows of a listing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *dsn, newFrame(*threads), newFrame(*lists)); err != nil {
		log.Fatal("floor: ", err)
	}
}

// connections are what the floor takes of the database. More did not make it faster.
const connections = 8

// server answers requests.
type server struct {
	db           *pgxpool.Pool
	thread, list frame
	kept         sync.Map // from an address to its *page
	buffers      sync.Pool
}

// frame is what stands around a page's content: furniture, so that a page of the
// floor has as many bytes as one of Moothall.
type frame struct{ head, tail []byte }

func newFrame(size int) frame {
	const line = `<li class="nav-item"><a class="nav-link" href="/council/page">Council page</a></li>` + "\n"
	half := strings.Repeat(line, 1+size/2/len(line))
	return frame{
		head: []byte("<!doctype html>\n<html lang=\"en-GB\"><head><meta charset=\"utf-8\"><title>Forum</title>" +
			"<link rel=\"stylesheet\" href=\"/s.css\"></head>\n<body><header><nav><ul>\n" + half + "</ul></nav></header>\n<main>\n"),
		tail: []byte("</main>\n<footer><ul>\n" + half + "</ul></footer></body></html>\n"),
	}
}

// serve answers requests until ctx ends. It says where it listens, as Moothall does.
func serve(ctx context.Context, dsn string, thread, list frame) error {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return err
	}
	config.MaxConns, config.MinConns = connections, connections
	db, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Ping(ctx); err != nil {
		return err
	}
	s := &server{db: db, thread: thread, list: list}
	s.buffers.New = func() any { b := make([]byte, 0, 64<<10); return &b }
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	web := &fasthttp.Server{Handler: s.handle, Name: "floor", MaxRequestBodySize: 1 << 20, CloseOnShutdown: true}
	context.AfterFunc(ctx, func() { _ = web.Shutdown() }) // serve returns then
	if _, err := fmt.Printf("site http://%s\nready\n", listener.Addr()); err != nil {
		return err
	}
	return web.Serve(listener)
}

// handle answers:
//
//	GET  /t/{id}[?after=n]  thread page of a visitor, from memory, with ETag and 304
//	GET  /d/t/{id}          the same, from the database each time
//	GET  /s/t/{id}          thread page, signed in: the session, then the thread
//	GET  /l/{topic}         listing from the database; /m/l/{topic} from memory
//	POST /t/{id}/reply      body=…&csrf=…, with a cookie: one transaction
func (s *server) handle(c *fasthttp.RequestCtx) {
	path := string(c.Path())
	switch {
	case c.IsPost() && strings.HasPrefix(path, "/t/"):
		s.reply(c, path)
	case strings.HasPrefix(path, "/t/"), strings.HasPrefix(path, "/m/l/"):
		s.fromMemory(c, path)
	case strings.HasPrefix(path, "/d/t/"):
		s.answer(c, func(b []byte) ([]byte, error) { return s.addThread(b, path[5:], after(c), nil) })
	case strings.HasPrefix(path, "/s/t/"):
		hash := sha256.Sum256(c.Request.Header.Cookie("sid"))
		s.answer(c, func(b []byte) ([]byte, error) { return s.addThread(b, path[5:], after(c), hash[:]) })
	case strings.HasPrefix(path, "/l/"):
		s.answer(c, func(b []byte) ([]byte, error) { return s.addListing(b, path[3:]) })
	default:
		c.Error("not found", fasthttp.StatusNotFound)
	}
}

func after(c *fasthttp.RequestCtx) int { return c.QueryArgs().GetUintOrZero("after") }
