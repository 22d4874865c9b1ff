package curation

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Highlight puts a thread or a post before everybody, with why it matters, and tells its
// author. What is not for everybody, or waits, or was removed, cannot be. What needs a
// second curator waits for one, and is ErrSecond.
func (s *Store) Highlight(ctx context.Context, who forum.Person, draft HighlightDraft) (id int64, err error) {
	draft.Clean()
	err = s.DoOnce(ctx, who, &id, func(d *forum.Deed) error {
		if !forum.CanTend(who) {
			return forum.ErrForbidden
		}
		id, _, err = highlight(ctx, d, draft, by{Curator: who.ID})
		return err
	})
	return id, orWaits(id == 0, err)
}

// by is who highlights, and whether another curator has agreed.
type by struct {
	Curator int64
	Agreed  bool
}

// highlight is the part of a deed that highlights; without a number it waits for a second
// curator.
func highlight(ctx context.Context, d *forum.Deed, draft HighlightDraft, by by) (id, entry int64, err error) {
	bad := draft.check()
	if err := inOrder(ctx, d); err != nil {
		return 0, 0, err
	}
	t, post, author, err := subject(ctx, d, draft)
	if err != nil {
		return 0, 0, err
	}
	if bad != nil {
		return 0, 0, bad
	}
	if !by.Agreed {
		need, err := needs(ctx, d, draft.looksAt(t.ID, post, d.At))
		if err != nil {
			return 0, 0, err
		}
		if need.Any() {
			return 0, 0, propose(ctx, d, proposal{Deed: secondHighlight, ThreadID: t.ID, PostID: post, Draft: draft, Title: draft.Title, Needs: need}, "target")
		}
	}
	entry, err = d.Record(ctx, forum.Entry{Deed: forum.Highlighted, PersonID: author, ThreadID: t.ID, PostID: post, Reason: draft.Title})
	if err != nil {
		return 0, 0, err
	}
	args := draft.args()
	args["thread"], args["post"], args["who"], args["at"], args["entry"] = t.ID, post, by.Curator, d.At, entry
	err = d.QueryRow(ctx, `
		insert into highlights (thread_id, post_id, title, note, lang, image, grade, principle_id, from_on, until_on, place, curator_id, made_at, changed_at, made_by)
		values (@thread, nullif(@post, 0), @title, @note, @lang, @image, @grade, (select id from topics where slug = @principle and facet = 'principle'),
			@from, @until, (select coalesce(min(place), 0) - 1 from highlights), @who, @at, @at, @entry) returning id`, args).Scan(&id)
	if err != nil {
		return 0, 0, err
	}
	return id, entry, d.Tell(ctx, forum.Event{Kind: forum.WasHighlighted, PersonID: author, ThreadID: t.ID, PostID: post})
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
	var p forum.Post
	switch {
	case post != 0:
		p, t, err = d.Post(ctx, post)
		author = p.AuthorID
	case thread != 0:
		t, err = d.Thread(ctx, thread)
		author = t.AuthorID
	default:
		bad.Add("target", "highlights.target_choose")
		return t, 0, 0, bad
	}
	if p.Opening {
		post = 0 // which is the thread as a whole
	}
	switch {
	case errors.Is(err, forum.ErrNotFound), errors.Is(err, forum.ErrGone), err == nil && (p.Held || p.Hidden || t.Held || t.Hidden || t.Visibility != "public"):
		bad.Add("target", "highlights.not_for_all")
		return t, 0, 0, bad
	case err != nil:
		return t, 0, 0, err
	}
	return t, post, author, already(ctx, d, t.ID, post)
}

// already is Invalid where the same is highlighted, or will be, or whoever wrote it took
// that down, wherever it stood then: what they do not want is not shown, whoever asks.
func already(ctx context.Context, d *forum.Deed, thread, post int64) error {
	var there, unwanted bool
	err := d.QueryRow(ctx, `
		select coalesce(bool_or(h.ended_at is null and h.until_on >= `+today+` and h.thread_id = @thread), false), coalesce(bool_or(`+objected+`), false)
		from highlights h join threads m on m.id = h.thread_id left join posts p on p.id = h.post_id
		join people a on a.id = coalesce(p.author_id, m.author_id)
		where h.thread_id = @thread and coalesce(h.post_id, 0) = @post or h.post_id = nullif(@post::bigint, 0)
			or h.post_id is null and h.thread_id in (select x.thread_id from moved_posts x where x.post_id = @post and x.number = 1)`,
		pgx.NamedArgs{"thread": thread, "post": post, "now": d.At}).Scan(&there, &unwanted)
	var bad forum.Invalid
	switch {
	case err != nil:
		return err
	case there:
		bad.Add("target", "highlights.already")
	case unwanted:
		bad.Add("target", "highlights.unwanted")
	default:
		return nil
	}
	return bad
}

