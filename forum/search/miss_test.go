package search_test

import (
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/search"
)

// What is not found is counted by day, without who it was, and without what may tell of
// a resident.
func TestMissesAreCounted(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := search.New(store)
	for _, text := range []string{"Unicorns", "unicorns", "943 476 5919", "eve@home.example"} {
		_, err := look.Page(t.Context(), visitor, search.Query{Text: text})
		must(t, err)
	}
	must(t, look.Flush(t.Context()))
	must(t, look.Flush(t.Context()))
	var words string
	var times int
	err := db.QueryRow(t.Context(), `select string_agg(words, ','), sum(times) from search_misses`).Scan(&words, &times)
	if err != nil || words != "unicorns" || times != 2 {
		t.Errorf("got %q %d times, %v", words, times, err)
	}
}

// What was searched for in vain is shown once it was more than once, and forgotten after
// a month.
func TestMissesAreForgotten(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := search.New(store)
	cara := forumtest.Granted(t, store, forumtest.Person(t, store, "Cara", "Northmoor"), forum.Curator)
	for _, text := range []string{"jane smith", "unicorns", "unicorns"} {
		_, err := look.Page(t.Context(), visitor, search.Query{Text: text})
		must(t, err)
	}
	must(t, look.Flush(t.Context()))
	if p, err := look.WordsPage(t.Context(), cara); err != nil || len(p.Misses) != 1 || p.Misses[0].Words != "unicorns" {
		t.Errorf("got %+v, %v", p.Misses, err)
	}
	_, err := db.Exec(t.Context(), `update search_misses set on_day = on_day - 31`)
	must(t, err)
	must(t, look.Sweep(t.Context()))
	var left int
	if err := db.QueryRow(t.Context(), `select count(*) from search_misses`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d are left, %v", left, err)
	}
}
