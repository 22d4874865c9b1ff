package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/app/dev"
)

// secret signs the forms of the run.
const secret = "a secret for measuring alone and of no use elsewhere"

// stage is everything that a run stands on.
type stage struct {
	options
	out        io.Writer
	dir        string
	postgres   *dev.Postgres
	postmaster int
	corpus     corpus
	topic      string   // the slug of the floor's topic 1
	shared     string   // memory that Postgres caches in; its usual where it is empty
	mail       []string // settings of how Moothall's mail goes

	hallURL, floorURL string // databases
	hall, floor       *server
	rows              []row
	most              [2]float64 // memory under load: Moothall's and the floor's
}

// run makes the stage, measures, and takes the stage down again, whatever happens.
func run(ctx context.Context, o options, out io.Writer) (rows []row, err error) {
	s := &stage{options: o, out: out}
	if s.dir, err = os.MkdirTemp("", "moothall-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, s.down(context.WithoutCancel(ctx)))
		if ctx.Err() != nil {
			err = errors.New("stopped before the end") // what failed, failed of that
		}
	}()
	steps := []func(context.Context) error{s.build, s.startPostgres, s.fill, s.measureStarts, s.fitFloor, s.measureForum}
	if o.work == "mail" {
		steps = append(steps[:3], s.measureMail)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil || ctx.Err() != nil {
			return nil, err
		}
	}
	s.say("load average at the end %s", load())
	return s.rows, nil
}

func (s *stage) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

// down stops what runs and removes what was written.
func (s *stage) down(ctx context.Context) (err error) {
	for _, server := range []*server{s.hall, s.floor} {
		if server != nil {
			err = errors.Join(err, server.stop())
		}
	}
	if s.postgres != nil {
		select {
		case <-s.postgres.Ended():
			err = errors.Join(err, errors.New("somebody else ended the private Postgres"))
		default:
		}
		err = errors.Join(err, s.postgres.Stop(ctx))
	}
	if s.keep != "" {
		return err
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// build makes the two programs, as the Dockerfile makes the one that is shipped.
func (s *stage) build(ctx context.Context) error {
	s.say("%s, %d cores, %s, load average %s", time.Now().UTC().Format("2 January 2006 15:04 UTC"), runtime.NumCPU(), runtime.Version(), load())
	for name, of := range map[string]string{"moothall": "moothall", "floor": "moothall/app/bench/floor"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(s.dir, name), of)
		cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
		if said, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w: %s", name, err, said)
		}
	}
	return nil
}

// startPostgres starts one for both, with two databases.
func (s *stage) startPostgres(ctx context.Context) (err error) {
	s.postgres, err = dev.StartPostgres(ctx, dev.PostgresOptions{Dir: filepath.Join(s.dir, "postgres"), BinDir: s.postgresBin, MaxConnections: 100, Shared: s.shared})
	if err != nil {
		return err
	}
	if s.postmaster, err = postmaster(filepath.Join(s.dir, "postgres", "data")); err != nil {
		return err
	}
	s.hallURL = s.postgres.URL()
	db, err := pgx.Connect(ctx, s.hallURL)
	if err != nil {
		return err
	}
	var there bool
	if err = db.QueryRow(ctx, `select exists (select from pg_database where datname = 'floor')`).Scan(&there); err == nil && !there {
		_, err = db.Exec(ctx, `create database floor`)
	}
	u, parseErr := url.Parse(s.hallURL)
	if err := errors.Join(err, parseErr, db.Close(ctx)); err != nil {
		return err
	}
	u.Path = "/floor"
	s.floorURL = u.String()
	return nil
}

// postmaster is the first process of a Postgres, as its folder names it.
func postmaster(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	first, _, _ := strings.Cut(string(text), "\n")
	pid, numberErr := strconv.Atoi(first)
	return pid, errors.Join(err, numberErr)
}

// environ are Moothall's settings. Its limits of what one person may do in a minute
// are off, for sixteen people post as much as thousands would.
func (s *stage) environ() []string {
	return append([]string{"DATABASE_URL=" + s.hallURL, "MOOTHALL_ADDR=127.0.0.1:0", "MOOTHALL_DATA=" + filepath.Join(s.dir, "data"),
		"MOOTHALL_DEMO=off", "MOOTHALL_RATE_LIMITS=off", "MOOTHALL_SECRETS=" + secret}, s.mail...)
}

// fill makes the corpus and loads it into both databases.
func (s *stage) fill(ctx context.Context) (err error) {
	began := time.Now()
	migrate := exec.CommandContext(ctx, filepath.Join(s.dir, "moothall"), "migrate")
	migrate.Env = s.environ()
	if said, err := migrate.CombinedOutput(); err != nil {
		return fmt.Errorf("migrating: %w: %s", err, said)
	}
	if s.corpus, err = loadFloor(ctx, s.floorURL, sizeOf(s.posts)); err != nil {
		return fmt.Errorf("filling the floor: %w", err)
	}
	if s.topic, err = loadMoothall(ctx, s.hallURL, s.corpus); err != nil {
		return fmt.Errorf("filling Moothall: %w", err)
	}
	s.say("%d posts in %d threads, the first of %d; Postgres %s; made and loaded in %d s", s.posts, len(s.corpus.all), s.corpus.all[0].posts,
		s.postgres.Version(), int(time.Since(began).Seconds()))
	return nil
}

// startHall starts Moothall.
func (s *stage) startHall(ctx context.Context) (err error) {
	if s.hall, err = startServer(ctx, s.dir, s.environ(), filepath.Join(s.dir, "moothall"), "serve"); err == nil {
		s.hall.postmaster = s.postmaster
	}
	return err
}

// startFloor starts the floor, whose pages have so many bytes of furniture.
func (s *stage) startFloor(ctx context.Context, thread, list int) (err error) {
	s.floor, err = startServer(ctx, s.dir, nil, filepath.Join(s.dir, "floor"),
		"-dsn", s.floorURL, "-chrome", fmt.Sprint(thread), "-list-chrome", fmt.Sprint(list))
	if err == nil {
		s.floor.postmaster = s.postmaster
	}
	return err
}

// end stops a server before its time.
func end(s **server) error {
	stopping := *s
	*s = nil
	return stopping.stop()
}

// fitFloor starts the floor with pages as large as Moothall's: otherwise bytes would
// be compared, and not work.
func (s *stage) fitFloor(ctx context.Context) error {
	var extra [2]int
	for i, pair := range [2]pair{s.threadSignedIn(0), s.topicSignedIn()} {
		ours, err := meanSize(ctx, pair.ours)
		if err != nil {
			return err
		}
		floor, err := meanSize(ctx, pair.floor)
		if err != nil {
			return err
		}
		extra[i] = max(0, ours-floor)
	}
	if err := end(&s.floor); err != nil {
		return err
	}
	return s.startFloor(ctx, extra[0], extra[1])
}

// meanSize is how many bytes the first pages of a target have.
func meanSize(ctx context.Context, t target) (int, error) {
	c := newClient(t.server.addr)
	defer c.close()
	some := t.lists[0][:min(len(t.lists[0]), 100)]
	sum := int64(0)
	for i := range some {
		a, err := c.do(&some[i], false)
		if err == nil && a.status != t.want {
			err = fmt.Errorf("%s answers %s with status %d", t.server.name, strings.SplitN(some[i].head, "\r\n", 2)[0], a.status)
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return 0, err
		}
		sum += a.size
	}
	return int(sum) / len(some), nil
}
