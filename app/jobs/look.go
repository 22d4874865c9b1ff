package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"moothall/forum/newsletter"
)

// lookEvery is how often, by the product's clock, it is looked at what is due.
const lookEvery = time.Minute

// blink is how soon a clock that was moved is noticed.
const blink = time.Second

// looks are the jobs that look at what is due on every node. Each does nothing when nothing is.
var looks = []river.JobArgs{Sweep{}, Rerender{}, Digests{}, ReadWords{}, Reorganise{}, AskOwners{}, Climb{}, CheckLinks{}, newsletter.Dispatch{}}

// Look queues every look that is not waiting or running on some node already.
func (q *Queue) Look(ctx context.Context) error {
	many := make([]river.InsertManyParams, 0, len(q.looks))
	for _, args := range q.looks {
		queue := upkeep
		if own, ok := args.(river.JobArgsWithInsertOpts); ok {
			queue = own.InsertOpts().Queue
		}
		many = append(many, river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{
			Queue: queue,
			UniqueOpts: river.UniqueOpts{ByState: []rivertype.JobState{
				rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
				rivertype.JobStateRetryable, rivertype.JobStateScheduled}},
		}})
	}
	_, err := q.client.InsertMany(ctx, many)
	return err
}

// keepLooking looks from time to time, on every node: no node leads, so none is
// missed when it dies. A jump of the clock is like an outage: one look, not one
// for each minute gone by.
func (q *Queue) keepLooking(ctx context.Context) {
	defer q.looked.Done()
	defer func() {
		if p := recover(); p != nil { // lookSafely has met all others
			q.log.Error("panic", "in", "looking", "panic", p)
		}
	}()
	ticker := time.NewTicker(blink)
	defer ticker.Stop()
	var last time.Time
	for {
		if now := q.now(); now.Sub(last) >= lookEvery {
			if err := q.lookSafely(ctx); err != nil && ctx.Err() == nil {
				q.log.Warn("looking for what is due", "error", err.Error())
			} else {
				last = now
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// lookSafely is Look, in which a panic does not keep the next look from being made.
func (q *Queue) lookSafely(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			q.panicked()
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return q.Look(ctx)
}
