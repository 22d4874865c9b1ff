package forum

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// Part is a part of a deed that another package gives to it: what it owns and this
// package does not know of.
type Part func(ctx context.Context, d *Deed) error

// run does the parts of a deed in their order.
func (d *Deed) run(ctx context.Context, parts []Part) error {
	for _, part := range parts {
		if err := part(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// Linked is one way in which a person signs in, as it shows to them.
type Linked struct {
	ID            string // for addresses: neither issuer nor subject can be found from it
	Issuer        string
	Email         string
	EmailVerified bool
	LastUsedAt    time.Time
	Proves        bool // its address makes them a colleague, and no other one of theirs does
}

// linkedID names an identity i on its person's own page.
const linkedID = `left(encode(sha256(convert_to(i.issuer || E'\n' || i.subject, 'UTF8')), 'hex'), 16)`

// ProvidersPage is how a person signs in, and where they are written to.
type ProvidersPage struct {
	Linked    []Linked
	Addresses []string // that a provider vouches for, to choose from
	Address   string   // the one that is written to; empty if none is proven
}

// ProvidersPage reads how somebody signs in, in one round trip.
func (s *Store) ProvidersPage(ctx context.Context, who Person) (p ProvidersPage, err error) {
	var addresses []struct{ Email string }
	var own struct{ Email string }
	var b pgx.Batch
	b.Queue(`
		select `+linkedID+` as id, i.issuer, i.email, i.email_verified, i.last_used_at,
			`+proves+` and (select count(*) from identities i where i.person_id = p.id and `+proves+`) = 1 as proves
		from identities i join people p on p.id = i.person_id
		where i.person_id = $1 order by i.created_at, id`, who.ID).Query(Into(&p.Linked))
	b.Queue(`select distinct email from identities where person_id = $1 and email_verified and email <> '' order by email`, who.ID).Query(Into(&addresses))
	b.Queue(`select coalesce(proven_email, '') as email from people where id = $1`, who.ID).Query(IntoOne(&own))
	if err := s.Send(ctx, &b); err != nil {
		return ProvidersPage{}, err
	}
	for _, a := range addresses {
		p.Addresses = append(p.Addresses, a.Email)
	}
	p.Address = own.Email
	return p, nil
}

// IsIdentityOf reports whether an identity signs in as this person.
func (s *Store) IsIdentityOf(ctx context.Context, who Person, login Identity) (is bool, err error) {
	err = s.read.QueryRow(ctx, `select exists (select from identities where issuer = $1 and subject = $2 and person_id = $3)`,
		login.Issuer, login.Subject, who.ID).Scan(&is)
	return is, err
}

// identitiesMost is in how many ways one person may sign in.
const identitiesMost = 10

// AddIdentity lets somebody sign in with one more identity. One that signs in as
// somebody else already is a *Forbidden, and nothing is merged; one that they have is
// a success that changes nothing.
func (s *Store) AddIdentity(ctx context.Context, who Person, login Identity) error {
	return s.Do(ctx, who, func(d *Deed) error {
		if err := d.meetOwner(ctx); err != nil {
			return err
		}
		if d.Who.SuspendedUntil != nil {
			return errSuspended
		}
		if err := d.lockIdentity(ctx, login); err != nil {
			return err
		}
		var owner, count int64
		err := d.QueryRow(ctx, `
			select coalesce((select person_id from identities where issuer = $1 and subject = $2), 0),
				(select count(*) from identities where person_id = $3)`, login.Issuer, login.Subject, d.Who.ID).Scan(&owner, &count)
		switch {
		case err != nil || owner == d.Who.ID:
			return err
		case owner != 0:
			return &Forbidden{Why: "providers.taken"}
		case count >= identitiesMost:
			return &Forbidden{Why: "providers.enough"}
		}
		if err := d.addIdentity(ctx, login); err != nil {
			return err
		}
		_, err = d.Record(ctx, Entry{Deed: AddedIdentity, PersonID: d.Who.ID})
		return err
	})
}

// addIdentity gives the doer one more identity, and its address if they have none.
func (d *Deed) addIdentity(ctx context.Context, login Identity) error {
	if err := d.note(ctx, change{kind: "identity_added", issuer: login.Issuer}); err != nil {
		return err
	}
	email := markup.Clean(login.Email)
	_, err := d.Exec(ctx, `
		insert into identities (issuer, subject, person_id, email, email_verified, created_at, last_used_at)
		values (@issuer, @subject, @who, @email, @verified, @at, @at)`,
		pgx.NamedArgs{"issuer": login.Issuer, "subject": login.Subject, "who": d.Who.ID,
			"email": email, "verified": login.EmailVerified && email != "", "at": d.At})
	if err != nil || !login.EmailVerified || email == "" {
		return err
	}
	return d.prove(ctx, d.Who.ID, email)
}

// RemoveIdentity has somebody no longer sign in with one of their identities; never
// with the last, which is a *Forbidden. What that identity alone vouched for is proven
// no more: who is a colleague by its address waits to be let in. then ends what was
// signed in meanwhile.
func (s *Store) RemoveIdentity(ctx context.Context, who Person, id string, then ...Part) error {
	return s.Do(ctx, who, func(d *Deed) error {
		if err := d.meetOwner(ctx); err != nil {
			return err
		}
		var issuer string
		var count int
		err := d.QueryRow(ctx, `
			select i.issuer, (select count(*) from identities where person_id = $1) from identities i
			where i.person_id = $1 and `+linkedID+` = $2`, d.Who.ID, id).Scan(&issuer, &count)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return ErrNotFound
		case err != nil:
			return err
		case d.Who.SuspendedUntil != nil:
			return errSuspended
		case count == 1:
			return &Forbidden{Why: "providers.last"}
		}
		if err := d.note(ctx, change{kind: "identity_removed", issuer: issuer}); err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `delete from identities i where i.person_id = $1 and `+linkedID+` = $2`, d.Who.ID, id); err != nil {
			return err
		}
		_, err = d.Exec(ctx, `
			update people p set proven_email = (
				select i.email from identities i where i.person_id = p.id and i.email_verified and i.email <> '' order by i.last_used_at desc limit 1)
			where p.id = $1 and not exists (
				select from identities i where i.person_id = p.id and i.email_verified and i.email = p.proven_email)`, d.Who.ID)
		if err != nil {
			return err
		}
		if _, err := d.Record(ctx, Entry{Deed: RemovedIdentity, PersonID: d.Who.ID}); err != nil {
			return err
		}
		if err := d.judgeAgain(ctx); err != nil {
			return err
		}
		return d.run(ctx, then)
	})
}

// proves is true of an identity i whose address speaks for the council of person p, who
// is a colleague by such an address and not because somebody let them in.
const proves = `(p.standing = 'colleague' and i.email_verified
	and exists (select from proofs f where f.person_id = p.id and f.council_id = p.council_id)
	and exists (select from council_domains d where d.council_id = p.council_id and ` + provingDomain + ` and d.domain = lower(split_part(i.email, '@', 2))))`

// judgeAgain makes the doer a newcomer of their council whom an address had made a
// colleague, when none of theirs speaks for it any more.
func (d *Deed) judgeAgain(ctx context.Context) error {
	var stands bool
	err := d.QueryRow(ctx, `
		select p.standing <> 'colleague' or not exists (select from proofs f where f.person_id = p.id and f.council_id = p.council_id)
			or exists (select from identities i where i.person_id = p.id and `+proves+`)
		from people p where p.id = $1`, d.Who.ID).Scan(&stands)
	if err != nil || stands {
		return err
	}
	if last, err := d.IsLastAdministrator(ctx, d.Who.ID); err != nil {
		return err
	} else if last {
		return &Forbidden{Why: "forbidden.last_administrator"}
	}
	if err := d.leave(ctx, d.Who.CouncilID, Newcomer); err != nil {
		return err
	}
	_, err = d.Exec(ctx, `update people set standing = 'newcomer', turned_away_at = null, turned_away_why = null where id = $1`, d.Who.ID)
	return err
}

// UseAddress has somebody written to at another address: one that a provider of theirs
// vouches for, and no other.
func (s *Store) UseAddress(ctx context.Context, who Person, email string) error {
	return s.Do(ctx, who, func(d *Deed) error {
		if err := d.meetOwner(ctx); err != nil {
			return err
		}
		var vouched, same bool
		err := d.QueryRow(ctx, `
			select exists (select from identities where person_id = $1 and email_verified and email = $2 and email <> ''),
				exists (select from people where id = $1 and proven_email = $2)`, d.Who.ID, email).Scan(&vouched, &same)
		switch {
		case err != nil || same:
			return err
		case !vouched:
			var bad Invalid
			bad.Add("email", "providers.address_choose")
			return bad
		}
		if err := d.note(ctx, change{kind: "address_changed"}); err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `update people set proven_email = $2 where id = $1`, d.Who.ID, email); err != nil {
			return err
		}
		_, err = d.Record(ctx, Entry{Deed: ChangedAddress, PersonID: d.Who.ID})
		return err
	})
}

