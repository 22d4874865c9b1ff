// Package app is Moothall on the web: it turns requests into calls on the forum
// and what comes back into pages. It also starts and stops the whole program.
package app

import (
	"context"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"moothall/app/dev"
	"moothall/app/jobs"
	"moothall/app/mail"
	"moothall/auth"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/feeds"
	"moothall/forum/letters"
	"moothall/forum/newsletter"
	"moothall/forum/places"
	"moothall/forum/projects"
	"moothall/forum/search"
)

// App is one running node.
type App struct {
	config   Config
	log      *slog.Logger
	listener net.Listener
	ops      net.Listener // nil: off
	inbound  net.Listener // of mails that come in; nil: off
	baseURL  string
	database string // its address
	private  bool   // the database is a Postgres of this process

	read, write *pgxpool.Pool
	forum       *forum.Store
	care        *care.Store
	curation    *curation.Store
	places      *places.Store
	letters     *letters.Store
	newsletters *newsletter.Store
	feeds       *feeds.Store
	search      *search.Store
	projects    *projects.Store
	sessions    *auth.Store
	keys        auth.Keys
	providers   []*auth.Provider
	developer   fiber.Handler // the development provider; nil in production
	secret      string        // the first of the keys: what else is made from them
	queue       *jobs.Queue
	mail        mail.Sender
	inbox       *dev.Inbox // nil in production, and where mails go to a server
	clock       *dev.Clock // nil in production
	now         func() time.Time

	web        *fiber.App
	bounds     bounds
	table      func() []route
	policy     string // the Content-Security-Policy of every answer
	clients    clients
	crowd      *crowd
	copies     *crowd // of people taking a copy of their data
	sheets     *crowd // of whoever has a register as a spreadsheet
	seekers    seekers
	cache      *cache
	board      atomic.Pointer[board]
	gone       erasures // as they are kept outside the database
	left       since    // likewise, the newsletter
	stops      since    // likewise, what people hear less of
	rates      rates
	figures    *figures
	panics     panics
	jobsFailed *prometheus.CounterVec
	incoming   incoming
	ready      atomic.Bool // takes requests; false once it is stopping
	serving    bool        // the site and the jobs were started
	failed     chan error  // why a listener ended by itself

	closers  []closer // in the order in which things were started
	stopOnce sync.Once
	stopErr  error
}

// closer ends one thing that was started.
type closer struct {
	what string
	end  func(context.Context) error
}

// opened notes what is to be ended when the program stops.
func (a *App) opened(what string, end func(context.Context) error) {
	a.closers = append(a.closers, closer{what, end})
}

// openedFile notes an io.Closer.
func (a *App) openedFile(what string, file io.Closer) {
	a.opened(what, func(context.Context) error { return file.Close() })
}

// URL is the address that people see, without a slash at its end.
func (a *App) URL() string { return a.baseURL }

// DatabaseURL is where the database is, for a second node.
func (a *App) DatabaseURL() string { return a.database }

// MailIn is where mails come in; empty where none do.
func (a *App) MailIn() string {
	if a.inbound == nil {
		return ""
	}
	return a.inbound.Addr().String()
}

// Failed tells why the site ended by itself, should it.
func (a *App) Failed() <-chan error { return a.failed }

// spawn runs fn beside everything else. A panic ends fn, never the program.
func (a *App) spawn(what string, fn func()) {
	go func() {
		defer func() {
			if p := recover(); p != nil {
				a.panicked(what, p)
			}
		}()
		fn()
	}()
}

// panicked notes the panic of what runs beside the requests.
func (a *App) panicked(what string, p any) {
	a.panics.count("beside")
	a.log.Error("panic", "in", what, "panic", p, "stack", string(debug.Stack()))
}

// Addr is where the node listens, which in production is not where people come to.
func (a *App) Addr() string { return a.listener.Addr().String() }
