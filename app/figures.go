package app

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"moothall/app/jobs"
	"moothall/forum/newsletter"
)

// figures are what /metrics tells.
type figures struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
	putOff   *prometheus.CounterVec
}

func newFigures(a *App) *figures {
	f := &figures{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "moothall_requests_total", Help: "Requests by address and status."}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "moothall_request_seconds", Help: "How long requests took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "moothall_requests_in_flight", Help: "Requests being answered."}),
		putOff: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "moothall_database_refusals_total", Help: "Requests answered 503 because of the database: its code (53100 is a full disk), late, or away."}, []string{"why"}),
	}
	f.registry.MustRegister(f.requests, f.duration, f.inFlight, f.putOff, a.panics.total, a.jobsFailed,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	f.watchPool("read", a.read)
	f.watchPool("write", a.write)
	f.watchCache(a.cache)
	f.watchDatabase(a)
	f.watchJobs(a)
	f.watchMails(a)
	f.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "moothall_connections_open", Help: "Connections of clients, whether they ask for something or not."},
		func() float64 { return float64(a.clients.count.Load()) }))
	return f
}

// watchDatabase tells whether the database answers.
func (f *figures) watchDatabase(a *App) {
	f.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "moothall_database_up", Help: "1 when the database answered this node within a second."}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), pingLimit)
		defer cancel()
		if a.forum.Ready(ctx) != nil {
			return 0
		}
		return 1
	}))
}

// newJobsFailed counts what the queue tries again.
func newJobsFailed() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "moothall_jobs_failed_total", Help: "Times that a job failed on this node, each of which is tried again."}, []string{"kind"})
}

// panics counts what went wrong in a way that nobody had thought of.
type panics struct{ total *prometheus.CounterVec }

func newPanics() panics {
	p := panics{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "moothall_panics_total", Help: "Panics, each of which cost one request, one job or one round of work; the log has the rest."}, []string{"in"})}
	for _, in := range []string{"request", "job", "beside"} {
		p.total.WithLabelValues(in) // told from the first, so that a rise from nothing is seen
	}
	return p
}

func (p panics) count(in string) { p.total.WithLabelValues(in).Inc() }

// watchPool tells how busy a pool is.
func (f *figures) watchPool(name string, pool *pgxpool.Pool) {
	labels := prometheus.Labels{"pool": name}
	gauge := func(what, help string, value func(*pgxpool.Stat) float64) {
		f.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "moothall_pool_" + what, Help: help, ConstLabels: labels},
			func() float64 { return value(pool.Stat()) }))
	}
	gauge("in_use", "Connections in use.", func(s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) })
	gauge("most", "Connections there may be.", func(s *pgxpool.Stat) float64 { return float64(s.MaxConns()) })
	gauge("waits", "Times that a request waited for a connection.", func(s *pgxpool.Stat) float64 { return float64(s.EmptyAcquireCount()) })
}

// watchCache tells how often visitors were answered from memory.
func (f *figures) watchCache(k *cache) {
	counter := func(what, help string, value *atomic.Uint64) {
		f.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "moothall_page_cache_" + what, Help: help},
			func() float64 { return float64(value.Load()) }))
	}
	counter("hits_total", "Visitors who were answered with a page that was kept.", &k.hits)
	counter("fills_total", "Pages that were made and kept.", &k.fills)
}

func (f *figures) begin() { f.inFlight.Inc() }

func (f *figures) end(c *fiber.Ctx, v *visit) {
	f.inFlight.Dec()
	f.requests.WithLabelValues(knownMethod(c.Method()), v.route.path, strconv.Itoa(c.Response().StatusCode())).Inc()
	f.duration.WithLabelValues(v.route.path).Observe(time.Since(v.began).Seconds())
}

// broken counts a request that was none.
func (f *figures) broken(status int) {
	f.requests.WithLabelValues("other", nowhere, strconv.Itoa(status)).Inc()
}

// incoming counts the mails that came in on this node.
type incoming struct {
	taken, refused, dropped atomic.Uint64 // dropped were taken and came to nothing: a machine's
	deferred                atomic.Uint64 // are to come again: it could not be done just then
}

// asked is a figure that the database is asked for; -1 when it does not say.
func (f *figures) asked(name, help string, value func(ctx context.Context) (float64, error)) {
	f.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help + "; -1 when the database does not say."}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), pingLimit)
		defer cancel()
		n, err := value(ctx)
		if err != nil {
			return -1
		}
		return n
	}))
}

// watchJobs tells how much work waits.
func (f *figures) watchJobs(a *App) {
	f.asked("moothall_jobs_due", "Jobs that are due, running or waiting to be tried again, on all nodes", func(ctx context.Context) (float64, error) {
		n, err := a.queue.JobsDue(ctx)
		return float64(n), err
	})
	f.asked("moothall_mail_oldest_due_seconds", "How long the first of the letters that are due has been waiting, on all nodes", func(ctx context.Context) (float64, error) {
		oldest, err := a.queue.OldestMail(ctx)
		return oldest.Seconds(), err
	})
	if a.config.WithTrials() {
		f.asked("moothall_answers_lost", "1 while answers by mail do not arrive, as mails show that the site writes to itself, on all nodes; else 0", func(ctx context.Context) (float64, error) {
			trials, err := a.letters.Trials(ctx)
			if trials.Lost {
				return 1, err
			}
			return 0, err
		})
	}
	f.asked("moothall_newsletter_letters_waiting", fmt.Sprintf("Letters of newsletters that go out, which have not gone yet, on all nodes; no more than %d are counted", newsletter.WaitingMost), func(ctx context.Context) (float64, error) {
		n, err := a.newsletters.Waiting(ctx)
		return float64(n), err
	})
}

// watchMails tells what came of letters, and of mails that came in.
func (f *figures) watchMails(a *App) {
	counter := func(name, help string, labels prometheus.Labels, value func() uint64) {
		f.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels},
			func() float64 { return float64(value()) }))
	}
	for _, state := range jobs.Tallied {
		counter("moothall_mails_total", "Letters by what came of them, on this node.", prometheus.Labels{"state": string(state)},
			func() uint64 { return a.queue.Mails.Of(state) })
	}
	for state, value := range map[string]*atomic.Uint64{"taken": &a.incoming.taken, "refused": &a.incoming.refused, "dropped": &a.incoming.dropped, "deferred": &a.incoming.deferred} {
		counter("moothall_mails_in_total", "Mails that came in, by what came of them, on this node.", prometheus.Labels{"state": state}, value.Load)
	}
}
