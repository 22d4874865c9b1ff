package dev

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// patience is how long a server that is ending is waited for.
const patience = 20 * time.Second

// pause waits a moment; false when ctx has ended.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(10 * time.Millisecond):
		return true
	}
}

// marker is what a running Postgres says of itself in postmaster.pid.
type marker struct {
	pid    int
	port   int
	socket string
	ready  bool
}

func readMarker(data string) (m marker) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return marker{}
	}
	lines := strings.Split(string(text), "\n")
	m.pid, _ = strconv.Atoi(lines[0])
	if len(lines) > 7 {
		m.port, _ = strconv.Atoi(lines[3])
		m.socket = lines[4]
		m.ready = strings.TrimSpace(lines[7]) == "ready"
	}
	return m
}

// endOrphan ends the server that a killed owner left behind. We hold the folder's
// lock, so whatever runs there is nobody's.
func (p *Postgres) endOrphan(ctx context.Context) error {
	data := filepath.Join(p.Dir, clusterDir)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m := readMarker(data)
	if m.pid <= 0 {
		return nil
	}
	for asked := false; runsOn(m.pid, data); asked = true {
		if !asked {
			_ = endFast(p.bin, m.pid) // it may have ended by itself
		}
		if !pause(ctx) {
			return fmt.Errorf("the Postgres that runs in %s (process %d) does not end: end it by hand", data, m.pid)
		}
	}
	return disown(data, m.pid)
}

// disown makes a marker that a killed server left be ours. Its number may by now be
// another program's, and Postgres would not start; its own parent's number Postgres
// does not take for a server's. The rest stays, so that Postgres still finds out
// whether a part of the old server lives.
func disown(data string, pid int) error {
	path := filepath.Join(data, "postmaster.pid")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	rest, found := strings.CutPrefix(string(text), strconv.Itoa(pid)+"\n")
	if !found {
		return nil
	}
	return os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"+rest), 0o600)
}

// listenAt makes the folder of the socket, or finds a port where there are no sockets.
func (p *Postgres) listenAt() error {
	if runtime.GOOS == "windows" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		p.port = l.Addr().(*net.TCPAddr).Port
		return l.Close()
	}
	// The path of a socket may have 103 bytes on some systems, and a data folder's is
	// often longer.
	sum := sha256.Sum256([]byte(p.Dir))
	name := fmt.Sprintf("moothall-%x", sum[:8])
	socket := filepath.Join(os.TempDir(), name)
	if len(socket) > 80 {
		socket = filepath.Join("/tmp", name)
	}
	err := os.Mkdir(socket, 0o700)
	if errors.Is(err, os.ErrExist) {
		err = p.clear(socket)
	}
	if err != nil {
		return err
	}
	p.socket = socket
	return p.account.give(socket)
}

// clear empties the socket folder that a killed run left. Anybody can make a folder
// of that name in the temporary folder first: such a one is refused.
func (p *Postgres) clear(socket string) error {
	by, _, err := owner(socket)
	if err != nil {
		return err
	}
	if by != os.Geteuid() && by != p.account.uid {
		return fmt.Errorf("%s is somebody else's: remove it, or set another TMPDIR", socket)
	}
	if err := os.RemoveAll(socket); err != nil {
		return err
	}
	return os.Mkdir(socket, 0o700)
}

func (p *Postgres) arguments() []string {
	args := []string{"-D", filepath.Join(p.Dir, clusterDir)}
	set := func(name, value string) { args = append(args, "-c", name+"="+value) }
	if p.socket != "" {
		set("listen_addresses", "")
		set("unix_socket_directories", `"`+p.socket+`"`)
		set("unix_socket_permissions", "0700")
	} else {
		set("listen_addresses", "127.0.0.1")
	}
	set("port", strconv.Itoa(p.listenPort()))
	set("max_connections", strconv.Itoa(p.MaxConnections))
	set("shared_buffers", cmp.Or(p.Shared, "64MB"))
	set("jit", "off")
	set("timezone", "UTC")
	set("log_timezone", "UTC")
	set("logging_collector", "off")
	if p.Fast {
		set("fsync", "off")
		set("full_page_writes", "off")
		set("synchronous_commit", "off")
	}
	return args
}

// listenPort names the socket too; nobody else listens in its folder.
func (p *Postgres) listenPort() int {
	if p.socket != "" {
		return 5432
	}
	return p.port
}

// launch starts the server and waits until it is ready. What a killed server left
// may still be going away: that is waited for.
func (p *Postgres) launch(ctx context.Context) error {
	path := p.Log()
	log, err := p.openLog()
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	for until := time.Now().Add(patience); ; {
		before, err := log.Seek(0, 2)
		if err != nil {
			return err
		}
		err = p.launchOnce(ctx, log)
		if err == nil || ctx.Err() != nil {
			return err
		}
		said := readFrom(path, before)
		goingAway := strings.Contains(said, "lock file") || strings.Contains(said, "shared memory block")
		if !goingAway || time.Now().After(until) || !pause(ctx) {
			return fmt.Errorf("the private Postgres did not start: %w: %s (%s has the rest)", err, lastLine(said), path)
		}
	}
}

// openLog opens the server's log, which belongs to its account, and begins it anew
// when it has grown long.
func (p *Postgres) openLog() (*os.File, error) {
	path := p.Log()
	if info, err := os.Stat(path); err == nil && info.Size() > 10<<20 {
		_ = os.Rename(path, path+".old")
	}
	log, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, closed(p.Dir, err)
	}
	if err := p.account.give(path); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return log, nil
}

func readFrom(path string, offset int64) string {
	all, err := os.ReadFile(path)
	if err != nil || int64(len(all)) < offset {
		return ""
	}
	return string(all[offset:])
}

func (p *Postgres) launchOnce(ctx context.Context, log *os.File) error {
	// Its life does not hang on ctx, which is that of the start alone.
	cmd := p.account.command(context.WithoutCancel(ctx), p.Dir, program(p.bin, "postgres"), p.arguments()...)
	cmd.Stdout, cmd.Stderr = log, log
	c, err := startChild(cmd, p.bin)
	if err != nil {
		return err
	}
	p.child = c
	data := filepath.Join(p.Dir, clusterDir)
	for {
		m := readMarker(data)
		if m.ready && m.pid == cmd.Process.Pid {
			return nil
		}
		select {
		case <-c.ended:
			return c.err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// child is a running postmaster.
type child struct {
	bin   string
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // how it ended; read after ended is closed
}

// startChild starts cmd on a thread that lives as long as it: the kernel ends the
// child when the thread that made it ends, and a thread without a goroutine may.
func startChild(cmd *exec.Cmd, bin string) (*child, error) {
	c := &child{bin: bin, cmd: cmd, ended: make(chan struct{})}
	started := make(chan error, 2)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(c.ended)
		defer func() {
			if r := recover(); r != nil {
				c.err = fmt.Errorf("watching Postgres: %v\n%s", r, debug.Stack())
				started <- c.err // has room: taken at once, or nobody waits any more
			}
		}()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
		}
	}()
	return c, <-started
}

// end asks the server to end, and when ctx ends first, ever less politely.
func (c *child) end(ctx context.Context) error {
	pid := c.cmd.Process.Pid
	select {
	case <-c.ended:
		return nil
	default:
	}
	if err := endFast(c.bin, pid); err != nil && !errors.Is(err, os.ErrProcessDone) {
		_ = c.cmd.Process.Kill()
	}
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
	}
	_ = endNow(c.bin, pid)
	select {
	case <-c.ended:
	case <-time.After(time.Second):
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
	return nil
}
