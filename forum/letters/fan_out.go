package letters

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// batch is how many people one deed tells.
const batch = 5000

// event is what FanOut reads of one.
type event struct {
	ID       int64
	Kind     forum.EventKind
	DoerID   int64
	ThreadID int64
	PostID   int64
	PersonID int64
	At       time.Time
	Quiet    bool

	Searches     []int64 `db:"-"` // the saved searches that its post matches
	Products     []int64 `db:"-"` // that it names, the first of its thread
	CollectionID int64
	ProductID    int64
	ClaimID      int64
	RoleID       int64
}

// eventColumns are an event's, as the struct has them.
const eventColumns = `e.id, e.kind, coalesce(e.doer_id, 0) as doer_id, coalesce(e.thread_id, 0) as thread_id,
	coalesce(e.post_id, 0) as post_id, coalesce(e.person_id, 0) as person_id, coalesce(e.collection_id, 0) as collection_id, coalesce(e.product_id, 0) as product_id, coalesce(e.claim_id, 0) as claim_id, coalesce(e.role_id, 0) as role_id, e.at, e.quiet`

// matchingQuery finds the saved searches that the post of event $1 matches, when it is
// written or let in: everybody's, or with $2 one person's alone. It is asked once an event
// and not once a reader. An edit tells nobody, as it tells no other follower; whoever
// searches finds it.
const matchingQuery = `select searches_matching(e.post_id, $2) from events e
	where e.id = $1 and e.kind in ('thread_asked', 'post_added') and not e.quiet
		and ($2 = 0 or exists (select from follows f where f.person_id = $2 and f.subject_kind = 'search'))`

// namingQuery finds the followed products that it is the first post of its thread to name,
// likewise.
const namingQuery = `select products_named(e.post_id, $2) from events e
	where e.id = $1 and e.kind in ('thread_asked', 'post_added') and not e.quiet
		and ($2 = 0 or exists (select from follows f where f.person_id = $2 and f.subject_kind in ('product', 'supplier')))`

