package projects_test

import (
	"errors"
	"testing"

	"moothall/forum"
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

// A council's page has the projects that it leads or takes part in and the products that it
// uses, as far as its reader may see.
func TestACouncilHasItsProjectsAndProducts(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.use(t, h.ada, h.project, "Binwatch", "")
	h.use(t, h.ada, h.start(t, h.ada, projects.Draft{Title: "Between us", Visibility: "councils"}), "Whisper", "")
	if err := errors.Join(h.Invite(t.Context(), h.ada, h.project, "southmoor"), h.AnswerInvitation(t.Context(), h.ben, h.project, true), h.SayUse(t.Context(), h.ben, "binwatch", true, "")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who                forum.Person
		council            string
		projects, products int
		says               bool
	}{{forum.Person{}, "northmoor", 1, 1, false}, {h.ben, "northmoor", 2, 2, false}, {forum.Person{}, "southmoor", 1, 1, true}} {
		p, err := h.CouncilPage(t.Context(), c.who, c.council)
		if err != nil || len(p.Projects) != c.projects || len(p.Products) != c.products || p.Products[0].Name != "Binwatch" || p.Products[0].Says != c.says {
			t.Errorf("%s of %q: %+v, %+v (%v)", c.council, c.who.Name, p.Projects, p.Products, err)
		}
	}
}
