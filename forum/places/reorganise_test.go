package places_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/places"
	"moothall/migrations"
)

var visitor = forum.Person{Standing: forum.Visitor}

// surrey is the coming case in the data: eleven districts that become one of two
// councils each, and a county that becomes both.
type surrey struct {
	*testing.T
	*places.Store
	db                        *pgxpool.Pool
	clock                     *forumtest.Clock
	ann, lea, newt, carl, ben forum.Person
	thread, held              int64
}

func openSurrey(t *testing.T) *surrey {
	t.Helper()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	s := &surrey{T: t, Store: places.New(store), db: db, clock: clock}
	s.ann = forumtest.Person(t, store, "Ann", "elmbridge")
	s.lea = forumtest.Granted(t, store, forumtest.Person(t, store, "Lea", "elmbridge"), forum.Lead)
	s.newt = forumtest.NewcomerOf(t, store, "Newt", "elmbridge")
	s.carl = forumtest.Granted(t, store, forumtest.Person(t, store, "Carl", "surrey"), forum.Lead)
	s.ben = forumtest.Person(t, store, "Ben", "Southmoor")
	s.thread = forumtest.Thread(t, store, s.ann, "Who has joined two planning systems?")
	s.held = forumtest.Thread(t, store, s.newt, "May I come in?")
	for slug, cadence := range map[string]forum.Cadence{"elmbridge": forum.Weekly, "surrey": forum.Daily, "bristol": forum.Daily} {
		if err := store.Follow(t.Context(), s.ben, forum.Subject{Kind: forum.ToCouncil, Slug: slug}, cadence); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// vestingDay moves the clock to the first of April 2027, noon.
func (s *surrey) vestingDay() {
	s.clock.Advance(time.Date(2027, 4, 1, 12, 0, 0, 0, time.UTC).Sub(s.clock.Now()))
}

// carryOut carries out all that is due and says how much that was.
func (s *surrey) carryOut() (done int) {
	s.Helper()
	due, _, err := s.Reorganisations(s.Context(), s.Today())
	if err != nil {
		s.Fatal(err)
	}
	for _, r := range due {
		_, did, err := s.Reorganise(s.Context(), forum.Operator, r.ID)
		if err != nil {
			s.Fatalf("%s: %v", r.Slug, err)
		}
		if did {
			done++
		}
	}
	return done
}

func (s *surrey) ask(sql string, args ...any) (got string) {
	s.Helper()
	if err := s.db.QueryRow(s.Context(), sql, args...).Scan(&got); err != nil {
		s.Fatalf("%s: %v", sql, err)
	}
	return got
}

// On the day everybody of a council belongs to what it has become, with their lead, their
// address and who follows it; their words keep the council of their day.
func TestPeopleFollowsAndRightsGoAlong(t *testing.T) {
	t.Parallel()
	s := openSurrey(t)
	s.vestingDay()
	if got := s.carryOut(); got != 12 {
		t.Fatalf("%d councils ended, want 12", got)
	}
	for _, p := range []forum.Person{s.ann, s.lea, s.newt} {
		if got := forumtest.Again(t, s.Store.Store, p); got.CouncilSlug != "east-surrey" || got.Standing != p.Standing || got.CouncilEnded {
			t.Errorf("%s is %s of %s", got.Name, got.Standing, got.CouncilSlug)
		}
	}
	east := forumtest.Again(t, s.Store.Store, s.ann).CouncilID
	if lea := forumtest.Again(t, s.Store.Store, s.lea); !lea.LeadsCouncil(east) || len(lea.Leads) != 1 || !forum.CanLetIn(lea, forumtest.Again(t, s.Store.Store, s.newt)) {
		t.Errorf("Lea leads %v", lea.Leads)
	}
	if got := s.ask(`select string_agg(c.slug || ' ' || f.cadence, ', ' order by c.slug) from follows f join councils c on c.id = f.subject_id
		where f.person_id = $1 and f.subject_kind = 'council'`, s.ben.ID); got != "bristol daily, east-surrey weekly, west-surrey daily" {
		t.Errorf("Ben follows %s", got)
	}
	if got := s.ask(`select string_agg(c.slug || ' ' || d.confidence, ', ' order by c.slug) from council_domains d join councils c on c.id = d.council_id
		where d.domain = 'elmbridge.gov.uk'`); !strings.Contains(got, "east-surrey high") || !strings.Contains(got, "elmbridge legacy") {
		t.Errorf("the domain is of %s", got)
	}
	p, err := s.ThreadPage(t.Context(), visitor, s.thread, 1, 0)
	if err != nil || !strings.HasPrefix(p.Posts[0].CouncilName, "Elmbridge") || p.Posts[0].CouncilNow != "East Surrey" || p.Thread.CouncilNow != "East Surrey" {
		t.Errorf("beside the post stands %q, now %q, %v", p.Posts[0].CouncilName, p.Posts[0].CouncilNow, err)
	}
	if got := s.ask(`select c.slug from threads t join councils c on c.id = t.council_id where t.id = $1`, s.held); got != "east-surrey" {
		t.Errorf("what waits is of %s", got)
	}
	if got := s.ask(`select string_agg(deed, ' ' order by id) from entries where person_id = $1`, s.lea.ID); got != "granted moved_council revoked granted" {
		t.Errorf("on record of Lea is %s", got)
	}
	if got := s.ask(`select count(*)::text from entries where deed = 'reorganised' and doer_id is null`); got != "12" {
		t.Errorf("%s entries of councils", got)
	}
}

// The old address leads to what a council has become, whose page has its threads and its
// history; who searches for the old finds the new; who follows the old follows the new.
func TestACouncilThatEndedIsShownWithWhatItBecame(t *testing.T) {
	t.Parallel()
	s := openSurrey(t)
	read := func(slug string) forum.CouncilPage {
		t.Helper()
		p, err := s.CouncilPage(t.Context(), visitor, slug)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := read("elmbridge"); p.MovedTo != "" || len(p.Successors) != 1 || p.Council.Status != "current" || len(p.Waiting) != 1 {
		t.Errorf("before the day: moved to %q, %s", p.MovedTo, p.Council.Status)
	}
	s.vestingDay()
	s.carryOut()
	if p := read("elmbridge"); p.MovedTo != "east-surrey" || p.Council.EndedOn == nil || p.Council.EndedOn.Format(time.DateOnly) != "2027-03-31" {
		t.Errorf("moved to %q, ended %v", p.MovedTo, p.Council.EndedOn)
	}
	p := read("east-surrey")
	if len(p.Threads) != 1 || p.Threads[0].ID != s.thread || len(p.Waiting) != 1 || len(p.Kinds) != 1 || p.Kinds[0] != (forum.Facet{Value: "question", Count: 1}) {
		t.Errorf("%d threads, %d waiting, kinds %v", len(p.Threads), len(p.Waiting), p.Kinds)
	}
	before := ""
	for _, c := range p.Before {
		before += fmt.Sprintf("%s %v, ", c.Slug, c.Moved)
	}
	if before != "elmbridge true, epsom-and-ewell true, mole-valley true, reigate-and-banstead true, surrey false, tandridge true, " {
		t.Errorf("came from %s", before)
	}
	if len(p.People) != 2 || len(p.Leads) != 1 || p.Council.Status != "current" {
		t.Errorf("%d people, %d leads, %s", len(p.People), len(p.Leads), p.Council.Status)
	}
	found, err := s.FindCouncils(t.Context(), "Elmbridge")
	if err != nil || len(found) != 1 || found[0].Slug != "east-surrey" {
		t.Errorf("found %v, %v", found, err)
	}
	if err := s.Follow(t.Context(), s.carl, forum.Subject{Kind: forum.ToCouncil, Slug: "elmbridge"}, forum.Daily); err != nil {
		t.Fatal(err)
	}
	if got := s.ask(`select c.slug from follows f join councils c on c.id = f.subject_id where f.person_id = $1 and f.subject_kind = 'council'`, s.carl.ID); got != "east-surrey" {
		t.Errorf("who follows the old follows %s", got)
	}
	l, err := s.ThreadList(t.Context(), visitor, forum.Filter{Council: "elmbridge"})
	if err != nil || len(l.Threads) != 1 {
		t.Errorf("its own threads: %d, %v", len(l.Threads), err)
	}
}

// Of a council that is split nobody is moved: its people are asked, keep their standing
// when they say which one is theirs, and lead neither.
func TestWhoIsOfASplitCouncilSaysWhereTheyWork(t *testing.T) {
	t.Parallel()
	s := openSurrey(t)
	s.vestingDay()
	due, _, err := s.Reorganisations(t.Context(), s.Today())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range due {
		if r.Slug == "surrey" && (!r.Split() || len(r.Asked) != 1 || r.Asked[0].Name != "Carl" || len(r.Into) != 2) {
			t.Errorf("planned of the county: %+v", r)
		}
	}
	s.carryOut()
	carl := forumtest.Again(t, s.Store.Store, s.carl)
	if carl.CouncilSlug != "surrey" || !carl.CouncilEnded || !carl.IsColleague() {
		t.Fatalf("Carl is %s of %s, asked %v", carl.Standing, carl.CouncilSlug, carl.CouncilEnded)
	}
	choice, err := s.CouncilChoice(t.Context(), carl, "", "")
	if err != nil || len(choice.Proposed) != 2 {
		t.Errorf("proposed %v, %v", choice.Proposed, err)
	}
	if err := s.Move(t.Context(), carl, "surrey"); err == nil {
		t.Error("somebody joined a council that has ended")
	}
	if err := s.Move(t.Context(), carl, "west-surrey"); err != nil {
		t.Fatal(err)
	}
	if carl = forumtest.Again(t, s.Store.Store, carl); carl.Standing != forum.Colleague || carl.CouncilSlug != "west-surrey" || len(carl.Leads) != 0 || carl.CouncilEnded {
		t.Errorf("Carl is %s of %s and leads %v", carl.Standing, carl.CouncilSlug, carl.Leads)
	}
	if p, err := s.CouncilPage(t.Context(), visitor, "surrey"); err != nil || p.MovedTo != "" || len(p.Successors) != 2 {
		t.Errorf("the county moved to %q, %v", p.MovedTo, err)
	}
}

// Nothing is done before the day, by nobody but the operator, and once: also by two at
// the same moment.
func TestAReorganisationIsCarriedOutOnceOnItsDay(t *testing.T) {
	t.Parallel()
	s := openSurrey(t)
	s.clock.Advance(time.Date(2027, 3, 31, 22, 59, 0, 0, time.UTC).Sub(s.clock.Now())) // a minute to midnight in London
	due, next, err := s.Reorganisations(t.Context(), s.Today())
	if err != nil || len(due) != 0 || next.Format(time.DateOnly) != "2027-04-01" {
		t.Errorf("the day before %d are due, next on %v, %v", len(due), next, err)
	}
	if _, done, err := s.Reorganise(t.Context(), forum.Operator, s.ann.CouncilID); done || err != nil {
		t.Errorf("the day before: done %v, %v", done, err)
	}
	s.clock.Advance(time.Minute)
	for _, who := range []forum.Person{visitor, s.lea, forumtest.Granted(t, s.Store.Store, s.ben, forum.Administrator)} {
		if _, _, err := s.Reorganise(t.Context(), who, s.ann.CouncilID); !errors.Is(err, forum.ErrForbidden) {
			t.Errorf("%s: %v", who.Name, err)
		}
	}
	var all sync.WaitGroup
	times := make(chan bool, 4)
	for range 4 {
		all.Go(func() {
			_, done, err := s.Reorganise(context.Background(), forum.Operator, s.ann.CouncilID)
			if err != nil {
				t.Error(err)
			}
			times <- done
		})
	}
	all.Wait()
	close(times)
	count := 0
	for done := range times {
		if done {
			count++
		}
	}
	if got := s.ask(`select count(*)::text from entries where person_id = $1 and deed = 'moved_council'`, s.ann.ID); got != "1" || count != 1 {
		t.Errorf("done %d times, %s on record", count, got)
	}
	if got := s.carryOut(); got != 11 {
		t.Errorf("%d were left, want 11", got)
	}
	if got := s.carryOut(); got != 0 {
		t.Errorf("%d more the second time", got)
	}
}

// What was carried out stays so when the files, which still say what was planned, are
// loaded again.
func TestFilesThatLagBehindUndoNothing(t *testing.T) {
	t.Parallel()
	s := openSurrey(t)
	s.vestingDay()
	s.carryOut()
	const state = `select string_agg(x, E'\n' order by x) from (
		select concat_ws(' ', slug, status, started_on, ended_on) as x from councils
		union all select concat_ws(' ', domain, council_id, kind, confidence) from council_domains where domain not like '%.example'
		union all select concat_ws(' ', old_id, new_id, on_date, kind) from successions) s`
	before := s.ask(state)
	if _, err := s.db.Exec(t.Context(), `update reference_data set checksum = 'of older files'`); err != nil {
		t.Fatal(err)
	}
	if err := migrations.Up(t.Context(), s.db.Config().ConnString(), s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	was, is := strings.Split(before, "\n"), strings.Split(s.ask(state), "\n")
	for _, line := range append(slices.Clone(was), is...) {
		if !slices.Contains(was, line) || !slices.Contains(is, line) {
			t.Errorf("the files undid what was carried out: %s", line)
		}
	}
}
