package migrations

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Up makes an empty database the program's, and says so to those who ask whether it is ready.
func TestUpBringsAnEmptyDatabaseToTheProgramsVersion(t *testing.T) {
	t.Parallel()
	address := empty(t)
	db := connect(t, address)
	if got, err := Applied(t.Context(), db); got != 0 || err != nil {
		t.Errorf("before, applied %d, %v; want 0", got, err)
	}
	if err := Up(t.Context(), address, noon); err != nil {
		t.Fatal(err)
	}
	got, err := Applied(t.Context(), db)
	if err != nil || got != Version() || got < 3 {
		t.Errorf("applied %d, %v; want %d", got, err, Version())
	}
	for _, table := range []string{"people", "threads", "entries", "river_job", "river_notification"} {
		if !ask[bool](t, db, `select to_regclass($1) is not null`, table) {
			t.Errorf("no table %s", table)
		}
	}
}

// Coming up again changes nothing, not even the time of loading.
func TestUpTwiceIsAsUpOnce(t *testing.T) {
	t.Parallel()
	address, db := migrated(t)
	before, rows := schema(t, db), content(t, db)
	if err := Up(t.Context(), address, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	differ(t, schema(t, db), before)
	differ(t, content(t, db), rows)
}

// content is every row of the reference data.
func content(t *testing.T, db interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}) (lines []string) {
	t.Helper()
	for _, table := range []string{"councils", "council_names", "council_domains", "council_hexes", "successions", "topics"} {
		rows, err := db.Query(t.Context(), `select '`+table+` ' || to_jsonb(r)::text from `+table+` r order by 1`)
		if err != nil {
			t.Fatal(err)
		}
		some, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, some...)
	}
	return lines
}

// Nodes that start at the same moment on an empty database all come up, and make what one makes.
func TestNodesComeUpTogether(t *testing.T) {
	t.Parallel()
	_, one := migrated(t)
	address := empty(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := Up(t.Context(), address, noon); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	differ(t, schema(t, connect(t, address)), schema(t, one))
}

// A migrator waits for another one's turn to end, and stops waiting when it is told to stop.
func TestAMigratorWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	address := empty(t)
	db := connect(t, address)
	other, err := db.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	if _, err := other.Exec(t.Context(), `select pg_advisory_lock($1)`, int64(turnKey)); err != nil {
		t.Fatal(err)
	}
	asks := `select exists (select from pg_stat_activity where application_name = $1 and query like 'select pg_try_advisory_lock%')`
	ctx, stop := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	done := make(chan error, 1)
	go func() { done <- Up(ctx, address+"&application_name=first", noon) }()
	until(t, db, asks, "first")
	stop(enough)
	if err := <-done; !errors.Is(err, enough) {
		t.Errorf("told to stop: got %v, want %v", err, enough)
	}
	go func() { done <- Up(t.Context(), address+"&application_name=second", noon) }()
	until(t, db, asks, "second")
	if !ask[bool](t, db, `select to_regclass('people') is null`) {
		t.Error("it did not wait")
	}
	if _, err := other.Exec(t.Context(), `select pg_advisory_unlock($1)`, int64(turnKey)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A table that somebody holds is let go after two seconds, so that nobody queues behind the migrator, and asked for again.
func TestAHeldTableIsAskedForAgain(t *testing.T) {
	t.Parallel()
	address, db := migrated(t)
	run(t, db, `update reference_data set checksum = ''`)
	holder, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = holder.Rollback(context.Background()) })
	if _, err := holder.Exec(t.Context(), `lock table topics`); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- Up(t.Context(), address, noon) }()
	waits := `select exists (select from pg_locks where relation = 'topics'::regclass and not granted)`
	until(t, db, waits)
	until(t, db, `select not (`+waits+`)`)
	select {
	case err := <-done:
		t.Fatalf("gave up: %v", err)
	default:
	}
	if err := holder.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := ask[int](t, db, `select count(*) from reference_data where checksum = ''`); n != 0 {
		t.Errorf("%d sets not loaded", n)
	}
}

// The owner of a database needs no other right on the server, as on a rented one.
func TestTheOwnerOfADatabaseCanMigrateIt(t *testing.T) {
	t.Parallel()
	address := empty(t)
	command(t, address, `
		create role landlady login password 'secret';
		do $$ begin execute format('alter database %I owner to landlady', current_database()); end $$`)
	t.Cleanup(func() {
		command(t, address, `reassign owned by landlady to current_user; drop role landlady`)
	})
	if err := Up(t.Context(), as(t, address, "landlady", "secret"), noon); err != nil {
		t.Fatal(err)
	}
}

// The audit log takes lines, and neither changes nor loses one.
func TestEntriesAreKept(t *testing.T) {
	t.Parallel()
	_, db := migrated(t)
	run(t, db, `insert into entries (at, deed) values ($1, 'grant')`, noon)
	for _, forbidden := range []string{
		`update entries set deed = 'revoke'`,
		`update entries set deed = 'revoke' where false`,
		`delete from entries`,
		`truncate entries cascade`,
		`truncate people cascade`,
		`insert into entries (at, deed) overriding system value select at, deed from entries; delete from entries`,
	} {
		_, err := db.Exec(t.Context(), forbidden)
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: got %v, want a refusal", forbidden, err)
		}
	}
	if got := ask[string](t, db, `select deed from entries`); got != "grant" {
		t.Errorf("got %q", got)
	}
}

// differ says which lines are not in both, or stand elsewhere.
func differ(t *testing.T, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	var diff bytes.Buffer
	for _, line := range got {
		if !slices.Contains(want, line) {
			diff.WriteString("+ " + line + "\n")
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			diff.WriteString("- " + line + "\n")
		}
	}
	t.Errorf("not the same:\n%s", diff.String())
}

// A database that takes the connection and says nothing is given up soon, unless its
// address says how long to wait.
func TestASilentDatabaseIsGivenUpSoon(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]time.Duration{
		"postgres://nobody@127.0.0.1/none":                    5 * time.Second,
		"postgres://nobody@127.0.0.1/none?connect_timeout=60": time.Minute,
	} {
		pool, err := open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if got := pool.Config().ConnConfig.ConnectTimeout; got != want {
			t.Errorf("%s: given up after %s, want %s", address, got, want)
		}
		pool.Close()
	}
}

// A function in SQL that gives rows or nothing is called by itself and so planned at every
// call, which took longer than the call: searches that match a post 2.4 ms, of them 0.07 to
// find them. Those that give one value become part of what asks.
func TestNoFunctionIsPlannedAtEveryCall(t *testing.T) {
	t.Parallel()
	_, db := migrated(t)
	names := ask[[]string](t, db, `select coalesce(array_agg(p.proname::text), '{}') from pg_proc p join pg_language l on l.oid = p.prolang
		where p.pronamespace = 'public'::regnamespace and l.lanname = 'sql' and (p.proretset or p.prorettype = 'void'::regtype)
			and p.proname <> 'lose_posts'`) // when a thread goes
	if len(names) > 0 {
		t.Errorf("in SQL, not plpgsql: %v", names)
	}
}
