package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	stopLimit = 13 * time.Second // for requests, and beside them for jobs: longer than a request's deadline
	restLimit = 3 * time.Second  // for what comes after: the last writes, Postgres
	// Drain is how long a node that is no longer ready goes on answering, so that
	// what spreads the requests sees it before they fail.
	Drain = 3 * time.Second
)

// Stop ends the node: it is no longer ready, goes on answering for the time that
// drain gives, then ends requests and jobs side by side, and Postgres last. It may
// be called twice; a ctx that ends cuts the waiting short.
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
			requests = a.web.ShutdownWithContext(limited)
		})
		both.Go(func() {
			defer func() { working = orPanic(working, recover()) }()
			working = a.queue.Stop(limited)
		})
		both.Wait()
	}
	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), restLimit)
	defer cancel()
	if a.sessions != nil {
		working = errors.Join(working, a.flush(rest))
	}
	return errors.Join(requests, working, a.close(rest))
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
		if err := c.end(ctx); err != nil {
			all = errors.Join(all, fmt.Errorf("stopping %s: %w", c.what, err))
		}
	}
	a.closers = nil
	return all
}
