package forum

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// quotes are what curators say of a thread or its posts, now and before, by its key.
var quotes = []struct{ find, change string }{
	{`select h.id, h.title, h.note, h.lang from highlights h where ` + quotable + ` for update of h`,
		`update highlights set title = left($2, 150), note = left($3, 2000), version = version + 1 where id = $1`},
	{`select c.entry_id as id, c.title, c.note, c.lang from highlight_changes c join highlights h on h.id = c.highlight_id where ` + quotable,
		`update highlight_changes set title = $2, note = $3 where entry_id = $1`},
}

// quotable is true of the highlights h whose words may tell what @post says: those of the
// thread where it is or was, and of its posts.
const quotable = `(h.post_id = @post or h.thread_id = @thread or h.thread_id in (select m.thread_id from moved_posts m where m.post_id = @post))`

// redactHighlights takes the passage out of the words with which curators highlight the
// post or its thread, and reports whether it stood there.
func (d *Deed) redactHighlights(ctx context.Context, p Post, t Thread, draft RedactDraft) (found bool, err error) {
	type row struct {
		ID                int64
		Title, Note, Lang string
	}
	said := make([][]row, len(quotes))
	var reading, writing pgx.Batch
	for i, q := range quotes {
		reading.Queue(q.find, pgx.NamedArgs{"post": p.ID, "thread": t.ID}).Query(Into(&said[i]))
	}
	if err := d.SendBatch(ctx, &reading).Close(); err != nil {
		return false, err
	}
	for i, q := range quotes {
		for _, r := range said[i] {
			title, titled := draft.passage.Out(r.Title, draft.removed(r.Lang))
			note, noted := draft.passage.OutOfMarkdown(r.Note, draft.removed(r.Lang))
			if titled || noted {
				found = true
				writing.Queue(q.change, r.ID, title, note)
			}
		}
	}
	return found, d.SendBatch(ctx, &writing).Close()
}
