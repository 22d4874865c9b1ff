// Package migrations brings a database to the program's version: its tables, and
// the reference data that ships with it (councils, their domains, topics).
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed *.sql
var steps embed.FS

const (
	// patience is how long a node waits for others before it says so and gives up.
	patience = 5 * time.Minute
	// breath lets those through who queued behind a lock that was not to be had.
	breath = time.Second
	// connectLimit is how long a database may take to let us in: one that is frozen
	// takes the connection and says nothing.
	connectLimit = 5 * time.Second
)

var errBusy = errors.New("the database is still being migrated by another process, or locked by one, after five minutes")

// Up brings the database to the program's version and loads the reference data
// that changed, as of at. It is safe with several nodes at once, killed at any
// moment, and repeated: what is done already is not done again.
func Up(ctx context.Context, databaseURL string, at time.Time) error {
	ctx, stop := context.WithTimeoutCause(ctx, patience, errBusy)
	defer stop()
	pool, err := open(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	for {
		err := up(ctx, pool, at)
		if err == nil || !passes(err) {
			return because(ctx, err)
		}
		if err := pause(ctx, breath); err != nil {
			return err
		}
	}
}

func up(ctx context.Context, pool *pgxpool.Pool, at time.Time) error {
	db := stdlib.OpenDBFromPool(pool)
	defer func() { _ = db.Close() }()
	all, err := allSteps(db, pool)
	if err != nil {
		return err
	}
	if err := makeRecord(ctx, db); err != nil {
		return err
	}
	if _, err := all.Up(ctx); err != nil {
		return err
	}
	return load(ctx, pool, at)
}

// allSteps takes the steps in turn, on one connection.
func allSteps(db *sql.DB, pool *pgxpool.Pool) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectPostgres, db, steps,
		goose.WithGoMigrations(goSteps(pool)...),
		goose.WithDisableGlobalRegistry(true),
		goose.WithSessionLocker(turn{}))
}

// makeRecord makes the table of applied steps, in turn. Goose would make it before
// it takes its turn, and of nodes that start together the slower one would wait a
// second, or leave a sequence of another name.
func makeRecord(ctx context.Context, db *sql.DB) error {
	record, err := database.NewStore(database.DialectPostgres, goose.DefaultTablename)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	var there bool
	const query = `select to_regclass('goose_db_version') is not null`
	if err := conn.QueryRowContext(ctx, query).Scan(&there); there || err != nil {
		return err
	}
	if err := (turn{}).SessionLock(ctx, conn); err != nil {
		return err
	}
	defer func() { _ = turn{}.SessionUnlock(context.WithoutCancel(ctx), conn) }()
	if err := conn.QueryRowContext(ctx, query).Scan(&there); there || err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := record.CreateVersionTable(ctx, tx); err != nil {
		return err
	}
	if err := record.Insert(ctx, tx, database.InsertRequest{Version: 0}); err != nil {
		return err
	}
	return tx.Commit()
}

// open connects with a lock_timeout: a step that waits longer for a busy table
// would make everybody else queue behind it.
func open(ctx context.Context, databaseURL string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, err
	}
	if config.ConnConfig.ConnectTimeout == 0 { // the address says none
		config.ConnConfig.ConnectTimeout = connectLimit
	}
	config.MinConns, config.MinIdleConns = 0, 0
	config.MaxConns = 4
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `set lock_timeout = '2s'; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0`)
		return err
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// passes reports whether an error goes away by itself: somebody held a lock.
func passes(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "55P03" || e.Code == "40P01") // lock_not_available, deadlock_detected
}

// because gives the reason why the context ended, where that is what ended it all.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// Version is the newest migration that the program knows.
func Version() int64 {
	var newest int64
	names, _ := fs.Glob(steps, "*.sql") // its only error is a bad pattern
	for _, name := range names {
		if v, err := goose.NumericComponent(name); err == nil {
			newest = max(newest, v)
		}
	}
	for _, step := range goSteps(nil) {
		newest = max(newest, step.Version)
	}
	return newest
}

// Queryer is a pool, a connection or a transaction.
type Queryer interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Applied is the newest migration that the database has had; 0 if it has had none.
func Applied(ctx context.Context, db Queryer) (version int64, err error) {
	err = db.QueryRow(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied`).Scan(&version)
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == "42P01" { // undefined_table
		return 0, nil
	}
	return version, err
}

// turn is the lock that one migrator at a time holds. It belongs to the connection
// that runs the steps, so that of a migrator that was killed it is held until the
// server has ended its last statement. It is asked for again and again rather than
// waited for: a waiting statement would hold up CREATE INDEX CONCURRENTLY.
type turn struct{}

const (
	turnKey  = 0x6d6f6f7468616c6c // "moothall"
	riverKey = turnKey + 1        // the river migrations run on a connection of their own
	loadKey  = turnKey + 2
)

// SessionLock waits for the lock.
func (turn) SessionLock(ctx context.Context, conn *sql.Conn) error {
	return take(ctx, func() (got bool, err error) {
		err = conn.QueryRowContext(ctx, `select pg_try_advisory_lock($1)`, int64(turnKey)).Scan(&got)
		return got, err
	})
}

// SessionUnlock gives the lock back. Its connection may have died, and the lock with it.
func (turn) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `select pg_advisory_unlock($1)`, int64(turnKey))
	return err
}

func take(ctx context.Context, try func() (bool, error)) error {
	for {
		got, err := try()
		if got || err != nil {
			return err
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}
