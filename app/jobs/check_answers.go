package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"moothall/app/mail"
)

// CheckAnswers is the job of finding out whether answers by mail still arrive.
type CheckAnswers struct{}

// Kind is the job's name for good.
func (CheckAnswers) Kind() string { return "check_answers" }

// trying is the queue of it, where the version that did not know it does not look.
const trying = "trying"

// InsertOpts puts the job into a queue of its own.
func (CheckAnswers) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: trying} }

// Trial writes the mail that the site sends to itself at a time.
type Trial func(at time.Time) mail.Message

type checkAnswers struct {
	river.WorkerDefaults[CheckAnswers]
	stores *Stores
	post   Post
	trial  Trial // nil: nobody wants it
	log    *slog.Logger
}

// Work sends the site a mail on the way that answers take, where that is due, and says in the
// log that the one before has not come. What cannot be sent does not come either.
func (w *checkAnswers) Work(ctx context.Context, _ *river.Job[CheckAnswers]) error {
	if w.trial == nil {
		return nil
	}
	t, err := w.stores.Letters.TryArrival(ctx)
	if err != nil {
		return err
	}
	if t.Lost {
		w.log.Error("answers by mail do not arrive: look at the mail server that hands them over")
	}
	if !t.Due {
		return nil
	}
	if err := w.post.Send(ctx, w.trial(t.At)); err != nil {
		w.log.Warn("the mail that tries whether answers arrive was not sent", "error", addressIn.ReplaceAllString(err.Error(), "…"))
	}
	return nil
}
