package curation

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// SetElection puts a pre-election period into the calendar.
func (s *Store) SetElection(ctx context.Context, who forum.Person, draft ElectionDraft) error {
	draft.Clean()
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !forum.CanTend(who) {
			return forum.ErrForbidden
		}
		args, err := draft.args(ctx, d)
		if err != nil {
			return err
		}
		if args["entry"], err = d.Record(ctx, forum.Entry{Deed: forum.SetElection, CouncilID: args["council"].(int64), Reason: draft.Name}); err != nil {
			return err
		}
		var id int64
		err = d.QueryRow(ctx, `
			insert into elections (name, council_id, nation, kind, from_on, until_on, curator_id, made_at, stands_at)
			values (@name, nullif(@council::bigint, 0), @nation, @kind, @from, @until, @who, @at, @entry) returning id`, args).Scan(&id)
		if err != nil {
			return err
		}
		_, err = d.Exec(ctx, `
			insert into election_changes (entry_id, election_id, name, council_id, nation, kind, from_on, until_on, ended_at)
			select @entry, id, name, council_id, nation, kind, from_on, until_on, @at from elections where id = @id`, with(args, "id", id))
		return err
	})
}

// args checks a draft, finds its council, and gives the arguments of the statements that
// write it.
func (e ElectionDraft) args(ctx context.Context, d *forum.Deed) (pgx.NamedArgs, error) {
	bad := e.check(d.At)
	var council int64
	if e.Council != "" {
		err := d.QueryRow(ctx, `
			select c.id from councils c where c.slug = lower($1) or lower(c.shown_name) = lower($1) or lower(c.shown_short) = lower($1)
			order by c.slug = lower($1) desc, c.status = 'current' desc, c.id limit 1`, e.Council).Scan(&council)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			bad.Add("council", "elections.council_unknown")
		case err != nil:
			return nil, err
		}
	}
	if bad != nil {
		return nil, bad
	}
	return pgx.NamedArgs{"name": e.Name, "council": council, "nation": e.Nation, "kind": e.Kind, "from": e.From, "until": e.Until, "who": d.Who.ID, "at": d.At}, nil
}

// lockedElection is a row that a deed has locked.
type lockedElection struct {
	ID      int64
	Name    string
	Version int
	span
}

// span is whose days a period takes in; of one that was called off none.
type span struct {
	CouncilID int64
	Nation    string
	Kind      string
	FromOn    time.Time
	UntilOn   time.Time
	Ended     bool
}

// loses reports whether somebody's days, from one on, are in the span and not in another.
func (s span) loses(to span, today time.Time) bool {
	first := s.FromOn
	if first.Before(today) {
		first = today
	}
	switch {
	case s.Ended || s.UntilOn.Before(today):
		return false
	case to.Ended || to.FromOn.After(first) || to.UntilOn.Before(s.UntilOn):
		return true
	}
	return to.CouncilID != s.CouncilID || to.Nation != s.Nation || to.Kind != s.Kind && to.Kind != ""
}

// losesBack is true of the changes x of periods e that take days out of them when they are
// undone: it is loses, of e and of what x tells that it was.
const losesBack = `(e.ended_at is null and e.until_on >= ` + today + `
	and (x.ended_at is not null or x.from_on > greatest(e.from_on, ` + today + `) or x.until_on < e.until_on
		or x.council_id is distinct from e.council_id or x.nation <> e.nation or x.kind not in ('', e.kind)))`

// lockElection reads and locks a period: ErrForbidden for who is no curator, ErrNotFound
// where there is none.
func lockElection(ctx context.Context, d *forum.Deed, id int64) (e lockedElection, err error) {
	if !forum.CanTend(d.Who) {
		return e, forum.ErrForbidden
	}
	err = d.QueryRow(ctx, `select id, name, version, coalesce(council_id, 0), nation, kind, from_on, until_on, ended_at is not null from elections where id = $1 for update`, id).
		Scan(&e.ID, &e.Name, &e.Version, &e.CouncilID, &e.Nation, &e.Kind, &e.FromOn, &e.UntilOn, &e.Ended)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, forum.ErrNotFound
	}
	return e, err
}

// ChangeElection writes a period anew; one that was called off holds again. Where somebody
// else has changed it since the form was made it is ErrConflict. What takes days out of it
// waits for a second curator, and is ErrSecond: else one alone could call a period off,
// show what they like, and call it on again.
func (s *Store) ChangeElection(ctx context.Context, who forum.Person, id int64, draft ElectionDraft) error {
	draft.Clean()
	return s.doOrAsk(ctx, who, func(d *forum.Deed) (entry int64, err error) {
		e, err := lockElection(ctx, d, id)
		if err != nil {
			return 0, err
		}
		return e.changeTo(ctx, d, draft, false)
	})
}

