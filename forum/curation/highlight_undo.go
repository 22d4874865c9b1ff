package curation

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// lockUndone finds the one highlight that a condition on an entry tells of: ErrConflict where
// it is not so any more, for somebody else was there first.
func lockUndone(ctx context.Context, d *forum.Deed, e forum.Entry, condition string) (h lockedHighlight, err error) {
	var id int64
	err = d.QueryRow(ctx, `select h.id from highlights h where `+condition, pgx.NamedArgs{"entry": e.Undoes}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return lockedHighlight{}, forum.ErrConflict
	}
	if err != nil {
		return lockedHighlight{}, err
	}
	return lockHighlight(ctx, d, id)
}

// unhighlight takes down what an entry tells was put up.
func unhighlight(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	h, err := lockUndone(ctx, d, e, `h.made_by = @entry`)
	switch {
	case err != nil:
		return err
	case h.Ended:
		return forum.ErrConflict
	}
	e.Deed = forum.EndedHighlight
	entry, err := d.Record(ctx, e)
	if err != nil {
		return err
	}
	return h.end(ctx, d, entry)
}

// rehighlight puts up again what an entry tells was taken down, unless whoever wrote it
// did so: what they do not want is not shown.
func rehighlight(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	h, err := lockUndone(ctx, d, e, `h.ended_by = @entry and not exists (
		select from entries x join threads t on t.id = h.thread_id left join posts p on p.id = h.post_id
		where x.id = h.ended_by and x.doer_id = coalesce(p.author_id, t.author_id) and x.doer_id <> h.curator_id)`)
	if err != nil {
		return err
	}
	if err := already(ctx, d, h.ThreadID, h.PostID); errors.As(err, new(forum.Invalid)) {
		return forum.ErrConflict
	} else if err != nil {
		return err
	}
	if err := alone(ctx, d, h, `select title, note from highlights where id = @id`, e.Undoes); err != nil {
		return err
	}
	e.Deed = forum.Highlighted
	if _, err := d.Record(ctx, e); err != nil {
		return err
	}
	_, err = d.Exec(ctx, `update highlights set ended_at = null, ended_by = null where id = $1`, h.ID)
	return err
}

// unchangeHighlight gives a highlight back what it said before a change: ErrConflict if it has been
// changed again since.
func unchangeHighlight(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	h, err := lockUndone(ctx, d, e, `exists (select from highlight_changes c where c.entry_id = @entry and c.highlight_id = h.id and c.version = h.version)`)
	if err != nil {
		return err
	}
	if err := alone(ctx, d, h, `select title, note from highlight_changes where highlight_id = @id and entry_id = @entry`, e.Undoes); err != nil {
		return err
	}
	e.Deed = forum.ChangedHighlight
	if _, err := d.Record(ctx, e); err != nil {
		return err
	}
	_, err = d.Exec(ctx, `
		update highlights h set title = c.title, note = c.note, lang = c.lang, image = c.image, grade = c.grade, principle_id = c.principle_id,
			from_on = c.from_on, until_on = c.until_on, changed_at = $3, version = h.version + 1
		from highlight_changes c where h.id = $1 and c.entry_id = $2`, h.ID, e.Undoes, d.At)
	return err
}

// alone is ErrForbidden where a curator by themselves would show what needs a second one
// again, by undoing: they highlight it anew, and it waits.
func alone(ctx context.Context, d *forum.Deed, h lockedHighlight, said string, entry int64) error {
	var draft HighlightDraft
	if err := d.QueryRow(ctx, said, pgx.NamedArgs{"id": h.ID, "entry": entry}).Scan(&draft.Title, &draft.Note); err != nil {
		return err
	}
	need, err := needs(ctx, d, draft.looksAt(h.ThreadID, h.PostID, d.At))
	if err == nil && need.Any() {
		return &forum.Forbidden{Why: "forbidden.second"}
	}
	return err
}
