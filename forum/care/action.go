package care

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"moothall/forum"
)

// Hide hides a thread from all but its author and the team, or shows it again.
// What was reported of it is thereby decided.
func (s *Store) Hide(ctx context.Context, who forum.Person, threadID int64, on bool, reason string) error {
	reason = forum.CleanReason(reason)
	return s.Do(ctx, who, func(d *forum.Deed) error {
		t, err := d.Thread(ctx, threadID)
		if err != nil {
			return err
		}
		if !forum.CanHide(who) {
			return forum.ErrForbidden
		}
		if bad := forum.CheckReason(reason); bad != nil {
			return bad
		}
		if err := d.SetHidden(ctx, t, on, forum.Entry{Reason: reason}); err != nil || !on {
			return err
		}
		return decide(ctx, d, t.ID, 0, "hidden")
	})
}

// HidePost hides a post, or shows it again; others see that it was removed, under
// its number. The opening post takes its thread with it: a title tells too much.
func (s *Store) HidePost(ctx context.Context, who forum.Person, postID int64, on bool, reason string) error {
	reason = forum.CleanReason(reason)
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, t, err := d.Post(ctx, postID)
		if err != nil {
			return err
		}
		if !forum.CanHide(who) {
			return forum.ErrForbidden
		}
		if bad := forum.CheckReason(reason); bad != nil {
			return bad
		}
		if p.Opening {
			err = d.SetHidden(ctx, t, on, forum.Entry{Reason: reason})
		} else {
			err = d.SetPostHidden(ctx, p, on, forum.Entry{Reason: reason})
		}
		if err != nil || !on {
			return err
		}
		return decide(ctx, d, p.ThreadID, p.ID, "hidden")
	})
}

// Suspend keeps a person from doing anything, and from what is for councils only,
// until a day. A later suspension replaces an earlier one.
func (s *Store) Suspend(ctx context.Context, who forum.Person, personID int64, until time.Time, reason string) error {
	reason = forum.CleanReason(reason)
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := d.Person(ctx, personID)
		if err != nil {
			return err
		}
		if !forum.CanSeePerson(who, p) {
			return forum.ErrNotFound
		}
		if !forum.CanSuspend(who, p) {
			return forum.ErrForbidden
		}
		var bad forum.Invalid
		if !until.After(d.At) {
			bad.Add("until", "suspend.until_future")
		}
		if bad = append(bad, forum.CheckReason(reason)...); bad != nil {
			return bad
		}
		_, err = d.Exec(ctx, `update people set suspended_at = $2, suspended_until = $3, suspended_why = $4 where id = $1`,
			personID, d.At, until, reason)
		if err != nil {
			return err
		}
		_, err = d.Record(ctx, forum.Entry{Deed: forum.Suspended, PersonID: personID, Reason: reason})
		return err
	})
}

// undoings says which deeds of this subject can be undone, by whom, and how.
var undoings = map[forum.DeedName]forum.Undoing{
	forum.HidThread:    {May: mayHide, Undo: func(ctx context.Context, d *forum.Deed, e forum.Entry) error { return setHidden(ctx, d, e, false) }},
	forum.ShowedThread: {May: mayHide, Undo: func(ctx context.Context, d *forum.Deed, e forum.Entry) error { return setHidden(ctx, d, e, true) }},
	forum.HidPost:      {May: mayHide, Undo: func(ctx context.Context, d *forum.Deed, e forum.Entry) error { return setPostHidden(ctx, d, e, false) }},
	forum.ShowedPost:   {May: mayHide, Undo: func(ctx context.Context, d *forum.Deed, e forum.Entry) error { return setPostHidden(ctx, d, e, true) }},
	forum.Closed:       {May: mayClose, Undo: func(ctx context.Context, d *forum.Deed, e forum.Entry) error { return setClosed(ctx, d, e, false) }},
	forum.Reopened:     {May: mayClose, Undo: func(ctx context.Context, d *forum.Deed, e forum.Entry) error { return setClosed(ctx, d, e, true) }},
	forum.Suspended:    {May: mayHide, Undo: unsuspend},
	forum.TurnedAway:   {May: mayLetIn, Undo: unturn},
	forum.LetIn:        {May: mayLetIn, Undo: putBack},
	forum.Granted:      {May: mayGrant, Undo: takeRoleBack},
	forum.Revoked:      {May: mayGrant, Undo: giveRoleBack},
}

// Who may do it may undo it.
func mayHide(who forum.Person, _ forum.Entry) bool  { return forum.CanHide(who) }
func mayClose(who forum.Person, _ forum.Entry) bool { return forum.CanClose(who) }
func mayGrant(who forum.Person, _ forum.Entry) bool { return forum.CanGrant(who) }
func mayLetIn(who forum.Person, e forum.Entry) bool {
	return who.Is(forum.Curator) || who.LeadsCouncil(e.CouncilID)
}

// canUndo reports whether there is a way back from such an entry.
func (s *Store) canUndo(e forum.Entry) bool { return s.undoings[e.Deed].Undo != nil && e.Undoes == 0 }

// mayUndo reports whether a person may undo a deed. Of what has no way back moderators
// are told so.
func (s *Store) mayUndo(who forum.Person, e forum.Entry) bool {
	if way := s.undoings[e.Deed]; way.May != nil {
		return way.May(who, e)
	}
	return forum.CanHide(who)
}