// changeTo is the part of a deed that changes a locked period; without an entry it waits for
// a second curator.
func (e lockedElection) changeTo(ctx context.Context, d *forum.Deed, draft ElectionDraft, agreed bool) (entry int64, err error) {
	if draft.Version != e.Version {
		return 0, forum.ErrConflict
	}
	args, err := draft.args(ctx, d)
	if err != nil {
		return 0, err
	}
	to := span{CouncilID: args["council"].(int64), Nation: draft.Nation, Kind: draft.Kind}
	to.FromOn, to.UntilOn = draft.Days()
	if !agreed && e.loses(to, forum.DayOf(d.At)) {
		return 0, propose(ctx, d, proposal{Deed: secondReschedule, ElectionID: e.ID, Draft: draft, Title: e.Name}, "name")
	}
	if entry, err = d.Record(ctx, forum.Entry{Deed: forum.ChangedElection, CouncilID: to.CouncilID, Reason: draft.Name}); err != nil {
		return 0, err
	}
	args["entry"] = entry
	return entry, writeElection(ctx, d, e, `name = @name, council_id = nullif(@council::bigint, 0), nation = @nation, kind = @kind, from_on = @from, until_on = @until, ended_at = null`, args)
}

// EndElection calls a period off, which waits for a second curator and is ErrSecond, unless
// it is over. The same again changes nothing.
func (s *Store) EndElection(ctx context.Context, who forum.Person, id int64) error {
	var waits bool
	err := s.DoOnce(ctx, who, &waits, func(d *forum.Deed) error {
		e, err := lockElection(ctx, d, id)
		if err != nil || e.Ended {
			return err
		}
		if e.loses(span{Ended: true}, forum.DayOf(d.At)) {
			waits = true
			return propose(ctx, d, proposal{Deed: secondCallOff, ElectionID: e.ID, Draft: ElectionDraft{Name: e.Name, Version: e.Version}, Title: e.Name}, "second")
		}
		_, err = e.end(ctx, d)
		return err
	})
	return orWaits(waits, err)
}

// end is the part of a deed that calls a locked period off.
func (e lockedElection) end(ctx context.Context, d *forum.Deed) (entry int64, err error) {
	if e.Ended {
		return 0, forum.ErrConflict
	}
	if entry, err = d.Record(ctx, forum.Entry{Deed: forum.EndedElection, CouncilID: e.CouncilID, Reason: e.Name}); err != nil {
		return 0, err
	}
	return entry, writeElection(ctx, d, e, `ended_at = @at`, pgx.NamedArgs{"at": d.At, "entry": entry})
}

// carryElection does what was asked of a period.
func (s lockedSecond) carryElection(ctx context.Context, d *forum.Deed) (entry int64, err error) {
	e, err := lockElection(ctx, d, s.ElectionID)
	if err != nil || s.Deed == secondCallOff {
		if err == nil {
			entry, err = e.end(ctx, d)
		}
		return entry, err
	}
	var draft ElectionDraft
	if err := json.Unmarshal(s.Draft, &draft); err != nil {
		return 0, err
	}
	return e.changeTo(ctx, d, draft, true)
}

// writeElection keeps what a period was by the entry of a change, and changes it.
func writeElection(ctx context.Context, d *forum.Deed, e lockedElection, what string, args pgx.NamedArgs) error {
	args["id"] = e.ID
	var b pgx.Batch
	b.Queue(`
		insert into election_changes (entry_id, election_id, stood_at, name, council_id, nation, kind, from_on, until_on, ended_at)
		select @entry, id, stands_at, name, council_id, nation, kind, from_on, until_on, ended_at from elections where id = @id`, args)
	b.Queue(`update elections set `+what+`, version = version + 1, stands_at = @entry where id = @id`, args)
	return d.SendBatch(ctx, &b).Close()
}

// slip is how long whoever has put days into the calendar may take them out again alone,
// from the record: they have only just typed a wrong one.
const slip = time.Hour

// unelection gives a period back what it was before the change that an entry tells of:
// ErrConflict if it has been changed since, which is undone first; ErrForbidden where that
// takes days out of it, which needs a second curator.
func unelection(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	var id int64
	var own bool
	err := d.QueryRow(ctx, `
		select x.id, r.doer_id = $2 and r.at > $3 from elections x join entries r on r.id = x.stands_at where x.stands_at = $1`, e.Undoes, d.Who.ID, d.At.Add(-slip)).Scan(&id, &own)
	if errors.Is(err, pgx.ErrNoRows) {
		return forum.ErrConflict
	}
	if err != nil {
		return err
	}
	now, err := lockElection(ctx, d, id)
	if err != nil {
		return err
	}
	var was span
	err = d.QueryRow(ctx, `
		update elections x set name = c.name, council_id = c.council_id, nation = c.nation, kind = c.kind, from_on = c.from_on, until_on = c.until_on,
			ended_at = c.ended_at, stands_at = c.stood_at, version = x.version + 1
		from election_changes c where c.entry_id = $1 and x.id = c.election_id and x.stands_at = c.entry_id
		returning coalesce(x.council_id, 0), x.nation, x.kind, x.from_on, x.until_on, x.ended_at is not null`, e.Undoes).
		Scan(&was.CouncilID, &was.Nation, &was.Kind, &was.FromOn, &was.UntilOn, &was.Ended)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return forum.ErrConflict
	case err != nil:
		return err
	case !own && now.loses(was, forum.DayOf(d.At)):
		return &forum.Forbidden{Why: "forbidden.second_period"}
	}
	e.Deed = forum.UndidElection
	_, err = d.Record(ctx, e)
	return err
}
