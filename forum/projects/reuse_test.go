package projects_test

import (
	"testing"

	"moothall/forum"
	"moothall/forum/projects"
)

// A project is reused by as many councils as everybody may know of: what is for councils
// only, waits or was hidden does not count, until it shows.
func TestReusesCountWhatEverybodyMaySee(t *testing.T) {
	t.Parallel()
	h := open(t)
	counts := func(want int, when string) {
		t.Helper()
		if p := h.page(t, forum.Person{}, h.project); p.Project.Reuses != want {
			t.Errorf("%s: reused by %d, want %d", when, p.Project.Reuses, want)
		}
	}
	child := h.start(t, h.ben, projects.Draft{Title: "The same here", Visibility: "councils", Parent: h.project})
	counts(0, "for councils only")
	if err := h.SetFact(t.Context(), h.ben, child, projects.FactDraft{Field: "visibility", Text: "public", Version: 1}); err != nil {
		t.Fatal(err)
	}
	counts(1, "public")
	h.exec(t, `update threads set hidden_at = now(), hidden_why = 'Rude.' where id = $1`, child)
	counts(0, "hidden")
	h.exec(t, `update threads set hidden_at = null, hidden_why = null where id = $1`, child)
	counts(1, "shown again")
}
