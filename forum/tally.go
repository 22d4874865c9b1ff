package forum

import (
	"context"
	"fmt"
	"time"
)

// The numbers of threads that a topic and a council have in lists, and of people that a
// council has in its directory, stand in their rows. Triggers keep them, whichever deed
// changes what they count; see the step that made them.

// threadsOf is how many threads of a topic or council, under a name of ours, stand in
// the lists of @colleague or anybody.
func threadsOf(row string) string {
	return fmt.Sprintf(`%[1]s.threads_public + case when @colleague then %[1]s.threads_councils else 0 end`, row)
}

// recountEvery is how often what is counted is compared with what there is.
const recountEvery = 24 * time.Hour

// Recount puts right, once a day, what the numbers of threads and people say, should
// they not be what there is. It reports whether it was time.
func (s *Store) Recount(ctx context.Context) (due bool, err error) {
	err = s.Do(ctx, Person{}, func(d *Deed) error {
		tag, err := d.Exec(ctx, `
			insert into chores (name, at) values ('recount', $1)
			on conflict (name) do update set at = excluded.at where chores.at <= $2`, d.At, d.At.Add(-recountEvery))
		if due = tag.RowsAffected() == 1; err != nil || !due {
			d.Unseen()
			return err
		}
		_, err = d.Exec(ctx, `select count_threads()`)
		return err
	})
	return due, err
}
