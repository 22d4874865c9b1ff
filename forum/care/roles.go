package care

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// RolesPage is who holds which role, and what was given and taken lately.
type RolesPage struct {
	Held    []HeldRole
	Find    string // the name that was looked for
	Found   []Grantee
	Entries []forum.Entry
	Undone  map[int64]bool
	CanUndo map[int64]bool
	Draft   RoleDraft
}

// HeldRole is a role that somebody has now.
type HeldRole struct {
	ID        int64
	Role      string
	Council   string // of a lead
	GrantedAt time.Time
	Until     *time.Time
	GiverID   int64 // 0: the operator
	Giver     string
	Idle      bool // they are no colleague now, or suspended: it gives them nothing
	Grantee
}

// Grantee is a colleague to whom a role can be given.
type Grantee struct {
	PersonID int64
	Handle   string
	Name     string
	JobTitle string
	Place    string // their council
}

// RoleDraft is what was chosen to give somebody a role.
type RoleDraft struct {
	PersonID int64
	Role     string
	Until    *time.Time // the end; nil: none. The zero time is a day that could not be read
	Typed    string     // the end as it was typed
	Reason   string
}

// granteesMost is how many people a name finds; who looks for more types more of it.
const granteesMost = 20

// RolesPage reads it in one round trip; ErrForbidden for who does not give roles. A
// person who is chosen already is found by their number, whatever was looked for.
func (s *Store) RolesPage(ctx context.Context, who forum.Person, find string, draft RoleDraft) (p RolesPage, err error) {
	if !forum.CanGrant(who) {
		return RolesPage{}, forum.ErrForbidden
	}
	p.Find, p.Draft = find, draft
	var undone []struct{ ID int64 }
	args := pgx.NamedArgs{"now": s.Now(), "begun": forum.Slug(find), "person": draft.PersonID, "limit": granteesMost,
		"deeds": []string{string(forum.Granted), string(forum.Revoked)}}
	var b pgx.Batch
	b.Queue(`
		select r.id, r.role, coalesce(c.shown_name, '') as council, r.granted_at, r.until,
			p.id as person_id, coalesce(p.handle, '') as handle, p.name, p.job_title, coalesce(h.shown_name, '') as place,
			coalesce(g.id, 0) as giver_id, coalesce(g.name, '') as giver,
			p.standing <> 'colleague' or (p.suspended_at <= @now and p.suspended_until > @now) is true as idle
		from roles r join people p on p.id = r.person_id left join councils c on c.id = r.council_id left join councils h on h.id = p.council_id
		left join lateral (select e.doer_id from entries e where e.role_id = r.id and e.deed = 'granted' order by e.id desc limit 1) e on true
		left join people g on g.id = e.doer_id
		where `+forum.RoleHolds+`
		order by array_position('{administrator,moderator,curator,lead}', r.role), c.shown_name, p.name, r.id`, args).Query(forum.Into(&p.Held))
	b.Queue(`
		select p.id as person_id, coalesce(p.handle, '') as handle, p.name, p.job_title, coalesce(c.shown_name, '') as place
		from people p left join councils c on c.id = p.council_id
		where (p.id = @person or @begun <> '' and (p.handle like @begun || '%' or p.handle like '%-' || @begun || '%'))
			and p.standing = 'colleague' and p.joined_at is not null and p.erased_at is null
		order by p.id <> @person, p.name, p.id limit @limit`, args).Query(forum.Into(&p.Found))
	b.Queue(logQuery+` where e.deed = any(@deeds) order by e.id desc limit 50`, args).Query(forum.Into(&p.Entries))
	b.Queue(`
		select u.undoes as id from entries u join entries e on e.id = u.undoes where e.deed = any(@deeds) order by u.id desc limit 1000`, args).Query(forum.Into(&undone))
	if err := s.Send(ctx, &b); err != nil {
		return RolesPage{}, err
	}
	p.Undone, p.CanUndo = map[int64]bool{}, map[int64]bool{}
	for _, e := range undone {
		p.Undone[e.ID] = true
	}
	for _, e := range p.Entries {
		p.CanUndo[e.ID] = s.canUndo(e) && s.mayUndo(who, e) && !p.Undone[e.ID]
	}
	return p, nil
}

