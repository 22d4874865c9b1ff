package curation

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// ErrSecond is that a deed is not done yet: it waits for a second curator.
var ErrSecond = errors.New("it waits for a second curator")

// orWaits is ErrSecond of a deed that was not done, but waits.
func orWaits(waits bool, err error) error {
	if err == nil && waits {
		return ErrSecond
	}
	return err
}

// doOrAsk opens a deed that ends with an entry, or has none and waits for a second curator:
// then it is ErrSecond.
func (s *Store) doOrAsk(ctx context.Context, who forum.Person, fn func(*forum.Deed) (entry int64, err error)) error {
	var waits bool
	err := s.DoOnce(ctx, who, &waits, func(d *forum.Deed) error {
		entry, err := fn(d)
		waits = err == nil && entry == 0
		return err
	})
	return orWaits(waits, err)
}

// What can wait for a second curator.
const (
	secondHighlight  = "highlight"
	secondChange     = "change_highlight"
	secondCollect    = "collect"
	secondShow       = "show_collection"
	secondBanner     = "banner"
	secondReword     = "change_banner"
	secondReschedule = "change_election"
	secondCallOff    = "end_election"
)

// proposal is what a curator would do, as it is kept until another has agreed.
type proposal struct {
	ID           int64
	Deed         string
	ThreadID     int64
	PostID       int64
	HighlightID  int64
	CollectionID int64
	BannerID     int64
	ElectionID   int64
	Draft        any
	Title        string // for the record
	Needs        Needs
}

// inTurn lets one deed at a time say what waits, so that nothing waits twice.
const inTurn = `select pg_advisory_xact_lock(hashtextextended('seconds', 0))`

// sameWaits is true where what would be done by a row s waits already.
const sameWaits = `exists (select from seconds w where w.decided_at is null and w.deed = s.deed
	and (w.thread_id, w.post_id, w.highlight_id, w.collection_id, w.banner_id, w.election_id)
		is not distinct from (s.thread_id, s.post_id, s.highlight_id, s.collection_id, s.banner_id, s.election_id)
	and (coalesce(s.thread_id, s.banner_id, s.election_id) is not null or w.draft = s.draft))`

// propose keeps a proposal; Invalid at a field of the form where the same waits already.
func propose(ctx context.Context, d *forum.Deed, p proposal, field string) error {
	draft, err := json.Marshal(p.Draft)
	if err != nil {
		return err
	}
	if _, err := d.Exec(ctx, inTurn); err != nil {
		return err
	}
	tag, err := d.Exec(ctx, `
		with s as (
			select @deed::text as deed, nullif(@thread::bigint, 0) as thread_id, nullif(@post::bigint, 0) as post_id, nullif(@highlight::bigint, 0) as highlight_id,
				nullif(@collection::bigint, 0) as collection_id, nullif(@banner::bigint, 0) as banner_id, nullif(@election::bigint, 0) as election_id, @draft::jsonb as draft
		)
		insert into seconds (deed, thread_id, post_id, highlight_id, collection_id, banner_id, election_id, draft, councils, suppliers, curator_id, asked_at)
		select s.deed, s.thread_id, s.post_id, s.highlight_id, s.collection_id, s.banner_id, s.election_id, s.draft, @councils::text[], @suppliers::text[], @who, @at
		from s where not `+sameWaits,
		pgx.NamedArgs{"deed": p.Deed, "thread": p.ThreadID, "post": p.PostID, "highlight": p.HighlightID, "collection": p.CollectionID, "banner": p.BannerID, "election": p.ElectionID,
			"draft": draft, "councils": named(p.Needs.Councils), "suppliers": named(p.Needs.Suppliers), "who": d.Who.ID, "at": d.At})
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return forum.Invalid{{Field: field, Key: "seconds.already"}}
	}
	d.Unseen() // it shows only when another has agreed
	_, err = d.Record(ctx, forum.Entry{Deed: forum.AskedSecond, ThreadID: p.ThreadID, PostID: p.PostID, Reason: p.Title})
	return err
}

