package places_test

import (
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// On the day a council's projects are led by what it has become: who began them tends
// them still, and where it took part or reused something, that one does, once.
func TestProjectsGoAlong(t *testing.T) {
	t.Parallel()
	s := openSurrey(t)
	all := projects.New(s.Store.Store)
	start := func(who forum.Person, title string, parent int64) int64 {
		t.Helper()
		asked, err := all.Start(t.Context(), who, projects.Draft{Title: title, Summary: "Sensors.", Phase: "alpha", Parent: parent})
		if err != nil {
			t.Fatal(err)
		}
		return asked.ID
	}
	mole := forumtest.Person(t, s.Store.Store, "Mole", "mole-valley")
	bens := start(s.ben, "Bins that tell", 0)
	anns, moles := start(s.ann, "Ours", bens), start(mole, "And ours", bens)
	for slug, who := range map[string]forum.Person{"elmbridge": s.ann, "mole-valley": mole} {
		if err := all.Invite(t.Context(), s.ben, bens, slug); err != nil {
			t.Fatal(err)
		}
		if who.ID == mole.ID {
			continue
		}
		if err := all.AnswerInvitation(t.Context(), who, bens, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := all.Invite(t.Context(), mole, moles, "elmbridge"); err != nil {
		t.Fatal(err)
	}
	s.vestingDay()
	s.carryOut()
	for who, id := range map[*forum.Person]int64{&s.ann: anns, &mole: moles} {
		p, err := all.ProjectPage(t.Context(), forumtest.Again(t, s.Store.Store, *who), id, 1, 0)
		if err != nil || !p.CanTend || p.Project.CouncilSlug != "east-surrey" || len(p.Partners) != 0 {
			t.Errorf("%s: %+v %+v (%v)", who.Name, p.Project, p.Partners, err)
		}
	}
	p, err := all.ProjectPage(t.Context(), visitor, bens, 1, 0)
	if err != nil || p.Project.Reuses != 1 || len(p.Partners) != 1 || p.Partners[0].CouncilSlug != "east-surrey" || p.Partners[0].State != "confirmed" {
		t.Errorf("got %+v %+v (%v)", p.Project, p.Partners, err)
	}
	if got := s.ask(`select string_agg(distinct c.slug, ' ') from register r join councils c on c.id = r.council_id where r.thread_id = any($1)`, []int64{anns, moles}); got != "east-surrey" {
		t.Errorf("in the register they are of %s", got)
	}
}
