package forum

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	draftSavesMinute = 30               // of one person's drafts
	draftVersions    = 3                // that are kept of one draft, and of late texts beside it
	undoDiscard      = 10 * time.Minute // after a draft was thrown away
)

// draftPace locks the doer, whose drafts are saved one after another, and keeps
// them to so many saves.
func (d *Deed) draftPace(ctx context.Context, counted bool) error {
	err := d.lockPerson(ctx, d.Who.ID)
	if errors.Is(err, ErrNotFound) {
		return ErrForbidden
	}
	if err != nil || !counted || !d.store.limits {
		return err
	}
	var began time.Time
	var saves int
	err = d.QueryRow(ctx, `
		insert into draft_paces (person_id, began, saves) values (@who, @at, 1)
		on conflict (person_id) do update set
			began = case when draft_paces.began <= @minute then @at else draft_paces.began end,
			saves = case when draft_paces.began <= @minute then 1 else draft_paces.saves + 1 end
		returning began, saves`,
		pgx.NamedArgs{"who": d.Who.ID, "at": d.At, "minute": d.At.Add(-time.Minute)}).Scan(&began, &saves)
	if err == nil && saves > draftSavesMinute {
		return &TooMany{Until: began.Add(time.Minute)}
	}
	return err
}

// How long drafts are kept that nobody comes back to, and what they said before.
const draftLife, draftVersionLife = 180 * 24 * time.Hour, 30 * 24 * time.Hour

// SweepDrafts removes what is no longer kept of drafts, at most so many rows of each
// sort at a time, and reports how much went.
func (s *Store) SweepDrafts(ctx context.Context, most int) (gone int64, err error) {
	for more := true; more; {
		var n int64
		err := s.Do(ctx, Person{}, func(d *Deed) error {
			d.Unseen()
			n, more = 0, false
			for sweep, before := range map[string]time.Time{
				`delete from drafts where ctid in (select ctid from drafts where saved_at < $1 limit $2)`:                                 d.At.Add(-draftLife),
				`delete from draft_versions where ctid in (select ctid from draft_versions where at < $1 limit $2)`:                       d.At.Add(-draftVersionLife),
				`delete from draft_versions where ctid in (select ctid from draft_versions where why = 'discarded' and at < $1 limit $2)`: d.At.Add(-undoDiscard),
				`delete from draft_paces where ctid in (select ctid from draft_paces where began < $1 limit $2)`:                          d.At.Add(-time.Hour),
			} {
				tag, err := d.Exec(ctx, sweep, before, most)
				if err != nil {
					return err
				}
				n += tag.RowsAffected()
				more = more || tag.RowsAffected() == int64(most)
			}
			return nil
		})
		gone += n
		if err != nil {
			return gone, err
		}
	}
	return gone, nil
}

// setAside keeps a text beside the draft it belonged to: the last three of its
// sort, and one of each page that came too late.
func (d *Deed) setAside(ctx context.Context, t Typed, text Draft, why string) error {
	args := pgx.NamedArgs{"who": d.Who.ID, "kind": t.Kind, "target": t.Target, "version": text.Version, "fields": []byte(text.Fields),
		"saved": text.SavedAt, "page": text.Page, "why": why, "at": d.At, "most": draftVersions}
	if why == "stray" {
		if err := d.unstray(ctx, t); err != nil {
			return err
		}
	}
	if _, err := d.Exec(ctx, `
		insert into draft_versions (person_id, kind, target, version, fields, saved_at, page, why, at)
		values (@who, @kind, @target, @version, @fields::jsonb, @saved, nullif(@page, ''), @why, @at)`, args); err != nil {
		return err
	}
	_, err := d.Exec(ctx, `
		delete from draft_versions where person_id = @who and kind = @kind and target = @target and why = @why and id not in (
			select id from draft_versions where person_id = @who and kind = @kind and target = @target and why = @why
			order by id desc limit @most)`, args)
	return err
}

// makeRoom drops the oldest texts beside the doer's drafts until all that is kept of
// them fits. The newest always stays: it may be what they typed just now.
func (d *Deed) makeRoom(ctx context.Context) error {
	_, err := d.Exec(ctx, `
		with beside as (
			select id, row_number() over newest as place, sum(octet_length(fields::text)) over newest as bytes
			from draft_versions where person_id = @who window newest as (order by id desc)
		)
		delete from draft_versions where id in (
			select id from beside where place > 1
				and bytes > @most - (select coalesce(sum(octet_length(fields::text)), 0) from drafts where person_id = @who))`,
		pgx.NamedArgs{"who": d.Who.ID, "most": draftsBytes})
	return err
}

