package auth

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/forumtest"
)

func TestMain(m *testing.M) { forumtest.Main(m) }

// house is a database with our store on it, and a clock to move.
type house struct {
	*Store
	forum *forum.Store
	db    *pgxpool.Pool
	clock *forumtest.Clock
}

func openHouse(t *testing.T) *house {
	t.Helper()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	return &house{Store: NewStore(db, clock.Now), forum: store, db: db, clock: clock}
}

func (h *house) person(t *testing.T, name string) int64 {
	t.Helper()
	return forumtest.Person(t, h.forum, name, "Northmoor").ID
}

// live reports whether the session of a cookie counts now.
func (h *house) live(t *testing.T, cookie string) bool {
	t.Helper()
	_, live, err := h.forum.PersonOf(t.Context(), Hash(cookie), LiveSQL, KeptSQL)
	if err != nil {
		t.Fatalf("PersonOf: %v", err)
	}
	return live
}

func (h *house) start(t *testing.T, person int64) string {
	t.Helper()
	cookie, err := h.Start(t.Context(), person, "dev", "Firefox on Linux")
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	return cookie
}

func (h *house) flush(t *testing.T) {
	t.Helper()
	if err := h.Flush(t.Context()); err != nil {
		t.Fatalf("Flush: %v", err)
	}
}

func (h *house) seenAt(t *testing.T, cookie string) (at time.Time) {
	t.Helper()
	if err := h.db.QueryRow(t.Context(), `select seen_at from sessions where hash = $1`, Hash(cookie)).Scan(&at); err != nil {
		t.Fatalf("seen_at: %v", err)
	}
	return at
}

func (h *house) count(t *testing.T, table string) (n int) {
	t.Helper()
	if err := h.db.QueryRow(t.Context(), `select count(*) from `+table).Scan(&n); err != nil {
		t.Fatalf("count %s: %v", table, err)
	}
	return n
}

// failure is which failure of an attempt an error is; "" if it is none.
func failure(err error) AttemptFailure {
	if e := (*AttemptError)(nil); errors.As(err, &e) {
		return e.Failure
	}
	return ""
}
