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
)

// Killed at any moment while an issue goes out, the program goes on where it was when it
// starts again: each address has it, and only the one whose mail was just under way may
// have it a second time, with the same Message-ID.
func TestAnIssueComesToEachAddressWhateverIsKilled(t *testing.T) {
	t.Parallel()
	k := &killed{t: t, data: t.TempDir(), bin: filepath.Join(t.TempDir(), "moothall")}
	if out, err := exec.Command("go", "build", "-o", k.bin, "moothall").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	k.start()
	defer k.stop()
	ctx := context.Background()
	k.people(ctx, 1)
	k.exec(ctx, `
		with readers as (
			insert into newsletter_subscribers (address, asked_at, asks_since, confirmed_at) select 'p' || n || '@example.org', now(), now(), now() from generate_series(1, 400) n
		),
		issue as (
			insert into newsletters (subject, state, curator_id, made_at, changed_at, since, due_at)
			select 'News', 'scheduled', min(id), now(), now(), now(), now() from people returning id
		)
		insert into newsletter_blocks (newsletter_id, kind, body, place) select id, 'text', 'Hello', 1 from issue`)
	client := &http.Client{Timeout: 30 * time.Second}
	k.exec(ctx, `insert into river_job (kind, queue, args, max_attempts) values ('newsletters', 'newsletters', '{}', 25)`)
	for range mailKills {
		time.Sleep(time.Duration(200+rand.IntN(400)) * time.Millisecond)
		k.kill()
		client.CloseIdleConnections()
		k.start()
		k.exec(ctx, `update newsletter_letters set claimed_until = null where claimed_until < pg_postmaster_start_time() + interval '50 seconds'`)
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
	var mails []struct {
		To        string
		MessageID string `json:"message_id"`
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
	const underWay = 2 // mails at once, on one node
	if len(each) != 400 || len(mails) > 400+mailKills*underWay || len(ids) != 1 {
		t.Errorf("%d of 400 addresses have %d mails with %d different Message-IDs", len(each), len(mails), len(ids))
	}
	t.Logf("%d mails for %d addresses over %d kills", len(mails), len(each), mailKills)
}
