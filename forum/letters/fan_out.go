package letters

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// The reasons for which somebody is told, the strongest first. A person is told of
// an event once, for the strongest; one who has muted the thread only if the post
// names them.
const (
	namedInIt = `select 1 as strength, 'mentioned' as reason, m.person_id from mentions m where m.event_id = @event`
	whoseItIs = `select 2, 'accepted', x.author_id from posts x where x.id = @post`
	quotedIn  = `select 3, 'quoted', q.author_id from posts x join posts q on q.id = x.in_reply_to where x.id = @post`
	following = `select 4, case f.reason when 'asked' then 'asked' when 'replied' then 'replied' else 'chose' end, f.person_id
		from follows f where f.subject_kind = 'thread' and f.subject_id = @thread and f.cadence <> 'mute' and f.since <= @at`
	letIn = `select 5, 'let_in', @person::bigint`
)

// audiences says of each kind of event who hears of it. Of other kinds nobody does.
var audiences = map[forum.EventKind][]string{
	forum.ThreadAsked:    {namedInIt},
	forum.PostEdited:     {namedInIt},
	forum.PostAdded:      {namedInIt, quotedIn, following},
	forum.AnswerAccepted: {whoseItIs, following},
	forum.PersonLetIn:    {letIn},
}

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
}

// FanOut tells everybody whom an event concerns, a batch at a time, each its own
// deed. Run again, or by two at once, it tells nobody twice, and goes on where it
// was cut off. Of a quiet event nobody is told.
func (s *Store) FanOut(ctx context.Context, eventID int64) error {
	return s.fanOut(ctx, eventID, batch)
}

func (s *Store) fanOut(ctx context.Context, eventID int64, size int) error {
	var e event
	var b pgx.Batch
	b.Queue(`
		select id, kind, coalesce(doer_id, 0) as doer_id, coalesce(thread_id, 0) as thread_id, coalesce(post_id, 0) as post_id,
			coalesce(person_id, 0) as person_id, at, quiet
		from events where id = $1`, eventID).Query(forum.IntoOne(&e))
	err := s.Send(ctx, &b)
	if errors.Is(err, forum.ErrNotFound) {
		return nil // its thread has gone meanwhile
	}
	audience := audiences[e.Kind]
	if err != nil || e.Quiet || audience == nil {
		return err
	}
	for last := int64(0); ; {
		told, err := s.tell(ctx, e, last, size)
		if err != nil || told.People < size {
			return err
		}
		last = told.Last
	}
}

// told is what came of one batch.
type told struct {
	People int
	Last   int64 // the highest id among them
}

// tell tells the next people after one, by their ids. What they have had before
// them already, since the event, is a notice that is read.
func (s *Store) tell(ctx context.Context, e event, after int64, size int) (t told, err error) {
	err = s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		return d.QueryRow(ctx, `
			with candidates (strength, reason, person_id) as (`+strings.Join(audiences[e.Kind], ` union all `)+`),
			heard as (
				select distinct on (p.id) p.id, c.reason from candidates c
				join people p on p.id = c.person_id and p.erased_at is null
				left join threads t on t.id = nullif(@thread, 0)
				left join posts x on x.id = nullif(@post, 0)
				where p.id > @after and p.id <> @doer and (c.reason = 'accepted' or x.author_id is null or p.id <> x.author_id)
					and (c.reason = 'mentioned' or not exists (select from follows f
						where f.person_id = p.id and f.subject_kind = 'thread' and f.subject_id = @thread and f.cadence = 'mute'))
					and not exists (select from notices n where n.person_id = p.id and n.event_id = @event)
					and `+forum.Hears+`
				order by p.id, c.strength limit @size
			),
			told as (
				insert into notices (person_id, event_id, thread_id, post_id, reason, at, read_at)
				select heard.id, e.id, e.thread_id, e.post_id, heard.reason, e.at, r.at
				from heard
				join events e on e.id = @event
				left join posts x on x.id = e.post_id
				left join reads r on e.kind = 'post_added' and r.person_id = heard.id and r.thread_id = e.thread_id and r.number >= x.number
				on conflict do nothing
			)
			select count(*), coalesce(max(id), 0) from heard`,
			pgx.NamedArgs{"event": e.ID, "doer": e.DoerID, "thread": e.ThreadID, "post": e.PostID, "person": e.PersonID,
				"at": e.At, "after": after, "size": size, "now": d.At}).Scan(&t.People, &t.Last)
	})
	return t, err
}
