package curation

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// PutBanner tells something on every page, for a time. What needs a second curator waits
// for one, and is ErrSecond.
func (s *Store) PutBanner(ctx context.Context, who forum.Person, draft BannerDraft) (id int64, err error) {
	draft.Clean()
	err = s.DoOnce(ctx, who, &id, func(d *forum.Deed) error {
		if !forum.CanTend(who) {
			return forum.ErrForbidden
		}
		id, _, err = putBanner(ctx, d, draft, by{Curator: who.ID})
		return err
	})
	return id, orWaits(id == 0, err)
}

// putBanner is the part of a deed that puts a banner up; without a number it waits for a
// second curator.
func putBanner(ctx context.Context, d *forum.Deed, draft BannerDraft, by by) (id, entry int64, err error) {
	if bad := draft.check(d.At); bad != nil {
		return 0, 0, bad
	}
	if waits, err := draft.second(ctx, d, proposal{Deed: secondBanner}, by.Agreed); err != nil || waits {
		return 0, 0, err
	}
	if entry, err = d.Record(ctx, forum.Entry{Deed: forum.PutBanner, Reason: draft.Body}); err != nil {
		return 0, 0, err
	}
	args := with(draft.args(d, entry), "who", by.Curator)
	err = d.QueryRow(ctx, `
		insert into banners (kind, body, body_cy, from_at, until_at, curator_id, made_at, stands_at)
		values (@kind, @body, @body_cy, @from, @until, @who, @at, @entry) returning id`, args).Scan(&id)
	if err != nil {
		return 0, 0, err
	}
	_, err = d.Exec(ctx, `
		insert into banner_changes (entry_id, banner_id, kind, body, body_cy, from_at, until_at, ended_at)
		select @entry, id, kind, body, body_cy, from_at, until_at, @at from banners where id = @id`, with(args, "id", id))
	return id, entry, err
}

// second reports whether what a banner would say waits for a second curator, and then has
// it wait.
func (b BannerDraft) second(ctx context.Context, d *forum.Deed, p proposal, agreed bool) (waits bool, err error) {
	if agreed {
		return false, nil
	}
	if p.Needs, err = needs(ctx, d, b.looksAt(d.At)); err != nil || !p.Needs.Any() {
		return false, err
	}
	p.Draft, p.Title = b, b.Body
	return true, propose(ctx, d, p, "body")
}

// looksAt is what a banner says, and the days on which it does: it is on every page, and one
// that was put up on the eve of a period is there in it too.
func (b BannerDraft) looksAt(at time.Time) looked {
	of := looked{Words: []string{b.Body, b.BodyCy}}
	from, until := b.span()
	for day := forum.DayOf(from); day.Before(forum.DayOf(until)); day = day.AddDate(0, 0, 1) {
		if !day.Before(forum.DayOf(at)) {
			of.Days = append(of.Days, day)
		}
	}
	return of
}

// args are the arguments of the statements that write a draft.
func (b BannerDraft) args(d *forum.Deed, entry int64) pgx.NamedArgs {
	from, until := b.span()
	return pgx.NamedArgs{"kind": b.Kind, "body": b.Body, "body_cy": b.BodyCy, "from": from, "until": until, "who": d.Who.ID, "at": d.At, "entry": entry}
}

// with adds an argument.
func with(args pgx.NamedArgs, name string, value any) pgx.NamedArgs {
	args[name] = value
	return args
}

// writeBanner keeps what a banner was by the entry of a change, and changes it.
func writeBanner(ctx context.Context, d *forum.Deed, one lockedBanner, what string, args pgx.NamedArgs) error {
	args["id"] = one.ID
	var b pgx.Batch
	b.Queue(`
		insert into banner_changes (entry_id, banner_id, stood_at, kind, body, body_cy, from_at, until_at, ended_at)
		select @entry, id, stands_at, kind, body, body_cy, from_at, until_at, ended_at from banners where id = @id`, args)
	b.Queue(`update banners set `+what+`, version = version + 1, stands_at = @entry where id = @id`, args)
	return d.SendBatch(ctx, &b).Close()
}

// lockedBanner is a row that a deed has locked.
type lockedBanner struct {
	ID      int64
	Body    string
	Ended   bool
	Version int
}

