package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// AskOwners is the job of asking whether the pages of projects are still true.
type AskOwners struct{}

// Kind is the job's name for good.
func (AskOwners) Kind() string { return "ask_owners" }

// settled is how long a node waits before it asks: while the version before still runs on
// others, which know of no such question, they would take it and tell nobody.
const settled = time.Hour

type askOwners struct {
	river.WorkerDefaults[AskOwners]
	stores *Stores
	now    func() time.Time
	since  time.Time // when the node began
}

// Work asks of the projects that nobody has confirmed for long.
func (w *askOwners) Work(ctx context.Context, _ *river.Job[AskOwners]) error {
	if w.now().Sub(w.since) < settled {
		return nil
	}
	_, err := w.stores.Projects.AskOwners(ctx)
	return err
}