// named is a list that is there, if empty.
func named(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// lockedSecond is a row that a deed has locked.
type lockedSecond struct {
	ID           int64
	Deed         string
	ThreadID     int64
	PostID       int64
	HighlightID  int64
	CollectionID int64
	BannerID     int64
	ElectionID   int64
	Draft        []byte
	Seen         string
	CuratorID    int64
	Decided      bool
	Agreed       bool
	Curates      bool // who asked still is a curator
}

// errDecided ends a deed that somebody has done already, the same way.
var errDecided = errors.New("decided already")

// lockSecond reads and locks what waits, as another curator decides on it: ErrNotFound
// where there is none, ErrForbidden for who asked, ErrConflict where it was decided the
// other way.
func lockSecond(ctx context.Context, d *forum.Deed, id int64, agree bool) (s lockedSecond, err error) {
	if !forum.CanTend(d.Who) {
		return s, forum.ErrForbidden
	}
	if s, err = readSecond(ctx, d, id); err != nil {
		return s, err
	}
	switch {
	case s.Decided && s.Agreed == agree:
		return s, errDecided
	case s.Decided:
		return s, forum.ErrConflict
	case s.CuratorID == d.Who.ID:
		return s, &forum.Forbidden{Why: "forbidden.second_own"}
	}
	return s, nil
}

// readSecond reads and locks a row.
func readSecond(ctx context.Context, d *forum.Deed, id int64) (s lockedSecond, err error) {
	rows, err := d.Query(ctx, `
		select s.id, deed, coalesce(thread_id, 0) as thread_id, coalesce(post_id, 0) as post_id, coalesce(highlight_id, 0) as highlight_id, coalesce(collection_id, 0) as collection_id,
			coalesce(banner_id, 0) as banner_id, coalesce(election_id, 0) as election_id, draft, `+secondSeen+` as seen, curator_id, decided_at is not null as decided, coalesce(agreed, false) as agreed, `+curates("curator_id")+` as curates
		from seconds s where s.id = @id for update`, pgx.NamedArgs{"id": id, "now": d.At})
	if err != nil {
		return s, err
	}
	return s, forum.IntoOne(&s)(rows)
}

// Agree does what another curator asked to do, in their name and the doer's: ErrForbidden
// for who asked. The same again changes nothing; what cannot be done any more is Invalid or
// ErrConflict, and goes on waiting. So does what is not any more as the page showed it,
// which is what seen tells.
func (s *Store) Agree(ctx context.Context, who forum.Person, id int64, seen string) error {
	return unlessDecided(s.Do(ctx, who, func(d *forum.Deed) error {
		one, err := lockSecond(ctx, d, id, true)
		switch {
		case err != nil:
			return err
		case !one.Curates:
			return forum.Invalid{{Field: "second", Key: "seconds.no_curator"}}
		case one.Seen != seen:
			return forum.Invalid{{Field: "seen", Key: "seconds.changed"}}
		}
		entry, err := one.carryOut(ctx, d)
		if err != nil {
			return err
		}
		return one.decide(ctx, d, true, "", entry)
	}))
}

// unlessDecided makes a success of what was done before.
func unlessDecided(err error) error {
	if errors.Is(err, errDecided) {
		return nil
	}
	return err
}

// carryOut does what was asked, and returns its entry.
func (s lockedSecond) carryOut(ctx context.Context, d *forum.Deed) (entry int64, err error) {
	switch s.Deed {
	case secondHighlight, secondChange:
		return s.carryHighlight(ctx, d)
	case secondBanner, secondReword:
		return s.carryBanner(ctx, d)
	case secondReschedule, secondCallOff:
		return s.carryElection(ctx, d)
	}
	var draft delta
	if err := json.Unmarshal(s.Draft, &draft); err != nil {
		return 0, err
	}
	return draft.carryOut(ctx, d, s.CollectionID)
}

// carryHighlight does what was asked of a highlight.
func (s lockedSecond) carryHighlight(ctx context.Context, d *forum.Deed) (entry int64, err error) {
	var draft HighlightDraft
	if err := json.Unmarshal(s.Draft, &draft); err != nil {
		return 0, err
	}
	if s.Deed == secondHighlight {
		_, entry, err = highlight(ctx, d, draft, by{Curator: s.CuratorID, Agreed: true})
		return entry, err
	}
	h, err := lockHighlight(ctx, d, s.HighlightID)
	if err != nil {
		return 0, err
	}
	return h.changeTo(ctx, d, draft, true)
}

// decide writes down what was decided, forgets the words that waited, and tells who asked.
func (s lockedSecond) decide(ctx context.Context, d *forum.Deed, agreed bool, reason string, entry int64) error {
	draft := s.Draft
	if agreed {
		draft = []byte(`{}`) // its words stand where they show
	}
	_, err := d.Exec(ctx, `
		update seconds set decided_at = @at, decider_id = @who, agreed = @agreed, reason = @reason, decision = @entry, draft = @draft where id = @id`,
		pgx.NamedArgs{"id": s.ID, "at": d.At, "who": d.Who.ID, "agreed": agreed, "reason": reason, "entry": entry, "draft": draft})
	if err != nil {
		return err
	}
	kind := forum.SecondDeclined
	if agreed {
		kind = forum.SecondAgreed
	}
	return d.Tell(ctx, forum.Event{Kind: kind, PersonID: s.CuratorID, ThreadID: s.ThreadID, PostID: s.PostID})
}

// DeclineSecond says no to what another curator asked to do, and why. That can be undone.
func (s *Store) DeclineSecond(ctx context.Context, who forum.Person, id int64, reason string) error {
	reason = forum.CleanReason(reason)
	return unlessDecided(s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		one, err := lockSecond(ctx, d, id, false)
		if err != nil {
			return err
		}
		if bad := forum.CheckReason(reason); bad != nil {
			return bad
		}
		entry, err := d.Record(ctx, forum.Entry{Deed: forum.DeclinedSecond, PersonID: one.CuratorID, ThreadID: one.ThreadID, PostID: one.PostID, Reason: reason})
		if err != nil {
			return err
		}
		return one.decide(ctx, d, false, reason, entry)
	}))
}

