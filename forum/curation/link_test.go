package curation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"moothall/forum/curation"
)

// The links of projects and lessons are gathered, those that nobody names any more
// forgotten; each is looked at once at a time, a few in turn; and what does not answer
// three times in a row, days apart, is on the desk until it does.
func TestLinksThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	fill := func(sql string, args ...any) {
		t.Helper()
		_, err := h.db.Exec(ctx, sql, args...)
		h.must(err)
	}
	thread := h.ask(h.ada, "Bins that speak")
	fill(`update threads set kind = 'project' where id = $1`, thread)
	fill(`insert into register (thread_id, kind, listed, public, moved_at, begun_at, confirmed_at, phase) values ($1, 'project', true, true, $2, $2, $2, 'alpha')`, thread, h.Now())
	fill(`insert into projects (thread_id, council_id, summary, phase, confirmed_at, code_url, problem) values ($1, $2, 'Bins.', 'alpha', $3, 'https://code.example/bins', $4)`,
		thread, h.ada.CouncilID, h.Now(), "See [this](https://one.example/a_b), <https://two.example/#part>, https://one.example/a_b and ftp://three.example.")
	gather := func(want ...string) {
		t.Helper()
		h.must(h.GatherLinks(ctx))
		h.must(h.GatherLinks(ctx))
		var got string
		h.must(h.db.QueryRow(ctx, `select coalesce(string_agg(url, ' ' order by url), '') from links`).Scan(&got))
		if slices.Sort(want); got != strings.Join(want, " ") {
			t.Errorf("gathered %s, want %v", got, want)
		}
	}
	gather("https://code.example/bins", "https://one.example/a_b", "https://two.example/")
	var looked []string
	for {
		due, err := h.DueLinks(ctx)
		h.must(err)
		if len(due) == 0 {
			break
		}
		if len(due) > 2 {
			t.Errorf("%d at once", len(due))
		}
		for _, l := range due {
			looked = append(looked, l.URL)
		}
	}
	if len(looked) != 3 {
		t.Errorf("looked at %v", looked)
	}
	id := h.number(`select id from links where url = 'https://code.example/bins'`)
	for day, want := range []int{0, 0, 1, 1} {
		h.must(h.LinkSaid(ctx, id, "gone"))
		h.clock.Advance(25 * time.Hour)
		if got := h.desk(h.cora)[curation.Links]; len(got) != want || want == 1 && (got[0].Said != "gone" || got[0].Excerpt != "https://code.example/bins") {
			t.Errorf("on day %d there wait %+v", day, got)
		}
		if due, err := h.DueLinks(ctx); err != nil || len(due) != 1 || due[0].ID != id {
			t.Errorf("on day %d due are %v (%v)", day, due, err)
		}
	}
	h.must(h.tend(h.cora, curation.Links, id, curation.DeskDraft{Deed: "later", Until: h.Now().AddDate(0, 0, 9).Format(time.DateOnly)}))
	if p, err := h.DeskPage(ctx, h.cora); err != nil || len(p.Asides) != 1 || p.Asides[0].Title != "Bins that speak" {
		t.Errorf("put off, there are aside %+v (%v)", p.Asides, err)
	}
	h.must(h.tend(h.cora, curation.Links, id, curation.DeskDraft{Deed: "again"}))
	h.must(h.LinkSaid(ctx, id, ""))
	if got := h.waiting(curation.Links); len(got) != 0 {
		t.Errorf("once it answers there wait %v", got)
	}
	fill(`update projects set code_url = ''`)
	gather("https://one.example/a_b", "https://two.example/")
}
