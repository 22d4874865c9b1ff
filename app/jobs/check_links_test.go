package jobs_test

import (
	"context"
	"testing"

	"moothall/app/jobs"
	"moothall/forum/forumtest"
)

// A link that is due is looked at by a job, and what came of it is written down.
func TestLinksAreLookedAt(t *testing.T) {
	t.Parallel()
	y := openYard(t, func(o *jobs.Options) {
		o.Links = func(_ context.Context, address string) string {
			if address == "https://code.example/bins" {
				return "gone"
			}
			return ""
		}
	})
	thread := forumtest.Thread(t, y.store, forumtest.Person(t, y.store, "Ada", "Northmoor"), "Bins that speak")
	for _, sql := range []string{`update threads set kind = 'project' where id = $1`,
		`insert into register (thread_id, kind, listed, public, moved_at, begun_at, confirmed_at, phase) values ($1, 'project', true, true, now(), now(), now(), 'alpha')`,
		`insert into projects (thread_id, summary, phase, confirmed_at, code_url, evidence_url) values ($1, 'Bins.', 'alpha', now(), 'https://code.example/bins', 'https://there.example/')`} {
		if _, err := y.db.Exec(t.Context(), sql, thread); err != nil {
			t.Fatal(err)
		}
	}
	y.start()
	y.until(`select count(*) from links where checked_at is not null and (url like '%bins' and said = 'gone' and failures = 1 or url like '%there%' and said = '' and failures = 0)`, 2)
}