// Undo takes a deed of power back, from its entry. A deed that was undone already
// is a success that changes nothing; one with no way back is ErrConflict.
func (s *Store) Undo(ctx context.Context, who forum.Person, entryID int64, reason string) error {
	reason = forum.CleanReason(reason)
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !who.Team() && len(who.Leads) == 0 {
			return forum.ErrNotFound
		}
		e, undone, err := entry(ctx, d, entryID)
		switch {
		case err != nil:
			return err
		case !s.mayUndo(who, e) && !who.Team():
			return forum.ErrNotFound // a lead sees of the record what is their council's
		case !s.mayUndo(who, e):
			return forum.ErrForbidden
		case undone:
			return nil
		case !s.canUndo(e):
			return forum.ErrConflict
		}
		if !s.undoings[e.Deed].Judges {
			if err := newest(ctx, d, e); err != nil {
				return err
			}
		}
		if e.Repeats = reason == ""; !e.Repeats {
			e.Reason = reason
		}
		e.Undoes = e.ID
		return s.undoings[e.Deed].Undo(ctx, d, e)
	})
}

// newest is nil if no later deed of the same kind was done to the same: what stands
// now would be that one's, which is undone from its own entry.
func newest(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	var later bool
	err := d.QueryRow(ctx, `
		select exists (
			select from entries l
			join entries e on l.deed = e.deed and l.person_id is not distinct from e.person_id and l.role_id is not distinct from e.role_id
				and l.thread_id is not distinct from e.thread_id and l.post_id is not distinct from e.post_id
			where e.id = $1 and l.id > e.id and not exists (select from entries u where u.undoes = l.id)
		)`, e.ID).Scan(&later)
	if err == nil && later {
		return forum.ErrConflict
	}
	return err
}

// entry reads a line of the audit log, and whether it has been undone.
func entry(ctx context.Context, d *forum.Deed, id int64) (e forum.Entry, undone bool, err error) {
	// Of two at once the second waits here and finds it undone.
	if _, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('entries', $1))`, id); err != nil {
		return forum.Entry{}, false, err
	}
	err = d.QueryRow(ctx, `
		select e.id, e.deed, coalesce(e.person_id, 0), coalesce(e.council_id, 0), coalesce(e.thread_id, 0), coalesce(e.post_id, 0),
			coalesce(e.role_id, 0), e.reason, coalesce(e.undoes, 0), exists (select from entries u where u.undoes = e.id)
		from entries e where e.id = $1`, id).
		Scan(&e.ID, &e.Deed, &e.PersonID, &e.CouncilID, &e.ThreadID, &e.PostID, &e.RoleID, &e.Reason, &e.Undoes, &undone)
	if errors.Is(err, pgx.ErrNoRows) {
		err = forum.ErrNotFound
	}
	return e, undone, err
}

// stillSo is nil if what an entry did still stands, and was just taken back:
// ErrConflict if something else has come in its place.
func stillSo(tag pgconn.CommandTag, err error) error {
	if err == nil && tag.RowsAffected() == 0 {
		return forum.ErrConflict
	}
	return err
}

func setHidden(ctx context.Context, d *forum.Deed, e forum.Entry, on bool) error {
	t, err := d.Thread(ctx, e.ThreadID)
	if err != nil {
		return err
	}
	return d.SetHidden(ctx, t, on, forum.Entry{Reason: e.Reason, Undoes: e.Undoes})
}

func setPostHidden(ctx context.Context, d *forum.Deed, e forum.Entry, on bool) error {
	p, _, err := d.Post(ctx, e.PostID)
	if err != nil {
		return err
	}
	return d.SetPostHidden(ctx, p, on, forum.Entry{Reason: e.Reason, Undoes: e.Undoes})
}

func setClosed(ctx context.Context, d *forum.Deed, e forum.Entry, on bool) error {
	t, err := d.Thread(ctx, e.ThreadID)
	if err != nil {
		return err
	}
	return d.SetClosed(ctx, t, on, forum.Entry{Reason: e.Reason, Undoes: e.Undoes})
}

func unsuspend(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	err := stillSo(d.Exec(ctx, `
		update people set suspended_at = null, suspended_until = null, suspended_why = null
		where id = $1 and suspended_at = (select at from entries where id = $2)`, e.PersonID, e.Undoes))
	if err != nil {
		return err
	}
	_, err = d.Record(ctx, forum.Entry{Deed: forum.Unsuspended, PersonID: e.PersonID, Reason: e.Reason, Undoes: e.Undoes})
	return err
}

func unturn(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	err := stillSo(d.Exec(ctx, `
		update people set turned_away_at = null, turned_away_why = null
		where id = $1 and turned_away_at = (select at from entries where id = $2)`, e.PersonID, e.Undoes))
	if err != nil {
		return err
	}
	_, err = d.Record(ctx, forum.Entry{Deed: forum.UnturnedAway, PersonID: e.PersonID, CouncilID: e.CouncilID, Reason: e.Reason, Undoes: e.Undoes})
	return err
}

// putBack makes somebody a newcomer again. What was published stays. Who is of the
// team is put back by an administrator alone.
func putBack(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	p, err := d.Person(ctx, e.PersonID)
	if err != nil {
		return err
	}
	if p.Team() && !forum.CanGrant(d.Who) {
		return forum.ErrForbidden
	}
	if last, err := d.IsLastAdministrator(ctx, p.ID); err != nil {
		return err
	} else if last {
		return &forum.Forbidden{Why: "forbidden.last_administrator"}
	}
	err = stillSo(d.Exec(ctx, `
		update people set standing = 'newcomer'
		where id = $1 and standing <> 'newcomer' and council_id is not distinct from nullif($2, 0)`, e.PersonID, e.CouncilID))
	if err != nil {
		return err
	}
	_, err = d.Record(ctx, forum.Entry{Deed: forum.PutBack, PersonID: e.PersonID, CouncilID: e.CouncilID, Reason: e.Reason, Undoes: e.Undoes})
	return err
}
