package letters

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// What the keys of letters about an account begin with.
const (
	keyChange = "change:"  // and the number of what was changed
	keySignIn = "sign_in:" // and the number of the device
)

// TellAccount writes to somebody of each change of their account of which they were not
// told: at the address that was theirs before it.
func (s *Store) TellAccount(ctx context.Context, personID int64) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			with told as (
				update account_changes set told_at = @now where person_id = @who and told_at is null returning id, person_id, address
			)
			insert into letters (person_id, kind, key, created_at, due_at)
			select person_id, 'notice', @key || id, @now, @now from told where address <> ''
			on conflict do nothing`,
			pgx.NamedArgs{"who": personID, "now": d.At, "key": keyChange})
		return err
	})
}

// SignedIn notes from where somebody has signed in. Of a device that is new to them they
// are told by mail, but for the first of all.
func (s *Store) SignedIn(ctx context.Context, personID int64, device string) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			with noted as (
				insert into devices (person_id, device, first_at, last_at) values (@who, @device, @now, @now)
				on conflict (person_id, device) do update set last_at = @now
				returning id, first_at = last_at as fresh
			)
			insert into letters (person_id, kind, key, created_at, due_at)
			select @who, 'notice', @key || noted.id, @now, @now from noted
			where fresh and exists (select from devices where person_id = @who)
			on conflict do nothing`,
			pgx.NamedArgs{"who": personID, "device": device, "now": d.At, "key": keySignIn})
		return err
	})
}

// readAccount reads what happened to an account, which its letter's key names.
func (s *Store) readAccount(b *pgx.Batch, l *Letter, c Claimed) {
	query := `select kind, at, address, issuer, '' as device from account_changes where id::text = $1 and person_id = $2`
	id, signIn := strings.CutPrefix(c.Key, keySignIn)
	if signIn {
		query = `select 'sign_in' as kind, first_at as at, '' as address, '' as issuer, device from devices where id::text = $1 and person_id = $2`
	}
	b.Queue(query, strings.TrimPrefix(id, keyChange), c.PersonID).Query(forum.IntoOne(&l.Account))
}
