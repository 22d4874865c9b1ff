package forum

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Standing is how well a person is known to Moothall.
type Standing string

// The standings. A visitor has no account.
const (
	Visitor   Standing = "visitor"
	Newcomer  Standing = "newcomer"
	Colleague Standing = "colleague"
	Supplier  Standing = "supplier"
)

// Person is somebody as far as rights and names go. The zero Person is a visitor;
// Operator is whoever runs the program.
type Person struct {
	ID             int64
	Handle         string
	Name           string
	JobTitle       string
	Standing       Standing
	CouncilID      int64
	CouncilSlug    string
	CouncilName    string
	CouncilEnded   bool // it has become others, and nobody but they know which one is theirs
	Company        string
	Lang           string
	Joined         bool // has filled in the joining form and accepted the rules
	TurnedAwayWhy  string
	SuspendedUntil *time.Time // set while suspended
	SuspendedWhy   string
	Roles          Role    // all of them, or'ed; none while suspended, and none of who is no colleague
	Leads          []int64 // councils they lead; likewise
	Notices        int     // unread, up to NoticesMost; known only of whose request it is
}

// NoticesMost is how far unread notices are counted: beyond it there are many.
const NoticesMost = 100

// Operator is whoever runs the program: the command line and the demo act as them.
var Operator = Person{Standing: Visitor, Roles: Administrator | Curator | Moderator}

// SignedIn reports whether this is anybody.
func (p Person) SignedIn() bool { return p.ID != 0 }

// Is reports whether the person has a role now.
func (p Person) Is(r Role) bool { return p.Roles&r != 0 }

// Team reports whether the person is of the central team.
func (p Person) Team() bool { return p.Is(Curator | Moderator | Administrator) }

// IsColleague reports whether the person reads what is for councils only.
func (p Person) IsColleague() bool {
	return p.Standing == Colleague && p.Joined && p.SuspendedUntil == nil || p.Team()
}

// LeadsCouncil reports whether the person leads this council.
func (p Person) LeadsCouncil(id int64) bool {
	for _, lead := range p.Leads {
		if lead == id && id != 0 {
			return true
		}
	}
	return false
}

// personColumns are read wherever a whole Person is wanted, from people p, council c.
const personColumns = `
	p.id, coalesce(p.handle, '') as handle, p.name, p.job_title, p.standing,
	coalesce(p.council_id, 0) as council_id, coalesce(c.slug, '') as council_slug, coalesce(c.shown_name, '') as council_name,
	coalesce(c.status = 'former', false) as council_ended, coalesce(p.company, '') as company, p.lang, p.joined_at is not null as joined,
	coalesce(p.turned_away_why, '') as turned_away_why,
	case when p.suspended_at <= @now and p.suspended_until > @now then p.suspended_until end as suspended_until,
	coalesce(p.suspended_why, '') as suspended_why,
	array(select r.role || ' ' || coalesce(r.council_id, 0) from roles r
		where r.person_id = p.id and ` + RoleHolds + ` order by r.id) as held_roles`

// personRow is a Person as it comes from personColumns.
type personRow struct {
	Person
	HeldRoles []string // each with the number of its council, or 0
	Live      bool
	Unread    bool // notices, of which they may hear of some no more
}

// settle turns the names into roles. They are something on top of being a
// colleague: who is none any more, or is suspended, has none while that lasts.
func (r personRow) settle() Person {
	p := r.Person
	for _, held := range r.HeldRoles {
		name, council, _ := strings.Cut(held, " ")
		p.Roles |= roleNames[name]
		if id, err := strconv.ParseInt(council, 10, 64); err == nil && roleNames[name] == Lead {
			p.Leads = append(p.Leads, id)
		}
	}
	if p.SuspendedUntil != nil || p.Standing != Colleague {
		p.Roles, p.Leads = 0, nil
	}
	return p
}

// unreadQuery counts the unread notices of whose session it is that they may still hear of.
const unreadQuery = `
	select count(*)::int from (
		select from sessions s
		join people p on p.id = s.person_id
		join notices n on n.person_id = p.id and n.read_at is null
		join events e on e.id = n.event_id
		left join threads t on t.id = n.thread_id left join posts x on x.id = n.post_id
		where s.hash = @hash and ` + Hears + ` and ` + StillSo + ` limit @most
	) unread`

