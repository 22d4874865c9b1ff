package dev

import (
	"bytes"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// accounts are the ways to run Postgres, the best first. Postgres refuses root, so
// root runs it in a namespace where root's own files belong to an ordinary account,
// and where that is forbidden, as the account that packages make for it. A folder that
// is somebody's already stays theirs: there root runs Postgres as them. Each way has
// the kernel end Postgres, tidily, with its owner.
func accounts(dir string) []account {
	plain := apart()
	plain.Pdeathsig = syscall.SIGINT
	if os.Geteuid() != 0 {
		return []account{{attr: plain, uid: -1, gid: -1}}
	}
	if uid, gid, err := owner(dir); err == nil && uid != 0 {
		return []account{other(plain, uid, gid)}
	}
	inside := plain
	inside.Cloneflags = syscall.CLONE_NEWUSER
	inside.UidMappings = []syscall.SysProcIDMap{{ContainerID: 1000, HostID: 0, Size: 1}}
	inside.GidMappings = []syscall.SysProcIDMap{{ContainerID: 1000, HostID: os.Getegid(), Size: 1}}
	ways := []account{{attr: inside, uid: 0, gid: os.Getegid()}}
	for _, name := range []string{"postgres", "nobody"} {
		if uid, gid, err := numbers(name); err == nil {
			return append(ways, other(plain, uid, gid))
		}
	}
	return ways
}

// other is another account than ours.
func other(attr syscall.SysProcAttr, uid, gid int) account {
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), Groups: []uint32{}}
	return account{attr: attr, uid: uid, gid: gid}
}

func numbers(name string) (uid, gid int, err error) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}

// runsOn reports whether process pid is a Postgres on this data folder. One that
// has died without its parent having noticed is not.
func runsOn(pid int, data string) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && bytes.Contains(line, []byte("\x00-D\x00"+data+"\x00"))
}

// closedTo is the first folder on the way to path that an account may not enter;
// empty when it may enter all.
func closedTo(uid int, path string) string {
	at := "/"
	for _, name := range strings.Split(strings.Trim(path, "/"), "/") {
		at = filepath.Join(at, name)
		info, err := os.Stat(at)
		if err != nil || !info.IsDir() {
			return ""
		}
		needed := os.FileMode(0o001)
		if by, ok := info.Sys().(*syscall.Stat_t); ok && int(by.Uid) == uid {
			needed = 0o100
		}
		if info.Mode()&needed == 0 {
			return at
		}
	}
	return ""
}
