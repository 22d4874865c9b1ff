package app

import (
	"context"
	"errors"
	"time"
)

const (
	tendEvery = 5 * time.Second
	markEvery = 30 * time.Second
)

// tend does what each node does by itself as long as it runs: it writes down when
// sessions were last seen and how far people have read, and that its keys are in use.
func (a *App) tend(ctx context.Context) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	a.opened("tending", func(context.Context) error {
		stop()
		<-done
		return nil
	})
	a.spawn("tending", func() {
		defer close(done)
		flush, mark := time.NewTicker(tendEvery), time.NewTicker(markEvery)
		defer flush.Stop()
		defer mark.Stop()
		for {
			var err error
			select {
			case <-ctx.Done():
				return
			case <-flush.C:
				err = a.flush(ctx)
			case <-mark.C:
				err = a.leaveFingerprints(ctx)
			}
			if err != nil && ctx.Err() == nil {
				a.log.Warn("tending", "error", shorten(err))
			}
		}
	})
}

// flush writes what pages have gathered, which no GET writes itself.
func (a *App) flush(ctx context.Context) error {
	return errors.Join(a.sessions.Flush(ctx), a.letters.Flush(ctx))
}