// PersonOf reads who is behind a session, in one round trip: the session's hash is
// that of its cookie, live the condition under which a session s counts at @now, and
// kept that under which one that does not is still remembered. Without any such
// session the person is a visitor, and so where it was revoked. Of one that has lapsed
// or was signed out, live is false: its person may not act, but a form they posted can
// be kept for them. What is queued along is read in the same trip. To count what is
// unread takes longer than all else, so it is done for those alone who have something:
// the first time along with what is asked next (see Trips).
func (s *Store) PersonOf(ctx context.Context, hash []byte, liveSQL, keptSQL string, along ...func(*pgx.Batch)) (who Person, live bool, err error) {
	args := pgx.NamedArgs{"hash": hash, "now": s.Now(), "most": NoticesMost}
	unread := 0
	count := func(b *pgx.Batch) {
		b.Queue(unreadQuery, args).QueryRow(func(r pgx.Row) error { return r.Scan(&unread) })
	}
	var row *personRow
	var b pgx.Batch
	b.Queue(`
		select `+personColumns+`, (`+liveSQL+`) as live, exists (select from notices n where n.person_id = p.id and n.read_at is null) as unread
		from sessions s
		join people p on p.id = s.person_id and p.erased_at is null
		left join councils c on c.id = p.council_id
		where s.hash = @hash and not s.revoked and `+keptSQL, args).Query(IntoMaybe(&row))
	known, _ := s.known.get(hash)
	if known.Notices > 0 {
		count(&b)
	}
	for _, queue := range along {
		queue(&b)
	}
	if err := s.Send(ctx, &b); err != nil {
		return Person{}, false, err
	}
	if row == nil {
		return Person{Standing: Visitor}, false, nil
	}
	if row.Unread && known.Notices == 0 && !countAlong(ctx, args) {
		b = pgx.Batch{}
		count(&b)
		if err := s.Send(ctx, &b); err != nil {
			return Person{}, false, err
		}
	}
	who = row.settle()
	who.Notices = unread
	s.known.set(hash, who, row.Unread)
	return who, row.Live, nil
}

// Guess is who was behind a session when this node last read it, without their name.
// Nothing may rest on it: it tells what to read along with who it is.
func (s *Store) Guess(hash []byte) (Person, bool) { return s.known.get(hash) }

// guesses are who was behind each session; Notices is 1 where anything was unread.
type guesses struct {
	mu sync.Mutex
	of map[string]Person
}

// guessesMost bounds them: beyond it they are forgotten, which costs each a round trip.
const guessesMost = 20_000

func (g *guesses) get(hash []byte) (Person, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	who, there := g.of[string(hash)]
	return who, there
}

func (g *guesses) set(hash []byte, who Person, unread bool) {
	guess := Person{ID: who.ID, Standing: who.Standing, CouncilID: who.CouncilID, CouncilEnded: who.CouncilEnded, Lang: who.Lang,
		Joined: who.Joined, SuspendedUntil: who.SuspendedUntil, Roles: who.Roles, Leads: who.Leads}
	if unread {
		guess.Notices = 1
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.of) >= guessesMost {
		clear(g.of)
	}
	g.of[string(hash)] = guess
}

// Person reads one person by id, as rights see them; else ErrNotFound.
func (s *Store) Person(ctx context.Context, id int64) (Person, error) {
	return s.person(ctx, `p.id = @id`, pgx.NamedArgs{"id": id})
}

// FindPerson finds a person by number, handle or proven address; ErrNotFound if
// nobody is, or if two share the address.
func (s *Store) FindPerson(ctx context.Context, who string) (Person, error) {
	if id, err := strconv.ParseInt(who, 10, 64); err == nil {
		return s.Person(ctx, id)
	}
	if strings.Contains(who, "@") {
		return s.person(ctx, `lower(p.proven_email) = lower(@email) and not exists (select from mailboxes m where m.person_id = p.id)`, pgx.NamedArgs{"email": who})
	}
	return s.person(ctx, `p.handle = @handle`, pgx.NamedArgs{"handle": who})
}

// PersonWith finds who signs in with an identity; ErrNotFound if nobody has yet.
func (s *Store) PersonWith(ctx context.Context, issuer, subject string) (Person, error) {
	return s.person(ctx, `p.id = (select person_id from identities where issuer = @issuer and subject = @subject)`,
		pgx.NamedArgs{"issuer": issuer, "subject": subject})
}

