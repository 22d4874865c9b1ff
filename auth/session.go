// Package auth knows who is who: sessions, the providers that people sign in
// with and their attempts to, and whatever carries our signature. It knows
// nothing of the forum and nothing of HTTP servers.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A session ends when nobody has come for Idle, and Longest after its start
// whoever has. Kept is how long a session that has ended is remembered, so that
// a form posted after the end can be kept for its writer.
const (
	Idle    = 7 * 24 * time.Hour
	Longest = 30 * 24 * time.Hour
	Kept    = 24 * time.Hour
)

// LiveSQL is true of the sessions s that count at @now. It says Idle and Longest
// in SQL.
const LiveSQL = `s.ended_at is null
	and s.seen_at > @now::timestamptz - interval '168 hours'
	and s.started_at > @now::timestamptz - interval '720 hours'`

// KeptSQL is true of the sessions s that count at @now or did no longer than Kept ago:
// what is posted with one of them is kept for its writer. It says Idle, Longest and Kept
// in SQL, whenever Sweep comes.
const KeptSQL = `(s.ended_at is null or s.ended_at > @now::timestamptz - interval '24 hours')
	and s.seen_at > @now::timestamptz - interval '192 hours'
	and s.started_at > @now::timestamptz - interval '744 hours'`

// ErrNoSession: the person has no session of that id.
var ErrNoSession = errors.New("no such session")

// Store keeps sessions and sign-in attempts in the database.
type Store struct {
	db   *pgxpool.Pool
	now  func() time.Time
	seen *sightings
}

// NewStore makes a store on a pool that may write. The clock is the product's.
func NewStore(db *pgxpool.Pool, now func() time.Time) *Store {
	return &Store{db: db, now: now, seen: newSightings()}
}

// Session is one browser in which a person is signed in.
type Session struct {
	ID        string // for addresses; neither cookie nor hash can be found from it
	Device    string // as Device made it
	Provider  string
	StartedAt time.Time
	SeenAt    time.Time
	Hash      []byte
}

// Hash is what a session is kept under: who reads the database cannot make the
// cookie from it.
func Hash(cookie string) []byte {
	sum := sha256.Sum256([]byte(cookie))
	return sum[:]
}

// sessionID names a session on its person's own page. It is a hash of the hash;
// EndOne says the same in SQL.
func sessionID(hash []byte) string {
	sum := sha256.Sum256(hash)
	return hex.EncodeToString(sum[:8])
}

// secret is 32 random bytes as base64url: 43 characters.
func secret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the process first
	return base64.RawURLEncoding.EncodeToString(b)
}

// Start begins a session for a person who has just proved who they are, always
// under a new cookie, so that nobody can have prepared it.
func (s *Store) Start(ctx context.Context, personID int64, provider, device string) (cookie string, err error) {
	cookie = secret()
	_, err = s.db.Exec(ctx, `
		insert into sessions (hash, person_id, provider, device, started_at, seen_at, fresh_at)
		values (@hash, @person, @provider, @device, @now, @now, @now)`,
		pgx.NamedArgs{"hash": Hash(cookie), "person": personID, "provider": provider, "device": device, "now": s.now()})
	if err != nil {
		return "", err
	}
	return cookie, nil
}

// End ends the session of this hash. One that has ended already, or never was,
// is no mistake.
func (s *Store) End(ctx context.Context, hash []byte) error {
	_, err := s.db.Exec(ctx, `update sessions set ended_at = $2 where hash = $1 and ended_at is null`, hash, s.now())
	return err
}

// EndOne revokes the session that a person sees under this id: ErrNoSession if it
// is not one of theirs. One that has ended already stays ended.
func (s *Store) EndOne(ctx context.Context, personID int64, id string) error {
	tag, err := s.db.Exec(ctx, `
		update sessions set ended_at = coalesce(ended_at, @now), revoked = true
		where person_id = @person and left(encode(sha256(hash), 'hex'), 16) = @id`,
		pgx.NamedArgs{"person": personID, "id": id, "now": s.now()})
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNoSession
	}
	return err
}

