package care

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Newcomer is somebody who waits to be let in, and what they have written so far.
type Newcomer struct {
	ID            int64
	Name          string
	JobTitle      string
	CouncilID     int64
	CouncilSlug   string
	CouncilName   string
	Company       string
	ProvenEmail   string // told to those who decide: it is what they judge by
	JoinedAt      time.Time
	TurnedAwayAt  *time.Time
	TurnedAwayWhy string
	Seen          string // what of theirs is held, for LetIn
	Vouched       string // who else their address has made a colleague; empty for nobody
	VouchedID     int64
	Held          []HeldPost
}

// HeldPost is something a newcomer wrote that waits with them.
type HeldPost struct {
	PersonID int64
	PostID   int64
	ThreadID int64
	Title    string
	Excerpt  string
	At       time.Time
}

// NewcomersPage is what those work from who let people in.
type NewcomersPage struct {
	Waiting    []Newcomer    // the longest first
	TurnedAway []Newcomer    // lately; they can still be let in
	Decided    []forum.Entry // lately, that the reader may undo; the newest first
}

// lately is how long the desk shows what was decided.
const lately = 30 * 24 * time.Hour

// NewcomersPage reads who waits and what was decided lately: for a curator all, for
// a lead those of their councils; ErrForbidden for others.
func (s *Store) NewcomersPage(ctx context.Context, who forum.Person) (page NewcomersPage, err error) {
	if !forum.CanSeeNewcomers(who) {
		return NewcomersPage{}, forum.ErrForbidden
	}
	args := pgx.NamedArgs{"all": who.Is(forum.Curator), "leads": append([]int64{}, who.Leads...), "lately": s.Now().Add(-lately)}
	const waiting = `p.standing = 'newcomer' and p.joined_at is not null and p.erased_at is null
		and (p.turned_away_at is null or p.turned_away_at > @lately)
		and (@all or p.company is null and p.council_id = any(@leads))`
	var newcomers []Newcomer
	var held []HeldPost
	var decided []forum.Entry
	var b pgx.Batch
	b.Queue(`
		select p.id, p.name, p.job_title, coalesce(p.council_id, 0) as council_id, coalesce(c.slug, '') as council_slug,
			coalesce(c.shown_name, '') as council_name, coalesce(p.company, '') as company,
			coalesce(p.proven_email, '') as proven_email, p.joined_at, p.turned_away_at, coalesce(p.turned_away_why, '') as turned_away_why,
			(`+heldOf+`) as seen, coalesce(v.name, '') as vouched, coalesce(v.id, 0) as vouched_id
		from people p left join councils c on c.id = p.council_id
		left join proofs f on f.address = sha256(convert_to(lower(p.proven_email), 'UTF8')) and f.person_id <> p.id
		left join people v on v.id = f.person_id
		where `+waiting+` order by p.turned_away_at is not null, p.joined_at limit 200`, args).Query(forum.Into(&newcomers))
	b.Queue(`
		select p.id as person_id, q.id as post_id, t.id as thread_id, t.title, q.excerpt, q.posted_at as at
		from people p
		join posts q on q.author_id = p.id and q.held_at is not null and q.hidden_at is null and q.deleted_at is null
		join threads t on t.id = q.thread_id and t.hidden_at is null and t.deleted_at is null
		where `+waiting+` order by q.id limit 1000`, args).Query(forum.Into(&held))
	b.Queue(decidedQuery, args).Query(forum.Into(&decided))
	if err := s.Send(ctx, &b); err != nil {
		return NewcomersPage{}, err
	}
	for _, n := range newcomers {
		for _, post := range held {
			if post.PersonID == n.ID {
				n.Held = append(n.Held, post)
			}
		}
		if n.TurnedAwayAt != nil {
			page.TurnedAway = append(page.TurnedAway, n)
		} else {
			page.Waiting = append(page.Waiting, n)
		}
	}
	for _, e := range decided {
		if s.mayUndo(who, e) {
			page.Decided = append(page.Decided, e)
		}
	}
	return page, nil
}

// decidedQuery reads who was let in or turned away lately and is so still.
const decidedQuery = `
	select e.id, e.at, coalesce(e.doer_id, 0) as doer_id, coalesce(a.name, '') as doer_name, e.deed, p.id as person_id,
		p.name as person_name, coalesce(e.council_id, 0) as council_id, e.reason
	from entries e join people p on p.id = e.person_id and p.erased_at is null left join people a on a.id = e.doer_id
	where e.at > @lately and (@all or p.company is null and e.council_id = any(@leads))
		and (e.deed = 'let_in' and p.standing <> 'newcomer' and p.council_id is not distinct from e.council_id
			or e.deed = 'turned_away' and p.standing = 'newcomer' and p.turned_away_at = e.at)
		and not exists (select from entries u where u.undoes = e.id)
		and not exists (select from entries l where l.person_id = e.person_id and l.deed = e.deed and l.id > e.id)
	order by e.id desc limit 20`

