// Moothall is the forum where UK councils ask, answer, and share what they have
// learned. This program is all of it but Postgres.
package main

import (
	"context"
	"os"
	"strings"

	"moothall/app"
)

func main() {
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
