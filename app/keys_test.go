package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/forumtest"
)

// keyed is a node as far as its keys go.
func keyed(t *testing.T, url, secret string) *App {
	t.Helper()
	db, err := forum.Connect(t.Context(), url, 2, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	keys, err := auth.NewKeys([]string{secret})
	if err != nil {
		t.Fatal(err)
	}
	return &App{log: slog.New(slog.DiscardHandler), write: db, keys: keys}
}

// Of nodes with different keys that start at the same moment one starts.
func TestNodesWithDifferentKeysDoNotStartTogether(t *testing.T) {
	t.Parallel()
	url := forumtest.URL(t)
	var started atomic.Int32
	var all sync.WaitGroup
	for _, letter := range []string{"a", "b", "c", "d", "e"} {
		node := keyed(t, url, strings.Repeat("node "+letter+" has this key; ", 3))
		all.Go(func() {
			switch err := node.compareKeys(t.Context()); {
			case err == nil:
				started.Add(1)
			case !errors.Is(err, errOtherKeys):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := started.Load(); got != 1 {
		t.Errorf("%d nodes started, want 1", got)
	}
}

// A node that has stopped in good order soon makes room for other keys, unless one
// that has its keys still runs.
func TestKeysOfANodeThatStoppedMakeRoom(t *testing.T) {
	t.Parallel()
	url := forumtest.URL(t)
	before := keyed(t, url, "the key that all nodes have had so far")
	after := keyed(t, url, "the key that the node is to have from now on")
	if err := before.compareKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := before.takeFingerprintsAway(t.Context()); err != nil {
		t.Fatal(err)
	}
	if going, err := after.compareKeysOnce(t.Context()); err != nil || !going {
		t.Errorf("right after: going %t, %v, want to wait", going, err)
	}
	if err := before.leaveFingerprints(t.Context(), before.write); err != nil { // the other node, which still runs
		t.Fatal(err)
	}
	if going, err := after.compareKeysOnce(t.Context()); !errors.Is(err, errOtherKeys) {
		t.Errorf("beside one that runs: going %t, %v", going, err)
	}
	if err := before.takeFingerprintsAway(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := before.write.Exec(t.Context(), `update secret_fingerprints set seen_at = seen_at - make_interval(secs => $1)`, keysGo.Seconds()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := after.compareKeys(ctx); err != nil {
		t.Errorf("when nobody came back: %v", err)
	}
}
