package app_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"moothall/app"
	"moothall/forum/forumtest"
)

// migratorsTurn is the lock that the one holds who changes the database.
const migratorsTurn = 0x6d6f6f7468616c6c // "moothall"

// A node that starts while another one changes the database waits, says so after a while,
// and comes up when it may. (Seen to fail: with a SessionLock that takes no lock.)
func TestANodeWaitsForAMigratorAndSaysSo(t *testing.T) {
	t.Parallel()
	env := environ(t, map[string]string{"DATABASE_URL": forumtest.Empty(t)})
	other, err := pgx.Connect(t.Context(), env["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close(context.Background()) }()
	if _, err := other.Exec(t.Context(), `select pg_advisory_lock($1)`, int64(migratorsTurn)); err != nil {
		t.Fatal(err)
	}
	config, err := app.LoadConfig(env)
	if err != nil {
		t.Fatal(err)
	}
	said := new(lines)
	type started struct {
		node *app.App
		err  error
	}
	done := make(chan started, 1)
	go func() {
		node, err := app.Start(context.Background(), config, slog.New(slog.NewTextHandler(said, nil)))
		done <- started{node, err}
	}()
	eventually(t, "it says what it waits for", func() bool {
		return strings.Contains(said.String(), "waiting for the database: it does not answer yet, or another node is changing it")
	})
	select {
	case s := <-done:
		t.Errorf("it did not wait: %v", s.err)
		done <- s
	default:
	}
	if there := numberAt(t, env["DATABASE_URL"], `select count(*) from pg_class where relnamespace = 'public'::regnamespace`); there > 0 {
		t.Errorf("it made %d things out of its turn", there)
	}
	if err := other.Close(t.Context()); err != nil { // as if that node had been killed
		t.Fatal(err)
	}
	s := <-done
	if s.err != nil {
		t.Fatal(s.err)
	}
	b := &browser{t: t, site: s.node.URL()}
	b.get("/readyz").wantStatus(t, 200)
	if err := s.node.Stop(context.Background(), 0); err != nil {
		t.Error(err)
	}
}
