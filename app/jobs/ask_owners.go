package jobs

import (
	"context"

	"github.com/riverqueue/river"
)

// AskOwners is the job of asking whether the pages of projects are still true.
type AskOwners struct{}

// Kind is the job's name for good.
func (AskOwners) Kind() string { return "ask_owners" }

type askOwners struct {
	river.WorkerDefaults[AskOwners]
	stores *Stores
}

// Work asks of the projects that nobody has confirmed for long.
func (w *askOwners) Work(ctx context.Context, _ *river.Job[AskOwners]) error {
	_, err := w.stores.Projects.AskOwners(ctx)
	return err
}
