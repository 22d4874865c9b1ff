package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
)

// errCut is how a program ends that was told twice to stop.
var errCut = errors.New("stopped at once, as told a second time")

// Run serves the site until ctx ends or a signal tells it to stop.
func Run(ctx context.Context, c Config, to Streams) error {
	told := make(chan os.Signal, 2)
	signal.Notify(told, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(told)
	n := &node{config: c, to: to, done: make(chan error, 1)}
	ctx, n.halt = context.WithCancel(ctx)
	defer n.halt()
	go func() {
		defer func() {
			if p := recover(); p != nil {
				n.done <- newPanicked(p)
			}
		}()
		n.done <- n.live(ctx)
	}()
	for stopping := false; ; stopping = true {
		select {
		case err := <-n.done:
			return err
		case s := <-told:
			if stopping && s == syscall.SIGINT {
				return errCut // a private Postgres ends with this process
			}
			if !stopping {
				n.stopNow = s == syscall.SIGINT && !c.Production()
				n.halt()
			}
		}
	}
}

// node is one life of the program.
type node struct {
	config  Config
	to      Streams
	halt    context.CancelFunc
	stopNow bool // nobody else sends requests here: there is no need to wait for them. Set before halt.
	done    chan error
}

// live starts a node, tells the facts, and stops it when ctx ends.
func (n *node) live(ctx context.Context) error {
	a, err := Start(ctx, n.config, newLog(n.config, n.to.Err))
	if err != nil {
		if ctx.Err() != nil { // told to stop while it started: what failed, failed of that
			if !errors.Is(err, context.Canceled) {
				newLog(n.config, n.to.Err).Warn("stopped while it started", "error", shorten(err))
			}
			return nil
		}
		return err
	}
	a.log.Info("started", "version", Version())
	debug.FreeOSMemory() // what starting took, and nothing needs again
	err = a.tellFacts(n.to.Out)
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-a.Failed():
		}
	}
	a.log.Info("stopping")
	defer a.log.Info("stopped")
	drain := Drain
	if n.stopNow || err != nil {
		drain = 0
	}
	stopping := a.Stop(context.WithoutCancel(ctx), drain)
	if err == nil || stopping == nil {
		return errors.Join(err, stopping)
	}
	a.log.Warn("stopping", "error", shorten(stopping)) // it comes of what failed before
	return err
}

// facts are what others need to know of a running node.
type facts struct {
	Site     string `json:"site"`
	Database string `json:"database"`
	MailIn   string `json:"mail-in,omitempty"` // where mails come in
	Ready    bool   `json:"ready"`
	Process  int    `json:"process"`
	Addr     string `json:"addr"` // where it listens
}

// factsFile is where they are as long as the node runs.
func (c Config) factsFile() string { return filepath.Join(c.Data, "running.json") }

// tellFacts says where the site and its database are, one a line, and leaves the
// same in running.json for as long as the node runs.
func (a *App) tellFacts(out io.Writer) error {
	f := facts{Site: a.baseURL, Database: a.databaseTold(), Ready: true, Process: os.Getpid(), Addr: a.Addr(), MailIn: a.MailIn()}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	path := a.config.factsFile()
	switch err := writeClosed(path, append(text, '\n')); {
	case err == nil:
		a.opened("running.json", func(context.Context) error { return os.Remove(path) })
	case a.config.Production():
		a.log.Warn("running.json cannot be written", "folder", a.config.Data)
	default:
		return err
	}
	mailIn := ""
	if f.MailIn != "" {
		mailIn = "mail-in " + f.MailIn + "\n"
	}
	_, err = fmt.Fprintf(out, "site %s\ndatabase %s\n%sready\n", f.Site, f.Database, mailIn)
	return err
}

// databaseTold is the database's address for a second node. In production its
// password stays out of what a log may keep.
func (a *App) databaseTold() string {
	u, err := url.Parse(a.database)
	if err != nil || !a.config.Production() {
		return a.database
	}
	return u.Redacted()
}
