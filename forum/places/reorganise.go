package places

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Reorganisation is a council that ends on a day, what it becomes, and what goes with it.
type Reorganisation struct {
	ID      int64
	Slug    string
	Name    string
	OnDate  time.Time // the first day of what it becomes
	Into    []string  // slugs; more than one where it is split
	People  int       // who go along, or of a split are asked where they work
	Leads   int
	Follows int
	Domains int
	Asked   []Asked // of a split, by name
}

// Asked is somebody whose council is split: nobody but they know where they work.
type Asked struct {
	ID   int64
	Name string
}

// Split reports whether the council becomes several. Its people cannot be moved: they
// keep it, as a council that has ended, until they say at /account/council where they
// work, and every page asks them to.
func (r Reorganisation) Split() bool { return len(r.Into) > 1 }

// planned reads reorganisations, and what of them there is to carry out. A council ends
// on the last of its days.
const planned = `
	select o.id, o.slug, o.shown_name as name, max(s.on_date) as on_date, array_agg(n.slug order by n.slug) as into,
		(select count(*) from people p where p.council_id = o.id and p.erased_at is null)::int as people,
		(select count(*) from roles r where r.council_id = o.id and ` + forum.RoleHolds + `)::int as leads,
		(select count(*) from follows f where f.subject_kind = 'council' and f.subject_id = o.id)::int as follows,
		(select count(*) from council_domains d where d.council_id = o.id and d.kind = 'email' and d.confidence <> 'legacy')::int as domains
	from successions s
	join councils o on o.id = s.old_id and o.status <> 'former'
	join councils n on n.id = s.new_id
	where s.kind = 'planned'
	group by o.id`

// Reorganisations are those that are to be carried out by the end of a day in London, in
// the order of their days; next is the first of those that come later, and zero where
// none does.
func (s *Store) Reorganisations(ctx context.Context, day time.Time) (due []Reorganisation, next time.Time, err error) {
	var all []Reorganisation
	var people []struct {
		ID, CouncilID int64
		Name          string
	}
	args := pgx.NamedArgs{"now": s.Now()}
	var b pgx.Batch
	b.Queue(planned+` order by on_date, o.slug`, args).Query(forum.Into(&all))
	b.Queue(`
		select p.id, p.council_id, p.name from people p
		where p.erased_at is null and p.council_id in (
			select s.old_id from successions s where s.kind = 'planned' group by s.old_id having count(*) > 1)
		order by p.name, p.id`, args).Query(forum.Into(&people))
	if err := s.Send(ctx, &b); err != nil {
		return nil, time.Time{}, err
	}
	for _, r := range all {
		if r.OnDate.After(forum.DayOf(day)) {
			if next.IsZero() {
				next = r.OnDate
			}
			continue
		}
		for _, p := range people {
			if p.CouncilID == r.ID {
				r.Asked = append(r.Asked, Asked{p.ID, p.Name})
			}
		}
		due = append(due, r)
	}
	return due, next, nil
}

// Today is the day in London.
func (s *Store) Today() time.Time { return forum.DayOf(s.Now()) }

// Reorganise carries out that a council ends: it says so, what it becomes begins, and
// people, leads, follows and domains go along. Words keep the council of their day, and
// so does who must say themselves where they work. One that was carried out, or whose
// day has not come, changes nothing, and is not done. Only the operator may.
func (s *Store) Reorganise(ctx context.Context, who forum.Person, councilID int64) (r Reorganisation, done bool, err error) {
	if !forum.CanReorganise(who) {
		return r, false, forum.ErrForbidden
	}
	err = s.Do(ctx, who, func(d *forum.Deed) error {
		r, done = Reorganisation{}, false
		var into []int64
		if r, into, err = begin(ctx, d, councilID); err != nil || len(into) == 0 {
			return err
		}
		args := pgx.NamedArgs{"old": councilID, "into": into, "on": r.OnDate, "at": d.At, "doer": d.Who.ID}
		steps := []string{endCouncil, beginCouncils, carryOut, handDomains, endDomains, handFollows, endFollows}
		if !r.Split() {
			args["new"] = into[0]
			steps = append(steps, lockPeople, moveProofs, moveHeldThreads, moveHeldPosts, movePeople, moveLeads,
				moveProjects, moveRegister, movePartners, moveReuses, countReuses, moveUses, moveMailboxes)
		}
		for _, step := range steps {
			if _, err := d.Exec(ctx, step, args); err != nil {
				return err
			}
		}
		done = true
		if r.Split() {
			if r.Asked, err = asked(ctx, d, councilID); err != nil {
				return err
			}
		}
		_, err := d.Record(ctx, forum.Entry{Deed: forum.Reorganised, CouncilID: councilID, Reason: strings.Join(r.Into, " ")})
		return err
	})
	return r, done, err
}

// begin locks the councils of a reorganisation and reads what there is to do; into is
// empty where that is nothing, or not yet.
func begin(ctx context.Context, d *forum.Deed, councilID int64) (r Reorganisation, into []int64, err error) {
	rows, err := d.Query(ctx, `
		select c.id from councils c
		where c.id = $1 or c.id in (select new_id from successions where old_id = $1)
		order by c.id for no key update`, councilID)
	if err != nil {
		return r, nil, err
	}
	locked, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return r, nil, err
	}
	rows, err = d.Query(ctx, planned+` having o.id = @old`, pgx.NamedArgs{"old": councilID, "now": d.At})
	if err != nil {
		return r, nil, err
	}
	r, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[Reorganisation])
	if errors.Is(err, pgx.ErrNoRows) || err == nil && r.OnDate.After(forum.DayOf(d.At)) {
		return Reorganisation{}, nil, nil
	}
	return r, slices.DeleteFunc(locked, func(id int64) bool { return id == councilID }), err
}

// asked are the people of a council that was split.
func asked(ctx context.Context, d *forum.Deed, councilID int64) ([]Asked, error) {
	rows, err := d.Query(ctx, `select id, name from people where council_id = $1 and erased_at is null order by name, id`, councilID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Asked])
}
