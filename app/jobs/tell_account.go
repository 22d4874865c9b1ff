package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"moothall/forum"
)

type tellAccount struct {
	river.WorkerDefaults[forum.TellAccount]
	stores *Stores
}

// Work puts the letters in the outbox, each once.
func (w *tellAccount) Work(ctx context.Context, job *river.Job[forum.TellAccount]) error {
	return w.stores.Letters.TellAccount(ctx, job.Args.PersonID)
}
