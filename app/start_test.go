package app_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"moothall/app"
)

// What a killed run told of itself is not believed: the next one that takes the
// folder removes it, before it may fail.
func TestFactsOfAKilledRunAreRemoved(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	env := environ(t, map[string]string{"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "MOOTHALL_ADDR": busy.Addr().String()})
	path := filepath.Join(env["MOOTHALL_DATA"], "running.json")
	if err := os.WriteFile(path, []byte(`{"site":"http://localhost:1","ready":true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, status := told(t, t.Context(), env); status != 1 {
		t.Errorf("status %d, %q", status, errs)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("running.json is left: %v", err)
	}
}

// A private Postgres that is killed takes the program with it, which says so in a line.
func TestAPrivatePostgresThatDiesEndsTheProgram(t *testing.T) {
	t.Parallel()
	env := environ(t, map[string]string{"DATABASE_URL": " ", "MOOTHALL_POSTGRES_BIN": os.Getenv("MOOTHALL_POSTGRES_BIN")})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, errs := new(lines), new(lines)
	ended := make(chan int, 1)
	go func() { ended <- app.Main(ctx, nil, env, app.Streams{Out: out, Err: errs}) }()
	for !strings.Contains(out.String(), "ready\n") {
		select {
		case status := <-ended:
			t.Fatalf("it ended with %d: %s", status, errs)
		case <-time.After(10 * time.Millisecond): // until it has started
		}
	}
	text, err := os.ReadFile(filepath.Join(env["MOOTHALL_DATA"], "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	postmaster, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := postmaster.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case status := <-ended:
		said := strings.Split(strings.TrimSpace(errs.String()), "\n")
		if last := said[len(said)-1]; status != 1 || !strings.HasPrefix(last, "moothall: the private Postgres has ended by itself") {
			t.Errorf("status %d, %q", status, last)
		}
	case <-time.After(time.Minute):
		t.Errorf("it goes on: %s", errs)
	}
}

// A database that takes the connection and then says nothing is told of in the log,
// and is not waited for without end.
func TestASilentDatabaseIsToldOf(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts, and nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	env := environ(t, map[string]string{"DATABASE_URL": "postgres://nobody@" + silent.Addr().String() + "/none?sslmode=disable&connect_timeout=6"})
	began := time.Now()
	_, errs, status := told(t, t.Context(), env)
	if took := time.Since(began); status != 1 || took > time.Minute {
		t.Errorf("status %d after %s", status, took)
	}
	if !strings.Contains(errs, "waiting for the database") {
		t.Errorf("nothing is said of the wait: %q", errs)
	}
}
