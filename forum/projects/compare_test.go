package projects_test

import (
	"testing"

	"moothall/forum"
	"moothall/forum/projects"
)

// Projects stand side by side as they were chosen, four at most; of what is not for the
// reader nothing shows, nor counts.
func TestProjectsAreCompared(t *testing.T) {
	t.Parallel()
	h := open(t)
	visitor := forum.Person{Standing: forum.Visitor}
	start := func(title, visibility string) int64 {
		t.Helper()
		asked, err := h.Start(t.Context(), h.ada, projects.Draft{Title: title, Summary: "In short, " + title, Phase: "alpha", Visibility: visibility, Topics: []string{"waste-management"}})
		if err != nil {
			t.Fatal(err)
		}
		return asked.ID
	}
	one, two, closed := start("Bins", ""), start("Trees", ""), start("Secrets", "councils")
	for _, id := range []int64{one, two, closed} {
		if err := h.UseProduct(t.Context(), h.ada, id, projects.ProductDraft{Name: "Binwatch", New: id == one}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.UseProduct(t.Context(), h.ada, closed, projects.ProductDraft{Name: "Hushware", New: true}); err != nil {
		t.Fatal(err)
	}
	titles := func(c projects.Comparison) (list []string) {
		for _, p := range c.Projects {
			list = append(list, p.Title)
		}
		return list
	}
	for name, c := range map[string]struct {
		who     string
		ids     []int64
		want    []string
		dropped int
	}{
		"as chosen":  {"visitor", []int64{two, one, two}, []string{"Trees", "Bins"}, 0},
		"councils":   {"visitor", []int64{closed, one}, []string{"Bins"}, 0},
		"colleague":  {"ben", []int64{closed, one}, []string{"Secrets", "Bins"}, 0},
		"too many":   {"visitor", []int64{one, 991, 992, 993, two}, []string{"Bins"}, 1},
		"none":       {"visitor", nil, nil, 0},
		"not theirs": {"visitor", []int64{closed, 0, 1 << 62}, nil, 0},
	} {
		who := visitor
		if c.who == "ben" {
			who = h.ben
		}
		got, err := h.Compare(t.Context(), who, c.ids)
		if err != nil || len(titles(got)) != len(c.want) || got.Dropped != c.dropped {
			t.Errorf("%s: got %q, %d dropped, %v", name, titles(got), got.Dropped, err)
			continue
		}
		for i, title := range titles(got) {
			if title != c.want[i] {
				t.Errorf("%s: got %q, want %q", name, titles(got), c.want)
			}
		}
	}
	// What stands beside something is told to those alone who may see that it is there.
	for id, want := range map[int64]int{one: 1, closed: 0} {
		if got, err := h.Compare(t.Context(), visitor, []int64{id}); err != nil || len(got.Others) != want {
			t.Errorf("beside %d a visitor sees %d, want %d (%v)", id, len(got.Others), want, err)
		}
	}
	for slug, want := range map[string]int{"binwatch": 0, "hushware": 0} {
		if got, err := h.CompareProducts(t.Context(), visitor, []string{slug}); err != nil || len(got.More) != want {
			t.Errorf("beside %s a visitor sees %d, want %d (%v)", slug, len(got.More), want, err)
		}
	}
	open, err := h.CompareProducts(t.Context(), visitor, []string{"hushware", "binwatch"})
	if err != nil || len(open.Products) != 1 || open.Products[0].Projects != 2 || open.Products[0].Councils != 1 || len(open.More) != 0 {
		t.Errorf("a visitor: got %+v, %v", open, err)
	}
	all, err := h.CompareProducts(t.Context(), h.ben, []string{"hushware", "binwatch"})
	if err != nil || len(all.Products) != 2 || all.Products[0].Slug != "hushware" || all.Products[1].Projects != 3 {
		t.Errorf("a colleague: got %+v, %v", all, err)
	}
}
