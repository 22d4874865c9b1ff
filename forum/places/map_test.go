package places_test

import (
	"errors"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/places"
)

// The map counts what its reader may see: neither what is for councils only, to who is
// of none, nor what is hidden or held; and a district shows what its county did.
func TestTheMapCountsWhatItsReaderMaySee(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	s := places.New(store)
	ann, carl := forumtest.Person(t, store, "Ann", "elmbridge"), forumtest.Person(t, store, "Carl", "surrey")
	open := forumtest.Thread(t, store, ann, "Open")
	forumtest.Ask(t, store, ann, forum.AskDraft{Title: "For us", Visibility: "councils"})
	hidden := forumtest.Thread(t, store, ann, "Hidden")
	forumtest.Thread(t, store, forumtest.NewcomerOf(t, store, "Newt", "elmbridge"), "Held")
	forumtest.Reply(t, store, carl, open, "We did.")
	gone := forumtest.Reply(t, store, carl, open, "Not this.")
	forumtest.Reply(t, store, carl, hidden, "Nor this.")
	for sql, id := range map[string]int64{`update threads set hidden_at = asked_at where id = $1`: hidden, `update posts set hidden_at = posted_at where id = $1`: gone.ID} {
		if _, err := db.Exec(t.Context(), sql, id); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		who            forum.Person
		topic          string
		asked, replied int
	}{
		{visitor, "", 1, 0}, {carl, "", 2, 0}, {visitor, "waste-management", 1, 1}, {carl, "waste-management", 2, 1}, {visitor, "housing", 0, 0},
	} {
		p, err := s.MapPage(t.Context(), c.who, places.MapFilter{Topic: c.topic})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Hexes) != 361 {
			t.Fatalf("%d hexagons", len(p.Hexes))
		}
		for _, h := range p.Hexes {
			if h.Council.Slug == "elmbridge" && (h.Council.Asked != c.asked || h.County == nil || h.County.Replied != c.replied) {
				t.Errorf("%s, %q: %d asked, county %+v", c.who.Name, c.topic, h.Council.Asked, h.County)
			}
		}
		if c.asked > 0 && (p.Councils[0].Slug != "elmbridge" || p.Councils[0].Asked != c.asked) {
			t.Errorf("first in the table is %+v", p.Councils[0])
		}
	}
	for _, f := range []places.MapFilter{{Topic: "none"}, {Sort: "colour"}} {
		if _, err := s.MapPage(t.Context(), visitor, f); !errors.Is(err, forum.ErrNotFound) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

// After a reorganisation the hexagons of what ended are those of what it became, with
// what was asked before.
func TestTheMapShowsWhatCouncilsHaveBecome(t *testing.T) {
	t.Parallel()
	s := openSurrey(t)
	s.vestingDay()
	s.carryOut()
	for _, topic := range []string{"", "waste-management"} {
		p, err := s.MapPage(t.Context(), visitor, places.MapFilter{Topic: topic, Sort: "name"})
		if err != nil {
			t.Fatal(err)
		}
		east := 0
		for _, h := range p.Hexes {
			if h.Council.Slug == "east-surrey" && h.Council.Asked == 1 {
				east++
			}
		}
		if east != 5 || len(p.Hexes) != 361 {
			t.Errorf("%q: East Surrey has %d of %d hexagons", topic, east, len(p.Hexes))
		}
	}
}

// Narrowed to a phase or a product the map counts the projects that its reader may see, and
// of a product the councils that say they use it; what nobody may see is not there to
// choose.
func TestTheMapIsNarrowedToPhasesAndProducts(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	s := places.New(store)
	ann, carl := forumtest.Person(t, store, "Ann", "elmbridge"), forumtest.Person(t, store, "Carl", "surrey")
	for title, visibility := range map[string]string{"Open": "public", "For us": "councils"} {
		id := forumtest.Ask(t, store, ann, forum.AskDraft{Title: title, Visibility: visibility})
		forumtest.Fill(t, db, `with t as (update threads set kind = 'project' where id = $1),
			j as (insert into projects (thread_id, council_id, summary, phase, confirmed_at) values ($1, $2, 'In short', 'beta', now()) returning thread_id),
			o as (insert into products (slug, name) values ($3, $3) returning id)
			insert into project_products (thread_id, product_id) select j.thread_id, o.id from j, o`, id, ann.CouncilID, map[string]string{"public": "binwatch", "councils": "whisper"}[visibility])
	}
	forumtest.Fill(t, db, `insert into product_uses (product_id, council_id, person_id, confirmed_at) select id, $1, $2, now() from products where slug = 'binwatch'`, carl.CouncilID, carl.ID)
	for _, c := range []struct {
		who            forum.Person
		f              places.MapFilter
		led, uses, all int
	}{
		{visitor, places.MapFilter{Phase: "beta"}, 1, 0, 1}, {carl, places.MapFilter{Phase: "beta"}, 2, 0, 2}, {carl, places.MapFilter{Phase: "live"}, 0, 0, 2},
		{visitor, places.MapFilter{Product: "binwatch"}, 1, 1, 1}, {carl, places.MapFilter{Product: "whisper"}, 1, 0, 2},
		{visitor, places.MapFilter{Product: "binwatch", Phase: "beta", Topic: "waste-management"}, 1, 0, 1}, {visitor, places.MapFilter{Phase: "beta", Topic: "housing"}, 0, 0, 1},
	} {
		p, err := s.MapPage(t.Context(), c.who, c.f)
		if err != nil {
			t.Fatalf("%+v: %v", c.f, err)
		}
		led, uses := 0, 0
		for _, k := range p.Councils {
			led, uses = led+k.Asked, uses+k.Replied
		}
		if led != c.led || uses != c.uses || len(p.Products) != c.all {
			t.Errorf("%s, %+v: %d projects, %d uses, %d products to choose", c.who.Name, c.f, led, uses, len(p.Products))
		}
	}
	for _, f := range []places.MapFilter{{Product: "whisper"}, {Product: "none"}, {Phase: "soon"}} {
		if _, err := s.MapPage(t.Context(), visitor, f); !errors.Is(err, forum.ErrNotFound) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}
