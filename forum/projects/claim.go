package projects

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// Claim is that somebody would speak for a supplier, and what a curator said of it.
type Claim struct {
	ID           int64
	State        string // asked, agreed, declined, ended
	Note         string
	AskedAt      time.Time
	DecidedAt    *time.Time
	Reason       string // why it was declined
	PersonID     int64
	PersonName   string
	PersonHandle string
	JobTitle     string
	Company      string
}

// How long what is said of a claim can be, and how many of one person may wait at a time.
const (
	claimLength  = 500
	reasonLength = 2000
	claimsMost   = 10
	claimsDay    = 20 // that one person makes in 24 hours
)

// speaksFor is true where @who speaks for a supplier, or for one that is merged into it or
// that it is merged into.
func speaksFor(supplier string) string {
	return `exists (select from supplier_claims q join suppliers a on a.id = q.supplier_id join suppliers c on c.id = ` + supplier + `
		where q.person_id = @who and q.state = 'agreed' and coalesce(a.merged_into, a.id) = coalesce(c.merged_into, c.id))`
}

const claimColumns = `q.id, q.state, q.note, q.asked_at, q.decided_at, q.reason, p.id as person_id, p.name as person_name, coalesce(p.handle, '') as person_handle, p.job_title, coalesce(p.company, '') as company`

// claimTables are the tables of claimColumns, for the supplier of @supplier and those that
// are merged into it.
const claimTables = `supplier_claims q join people p on p.id = q.person_id join suppliers g on g.id = q.supplier_id` + theSupplier + ` and s.id in (g.id, g.merged_into)`

const (
	myClaimQuery = `select ` + claimColumns + ` from ` + claimTables + ` where q.person_id = @who order by q.state = 'agreed' desc, q.id desc limit 1`
	claimsQuery  = `select ` + claimColumns + ` from ` + claimTables + ` where @curator and q.state in ('asked', 'agreed') order by q.state desc, q.id limit 100`
)

// meet reads the deed's doer again, and reads and locks somebody else, if that is not 0,
// before anything else is locked: either may have been suspended, or have gone, since the
// page was made. Nobody is there who has gone.
func meet(ctx context.Context, d *forum.Deed, other int64) (they forum.Person, err error) {
	if d.InPast() {
		return forum.Person{ID: other, Standing: forum.Supplier, Joined: true}, nil // as they were then
	}
	ids := []int64{d.Who.ID, other}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if id == 0 {
			continue
		}
		p, err := d.Person(ctx, id)
		if errors.Is(err, forum.ErrNotFound) {
			if p, err = (forum.Person{ID: id}), nil; id == d.Who.ID {
				err = forum.ErrForbidden
			}
		}
		if err != nil {
			return they, err
		}
		if id == other {
			they = p
		}
		if id == d.Who.ID {
			d.Who = p
		}
	}
	return they, nil
}

// claimant is who would speak for a supplier by a claim, met with the deed's doer.
func claimant(ctx context.Context, d *forum.Deed, id int64) (they forum.Person, err error) {
	var person int64
	err = d.QueryRow(ctx, `select coalesce((select person_id from supplier_claims where id = $1), 0)`, id).Scan(&person)
	if err != nil {
		return they, err
	}
	return meet(ctx, d, person)
}

// speaking reports whether the deed's doer speaks for a supplier, and keeps that from
// ending before the deed does.
func speaking(ctx context.Context, d *forum.Deed, supplierID int64) (bool, error) {
	tag, err := d.Exec(ctx, `
		select from supplier_claims q where q.person_id = @who and q.state = 'agreed' and q.supplier_id in (
			select a.id from suppliers a join suppliers c on coalesce(a.merged_into, a.id) = coalesce(c.merged_into, c.id) where c.id = @id)
		order by q.id for share`, pgx.NamedArgs{"who": d.Who.ID, "id": supplierID})
	return tag.RowsAffected() > 0, err
}

// supplier reads one that is there for the doer, and locks it.
func supplier(ctx context.Context, d *forum.Deed, slug string) (p Supplier, err error) {
	err = d.QueryRow(ctx, `select `+supplierColumns+` from suppliers s where s.slug = @supplier and s.merged_into is null and `+supplierIsThere+` for update of s`,
		d.Who.Rights(pgx.NamedArgs{"supplier": slug})).Scan(&p.ID, &p.Slug, &p.Name, &p.URL, &p.About, &p.Contact, &p.Version)
	if errors.Is(err, pgx.ErrNoRows) {
		err = forum.ErrNotFound
	}
	return p, err
}