// inOrder lets one deed at a time change which highlights there are, and in what order
// they stand.
func inOrder(ctx context.Context, d *forum.Deed) error {
	_, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('highlights', 0))`)
	return err
}

// changeHighlight opens a deed on a highlight as a curator, who alone may change one.
func (s *Store) changeHighlight(ctx context.Context, who forum.Person, id int64, fn func(*forum.Deed, lockedHighlight) error) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !forum.CanTend(who) {
			return forum.ErrForbidden
		}
		h, err := lockHighlight(ctx, d, id)
		if err != nil {
			return err
		}
		return fn(d, h)
	})
}

// lockedHighlight is a row that a deed has locked.
type lockedHighlight struct {
	ID       int64
	ThreadID int64
	PostID   int64
	AuthorID int64 // of what it is of
	Ended    bool
	Version  int
}

// lockHighlight reads and locks a highlight, and with it the order in which they stand: ErrNotFound
// if there is none.
func lockHighlight(ctx context.Context, d *forum.Deed, id int64) (h lockedHighlight, err error) {
	if err := inOrder(ctx, d); err != nil {
		return lockedHighlight{}, err
	}
	rows, err := d.Query(ctx, `
		select h.id, h.thread_id, coalesce(h.post_id, 0) as post_id, coalesce(p.author_id, t.author_id) as author_id, h.ended_at is not null as ended, h.version
		from highlights h join threads t on t.id = h.thread_id left join posts p on p.id = h.post_id where h.id = $1 for update of h`, id)
	if err != nil {
		return lockedHighlight{}, err
	}
	return h, forum.IntoOne(&h)(rows)
}

// ChangeHighlight writes anew what is said of a highlight and how long it stays; what it
// shows stays the same. Where somebody else has changed it since the form was made it is
// ErrConflict; what needs a second curator waits for one, and is ErrSecond.
func (s *Store) ChangeHighlight(ctx context.Context, who forum.Person, id int64, draft HighlightDraft) error {
	draft.Clean()
	return s.doOrAsk(ctx, who, func(d *forum.Deed) (entry int64, err error) {
		if !forum.CanTend(who) {
			return 0, forum.ErrForbidden
		}
		h, err := lockHighlight(ctx, d, id)
		if err != nil {
			return 0, err
		}
		return h.changeTo(ctx, d, draft, false)
	})
}

// changeTo is the part of a deed that changes a locked highlight; without an entry it waits
// for a second curator.
func (h lockedHighlight) changeTo(ctx context.Context, d *forum.Deed, draft HighlightDraft, agreed bool) (entry int64, err error) {
	bad := draft.check()
	switch {
	case draft.Version != h.Version:
		return 0, forum.ErrConflict
	case bad != nil:
		return 0, bad
	}
	if !agreed {
		need, err := needs(ctx, d, draft.looksAt(h.ThreadID, h.PostID, d.At))
		if err != nil {
			return 0, err
		}
		if need.Any() && !h.Ended {
			return 0, propose(ctx, d, proposal{Deed: secondChange, ThreadID: h.ThreadID, PostID: h.PostID, HighlightID: h.ID, Draft: draft, Title: draft.Title, Needs: need}, "title")
		}
	}
	entry, err = d.Record(ctx, forum.Entry{Deed: forum.ChangedHighlight, PersonID: h.AuthorID, ThreadID: h.ThreadID, PostID: h.PostID, Reason: draft.Title})
	if err != nil {
		return 0, err
	}
	args := draft.args()
	args["id"], args["at"], args["entry"] = h.ID, d.At, entry
	var b pgx.Batch
	b.Queue(`
		insert into highlight_changes (entry_id, highlight_id, version, title, note, lang, image, grade, principle_id, from_on, until_on)
		select @entry, id, version + 1, title, note, lang, image, grade, principle_id, from_on, until_on from highlights where id = @id`, args)
	b.Queue(`
		update highlights set title = @title, note = @note, lang = @lang, image = @image, grade = @grade, from_on = @from, until_on = @until,
			principle_id = (select id from topics where slug = @principle and facet = 'principle'), changed_at = @at, version = version + 1 where id = @id`, args)
	return entry, d.SendBatch(ctx, &b).Close()
}

// MoveHighlight puts a highlight one place up or down among those that show, or to a
// place among them, counted from 1.
func (s *Store) MoveHighlight(ctx context.Context, who forum.Person, id int64, to string) error {
	return s.changeHighlight(ctx, who, id, func(d *forum.Deed, h lockedHighlight) error {
		type row struct{ ID, Place int64 }
		rows, err := d.Query(ctx, `select h.id, h.place from `+highlightTables+` where `+live+` and `+highlightShows+` order by h.place`,
			who.Rights(pgx.NamedArgs{"now": d.At}))
		if err != nil {
			return err
		}
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
		if err != nil {
			return err
		}
		var ids, places []int64
		for _, r := range list {
			ids, places = append(ids, r.ID), append(places, r.Place)
		}
		at := slices.Index(ids, h.ID)
		then, bad := placeOf(to, at, len(ids))
		if bad != nil {
			return bad
		}
		if at < 0 || then == at {
			return nil // it shows no more, or stands there
		}
		ids = slices.Insert(slices.Delete(ids, at, at+1), then, h.ID)
		if _, err = d.Exec(ctx, `update highlights h set place = n.place from unnest($1::bigint[], $2::bigint[]) n (id, place) where h.id = n.id`, ids, places); err != nil {
			return err
		}
		_, err = d.Record(ctx, forum.Entry{Deed: forum.OrderedHighlight, PersonID: h.AuthorID, ThreadID: h.ThreadID, PostID: h.PostID})
		return err
	})
}

// placeOf reads where among n something goes that stands at a place, all counted from 0:
// no further than to an end.
func placeOf(to string, at, n int) (int, forum.Invalid) {
	switch to {
	case "up":
		return max(at-1, 0), nil
	case "down":
		return min(at+1, n-1), nil
	}
	place, err := strconv.Atoi(to)
	if err != nil || place < 1 {
		var bad forum.Invalid
		bad.Add("to", "highlights.to_choose")
		return 0, bad
	}
	return min(place, n) - 1, nil
}

// EndHighlight takes a highlight down before its time; its own page stays. So may whoever
// wrote what it is of, who need not say why: then nothing says any more that it was. The
// same again changes nothing.
func (s *Store) EndHighlight(ctx context.Context, who forum.Person, id int64, reason string) error {
	reason = forum.CleanReason(reason)
	return s.Do(ctx, who, func(d *forum.Deed) error {
		h, err := lockHighlight(ctx, d, id)
		switch {
		case err != nil:
			return err
		case !canEnd(who, h):
			return notTheirs(ctx, d, h.ID)
		case h.Ended:
			return nil
		}
		if bad := checkReason(reason); bad != nil {
			return bad
		}
		entry, err := d.Record(ctx, forum.Entry{Deed: forum.EndedHighlight, PersonID: h.AuthorID, ThreadID: h.ThreadID, PostID: h.PostID, Reason: reason})
		if err != nil {
			return err
		}
		return h.end(ctx, d, entry)
	})
}

// canEnd reports whether a person may take a highlight down.
func canEnd(who forum.Person, h lockedHighlight) bool {
	return forum.CanTend(who) || who.SignedIn() && who.ID == h.AuthorID
}

// notTheirs is ErrForbidden of a highlight that the doer may see, else ErrNotFound.
func notTheirs(ctx context.Context, d *forum.Deed, id int64) error {
	var seen bool
	err := d.QueryRow(ctx, `select exists (select from `+highlightTables+` where h.id = @id and `+highlightShows+` and `+begun+` and not `+objected+`)`,
		d.Who.Rights(pgx.NamedArgs{"id": id, "now": d.At})).Scan(&seen)
	switch {
	case err != nil:
		return err
	case !seen:
		return forum.ErrNotFound
	}
	return forum.ErrForbidden
}

func (h lockedHighlight) end(ctx context.Context, d *forum.Deed, entry int64) error {
	_, err := d.Exec(ctx, `update highlights set ended_at = $2, ended_by = $3 where id = $1`, h.ID, d.At, entry)
	return err
}
