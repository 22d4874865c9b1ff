//go:build unix

package dev

import (
	"errors"
	"os"
	"syscall"
)

// openLocked opens path for this process alone: ErrLocked when another has it.
func openLocked(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	return nil, err
}

// apart keeps Ctrl-C, which a terminal sends to the whole group, from Postgres:
// its owner has requests to finish first.
func apart() syscall.SysProcAttr { return syscall.SysProcAttr{Setpgid: true} }

// endFast asks a postmaster to end its connections, and then itself.
func endFast(_ string, pid int) error { return syscall.Kill(pid, syscall.SIGINT) }

// endNow has a postmaster end at once, to recover at the next start.
func endNow(_ string, pid int) error { return syscall.Kill(pid, syscall.SIGQUIT) }

// owner is the numbers of the account and the group that a file belongs to.
func owner(path string) (uid, gid int, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, 0, err
	}
	by := info.Sys().(*syscall.Stat_t)
	return int(by.Uid), int(by.Gid), nil
}
