package curation_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// Colleagues suggest; curators take or decline; who suggested is told, and named. No more
// than ten wait of one person.
func TestColleaguesSuggest(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	slug := h.begin("Bins")
	first := h.ask(h.ada, "A")
	h.put(slug, 0, "thread", first)
	suggest := func(who forum.Person, thread int64) error {
		return h.Suggest(ctx, who, slug, curation.ItemDraft{Target: fmt.Sprintf("thread:%d", thread), Why: "Read the end"})
	}
	b, c := h.ask(h.ada, "B"), h.ask(h.ada, "C")
	h.is("for a draft", suggest(h.ben, b), forum.ErrNotFound)
	h.show(slug)
	h.is("a newcomer", suggest(forumtest.NewcomerOf(t, h.Store.Store, "New", "Northmoor"), b), forum.ErrForbidden)
	h.is("a supplier", suggest(forumtest.SupplierOf(t, h.Store.Store, "Sue", "Binwatch"), b), forum.ErrForbidden)
	h.is("a visitor", suggest(visitor, b), forum.ErrForbidden)
	h.must(suggest(h.ben, b))
	h.must(suggest(h.ben, c))
	for name, thread := range map[string]int64{"again": b, "in it": first} {
		if got := refused(suggest(h.ben, thread)); !slices.Equal(got, []string{"target"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	desk, err := h.CollectionDesk(ctx, h.cora, slug)
	if h.must(err); len(desk.Waiting) != 2 || desk.Waiting[0].Item.Title != "B" || desk.Waiting[0].Person.Name != "Ben" {
		t.Fatalf("the desk has %+v", desk.Waiting)
	}
	take, decline := curation.Place{Slug: slug, ID: desk.Waiting[0].ID}, curation.Place{Slug: slug, ID: desk.Waiting[1].ID}
	draft := curation.ItemDraft{Why: "Read the end first", Section: desk.Sections[0].ID, Version: desk.Collection.Version}
	h.is("not theirs to take", h.TakeSuggestion(ctx, h.ben, take, draft), forum.ErrForbidden)
	var all sync.WaitGroup
	for range 4 { // at once, of which one does it and the others change nothing
		all.Go(func() {
			if err := h.TakeSuggestion(ctx, h.cora, take, draft); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := h.number(`select count(*) from collection_items`); n != 2 {
		t.Errorf("taken four times at once, %d things are in it", n)
	}
	h.is("decided otherwise", h.DeclineSuggestion(ctx, h.cora, take, "No"), forum.ErrConflict)
	if got := refused(h.DeclineSuggestion(ctx, h.cora, decline, " ")); !slices.Equal(got, []string{"reason"}) {
		t.Errorf("without a reason: %v", got)
	}
	h.must(h.DeclineSuggestion(ctx, h.cora, decline, "It is older than the law"))
	p := h.as(visitor, slug)
	if len(p.Contributors) != 2 || p.Contributors[1].Name != "Ben" || p.Sections[0].Items[1].Why != "Read the end first" || p.Sections[0].Items[1].SuggestedBy.Name != "Ben" {
		t.Errorf("it is %+v", p)
	}
	mine, err := h.SuggestPage(ctx, h.ben, slug)
	if h.must(err); len(mine.Yours) != 2 || mine.Yours[0].Reason != "It is older than the law" || !mine.Yours[1].Taken {
		t.Errorf("they find %+v", mine.Yours)
	}
	if n := h.number(`select count(*) from events where kind in ('suggestion_taken', 'suggestion_declined') and person_id = $1`, h.ben.ID); n != 2 {
		t.Errorf("they are told %d times", n)
	}
	h.must(h.undo(h.cora, h.last()))
	if n := h.number(`select count(*) from collection_suggestions where decided_at is null`); n != 1 {
		t.Errorf("undone %d wait", n)
	}
	for n := range curation.SuggestionsMost - 1 {
		h.must(suggest(h.ben, h.ask(h.ada, fmt.Sprint("Thread ", n))))
	}
	if got := refused(suggest(h.ben, h.ask(h.ada, "One more"))); !slices.Equal(got, []string{"target"}) {
		t.Errorf("one suggestion too many: %v", got)
	}
	mine, err = h.SuggestPage(ctx, h.ben, slug)
	h.must(err)
	back := curation.Place{Slug: slug, ID: mine.Yours[0].ID}
	h.is("not theirs to take back", h.TakeBackSuggestion(ctx, h.ada, back), forum.ErrNotFound)
	h.must(h.TakeBackSuggestion(ctx, h.ben, back))
	h.is("taken back already", h.TakeBackSuggestion(ctx, h.ben, back), forum.ErrNotFound)
	h.must(suggest(h.ben, h.ask(h.ada, "Another")))
	h.must(h.Do(ctx, h.ben, func(d *forum.Deed) error {
		return errors.Join(h.Forget(ctx, d, h.ben.ID), d.Forget(ctx, h.ben.ID))
	}))
	if n := h.number(`select count(*) from collection_suggestions`); n != 0 {
		t.Errorf("of who is erased %d suggestions are left", n)
	}
	if p := h.as(visitor, slug); len(p.Contributors) != 1 || len(p.Sections[0].Items) != 2 {
		t.Errorf("what was taken of them is %+v", p)
	}
}
