package letters

import (
	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Collection is what a letter says of the collection that something went into, or did
// not.
type Collection struct {
	Slug  string
	Title string
	Lang  string
	Why   string // what a curator says of the thing, or why they declined what was suggested
}

// readCollection has a batch read of the collection what a letter about the event says.
func readCollection(b *pgx.Batch, l *Letter, e event) {
	if e.CollectionID == 0 {
		return
	}
	b.Queue(`
		select k.slug, k.title, k.lang, coalesce(case when @kind::text = 'suggestion_declined'
			then (select s.reason from collection_suggestions s where s.collection_id = k.id and s.person_id = @person and s.decided_at = @at and not s.taken limit 1)
			else (select i.why from collection_items i where i.collection_id = k.id and i.thread_id = @thread and (i.post_id = nullif(@post::bigint, 0) or i.post_id is null) order by i.post_id limit 1)
			end, '') as why
		from collections k where k.id = @collection`,
		pgx.NamedArgs{"kind": string(e.Kind), "collection": e.CollectionID, "person": e.PersonID, "at": e.At, "thread": e.ThreadID, "post": e.PostID}).Query(forum.IntoOne(&l.Collection))
}