// AskToSpeak asks to speak for a supplier, with a note for whoever decides. Who has asked
// already, or speaks for it, changes nothing; who was declined may ask again.
func (s *Store) AskToSpeak(ctx context.Context, who forum.Person, slug, note string) error {
	note = strings.TrimSpace(markup.Clean(note))
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if _, err := meet(ctx, d, 0); err != nil {
			return err
		}
		p, err := supplier(ctx, d, slug)
		switch {
		case err != nil:
			return err
		case !CanClaim(d.Who):
			return &forum.Forbidden{Why: "suppliers.not_yours"}
		case utf8.RuneCountInString(note) > claimLength:
			return forum.Invalid{{Field: "note", Key: "projects.fact_long", Args: []any{"Max", claimLength, "Over", utf8.RuneCountInString(note) - claimLength}}}
		}
		var waits, today int
		var spoken bool
		err = d.QueryRow(ctx, `select (select count(*) from supplier_claims where person_id = @who and state = 'asked')::int,
			(select count(*) from supplier_claims where person_id = @who and asked_at > @day)::int,
			exists (select from supplier_claims q join suppliers g on g.id = q.supplier_id where @id in (g.id, g.merged_into) and q.person_id = @who and q.state in ('asked', 'agreed'))`,
			pgx.NamedArgs{"who": d.Who.ID, "id": p.ID, "day": d.At.Add(-24 * time.Hour)}).Scan(&waits, &today, &spoken)
		switch {
		case err != nil || spoken:
			return err
		case waits >= claimsMost:
			return forum.Invalid{{Field: "note", Key: "suppliers.claims_most", Args: []any{"Max", claimsMost}}}
		case today >= claimsDay:
			return forum.Invalid{{Field: "note", Key: "suppliers.claims_day", Args: []any{"Max", claimsDay}}}
		}
		_, err = d.Exec(ctx, `insert into supplier_claims (supplier_id, person_id, note, asked_at) values ($1, $2, $3, $4) on conflict do nothing`, p.ID, d.Who.ID, note, d.At)
		return err
	})
}

// StopSpeaking takes back that its doer would speak for a supplier, or does.
func (s *Store) StopSpeaking(ctx context.Context, who forum.Person, slug string) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := supplier(ctx, d, slug)
		if err != nil {
			return err
		}
		if !CanClaim(d.Who) {
			return &forum.Forbidden{Why: "suppliers.not_yours"}
		}
		_, err = d.Exec(ctx, `
			update supplier_claims q set state = 'ended' from suppliers g
			where q.person_id = $2 and q.state in ('asked', 'agreed') and g.id = q.supplier_id and $1 in (g.id, g.merged_into)`, p.ID, d.Who.ID)
		return err
	})
}

// ClaimDecision is what a curator says of a claim.
type ClaimDecision struct {
	Agreed bool
	Reason string // why it is declined
}

// check says what keeps a decision from being kept.
func (c ClaimDecision) check() (bad forum.Invalid) {
	n := utf8.RuneCountInString(c.Reason)
	switch {
	case c.Agreed:
	case n == 0:
		bad.Add("reason", "suppliers.reason_empty")
	case n > reasonLength:
		bad.Add("reason", "projects.fact_long", "Max", reasonLength, "Over", n-reasonLength)
	}
	return bad
}

// is reports whether a claim stands as is decided.
func (c ClaimDecision) is(state string) bool {
	return c.Agreed && state == "agreed" || !c.Agreed && state == "declined"
}

// DecideClaim agrees that somebody speaks for a supplier, or declines it with a reason,
// which ends it too where it was agreed before. Whoever asked is told. Decided again in
// the same way it changes nothing; what was declined or has ended is asked anew.
func (s *Store) DecideClaim(ctx context.Context, who forum.Person, slug string, id int64, c ClaimDecision) error {
	c.Reason = strings.TrimSpace(markup.Clean(c.Reason))
	bad := c.check()
	return s.Do(ctx, who, func(d *forum.Deed) error {
		they, err := claimant(ctx, d, id)
		if err != nil {
			return err
		}
		p, err := tendsSupplier(ctx, d, slug)
		if err != nil {
			return err
		}
		var state string
		err = d.QueryRow(ctx, `
			select q.state from supplier_claims q join suppliers g on g.id = q.supplier_id
			where q.id = $1 and $2 in (g.id, g.merged_into) for update of q`, id, p.ID).Scan(&state)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return forum.ErrNotFound
		case err != nil:
			return err
		case bad != nil:
			return bad
		case c.is(state):
			return nil
		case state == "declined" || state == "ended" || c.Agreed && !CanClaim(they):
			return &forum.Forbidden{Why: "suppliers.claim_ended"}
		}
		return decided(ctx, d, p, forum.Event{PersonID: they.ID, ClaimID: id}, c)
	})
}

// decided is the part of it that comes after the rights.
func decided(ctx context.Context, d *forum.Deed, p Supplier, e forum.Event, c ClaimDecision) error {
	state, deed, reason, said := "agreed", forum.AgreedClaim, "", p.Name
	e.Kind = forum.ClaimAgreed
	if !c.Agreed {
		state, deed, reason, said = "declined", forum.DeclinedClaim, c.Reason, p.Name+": "+c.Reason
		e.Kind = forum.ClaimDeclined
	}
	_, err := d.Exec(ctx, `update supplier_claims set state = $2, decided_at = $3, decided_by = $4, reason = $5 where id = $1`, e.ClaimID, state, d.At, d.Who.ID, reason)
	if err != nil {
		return err
	}
	if _, err := d.Record(ctx, forum.Entry{Deed: deed, PersonID: e.PersonID, Reason: said}); err != nil {
		return err
	}
	return d.Tell(ctx, e)
}