// lockBanner reads and locks a banner: ErrForbidden for who is no curator, ErrNotFound where
// there is none.
func lockBanner(ctx context.Context, d *forum.Deed, id int64) (b lockedBanner, err error) {
	if !forum.CanTend(d.Who) {
		return b, forum.ErrForbidden
	}
	err = d.QueryRow(ctx, `select id, body, ended_at is not null or until_at <= $2, version from banners where id = $1 for update`, id, d.At).Scan(&b.ID, &b.Body, &b.Ended, &b.Version)
	if errors.Is(err, pgx.ErrNoRows) {
		return b, forum.ErrNotFound
	}
	return b, err
}

// ChangeBanner writes a banner anew; one that was taken down shows again. Where somebody
// else has changed it since the form was made it is ErrConflict; what needs a second curator
// waits for one, and is ErrSecond.
func (s *Store) ChangeBanner(ctx context.Context, who forum.Person, id int64, draft BannerDraft) error {
	draft.Clean()
	return s.doOrAsk(ctx, who, func(d *forum.Deed) (entry int64, err error) {
		b, err := lockBanner(ctx, d, id)
		if err != nil {
			return 0, err
		}
		return b.changeTo(ctx, d, draft, false)
	})
}

// changeTo is the part of a deed that changes a locked banner; without an entry it waits for
// a second curator.
func (b lockedBanner) changeTo(ctx context.Context, d *forum.Deed, draft BannerDraft, agreed bool) (entry int64, err error) {
	if draft.Version != b.Version {
		return 0, forum.ErrConflict
	}
	if bad := draft.check(d.At); bad != nil {
		return 0, bad
	}
	if waits, err := draft.second(ctx, d, proposal{Deed: secondReword, BannerID: b.ID}, agreed); err != nil || waits {
		return 0, err
	}
	if entry, err = d.Record(ctx, forum.Entry{Deed: forum.ChangedBanner, Reason: draft.Body}); err != nil {
		return 0, err
	}
	return entry, writeBanner(ctx, d, b, `kind = @kind, body = @body, body_cy = @body_cy, from_at = @from, until_at = @until, ended_at = null`, draft.args(d, entry))
}

// carryBanner does what was asked of a banner.
func (s lockedSecond) carryBanner(ctx context.Context, d *forum.Deed) (entry int64, err error) {
	var draft BannerDraft
	if err := json.Unmarshal(s.Draft, &draft); err != nil {
		return 0, err
	}
	if s.Deed == secondBanner {
		id, entry, err := putBanner(ctx, d, draft, by{Curator: s.CuratorID, Agreed: true})
		if err == nil { // from now on this is about it
			_, err = d.Exec(ctx, `update seconds set banner_id = $1 where id = $2`, id, s.ID)
		}
		return entry, err
	}
	b, err := lockBanner(ctx, d, s.BannerID)
	if err != nil {
		return 0, err
	}
	return b.changeTo(ctx, d, draft, true)
}

// EndBanner takes a banner down before its time. The same again changes nothing.
func (s *Store) EndBanner(ctx context.Context, who forum.Person, id int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		b, err := lockBanner(ctx, d, id)
		if err != nil || b.Ended {
			return err
		}
		entry, err := d.Record(ctx, forum.Entry{Deed: forum.EndedBanner, Reason: b.Body})
		if err != nil {
			return err
		}
		return writeBanner(ctx, d, b, `ended_at = @at`, pgx.NamedArgs{"at": d.At, "entry": entry})
	})
}

// unbanner gives a banner back what it was before the change that an entry tells of:
// ErrConflict if it has been changed since, which is undone first; ErrForbidden where that
// needs a second curator.
func unbanner(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	e.Deed = forum.UndidBanner
	if _, err := d.Record(ctx, e); err != nil {
		return err
	}
	var was Banner
	err := d.QueryRow(ctx, `
		update banners b set kind = c.kind, body = c.body, body_cy = c.body_cy, from_at = c.from_at, until_at = c.until_at, ended_at = c.ended_at,
			stands_at = c.stood_at, version = b.version + 1
		from banner_changes c where c.entry_id = $1 and b.id = c.banner_id and b.stands_at = c.entry_id
		returning b.body, b.body_cy, b.from_at, b.until_at, b.ended_at`, e.Undoes).Scan(&was.Body, &was.BodyCy, &was.FromAt, &was.UntilAt, &was.EndedAt)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return forum.ErrConflict
	case err != nil:
		return err
	case was.EndedAt != nil || !was.UntilAt.After(d.At):
		return nil // it shows no more
	}
	need, err := needs(ctx, d, was.draft().looksAt(d.At))
	if err == nil && need.Any() {
		return &forum.Forbidden{Why: "forbidden.second"}
	}
	return err
}
