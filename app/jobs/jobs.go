// Package jobs does what nobody waits for: one worker a file. Jobs carry ids and
// never content, may run twice, and look at rights again.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/letters"
	"moothall/forum/newsletter"
	"moothall/forum/places"
	"moothall/forum/projects"
	"moothall/forum/search"
)

const (
	jobLimit   = 15 * time.Second
	stuckAfter = 25 * time.Second // longer than jobLimit, so that no running job is taken for a dead one
	pollEvery  = 250 * time.Millisecond
	slots      = 4 // jobs of one queue at once, on one node
)

// upkeep is the queue of what keeps the house in order. What people wait for gets
// queues of its own, so that neither holds up the other.
const upkeep = "upkeep"

// tending is the queue of the team's work. The version that knew no such work does not look
// there: of a kind that it does not know it would say that it failed.
const tending = "tending"

// Options is what a Queue stands on.
type Options struct {
	Pool *pgxpool.Pool
	Now  func() time.Time        // the product's clock
	Time rivertype.TimeGenerator // the same for the queue, where development can move it; nil: the real time
	Log  *slog.Logger
	Post Post // how letters leave; nil where none do

	Links LinkCheck // looks at the links of projects and lessons; nil where nobody wants it
	Trial TrialMail // tries whether answers by mail arrive; nil likewise

	Panicked func()            // told of each panic, which is in the log; nil: nobody is
	Failed   func(kind string) // and of each job that failed, by a panic or otherwise
}

// Stores are what the jobs work on.
type Stores struct {
	Forum    *forum.Store
	Care     *care.Store
	Letters  *letters.Store
	Search   *search.Store
	Curation *curation.Store
	Places   *places.Store
	Projects *projects.Store
	Sessions *auth.Store

	Newsletters *newsletter.Store
}

// Queue runs jobs and puts them in the queue.
type Queue struct {
	client *river.Client[pgx.Tx]
	pool   *pgxpool.Pool
	now    func() time.Time
	log    *slog.Logger
	post   Post
	stores *Stores
	looks  []river.JobArgs
	Mails  Tally // what came of letters, on this node

	panicked func()

	stop   context.CancelFunc
	looked sync.WaitGroup
}

// quiet is the driver without NOTIFY: inside a transaction that posts, it would
// make all commits wait for each other. Nodes poll instead.
type quiet struct{ *riverpgxv5.Driver }

// SupportsListenNotify says no.
func (quiet) SupportsListenNotify() bool { return false }

// New makes a queue; Give and Start have it work.
func New(o Options) (*Queue, error) {
	q := &Queue{pool: o.Pool, now: o.Now, log: o.Log, post: o.Post, stores: new(Stores), looks: looks, panicked: o.Panicked}
	if q.panicked == nil {
		q.panicked = func() {}
	}
	if o.Failed == nil {
		o.Failed = func(string) {}
	}
	all := river.NewWorkers()
	for _, err := range []error{
		river.AddWorkerSafely(all, &sweep{stores: q.stores}),
		river.AddWorkerSafely(all, &rerender{stores: q.stores}),
		river.AddWorkerSafely(all, &fanOut{stores: q.stores}),
		river.AddWorkerSafely(all, &digests{stores: q.stores}),
		river.AddWorkerSafely(all, &tellAccount{stores: q.stores}),
		river.AddWorkerSafely(all, &readWords{stores: q.stores}),
		river.AddWorkerSafely(all, &reorganise{stores: q.stores}),
		river.AddWorkerSafely(all, &checkLinks{stores: q.stores, check: o.Links}),
		river.AddWorkerSafely(all, &trial{stores: q.stores, post: o.Post, write: o.Trial, log: o.Log}),
		river.AddWorkerSafely(all, &climb{stores: q.stores, now: o.Now, since: o.Now()}),
		river.AddWorkerSafely(all, &askOwners{stores: q.stores, now: o.Now, since: o.Now()}),
		river.AddWorkerSafely(all, &dispatch{stores: q.stores}),
	} {
		if err != nil {
			return nil, err
		}
	}
	config := &river.Config{
		Queues:               map[string]river.QueueConfig{upkeep: {MaxWorkers: slots}, tending: {MaxWorkers: slots}, forum.NoticesQueue: {MaxWorkers: slots}, newsletter.Queue: {MaxWorkers: 1}},
		Workers:              all,
		JobTimeout:           jobLimit,
		RescueStuckJobsAfter: stuckAfter,
		RetryPolicy:          patient{now: o.Now},
		FetchPollInterval:    pollEvery,
		PollOnly:             true,
		ErrorHandler:         &faults{log: o.Log, panicked: q.panicked, failed: o.Failed},
		Logger:               slog.New(slog.DiscardHandler), // faults says what matters
	}
	if o.Trial != nil {
		q.looks = append(slices.Clone(looks), Trial{})
		config.Queues[trying] = river.QueueConfig{MaxWorkers: 1}
	}
	config.Test.Time = o.Time
	client, err := river.NewClient[pgx.Tx](quiet{riverpgxv5.New(o.Pool)}, config)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	q.client = client
	return q, nil
}

