package letters

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// saidMost is how many of a thread's latest posts a mail that answers it is held against,
// saidOfEach how many of the first characters of each.
const saidMost, saidOfEach = 50, 8000

// Said is what a thread's latest posts say, and its first, as far as somebody may read
// them: what a mail of theirs can have quoted. Empty where they may read nothing.
func (s *Store) Said(ctx context.Context, personID, threadID int64) (said string, err error) {
	var row struct{ Said string }
	var b pgx.Batch
	b.Queue(`
		select coalesce(string_agg(left(x.body, @each), E'\n\n' order by x.number), '') as said
		from people p join threads t on t.id = @thread join posts x on x.thread_id = t.id and (x.number = 1 or x.number > t.post_count - @most)
		where p.id = @who and x.number is not null and `+forum.Hears,
		pgx.NamedArgs{"who": personID, "thread": threadID, "most": saidMost, "each": saidOfEach, "now": s.Now()}).Query(forum.IntoOne(&row))
	err = s.Send(ctx, &b)
	return row.Said, err
}
