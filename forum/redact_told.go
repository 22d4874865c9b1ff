package forum

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// redactTold takes the passage out of what was told of the post: how a question was
// solved, of its opening; whether it worked, of an answer. It reports whether the
// passage stood there.
func (d *Deed) redactTold(ctx context.Context, p Post, t Thread, draft RedactDraft) (found bool, err error) {
	type row struct {
		AcceptedAt time.Time
		PersonID   int64
		Note       string
	}
	rows, err := d.Query(ctx, `select accepted_at, person_id, note from outcomes where post_id = $1 and note <> '' for update`, p.ID)
	if err != nil {
		return false, err
	}
	notes, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return false, err
	}
	var b pgx.Batch
	for _, n := range notes {
		if note, stood := draft.passage.Out(n.Note, draft.removed("en")); stood {
			found = true
			b.Queue(`update outcomes set note = $4 where post_id = $1 and accepted_at = $2 and person_id = $3`, p.ID, n.AcceptedAt, n.PersonID, note)
		}
	}
	if why, stood := draft.passage.Out(t.SolvedWhy, draft.removed(t.Lang)); p.Opening && stood {
		found = true
		b.Queue(`update threads set solved_why = $2 where id = $1`, t.ID, why)
	}
	if why, stood := draft.passage.Out(t.ClosedWhy, draft.removed(t.Lang)); p.Opening && stood {
		found = true
		b.Queue(`update threads set closed_why = $2 where id = $1`, t.ID, why)
	}
	return found, d.SendBatch(ctx, &b).Close()
}

// records are the reasons that were given for what was done to a post or, of an
// opening, to its thread, or was asked to be done. Whoever owns their table, in a
// redaction all that tells of a passage is changed together.
var records = []struct{ find, change string }{
	{`select id, reason from entries where reason <> '' and (post_id = @post or @opening and thread_id = @thread or thread_id in (select m.thread_id from moved_posts m where m.post_id = @post and m.number = 1))`, `update entries set reason = $2 where id = $1`},
	{`select id, reason from reports where reason <> '' and thread_id = @thread and (post_id = @post or @opening and post_id is null)`, `update reports set reason = $2 where id = $1`},
	{`select id, hidden_why as reason from posts where id = @post and hidden_why is not null`, `update posts set hidden_why = $2 where id = $1`},
	{`select id, hidden_why as reason from threads where @opening and id = @thread and hidden_why is not null`, `update threads set hidden_why = $2 where id = $1`},
}

// redactRecords takes the passage out of the records, and reports whether it stood
// there. It is the one change that the audit log allows.
func (d *Deed) redactRecords(ctx context.Context, p Post, _ Thread, draft RedactDraft) (found bool, err error) {
	type row struct {
		ID     int64
		Reason string
	}
	reasons := make([][]row, len(records))
	var reading, writing pgx.Batch
	for i, record := range records {
		reading.Queue(record.find, pgx.NamedArgs{"post": p.ID, "thread": p.ThreadID, "opening": p.Opening}).Query(Into(&reasons[i]))
	}
	if err := d.SendBatch(ctx, &reading).Close(); err != nil {
		return false, err
	}
	writing.Queue(`select set_config('moothall.redacting', 'on', true)`)
	for i, record := range records {
		for _, r := range reasons[i] {
			if reason, stood := draft.passage.Out(r.Reason, draft.removed("en")); stood {
				found = true
				writing.Queue(record.change, r.ID, reason)
			}
		}
	}
	writing.Queue(`select set_config('moothall.redacting', 'off', true)`)
	if !found {
		return false, nil
	}
	return true, d.SendBatch(ctx, &writing).Close()
}

// redactLesson takes the passage out of the facts of a lesson, from which the words of
// its opening post are made, and out of what they said before; it reports whether it
// stood there.
func (d *Deed) redactLesson(ctx context.Context, p Post, t Thread, draft RedactDraft) (found bool, err error) {
	if !ofFacts(t, p) {
		return false, nil
	}
	type row struct {
		Version     int // that made it something else; 0 of what it says now
		Field, Said string
	}
	rows, err := d.Query(ctx, `
		select 0 as version, f.field, f.said from lessons l
		cross join lateral (values ('wanted', l.wanted), ('did', l.did), ('happened', l.happened), ('differently', l.differently), ('advice', l.advice)) as f (field, said)
		where l.thread_id = $1
		union all select version, field, was from lesson_changes where thread_id = $1`, t.ID)
	if err != nil {
		return false, err
	}
	texts, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return false, err
	}
	var b pgx.Batch
	for _, r := range texts {
		said, stood := draft.passage.OutOfMarkdown(r.Said, draft.removed(p.Lang))
		if r.Field == "title" || r.Field == "advice" {
			said, stood = draft.passage.Out(r.Said, draft.removed(p.Lang))
		}
		switch {
		case !stood:
		case r.Version > 0:
			b.Queue(`update lesson_changes set was = $4 where thread_id = $1 and version = $2 and field = $3`, t.ID, r.Version, r.Field, said)
		default:
			b.Queue(redactedFacts[r.Field], t.ID, said)
		}
		found = found || stood
	}
	return found, d.SendBatch(ctx, &b).Close()
}

// redactedFacts write a fact without the passage, within the bounds that it has.
var redactedFacts = map[string]string{
	"wanted":      `update lessons set wanted = left($2, 5000) where thread_id = $1`,
	"did":         `update lessons set did = left($2, 5000) where thread_id = $1`,
	"happened":    `update lessons set happened = left($2, 5000) where thread_id = $1`,
	"differently": `update lessons set differently = left($2, 5000) where thread_id = $1`,
	"advice":      `update lessons set advice = left($2, 200) where thread_id = $1`,
}
