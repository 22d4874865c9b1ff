package curation

import (
	"context"

	"moothall/forum"
)

// How much of what collections were is kept, so that it can be undone: the newest changes
// of each, and all of the last years. One sweep removes no more than so many.
const changesKept, changesYears, sweepMost = 50, 2, 1000

// declinedDays is how long what a second curator said no to is kept, so that it can be
// undone. What was said in it goes then; that it was asked and answered stays.
const declinedDays = 30

// notesYears is how long what curators note about something on the desk is kept.
const notesYears = 1

// Sweep removes what collections were long ago, whose entries stay, but cannot be undone
// any more; what was noted on the desk; and what waited for a second curator, who said no.
func (s *Store) Sweep(ctx context.Context) error {
	return s.Do(ctx, forum.Operator, func(d *forum.Deed) error {
		d.Unseen()
		_, err := d.Exec(ctx, `
			delete from collection_changes where entry_id in (
				select c.entry_id from collection_changes c join entries e on e.id = c.entry_id
				where e.at < $1 and (select count(*) from (select from collection_changes n where n.collection_id = c.collection_id and n.entry_id > c.entry_id limit $2) newer) = $2
				order by c.entry_id limit $3)`, d.At.AddDate(-changesYears, 0, 0), changesKept, sweepMost)
		if err != nil {
			return err
		}
		_, err = d.Exec(ctx, `
			update seconds set draft = '{}', reason = '' where id in (
				select s.id from seconds s where s.decided_at < $1 and not s.agreed and s.draft <> '{}' order by s.decided_at limit $2)`, d.At.AddDate(0, 0, -declinedDays), sweepMost)
		if err != nil {
			return err
		}
		_, err = d.Exec(ctx, `delete from desk_notes where id in (select n.id from desk_notes n where n.at < $1 order by n.id limit $2)`, d.At.AddDate(-notesYears, 0, 0), sweepMost)
		return err
	})
}
