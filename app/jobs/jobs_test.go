package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/app/jobs"
	"moothall/auth"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
	"moothall/forum/letters"
	"moothall/forum/newsletter"
	"moothall/forum/places"
	"moothall/forum/projects"
	"moothall/forum/search"
)

func TestMain(m *testing.M) { forumtest.Main(m) }

// clock is the tests' clock as the queue wants it.
type clock struct{ *forumtest.Clock }

// NowOrNil is Now, never nil.
func (c clock) NowOrNil() *time.Time {
	now := c.Now()
	return &now
}

// yard is a queue at work on a database of its own.
type yard struct {
	*jobs.Queue
	t     *testing.T
	store *forum.Store
	db    *pgxpool.Pool
	clock clock
	auth  *auth.Store
}

func openYard(t *testing.T, also ...func(*jobs.Options)) *yard {
	t.Helper()
	y := &yard{t: t}
	var c *forumtest.Clock
	y.store, y.db, c = forumtest.OpenWith(t, forum.Options{})
	y.clock = clock{c}
	y.auth = auth.NewStore(y.db, c.Now)
	var err error
	o := jobs.Options{Pool: y.db, Now: c.Now, Time: y.clock, Log: slog.New(slog.DiscardHandler)}
	for _, change := range also {
		change(&o)
	}
	y.Queue, err = jobs.New(o)
	if err != nil {
		t.Fatal(err)
	}
	y.Give(jobs.Stores{Forum: y.store, Care: care.New(y.store), Curation: curation.New(y.store), Letters: letters.New(y.store), Places: places.New(y.store), Projects: projects.New(y.store), Search: search.New(y.store), Sessions: y.auth, Newsletters: newsletter.New(y.store)})
	return y
}

func (y *yard) start() {
	y.t.Helper()
	if err := y.Start(context.WithoutCancel(y.t.Context())); err != nil {
		y.t.Fatal(err)
	}
	y.t.Cleanup(func() {
		if err := y.Stop(context.Background()); err != nil {
			y.t.Errorf("stopping: %v", err)
		}
	})
}

// count asks the database for a number.
func (y *yard) count(query string) (n int) {
	y.t.Helper()
	if err := y.db.QueryRow(y.t.Context(), query).Scan(&n); err != nil {
		y.t.Fatal(err)
	}
	return n
}

// until waits for a query to give a number.
func (y *yard) until(query string, want int) {
	y.t.Helper()
	for n := 0; y.count(query) != want; n++ {
		time.Sleep(10 * time.Millisecond) // the queue works in its own time
		if n > 500 {
			y.clock.Advance(10 * time.Millisecond) // a job that failed for want of a connection waits for it to go on
		}
		if n > 12000 {
			y.t.Fatalf("%s: never %d", query, want)
		}
	}
}

// sorts is how many sorts of jobs look at what is due.
const sorts = 9

const done = `select count(*) from river_job where state = 'completed'`

