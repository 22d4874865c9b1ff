package forum_test

import (
	"errors"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// The directory is narrowed by nation, region, kind and search together; beside each
// choice stands how many councils it would show; and it is one statement.
func TestTheDirectoryIsNarrowedAndCounted(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	forumtest.Thread(t, store, ada, "Who has moved bin days?")
	visitor := forum.Person{Standing: forum.Visitor}
	page := func(f forum.CouncilFilter) forum.CouncilsPage {
		t.Helper()
		p, err := store.CouncilsPage(t.Context(), visitor, f)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		return p
	}
	count := func(list []forum.Facet, value string) int {
		for _, f := range list {
			if f.Value == value {
				return f.Count
			}
		}
		return 0
	}
	all := page(forum.CouncilFilter{})
	sum := 0
	for _, nation := range forum.Nations {
		sum += count(all.Nations, nation)
		if got := len(page(forum.CouncilFilter{Nation: nation}).Councils); got != count(all.Nations, nation) {
			t.Errorf("%s: %d shown, %d counted", nation, got, count(all.Nations, nation))
		}
	}
	if sum != len(all.Councils) || sum < 400 {
		t.Errorf("%d councils of all nations, and %d shown", sum, len(all.Councils))
	}
	for _, f := range all.Regions {
		if got := len(page(forum.CouncilFilter{Region: f.Value, Kind: "district"}).Councils); got != count(page(forum.CouncilFilter{Kind: "district"}).Regions, f.Value) {
			t.Errorf("districts of %s: %d shown", f.Value, got)
		}
	}
	if p := page(forum.CouncilFilter{Nation: "England", Kind: "district", Query: "northmoor"}); len(p.Councils) != 1 || p.Councils[0].People != 1 || p.Councils[0].Threads != 1 || count(p.Kinds, "district") != 1 {
		t.Errorf("searched and narrowed: %+v", p)
	}
	if p := page(forum.CouncilFilter{Nation: "Wales", Query: "northmoor"}); len(p.Councils) != 0 || count(p.Nations, "England") != 1 {
		t.Errorf("none in Wales: %+v", p)
	}
	for _, f := range []forum.CouncilFilter{{Nation: "Mars"}, {Region: "Atlantis"}, {Kind: "parish"}} {
		if _, err := store.CouncilsPage(t.Context(), visitor, f); !errors.Is(err, forum.ErrNotFound) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

// Who searches for a council of before finds what it has become, under the name that
// shows; while an invented name stands in for the real one, the real one finds nothing.
func TestACouncilOfBeforeIsFoundByWhatShows(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	found := func(query string) (slugs string) {
		t.Helper()
		p, err := store.CouncilsPage(t.Context(), forum.Person{Standing: forum.Visitor}, forum.CouncilFilter{Query: query})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Councils {
			slugs += c.Slug + " "
		}
		return slugs
	}
	for query, want := range map[string]string{"taunton deane": "somerset somerset-west-and-taunton taunton-deane "} {
		if got := found(query); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
	for slug, name := range map[string]string{"taunton-deane": "Applebury Council", "somerset": "Ciderland Council"} {
		if _, err := db.Exec(t.Context(), `update councils set demo_name = $2 where slug = $1`, slug, name); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{"applebury": "taunton-deane somerset somerset-west-and-taunton ", "west somerset district": "somerset-west-and-taunton west-somerset "} {
		if got := found(query); got != want {
			t.Errorf("with invented names %q: got %q, want %q", query, got, want)
		}
	}
}
