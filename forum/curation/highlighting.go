package curation

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"moothall/forum"
)

// Highlight puts a thread or a post before everybody, with why it matters, and tells its
// author. What is not for everybody, or waits, or was removed, cannot be.
func (s *Store) Highlight(ctx context.Context, who forum.Person, draft HighlightDraft) (id int64, err error) {
	draft.Clean()
	bad := draft.check()
	err = s.DoOnce(ctx, who, &id, func(d *forum.Deed) error {
		if !forum.CanTend(who) {
			return forum.ErrForbidden
		}
		t, post, author, err := subject(ctx, d, draft)
		if err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		entry, err := d.Record(ctx, forum.Entry{Deed: forum.Highlighted, PersonID: author, ThreadID: t.ID, PostID: post, Reason: draft.Title})
		if err != nil {
			return err
		}
		args := draft.args()
		args["thread"], args["post"], args["who"], args["at"], args["entry"] = t.ID, post, who.ID, d.At, entry
		err = d.QueryRow(ctx, `
			insert into highlights (thread_id, post_id, title, note, lang, image, grade, principle_id, from_on, until_on, place, curator_id, made_at, made_by)
			values (@thread, nullif(@post, 0), @title, @note, @lang, @image, @grade, (select id from topics where slug = @principle and facet = 'principle'),
				@from, @until, (select coalesce(min(place), 0) - 1 from highlights), @who, @at, @entry) returning id`, args).Scan(&id)
		if err != nil {
			return err
		}
		return d.Tell(ctx, forum.Event{Kind: forum.WasHighlighted, PersonID: author, ThreadID: t.ID, PostID: post})
	})
	return id, err
}

// args are the arguments of the statements that write a draft.
func (h HighlightDraft) args() pgx.NamedArgs {
	return pgx.NamedArgs{"title": h.Title, "note": h.Note, "lang": h.Lang, "image": h.Image, "grade": h.Grade, "principle": h.Principle, "from": h.From, "until": h.Until}
}

// subject finds what is to be highlighted, and whose it is; Invalid where it is not for
// everybody to read.
func subject(ctx context.Context, d *forum.Deed, draft HighlightDraft) (t forum.Thread, post, author int64, err error) {
	thread, post := draft.target()
	var bad forum.Invalid
	switch {
	case post != 0:
		var p forum.Post
		if p, t, err = d.Post(ctx, post); err != nil {
			return t, 0, 0, err
		}
		if author = p.AuthorID; p.Held || p.Hidden {
			bad.Add("target", "highlights.not_for_all")
			return t, 0, 0, bad
		}
		if p.Opening {
			post = 0 // which is the thread as a whole
		}
	case thread != 0:
		if t, err = d.Thread(ctx, thread); err != nil {
			return t, 0, 0, err
		}
		author = t.AuthorID
	default:
		bad.Add("target", "highlights.target_choose")
		return t, 0, 0, bad
	}
	if t.Held || t.Hidden || t.Visibility != "public" {
		bad.Add("target", "highlights.not_for_all")
		return t, 0, 0, bad
	}
	return t, post, author, nil
}

// change opens a deed on a highlight as a curator, who alone may change one.
func (s *Store) change(ctx context.Context, who forum.Person, id int64, fn func(*forum.Deed, highlighted) error) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !forum.CanTend(who) {
			return forum.ErrForbidden
		}
		h, err := lock(ctx, d, id)
		if err != nil {
			return err
		}
		return fn(d, h)
	})
}

// highlighted is a row that a deed has locked.
type highlighted struct {
	ID       int64
	ThreadID int64
	PostID   int64
	Ended    bool
	Place    int64
}

// lock reads and locks a highlight, and with it the order in which they stand: ErrNotFound
// if there is none.
func lock(ctx context.Context, d *forum.Deed, id int64) (h highlighted, err error) {
	if _, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtext('highlights'))`); err != nil {
		return highlighted{}, err
	}
	rows, err := d.Query(ctx, `
		select id, thread_id, coalesce(post_id, 0) as post_id, ended_at is not null as ended, place from highlights where id = $1 for update`, id)
	if err != nil {
		return highlighted{}, err
	}
	return h, forum.IntoOne(&h)(rows)
}

// ChangeHighlight writes anew what is said of a highlight and how long it stays; what it
// shows stays the same.
func (s *Store) ChangeHighlight(ctx context.Context, who forum.Person, id int64, draft HighlightDraft) error {
	draft.Clean()
	bad := draft.check()
	return s.change(ctx, who, id, func(d *forum.Deed, h highlighted) error {
		if bad != nil {
			return bad
		}
		args := draft.args()
		args["id"] = h.ID
		_, err := d.Exec(ctx, `
			update highlights set title = @title, note = @note, lang = @lang, image = @image, grade = @grade, from_on = @from, until_on = @until,
				principle_id = (select id from topics where slug = @principle and facet = 'principle') where id = @id`, args)
		if err != nil {
			return err
		}
		_, err = d.Record(ctx, forum.Entry{Deed: forum.ChangedHighlight, ThreadID: h.ThreadID, PostID: h.PostID, Reason: draft.Title})
		return err
	})
}

// MoveHighlight puts a highlight one place up or down among those that show.
func (s *Store) MoveHighlight(ctx context.Context, who forum.Person, id int64, to string) error {
	return s.change(ctx, who, id, func(d *forum.Deed, h highlighted) error {
		beside := `(select id, place from highlights where ended_at is null and until_on >= ` + today + ` and place < @place order by place desc limit 1)`
		if to == "down" {
			beside = `(select id, place from highlights where ended_at is null and until_on >= ` + today + ` and place > @place order by place limit 1)`
		}
		_, err := d.Exec(ctx, `
			with beside as materialized `+beside+`
			update highlights h set place = case when h.id = @id then (select place from beside) else @place end
			where exists (select from beside) and h.id in (@id, (select id from beside))`,
			pgx.NamedArgs{"id": h.ID, "place": h.Place, "now": d.At})
		return err
	})
}

// EndHighlight takes a highlight down before its time; its own page stays. The same again
// changes nothing.
func (s *Store) EndHighlight(ctx context.Context, who forum.Person, id int64, reason string) error {
	reason = forum.CleanReason(reason)
	return s.change(ctx, who, id, func(d *forum.Deed, h highlighted) error {
		if h.Ended {
			return nil
		}
		if bad := checkReason(reason); bad != nil {
			return bad
		}
		entry, err := d.Record(ctx, forum.Entry{Deed: forum.EndedHighlight, ThreadID: h.ThreadID, PostID: h.PostID, Reason: reason})
		if err != nil {
			return err
		}
		_, err = d.Exec(ctx, `update highlights set ended_at = $2, ended_by = $3 where id = $1`, h.ID, d.At, entry)
		return err
	})
}

// unhighlight takes down what an entry tells was put up.
func unhighlight(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	return one(d.Exec(ctx, `update highlights set ended_at = $2 where made_by = $1 and ended_at is null`, e.Undoes, d.At))
}

// rehighlight puts up again what an entry tells was taken down.
func rehighlight(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	return one(d.Exec(ctx, `update highlights set ended_at = null, ended_by = null where ended_by = $1`, e.Undoes))
}

// one is ErrConflict where a statement found nothing to change: somebody else was there
// first.
func one(tag pgconn.CommandTag, err error) error {
	if err == nil && tag.RowsAffected() == 0 {
		return forum.ErrConflict
	}
	return err
}
