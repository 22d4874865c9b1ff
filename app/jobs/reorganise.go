package jobs

import (
	"context"
	"errors"

	"github.com/riverqueue/river"

	"moothall/forum"
)

// Reorganise is the job of carrying out that councils end, on their day.
type Reorganise struct{}

// Kind is the job's name for good.
func (Reorganise) Kind() string { return "reorganise" }

type reorganise struct {
	river.WorkerDefaults[Reorganise]
	stores *Stores
}

// Work carries out what is due, one council after the other: each is a deed of its own,
// so that a job that is killed goes on with the next.
func (w *reorganise) Work(ctx context.Context, _ *river.Job[Reorganise]) error {
	due, _, err := w.stores.Places.Reorganisations(ctx, w.stores.Places.Today())
	for _, r := range due {
		_, _, failed := w.stores.Places.Reorganise(ctx, forum.Operator, r.ID)
		err = errors.Join(err, failed)
	}
	return err
}
