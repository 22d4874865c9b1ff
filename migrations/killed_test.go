package migrations

import (
	"bufio"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// kills is how many migrators are killed in each test: some hundred milliseconds each.
const kills = 24

// whole is how long a migrator takes to make a database, and what it makes.
func whole(t *testing.T) (took time.Duration, made []string) {
	t.Helper()
	address := empty(t)
	began := time.Now()
	if out, err := migrator(address).CombinedOutput(); err != nil || string(out) != "begin\n" {
		t.Fatalf("%v, and it said %q", err, out)
	}
	return time.Since(began), schema(t, connect(t, address))
}

// A migrator killed at any moment leaves what the next one makes whole. Of a step that is
// a transaction it leaves all or nothing.
func TestAKilledMigratorIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	took, want := whole(t)
	after := stages(t)
	for range kills / 2 {
		address := empty(t)
		db := connect(t, address)
		for range 2 {
			kill(t, address, rand.N(took))
			until(t, db, `select not exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())`)
			wantNoHalfStep(t, db, after)
		}
		if err := Up(t.Context(), address, noon); err != nil {
			t.Fatal(err)
		}
		differ(t, schema(t, db), want)
	}
}

// Of two migrators at once either may be killed: the other one makes all.
func TestOfTwoMigratorsOneMayBeKilled(t *testing.T) {
	t.Parallel()
	took, want := whole(t)
	for range kills / 4 {
		address := empty(t)
		other := migrator(address)
		said := new(strings.Builder)
		other.Stderr = said
		if err := other.Start(); err != nil {
			t.Fatal(err)
		}
		kill(t, address, rand.N(took))
		if err := other.Wait(); err != nil {
			t.Errorf("the other one: %v\n%s", err, said)
		}
		differ(t, schema(t, connect(t, address)), want)
	}
}

// stages are the shapes that a database has after each step.
func stages(t *testing.T) map[int64][]string {
	t.Helper()
	pool, err := open(t.Context(), empty(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	db := stdlib.OpenDBFromPool(pool)
	t.Cleanup(func() { _ = db.Close() })
	if err := makeRecord(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	all, err := allSteps(db, pool)
	if err != nil {
		t.Fatal(err)
	}
	after := map[int64][]string{0: shape(t, pool)}
	for _, step := range all.ListSources() {
		if _, err := all.UpTo(t.Context(), step.Version); err != nil {
			t.Fatal(err)
		}
		after[step.Version] = shape(t, pool)
	}
	return after
}

// wantNoHalfStep fails the test where a database is between two steps, of which the next
// is a transaction.
func wantNoHalfStep(t *testing.T, db *pgxpool.Pool, after map[int64][]string) {
	t.Helper()
	last, err := Applied(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	switch got := shape(t, db); {
	case !ask[bool](t, db, `select to_regclass('goose_db_version') is not null`):
		for _, line := range got {
			if strings.Contains(line, "goose") {
				t.Errorf("nothing is recorded, and there is %q", line)
			}
		}
	case last == Version() || isTransaction(t, last+1):
		t.Logf("killed after step %d", last)
		differ(t, got, after[last])
	default:
		t.Logf("killed after step %d, in one that may run twice", last)
	}
}

// isTransaction reports whether a step is done whole or not at all.
func isTransaction(t *testing.T, version int64) bool {
	t.Helper()
	names, err := steps.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if text, err := steps.ReadFile(name.Name()); err != nil {
			t.Fatal(err)
		} else if number, _ := goose.NumericComponent(name.Name()); number == version {
			return !strings.Contains(string(text), "+goose NO TRANSACTION")
		}
	}
	return false // it is written in Go
}

func migrator(address string) *exec.Cmd {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), migrateOnly+"="+address)
	return child
}

// kill starts a migrator and kills it after a while.
func kill(t *testing.T, address string, after time.Duration) {
	t.Helper()
	child := migrator(address)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(line, err)
	}
	<-time.After(after)
	_ = child.Process.Kill() // it may be done
	_ = child.Wait()
}
