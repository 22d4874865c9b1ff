package forum

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// oldAfter is how long nobody has written in a thread before it asks whether a case
// of today is not better asked anew.
const oldAfter = 180 * 24 * time.Hour

// Related is the older thread that another was asked anew from, or the other way round.
type Related struct {
	ID    int64
	Slug  string
	Title string
	Lang  string
	Anew  bool // this one was asked anew; else it is the older one

	Answered bool // of one that is only like it
}

// relatedQuery reads what a thread was asked anew from, and what was asked anew
// from it, as far as the reader may see that.
const relatedQuery = `
	select t.id, t.slug, t.title, t.lang, coalesce(t.related_id = @thread, false) as anew from threads t
	where (t.id = (select c.related_id from threads c where c.id = @thread) or t.related_id = @thread) and ` + listed + `
	order by anew, t.id desc limit 20`

// similarQuery reads the threads most like one: under as many of its topics, with a
// title like its own, rather answered than not. Those that it was asked anew from or
// as stand above already. It is read with every page of a thread, so it chooses among
// the liveliest under each topic and costs the same among a million.
const similarQuery = `
	select t.id, t.slug, t.title, t.lang, t.answer_id is not null as answered
	from (
		select n.id, count(*) as shared from thread_topics own cross join lateral (
			select tt.thread_id as id from thread_topics tt
			where tt.topic_id = own.topic_id and tt.listed is not null and (tt.listed = 'public' or @colleague) and tt.thread_id <> @thread
			order by tt.last_post_at desc, tt.thread_id desc limit 40) n
		where own.thread_id = @thread group by n.id
	) near
	join threads t on t.id = near.id
	join threads me on me.id = @thread
	where ` + listed + ` and t.related_id is distinct from me.id and me.related_id is distinct from t.id
	order by similarity(t.title, me.title) + 0.1 * near.shared + case when t.answer_id is null then 0 else 0.05 end desc, t.id desc limit 4`

// relatedTo reads the older thread that a question is about to be asked anew from.
const relatedTo = `select t.id, t.slug, t.title, t.lang from threads t where t.id = @related and ` + visible

// relate links the thread that was just asked to the older one, if its author may
// see that: what they may not see is passed over, as if it were not there.
func (d *Deed) relate(ctx context.Context, threadID, relatedID int64) error {
	if relatedID == 0 {
		return nil
	}
	_, err := d.Exec(ctx, `
		update threads set related_id = (select t.id from threads t where t.id = @related and t.id <> @thread and `+visible+`)
		where id = @thread`, d.Who.rights(pgx.NamedArgs{"thread": threadID, "related": relatedID}))
	return err
}
