package curation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Nations are where councils are.
var Nations = []string{"England", "Scotland", "Wales", "Northern Ireland"}

// CouncilKinds are the kinds of council that people vote for.
var CouncilKinds = []string{"district", "unitary", "metropolitan", "london-borough", "city-corporation", "county", "scottish", "welsh", "northern-irish", "combined-authority", "strategic-authority"}

// Bounds of pre-election periods: code points of a name, days, how many of the past a page
// has.
const electionName, electionDays, electionsPerPage = 150, 100, 50

// Election is a pre-election period: of one council, or of all of a kind in a nation. Its
// last day is polling day.
type Election struct {
	ID          int64
	Name        string
	CouncilID   int64 // 0: a nation's
	CouncilSlug string
	CouncilName string
	Nation      string
	Kind        string // of council; empty for all
	FromOn      time.Time
	UntilOn     time.Time
	EndedAt     *time.Time
	Version     int
	Running     bool
}

// ElectionDraft is what was typed of a pre-election period.
type ElectionDraft struct {
	Name    string
	Council string // slug or name; empty for a nation's
	Nation  string
	Kind    string
	From    string // days, as 2026-03-28
	Until   string
	Version int
}

// Clean puts what was typed into the form that is stored.
func (e *ElectionDraft) Clean() {
	e.Name = forum.CleanTitle(e.Name)
	e.Council = strings.Join(strings.Fields(e.Council), " ")
	e.From, e.Until = strings.TrimSpace(e.From), strings.TrimSpace(e.Until)
}

// check says what keeps the draft from being kept.
func (e ElectionDraft) check(at time.Time) (bad forum.Invalid) {
	switch n := utf8.RuneCountInString(e.Name); {
	case n == 0:
		bad.Add("name", "elections.name_empty")
	case n > electionName:
		bad.Add("name", "elections.name_long", "Max", electionName)
	}
	switch {
	case e.Council == "" && e.Nation == "":
		bad.Add("council", "elections.whose")
	case e.Council != "" && e.Nation != "":
		bad.Add("council", "elections.one_of")
	}
	if e.Nation != "" && !slices.Contains(Nations, e.Nation) {
		bad.Add("nation", "elections.nation_choose")
	}
	if e.Kind != "" && (e.Nation == "" || !slices.Contains(CouncilKinds, e.Kind)) {
		bad.Add("kind", "elections.kind_nation")
	}
	return append(bad, checkSpan(e.From, e.Until, electionDays, at)...)
}

const electionColumns = `
	select e.id, e.name, coalesce(e.council_id, 0) as council_id, coalesce(c.slug, '') as council_slug, coalesce(c.shown_name, '') as council_name,
		e.nation, e.kind, e.from_on, e.until_on, e.ended_at, e.version, e.ended_at is null and ` + today + ` between e.from_on and e.until_on as running
	from elections e left join councils c on c.id = e.council_id `

// ElectionsPage is the calendar of pre-election periods.
type ElectionsPage struct {
	Now     []Election
	Coming  []Election
	Past    []Election
	Curates bool
	Changes []CollectionChange // for curators
}

// electionRecord are what was done to periods last.
const electionRecord = `
	select r.id as entry_id, r.deed, r.at, coalesce(a.name, '') as doer_name, coalesce(e.stands_at = r.id, false) as stands, exists (select from entries u where u.undoes = r.id) as undone
	from election_changes x join entries r on r.id = x.entry_id join elections e on e.id = x.election_id left join people a on a.id = r.doer_id
	order by x.entry_id desc limit @changes`

// ElectionsPage reads it in one round trip; ErrForbidden for who is no colleague.
func (s *Store) ElectionsPage(ctx context.Context, who forum.Person) (p ElectionsPage, err error) {
	if !CanSeeElections(who) {
		return p, forum.ErrForbidden
	}
	p.Curates = forum.CanTend(who)
	args := pgx.NamedArgs{"now": s.Now(), "limit": electionsPerPage, "changes": changesMost}
	var list []Election
	var b pgx.Batch
	b.Queue(electionColumns+`where e.ended_at is null and e.until_on >= `+today+` order by e.from_on, e.name, e.id limit 500`, args).Query(forum.Into(&list))
	b.Queue(electionColumns+`where e.ended_at is not null or e.until_on < `+today+` order by e.until_on desc, e.id desc limit @limit`, args).Query(forum.Into(&p.Past))
	if p.Curates {
		b.Queue(electionRecord, args).Query(forum.Into(&p.Changes))
	}
	if err := s.Send(ctx, &b); err != nil {
		return ElectionsPage{}, err
	}
	for _, e := range list {
		if e.Running {
			p.Now = append(p.Now, e)
		} else {
			p.Coming = append(p.Coming, e)
		}
	}
	return p, nil
}

