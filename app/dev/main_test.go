package dev

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// The test binary runs itself as the owner of a private Postgres, to be killed.
const ownerOf = "MOOTHALL_TEST_OWNER_OF"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerOf); dir != "" {
		os.Exit(own(dir))
	}
	code := m.Run()
	if shared.postgres != nil {
		if err := shared.postgres.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		_ = os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// shared is the server of the tests that need a database and no more.
var shared struct {
	once     sync.Once
	dir      string
	postgres *Postgres
	err      error
}

// database makes a database of the test's own, and returns its address.
func database(t *testing.T) string {
	t.Helper()
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "moothall-test-"); shared.err == nil {
			shared.postgres, shared.err = StartPostgres(context.Background(), PostgresOptions{
				Dir: shared.dir, Fast: true, BinDir: os.Getenv("MOOTHALL_POSTGRES_BIN")})
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	run(t, connect(t, shared.postgres.URL()), "create database "+name)
	return strings.Replace(shared.postgres.URL(), "/"+role+"?", "/"+name+"?", 1)
}

// own runs a Postgres until it is killed or its input ends.
func own(dir string) int {
	p, err := StartPostgres(context.Background(), PostgresOptions{Dir: dir, BinDir: os.Getenv("MOOTHALL_POSTGRES_BIN")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(p.child.cmd.Process.Pid, p.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := p.Stop(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// process is another process that runs a Postgres.
type process struct {
	*exec.Cmd
	input      io.Closer
	postmaster int
	url        string
}

func startOwner(t *testing.T, dir string) *process {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.CommandContext(t.Context(), executable)}
	p.Env = append(os.Environ(), ownerOf+"="+dir)
	p.Stderr = os.Stderr
	input, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.input = input
	output, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(line, &p.postmaster, &p.url); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return p
}

// kill ends the owner without a chance to tidy up.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait() // says that it was killed
}

// finish has the owner stop its server and end.
func (p *process) finish(t *testing.T) {
	t.Helper()
	if err := p.input.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
}

// begin runs a Postgres in dir until the test ends it.
func begin(t *testing.T, dir string) *Postgres {
	t.Helper()
	p, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir, BinDir: os.Getenv("MOOTHALL_POSTGRES_BIN")})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// start runs a Postgres in dir for the length of a test.
func start(t *testing.T, dir string) *Postgres {
	t.Helper()
	p := begin(t, dir)
	t.Cleanup(func() {
		if err := p.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

func connect(t *testing.T, databaseURL string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) }) // the server may be gone by then
	return c
}

func run(t *testing.T, c *pgx.Conn, statement string) {
	t.Helper()
	if _, err := c.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// ask returns the one value that a query gives, as text.
func ask(t *testing.T, c *pgx.Conn, query string) (value string) {
	t.Helper()
	if err := c.QueryRow(t.Context(), query).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); !so(); {
		if time.Now().After(until) {
			t.Fatalf("still not so: %s", what)
		}
		if !pause(t.Context()) {
			t.Fatal("the test ended")
		}
	}
}

func oneLine(t *testing.T, err error, wants ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("it was not refused")
	}
	if strings.Contains(strings.TrimSpace(err.Error()), "\n") {
		t.Errorf("more than one line: %v", err)
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

func killNow(t *testing.T, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
}
