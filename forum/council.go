package forum

import (
	"context"
	"maps"
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
	OnDate    *time.Time // beside another: since when the one is, or will be, what the other was
	Moved     bool       // beside another: its address leads to what it has become
}

const councilColumns = `
	c.id, c.slug, c.shown_name as name, case when c.demo_name is null then c.name_cy else '' end as name_cy,
	c.kind, c.nation, c.region, c.status, c.started_on, c.ended_on`

// councilNow is what council c has become, in short, if it has ended.
const councilNow = `case when c.status = 'former' then coalesce((
		select string_agg(distinct n.shown_short, ', ' order by n.shown_short)
		from successions s join councils n on n.id = council_now(s.new_id) where s.old_id = c.id and s.kind <> 'planned'), '') else '' end`

const councilQuery = `select ` + councilColumns + ` from councils c where c.slug = @council`

// Nations in the order of the directory.
var Nations = []string{"England", "Scotland", "Wales", "Northern Ireland"}

// CouncilFilter is which councils the directory shows; an empty field is all.
type CouncilFilter struct{ Nation, Region, Kind, Query string }

// CouncilsPage is the directory: councils by name, and how many there are of each
// nation, region and kind beside what is chosen of the other two.
type CouncilsPage struct {
	CouncilFilter
	Councils                []Council
	Nations, Regions, Kinds []Facet
}

// Facet is something to choose, and how much there is of it.
type Facet struct {
	Value string
	Count int
}

// CouncilsPage reads the directory in one statement: ErrNotFound for a nation, region
// or kind of which there is no council at all. Councils that have ended are there for
// who searches.
func (s *Store) CouncilsPage(ctx context.Context, who Person, f CouncilFilter) (p CouncilsPage, err error) {
	f.Query = strings.TrimSpace(f.Query)
	p.CouncilFilter = f
	var rows []found
	var b pgx.Batch
	b.Queue(`
		select `+councilColumns+`, `+threadsOf("c")+` as threads, c.people,
			(@q = '' and c.status <> 'former' or @q <> '' and `+councilMatches+`) as found
		from councils c
		order by c.shown_name`,
		who.rights(pgx.NamedArgs{"q": f.Query, "like": likePattern(f.Query)})).Query(Into(&rows))
	if err := s.Send(ctx, &b); err != nil {
		return CouncilsPage{}, err
	}
	var known bool
	if p.Nations, known = facet(rows, f, func(f *CouncilFilter, c Council) (*string, string) { return &f.Nation, c.Nation }); !known {
		return CouncilsPage{}, ErrNotFound
	}
	if p.Regions, known = facet(rows, f, func(f *CouncilFilter, c Council) (*string, string) { return &f.Region, c.Region }); !known {
		return CouncilsPage{}, ErrNotFound
	}
	if p.Kinds, known = facet(rows, f, func(f *CouncilFilter, c Council) (*string, string) { return &f.Kind, c.Kind }); !known {
		return CouncilsPage{}, ErrNotFound
	}
	for _, c := range rows {
		if c.fits(f) {
			p.Councils = append(p.Councils, c.Council)
		}
	}
	return p, nil
}

// found is a council, and whether a search finds it.
type found struct {
	Council
	Found bool
}

// fits reports whether the directory shows a council.
func (c found) fits(f CouncilFilter) bool {
	return c.Found && (f.Nation == "" || f.Nation == c.Nation) && (f.Region == "" || f.Region == c.Region) && (f.Kind == "" || f.Kind == c.Kind)
}

// facet counts, by name, how many councils each value of one part of a filter would show,
// with the other parts as they are; known is whether any council has the one chosen.
func facet(rows []found, f CouncilFilter, part func(*CouncilFilter, Council) (*string, string)) (list []Facet, known bool) {
	others := f
	chosen, _ := part(&others, Council{})
	want := *chosen
	*chosen = ""
	counts := map[string]int{}
	for _, c := range rows {
		_, has := part(&others, c.Council)
		n := counts[has]
		if c.fits(others) {
			n++
		}
		counts[has] = n
	}
	for _, value := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, Facet{value, counts[value]})
	}
	_, known = counts[want]
	return list, known || want == ""
}

// known is true of the people p who stand in directories.
const known = `(p.standing = 'colleague' and p.joined_at is not null and p.erased_at is null)`

// councilMatches is true of the councils c that @like finds: by the name that
// shows, by a nickname, by the address, by what
// it was called before or came from, however often it was joined to others. While a fictional name stands
// in for the real one, the real one finds nothing.
const councilMatches = `(unaccent(c.shown_name) ilike unaccent(@like) or c.slug ilike @like
	or c.demo_name is null and unaccent(c.name_cy) ilike unaccent(@like)
	or c.id in (
		with recursive became (id, real) as (
			select o.id, o.demo_name is null from councils o where unaccent(o.shown_name) ilike unaccent(@like)
				or o.demo_name is null and exists (select from council_names n where n.council_id = o.id and unaccent(n.name) ilike unaccent(@like))
			union
			select s.new_id, b.real from successions s join became b on b.id = s.old_id
		)
		select b.id from became b join councils n on n.id = b.id where n.demo_name is null or not b.real))`

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