// What is no longer kept goes when its time has come: one look after the clock has
// jumped a month, not one for each minute of it.
func TestALookAfterAJumpRemovesWhatHasLapsed(t *testing.T) {
	t.Parallel()
	y := openYard(t)
	ada := forumtest.Person(t, y.store, "Ada", "Northmoor")
	if _, err := y.auth.Start(t.Context(), ada.ID, "dev", "Test"); err != nil {
		t.Fatal(err)
	}
	_, err := y.db.Exec(t.Context(), `insert into form_keys (person_id, key, content, at) values ($1, 'k', '', $2)`, ada.ID, y.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	y.start()
	y.until(done, sorts)
	if n := y.count(`select (select count(*) from sessions) + (select count(*) from form_keys)`); n != 2 {
		t.Errorf("%d rows are left, want the live session and the fresh key", n)
	}
	last := y.count(`select max(id) from river_job`) // the queue itself forgets what was done so long ago
	y.clock.Advance(40 * 24 * time.Hour)
	y.until(`select count(*) from sessions`, 0)
	y.until(`select count(*) from form_keys`, 0)
	y.until(fmt.Sprintf(`select count(*) from river_job where state = 'completed' and id > %d`, last), sorts)
	if n := y.count(fmt.Sprintf(`select count(*) from river_job where id > %d`, last)); n != sorts {
		t.Errorf("%d jobs, want one look of %d", n, sorts)
	}
}

// However many nodes look at once, one job of a sort waits at a time.
func TestLookingTwiceIsLookingOnce(t *testing.T) {
	t.Parallel()
	y := openYard(t)
	for range 3 {
		if err := y.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := y.Due(t.Context(), 0); n != sorts || err != nil {
		t.Errorf("%d jobs are due, %v, want one of each", n, err)
	}
	y.start()
	y.until(`select count(*) from river_job where state <> 'completed'`, 0) // the start looks too, perhaps once the first are done
	if n, err := y.Due(t.Context(), 0); n != 0 || err != nil {
		t.Errorf("%d jobs are due, %v, want none", n, err)
	}
}

// What an older renderer made is made anew, and what was made already is left alone.
func TestOldHTMLIsRenderedAnew(t *testing.T) {
	t.Parallel()
	y := openYard(t)
	ada := forumtest.Person(t, y.store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, y.store, ada, "Who has moved bins online?")
	for range 3 {
		forumtest.Reply(t, y.store, ada, thread, "**We** did.")
	}
	if _, err := y.db.Exec(t.Context(), `update posts set html = 'old', html_version = 0 where number in (2, 3)`); err != nil {
		t.Fatal(err)
	}
	y.start()
	y.until(`select count(*) from posts where html_version = 0`, 0)
	if n := y.count(`select count(*) from posts where html like '%<strong>We</strong>%'`); n != 3 {
		t.Errorf("%d posts are rendered, want all 3", n)
	}
	if n := y.count(`select count(distinct html_version) from posts`); n != 1 {
		t.Errorf("%d renderers, want one for all", n)
	}
}

// What is told of the queue counts jobs alone, and those that wait to be tried again.
func TestJobsDueAreJobs(t *testing.T) {
	t.Parallel()
	y := openYard(t)
	_, err := y.db.Exec(t.Context(), `
		insert into river_job (kind, args, state, queue, priority, max_attempts, attempt, scheduled_at)
		select 'none', '{}', state::river_job_state, 'nowhere', 1, 25, 1, $1::timestamptz + later from (values ('available', interval '0'), ('retryable', interval '1 hour'),
			('scheduled', interval '1 hour'), ('scheduled', interval '-1 hour')) v (state, later)`, y.store.Now())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := y.JobsDue(t.Context()); n != 3 || err != nil {
		t.Errorf("%d jobs are due, %v, want 3", n, err)
	}
}

// A job that fails is tried again, and soon; Due counts it once its time comes near.
func TestAFailedJobIsTriedAgain(t *testing.T) {
	t.Parallel()
	y := openYard(t)
	if _, err := y.db.Exec(t.Context(), `alter table sign_in_attempts rename to attempts_away`); err != nil {
		t.Fatal(err)
	}
	y.start()
	y.until(`select count(*) from river_job where kind = 'sweep' and state in ('retryable', 'available') and attempt > 0`, 1)
	y.until(done, sorts-1)
	if _, err := y.db.Exec(t.Context(), `alter table attempts_away rename to sign_in_attempts`); err != nil {
		t.Fatal(err)
	}
	if n, err := y.Due(t.Context(), 5*time.Second); n != 1 || err != nil {
		t.Errorf("%d jobs are due soon, %v, want the one that is tried again", n, err)
	}
	if n := y.count(`select count(*) from river_job where kind = 'sweep' and scheduled_at <= attempted_at + interval '1 minute'`); n != 1 {
		t.Error("the first new try is far away")
	}
}

// A node asks nobody of their projects in its first hour: nodes of the version before may
// still run, which would take the question and tell nobody.
func TestOwnersAreAskedOnceTheVersionBeforeIsGone(t *testing.T) {
	t.Parallel()
	y := openYard(t)
	ada := forumtest.Person(t, y.store, "Ada", "Northmoor")
	if _, err := projects.New(y.store).Start(t.Context(), ada, projects.Draft{Title: "Bins", Summary: "Sensors.", Phase: "alpha"}); err != nil {
		t.Fatal(err)
	}
	if _, err := y.db.Exec(t.Context(), `update projects set confirmed_at = confirmed_at - interval '1 year'`); err != nil {
		t.Fatal(err)
	}
	const asked = `select count(*) from events where kind = 'project_due'`
	y.start()
	y.until(done+` and kind = 'ask_owners'`, 1)
	if n := y.count(asked); n != 0 {
		t.Errorf("%d are asked at once, want none", n)
	}
	y.clock.Advance(61 * time.Minute)
	y.until(asked, 1)
}
