package migrations

import (
	"context"
	"database/sql"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// goSteps are the steps that are more than SQL.
func goSteps(pool *pgxpool.Pool) []*goose.Migration {
	return []*goose.Migration{
		goose.NewGoMigration(3, &goose.GoFunc{RunDB: river(pool, 8)}, nil),
	}
}

// river brings the job queue's own tables to one fixed version of theirs, so that
// a step always makes the same schema; a newer version gets a step of its own. Each
// version commits by itself: a step that was killed goes on from where it was.
func river(pool *pgxpool.Pool, version int) func(context.Context, *sql.DB) error {
	return func(ctx context.Context, _ *sql.DB) error {
		config := pool.Config()
		config.MaxConns = 1
		settle := config.AfterConnect
		config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
			if err := settle(ctx, c); err != nil {
				return err
			}
			return take(ctx, func() (got bool, err error) {
				err = c.QueryRow(ctx, `select pg_try_advisory_lock($1)`, int64(riverKey)).Scan(&got)
				return got, err
			})
		}
		own, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			return err
		}
		defer own.Close()
		migrator, err := rivermigrate.New(riverpgxv5.New(own), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return err
		}
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: version})
		return err
	}
}
