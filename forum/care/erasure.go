package care

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// EraseDraft is what was typed to be erased: one's own name, which nobody types by
// mistake, and who could lead the council next.
type EraseDraft struct {
	Name   string
	HandTo int64 // a colleague of the council; 0 for nobody
}

// Erase forgets who somebody is. What others built on stays, without their name; what
// was theirs alone goes, here and, by the parts, with whoever else keeps it. That they
// went is on record under their number. Who is suspended has the team do it: else a
// suspension would end with a press of a button.
func (s *Store) Erase(ctx context.Context, who forum.Person, draft EraseDraft, parts ...forum.Part) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		me, err := d.Person(ctx, who.ID)
		switch {
		case err != nil:
			return err
		case me.SuspendedUntil != nil:
			return &forum.Forbidden{Why: "erase.suspended"}
		}
		d.Who = me
		var bad forum.Invalid
		if !strings.EqualFold(strings.Join(strings.Fields(draft.Name), " "), me.Name) {
			bad.Add("confirm", "erase.confirm_name")
		}
		if err := d.HandOver(ctx, draft.HandTo, &bad); err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		return goes(ctx, d, d.At, parts)
	})
}

// goes is the end of a person, who is the deed's own; at is when they were erased first.
func goes(ctx context.Context, d *forum.Deed, at time.Time, parts []forum.Part) error {
	id := d.Who.ID
	if err := d.EndRoles(ctx); err != nil {
		return err
	}
	if _, err := d.Record(ctx, forum.Entry{Deed: forum.Erased, PersonID: id}); err != nil {
		return err
	}
	if err := remember(ctx, d, id, at); err != nil {
		return err
	}
	if err := forget(ctx, d, id); err != nil {
		return err
	}
	for _, part := range parts {
		if err := part(ctx, d); err != nil {
			return err
		}
	}
	return d.Forget(ctx, id)
}

// EraseAgain forgets whom a backup has brought back: whoever signed in with an identity
// before it was erased. Who has come anew since, with the same, stays. It reports how
// many went; done twice it does nothing more.
func (s *Store) EraseAgain(ctx context.Context, erased []Erasure, part func(personID int64) forum.Part) (went int, err error) {
	for _, e := range erased {
		var back []struct{ PersonID int64 }
		var b pgx.Batch
		b.Queue(`
			select distinct i.person_id from identities i
			where sha256(convert_to(i.issuer || E'\n' || i.subject, 'UTF8')) = $1 and i.created_at < $2`, e.Identity, e.At).Query(forum.Into(&back))
		if err := s.Send(ctx, &b); err != nil {
			return went, err
		}
		for _, who := range back {
			id := who.PersonID
			err := s.Do(ctx, forum.Person{ID: id}, func(d *forum.Deed) error {
				me, err := d.Person(ctx, id)
				if err != nil {
					return err
				}
				d.Who = me
				return goes(ctx, d, e.At, []forum.Part{part(id)})
			})
			if err != nil {
				return went, err
			}
			went++
		}
	}
	return went, nil
}

// Back counts the erased whom the database still knows: it came from a backup.
func (s *Store) Back(ctx context.Context, erased []Erasure) (n int, err error) {
	hashes, times := make([][]byte, len(erased)), make([]time.Time, len(erased))
	for i, e := range erased {
		hashes[i], times[i] = e.Identity, e.At
	}
	var b pgx.Batch
	b.Queue(`
		select count(distinct i.person_id)
		from unnest($1::bytea[], $2::timestamptz[]) as e (identity, at)
		join identities i on sha256(convert_to(i.issuer || E'\n' || i.subject, 'UTF8')) = e.identity and i.created_at < e.at`,
		hashes, times).QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
	return n, s.Send(ctx, &b)
}

// remember keeps hashes of the identities of who is erased, from which they cannot be
// found, but by which a backup that still holds them can.
func remember(ctx context.Context, d *forum.Deed, personID int64, at time.Time) error {
	_, err := d.Exec(ctx, `
		insert into erasures (identity, at)
		select sha256(convert_to(issuer || E'\n' || subject, 'UTF8')), $2 from identities where person_id = $1`, personID, at)
	return err
}

// forget is what this package does when somebody is erased: of a report that is
// decided their words go; one that is open is still looked at.
func forget(ctx context.Context, d *forum.Deed, personID int64) error {
	_, err := d.Exec(ctx, `update reports set reason = '' where reporter_id = $1 and decided_at is not null`, personID)
	return err
}

// Erasure is one identity that was erased, as it is kept outside the database.
type Erasure struct {
	ID       int64
	Identity []byte // SHA-256 of issuer, a line end, subject
	At       time.Time
}

// Erasures reads those with a higher number than after, the oldest first.
func (s *Store) Erasures(ctx context.Context, after int64) (all []Erasure, err error) {
	var b pgx.Batch
	b.Queue(`select id, identity, at from erasures where id > $1 order by id limit 10000`, after).Query(forum.Into(&all))
	return all, s.Send(ctx, &b)
}
