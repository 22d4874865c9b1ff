package forum

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Council is a listed public body.
type Council struct {
	ID        int64
	Slug      string
	Name      string
	NameCy    string
	Kind      string
	Nation    string
	Region    string
	Status    string
	StartedOn *time.Time
	EndedOn   *time.Time
	Threads   int        // where it was asked for
	People    int        // where it was asked for
	OnDate    *time.Time // of a successor: since when it is, or will be
}

const councilColumns = `
	c.id, c.slug, c.shown_name as name, case when c.demo_name is null then c.name_cy else '' end as name_cy,
	c.kind, c.nation, c.region, c.status, c.started_on, c.ended_on`

const councilQuery = `select ` + councilColumns + ` from councils c where c.slug = @council`

// Nations in the order of the directory.
var Nations = []string{"England", "Scotland", "Wales", "Northern Ireland"}

// CouncilsPage is the directory: councils by name, narrowed to a nation or to the
// words of a search.
type CouncilsPage struct {
	Nation, Query string
	Councils      []Council
}

// CouncilsPage reads the directory in one round trip.
func (s *Store) CouncilsPage(ctx context.Context, who Person, nation, query string) (p CouncilsPage, err error) {
	p.Nation, p.Query = nation, strings.TrimSpace(query)
	var b pgx.Batch
	b.Queue(`
		select `+councilColumns+`, `+threadsOf("c")+` as threads, c.people
		from councils c
		where (@nation = '' or c.nation = @nation) and (@q = '' and c.status <> 'former' or @q <> '' and `+councilMatches+`)
		order by c.shown_name`,
		who.rights(pgx.NamedArgs{"nation": nation, "q": p.Query, "like": likePattern(p.Query)})).Query(Into(&p.Councils))
	return p, s.Send(ctx, &b)
}

// known is true of the people p who stand in directories.
const known = `(p.standing = 'colleague' and p.joined_at is not null and p.erased_at is null)`

// councilMatches is true of the councils c that @like finds: by the name that
// shows, by a nickname, by the address, by what
// it was called before or came from, however often it was joined to others. While a fictional name stands
// in for the real one, the real one finds nothing.
const councilMatches = `(unaccent(c.shown_name) ilike unaccent(@like) or c.slug ilike @like
	or c.demo_name is null and (unaccent(c.name_cy) ilike unaccent(@like)
		or c.id in (
			with recursive became (id) as (
				select o.id from councils o where o.demo_name is null and (unaccent(o.name) ilike unaccent(@like)
					or exists (select from council_names n where n.council_id = o.id and unaccent(n.name) ilike unaccent(@like)))
				union
				select s.new_id from successions s join became b on b.id = s.old_id
			)
			select id from became)))`

// Bounds of a search for councils: more costs the database and finds nothing more.
const queryLength, queryWords = 100, 8

// likePattern finds the words of a query in their order, wherever they stand.
// "and" and "&" are left out: some names have the one, some the other.
func likePattern(query string) string {
	if r := []rune(query); len(r) > queryLength {
		query = string(r[:queryLength])
	}
	safe := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(query)
	words := slices.DeleteFunc(strings.Fields(safe), func(w string) bool { return w == "&" || strings.EqualFold(w, "and") })
	return "%" + strings.Join(words[:min(len(words), queryWords)], "%") + "%"
}

// FindCouncils searches the bodies that one can join, best first.
func (s *Store) FindCouncils(ctx context.Context, query string) (found []Council, err error) {
	query = strings.TrimSpace(query)
	if query == "" {
		return nil, nil
	}
	var b pgx.Batch
	b.Queue(`
		select `+councilColumns+` from councils c
		where c.status = 'current' and `+councilMatches+`
		order by unaccent(c.shown_name) ilike unaccent(@start) desc, unaccent(c.shown_name) ilike unaccent(@like) desc, length(c.shown_name), c.shown_name limit 30`,
		pgx.NamedArgs{"like": likePattern(query), "start": strings.TrimPrefix(likePattern(query), "%")}).Query(Into(&found))
	return found, s.Send(ctx, &b)
}

// provenLately is how long an identity's address proves where somebody works after
// they last signed in with it: as long as the longest session.
const provenLately = 30 * 24 * time.Hour

// CouncilsProven are the councils at whose domain somebody has a proven address: the
// one to write to, or that of an identity they used lately. Legacy and doubtful
// domains prove nothing: the first can be bought.
func (s *Store) CouncilsProven(ctx context.Context, who Person) (found []Council, err error) {
	var b pgx.Batch
	b.Queue(councilsProvenQuery, pgx.NamedArgs{"who": who.ID, "since": s.Now().Add(-provenLately)}).Query(Into(&found))
	return found, s.Send(ctx, &b)
}

// provingDomain is true of the domains d whose addresses prove where somebody works.
const provingDomain = `d.kind = 'email' and d.confidence in ('high', 'medium')`

// ProvingDomain is true of the domains d of councils whose addresses are theirs.
const ProvingDomain = provingDomain

// provenAddresses are the addresses of @who, in lower case, that prove something.
const provenAddresses = `
	select lower(proven_email) as email from people where id = @who and proven_email is not null
	union select lower(email) from identities where person_id = @who and email_verified and last_used_at > @since`

const councilsProvenQuery = `
	select ` + councilColumns + ` from councils c
	where c.status = 'current' and exists (
		select from council_domains d where d.council_id = c.id and ` + provingDomain + `
			and d.domain in (select split_part(e.email, '@', 2) from (` + provenAddresses + `) e))
	order by c.shown_name`

