package dev

import (
	"os"
	"path/filepath"
	"testing"
)

// Where namespaces are forbidden, root runs Postgres as another account, and gives it
// the folder; back with a namespace, the same data is there.
func TestRootWithoutANamespace(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("for root alone")
	}
	parent, err := os.MkdirTemp("", "moothall-test-") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	o := PostgresOptions{Dir: filepath.Join(parent, "postgres"), BinDir: os.Getenv("MOOTHALL_POSTGRES_BIN"), Fast: true}
	p, err := startAs(t.Context(), accounts()[1:], o)
	if err != nil {
		t.Fatal(err)
	}
	run(t, connect(t, p.URL()), "create table kept as select 7 as n")
	if by, err := owner(filepath.Join(o.Dir, clusterDir)); err != nil || by == 0 {
		t.Errorf("the data belongs to %d, %v", by, err)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	p = start(t, o.Dir)
	if got := ask(t, connect(t, p.URL()), "select n::text from kept"); got != "7" {
		t.Errorf("got %s, want 7", got)
	}
}

func TestAClosedFolderIsNamed(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("for root alone")
	}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := startAs(t.Context(), accounts()[1:], PostgresOptions{Dir: filepath.Join(closed, "postgres")})
	oneLine(t, err, "may not enter "+filepath.Dir(filepath.Dir(closed)), "MOOTHALL_DATA")
}