// heldOf tells what of person p is held, so that a change of it can be told: one that
// is taken back for another, by the highest number.
const heldOf = `select count(*) || '.' || coalesce(sum(q.version), 0) || '.' || coalesce(max(q.id), 0) from posts q
	where q.author_id = p.id and q.held_at is not null and q.hidden_at is null and q.deleted_at is null`

// LetInDraft is what was on the page where somebody was let in.
type LetInDraft struct {
	Council string // for a newcomer without one: its word in addresses or its name
	Seen    string // Newcomer.Seen; empty where it is not known
}

// LetIn makes a newcomer a colleague of their council, or a confirmed supplier,
// and publishes what was held, now. It is ErrConflict if that is no longer what was
// seen. Somebody who was let in meanwhile is a success that changes nothing.
func (s *Store) LetIn(ctx context.Context, who forum.Person, personID int64, draft LetInDraft) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := newcomer(ctx, d, personID)
		if err != nil || p.Standing != forum.Newcomer {
			return err
		}
		if p.Company == "" && p.CouncilID == 0 {
			if p.CouncilID, err = council(ctx, d, draft.Council); err != nil {
				return err
			}
		}
		if err := asSeen(ctx, d, personID, draft.Seen); err != nil {
			return err
		}
		standing := forum.Colleague
		if p.Company != "" {
			standing = forum.Supplier
		}
		_, err = d.Exec(ctx, `
			update people set standing = $2, council_id = nullif($3, 0), turned_away_at = null, turned_away_why = null
			where id = $1`, personID, standing, p.CouncilID)
		if err != nil {
			return err
		}
		if _, err := d.Record(ctx, forum.Entry{Deed: forum.LetIn, PersonID: personID, CouncilID: p.CouncilID}); err != nil {
			return err
		}
		if err := d.Tell(ctx, forum.Event{Kind: forum.PersonLetIn, PersonID: personID}); err != nil {
			return err
		}
		return d.Release(ctx, p)
	})
}

// asSeen is ErrConflict where what is held of somebody is not what was seen: nobody
// publishes words that they have not had before them.
func asSeen(ctx context.Context, d *forum.Deed, personID int64, seen string) error {
	if seen == "" {
		return nil
	}
	var now string
	err := d.QueryRow(ctx, `select (`+heldOf+`) from people p where p.id = $1`, personID).Scan(&now)
	if err == nil && now != seen {
		return forum.ErrConflict
	}
	return err
}

// TurnAway says no to a newcomer, with a reason that they are told. What they
// wrote stays held.
func (s *Store) TurnAway(ctx context.Context, who forum.Person, personID int64, reason string) error {
	reason = forum.CleanReason(reason)
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := newcomer(ctx, d, personID)
		if err != nil {
			return err
		}
		if p.Standing != forum.Newcomer {
			return forum.ErrConflict // somebody has let them in meanwhile
		}
		if bad := forum.CheckReason(reason); bad != nil {
			return bad
		}
		_, err = d.Exec(ctx, `update people set turned_away_at = $2, turned_away_why = $3 where id = $1`, personID, d.At, reason)
		if err != nil {
			return err
		}
		_, err = d.Record(ctx, forum.Entry{Deed: forum.TurnedAway, PersonID: personID, CouncilID: p.CouncilID, Reason: reason})
		return err
	})
}

// newcomer reads and locks somebody whom the doer may let in. To whom a newcomer
// does not show they are ErrNotFound.
func newcomer(ctx context.Context, d *forum.Deed, id int64) (forum.Person, error) {
	p, err := d.Person(ctx, id)
	switch {
	case err != nil:
		return forum.Person{}, err
	case !forum.CanSeePerson(d.Who, p):
		return forum.Person{}, forum.ErrNotFound
	case !forum.CanLetIn(d.Who, p):
		return forum.Person{}, forum.ErrForbidden
	}
	return p, nil
}

// council finds the council that a curator names for somebody who has none, by its
// word in addresses or its whole name.
func council(ctx context.Context, d *forum.Deed, named string) (id int64, err error) {
	rows, err := d.Query(ctx, `
		select id from councils
		where status = 'current' and (slug = $1 or lower(shown_name) = lower($1))
		order by slug = $1 desc limit 2`, strings.TrimSpace(named))
	if err != nil {
		return 0, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return 0, err
	}
	if len(found) != 1 {
		var bad forum.Invalid
		if named = strings.TrimSpace(named); named == "" {
			bad.Add("council", "newcomers.council_choose")
		} else {
			bad.Add("council", "newcomers.council_unknown", "Name", named)
		}
		return 0, bad
	}
	return found[0], nil
}
