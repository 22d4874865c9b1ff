package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
)

// Climb is the job of moving questions that nobody has answered up the ladder, and of
// telling people whose role ends.
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

// Work offers those that wait to who could answer, gives those that wait for long to
// somebody of the team, and tells whose role comes to its end. While the version before still runs on others, which would tell
// nobody, it waits.
func (w *climb) Work(ctx context.Context, _ *river.Job[Climb]) error {
	if w.now().Sub(w.since) < settled {
		return nil
	}
	_, _, climbed := w.stores.Curation.Climb(ctx)
	_, told := w.stores.Care.TellEndings(ctx)
	return errors.Join(climbed, told)
}
