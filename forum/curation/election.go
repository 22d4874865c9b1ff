package curation

import (
	"context"
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

// Days are the first and the last, of a draft that was checked.
func (e ElectionDraft) Days() (from, until time.Time) {
	from, _ = time.Parse(time.DateOnly, e.From)
	until, _ = time.Parse(time.DateOnly, e.Until)
	return from, until
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
	Next    int64 // after which the next page of these begins; 0 at the end
	Later   bool  // this is not the first page
	Curates bool
	Changes []CollectionChange // for curators
}

// electionRecord are what was done to periods last, and whether the reader may undo it.
const electionRecord = `
	select r.id as entry_id, r.deed, r.at, coalesce(a.name, '') as doer_name, coalesce(e.stands_at = r.id and (r.doer_id = @who and r.at > @slip or not ` + losesBack + `), false) as stands, exists (select from entries u where u.undoes = r.id) as undone
	from election_changes x join entries r on r.id = x.entry_id join elections e on e.id = x.election_id left join people a on a.id = r.doer_id
	order by x.entry_id desc limit @changes`

// ElectionsPage reads it in one round trip: of the past those that come after one, 0 for
// all. ErrForbidden for who is no colleague.
func (s *Store) ElectionsPage(ctx context.Context, who forum.Person, before int64) (p ElectionsPage, err error) {
	if !CanSeeElections(who) {
		return p, forum.ErrForbidden
	}
	p.Curates, p.Later = forum.CanTend(who), before > 0
	args := pgx.NamedArgs{"now": s.Now(), "limit": electionsPerPage + 1, "before": before, "changes": changesMost, "who": who.ID, "slip": s.Now().Add(-slip)}
	var list []Election
	var b pgx.Batch
	if !p.Later {
		b.Queue(electionColumns+`where e.ended_at is null and e.until_on >= `+today+` order by e.from_on, e.name, e.id limit 500`, args).Query(forum.Into(&list))
	}
	b.Queue(electionColumns+`where (e.ended_at is not null or e.until_on < `+today+`) and (@before::bigint = 0 or (e.until_on, e.id) < (select x.until_on, x.id from elections x where x.id = @before))
		order by e.until_on desc, e.id desc limit @limit`, args).Query(forum.Into(&p.Past))
	if p.Curates && !p.Later {
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
	if len(p.Past) > electionsPerPage {
		p.Past = p.Past[:electionsPerPage]
		p.Next = p.Past[electionsPerPage-1].ID
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
		with e as materialized (
			select e.id, e.name, e.until_on, e.council_id, council_now(e.council_id) as now_id, e.nation, e.kind
			from elections e where e.ended_at is null and `+today+` between e.from_on and e.until_on
		)
		select distinct on (c.id) c.id as council_id, e.name, e.until_on
		from e join councils c on c.id in (e.council_id, e.now_id) or e.nation = c.nation and e.kind in ('', c.kind)
		order by c.id, e.until_on desc, e.id`, pgx.NamedArgs{"now": s.Now()}).Query(forum.Into(&list))
	return list, s.Send(ctx, &b)
}
