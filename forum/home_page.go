package forum

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// HomePage is the front page: what needs an answer first, then what is new.
type HomePage struct {
	Unanswered []Thread // questions nobody else has replied to, the longest waiting first; then those without an answer
	Latest     []Thread // of the others
	Yours      []Thread // that the reader follows, newest first
	Topics     []Thread // of topics that the reader follows, newest first
	Council    []Thread // of the reader's council
	Busy       []Topic  // the topics with most threads lately
	ToTell     []Thread // of whose accepted answer the reader has yet to tell whether it worked
}

// homeRows is how many threads each part of the front page shows.
const homeRows = 8

// HomePage reads the front page in one round trip.
func (s *Store) HomePage(ctx context.Context, who Person) (p HomePage, err error) {
	return s.HomePageWith(ctx, who, nil)
}

// HomePageWith is HomePage with what another package shows on it: also, if it is not nil,
// has the same round trip read that.
func (s *Store) HomePageWith(ctx context.Context, who Person, also func(b *pgx.Batch, args pgx.NamedArgs)) (p HomePage, err error) {
	args := who.rights(pgx.NamedArgs{"limit": homeRows, "more": 2 * homeRows, "council": who.CouncilID,
		"asked": speaksFor(who), "due": s.Now().Add(-outcomeAfter)})
	rows := `select ` + threadColumns + unreadColumn + ` from ` + threadTables + ` where ` + listed
	var b pgx.Batch
	b.Queue(waitingQuery, args).Query(Into(&p.Unanswered))
	b.Queue(rows+` order by t.last_post_at desc, t.id desc limit @more`, args).Query(Into(&p.Latest))
	b.Queue(busyQuery, args).Query(Into(&p.Busy))
	if who.SignedIn() {
		b.Queue(`select `+threadColumns+unreadColumn+` from `+threadTables+` where t.id in (
				select t.id from follows f join threads t on t.id = f.subject_id
				where f.person_id = @who and f.subject_kind = 'thread' and f.cadence <> 'mute' and `+visible+`
				order by t.last_post_at desc, t.id desc limit @limit)
			order by t.last_post_at desc, t.id desc`, args).Query(Into(&p.Yours))
		b.Queue(`select `+threadColumns+unreadColumn+` from `+threadTables+` where `+listed+` and t.id in (`+topicNewsQuery+`)
			order by t.last_post_at desc, t.id desc limit @more`, args).Query(Into(&p.Topics))
		b.Queue(rows+` and t.council_id = @council order by t.last_post_at desc, t.id desc limit @more`, args).Query(Into(&p.Council))
	}
	if mayAct(who) {
		b.Queue(toTellQuery, args).Query(Into(&p.ToTell))
	}
	if also != nil {
		also(&b, args)
	}
	if err := s.Send(ctx, &b); err != nil {
		return HomePage{}, err
	}
	p.Latest, p.Topics = below(p.Unanswered, p.Latest), below(p.Yours, p.Topics)
	p.Council = below(slices.Concat(p.Yours, p.Topics), p.Council)
	for _, threads := range [][]Thread{p.Unanswered, p.Latest, p.Yours, p.Topics, p.Council} {
		s.freshen(who, threads)
	}
	return p, nil
}

// waitingQuery reads questions of others that wait for an answer: those that nobody has
// replied to before those with replies.
const waitingQuery = `
	select ` + threadColumns + unreadColumn + ` from (
		(select t.id from threads t where ` + listed + unanswered + ` and t.author_id <> @who order by t.asked_at limit @limit)
		union all
		(select t.id from threads t where ` + listed + ` and t.others > 0 and t.kind = 'question' and t.closed_at is null
			and t.answer_id is null and t.solved_at is null and t.author_id <> @who order by t.last_post_at desc, t.id desc limit @limit)
	) w join (` + threadTables + `) on t.id = w.id
	order by t.others > 0, case when t.others = 0 then t.asked_at end, t.last_post_at desc, t.id desc limit @limit`

// topicNewsQuery reads the newest threads of each topic that @who follows, and of what is
// in it.
const topicNewsQuery = `
	select n.thread_id from follows f join topics o on f.subject_id in (o.id, o.parent_id) cross join lateral (
		select tt.thread_id from thread_topics tt
		where tt.topic_id = o.id and tt.listed is not null and (tt.listed = 'public' or @colleague)
		order by tt.last_post_at desc, tt.thread_id desc limit @more
	) n
	where f.person_id = @who and f.subject_kind = 'topic' and f.thread_kind = '' and f.cadence <> 'mute'`

// below are the rows of a list that do not stand in the one above already.
func below(above, threads []Thread) []Thread {
	threads = slices.DeleteFunc(threads, func(t Thread) bool {
		return slices.ContainsFunc(above, func(u Thread) bool { return u.ID == t.ID })
	})
	return threads[:min(len(threads), homeRows)]
}

// busyQuery reads the topics of the newest threads, most used first.
const busyQuery = `
	select o.id, o.slug, o.name, o.facet, count(*)::int as threads
	from (select t.id from threads t where ` + listed + ` order by t.last_post_at desc limit 100) recent
	join thread_topics tt on tt.thread_id = recent.id
	join topics o on o.id = tt.topic_id
	group by o.id order by count(*) desc, o.name limit @limit`