// GiveRole gives a colleague a role, with a reason; a lead's is that of their own
// council. The same again, with the same end, changes nothing.
func (s *Store) GiveRole(ctx context.Context, who forum.Person, draft RoleDraft) error {
	draft.Reason = forum.CleanReason(draft.Reason)
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !forum.CanGrant(who) {
			return forum.ErrForbidden
		}
		role, known := forum.ParseRole(draft.Role)
		p, err := grantee(ctx, d, draft.PersonID)
		if err != nil {
			return err
		}
		bad := draft.check(p, role, known, d.At)
		if role == forum.Administrator && draft.Until != nil {
			last, err := d.IsLastAdministrator(ctx, p.ID)
			if err != nil {
				return err
			}
			if last {
				bad.Add("until", "roles.last_until")
			}
		}
		if bad = append(bad, forum.CheckReason(draft.Reason)...); bad != nil {
			return bad
		}
		g := forum.GrantDraft{PersonID: p.ID, Role: role, Until: draft.Until, Reason: draft.Reason}
		if role == forum.Lead {
			g.CouncilID = p.CouncilID
		}
		return d.Grant(ctx, g)
	})
}

// check says what keeps a role from being given to a person.
func (draft RoleDraft) check(p forum.Person, role forum.Role, known bool, now time.Time) (bad forum.Invalid) {
	switch {
	case p.ID == 0:
		bad.Add("person", "roles.person_choose")
	case role == forum.Lead && p.CouncilID == 0:
		bad.Add("role", "roles.no_council")
	}
	if !known {
		bad.Add("role", "roles.role_choose")
	}
	if draft.Until != nil && !draft.Until.After(now) {
		bad.Add("until", "roles.until_future")
	}
	return bad
}

// grantee reads and locks a colleague; nobody where there is none of that number.
func grantee(ctx context.Context, d *forum.Deed, id int64) (forum.Person, error) {
	p, err := d.Person(ctx, id)
	if err == nil && (p.Standing != forum.Colleague || !p.Joined) || errors.Is(err, forum.ErrNotFound) {
		return forum.Person{}, nil
	}
	return p, err
}

// EndRole takes a role from whoever has it, with a reason: ErrNotFound if nobody has it
// any more, Invalid if they are the last administrator.
func (s *Store) EndRole(ctx context.Context, who forum.Person, roleID int64, reason string) error {
	reason = forum.CleanReason(reason)
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !forum.CanGrant(who) {
			return forum.ErrForbidden
		}
		e := forum.Entry{Deed: forum.Revoked, RoleID: roleID}
		err := d.QueryRow(ctx, `
			select person_id, coalesce(council_id, 0) from roles
			where id = $1 and ended_at is null and (until is null or until > $2)`, roleID, d.At).Scan(&e.PersonID, &e.CouncilID)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return forum.ErrNotFound
		case err != nil:
			return err
		}
		if bad := forum.CheckReason(reason); bad != nil {
			return bad
		}
		e.Reason = reason
		return endRole(ctx, d, e)
	})
}

// endRole ends a role, and leaves an entry; ErrConflict if it has ended already, Invalid if
// it is the last administrator's.
func endRole(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	last, err := d.IsLastAdministrator(ctx, e.PersonID)
	if err != nil {
		return err
	}
	var role string
	err = d.QueryRow(ctx, `update roles set ended_at = $2 where id = $1 and ended_at is null returning role`, e.RoleID, d.At).Scan(&role)
	if err != nil {
		return somethingElse(err)
	}
	if last && role == forum.Administrator.String() {
		return forum.Invalid{{Field: "reason", Key: "roles.last"}}
	}
	e.Deed, e.Reason = forum.Revoked, roleReason(role, e.Reason)
	if _, err = d.Record(ctx, e); err != nil {
		return err
	}
	return d.TellRole(ctx, forum.RoleEnded, e.PersonID, e.RoleID)
}