// readEvent reads an event, which saved searches its post matches and which products it
// names, of what one person follows if that is not 0; ErrNotFound where its thread has gone.
func (s *Store) readEvent(ctx context.Context, id, person int64) (e event, err error) {
	var b pgx.Batch
	b.Queue(`select `+eventColumns+` from events e where e.id = $1`, id).Query(forum.IntoOne(&e))
	b.Queue(matchingQuery, id, person).Query(func(rows pgx.Rows) (err error) {
		e.Searches, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	b.Queue(namingQuery, id, person).Query(func(rows pgx.Rows) (err error) {
		e.Products, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	err = s.Send(ctx, &b)
	return e, err
}

// args are what an audience's query asks for, of a share of the people.
func (e event) args(now time.Time, of share) pgx.NamedArgs {
	return pgx.NamedArgs{"event": e.ID, "doer": e.DoerID, "thread": e.ThreadID, "post": e.PostID, "person": e.PersonID,
		"searches": e.Searches, "products": e.Products, "collection": e.CollectionID, "product": e.ProductID, "at": e.At, "asof": e.At, "now": now,
		"after": of.after, "size": of.size, "part": of.part, "of": of.of}
}

// FanOut tells everybody whom an event concerns, a batch at a time, each its own
// deed; a crowd is told by two tellers. Run again, or by two at once, it tells nobody
// twice, and goes on where it was cut off. Of a quiet event nobody is told.
func (s *Store) FanOut(ctx context.Context, eventID int64) error {
	return s.fanOut(ctx, eventID, batch)
}

func (s *Store) fanOut(ctx context.Context, eventID int64, size int) error {
	e, err := s.readEvent(ctx, eventID, 0)
	if errors.Is(err, forum.ErrNotFound) {
		return nil // its thread has gone meanwhile
	}
	who, known := audiences[e.Kind]
	if err != nil || e.Quiet || !known {
		return err
	}
	rest := share{size: size, of: 1}
	more, err := s.tell(ctx, e, who, &rest)
	if err != nil || !more {
		return err
	}
	return s.tellCrowd(ctx, e, who, rest)
}

// tellers are how many tell a crowd at once.
const tellers = 2

// share is whom one teller tells next: the first size of the people after one, by their
// ids, who are of its part of all.
type share struct {
	after    int64
	size     int
	part, of int
	again    bool // some of them may have been told already
}

// tellCrowd tells everybody after the first batch.
func (s *Store) tellCrowd(ctx context.Context, e event, who audience, rest share) error {
	var all sync.WaitGroup
	failed := make([]error, tellers)
	for part := range tellers {
		all.Go(func() {
			defer func() {
				if cause := recover(); cause != nil {
					failed[part] = fmt.Errorf("telling panicked: %v", cause)
				}
			}()
			own := rest
			own.part, own.of = part, tellers
			failed[part] = s.tellShare(ctx, e, who, own)
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// tellShare tells a share, a batch at a time.
func (s *Store) tellShare(ctx context.Context, e event, who audience, of share) (err error) {
	for more := true; more && err == nil; {
		more, err = s.tell(ctx, e, who, &of)
	}
	return err
}

// tellQuery tells a batch of people: each has a notice; a letter who wants to hear at
// once; a day for their digest who wants that, which is reckoned once for all who chose
// the same. What they have had before them already, since the event, is a notice that is
// read, and no mail. While mail is paused it waits for the digest after that; where none
// can go there is only the notice.
//
// A notice that is there already ends the statement unless again is true: to look for
// each one first is a seventh of the work, and it is there only after a crash.
func tellQuery(again bool) string {
	unlessTold := ``
	if again {
		unlessTold = `on conflict do nothing`
	}
	return `,
	told as (
		insert into notices (person_id, event_id, thread_id, post_id, reason, at, read_at, via_kind, via_id, cadence)
		select h.id, @event, nullif(@thread, 0), nullif(@post, 0), h.reason, @at, r.at, h.via_kind, h.via_id,
			case when not h.reachable or s.stopped_at is not null then 'site'
				when s.pause_until > @now and h.cadence = 'instant' then 'daily' else h.cadence end
		from heard h
		left join letter_settings s on s.person_id = h.id
		left join reads r on @kind::text = 'post_added' and r.person_id = h.id and r.thread_id = @thread and r.number >= h.number
		order by h.id
		` + unlessTold + ` returning person_id, reason, cadence, read_at
	),
	lettered as (
		insert into letters (person_id, kind, key, event_id, created_at, due_at)
		select person_id, case when reason = 'mentioned' then 'mention' when reason in ('accepted', 'let_in', 'tends', 'could_answer', 'claimed', 'role') or @kind in ('thread_moved', 'thread_retitled', 'thread_merged', 'thread_split', 'lesson_changed', 'project_reused', 'highlighted', 'thread_summarised', 'thread_pinned', 'collected', 'suggestion_taken', 'suggestion_declined') then 'notice' else 'instant' end,
			'event:' || @event::bigint, @event, @now, @at::timestamptz + case when reason in ('accepted', 'let_in', 'tends', 'could_answer', 'role') then interval '0' else @hold::interval end
		from told where cadence = 'instant' and read_at is null
		` + unlessTold + `
	),
	waiting as (
		select t.person_id, t.cadence, greatest(@at::timestamptz, s.pause_until) as since, coalesce(s.digest_day, 1) as day, coalesce(s.digest_hour, 7) as hour, coalesce(s.weekdays, false) as weekdays
		from told t left join letter_settings s on s.person_id = t.person_id
		where t.cadence in ('daily', 'weekly') and t.read_at is null
	),
	days as materialized (
		select w.*, next_digest(since, cadence, day, hour, weekdays) as due_at from (select distinct since, cadence, day, hour, weekdays from waiting) w
	),
	dated as (
		insert into digests_due (person_id, due_at)
		select w.person_id, d.due_at from waiting w join days d using (since, cadence, day, hour, weekdays)
		order by w.person_id -- two events that tell the same people lock them in the same order
		on conflict (person_id) do update set due_at = excluded.due_at where excluded.due_at < digests_due.due_at
	)
	select (select count(*) from candidates), (select coalesce(max(person_id), 0) from candidates)`
}

// tell tells the next people of a share, and says whether more may come after them.
// Where somebody has told some of them already, it tells the others. It does not wait until
// that is on disk: what Postgres loses when it dies is told again, for the end of the job is
// written after it, and no letter leaves before its claim is on disk.
func (s *Store) tell(ctx context.Context, e event, who audience, of *share) (more bool, err error) {
	var people int
	var last int64
	err = s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		d.Unseen()
		d.Also(`set local synchronous_commit = off`)
		args := e.args(d.At, *of)
		args["kind"], args["hold"] = e.Kind, s.Hold
		return d.QueryRow(ctx, who.heardQuery()+tellQuery(of.again), args).Scan(&people, &last)
	})
	if forum.IsThere(err) && !of.again {
		of.again = true
		return true, nil
	}
	if err != nil {
		return false, err
	}
	of.after = last
	return people == of.size, nil
}
