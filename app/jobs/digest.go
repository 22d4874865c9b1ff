package jobs

import (
	"context"

	"github.com/riverqueue/river"
)

// Digests is the job of making the digests whose time has come.
type Digests struct{}

// Kind is the job's name for good.
func (Digests) Kind() string { return "digests" }

type digests struct {
	river.WorkerDefaults[Digests]
	stores *Stores
}

// Work makes them. Cut off, it goes on with those that are still due.
func (w *digests) Work(ctx context.Context, _ *river.Job[Digests]) error {
	_, err := w.stores.Letters.MakeDigests(ctx)
	return err
}
