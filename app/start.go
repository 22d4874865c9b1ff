package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/app/dev"
	"moothall/app/jobs"
	"moothall/auth"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/demo"
	"moothall/forum/feeds"
	"moothall/forum/letters"
	"moothall/forum/newsletter"
	"moothall/forum/places"
	"moothall/forum/projects"
	"moothall/forum/search"
	"moothall/migrations"
)

// The pools: how many connections one node takes of each.
const (
	readers = 12
	writers = 8
	workers = 5 // of the queue itself; what its jobs do takes from the others
)

// silence is how long the database may keep a start waiting before the log says so.
const silence = 5 * time.Second

// Start starts a node: when it returns, the site answers. What was started before
// something failed is stopped again.
func Start(ctx context.Context, config Config, log *slog.Logger) (a *App, err error) {
	a = newApp(config, log)
	return a, a.begin(ctx, a.steps())
}

// newApp is a node of which nothing is started.
func newApp(config Config, log *slog.Logger) *App {
	a := &App{config: config, log: log, failed: make(chan error, 3), cache: newCache(), bounds: usual, panics: newPanics(), jobsFailed: newJobsFailed()}
	a.table = a.routes
	return a
}

// steps are what a start consists of; the last two let people in, and mails.
func (a *App) steps() []func(context.Context) error {
	return []func(context.Context) error{
		a.takeFolder, a.listen, a.openDatabase, a.openPools, a.takeKeys, a.openMail, a.openForum, a.refuseBackup, a.openProviders, a.loadDemo,
		a.serve, a.receive,
	}
}

