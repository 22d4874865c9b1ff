package forum_test

import (
	"testing"
	"time"

	"moothall/forum"
)

// A database that takes the connection and says nothing is given up soon, unless its
// address says how long to wait.
func TestASilentDatabaseIsGivenUpSoon(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]time.Duration{
		"postgres://nobody@127.0.0.1/none":                    5 * time.Second,
		"postgres://nobody@127.0.0.1/none?connect_timeout=60": time.Minute,
	} {
		pool, err := forum.Connect(t.Context(), address, 1, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := pool.Config().ConnConfig.ConnectTimeout; got != want {
			t.Errorf("%s: given up after %s, want %s", address, got, want)
		}
		pool.Close()
	}
}
