package forum

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Role is what a person may do on top of being a colleague.
type Role uint8

// The roles; a person may have several.
const (
	Lead Role = 1 << iota // of one council or more, see Person.Leads
	Curator
	Moderator
	Administrator
)

var roleNames = map[string]Role{
	"lead": Lead, "curator": Curator, "moderator": Moderator, "administrator": Administrator,
}

// ParseRole reads a role's name.
func ParseRole(name string) (Role, bool) {
	r, ok := roleNames[name]
	return r, ok
}

// String is the role's name.
func (r Role) String() string {
	for name, role := range roleNames {
		if role == r {
			return name
		}
	}
	return "none"
}

// GrantDraft is a role to be given or taken.
type GrantDraft struct {
	PersonID  int64
	Role      Role
	CouncilID int64      // of a lead
	Until     *time.Time // nil: no end
	Reason    string     // why; empty where nobody says
}

// reason is what the audit log says of it: the role's name, and behind it why.
func (g GrantDraft) reason() string { return strings.TrimSpace(g.Role.String() + " " + g.Reason) }

// Grant gives a person a role. Given again with another end it is another grant, which
// ends the one before, so that each entry keeps the end that it was given with; with
// the same end nothing is done. Only an administrator and the operator (a who without
// id) may: else ErrForbidden. An end that is not to come is Invalid.
func (s *Store) Grant(ctx context.Context, who Person, g GrantDraft) error {
	return s.Do(ctx, who, func(d *Deed) error {
		if !CanGrant(who) {
			return ErrForbidden
		}
		return d.Grant(ctx, g)
	})
}

// Grant is the part of Store.Grant that another deed is made of.
func (d *Deed) Grant(ctx context.Context, g GrantDraft) error {
	if g.Until != nil && !g.Until.After(d.At) {
		return Invalid{{Field: "until", Key: "suspend.until_future"}}
	}
	if err := d.lockPerson(ctx, g.PersonID); err != nil {
		return err
	}
	args := pgx.NamedArgs{"person": g.PersonID, "role": g.Role.String(), "council": g.CouncilID, "at": d.At, "until": g.Until}
	var has bool
	err := d.QueryRow(ctx, `
		select exists (select from roles where person_id = @person and role = @role and coalesce(council_id, 0) = @council
			and ended_at is null and until is not distinct from @until)`, args).Scan(&has)
	if err != nil || has {
		return err
	}
	_, err = d.Exec(ctx, `
		update roles set ended_at = least(until, @at)
		where person_id = @person and role = @role and coalesce(council_id, 0) = @council and ended_at is null`, args)
	if err != nil {
		return err
	}
	var id int64
	err = d.QueryRow(ctx, `
		insert into roles (person_id, role, council_id, granted_at, until)
		values (@person, @role, nullif(@council, 0), @at, @until)
		returning id`, args).Scan(&id)
	if err != nil {
		return err
	}
	if _, err = d.Record(ctx, Entry{Deed: Granted, PersonID: g.PersonID, CouncilID: g.CouncilID, RoleID: id, Reason: g.reason()}); err != nil {
		return err
	}
	return d.TellRole(ctx, RoleGiven, g.PersonID, id)
}

// Revoke takes a role away; ErrNotFound when the person does not have it.
func (s *Store) Revoke(ctx context.Context, who Person, g GrantDraft) error {
	return s.Do(ctx, who, func(d *Deed) error {
		if !CanGrant(who) {
			return ErrForbidden
		}
		var id int64
		err := d.QueryRow(ctx, `
			update roles set ended_at = @at
			where person_id = @person and role = @role and coalesce(council_id, 0) = @council and ended_at is null
				and (until is null or until > @at)
			returning id`,
			pgx.NamedArgs{"person": g.PersonID, "role": g.Role.String(), "council": g.CouncilID, "at": d.At}).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if _, err = d.Record(ctx, Entry{Deed: Revoked, PersonID: g.PersonID, CouncilID: g.CouncilID, RoleID: id, Reason: g.reason()}); err != nil {
			return err
		}
		return d.TellRole(ctx, RoleEnded, g.PersonID, id)
	})
}

// TellRole tells somebody that an administrator gave them a role, or ended it. What the
// operator does they arrange with the person themselves.
func (d *Deed) TellRole(ctx context.Context, kind EventKind, personID, roleID int64) error {
	if !d.Who.SignedIn() {
		return nil
	}
	return d.Tell(ctx, Event{Kind: kind, PersonID: personID, RoleID: roleID})
}

// IsLastAdministrator reports whether a person is the only administrator without an end.
// There is always one, or the day would come when nobody could give a role but the
// operator, who may do without. To have oneself erased is a right, which nobody is refused
// for that.
func (d *Deed) IsLastAdministrator(ctx context.Context, personID int64) (bool, error) {
	rows, err := d.Query(ctx, `
		select r.person_id from roles r join people p on p.id = r.person_id
		where r.role = 'administrator' and r.ended_at is null and r.until is null
			and p.standing = 'colleague' and p.erased_at is null and (p.suspended_at <= $1 and p.suspended_until > $1) is not true
		order by r.id for no key update of r`, d.At) // locked: of two who end each other's the second waits, and finds itself the last
	if err != nil {
		return false, err
	}
	administrators, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	return slices.Equal(administrators, []int64{personID}) && d.Who.SignedIn(), err
}

// mayGo is Invalid at a field where the doer is the last administrator, and would be no
// colleague: they cannot go before there is another.
func (d *Deed) mayGo(ctx context.Context, then Standing, field string) error {
	if then == Colleague {
		return nil
	}
	last, err := d.IsLastAdministrator(ctx, d.Who.ID)
	if err == nil && last {
		return Invalid{{Field: field, Key: "roles.last_self"}}
	}
	return err
}
