package search_test

import (
	"context"
	"testing"

	"moothall/forum"
	"moothall/forum/demo"
	"moothall/forum/forumtest"
	"moothall/forum/search"
)

// Readers find what they want first: both by the queries that weights are chosen by and by
// those that are kept aside.
func TestReadersFindWhatTheyWantFirst(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	if err := demo.Load(t.Context(), db, store); err != nil {
		t.Fatal(err)
	}
	look := search.New(store)
	chosen, aside, err := demo.Judge(t.Context(), func(ctx context.Context, query string) ([]string, error) {
		return look.Titles(ctx, forum.Person{Standing: forum.Visitor}, query)
	})
	if err != nil {
		t.Fatal(err)
	}
	for set, j := range map[string]demo.Judgement{"chosen by": chosen, "kept aside": aside} {
		t.Logf("%s: nDCG@10 %.3f, right first hit %.0f%% of %d", set, j.Gain, 100*j.First, j.Queries)
		for _, miss := range j.Misses {
			t.Log(miss)
		}
		if j.Gain < 0.85 || j.First < 0.8 {
			t.Errorf("%s: nDCG@10 %.3f, right first hit %.2f; at least 0.85 and 0.8 are wanted", set, j.Gain, j.First)
		}
	}
}
