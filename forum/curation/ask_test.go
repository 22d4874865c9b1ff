package curation_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// someCouncils makes councils with a colleague each.
func (h *hall) someCouncils(n int) (people []forum.Person) {
	h.t.Helper()
	for i := range n {
		name := fmt.Sprintf("Council%d", i)
		_, err := h.db.Exec(h.t.Context(), `
			insert into councils (slug, name, short_name, kind, nation, region, status) values (lower($1), $1, $1, 'district', 'England', 'North', 'current')`, name)
		h.must(err)
		people = append(people, forumtest.Person(h.t, h.Store.Store, "Person"+fmt.Sprint(i), name))
	}
	return people
}

// answered is a question of Ada's that somebody answered to her content.
func (h *hall) answered(by forum.Person, title string) {
	h.t.Helper()
	thread := h.ask(h.ada, title)
	h.must(h.Accept(h.t.Context(), h.ada, h.reply(by, thread, "We did.").ID, true))
}

func (h *hall) answerers(thread int64) (ids []int64) {
	h.t.Helper()
	p, err := h.ItemPage(h.t.Context(), h.cora, curation.Ref{Sort: curation.Questions, ID: thread})
	h.must(err)
	for _, s := range p.Answerers {
		ids = append(ids, s.ID)
	}
	return ids
}

func ids(people ...forum.Person) (all []int64) {
	for _, p := range people {
		all = append(all, p.ID)
	}
	return all
}

// Of two who are as well placed the one asked less recently is chosen; nobody is asked
// twice in a week, so that the third ask goes to somebody else; and the asker sees how
// many councils were asked and how many declined.
func TestTheLessRecentlyAskedIsAskedFirst(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	people := h.someCouncils(3)
	for i, p := range people {
		h.answered(p, fmt.Sprintf("Something else about bins, %d", i))
	}
	first := h.ask(h.ada, "Who has moved bins online?")
	h.clock.Advance(5 * 24 * time.Hour)
	if got := h.answerers(first); !slices.Equal(got, ids(people...)) {
		t.Fatalf("they are %v, want %v", got, ids(people...))
	}
	if n, err := h.AskCouncils(ctx, h.cora, first, ids(people[0])); n != 1 || err != nil {
		t.Fatalf("asked %d (%v)", n, err)
	}
	second := h.ask(h.ada, "Who has moved bins back?")
	h.clock.Advance(5 * 24 * time.Hour)
	if got := h.answerers(second); !slices.Equal(got, ids(people[1], people[2])) {
		t.Errorf("in the same week: they are %v", got)
	}
	if _, err := h.AskCouncils(ctx, h.cora, second, ids(people[0])); !slices.Equal(refused(err), []string{"person"}) {
		t.Errorf("and they are asked again: %v", err)
	}
	h.clock.Advance(3 * 24 * time.Hour)
	if got := h.answerers(second); !slices.Equal(got, ids(people[1], people[2], people[0])) {
		t.Errorf("after a week: they are %v", got)
	}
	if n, err := h.AskCouncils(ctx, h.cora, second, ids(people...)); n != 3 || err != nil {
		t.Fatalf("asked %d (%v)", n, err)
	}
	h.must(h.Decline(ctx, people[1], second))
	h.must(h.Decline(ctx, people[1], second))
	h.is("who was not asked declines", h.Decline(ctx, h.ben, second), forum.ErrForbidden)
	page := h.page(h.ada, second)
	if page.Thread.Asked != 3 || page.Thread.Declined != 1 {
		t.Errorf("the asker sees %d and %d", page.Thread.Asked, page.Thread.Declined)
	}
	p, err := h.AsksPage(ctx, h.ada, second)
	if err != nil || len(p.Asks) != 3 || p.Names || p.Mine != nil {
		t.Errorf("the asker reads %+v (%v)", p, err)
	}
	if p, err = h.AsksPage(ctx, people[0], second); err != nil || p.Mine == nil || p.Mine.Why != "answered" {
		t.Errorf("who was asked reads %+v (%v)", p, err)
	}
	_, err = h.AsksPage(ctx, h.ben, second)
	h.is("another reads it", err, forum.ErrForbidden)
	_, err = h.AsksPage(ctx, visitor, second)
	h.is("a visitor reads it", err, forum.ErrForbidden)
	if n := h.number(`select count(*) from events where kind = 'could_answer'`); n != 4 {
		t.Errorf("%d were told", n)
	}
}

