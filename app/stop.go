package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	stopLimit = 11 * time.Second // for requests, and beside them for jobs: longer than a request's deadline
	restLimit = 3 * time.Second  // for what comes after: the last writes, Postgres
	// Drain is how long a node that is no longer ready goes on answering, so that
	// what spreads the requests sees it before they fail.
	Drain = 3 * time.Second
)

// Stop ends the node: it is no longer ready, goes on answering for the time that
// drain gives, then ends requests and jobs side by side, and Postgres last. What
// does not end in its time is cut off, which is noted in the log and no failure. It
// may be called twice; a ctx that ends cuts the waiting short.
func (a *App) Stop(ctx context.Context, drain time.Duration) error {
	a.stopOnce.Do(func() { a.stopErr = a.stop(ctx, drain) })
	return a.stopErr
}

func (a *App) stop(ctx context.Context, drain time.Duration) error {
	a.ready.Store(false)
	select {
	case <-time.After(drain):
	case <-ctx.Done():
	}
	var requests, working error
	if a.serving {
		limited, cancel := context.WithTimeout(ctx, stopLimit)
		defer cancel()
		var both sync.WaitGroup
		both.Go(func() {
			defer func() { requests = orPanic(requests, recover()) }()
			requests = a.endRequests(limited)
		})
		both.Go(func() {
			defer func() { working = orPanic(working, recover()) }()
			working = a.inTime("jobs", a.queue.Stop(limited))
		})
		both.Wait()
	}
	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), restLimit)
	defer cancel()
	if a.sessions != nil {
		a.warn("what pages gathered", a.flush(rest)) // when sessions were seen, how far people read: no more than that is lost
	}
	return errors.Join(requests, working, a.close(rest))
}

// endRequests lets requests end, and cuts off whoever has not sent theirs by then,
// or not taken the answer.
func (a *App) endRequests(ctx context.Context) error {
	err := a.inTime("requests", a.web.ShutdownWithContext(ctx))
	a.clients.cut()
	return err
}

// inTime is err, unless only the time was up: that is noted, and all goes on.
func (a *App) inTime(what string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		a.log.Warn("cut off, for it did not end in time", "what", what)
		return nil
	}
	return err
}

// warn notes what went wrong at the stop and harms nobody.
func (a *App) warn(what string, err error) {
	if err != nil {
		a.log.Warn("not done at the stop", "what", what, "error", shorten(err))
	}
}

// clients are the connections that are open.
type clients struct {
	open  sync.Map
	count atomic.Int64
}

// note follows a connection from its begin to its end.
func (c *clients) note(conn net.Conn, state fasthttp.ConnState) {
	switch state {
	case fasthttp.StateNew:
		c.open.Store(conn, nil)
		c.count.Add(1)
	case fasthttp.StateClosed, fasthttp.StateHijacked:
		if _, open := c.open.LoadAndDelete(conn); open {
			c.count.Add(-1)
		}
	}
}

// cut closes all that are left.
func (c *clients) cut() {
	c.open.Range(func(conn, _ any) bool {
		_ = conn.(net.Conn).Close() // its client may have closed it just now
		return true
	})
}

// orPanic is err, unless there was a panic.
func orPanic(err error, p any) error {
	if p != nil {
		return newPanicked(p)
	}
	return err
}

// close ends what was started, the last first.
func (a *App) close(ctx context.Context) error {
	var all error
	for _, c := range slices.Backward(a.closers) {
		if err := a.inTime(c.what, c.end(ctx)); err != nil {
			all = errors.Join(all, fmt.Errorf("stopping %s: %w", c.what, err))
		}
	}
	a.closers = nil
	return all
}