// CouncilPage is what is known of a council. One that has become another is shown there:
// only MovedTo is told of it.
type CouncilPage struct {
	Council    Council
	MovedTo    string // the slug of what it has become, if that is one council
	Successors []Council
	Before     []Council // the councils that it came from, and what those came from
	Leads      []PersonLine
	People     []PersonLine
	Kinds      []Facet  // of its threads and of those of the councils that became it
	Waiting    []Thread // its questions that nobody has answered, the longest waiting first
	Threads    []Thread
	Following  Following
	Lessons    []LessonLine
	Projects   []ProjectLine
	Products   []ProductLine
}

// PersonLine is a person in a list.
type PersonLine struct {
	ID       int64
	Handle   string
	Name     string
	JobTitle string
}

// waitingMost is how many unanswered questions a council's page shows.
const waitingMost = 5

// ofLine is true of the threads t of council @council and of those that became it.
const ofLine = `t.council_id = any(council_line((select id from councils where slug = @council)))`

// CouncilPage reads a council's page in one round trip; ErrNotFound if there is none.
func (s *Store) CouncilPage(ctx context.Context, who Person, slug string) (p CouncilPage, err error) {
	args := who.rights(pgx.NamedArgs{"council": slug, "now": s.Now(), "waiting": waitingMost})
	const line = `select p.id, coalesce(p.handle, '') as handle, p.name, p.job_title from people p`
	var row struct {
		Council
		MovedTo string
		Follows []string
	}
	var b pgx.Batch
	b.Queue(`select `+councilColumns+`, coalesce((select n.slug from councils n where n.id = council_now(c.id) and n.id <> c.id), '') as moved_to, `+councilFollows+`
		from councils c where c.slug = @council`, args).Query(IntoOne(&row))
	b.Queue(`select `+councilColumns+`, s.on_date from successions s join councils c on c.id = s.new_id
		where s.old_id = (select id from councils where slug = @council) order by c.shown_name`, args).Query(Into(&p.Successors))
	b.Queue(beforeQuery, args).Query(Into(&p.Before))
	b.Queue(line+` join roles r on r.person_id = p.id and r.role = 'lead' and `+RoleHolds+`
		where r.council_id = (select id from councils where slug = @council) and `+known+` order by p.name`, args).Query(Into(&p.Leads))
	b.Queue(line+` where p.council_id = (select id from councils where slug = @council) and `+known+` order by p.name limit 200`, args).Query(Into(&p.People))
	b.Queue(`select t.kind as value, count(*)::int as count from threads t where `+ofLine+` and `+listed+` group by t.kind`, args).Query(Into(&p.Kinds))
	b.Queue(`select `+threadColumns+unreadColumn+` from `+threadTables+` where `+ofLine+` and `+listed+unanswered+`
		order by t.asked_at limit @waiting`, args).Query(Into(&p.Waiting))
	b.Queue(listQuery(Filter{Council: slug}), args).Query(Into(&p.Threads))
	b.Queue(councilLessonsQuery, args).Query(Into(&p.Lessons))
	b.Queue(councilProjectsQuery, args).Query(Into(&p.Projects))
	b.Queue(councilProductsQuery, args).Query(Into(&p.Products))
	if err := s.Send(ctx, &b); err != nil {
		return CouncilPage{}, err
	}
	p.Council, p.MovedTo, p.Following = row.Council, row.MovedTo, following(who, row.Follows)
	p.Threads = p.Threads[:min(len(p.Threads), ThreadsPerPage)]
	s.freshen(who, p.Threads)
	s.freshen(who, p.Waiting)
	return p, nil
}

// beforeQuery reads the councils that @council came from, the latest first, and those
// that they had come from.
const beforeQuery = `
	with recursive line (id, on_date) as (
		select s.old_id, s.on_date from successions s where s.new_id = (select id from councils where slug = @council)
		union
		select s.old_id, s.on_date from line l join successions s on s.new_id = l.id and s.kind <> 'planned'
	)
	select ` + councilColumns + `, ` + `l.on_date, council_now(c.id) <> c.id as moved
	from line l join councils c on c.id = l.id order by l.on_date desc, c.shown_name`

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
	CanGrant   bool // a colleague, to whom the reader may give a role
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
	where r.person_id = @id and ` + RoleHolds + `
	group by r.id, c.id order by r.id`

// PersonPage reads a person's page in one round trip. Newcomers show to
// themselves, to the team and to who may let them in; to others they are not there.
// Who was erased having been there for all is ErrGone.
func (s *Store) PersonPage(ctx context.Context, who Person, id int64) (p PersonPage, err error) {
	return s.PersonPageWith(ctx, who, id, nil)
}

// PersonPageWith is PersonPage with what another package shows on it: also, if it is not
// nil, has the same round trip read that.
func (s *Store) PersonPageWith(ctx context.Context, who Person, id int64, also func(b *pgx.Batch, args pgx.NamedArgs)) (p PersonPage, err error) {
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
	if also != nil {
		also(&b, args)
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
	p.CanGrant = CanGrant(who) && p.Person.Standing == Colleague
	p.CanLetIn = p.Person.Standing == Newcomer && CanLetIn(who, p.Person)
	if p.Person.SuspendedUntil != nil {
		p.Suspension = more.Suspension
	}
	return p, nil
}
