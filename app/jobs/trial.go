package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"moothall/app/mail"
)

// Trial is the job of finding out whether answers by mail still arrive.
type Trial struct{}

// Kind is the job's name for good.
func (Trial) Kind() string { return "trial" }

// trying is the queue of it: only nodes look there that know how.
const trying = "trying"

// InsertOpts puts the job into a queue of its own.
func (Trial) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: trying} }

// TrialMail writes the mail that the site sends to itself at a time.
type TrialMail func(at time.Time) mail.Message

type trial struct {
	river.WorkerDefaults[Trial]
	stores *Stores
	post   Post
	write  TrialMail
	log    *slog.Logger
}

// Work sends the site a mail where that is due, and says in the log that the one before has
// not come.
func (w *trial) Work(ctx context.Context, _ *river.Job[Trial]) error {
	t, err := w.stores.Letters.BeginTrial(ctx)
	if err != nil {
		return err
	}
	if t.Lost {
		w.log.Error("answers by mail do not arrive: look at the mail server that hands them over")
	}
	if !t.Due {
		return nil
	}
	if err := w.post.Send(ctx, w.write(t.At)); err != nil {
		w.log.Warn("the mail that tries whether answers arrive was not sent", "error", addressIn.ReplaceAllString(err.Error(), "…"))
		return nil
	}
	return w.stores.Letters.TrialWent(ctx, t.At)
}