func (s *Store) person(ctx context.Context, where string, args pgx.NamedArgs) (Person, error) {
	args["now"] = s.Now()
	rows, err := s.read.Query(ctx, `
		select `+personColumns+` from people p left join councils c on c.id = p.council_id
		where p.erased_at is null and `+where, args)
	if err != nil {
		return Person{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[personRow])
	if errors.Is(err, pgx.ErrNoRows) || errors.Is(err, pgx.ErrTooManyRows) {
		return Person{}, ErrNotFound
	}
	return row.settle(), err
}

// Person reads and locks a person, as rights see them; ErrNotFound if there is none.
func (d *Deed) Person(ctx context.Context, id int64) (Person, error) {
	if err := d.lockPerson(ctx, id); err != nil {
		return Person{}, err
	}
	rows, err := d.Query(ctx, `select `+personColumns+` from people p left join councils c on c.id = p.council_id where p.id = @id`,
		pgx.NamedArgs{"id": id, "now": d.At})
	if err != nil {
		return Person{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[personRow])
	return row.settle(), err
}

// meetDoer reads the deed's doer again, and locks them: somebody may have let them
// in, or suspended them, since their page was made. Who has gone is ErrForbidden.
func (d *Deed) meetDoer(ctx context.Context) (err error) {
	if d.store.past {
		return d.lockPerson(ctx, d.Who.ID) // as they were then
	}
	d.Who, err = d.Person(ctx, d.Who.ID)
	if errors.Is(err, ErrNotFound) {
		return ErrForbidden
	}
	return err
}

// lockPerson takes a person's row for the deed; ErrNotFound if there is none.
func (d *Deed) lockPerson(ctx context.Context, id int64) error {
	err := d.QueryRow(ctx, `select id from people where id = $1 and erased_at is null for no key update`, id).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// Posts a person may write in a minute and in a day.
const (
	postsMinute, postsDay                 = 10, 100
	newcomerPostsMinute, newcomerPostsDay = 3, 10
)

// pace keeps a person to so many posts; over that it is TooMany. It meets the doer
// anew, whose lock has fifty forms sent at once counted one after another.
func (d *Deed) pace(ctx context.Context) error {
	if !d.Who.SignedIn() {
		return nil
	}
	if err := d.meetDoer(ctx); err != nil || !d.store.limits {
		return err
	}
	perMinute, perDay := postsMinute, postsDay
	if d.Who.Standing == Newcomer {
		perMinute, perDay = newcomerPostsMinute, newcomerPostsDay
	}
	// The post that must grow old before another is allowed is the newest but (limit - 1).
	var minute, day *time.Time
	err := d.QueryRow(ctx, `
		select
			(select posted_at from posts where author_id = @who and posted_at > @minute order by posted_at desc offset @per_minute limit 1),
			(select posted_at from posts where author_id = @who and posted_at > @day order by posted_at desc offset @per_day limit 1)`,
		pgx.NamedArgs{"who": d.Who.ID, "minute": d.At.Add(-time.Minute), "day": d.At.Add(-24 * time.Hour),
			"per_minute": perMinute - 1, "per_day": perDay - 1}).Scan(&minute, &day)
	switch {
	case err != nil:
		return err
	case day != nil:
		return &TooMany{Until: day.Add(24 * time.Hour)}
	case minute != nil:
		return &TooMany{Until: minute.Add(time.Minute)}
	}
	return nil
}

// giveHandle gives a person the word by which others mention them, made from
// their name, once. It is theirs for good.
func (d *Deed) giveHandle(ctx context.Context, id int64, name string) error {
	base := Slug(name)
	if base == "" || len(base) > 50 {
		base = "person"
	}
	// One at a time: two Anns who join at once are not given the same word.
	if _, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('people.handle', 0))`); err != nil {
		return err
	}
	for n := 1; ; n++ {
		handle := base
		if n > 1 {
			handle = fmt.Sprintf("%s-%d", base, n)
		}
		tag, err := d.Exec(ctx, `
			update people set handle = $2
			where id = $1 and handle is null and not exists (select from people where handle = $2)`, id, handle)
		if err != nil || tag.RowsAffected() == 1 {
			return err
		}
		var has bool
		if err := d.QueryRow(ctx, `select handle is not null from people where id = $1`, id).Scan(&has); err != nil || has {
			return err
		}
	}
}