// unstray forgets the late text of a page whose words are in the draft now.
func (d *Deed) unstray(ctx context.Context, t Typed) error {
	_, err := d.Exec(ctx, `
		delete from draft_versions where person_id = @who and kind = @kind and target = @target and why = 'stray' and page = nullif(@page, '')`,
		pgx.NamedArgs{"who": d.Who.ID, "kind": t.Kind, "target": t.Target, "page": t.Page})
	return err
}

// DropDraft forgets the draft that the deed has made into something. If another
// page saved one that the form had not seen, its words are kept beside.
func (d *Deed) DropDraft(ctx context.Context, kind DraftKind, target int64) {
	key, _ := ctx.Value(keyKey{}).(Key)
	args := pgx.NamedArgs{"who": d.Who.ID, "kind": kind, "target": target, "at": d.At, "page": key.Value,
		"knew": key.Draft != nil, "version": 0}
	if key.Draft != nil {
		args["version"] = *key.Draft
	}
	d.Also(`
		delete from draft_versions where person_id = @who and kind = @kind and target = @target
			and (why = 'replaced' or why = 'stray' and page = @page)`, args)
	d.Also(`
		with gone as (
			delete from drafts where person_id = @who and kind = @kind and target = @target returning version, fields, saved_at, page
		)
		insert into draft_versions (person_id, kind, target, version, fields, saved_at, page, why, at)
		select @who, @kind, @target, version, fields, saved_at, page, 'stray', @at from gone
		where @knew and version <> @version and page is distinct from @page`, args)
}

// Discard throws a draft away; for ten minutes it can be put back. The same again
// changes nothing.
func (s *Store) Discard(ctx context.Context, who Person, kind DraftKind, target int64) error {
	return s.Do(ctx, who, func(d *Deed) error {
		if err := d.draftPace(ctx, false); err != nil {
			return err
		}
		draft, err := d.draft(ctx, kind, target)
		if err != nil || draft == nil {
			return err
		}
		d.DropDraft(WithKey(ctx, Key{}), kind, target)
		return d.setAside(ctx, Typed{Kind: kind, Target: target}, *draft, "discarded")
	})
}

// PutBack makes an older version of a draft, one thrown away a moment ago, or one
// that came too late, the draft again, and what it said until now an older
// version. It returns which draft that is; ErrNotFound if it is no longer kept,
// ErrDraftsFull if there is no room for one more draft.
func (s *Store) PutBack(ctx context.Context, who Person, id int64) (kind DraftKind, target int64, err error) {
	var place struct {
		Kind   DraftKind
		Target int64
	}
	err = s.DoOnce(ctx, who, &place, func(d *Deed) error {
		if err := d.draftPace(ctx, true); err != nil {
			return err
		}
		old, err := d.draftVersion(ctx, id)
		if err != nil {
			return err
		}
		place.Kind, place.Target = old.Kind, old.Target
		before, err := d.draft(ctx, old.Kind, old.Target)
		if err != nil {
			return err
		}
		t := Typed{Kind: old.Kind, Target: old.Target, Fields: fieldsOf(old.Fields)}
		if _, err := d.saveDraft(ctx, t, before); err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `delete from draft_versions where id = $1`, id); err != nil {
			return err
		}
		return d.makeRoom(ctx)
	})
	return place.Kind, place.Target, err
}

// draftVersion reads a text of the doer's that is kept beside a draft.
func (d *Deed) draftVersion(ctx context.Context, id int64) (DraftVersion, error) {
	rows, err := d.Query(ctx, `
		select id, kind, target, fields, saved_at, why, 0 as thread_id, '' as title, '' as slug, 0 as post_id, 0 as number from draft_versions
		where id = @id and person_id = @who and (why <> 'discarded' or at > @undo)`,
		pgx.NamedArgs{"id": id, "who": d.Who.ID, "undo": d.At.Add(-undoDiscard)})
	if err != nil {
		return DraftVersion{}, err
	}
	defer rows.Close()
	var v DraftVersion
	return v, IntoOne(&v)(rows)
}
