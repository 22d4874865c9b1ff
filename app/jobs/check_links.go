package jobs

import (
	"context"

	"github.com/riverqueue/river"
)

// CheckLinks is the job of finding out whether the links of projects and lessons still
// answer, a few at a time and one after the other.
type CheckLinks struct{}

// Kind is the job's name for good.
func (CheckLinks) Kind() string { return "check_links" }

// InsertOpts puts the job among the team's work.
func (CheckLinks) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: tending} }

// LinkCheck looks at an address and tells what is wrong with it; empty where nothing is.
type LinkCheck func(ctx context.Context, address string) string

type checkLinks struct {
	river.WorkerDefaults[CheckLinks]
	stores *Stores
	check  LinkCheck // nil: nobody wants it
}

// Work looks at those that are due. Nothing waits in the database meanwhile.
func (w *checkLinks) Work(ctx context.Context, _ *river.Job[CheckLinks]) error {
	if w.check == nil {
		return nil
	}
	if err := w.stores.Curation.GatherLinks(ctx); err != nil {
		return err
	}
	due, err := w.stores.Curation.DueLinks(ctx)
	for _, link := range due {
		said := w.check(ctx, link.URL)
		if ctx.Err() != nil {
			return nil // the program ends, or it took too long: that says nothing of the link
		}
		if err := w.stores.Curation.LinkSaid(ctx, link.ID, said); err != nil {
			return err
		}
	}
	return err
}
