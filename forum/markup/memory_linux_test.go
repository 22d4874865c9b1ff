//go:build linux && !race

package markup

import "syscall"

// mostMemory is how much one text may allocate.
const mostMemory = 64 << 20

// limitMemory has the kernel end this process when it takes 2 GiB.
func limitMemory() {
	limit := syscall.Rlimit{Cur: 2 << 30, Max: 2 << 30}
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &limit); err != nil {
		panic(err)
	}
}
