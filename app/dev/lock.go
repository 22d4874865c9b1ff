package dev

import (
	"errors"
	"fmt"
	"io"
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
		return nil, err
	}
	path := filepath.Join(dir, "lock")
	// A look by JoinPostgres takes the lock for a moment.
	for range 10 {
		f, err := openLocked(path)
		if err == nil {
			_ = f.Truncate(0)
			_, _ = fmt.Fprintf(f, "%d\n", os.Getpid()) // only said to people, so it may fail
			return f, nil
		}
		if !errors.Is(err, ErrLocked) {
			return nil, err
		}
		time.Sleep(25 * time.Millisecond)
	}
	pid, _ := os.ReadFile(path)
	return nil, &lockedError{dir: dir, pid: strings.TrimSpace(string(pid))}
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
