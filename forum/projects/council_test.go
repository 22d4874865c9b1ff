package projects_test

import (
	"testing"

	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// Who began a project keeps it when their council is split and they have gone to one of
// the parts, which can take the lead.
func TestAProjectGoesAlongWhenItsCouncilIsSplit(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.exec(t, `update councils set status = 'former', ended_on = '2026-11-20' where id = $1`, h.ada.CouncilID)
	h.exec(t, `insert into successions (old_id, new_id, on_date, kind) values ($1, $2, '2026-11-21', 'split')`, h.ada.CouncilID, h.ben.CouncilID)
	if p := h.page(t, h.ben, h.project); p.CanTend {
		t.Error("a colleague of the new council who did not begin it tends it")
	}
	h.exec(t, `update people set council_id = $2 where id = $1`, h.ada.ID, h.ben.CouncilID)
	ada := forumtest.Again(t, h.Store.Store, h.ada)
	if err := h.SetFact(t.Context(), ada, h.project, projects.FactDraft{Field: "council", Text: "southmoor", Version: 1}); err != nil {
		t.Fatal(err)
	}
	if p := h.page(t, ada, h.project); p.Project.CouncilSlug != "southmoor" || len(p.Partners) != 0 || !p.CanTend {
		t.Errorf("got %+v %+v", p.Project, p.Partners)
	}
}
