package app_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"moothall/auth"
	"moothall/forum"
)

// mailKills is how often the program is killed while it tells people by mail.
const mailKills = 3

// Killed at any moment between a post and its mails, the program goes on where it was
// when it starts again: each follower has the mail, with one Message-ID, and few have it
// twice: those whose mail was just under way.
func TestEachFollowerHasTheMailWhateverIsKilled(t *testing.T) {
	t.Parallel()
	k := &killed{t: t, data: t.TempDir(), bin: filepath.Join(t.TempDir(), "moothall")}
	if out, err := exec.Command("go", "build", "-o", k.bin, "moothall").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	k.start()
	defer k.stop()
	ctx := context.Background()
	keys, err := auth.NewKeys([]string{proofSecret})
	if err != nil {
		t.Fatal(err)
	}
	cookies, path := k.people(ctx, 1)
	k.exec(ctx, `
		with crowd as (
			insert into people (name, standing, rules_version, joined_at, created_at, proven_email)
			select 'Person ' || n, 'colleague', 1, now(), now(), 'p' || n || '@example.org' from generate_series(1, 400) n returning id
		)
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select crowd.id, 'topic', o.id, 'instant', 'chose', now() from crowd, topics o where o.slug = 'waste-management'`)
	client := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if !k.reply(client, cookies[0], path, "To be told to all", keys) {
		t.Fatal("the post was refused")
	}
	for range mailKills {
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
		k.kill()
		client.CloseIdleConnections()
		k.start()
		// What the dead node held comes free by itself in less than a minute: the test does not wait for that.
		// What the node that runs now holds stays held: its Postgres began with it, and claims last fifty seconds.
		k.exec(ctx, `update letters set claimed_until = null where claimed_until < pg_postmaster_start_time() + interval '50 seconds'`)
	}
	var mails []struct {
		To        string
		MessageID string `json:"message_id"`
	}
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		got, err := client.Get(k.site + "/dev/idle?within=5s")
		if err != nil {
			t.Fatal(err)
		}
		_ = got.Body.Close()
		if got.StatusCode == http.StatusNoContent {
			break
		}
	}
	got, err := client.Get(k.site + "/dev/inbox.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	if err := json.NewDecoder(got.Body).Decode(&mails); err != nil {
		t.Fatal(err)
	}
	each, ids := map[string]int{}, map[string]bool{}
	for _, m := range mails {
		each[m.To]++
		ids[m.MessageID] = true
	}
	const underWay = 4 // mails at once, on one node
	if len(each) != 400 || len(mails) > 400+mailKills*underWay || len(ids) != 1 {
		t.Errorf("%d of 400 people have %d mails with %d different Message-IDs", len(each), len(mails), len(ids))
	}
	t.Logf("%d mails for %d people over %d kills", len(mails), len(each), mailKills)
}

// exec changes the database from beside the program.
func (k *killed) exec(ctx context.Context, query string) {
	k.t.Helper()
	db, err := forum.Connect(ctx, k.db, 1, false)
	if err != nil {
		k.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(ctx, query); err != nil {
		k.t.Fatal(err)
	}
}