// Who is never asked: the asker's own council, who wants no asks, more than five
// councils, two of one council; and nobody is where the question has its answer.
func TestWhoIsNotAsked(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	people := h.someCouncils(6)
	neighbour, twin := forumtest.Person(t, h.Store.Store, "Nia", "Northmoor"), forumtest.Person(t, h.Store.Store, "Twin", "Council0")
	supplier := forumtest.SupplierOf(t, h.Store.Store, "Sol", "Sol Ltd")
	thread := h.ask(h.ada, "Who has moved bins online?")
	_, err := h.db.Exec(ctx, `insert into letter_settings (person_id, no_asks) values ($1, true)`, people[5].ID)
	h.must(err)
	for name, who := range map[string][]int64{"nobody": nil, "the asker": ids(h.ada), "their council": ids(neighbour), "who wants none": ids(people[5]), "two of one": ids(people[0], twin),
		"a supplier": ids(supplier), "no one": {999999}, "one of them": ids(people[1], neighbour), "six": ids(append([]forum.Person{h.ben}, people[:5]...)...)} {
		if n, err := h.AskCouncils(ctx, h.cora, thread, who); n != 0 || !slices.Equal(refused(err), []string{"person"}) {
			t.Errorf("%s: %d (%v)", name, n, err)
		}
	}
	_, err = h.AskCouncils(ctx, h.ben, thread, ids(people[0]))
	h.is("who is no curator asks", err, forum.ErrForbidden)
	if n, err := h.AskCouncils(ctx, h.cora, thread, ids(append(people[:5], people[0])...)); n != 5 || err != nil {
		t.Errorf("five are asked: %d (%v)", n, err)
	}
	if _, err := h.AskCouncils(ctx, h.cora, thread, ids(h.ben)); !slices.Equal(refused(err), []string{"person"}) {
		t.Errorf("a sixth: %v", err)
	}
	h.reply(h.ben, thread, "We did.")
	other := h.ask(h.ada, "Who has moved bins back?", h.ben)
	if _, err := h.AskCouncils(ctx, h.cora, other, ids(h.ben)); !slices.Equal(refused(err), []string{"person"}) {
		t.Errorf("of what is answered: %v", err)
	}
}

// Two curators who ask the same person at once, of two questions: they are asked once.
func TestTwoCuratorsAskAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	threads := []int64{h.ask(h.ada, "Who has moved bins online?"), h.ask(h.ada, "Who has moved bins back?")}
	cleo := h.curator("Cleo", "Northmoor")
	var wg sync.WaitGroup
	var failed [2]error
	for i, who := range []forum.Person{h.cora, cleo} {
		wg.Go(func() { _, failed[i] = h.AskCouncils(t.Context(), who, threads[i], ids(h.ben)) })
	}
	wg.Wait()
	if n := h.number(`select count(*) from asks`); n != 1 || (failed[0] == nil) == (failed[1] == nil) {
		t.Errorf("%d asks: %v", n, failed)
	}
}

// Each ground is found: an answer that was accepted, a useful post, a project, a lesson, a
// product that the question names, a council that has solved the same.
func TestWhatTellsThatSomebodyCouldAnswer(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	p := h.someCouncils(6)
	h.answered(p[0], "Something else about bins")
	other := h.ask(h.ada, "Yet more of bins")
	h.must(h.Useful(ctx, h.ben, h.reply(p[1], other, "We tried.").ID, true))
	fill := func(sql string, args ...any) {
		t.Helper()
		_, err := h.db.Exec(ctx, sql, args...)
		h.must(err)
	}
	project, lesson, elsewhere := h.ask(p[2], "Our bins"), h.ask(p[3], "What we learned of bins"), h.ask(p[4], "Our system")
	fill(`update threads set kind = 'project' where id = any($1)`, []int64{project, elsewhere})
	fill(`update threads set kind = 'lesson' where id = $1`, lesson)
	fill(`insert into projects (thread_id, council_id, summary, phase, confirmed_at) select id, council_id, 'Bins', 'live', $2 from threads where id = any($1)`, []int64{project, elsewhere}, h.Now())
	fill(`delete from thread_topics where thread_id = $1`, elsewhere)
	fill(`with o as (insert into products (slug, name) values ('binmaster', 'Binmaster') returning id) insert into project_products (thread_id, product_id) select $1, id from o`, elsewhere)
	thread := h.ask(h.ada, "Who has moved bins to binmaster?")
	h.must(h.UsToo(ctx, p[5], thread, true, "solved"))
	page, err := h.ItemPage(ctx, h.cora, curation.Ref{Sort: curation.Questions, ID: thread})
	h.must(err)
	if page.Settled != true {
		t.Error("it is on the desk at once")
	}
	h.clock.Advance(6 * 24 * time.Hour)
	page, err = h.ItemPage(ctx, h.cora, curation.Ref{Sort: curation.Questions, ID: thread})
	h.must(err)
	why := map[int64]string{}
	for _, s := range page.Answerers {
		why[s.ID] = s.Why()
	}
	for i, want := range []string{"answered", "useful", "project", "lesson", "product", "solved"} {
		if why[p[i].ID] != want {
			t.Errorf("%s: %q", want, why[p[i].ID])
		}
	}
	if page.Answerers[0].ID != p[5].ID || page.Answerers[1].ID != p[0].ID {
		t.Errorf("the best placed are %+v", page.Answerers[:2])
	}
	if n, err := h.AskCouncils(ctx, h.cora, thread, ids(p[1:]...)); n != 5 || err != nil {
		t.Fatalf("%d (%v)", n, err)
	}
	if n := h.number(`select count(*) from asks where why = any($1)`, []string{"useful", "project", "lesson", "product", "solved"}); n != 5 {
		t.Errorf("%d have a ground beside them", n)
	}
}
