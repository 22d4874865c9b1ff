package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"moothall/app/dev"
	"moothall/forum"
	"moothall/forum/demo"
	"moothall/migrations"
)

// Streams are where a program writes: facts and answers, and what went wrong.
type Streams struct{ Out, Err io.Writer }

// How the program ends.
const (
	fine    = 0
	broken  = 1 // it cannot start, or failed
	unasked = 2 // settings or verbs that it does not take
)

// errDemo keeps invented people and councils out of a place that is for real ones.
var errDemo = errors.New("the demo is for development only: production takes a database that has never held it")

// verbs are what the program can be told to do.
type verbs struct {
	Serve         struct{}   `cmd:"" default:"1" help:"Serve the site (what it does when told nothing)."`
	Migrate       struct{}   `cmd:"" help:"Bring the database up to date."`
	Demo          struct{}   `cmd:"" help:"Load what is missing of the demo."`
	Grant         grant      `cmd:"" help:"Give somebody a role, or take it."`
	Reorganise    reorganise `cmd:"" help:"Carry out that councils end and others begin (the site does it by itself on the day)."`
	Import        importing  `cmd:"" help:"Load a file into a register."`
	RestoreFinish struct{}   `cmd:"" help:"After a backup was restored: erase again who was erased since, end all sessions, send no mail again."`
	Health        struct{}   `cmd:"" help:"Ask the site that runs with these settings whether it lives."`
	Version       struct{}   `cmd:"" help:"Say which version this is."`
}

// Main runs the program and returns the status that it ends with.
func Main(ctx context.Context, args []string, environ map[string]string, to Streams) int {
	var told verbs
	helped := false
	parser, err := kong.New(&told, kong.Name("moothall"), kong.Description("The forum where UK councils ask, answer and share."),
		kong.Writers(to.Out, to.Err), kong.Exit(func(int) { helped = true }))
	if err != nil {
		return complain(to, broken, err)
	}
	verb, err := parser.Parse(args)
	if helped {
		return fine
	}
	if err != nil {
		return complain(to, unasked, err)
	}
	if verb.Command() == "version" {
		_, _ = fmt.Fprintln(to.Out, "moothall", Version())
		return fine
	}
	config, err := LoadConfig(environ)
	if err != nil {
		_, _ = fmt.Fprintln(to.Err, err)
		return unasked
	}
	if err := config.do(ctx, verb.Command(), told, to); err != nil {
		return complain(to, broken, err)
	}
	return fine
}

// complain says in one line what went wrong.
func complain(to Streams, status int, err error) int {
	_, _ = fmt.Fprintln(to.Err, "moothall:", shorten(err))
	return status
}

// shorten says an error in one line.
func shorten(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// version is written here by the linker where a build has no history to tell it by.
var version string

// Version is the version of this program, as far as its build knows.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return info.Main.Version
}

func (c Config) do(ctx context.Context, command string, told verbs, to Streams) error {
	switch command, _, _ := strings.Cut(command, " "); command {
	case "migrate":
		return c.withDatabase(ctx, func(string) error { return nil })
	case "demo":
		if c.Production() {
			return errDemo
		}
		return c.withForum(ctx, func(a *App) error { return demo.Load(ctx, a.write, a.forum) })
	case "grant":
		return c.withForum(ctx, func(a *App) error { return a.grant(ctx, told.Grant, to) })
	case "reorganise":
		return c.withForum(ctx, func(a *App) error { return a.reorganise(ctx, told.Reorganise, to) })
	case "import":
		return c.withForum(ctx, func(a *App) error { return a.importProjects(ctx, told.Import.Projects, to) })
	case "restore-finish":
		return c.withForum(ctx, func(a *App) error { return a.restoreFinish(ctx, to) })
	case "health":
		return c.askHealth(ctx)
	}
	return Run(ctx, c, to)
}

// withDatabase runs fn on an up-to-date database: the one that is named, the
// private one of a running copy, or one that runs for as long as fn.
func (c Config) withDatabase(ctx context.Context, fn func(url string) error) (err error) {
	url, joined := c.DatabaseURL, false
	if url == "" {
		url, joined = dev.JoinPostgres(ctx, c.postgresFolder())
	}
	if c.DatabaseURL == "" && !joined {
		postgres, err := dev.StartPostgres(ctx, dev.PostgresOptions{Dir: c.postgresFolder(), BinDir: c.PostgresBin})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, postgres.Stop(context.WithoutCancel(ctx))) }()
		url = postgres.URL()
	}
	if err := migrations.Up(ctx, url, time.Now()); err != nil {
		return err
	}
	return fn(url)
}

// withForum runs fn with the forum's store, without a site.
func (c Config) withForum(ctx context.Context, fn func(*App) error) error {
	return c.withDatabase(ctx, func(url string) (err error) {
		a := &App{config: c, log: slog.New(slog.DiscardHandler), database: url}
		defer func() { err = errors.Join(err, a.close(context.WithoutCancel(ctx))) }()
		if err := a.openPools(ctx); err != nil {
			return err
		}
		a.forum = forum.New(forum.Options{Write: a.write, Read: a.read, Now: a.now})
		return fn(a)
	})
}
