package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// Climb is the job of moving questions that nobody has answered up the ladder.
type Climb struct{}

// Kind is the job's name for good.
func (Climb) Kind() string { return "climb" }

// InsertOpts puts the job among the team's work.
func (Climb) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: tending} }

type climb struct {
	river.WorkerDefaults[Climb]
	stores *Stores
	now    func() time.Time
	since  time.Time // when the node began
}

// Work offers those that wait to who could answer, and gives those that wait for long to
// somebody of the team. While the version before still runs on others, which would tell
// nobody, it waits.
func (w *climb) Work(ctx context.Context, _ *river.Job[Climb]) error {
	if w.now().Sub(w.since) < settled {
		return nil
	}
	_, _, err := w.stores.Curation.Climb(ctx)
	return err
}
