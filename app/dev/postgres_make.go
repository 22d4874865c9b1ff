package dev

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// account is whom Postgres runs as; uid and gid are -1 when that is who we are.
type account struct {
	attr     syscall.SysProcAttr
	uid, gid int
}

// command is a program of Postgres, run in dir and without our settings: among them
// are secrets, and names such as PGDATA that mean something to Postgres.
func (a account) command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	for _, setting := range cmd.Environ() {
		name, _, _ := strings.Cut(setting, "=")
		switch strings.ToUpper(name) {
		case "PATH", "HOME", "PWD", "TMPDIR", "TMP", "TEMP", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH":
			cmd.Env = append(cmd.Env, setting)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C") // its messages are read here; macOS needs it set at all
	attr := a.attr
	cmd.SysProcAttr = &attr
	return cmd
}

// chooseAccount finds out how Postgres runs here, by trying, and only then gives it
// its folder: whom a way fails has all as it was.
func chooseAccount(ctx context.Context, ways []account, bin, dir string) (account, error) {
	var failed error
	for _, a := range ways {
		// Beside the folder, for it may not be the account's yet.
		cmd := a.command(ctx, filepath.Dir(dir), program(bin, "postgres"), "--version")
		out, err := cmd.CombinedOutput()
		if ctx.Err() != nil {
			return account{}, ctx.Err() // told to stop: that says nothing of the account
		}
		if err == nil {
			if err = a.own(dir); err == nil {
				return a, nil
			}
			failed = err
			continue
		}
		failed = fmt.Errorf("Postgres does not run as account %d: %w %s", a.uid, err, out)
		for _, path := range []string{dir, bin} {
			if closed := closedTo(a.uid, path); closed != "" {
				failed = fmt.Errorf("Postgres may not run as root, and the account %d that it runs as instead may not enter %s: open that folder, or choose another with MOOTHALL_DATA", a.uid, closed)
			}
		}
	}
	return account{}, failed
}

// own gives all of dir to the account, unless it has it. The folder itself comes
// last, so that a change that was killed half-way is made again.
func (a account) own(dir string) error {
	if a.uid < 0 {
		return nil
	}
	if by, _, err := owner(dir); err != nil || by == a.uid {
		return err
	}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		return os.Lchown(path, a.uid, a.gid)
	})
	if err != nil {
		return err
	}
	return os.Lchown(dir, a.uid, a.gid)
}

// give hands one file of ours to the account.
func (a account) give(path string) error {
	if a.uid < 0 {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// madeBy is the major version that made the cluster, 0 when there is none.
func (p *Postgres) madeBy() int {
	said, err := os.ReadFile(filepath.Join(p.Dir, clusterDir, "PG_VERSION"))
	if err != nil {
		return 0
	}
	major, _ := strconv.Atoi(strings.TrimSpace(string(said)))
	return major
}

func (p *Postgres) readPassword() error {
	password, err := os.ReadFile(filepath.Join(p.Dir, passwordFile))
	p.password = string(password)
	return closed(p.Dir, err)
}

// Lower case, order and search know Welsh, which needs ICU for the first two and a
// locale of type UTF-8 for the third. What a build lacks is tried without.
var locales = [][]string{
	{"--locale-provider=icu", "--icu-locale=en-GB", "--lc-collate=C", "--lc-ctype=C.UTF-8"},
	{"--locale-provider=icu", "--icu-locale=en-GB", "--lc-collate=C", "--lc-ctype=en_GB.UTF-8"},
	{"--locale-provider=icu", "--icu-locale=en-GB", "--lc-collate=C", "--lc-ctype=en_US.UTF-8"},
	{"--locale-provider=icu", "--icu-locale=en-GB", "--lc-collate=C", "--lc-ctype=C"},
	{"--lc-collate=C", "--lc-ctype=C.UTF-8"},
	{"--lc-collate=C", "--lc-ctype=en_US.UTF-8"},
	{"--locale=C"},
}

// makeCluster makes the cluster beside its place and then moves it there: one that
// was killed while being made looks like a whole one from outside.
func (p *Postgres) makeCluster(ctx context.Context) error {
	if err := closedParent(p.Dir, clusterDir); err != nil {
		return err
	}
	p.password = rand.Text()
	password := filepath.Join(p.Dir, passwordFile)
	if err := os.WriteFile(password, []byte(p.password), 0o600); err != nil {
		return err
	}
	if err := p.account.give(password); err != nil {
		return err
	}
	half := filepath.Join(p.Dir, clusterDir+".new")
	var failed error
	for _, locale := range locales {
		if err := os.RemoveAll(half); err != nil {
			return err
		}
		out, err := p.initdb(ctx, half, locale)
		if err == nil {
			return os.Rename(half, filepath.Join(p.Dir, clusterDir))
		}
		failed = fmt.Errorf("making the private Postgres failed: %w: %s", err, lastLine(out))
		if !strings.Contains(out, "locale") && !strings.Contains(out, "ICU") {
			break
		}
	}
	return failed
}

// closedParent refuses a folder of data that is not a cluster: it is somebody's.
func closedParent(dir, name string) error {
	entries, err := os.ReadDir(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s holds files but no Postgres database: move them away, or choose another folder with MOOTHALL_DATA", filepath.Join(dir, name))
}

func (p *Postgres) initdb(ctx context.Context, dir string, locale []string) (out string, err error) {
	args := append([]string{"-D", dir, "-U", role, "--pwfile", filepath.Join(p.Dir, passwordFile),
		"-A", "scram-sha-256", "-E", "UTF8", "--no-instructions"}, locale...)
	if p.Fast {
		args = append(args, "--no-sync")
	}
	// The kernel ends a child with the thread that made it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	said, err := p.account.command(ctx, p.Dir, program(p.bin, "initdb"), args...).CombinedOutput()
	return string(said), err
}

// lastLine is the last line that is an error, or failing that the last.
func lastLine(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], "FATAL") || strings.Contains(lines[i], "error:") {
			return strings.TrimSpace(lines[i])
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}
