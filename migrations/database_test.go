package migrations

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// empty makes a database of a test's own, with nothing in it, and gives its address.
func empty(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("migrations_%d", databaseNumber.Add(1))
	command(t, server, `create database `+name)
	t.Cleanup(func() { command(t, server, `drop database `+name+` with (force)`) })
	return at(t, server, name)
}

// at is the address of another database of the same server.
func at(t *testing.T, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func command(t *testing.T, address, sql string) {
	t.Helper()
	ctx := context.Background() // a test's own has ended when it cleans up
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// migrated makes a database that is up to date.
func migrated(t *testing.T) (address string, db *pgxpool.Pool) {
	t.Helper()
	address = empty(t)
	if err := Up(t.Context(), address, noon); err != nil {
		t.Fatal(err)
	}
	return address, connect(t, address)
}

func connect(t *testing.T, address string) *pgxpool.Pool {
	t.Helper()
	db, err := pgxpool.New(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

func run(t *testing.T, db *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// ask reads the one value that a query gives.
func ask[T any](t *testing.T, db *pgxpool.Pool, sql string, args ...any) (v T) {
	t.Helper()
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// until asks again and again until the answer is yes.
func until(t *testing.T, db *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	for range 2000 {
		if ask[bool](t, db, sql, args...) {
			return
		}
		run(t, db, `select pg_sleep(0.01)`) // let the others have the processor
	}
	t.Fatalf("never true: %s", sql)
}

// list reads the one column that a query gives.
func list[T any](t *testing.T, db *pgxpool.Pool, sql string, args ...any) []T {
	t.Helper()
	rows, err := db.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return values
}

// schema describes everything in a database that a migration can make, and what it says
// of its own state.
func schema(t *testing.T, db *pgxpool.Pool) []string {
	t.Helper()
	return append(shape(t, db), list[string](t, db, `
		select line from (
			select concat_ws(' ', 'step', version_id, is_applied) as line from goose_db_version group by version_id, is_applied
			union all
			select concat_ws(' ', 'river', line, version) from river_migration
			union all
			select concat_ws(' ', 'data', name, checksum, loaded_at) from reference_data
		) s order by line collate "C"`)...)
}

// shape describes everything in a database that a migration can make.
func shape(t *testing.T, db *pgxpool.Pool) []string {
	t.Helper()
	return list[string](t, db, `
		select line from (
			select concat_ws(' ', 'relation', c.relkind, c.relname, c.relpersistence, c.reloptions) as line
			from pg_class c where c.relnamespace = 'public'::regnamespace
			union all
			select concat_ws(' ', 'column', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), 'collate', a.attcollation::regcollation,
				a.attnotnull, a.attidentity, a.attgenerated, a.attisdropped, pg_get_expr(d.adbin, d.adrelid))
			from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
			left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
			where c.relnamespace = 'public'::regnamespace
			union all
			select concat_ws(' ', 'constraint', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid))
			from pg_constraint where connamespace = 'public'::regnamespace
			union all
			select concat_ws(' ', 'index', indisvalid, pg_get_indexdef(indexrelid))
			from pg_index join pg_class c on c.oid = indexrelid where c.relnamespace = 'public'::regnamespace
			union all
			select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
			union all
			select 'function ' || pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'
			union all
			select concat_ws(' ', 'enum', enumtypid::regtype, enumsortorder, enumlabel) from pg_enum
			union all
			select concat_ws(' ', 'extension', extname, extversion) from pg_extension
		) s order by line collate "C"`)
}

// as is an address with another name and password.
func as(t *testing.T, address, name, password string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(name, password)
	return u.String()
}