// TakeBackSecond has wait no more what the doer asked for: they would have it otherwise, or
// not at all. It and its words are gone. ErrForbidden of what others asked for, ErrConflict
// of what is decided.
func (s *Store) TakeBackSecond(ctx context.Context, who forum.Person, id int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if !forum.CanTend(who) {
			return forum.ErrForbidden
		}
		one, err := readSecond(ctx, d, id)
		switch {
		case err != nil:
			return err
		case one.CuratorID != who.ID:
			return forum.ErrForbidden
		case one.Decided:
			return forum.ErrConflict
		}
		if _, err := d.Exec(ctx, `delete from seconds where id = $1`, id); err != nil {
			return err
		}
		_, err = d.Record(ctx, forum.Entry{Deed: forum.TookBackSecond, ThreadID: one.ThreadID, PostID: one.PostID})
		return err
	})
}

// undeclineSecond has wait again what was declined: ErrConflict where the same waits
// already, or its words are kept no more.
func undeclineSecond(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	if _, err := d.Exec(ctx, inTurn); err != nil {
		return err
	}
	tag, err := d.Exec(ctx, `
		update seconds s set decided_at = null, decider_id = null, agreed = null, decision = null, reason = ''
		where s.decision = $1 and s.draft <> '{}' and not `+sameWaits, e.Undoes)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return forum.ErrConflict
	}
	e.Deed = forum.UndidTending
	_, err = d.Record(ctx, e)
	return err
}