// Client puts jobs in the queue with the deed that caused them.
func (q *Queue) Client() *river.Client[pgx.Tx] { return q.client }

// Give hands over what the jobs work on; it is called before Start.
func (q *Queue) Give(s Stores) { *q.stores = s }

// Start lets the jobs run, until Stop or the end of ctx.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.client.Start(ctx); err != nil {
		return err
	}
	ctx, q.stop = context.WithCancel(ctx)
	q.looked.Add(1)
	go q.keepLooking(ctx)
	q.startPost(ctx, &q.looked)
	return nil
}

// Stop lets running jobs end; when ctx ends first they are cut off, and run again
// later.
func (q *Queue) Stop(ctx context.Context) error {
	q.stop()
	q.looked.Wait()
	err := q.client.Stop(ctx)
	if err != nil && ctx.Err() != nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		return q.client.StopAndCancel(last)
	}
	return err
}

// Forget takes out of the queue what would tell people of something: in a database that
// came from a backup they were told since.
func Forget(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, `delete from river_job where queue = $1 and finalized_at is null`, forum.NoticesQueue)
	return err
}

// Due counts the jobs, on all nodes, that run or are to run within a time from now, and
// where there are none the letters.
func (q *Queue) Due(ctx context.Context, within time.Duration) (n int, err error) {
	err = q.pool.QueryRow(ctx, `
		select count(*) from river_job
		where state in ('available', 'pending', 'running') or state in ('scheduled', 'retryable') and scheduled_at <= $1`,
		q.now().Add(within)).Scan(&n)
	if err != nil || n > 0 || q.post == nil {
		return n, err
	}
	if n, err = q.stores.Letters.Due(ctx, within); err != nil || n > 0 {
		return n, err
	}
	return q.stores.Newsletters.Due(ctx, within)
}

// JobsDue counts the jobs, on all nodes, that run, are to run by now, or have failed and
// wait until they are tried again.
func (q *Queue) JobsDue(ctx context.Context) (n int, err error) {
	err = q.pool.QueryRow(ctx, `
		select count(*) from river_job
		where state in ('available', 'pending', 'running', 'retryable') or state = 'scheduled' and scheduled_at <= $1`, q.now()).Scan(&n)
	return n, err
}

// OldestMail is how long the first of the letters that are due has been waiting.
func (q *Queue) OldestMail(ctx context.Context) (time.Duration, error) {
	return q.stores.Letters.Oldest(ctx)
}

// faults notes in the log what went wrong with a job.
type faults struct {
	log      *slog.Logger
	panicked func()
	failed   func(kind string)
}

// HandleError notes a failure; the job is tried again.
func (f *faults) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.failed(job.Kind)
	f.log.Error("job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", err.Error())
	return nil
}

// HandlePanic notes a panic; it is a failure like others.
func (f *faults) HandlePanic(_ context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.panicked()
	f.failed(job.Kind)
	f.log.Error("job panicked", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "panic", value, "stack", trace)
	return nil
}

// patient tries again soon at first, and each minute in the end, where the usual
// fourth power would wait for days.
type patient struct{ now func() time.Time }

// NextRetry is when a failed job is tried again.
func (p patient) NextRetry(job *rivertype.JobRow) time.Time {
	wait := time.Minute
	if n := len(job.Errors); n < 6 {
		wait = time.Second << n
	}
	return p.now().Add(wait)
}
