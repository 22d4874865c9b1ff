package forumtest

import (
	"runtime"
	"syscall"
)

// inMemory is where Linux keeps files in memory, if there is room there for the tests of as
// many packages as run at once; else empty.
func inMemory() string {
	const where = "/dev/shm"
	var there syscall.Statfs_t
	room := uint64(1<<30 + runtime.NumCPU()<<28)
	if err := syscall.Statfs(where, &there); err != nil || there.Bavail*uint64(there.Bsize) < room || syscall.Access(where, 2) != nil { // W_OK
		return ""
	}
	return where
}