// How long before its end somebody is told of a role, and how long after it at most.
const (
	endsSoon  = 7 * 24 * time.Hour
	endedLong = 30 * 24 * time.Hour
)

// TellEndings tells everybody whose role ends within a week that it does, and once it has
// that it did, each once. A role that was given again with another end is another.
func (s *Store) TellEndings(ctx context.Context) (told int, err error) {
	err = s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		rows, err := d.Query(ctx, `
			with due as (
				select r.id, r.until <= @at as over from roles r
				where r.until between @old and @soon and r.ended_at is null and r.told_over_at is null and (r.until <= @at or r.told_ahead_at is null)
				order by r.id for update
			)
			update roles r set told_ahead_at = coalesce(r.told_ahead_at, @at), told_over_at = case when due.over then @at::timestamptz end
			from due where r.id = due.id
			returning r.id, r.person_id, due.over`, pgx.NamedArgs{"at": d.At, "soon": d.At.Add(endsSoon), "old": d.At.Add(-endedLong)})
		if err != nil {
			return err
		}
		type ending struct {
			ID, PersonID int64
			Over         bool
		}
		due, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[ending])
		if err != nil {
			return err
		}
		for _, r := range due {
			kind := forum.RoleEnding
			if r.Over {
				kind = forum.RoleOver
			}
			if err := d.Tell(ctx, forum.Event{Kind: kind, PersonID: r.PersonID, RoleID: r.ID}); err != nil {
				return err
			}
		}
		told = len(due)
		return nil
	})
	return told, err
}

// roleReason is what an entry says of a role: its name, and behind it why.
func roleReason(role, why string) string {
	if first, _, _ := strings.Cut(why, " "); first == role {
		return why
	}
	return role + " " + why
}

// somethingElse makes ErrConflict of a row that is not as it was.
func somethingElse(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return forum.ErrConflict
	}
	return err
}

// takeRoleBack undoes that a role was given. The one that it took the place of, which had
// another end, begins anew.
func takeRoleBack(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	if err := endRole(ctx, d, e); err != nil {
		return err
	}
	before := forum.Entry{Deed: forum.Granted, PersonID: e.PersonID, CouncilID: e.CouncilID}
	var role string
	err := d.QueryRow(ctx, `
		insert into roles (person_id, role, council_id, granted_at, until)
		select r.person_id, r.role, r.council_id, @at, r.until
		from roles given join roles r on r.person_id = given.person_id and r.role = given.role
			and r.council_id is not distinct from given.council_id and r.id < given.id and r.ended_at = given.granted_at
		where given.id = @role and (r.until is null or r.until > @at)
		order by r.id desc limit 1
		returning id, role`, pgx.NamedArgs{"role": e.RoleID, "at": d.At}).Scan(&before.RoleID, &role)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	before.Reason = roleReason(role, e.Reason)
	_, err = d.Record(ctx, before)
	return err
}

// giveRoleBack undoes that a role was taken: it begins anew, with the end that it had.
// ErrConflict if that has passed, if they have been given it meanwhile, or are a colleague
// no more, or of another council than they led.
func giveRoleBack(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	p, err := grantee(ctx, d, e.PersonID)
	if err != nil {
		return err
	}
	var role string
	err = d.QueryRow(ctx, `
		insert into roles (person_id, role, council_id, granted_at, until)
		select r.person_id, r.role, r.council_id, @at, r.until from roles r
		where r.id = @role and r.person_id = @person and (r.until is null or r.until > @at) and (r.council_id is null or r.council_id = @council)
		on conflict (person_id, role, coalesce(council_id, 0)) where ended_at is null do nothing
		returning id, role`, pgx.NamedArgs{"role": e.RoleID, "at": d.At, "person": p.ID, "council": p.CouncilID}).Scan(&e.RoleID, &role)
	if err != nil {
		return somethingElse(err)
	}
	e.Deed, e.Reason = forum.Granted, roleReason(role, e.Reason)
	if _, err = d.Record(ctx, e); err != nil {
		return err
	}
	return d.TellRole(ctx, forum.RoleGiven, e.PersonID, e.RoleID)
}
