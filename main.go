// Moothall is the forum where UK councils ask, answer, and share what they have
// learned. This program is all of it but Postgres.
package main

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"strings"

	"moothall/app"
)

// softMemory is how much memory, in bytes, the runtime takes before it collects more
// often: with the program's own pages that keeps a busy node under 100 MB. It is no
// bound, and GOMEMLIMIT puts another in its place.
const softMemory = 80 << 20

func main() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // nothing was said
		debug.SetMemoryLimit(softMemory)
	}
	os.Exit(app.Main(context.Background(), os.Args[1:], environ(), app.Streams{Out: os.Stdout, Err: os.Stderr}))
}

// environ is the environment as a map: only here is it read.
func environ() map[string]string {
	all := map[string]string{}
	for _, line := range os.Environ() {
		if name, value, ok := strings.Cut(line, "="); ok {
			all[name] = value
		}
	}
	return all
}
