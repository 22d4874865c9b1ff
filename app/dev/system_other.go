//go:build unix && !linux

package dev

import (
	"os/exec"
	"strconv"
	"strings"
)

// accounts are the ways to run Postgres: here, as whoever we are.
func accounts(string) []account { return []account{{attr: apart(), uid: -1, gid: -1}} }

// runsOn reports whether process pid is a Postgres on this data folder.
func runsOn(pid int, data string) bool {
	line, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(line), "-D "+data)
}

func closedTo(int, string) string { return "" }
