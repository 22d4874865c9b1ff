package jobs

import (
	"context"
	"errors"

	"github.com/riverqueue/river"
)

// ReadWords is the job of reading, for search, posts that were there before it, of adding
// up which words people write, and of reading anew the searches in which a word means
// something else now.
type ReadWords struct{}

// Kind is the job's name for good.
func (ReadWords) Kind() string { return "read_words" }

type readWords struct {
	river.WorkerDefaults[ReadWords]
	stores *Stores
}

// Work goes on where the last one ended; what is left when its time is up waits for the
// next.
func (w *readWords) Work(ctx context.Context, _ *river.Job[ReadWords]) error {
	some, stop := context.WithTimeout(ctx, jobLimit*2/3)
	defer stop()
	_, filled := w.stores.Search.Fill(some)
	_, counted := w.stores.Search.Count(some)
	_, reread := w.stores.Search.Reread(some)
	if ctx.Err() == nil && some.Err() != nil {
		return nil // there is more to do; nothing went wrong
	}
	return errors.Join(filled, counted, reread)
}