// begin takes the steps of a start.
func (a *App) begin(ctx context.Context, steps []func(context.Context) error) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, a.stop(context.WithoutCancel(ctx), 0))
		}
	}()
	for _, name := range a.config.Unknown {
		a.log.Warn("set, but not a setting that Moothall knows", "name", name)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// takeFolder keeps a second copy off the data folder, and removes what a killed run
// told of itself.
func (a *App) takeFolder(context.Context) error {
	lock, err := dev.Lock(a.config.Data)
	if err != nil && a.config.Production() && !errors.Is(err, dev.ErrLocked) {
		a.log.Warn("the data folder cannot be written", "folder", a.config.Data)
		return nil // nothing is kept in it but what development needs
	}
	if err != nil {
		return err
	}
	a.openedFile("data folder", lock)
	if err := os.Remove(a.config.factsFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// listen takes the ports. Nobody is answered before the site is served.
func (a *App) listen(context.Context) (err error) {
	if a.listener, err = a.bind("MOOTHALL_ADDR", a.config.Addr); err != nil {
		return err
	}
	if a.config.OpsAddr != "" {
		if a.ops, err = a.bind("MOOTHALL_OPS_ADDR", a.config.OpsAddr); err != nil {
			return err
		}
	}
	if a.config.receives() {
		if a.inbound, err = a.bind("MOOTHALL_INBOUND_ADDR", a.config.InboundAddr); err != nil {
			return err
		}
	}
	a.baseURL = a.config.BaseURL
	if a.baseURL == "" {
		a.baseURL = "http://" + visibleHost(a.listener.Addr())
	}
	a.config.BaseURL = a.baseURL
	return nil
}

func (a *App) bind(setting, addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use by another program: stop that one, or set %s to another port", addr, setting)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this account may not listen on %s: set %s to a port above 1023", addr, setting)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	a.opened(setting, func(context.Context) error {
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return listener, nil
}

// visibleHost is what people type to come to an address: a name for this machine
// rather than a number.
func visibleHost(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return addr.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsLoopback() || tcp.IP.IsUnspecified() {
		host = "localhost"
	}
	if tcp.Port == 80 {
		return host
	}
	return net.JoinHostPort(host, fmt.Sprint(tcp.Port))
}

// postgresFolder is where a private Postgres lives.
func (c Config) postgresFolder() string { return filepath.Join(c.Data, "postgres") }

// openDatabase starts a private Postgres where none is named, and migrates.
func (a *App) openDatabase(ctx context.Context) error {
	a.database = a.config.DatabaseURL
	if a.database == "" {
		postgres, err := dev.StartPostgres(ctx, dev.PostgresOptions{
			Dir: a.config.postgresFolder(), BinDir: a.config.PostgresBin, MaxConnections: 100})
		if err != nil {
			return err
		}
		a.watchPostgres(postgres)
		a.database, a.private = postgres.URL(), true
	}
	waiting := time.AfterFunc(silence, func() {
		a.log.Warn("waiting for the database: it does not answer yet, or another node is changing it")
	})
	defer waiting.Stop()
	if err := migrations.Up(ctx, a.database, time.Now()); err != nil {
		return fmt.Errorf("the database cannot be brought up to date: %w", err)
	}
	return nil
}

// watchPostgres has the program end when its private Postgres ends by itself. It is
// not started again: something killed it, and would again.
func (a *App) watchPostgres(postgres *dev.Postgres) {
	stopping := make(chan struct{})
	a.opened("Postgres", func(ctx context.Context) error {
		close(stopping)
		return postgres.Stop(ctx)
	})
	a.spawn("Postgres", func() {
		select {
		case <-stopping:
		case <-postgres.Ended():
			a.failed <- fmt.Errorf("the private Postgres has ended by itself: %s may say why; start Moothall again", postgres.Log())
		}
	})
}

// openPools connects, and starts the clock.
func (a *App) openPools(ctx context.Context) (err error) {
	if a.write, err = a.pool(ctx, writers, false); err != nil {
		return err
	}
	if a.read, err = a.pool(ctx, readers, true); err != nil {
		return err
	}
	a.now = func() time.Time { return time.Now().UTC() }
	if a.config.Production() {
		return nil
	}
	a.clock = dev.NewClock(a.write)
	a.now = a.clock.Now
	if err := a.clock.Look(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.opened("clock", func(context.Context) error { stop(); return nil })
	a.spawn("clock", func() { a.clock.Follow(ctx) })
	return nil
}

func (a *App) pool(ctx context.Context, size int32, readOnly bool) (*pgxpool.Pool, error) {
	pool, err := forum.Connect(ctx, a.database, size, readOnly)
	if err != nil {
		return nil, err
	}
	a.opened("pool", func(ctx context.Context) error { return a.closePool(ctx, pool) })
	return pool, nil
}

// closePool waits for connections that are in use no longer than ctx.
func (a *App) closePool(ctx context.Context, pool *pgxpool.Pool) error {
	closed := make(chan struct{})
	a.spawn("pool", func() {
		defer close(closed)
		pool.Close()
	})
	select {
	case <-closed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// openForum makes the stores and the queue that they put jobs in.
func (a *App) openForum(ctx context.Context) error {
	own, err := a.pool(ctx, workers, false)
	if err != nil {
		return err
	}
	options := jobs.Options{Pool: own, Now: a.now, Log: a.log, Post: post{a}, Panicked: func() { a.panics.count("job") },
		Failed: func(kind string) { a.jobsFailed.WithLabelValues(kind).Inc() }}
	if a.clock != nil {
		options.Time = a.clock
	}
	if a.config.WithLinks() {
		options.Links = linkCheck(a.config.BaseURL)
	}
	if a.config.WithTrials() {
		options.Trial = post{a}.trial
	}
	if a.queue, err = jobs.New(options); err != nil {
		return err
	}
	a.forum = forum.New(forum.Options{Write: a.write, Read: a.read, Now: a.now,
		Jobs: a.queue.Client(), Limits: a.config.RateLimits != Off, Changed: a.cache.changed, Keep: a.config.PageCache != Off})
	a.care, a.letters, a.feeds = care.New(a.forum, curation.Undoings()), letters.New(a.forum), feeds.New(a.forum)
	a.search, a.projects, a.curation, a.places = search.New(a.forum), projects.New(a.forum), curation.New(a.forum), places.New(a.forum)
	a.newsletters = newsletter.New(a.forum)
	a.letters.Hold = time.Duration(a.config.MailHold)
	a.sessions = auth.NewStore(a.write, a.now)
	a.queue.Give(jobs.Stores{Forum: a.forum, Care: a.care, Letters: a.letters, Search: a.search, Curation: a.curation, Places: places.New(a.forum), Projects: a.projects, Sessions: a.sessions, Newsletters: a.newsletters})
	return nil
}

// loadDemo tells what is missing of the demo; production refuses a database that
// holds it.
func (a *App) loadDemo(ctx context.Context) error {
	if a.config.Production() {
		var held bool
		err := a.read.QueryRow(ctx, `select exists (select from councils where demo_name is not null)`).Scan(&held)
		if err == nil && held {
			err = errDemo
		}
		return err
	}
	if !a.config.WithDemo() {
		return nil
	}
	return demo.Load(ctx, a.write, a.forum)
}

// serve lets the queue work and the site answer.
func (a *App) serve(ctx context.Context) error {
	a.figures = newFigures(a)
	a.rates, a.crowd, a.copies, a.sheets = newRates(a.config, a.now), newCrowd(2*(readers+writers)), newCrowd(copiesMost), newCrowd(copiesMost)
	a.seekers = newSeekers()
	a.web = a.newWeb()
	if err := a.lookAtBoard(ctx); err != nil {
		return err
	}
	a.tend(ctx)
	if err := a.projects.Fill(ctx); err != nil {
		return err
	}
	if err := a.queue.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	a.serving = true
	a.spawn("site", func() { a.failed <- a.web.Listener(a.listener) })
	if a.ops != nil {
		a.serveOps()
	}
	a.ready.Store(true)
	return nil
}
