package dev

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

const sharingViolation = syscall.Errno(32) // ERROR_SHARING_VIOLATION

// openLocked opens path for this process alone: ErrLocked when another has it.
func openLocked(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	access := uint32(syscall.GENERIC_READ | syscall.GENERIC_WRITE)
	handle, err := syscall.CreateFile(name, access, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}

// accounts are the ways to run Postgres: here, as whoever we are.
func accounts(string) []account { return []account{{attr: apart(), uid: -1, gid: -1}} }

// apart keeps Ctrl-C from Postgres: its owner has requests to finish first.
func apart() syscall.SysProcAttr {
	return syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// Windows has no signals: Postgres makes its own, and pg_ctl sends them.
func endFast(bin string, pid int) error { return send(bin, "INT", pid) }
func endNow(bin string, pid int) error  { return send(bin, "QUIT", pid) }

func send(bin, signal string, pid int) error {
	return exec.Command(program(bin, "pg_ctl"), "kill", signal, strconv.Itoa(pid)).Run()
}

// runsOn reports whether process pid is a Postgres; its folder cannot be asked for.
func runsOn(pid int, _ string) bool {
	list, err := exec.Command("tasklist", "/NH", "/FI", "PID eq "+strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(list), "postgres.exe")
}

func owner(string) (uid, gid int, err error) { return -1, -1, nil }

func closedTo(int, string) string { return "" }
