package jobs

import (
	"context"
	"errors"

	"github.com/riverqueue/river"
)

// Sweep is the job of removing what is no longer kept.
type Sweep struct{}

// Kind is the job's name for good.
func (Sweep) Kind() string { return "sweep" }

// draftBatch is how many drafts one deed of a sweep removes.
const draftBatch = 1000

type sweep struct {
	river.WorkerDefaults[Sweep]
	stores *Stores
}

// Work removes ended sessions, lapsed attempts to sign in, the keys of old forms, old
// notices, drafts that nobody came back to, what was once searched for in vain, and who
// did not confirm that they want the newsletter or left it. Once a day it counts threads anew.
func (w *sweep) Work(ctx context.Context, _ *river.Job[Sweep]) error {
	_, sessions := w.stores.Sessions.Sweep(ctx)
	_, keys := w.stores.Care.Sweep(ctx)
	_, notices := w.stores.Letters.Sweep(ctx)
	_, drafts := w.stores.Forum.SweepDrafts(ctx, draftBatch)
	_, counts := w.stores.Care.Recount(ctx)
	misses := w.stores.Search.Sweep(ctx)
	_, news := w.stores.Newsletters.Sweep(ctx)
	return errors.Join(sessions, keys, notices, drafts, counts, misses, news)
}
