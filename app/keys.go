package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"moothall/app/dev"
	"moothall/auth"
)

// takeKeys makes the keys that sign, and sees that the other nodes have one of
// them: a form from one node must be taken by another.
func (a *App) takeKeys(ctx context.Context) error {
	secrets := a.config.Secrets
	if len(secrets) == 0 {
		kept, err := keptSecrets(filepath.Join(a.config.Data, "secrets"))
		if err != nil {
			return err
		}
		secrets = kept
	}
	var err error
	a.secret = secrets[0]
	if a.keys, err = auth.NewKeys(secrets); err != nil {
		return fmt.Errorf("MOOTHALL_SECRETS: %w", err)
	}
	if err := a.compareKeys(ctx); err != nil {
		return err
	}
	a.opened("keys", a.takeFingerprintsAway)
	return nil
}

// keptSecrets reads the keys of development from a file, which it makes the first time.
func keptSecrets(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text = []byte(rand.Text() + rand.Text() + "\n")
		err = writeClosed(path, text)
	}
	var secrets Words
	_ = secrets.UnmarshalText(text) // never fails
	return secrets, err
}

// writeClosed writes a file that only this account can read, all of it or none.
func writeClosed(path string, text []byte) error {
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	if err := dev.HandOver(path + ".new"); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

const (
	// keysLive is how long after a node last left its fingerprints it may still be
	// running; each leaves them every tendEvery. The database's own clock counts:
	// development can move the product's.
	keysLive = 90 * time.Second
	// keysGo is how long the fingerprints of a node that has stopped still count: long
	// enough for others that have the same keys to leave them again.
	keysGo = 3 * tendEvery
)

var errOtherKeys = errors.New("MOOTHALL_SECRETS has no key in common with the other nodes on this database: " +
	"give it one of theirs, or stop them; of a node that was killed the keys count for another two minutes")

// compareKeys refuses to start beside nodes that have no key in common with this one,
// and leaves its own fingerprints. Where the last such node has said that it goes, it
// waits to see whether there are others.
func (a *App) compareKeys(ctx context.Context) error {
	for told := false; ; told = true {
		going, err := a.compareKeysOnce(ctx)
		if !going {
			return err
		}
		if !told {
			a.log.Info("waiting to see whether nodes with other keys still run")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// compareKeysOnce compares and leaves in one: of nodes that start at the same moment
// one is the first. It reports whether those with other keys may all be going.
func (a *App) compareKeysOnce(ctx context.Context) (going bool, err error) {
	err = pgx.BeginFunc(ctx, a.write, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('moothall.keys', 0))`); err != nil {
			return err
		}
		if a.private {
			// No other node can have been running on a Postgres that was not.
			if _, err := tx.Exec(ctx, `delete from secret_fingerprints`); err != nil {
				return err
			}
		}
		var staying, others, common int
		err := tx.QueryRow(ctx, `
			select count(*) filter (where seen_at > clock_timestamp() - make_interval(secs => @staying)), count(*),
				count(*) filter (where fingerprint = any(@own))
			from secret_fingerprints where seen_at > clock_timestamp() - make_interval(secs => @live)`,
			pgx.NamedArgs{"own": a.keys.Fingerprints(), "live": keysLive.Seconds(), "staying": (keysLive - keysGo).Seconds()}).
			Scan(&staying, &others, &common)
		switch {
		case err != nil:
			return err
		case others == 0 || common > 0:
			return a.leaveFingerprints(ctx, tx)
		case staying > 0:
			return errOtherKeys
		}
		going = true
		return nil
	})
	return going, err
}

// takeFingerprintsAway lets this node's fingerprints grow old soon, so that its next
// start may have other keys. They cannot just go: other nodes may have the same. Where
// the database is away they count for their full time.
func (a *App) takeFingerprintsAway(ctx context.Context) error {
	_, err := a.write.Exec(ctx, `
		update secret_fingerprints set seen_at = least(seen_at, clock_timestamp() - make_interval(secs => @staying))
		where fingerprint = any(@own)`,
		pgx.NamedArgs{"own": a.keys.Fingerprints(), "staying": (keysLive - keysGo).Seconds()})
	a.warn("keys", err)
	return nil
}

// keysKept is how long the fingerprints of nodes that have gone are kept.
const keysKept = 24 * time.Hour

// leaveFingerprints notes that a node with these keys is running, and forgets those
// that went long ago.
func (a *App) leaveFingerprints(ctx context.Context, on interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}) error {
	_, err := on.Exec(ctx, `
		with gone as (
			delete from secret_fingerprints where seen_at < clock_timestamp() - make_interval(secs => @kept) and fingerprint <> all(@own)
		)
		insert into secret_fingerprints (fingerprint, seen_at) select unnest(@own::text[]), clock_timestamp()
		on conflict (fingerprint) do update set seen_at = excluded.seen_at`,
		pgx.NamedArgs{"own": a.keys.Fingerprints(), "kept": keysKept.Seconds()})
	return err
}
