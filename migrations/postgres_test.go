package migrations

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"moothall/app/dev"
)

// The test binary runs itself as a migrator of this database, to be killed.
const migrateOnly = "MOOTHALL_TEST_MIGRATE"

var (
	server         string // the address of the tests' own Postgres
	databaseNumber atomic.Int64
	noon           = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

func TestMain(m *testing.M) {
	if databaseURL := os.Getenv(migrateOnly); databaseURL != "" {
		fmt.Println("begin")
		if err := Up(context.Background(), databaseURL, noon); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code, err := withPostgres(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// withPostgres runs the tests while a Postgres of their own is there.
func withPostgres(run func() int) (code int, err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "moothall-migrations")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	postgres, err := dev.StartPostgres(ctx, dev.PostgresOptions{
		Dir: filepath.Join(dir, "postgres"), Fast: true, BinDir: os.Getenv("MOOTHALL_POSTGRES_BIN"), MaxConnections: 100,
	})
	if err != nil {
		return 1, err
	}
	defer func() { _ = postgres.Stop(ctx) }()
	server = postgres.URL()
	return run(), nil
}
