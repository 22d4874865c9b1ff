package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// renderBatch is how many posts are rendered anew before the job lets others go first.
const renderBatch = 100

// Rerender is the job of rendering anew what an older renderer made.
type Rerender struct{}

// Kind is the job's name for good.
func (Rerender) Kind() string { return "rerender" }

type rerender struct {
	river.WorkerDefaults[Rerender]
	stores *Stores
}

// Work renders batch after batch until nothing old is left. Before its time is up
// it lets others go first and comes again: each post is a deed of its own.
func (w *rerender) Work(ctx context.Context, _ *river.Job[Rerender]) error {
	for {
		n, err := w.stores.Forum.Rerender(ctx, renderBatch)
		if err != nil || n < renderBatch {
			return err
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < jobLimit/2 {
			return river.JobSnooze(0)
		}
	}
}