// Election reads one as its form shows it; ErrNotFound where there is none.
func (s *Store) Election(ctx context.Context, who forum.Person, id int64) (e Election, draft ElectionDraft, err error) {
	if !forum.CanTend(who) {
		return e, draft, forum.ErrForbidden
	}
	var b pgx.Batch
	b.Queue(electionColumns+`where e.id = @id`, pgx.NamedArgs{"id": id, "now": s.Now()}).Query(forum.IntoOne(&e))
	if err := s.Send(ctx, &b); err != nil {
		return e, draft, err
	}
	return e, ElectionDraft{Name: e.Name, Council: e.CouncilName, Nation: e.Nation, Kind: e.Kind, From: e.FromOn.Format(time.DateOnly), Until: e.UntilOn.Format(time.DateOnly), Version: e.Version}, nil
}

// InElection is what somebody of a council is reminded of while it is in a pre-election
// period.
type InElection struct {
	CouncilID int64
	Name      string
	UntilOn   time.Time
}

// InElection are the councils that are in a pre-election period now, for a node to
// remember: of several periods the one that ends last.
func (s *Store) InElection(ctx context.Context) (list []InElection, err error) {
	var b pgx.Batch
	b.Queue(`
		select distinct on (c.id) c.id as council_id, e.name, e.until_on
		from elections e join councils c on council_now(e.council_id) = c.id or e.council_id = c.id or e.nation = c.nation and e.kind in ('', c.kind)
		where e.ended_at is null and `+today+` between e.from_on and e.until_on
		order by c.id, e.until_on desc, e.id`, pgx.NamedArgs{"now": s.Now()}).Query(forum.Into(&list))
	return list, s.Send(ctx, &b)
}

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
	ID        int64
	Name      string
	CouncilID int64
	Ended     bool
	Version   int
}

// changeElection opens a deed on a period as a curator: ErrNotFound where there is none.
func (s *Store) changeElection(ctx context.Context, who forum.Person, id int64, fn func(*forum.Deed, lockedElection) error) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !forum.CanTend(who) {
			return forum.ErrForbidden
		}
		var e lockedElection
		err := d.QueryRow(ctx, `select id, name, coalesce(council_id, 0), ended_at is not null, version from elections where id = $1 for update`, id).
			Scan(&e.ID, &e.Name, &e.CouncilID, &e.Ended, &e.Version)
		if errors.Is(err, pgx.ErrNoRows) {
			return forum.ErrNotFound
		}
		if err != nil {
			return err
		}
		return fn(d, e)
	})
}

// ChangeElection writes a period anew; one that was called off holds again. Where somebody
// else has changed it since the form was made it is ErrConflict.
func (s *Store) ChangeElection(ctx context.Context, who forum.Person, id int64, draft ElectionDraft) error {
	draft.Clean()
	return s.changeElection(ctx, who, id, func(d *forum.Deed, e lockedElection) error {
		if draft.Version != e.Version {
			return forum.ErrConflict
		}
		args, err := draft.args(ctx, d)
		if err != nil {
			return err
		}
		if args["entry"], err = d.Record(ctx, forum.Entry{Deed: forum.ChangedElection, CouncilID: args["council"].(int64), Reason: draft.Name}); err != nil {
			return err
		}
		return writeElection(ctx, d, e, `name = @name, council_id = nullif(@council::bigint, 0), nation = @nation, kind = @kind, from_on = @from, until_on = @until, ended_at = null`, args)
	})
}

// EndElection calls a period off. The same again changes nothing.
func (s *Store) EndElection(ctx context.Context, who forum.Person, id int64) error {
	return s.changeElection(ctx, who, id, func(d *forum.Deed, e lockedElection) error {
		if e.Ended {
			return nil
		}
		entry, err := d.Record(ctx, forum.Entry{Deed: forum.EndedElection, CouncilID: e.CouncilID, Reason: e.Name})
		if err != nil {
			return err
		}
		return writeElection(ctx, d, e, `ended_at = @at`, pgx.NamedArgs{"at": d.At, "entry": entry})
	})
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

// unelection gives a period back what it was before the change that an entry tells of:
// ErrConflict if it has been changed since, which is undone first.
func unelection(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	e.Deed = forum.UndidElection
	if _, err := d.Record(ctx, e); err != nil {
		return err
	}
	tag, err := d.Exec(ctx, `
		update elections x set name = c.name, council_id = c.council_id, nation = c.nation, kind = c.kind, from_on = c.from_on, until_on = c.until_on,
			ended_at = c.ended_at, stands_at = c.stood_at, version = x.version + 1
		from election_changes c where c.entry_id = $1 and x.id = c.election_id and x.stands_at = c.entry_id`, e.Undoes)
	if err == nil && tag.RowsAffected() == 0 {
		return forum.ErrConflict
	}
	return err
}
