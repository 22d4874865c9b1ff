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
	if _, err := s.db.Exec(t.Context(), `
		with o as (insert into products (slug, name) values ('binwatch', 'Binwatch'), ('lamp', 'Lamp') returning id, slug)
		insert into product_uses (product_id, council_id, person_id, confirmed_at)
		select o.id, c.id, $1, $2 from o join councils c on c.slug = 'elmbridge' or o.slug = 'lamp' and c.slug = 'mole-valley'`, s.ann.ID, s.Now()); err != nil {
		t.Fatal(err)
	}
	for who, address := range map[*forum.Person]string{&s.ann: "digital@elmbridge.gov.uk", &mole: "digital@molevalley.gov.uk"} {
		if _, err := s.db.Exec(t.Context(), `
			with p as (insert into people (name, created_at) values ($1, $2) returning id)
			insert into mailboxes (person_id, council_id, added_by, address, topic_ids, cadence, added_at, confirmed_at)
			select p.id, a.council_id, a.id, $1, array[(select min(id) from topics)], 'daily', $2, $2 from p, people a where a.id = $3`, address, s.Now(), who.ID); err != nil {
			t.Fatal(err)
		}
	}
	s.vestingDay()
	s.carryOut()
	if got := s.ask(`select string_agg(o.slug || ' ' || c.slug, ', ' order by o.slug) from product_uses u join products o on o.id = u.product_id join councils c on c.id = u.council_id`); got != "binwatch east-surrey, lamp east-surrey" {
		t.Errorf("products are used: %s", got)
	}
	if got := s.ask(`select count(*)::text from mailboxes m join people a on a.id = m.added_by and a.council_id = m.council_id`); got != "2" {
		t.Errorf("%s mailboxes went with whoever added them, want 2", got)
	}
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