// Speak keeps the language in which somebody reads the pages: en or cy. Anything else
// changes nothing.
func (s *Store) Speak(ctx context.Context, who Person, lang string) error {
	if lang != "en" && lang != "cy" {
		return nil
	}
	return s.Do(ctx, who, func(d *Deed) error {
		d.Unseen()
		_, err := d.Exec(ctx, `update people set lang = $2 where id = $1 and erased_at is null and lang <> $2`, who.ID, lang)
		return err
	})
}

// errSuspended keeps who is suspended from changing how they sign in: else a suspension
// would end with a new account that the old one's proof opens.
var errSuspended = &Forbidden{Why: "providers.suspended"}

// meetOwner meets the doer, who has an account to change.
func (d *Deed) meetOwner(ctx context.Context) error {
	if !d.Who.SignedIn() {
		return ErrForbidden
	}
	if err := d.meetDoer(ctx); err != nil {
		return err
	}
	if !d.Who.Joined {
		return ErrForbidden
	}
	return nil
}

// lockIdentity has two who bring the same identity take turns.
func (d *Deed) lockIdentity(ctx context.Context, login Identity) error {
	_, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 1))`, login.Issuer, login.Subject)
	return err
}

// change is something that happened to an account.
type change struct{ kind, issuer string }

// note writes down a change, with the address that is proven before it: who is told of
// it is told there.
func (d *Deed) note(ctx context.Context, c change) error {
	_, err := d.Exec(ctx, `
		insert into account_changes (person_id, kind, at, issuer, address)
		select id, @kind, @at, @issuer, coalesce(proven_email, '') from people where id = @who`,
		pgx.NamedArgs{"who": d.Who.ID, "kind": c.kind, "at": d.At, "issuer": c.issuer})
	if err != nil {
		return err
	}
	return d.Queue(ctx, TellAccount{PersonID: d.Who.ID})
}
