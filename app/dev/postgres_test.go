package dev

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A folder closed to everybody else, below another such, is no hindrance, even to root.
func TestPostgresStartsInAClosedFolder(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "home")
	p := start(t, filepath.Join(home, "data", "postgres"))
	c := connect(t, p.URL())

	if got, want := ask(t, c, "select current_database() || ' ' || current_user"), "moothall moothall"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := ask(t, c, "select to_tsvector('english', 'TŶ')::text"), "'tŷ':1"; got != want {
		t.Errorf("Welsh capitals: got %s, want %s", got, want)
	}
	if got, want := ask(t, c, "select lower('Ŵ') || array_to_string(array(select n from unnest(array['a', 'B']) n order by n), '')"), "ŵaB"; got != want {
		t.Errorf("lower case and order: got %s, want %s", got, want)
	}
	if got, want := ask(t, c, "show fsync"), "on"; got != want {
		t.Errorf("data is real to somebody: fsync is %s, want %s", got, want)
	}
	if got := ask(t, c, "show server_version"); !strings.HasPrefix(got, p.Version()) {
		t.Errorf("Version() is %s, the server's is %s", p.Version(), got)
	}
	for _, name := range []string{".", passwordFile, logFile} {
		info, err := os.Stat(filepath.Join(p.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if open := info.Mode().Perm() & 0o077; open != 0 {
			t.Errorf("%s is open to others: %o", name, info.Mode().Perm())
		}
	}
}

// Killed at any moment, the owner takes the server along; started again at once, nothing is lost.
func TestNothingIsLostWhenTheOwnerIsKilled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "postgres")
	owner := startOwner(t, dir)
	c := connect(t, owner.url)
	run(t, c, "create table kept (word text)")
	run(t, c, "insert into kept values ('first')")
	owner.kill(t)

	owner = startOwner(t, dir)
	c = connect(t, owner.url)
	run(t, c, "insert into kept values ('second')")
	killNow(t, owner.postmaster)
	owner.kill(t)

	p := start(t, dir)
	if got, want := ask(t, connect(t, p.URL()), "select string_agg(word, ' ' order by word) from kept"), "first second"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The server ends with its owner, however that ends.
func TestNoServerOutlivesItsOwner(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "postgres")
	data := filepath.Join(dir, clusterDir)
	owner := startOwner(t, dir)
	if !runsOn(owner.postmaster, data) {
		t.Fatal("the server is not seen to run")
	}
	owner.kill(t)
	eventually(t, "the server of a killed owner has ended", func() bool { return !runsOn(owner.postmaster, data) })

	owner = startOwner(t, dir)
	owner.finish(t)
	if runsOn(owner.postmaster, data) {
		t.Error("Stop left the server running")
	}
	if m := readMarker(data); m.pid != 0 {
		t.Error("Stop did not end the server tidily")
	}
}

// A server left behind, as systems without a death signal leave it, is ended and its data kept.
func TestAServerLeftBehindIsEnded(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "postgres")
	first := begin(t, dir)
	run(t, connect(t, first.URL()), "create table kept as select 1 as n")
	if err := first.lock.Close(); err != nil { // as if its owner were gone
		t.Fatal(err)
	}
	p := start(t, dir)
	if got := ask(t, connect(t, p.URL()), "select n::text from kept"); got != "1" {
		t.Errorf("got %s, want 1", got)
	}
	<-first.child.ended
}

// What a killed server left may carry a number that is another program's by now.
func TestAMarkerWithAnothersNumberIsNoHindrance(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "postgres")
	p := begin(t, dir)
	killNow(t, p.child.cmd.Process.Pid)
	<-p.child.ended
	path := filepath.Join(dir, clusterDir, "postmaster.pid")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(path, []byte("1\n"+rest), 0o600); err != nil { // process 1 always lives
		t.Fatal(err)
	}
	if err := p.lock.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
}

func TestASecondCopyIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "postgres")
	owner := startOwner(t, dir)
	_, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir})
	oneLine(t, err, dir+" is in use by another copy of Moothall (process ", "MOOTHALL_DATA")
	if !errors.Is(err, ErrLocked) {
		t.Errorf("%v is not ErrLocked", err)
	}
	if got := ask(t, connect(t, owner.url), "select 'well'"); got != "well" {
		t.Errorf("the first copy is %s, want well", got)
	}
	owner.finish(t)
}

func TestALockEndsWithItsCloser(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	first, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// A command uses the server that the site runs, and starts its own when there is none.
func TestACommandJoinsTheRunningServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "postgres")
	if _, ok := JoinPostgres(t.Context(), dir); ok {
		t.Error("joined a server that was never there")
	}
	owner := startOwner(t, dir)
	databaseURL, ok := JoinPostgres(t.Context(), dir)
	if !ok || databaseURL != owner.url {
		t.Errorf("got %q and %v, want %q", databaseURL, ok, owner.url)
	}
	owner.finish(t)
	if _, ok := JoinPostgres(t.Context(), dir); ok {
		t.Error("joined a server without an owner")
	}
}

// Another version's data is left as it is.
func TestAnotherVersionsDataIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, clusterDir)
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	version := filepath.Join(data, "PG_VERSION")
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir})
	oneLine(t, err, "was made by Postgres 9", "MOOTHALL_POSTGRES_BIN")
	entries, err := os.ReadDir(data)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v; want PG_VERSION alone", len(entries), err)
	}
}

// initdb killed half-way leaves nothing that is taken for a database.
func TestAHalfMadeClusterIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	half := filepath.Join(dir, clusterDir+".new")
	if err := os.Mkdir(half, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// Files that are not a database are somebody's.
func TestOtherFilesAreNotTouched(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	letter := filepath.Join(dir, clusterDir, "letter.txt")
	if err := os.Mkdir(filepath.Dir(letter), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(letter, []byte("Dear Ada"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir})
	oneLine(t, err, "holds files but no Postgres database")
	if text, err := os.ReadFile(letter); err != nil || string(text) != "Dear Ada" {
		t.Errorf("the letter is %q, %v", text, err)
	}
}
