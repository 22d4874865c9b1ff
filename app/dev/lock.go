package dev

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrLocked is what a folder that is another process's fails with.
var ErrLocked = errors.New("in use by another copy of Moothall")

type lockedError struct{ dir, pid string }

func (e *lockedError) Error() string {
	by := ""
	if e.pid != "" {
		by = " (process " + e.pid + ")"
	}
	return fmt.Sprintf("%s is in use by another copy of Moothall%s: stop that one, or give this one a folder of its own with MOOTHALL_DATA", e.dir, by)
}

func (e *lockedError) Is(target error) bool { return target == ErrLocked }

// Lock takes a folder, which it makes when absent, for as long as this process
// lives or until what it returns is closed. Its error is ErrLocked, as a sentence
// to show, when another process has it.
func Lock(dir string) (io.Closer, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, closed(dir, err)
	}
	path := filepath.Join(dir, "lock")
	// A look by JoinPostgres takes the lock for a moment.
	for range 10 {
		f, err := openLocked(path)
		if err == nil {
			_ = f.Truncate(0)
			_, _ = fmt.Fprintf(f, "%d\n", os.Getpid()) // only said to people, so it may fail
			return f, HandOver(path)
		}
		if !errors.Is(err, ErrLocked) {
			return nil, closed(dir, err)
		}
		time.Sleep(25 * time.Millisecond)
	}
	pid, _ := os.ReadFile(path)
	return nil, &lockedError{dir: dir, pid: strings.TrimSpace(string(pid))}
}

// closed says an error in the words of somebody whose folder is another account's.
func closed(dir string, err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	by := "another account"
	if uid, _, err := owner(dir); err == nil && uid >= 0 && uid != os.Geteuid() {
		by = fmt.Sprintf("account %d", uid)
	}
	return fmt.Errorf("%s is %s's and closed to this one: run Moothall as that account, or give it a folder of its own with MOOTHALL_DATA (%w)", dir, by, err)
}

// HandOver gives a file that root has made in somebody else's folder to them: they
// could not start any more with it in the way.
func HandOver(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	uid, gid, err := owner(filepath.Dir(path))
	if err != nil || uid == 0 {
		return err
	}
	return os.Lchown(path, uid, gid)
}

// locked reports whether a process, which may be this one, has taken dir.
func locked(dir string) bool {
	path := filepath.Join(dir, "lock")
	if _, err := os.Stat(path); err != nil {
		return false
	}
	f, err := openLocked(path)
	if err == nil {
		_ = f.Close()
	}
	return errors.Is(err, ErrLocked)
}
