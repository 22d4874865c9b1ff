package projects_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

const oneDay = 24 * time.Hour

// asked is whom one look asks, by three nodes at once.
func (h *hall) asked(t *testing.T) (people []int64) {
	t.Helper()
	var last int64
	if err := h.db.QueryRow(t.Context(), `select coalesce(max(id), 0) from events`).Scan(&last); err != nil {
		t.Fatal(err)
	}
	var nodes sync.WaitGroup
	for range 3 {
		nodes.Go(func() {
			if _, err := h.AskOwners(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
	rows, err := h.db.Query(t.Context(), `select person_id from events where kind = 'project_due' and id > $1 order by id`, last)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		people = append(people, id)
	}
	return people
}

func (h *hall) wantAsked(t *testing.T, when string, want ...int64) {
	t.Helper()
	got := h.asked(t)
	if len(got) != len(want) || len(want) > 0 && got[0] != want[0] {
		t.Errorf("%s: asked %v, want %v", when, got, want)
	}
}

// A year with a project that nobody confirms: whoever looks after it is asked after 90
// days, for it is in alpha, once more two weeks later, and two weeks after that its
// page says so and it sinks in lists. Once it is confirmed, all begins anew.
func TestAYearWithAProjectThatNobodyConfirms(t *testing.T) {
	t.Parallel()
	h := open(t)
	other := h.start(t, h.ada, projects.Draft{Title: "Live since long", Phase: "live"})
	asks := map[int64][]int{} // the days on which each was asked
	for day := range 365 {
		h.clock.Advance(oneDay)
		before := h.page(t, h.ada, h.project).Project.Asks
		beforeOther := h.page(t, h.ada, other).Project.Asks
		h.asked(t)
		if h.page(t, h.ada, h.project).Project.Asks > before {
			asks[h.project] = append(asks[h.project], day+1)
		}
		if h.page(t, h.ada, other).Project.Asks > beforeOther {
			asks[other] = append(asks[other], day+1)
		}
	}
	if got := asks[h.project]; len(got) != 2 || got[0] != 90 || got[1] != 104 {
		t.Errorf("in alpha it is asked on days %v", got)
	}
	if got := asks[other]; len(got) != 2 || got[0] != 181 || got[1] != 195 {
		t.Errorf("live it is asked on days %v", got)
	}
	fresh := h.start(t, h.ben, projects.Draft{Title: "Fresh"})
	l, err := h.Register(t.Context(), h.ben, forum.Project, projects.Filter{})
	if err != nil || len(l.Cards) != 3 || l.Cards[0].ID != fresh || !l.Cards[1].Stale || !l.Cards[2].Stale {
		t.Errorf("the list is %+v (%v)", l.Cards, err)
	}
	if err := h.Confirm(t.Context(), h.ada, h.project, projects.ConfirmDraft{Answer: "true"}); err != nil {
		t.Fatal(err)
	}
	if p := h.page(t, h.ada, h.project); p.Project.Stale || p.Project.Asks != 0 {
		t.Errorf("confirmed it is %+v", p.Project)
	}
	h.wantAsked(t, "on the day it was confirmed")
	h.clock.Advance(91 * oneDay)
	h.wantAsked(t, "a period later", h.ada.ID, h.ben.ID)
}

// The contact is asked before whoever began it; when they have left their council, who
// leads that; of what has stopped nobody, nor of what does not show.
func TestWhoIsAskedWhetherAProjectIsTrue(t *testing.T) {
	t.Parallel()
	h := open(t)
	lead := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Lea", "Northmoor"), forum.Lead)
	nat := forumtest.Person(t, h.Store.Store, "Nat", "Northmoor")
	if err := h.Confirm(t.Context(), h.ada, h.project, projects.ConfirmDraft{Answer: "handed-over", Person: nat.ID}); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(90 * oneDay)
	h.wantAsked(t, "its contact", nat.ID)
	for _, who := range []forum.Person{nat, h.ada} {
		if _, err := h.db.Exec(t.Context(), `update people set council_id = (select id from councils where slug = 'southmoor') where id = $1`, who.ID); err != nil {
			t.Fatal(err)
		}
	}
	h.clock.Advance(14 * oneDay)
	h.wantAsked(t, "both have left", lead.ID)
	stopped := h.start(t, h.ben, projects.Draft{Title: "Stopped", Phase: "stopped"})
	hidden := h.start(t, h.ben, projects.Draft{Title: "Hidden"})
	if _, err := h.db.Exec(t.Context(), `update threads set hidden_at = now(), hidden_why = 'No' where id = $1`, hidden); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(300 * oneDay)
	h.wantAsked(t, "stopped, hidden, or asked twice")
	for _, id := range []int64{stopped, hidden} {
		var asks int
		if err := h.db.QueryRow(t.Context(), `select asks from projects where thread_id = $1`, id).Scan(&asks); err != nil || asks != 0 {
			t.Errorf("%d was asked of (%v)", id, err)
		}
	}
}

// Whoever looks after a project hears what a council said that was asked to take part,
// once for each answer.
func TestOwnersHearWhatAPartnerSays(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.Invite(t.Context(), h.ada, h.project, "southmoor"); err != nil {
		t.Fatal(err)
	}
	for _, yes := range []bool{true, true, false} {
		if err := h.AnswerInvitation(t.Context(), h.ben, h.project, yes); err != nil {
			t.Fatal(err)
		}
	}
	var told int
	if err := h.db.QueryRow(t.Context(), `select count(*) from events where kind = 'partner_answered' and person_id = $1 and doer_id = $2`, h.ada.ID, h.ben.ID).Scan(&told); err != nil || told != 2 {
		t.Errorf("told %d times (%v)", told, err)
	}
}

// Of projects that came from a file nobody is asked before they have stood here as long
// as others do; and then each is asked of a few a day, until all were.
func TestALoadedRegisterAsksAFewADay(t *testing.T) {
	t.Parallel()
	h := open(t)
	if _, err := h.db.Exec(t.Context(), `update projects set phase = 'stopped' where thread_id = $1`, h.project); err != nil {
		t.Fatal(err)
	}
	file := "external_id,title,summary,phase,begun,confirmed\n"
	for n := range 60 {
		file += fmt.Sprintf("a-%d,Bins %d,Sensors in bins.,live,2020-01-02,2021-01-02\n", n, n)
	}
	if added, faults := h.load(t, file); added != 60 || faults != nil {
		t.Fatalf("%d added, %v", added, faults)
	}
	for range 6 {
		h.clock.Advance(oneDay)
		h.wantAsked(t, "days after the file came")
	}
	h.clock.Advance(180 * oneDay)
	days := 0
	for asked := 0; asked < 60 && days < 30; days++ {
		today := h.asked(t)
		if len(today) > 3 {
			t.Errorf("on one day they are asked of %d projects, want 3 at most", len(today))
		}
		h.wantAsked(t, "again the same day")
		asked += len(today)
		if _, err := h.db.Exec(t.Context(), `update projects set confirmed_at = $1, asks = 0 where asks > 0`, h.clock.Now()); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(oneDay + time.Second)
	}
	if days != 20 {
		t.Errorf("60 projects are asked about on %d days, want 20", days)
	}
}
