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

// unlinkBatch is how many posts are looked through for links to somebody erased.
const unlinkBatch = 5000

// Work finds what links to people who were erased, and renders batch after batch
// until nothing old is left. Before its time is up it lets others go first and
// comes again: each post is a deed of its own.
func (w *rerender) Work(ctx context.Context, _ *river.Job[Rerender]) error {
	for more := true; more; {
		var err error
		if more, err = w.stores.Forum.Unlink(ctx, unlinkBatch); err != nil {
			return err
		}
	}
	for n := renderBatch; n == renderBatch; {
		var err error
		if n, err = w.stores.Curation.RerenderSummaries(ctx, renderBatch); err != nil {
			return err
		}
	}
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
