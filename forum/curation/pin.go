package curation

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// PinDraft is what was chosen to put a thread before all others of a topic.
type PinDraft struct {
	Topic  string    // the slug of one that the thread is under
	Until  time.Time // zero: it is pinned there no more
	Typed  string    // the last day as it was typed
	Reason string
}

// How many threads may stand before the others of a topic at once, and how long.
const (
	pinsMost = 3
	pinYears = 1
)

// Pin puts a thread before all others of a topic until a day, or, with no day, takes it
// from there. The same again changes nothing.
func (s *Store) Pin(ctx context.Context, who forum.Person, threadID int64, draft PinDraft) error {
	draft.Reason = forum.CleanReason(draft.Reason)
	return s.tend(ctx, who, threadID, func(d *forum.Deed, t forum.Thread) error {
		var topic, others int64
		var now *time.Time // until when it is pinned there already
		err := d.QueryRow(ctx, `
			select o.id, (select count(*) from pins p join threads t on t.id = p.thread_id join thread_topics k on k.thread_id = t.id and k.topic_id = p.topic_id
					where p.topic_id = o.id and p.thread_id <> @thread and p.ended_at is null and p.until > @at and `+forum.Listed+`),
				(select p.until from pins p where p.topic_id = o.id and p.thread_id = @thread and p.ended_at is null and p.until > @at)
			from topics o join thread_topics tt on tt.topic_id = o.id and tt.thread_id = @thread where o.slug = @topic
			for update of o`, who.Rights(pgx.NamedArgs{"thread": t.ID, "topic": draft.Topic, "at": d.At})).Scan(&topic, &others, &now) // of two at once the second counts the first
		if errors.Is(err, pgx.ErrNoRows) {
			return forum.Invalid{{Field: "topic", Key: "pin.topic_choose"}}
		}
		if err != nil {
			return err
		}
		if bad := draft.check(d.At, t, others); bad != nil {
			return bad
		}
		switch {
		case now == nil && draft.Until.IsZero(), now != nil && now.Equal(draft.Until):
			return nil
		case draft.Until.IsZero():
			return unpinned(ctx, d, t, topic, draft)
		}
		return pinned(ctx, d, t, topic, draft)
	})
}

// check says what keeps a thread from being pinned.
func (p PinDraft) check(at time.Time, t forum.Thread, others int64) (bad forum.Invalid) {
	switch {
	case p.Typed != "" && p.Until.IsZero(), !p.Until.IsZero() && !p.Until.After(at), p.Until.After(at.AddDate(pinYears, 0, 1)):
		bad.Add("until", "pin.until_choose")
	case p.Until.IsZero():
	case t.Held || t.Hidden:
		bad.Add("topic", "pin.not_shown")
	case others >= pinsMost:
		bad.Add("topic", "pin.full", "Max", pinsMost)
	}
	return append(bad, checkReason(p.Reason)...)
}

// pinned writes that a thread stands before the others of a topic, and tells its author.
func pinned(ctx context.Context, d *forum.Deed, t forum.Thread, topic int64, draft PinDraft) error {
	entry, err := record(ctx, d, forum.Entry{Deed: forum.PinnedThread, PersonID: t.AuthorID, ThreadID: t.ID, Reason: draft.Reason},
		tending{ThreadID: t.ID, After: t.PostCount, TopicsAfter: []string{draft.Topic}})
	if err != nil {
		return err
	}
	_, err = d.Exec(ctx, `update pins set ended_at = @at where topic_id = @topic and thread_id = @thread and ended_at is null`,
		pgx.NamedArgs{"topic": topic, "thread": t.ID, "at": d.At})
	if err != nil {
		return err
	}
	_, err = d.Exec(ctx, `
		insert into pins (thread_id, topic_id, curator_id, pinned_at, until, entry_id) values (@thread, @topic, @who, @at, @until, @entry)`,
		pgx.NamedArgs{"thread": t.ID, "topic": topic, "who": d.Who.ID, "at": d.At, "until": draft.Until, "entry": entry})
	if err != nil {
		return err
	}
	return d.Tell(ctx, forum.Event{Kind: forum.ThreadPinned, ThreadID: t.ID})
}

// unpinned writes that a thread stands among the others of a topic again.
func unpinned(ctx context.Context, d *forum.Deed, t forum.Thread, topic int64, draft PinDraft) error {
	_, err := record(ctx, d, forum.Entry{Deed: forum.UnpinnedThread, PersonID: t.AuthorID, ThreadID: t.ID, Reason: draft.Reason},
		tending{ThreadID: t.ID, After: t.PostCount, TopicsBefore: []string{draft.Topic}})
	if err != nil {
		return err
	}
	_, err = d.Exec(ctx, `update pins set ended_at = $3 where topic_id = $1 and thread_id = $2 and ended_at is null`, topic, t.ID, d.At)
	return err
}

// unpin undoes that a thread was pinned: ErrConflict if it is pinned no more, or otherwise.
// Of a thread that has gone since, nothing stands first: its pin is taken out all the same.
func unpin(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	if _, err := d.Thread(ctx, e.ThreadID); err != nil && !errors.Is(err, forum.ErrGone) && !errors.Is(err, forum.ErrConflict) {
		return err
	}
	tag, err := d.Exec(ctx, `update pins set ended_at = $2 where entry_id = $1 and ended_at is null and until > $2`, e.Undoes, d.At)
	switch {
	case err != nil:
		return err
	case tag.RowsAffected() == 0:
		return forum.ErrConflict
	}
	_, err = undid(ctx, d, e)
	return err
}
