package dev

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
	p, err := startAs(t.Context(), accounts(o.Dir)[1:], o)
	if err != nil {
		t.Fatal(err)
	}
	run(t, connect(t, p.URL()), "create table kept as select 7 as n")
	if by, _, err := owner(filepath.Join(o.Dir, clusterDir)); err != nil || by == 0 {
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
	o := PostgresOptions{Dir: filepath.Join(closed, "postgres")}
	_, err := startAs(t.Context(), accounts(o.Dir)[1:], o)
	oneLine(t, err, "may not enter "+filepath.Dir(filepath.Dir(closed)), "MOOTHALL_DATA")
	if by, _, err := owner(o.Dir); err != nil || by != 0 {
		t.Errorf("refused, it gave the folder to %d, %v", by, err)
	}
}

// Root runs Postgres as whoever has the folder, even in a home closed to all others,
// and leaves nothing in it that is not theirs: afterwards they start it as before.
func TestRootLeavesAFolderToWhoseItIs(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("for root alone")
	}
	uid, gid, err := numbers("nobody")
	if err != nil {
		t.Fatal(err)
	}
	parent, err := os.MkdirTemp("", "moothall-test-") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "home", "postgres")
	for _, folder := range []string{filepath.Dir(dir), dir} {
		if err := errors.Join(os.Mkdir(folder, 0o700), os.Lchown(folder, uid, gid)); err != nil {
			t.Fatal(err)
		}
	}
	o := PostgresOptions{Dir: dir, BinDir: os.Getenv("MOOTHALL_POSTGRES_BIN"), Fast: true}
	for range 2 {
		p, err := StartPostgres(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		run(t, connect(t, p.URL()), "create table if not exists kept (n int)")
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if by, _, err := owner(path); err != nil || by != uid {
			t.Errorf("%s belongs to %d, %v, want %d", path, by, err, uid)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Somebody whose folder is another's is told so, and how to go on.
func TestAnothersFolderIsToldInASentence(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("for root alone")
	}
	refused := closed(t.TempDir(), &fs.PathError{Op: "chmod", Path: "x", Err: syscall.EPERM})
	oneLine(t, refused, "run Moothall as that account", "MOOTHALL_DATA")
	if !errors.Is(refused, fs.ErrPermission) {
		t.Errorf("%v does not say what it is", refused)
	}
}

// Told to stop while it looks for a way to run, it says that and nothing else.
func TestStoppedWhileItStartsIsNoRefusal(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "closed", "postgres")
	if _, err := startAs(ctx, accounts(dir), PostgresOptions{Dir: dir}); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "account") {
		t.Errorf("got %v", err)
	}
	if os.Geteuid() != 0 {
		return
	}
	_, err := startAs(ctx, accounts(filepath.Join(dir, "absent"))[1:], PostgresOptions{Dir: dir})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
