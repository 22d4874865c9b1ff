package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"moothall/forum"
)

type fanOut struct {
	river.WorkerDefaults[forum.FanOut]
	stores *Stores
}

// Work tells people of one event. Cut off, it goes on where it was: who has been
// told is not told again.
func (w *fanOut) Work(ctx context.Context, job *river.Job[forum.FanOut]) error {
	return w.stores.Letters.FanOut(ctx, job.Args.EventID)
}
