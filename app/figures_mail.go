package app

import (
	"context"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"moothall/app/jobs"
)

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
