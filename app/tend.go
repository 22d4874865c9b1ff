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
// sessions were last seen, that its keys are in use, and who was erased.
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
				err = a.sessions.Flush(ctx)
			case <-mark.C:
				err = errors.Join(a.leaveFingerprints(ctx), a.keepErasures(ctx))
			}
			if err != nil && ctx.Err() == nil {
				a.log.Warn("tending", "error", shorten(err))
			}
		}
	})
}
