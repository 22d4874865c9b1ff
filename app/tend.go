package app

import (
	"context"
	"errors"
	"time"
)

const tendEvery = 5 * time.Second

// tend does what each node does by itself as long as it runs: it writes down when
// sessions were last seen and how far people have read, that its keys are in use, who was
// erased and who stopped the newsletter; and it looks what the team tells everybody.
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
		due := time.NewTicker(tendEvery)
		defer due.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-due.C:
			}
			a.tendOnce(ctx)
		}
	})
}

// tendOnce is one round; a panic in it does not keep the next from being made.
func (a *App) tendOnce(ctx context.Context) {
	defer func() {
		if p := recover(); p != nil {
			a.panicked("tending", p)
		}
	}()
	a.cache.tidy()
	err := errors.Join(a.flush(ctx), a.leaveFingerprints(ctx, a.write), a.keepErasures(ctx), a.keepLeavers(ctx), a.keepStops(ctx), a.lookAtBoard(ctx))
	if err != nil && ctx.Err() == nil {
		a.log.Warn("tending", "error", shorten(err))
	}
}

// flush writes what pages have gathered, which no GET writes itself.
func (a *App) flush(ctx context.Context) error {
	return errors.Join(a.sessions.Flush(ctx), a.letters.Flush(ctx), a.search.Flush(ctx))
}
