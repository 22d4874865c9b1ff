package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// server is a program that answers requests, as a process of its own.
type server struct {
	name  string
	host  string // as its links have it
	addr  string // where it listens
	ready time.Duration

	cmd        *exec.Cmd
	log        string
	postmaster int // the first process of the Postgres that it asks
}

// patience is how long a server may take to start, and to stop.
const patience = 20 * time.Second

// startServer starts a program and waits until it says that it is ready. It ends
// with ctx at the latest.
func startServer(ctx context.Context, dir string, env []string, bin string, args ...string) (s *server, err error) {
	s = &server{name: filepath.Base(bin), log: filepath.Join(dir, filepath.Base(bin)+".log")}
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	s.cmd = exec.CommandContext(ctx, bin, args...)
	s.cmd.Env, s.cmd.Stderr, s.cmd.WaitDelay = env, log, patience
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(os.Interrupt) }
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for facts := bufio.NewScanner(out); facts.Scan(); {
		switch name, value, _ := strings.Cut(facts.Text(), " "); name {
		case "site":
			err = s.at(value)
		case "ready":
			s.ready = time.Since(began)
			return s, err
		}
	}
	return nil, errors.Join(fmt.Errorf("%s ended before it was ready: %s", s.name, s.lastLine()), s.cmd.Wait(), ctx.Err())
}

// at notes a server's address. It listens on this machine alone, whatever its name.
func (s *server) at(site string) error {
	u, err := url.Parse(site)
	if err != nil {
		return err
	}
	s.host, s.addr = u.Host, net.JoinHostPort("127.0.0.1", u.Port())
	return nil
}

// stop ends the server in good order.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	cut := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
	defer cut.Stop()
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", s.name, err, s.lastLine())
	}
	return nil
}

// lastLine is the last that a server wrote into its log.
func (s *server) lastLine() string {
	text, _ := os.ReadFile(s.log) // no log, no line
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}

// ticks is how many times a second the kernel counts a process's time, on all
// systems that have /proc.
const ticks = 100

// processor is how much processor time the server has used; 0 where there is no /proc.
func (s *server) processor() time.Duration {
	used, _ := times(s.cmd.Process.Pid)
	return used
}

// database is how much processor time Postgres has used: all that its first process
// began, for each connection has one.
func (s *server) database() (sum time.Duration) {
	all, _ := os.ReadDir("/proc") // not there, nothing to add
	for _, entry := range all {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			if used, parent := times(pid); parent == s.postmaster {
				sum += used
			}
		}
	}
	return sum
}

// times is how much processor time a process has used, and whose child it is.
func times(pid int) (used time.Duration, parent int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0, 0
	}
	parent, _ = strconv.Atoi(fields[1])
	user, _ := strconv.Atoi(fields[11]) // fields 14 and 15 of proc(5)
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticks, parent
}

// memory is how many MB of memory the server has resident; 0 where there is no /proc.
func (s *server) memory() float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kB, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kB / 1024
		}
	}
	return 0
}

// load is the machine's load average of the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
