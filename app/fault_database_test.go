package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/app/dev"
	"moothall/forum"
	"moothall/forum/forumtest"
)

// server is a Postgres of a test's own, which it may ill-treat.
type server struct {
	*dev.Postgres
	t       testing.TB
	options dev.PostgresOptions
}

func openServer(t testing.TB, fast bool) *server {
	t.Helper()
	s := &server{t: t, options: dev.PostgresOptions{Dir: filepath.Join(t.TempDir(), "postgres"), Fast: fast,
		BinDir: os.Getenv("MOOTHALL_POSTGRES_BIN"), MaxConnections: 100}}
	s.start()
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Errorf("stopping Postgres: %v", err)
		}
	})
	return s
}

// start starts it, the first time or again: then at the same address.
func (s *server) start() {
	s.t.Helper()
	var err error
	if s.Postgres, err = dev.StartPostgres(context.Background(), s.options); err != nil {
		s.t.Fatal(err)
	}
}

// end ends it: SIGINT is what Postgres calls a fast end, SIGQUIT an immediate one, after
// which it has to recover (PostgreSQL, "Shutting Down the Server").
func (s *server) end(how syscall.Signal) {
	s.t.Helper()
	if err := syscall.Kill(s.pid(), how); err != nil {
		s.t.Fatal(err)
	}
	<-s.Ended()
	_ = s.Stop(context.Background()) // gives the folder free; that it ended is what was wanted
}

// pid is its first process.
func (s *server) pid() int {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.options.Dir, "data", "postmaster.pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		s.t.Fatal(err)
	}
	return pid
}

// execAt runs a statement, on a connection of its own.
func execAt(t testing.TB, url, sql string) {
	t.Helper()
	askAt(t, url, func(ctx context.Context, db *pgx.Conn) error {
		_, err := db.Exec(ctx, sql)
		return err
	})
}

// numberAt reads one number, on a connection of its own.
func numberAt(t testing.TB, url, sql string) (n int) {
	t.Helper()
	askAt(t, url, func(ctx context.Context, db *pgx.Conn) error { return db.QueryRow(ctx, sql).Scan(&n) })
	return n
}

func askAt(t testing.TB, url string, what func(context.Context, *pgx.Conn) error) {
	t.Helper()
	ctx := context.Background()
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(what(ctx, db), db.Close(ctx)); err != nil {
		t.Fatal(err)
	}
}

// colleague is somebody of a real council, for a database without the cast.
func (h *house) colleague(name string) forum.Person {
	h.t.Helper()
	who := forumtest.NewcomerOf(h.t, h.store, name, "leeds")
	if _, err := h.db.Exec(h.t.Context(), `update people set standing = 'colleague' where id = $1`, who.ID); err != nil {
		h.t.Fatal(err)
	}
	return forumtest.Again(h.t, h.store, who)
}

// Postgres may be started anew while people read and write, tidily or not: what was
// acknowledged is there, once; whoever cannot be served is told when to come again; and
// service is as before by itself as soon as Postgres is.
func TestPostgresMayBeStartedAnew(t *testing.T) {
	t.Parallel()
	s := openServer(t, false)
	h := openHouse(t, map[string]string{"DATABASE_URL": s.URL(), "MOOTHALL_RATE_LIMITS": "off"})
	ben := h.colleague("Ben")
	_, path := h.threadOf(ben, "Who has moved bins online?")
	person, visitor := h.as(ben), h.guest()
	csrf := person.form(path, nil)["_csrf"]
	reply := func(words string) returned {
		return person.post(path+"/posts", url.Values{"_csrf": csrf, "idempotency": {words}, "body": {words}})
	}
	n := &tally{t: t}
	var said, tried sync.Map
	over := make(chan struct{})
	var all sync.WaitGroup
	work := func(each func(serial int)) {
		all.Go(func() {
			for serial := 0; ; serial++ {
				select {
				case <-over:
					return
				default:
					each(serial)
				}
			}
		})
	}
	for writer := range 3 {
		work(func(serial int) {
			words := fmt.Sprintf("writer %d words %d", writer, serial)
			tried.Store(words, true)
			got := reply(words)
			n.note(person, got)
			if got.StatusCode == http.StatusServiceUnavailable {
				<-time.After(50 * time.Millisecond) // nobody who was told to come again comes at once
			}
			if got.StatusCode == http.StatusSeeOther {
				said.Store(words, true)
			}
		})
	}
	work(func(int) { n.note(person, person.get(path)) })
	work(func(serial int) { n.note(visitor, visitor.get(fmt.Sprintf("%s?again=%d", path, serial))) })

	for _, how := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		served := n.served.Load()
		eventually(t, "people are served", func() bool { return n.served.Load() > served+40 })
		refused := n.refused.Load()
		s.end(how)
		eventually(t, "people are told to come again", func() bool { return n.refused.Load() > refused+5 })
		s.start()
		eventually(t, "a page is served again", func() bool { return visitor.get("/threads").StatusCode == http.StatusOK })
	}
	close(over)
	all.Wait()
	tried.Range(func(words, _ any) bool {
		if _, ok := said.Load(words); !ok { // whoever saw no answer sends the same form again
			eventually(t, "it is taken", func() bool { return reply(words.(string)).StatusCode == http.StatusSeeOther })
		}
		return true
	})
	var posts, different, last, want int
	tried.Range(func(_, _ any) bool { want++; return true })
	eventually(t, "the database can be asked", func() bool {
		return h.db.QueryRow(t.Context(), `select count(*), count(distinct body), max(number) - 1 from posts where number > 1`).Scan(&posts, &different, &last) == nil
	})
	if posts != want || different != want || last != want {
		t.Errorf("%d posts, %d different, the last is number %d; want %d", posts, different, last, want)
	}
	lost := 0
	said.Range(func(words, _ any) bool {
		var there bool
		if err := h.db.QueryRow(t.Context(), `select exists (select from posts where body = $1)`, words).Scan(&there); err != nil || !there {
			lost++
		}
		return true
	})
	if lost > 0 {
		t.Errorf("%d acknowledged posts are not there", lost)
	}
	if !strings.Contains(h.log.String(), "level=WARN msg=fault") {
		t.Error("the log says nothing of it")
	}
	t.Logf("%d posts, %d requests served, %d refused", posts, n.served.Load(), n.refused.Load())
}