// EndAll revokes a person's sessions, but for the one of this hash; nil spares none.
func (s *Store) EndAll(ctx context.Context, personID int64, but []byte) error {
	_, err := s.db.Exec(ctx, `
		update sessions set ended_at = coalesce(ended_at, @now), revoked = true
		where person_id = @person and not revoked and hash is distinct from @but`,
		pgx.NamedArgs{"person": personID, "but": but, "now": s.now()})
	return err
}

// EndEverybody ends every session there is and every attempt to sign in, as after a
// backup was restored that does not know which had been ended. It reports how many.
func (s *Store) EndEverybody(ctx context.Context) (ended int64, err error) {
	tag, err := s.db.Exec(ctx, `update sessions set ended_at = $1 where ended_at is null`, s.now())
	if err != nil {
		return 0, err
	}
	_, err = s.db.Exec(ctx, `delete from sign_in_attempts`)
	return tag.RowsAffected(), err
}

// Freshness is how long a proof of who it is allows what a session that was left
// open must not: to change how one signs in, or to go.
const Freshness = 10 * time.Minute

// Fresh reports whether the session of this hash began, which is always with a proof
// of who it is, within Freshness.
func (s *Store) Fresh(ctx context.Context, hash []byte) (fresh bool, err error) {
	now := s.now()
	err = s.db.QueryRow(ctx, `select exists (select from sessions s where s.hash = @hash and s.fresh_at > @since and `+LiveSQL+`)`,
		pgx.NamedArgs{"hash": hash, "since": now.Add(-Freshness), "now": now}).Scan(&fresh)
	return fresh, err
}

// EndIn is EndAll as a part of what another transaction does. What was begun in the
// sessions that end comes to nothing.
func (s *Store) EndIn(ctx context.Context, tx pgx.Tx, personID int64, but []byte) error {
	args := pgx.NamedArgs{"person": personID, "but": but, "now": s.now()}
	_, err := tx.Exec(ctx, `
		update sessions set ended_at = @now
		where person_id = @person and ended_at is null and hash is distinct from @but`, args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from sign_in_attempts where person_id = @person and session_hash is distinct from @but`, args)
	return err
}

// ForgetIn removes all sessions and attempts of a person as a part of what another
// transaction does.
func (s *Store) ForgetIn(ctx context.Context, tx pgx.Tx, personID int64) error {
	if _, err := tx.Exec(ctx, `delete from sessions where person_id = $1`, personID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from sign_in_attempts where person_id = $1`, personID)
	return err
}

// Sessions lists a person's live sessions, the last seen first.
func (s *Store) Sessions(ctx context.Context, personID int64) ([]Session, error) {
	rows, err := s.db.Query(ctx, `
		select s.device, s.provider, s.started_at, s.seen_at, s.hash
		from sessions s
		where s.person_id = @person and `+LiveSQL+`
		order by s.seen_at desc, s.hash`,
		pgx.NamedArgs{"person": personID, "now": s.now()})
	if err != nil {
		return nil, err
	}
	sessions, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[Session])
	for i := range sessions {
		sessions[i].ID = sessionID(sessions[i].Hash)
	}
	return sessions, err
}

// sweepBatch bounds what one statement of Sweep locks.
const sweepBatch = 1000

// Sweep deletes the sessions that ended or lapsed longer than Kept ago, and the
// attempts that lapsed, a batch at a time. It returns how many went.
func (s *Store) Sweep(ctx context.Context) (gone int64, err error) {
	now := s.now()
	for _, query := range []string{`
		delete from sessions where hash in (
			select hash from sessions
			where ended_at < @kept or seen_at < @idle or started_at < @longest
			limit @batch for update skip locked)`, `
		delete from sign_in_attempts where id_hash in (
			select id_hash from sign_in_attempts
			where expires_at < @now
			limit @batch for update skip locked)`,
	} {
		for more := true; more; {
			tag, err := s.db.Exec(ctx, query, pgx.NamedArgs{"now": now, "kept": now.Add(-Kept),
				"idle": now.Add(-Kept - Idle), "longest": now.Add(-Kept - Longest), "batch": sweepBatch})
			if err != nil {
				return gone, err
			}
			gone += tag.RowsAffected()
			more = tag.RowsAffected() == sweepBatch
		}
	}
	return gone, nil
}
