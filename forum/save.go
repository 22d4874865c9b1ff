package forum

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Saved is that a thread was kept for later.
type Saved struct {
	SavedAt  time.Time
	RemindAt *time.Time // when the day begins on which to be reminded; nil for none
}

// SavedThread is a thread that was kept for later.
type SavedThread struct {
	Thread
	Saved
	Due bool // its day has come
}

// savesMost is how many threads one person can keep.
const savesMost = 200

// savedQuery reads whether @who keeps a thread.
const savedQuery = `select saved_at, remind_at from saves where person_id = @who and thread_id = @thread`

// Save keeps a thread for later, or no longer. A reminder is the beginning of a day
// that lies ahead; nil is none, and what is no day is the zero time.
func (s *Store) Save(ctx context.Context, who Person, threadID int64, on bool, remind *time.Time) error {
	return s.Do(ctx, who, func(d *Deed) error {
		d.Unseen()
		t, err := d.thread(ctx, threadID)
		switch {
		case err != nil:
			return err
		case !CanSave(who):
			return ErrForbidden
		case !on:
			_, err := d.Exec(ctx, `delete from saves where person_id = $1 and thread_id = $2`, who.ID, t.ID)
			return err
		case remind != nil && (!remind.After(d.At) || remind.After(d.At.AddDate(remindYears, 0, 0))):
			return Invalid{{Field: "remind", Key: "saved.remind_ahead", Args: []any{"Years", remindYears}}}
		}
		tag, err := d.Exec(ctx, `
			insert into saves (person_id, thread_id, saved_at, remind_at)
			select @who, @thread, @at, @remind
			where (select count(*) from saves where person_id = @who and thread_id <> @thread) < @most
			on conflict (person_id, thread_id) do update set remind_at = @remind`,
			pgx.NamedArgs{"who": who.ID, "thread": t.ID, "at": d.At, "remind": remind, "most": savesMost})
		if err == nil && tag.RowsAffected() == 0 {
			return &Forbidden{Why: "saved.full"}
		}
		return err
	})
}

// remindYears is how far ahead a reminder can lie.
const remindYears = 5

// SavedPage reads what a person has kept for later and may still see, in one round
// trip: first what is due, then what has a day, then the newest.
func (s *Store) SavedPage(ctx context.Context, who Person) (saved []SavedThread, err error) {
	var b pgx.Batch
	b.Queue(`
		select `+threadColumns+`, k.saved_at, k.remind_at, coalesce(k.remind_at <= @now, false) as due
		from saves k join (`+threadTables+`) on k.thread_id = t.id
		where k.person_id = @who and `+visible+`
		order by k.remind_at nulls last, k.saved_at desc, t.id desc limit @limit`,
		who.rights(pgx.NamedArgs{"now": s.Now(), "limit": savesMost})).Query(Into(&saved))
	return saved, s.Send(ctx, &b)
}
