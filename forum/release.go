package forum

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Release publishes what a newcomer wrote, in the order in which they wrote it.
// It shows the council that they were let in to. A thread that was closed meanwhile
// gets them too: they were written before. Of who is let in as a supplier,
// what no supplier may write stays held.
func (d *Deed) Release(ctx context.Context, p Person) error {
	rows, err := d.Query(ctx, `
		select q.id, q.thread_id, t.held_at is not null as opens from posts q join threads t on t.id = q.thread_id
		where q.author_id = $1 and q.held_at is not null and q.hidden_at is null and q.deleted_at is null and t.deleted_at is null
			and (not $2 or t.held_at is null and t.suppliers)
		order by t.id, q.id for update of t, q`, p.ID, p.Company != "")
	if err != nil {
		return err
	}
	type held struct {
		ID, ThreadID int64
		Opens        bool
	}
	posts, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[held])
	if err != nil {
		return err
	}
	last := int64(0)
	for _, post := range posts {
		e := Event{Kind: PostAdded, DoerID: p.ID, ThreadID: post.ThreadID, PostID: post.ID}
		if post.Opens && post.ThreadID != last {
			e.Kind = ThreadAsked
		}
		last = post.ThreadID
		if err := d.Publish(ctx, post.ThreadID, post.ID, p.CouncilID); err != nil {
			return err
		}
		if err := d.Tell(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
