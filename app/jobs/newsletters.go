package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"moothall/forum/newsletter"
)

type dispatch struct {
	river.WorkerDefaults[newsletter.Dispatch]
	stores *Stores
}

// Work lets out the newsletters whose time has come, and ends those that all have.
func (w *dispatch) Work(ctx context.Context, _ *river.Job[newsletter.Dispatch]) error {
	return w.stores.Newsletters.Dispatch(ctx)
}