// CouncilPage is what is known of a council.
type CouncilPage struct {
	Council    Council
	Successors []Council
	Before     []Council // the councils that it came from
	Leads      []PersonLine
	People     []PersonLine
	Threads    []Thread
	Following  Following
}

// PersonLine is a person in a list.
type PersonLine struct {
	ID       int64
	Handle   string
	Name     string
	JobTitle string
}

// CouncilPage reads a council's page in one round trip; ErrNotFound if there is none.
func (s *Store) CouncilPage(ctx context.Context, who Person, slug string) (p CouncilPage, err error) {
	args := who.rights(pgx.NamedArgs{"council": slug, "now": s.Now()})
	const line = `select p.id, coalesce(p.handle, '') as handle, p.name, p.job_title from people p`
	var row struct {
		Council
		Follows []string
	}
	var b pgx.Batch
	b.Queue(`select `+councilColumns+`, `+councilFollows+` from councils c where c.slug = @council`, args).Query(IntoOne(&row))
	b.Queue(`select `+councilColumns+`, s.on_date from successions s join councils c on c.id = s.new_id
		where s.old_id = (select id from councils where slug = @council) order by c.shown_name`, args).Query(Into(&p.Successors))
	b.Queue(`select `+councilColumns+` from successions s join councils c on c.id = s.old_id
		where s.new_id = (select id from councils where slug = @council) order by c.shown_name`, args).Query(Into(&p.Before))
	b.Queue(line+` join roles r on r.person_id = p.id and r.role = 'lead' and r.ended_at is null and (r.until is null or r.until > @now)
		where r.council_id = (select id from councils where slug = @council) and `+known+` order by p.name`, args).Query(Into(&p.Leads))
	b.Queue(line+` where p.council_id = (select id from councils where slug = @council) and `+known+` order by p.name limit 200`, args).Query(Into(&p.People))
	b.Queue(listQuery(Filter{Council: slug}), args).Query(Into(&p.Threads))
	if err := s.Send(ctx, &b); err != nil {
		return CouncilPage{}, err
	}
	p.Council, p.Following = row.Council, following(who, row.Follows)
	p.Threads = p.Threads[:min(len(p.Threads), ThreadsPerPage)]
	return p, nil
}

// PersonPage is what others see of a person.
type PersonPage struct {
	Person    Person
	Since     *time.Time
	Threads   []Thread  // that they started
	Following Following // of nobody on their own page
	// For those who may act on them:
	CanSuspend bool
	CanLetIn   bool
	Suspension int64 // the entry that undoes a running suspension; 0 if there is none
	Grants     []RoleGrant
}

// RoleGrant is a role that somebody has, for who may take it.
type RoleGrant struct {
	EntryID int64 // undoes it
	Role    string
	Council string // of a lead
	Until   *time.Time
}

const grantsQuery = `
	select max(e.id) as entry_id, r.role, coalesce(c.shown_name, '') as council, r.until
	from roles r join entries e on e.role_id = r.id and e.deed = 'granted' left join councils c on c.id = r.council_id
	where r.person_id = @id and r.ended_at is null and (r.until is null or r.until > @now)
	group by r.id, c.id order by r.id`

// PersonPage reads a person's page in one round trip. Newcomers show to
// themselves, to the team and to who may let them in; to others they are not there.
// Who was erased having been there for all is ErrGone.
func (s *Store) PersonPage(ctx context.Context, who Person, id int64) (p PersonPage, err error) {
	args := who.rights(pgx.NamedArgs{"id": id, "now": s.Now(), "limit": ThreadsPerPage})
	var row personRow
	var more struct {
		Since      *time.Time
		Gone       bool
		Suspension int64
		Follows    []string
	}
	var b pgx.Batch
	b.Queue(`select p.joined_at as since, p.erased_at is not null and p.standing <> 'newcomer' as gone, coalesce((select max(e.id) from entries e where e.person_id = p.id and e.deed = 'suspended'
			and not exists (select from entries u where u.undoes = e.id)), 0) as suspension, `+personFollows+`
		from people p where p.id = @id`, args).Query(IntoOne(&more))
	b.Queue(`select `+personColumns+` from people p left join councils c on c.id = p.council_id
		where p.id = @id and p.joined_at is not null and p.erased_at is null
			and (p.standing <> 'newcomer' or p.id = @who or @team or p.council_id = any(@leads))`, args).Query(IntoOne(&row))
	b.Queue(`select `+threadColumns+` from `+threadTables+` where t.author_id = @id and `+listed+`
		order by t.last_post_at desc, t.id desc limit @limit`, args).Query(Into(&p.Threads))
	if CanGrant(who) {
		b.Queue(grantsQuery, args).Query(Into(&p.Grants))
	}
	if err := s.Send(ctx, &b); more.Gone {
		return PersonPage{}, ErrGone
	} else if err != nil {
		return PersonPage{}, err
	}
	p.Person, p.Since = row.settle(), more.Since
	if p.Following = following(who, more.Follows); who.ID == id {
		p.Following = Following{}
	}
	p.CanSuspend = CanSuspend(who, p.Person)
	p.CanLetIn = p.Person.Standing == Newcomer && CanLetIn(who, p.Person)
	if p.Person.SuspendedUntil != nil {
		p.Suspension = more.Suspension
	}
	return p, nil
}
