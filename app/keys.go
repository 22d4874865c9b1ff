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
	return a.compareKeys(ctx)
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
	return os.Rename(path+".new", path)
}

// keysLive is how long after a node last left its fingerprints it may still be
// running; each leaves them every tendEvery. The database's own clock counts:
// development can move the product's.
const keysLive = 90 * time.Second

// compareKeys refuses to start beside nodes that have no key in common with this one.
func (a *App) compareKeys(ctx context.Context) error {
	if a.private {
		// No other node can have been running on a Postgres that was not.
		if _, err := a.write.Exec(ctx, `delete from secret_fingerprints`); err != nil {
			return err
		}
	}
	var others, common int
	err := a.read.QueryRow(ctx, `
		select count(*), count(*) filter (where fingerprint = any(@own))
		from secret_fingerprints where seen_at > clock_timestamp() - make_interval(secs => @live)`,
		pgx.NamedArgs{"own": a.keys.Fingerprints(), "live": keysLive.Seconds()}).Scan(&others, &common)
	if err != nil {
		return err
	}
	if others > 0 && common == 0 {
		return errors.New("MOOTHALL_SECRETS has no key in common with the other nodes on this database: " +
			"give it one of theirs, or stop them and wait two minutes")
	}
	return a.leaveFingerprints(ctx)
}

// keysKept is how long the fingerprints of nodes that have gone are kept.
const keysKept = 24 * time.Hour

// leaveFingerprints notes that a node with these keys is running, and forgets those
// that went long ago.
func (a *App) leaveFingerprints(ctx context.Context) error {
	_, err := a.write.Exec(ctx, `
		with gone as (
			delete from secret_fingerprints where seen_at < clock_timestamp() - make_interval(secs => @kept) and fingerprint <> all(@own)
		)
		insert into secret_fingerprints (fingerprint, seen_at) select unnest(@own::text[]), clock_timestamp()
		on conflict (fingerprint) do update set seen_at = excluded.seen_at`,
		pgx.NamedArgs{"own": a.keys.Fingerprints(), "kept": keysKept.Seconds()})
	return err
}
