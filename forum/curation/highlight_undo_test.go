package curation_test

import (
	"slices"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// Each deed on a highlight is undone from the log; done and undone again it is no longer
// so, and the second is told.
func TestAHighlightIsUndoneFromTheLog(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	thread := h.ask(h.ada, "Who has moved bins online?")
	id := h.highlight(thread)
	made := h.last()
	draft := h.draft("", 0)
	draft.Title, draft.Version = "Better words", 1
	h.must(h.ChangeHighlight(ctx, h.cora, id, draft))
	changed := h.last()
	draft.Title, draft.Version = "The best words", 2
	h.must(h.ChangeHighlight(ctx, h.cora, id, draft))
	again := h.last()
	h.is("a change that was changed since", h.undo(h.cora, changed), forum.ErrConflict)
	h.must(h.undo(h.cora, again))
	if one, err := h.Highlighted(ctx, visitor, id); err != nil || one.Title != "Better words" {
		t.Errorf("it says %q (%v)", one.Title, err)
	}
	for range 2 {
		h.must(h.EndHighlight(ctx, h.cora, id, "Out of date"))
	}
	ended := h.last()
	if len(h.shown(visitor)) != 0 || len(h.page(visitor, thread).Highlights) != 0 {
		t.Error("it is taken down and shows")
	}
	h.is("a colleague undoes it", h.undo(h.ada, ended), forum.ErrNotFound)
	for range 2 {
		h.must(h.undo(h.cora, ended))
	}
	if got := h.shown(visitor); !slices.Equal(got, []int64{id}) {
		t.Errorf("put up again there are %v", got)
	}
	h.must(h.undo(h.cora, made))
	if len(h.shown(visitor)) != 0 {
		t.Error("undone, it shows")
	}
	other := h.highlight(thread)
	h.is("it is put up twice", h.undo(h.cora, h.number(`select ended_by from highlights where id = $1`, id)), forum.ErrConflict)
	if got := h.shown(visitor); !slices.Equal(got, []int64{other}) {
		t.Errorf("there are %v", got)
	}
}

// What is taken out of a post is taken out of what curators quoted of it too, now and
// before, and out of the log.
func TestAHighlightIsRedactedWithItsPost(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mod := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mo", "Southmoor"), forum.Moderator)
	thread := h.ask(h.ada, "Who has moved bins online?")
	post := h.reply(h.ben, thread, "Ask Joe Bloggs of 4 Elm Road.").ID
	draft := h.draft("post", post)
	draft.Title, draft.Note = "Joe Bloggs of 4 Elm Road says", "It was **Joe Bloggs** of 4 Elm Road."
	id, err := h.Highlight(ctx, h.cora, draft)
	h.must(err)
	draft.Title, draft.Version = "Quoting Joe Bloggs of 4 Elm Road", 1
	h.must(h.ChangeHighlight(ctx, h.cora, id, draft))
	_, err = h.Redact(ctx, mod, post, forum.RedactDraft{Passage: "Joe Bloggs of 4 Elm Road", Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}})
	h.must(err)
	if n := h.number(`
		select (select count(*) from highlights h where h::text ~ 'Bloggs|Elm') + (select count(*) from highlight_changes c where c::text ~ 'Bloggs|Elm')
			+ (select count(*) from entries e where e.reason ~ 'Bloggs|Elm')`); n != 0 {
		t.Errorf("it stands in %d rows yet", n)
	}
	if one, err := h.Highlighted(ctx, visitor, id); err != nil || one.Title != "Quoting [removed]" {
		t.Errorf("it says %q (%v)", one.Title, err)
	}
}

// What a highlight said at its full length says more once words were taken out of it: it is
// cut, so that the change is undone still.
func TestAFullHighlightIsRedactedAndUndone(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	thread := h.ask(h.ada, "Who has moved bins online?")
	post := h.reply(h.ben, thread, "Ask Joe Bloggs.").ID
	draft := h.draft("post", post)
	draft.Title, draft.Note = "Joe Bloggs "+strings.Repeat("x", 139), "Joe Bloggs "+strings.Repeat("x", 1989)
	id, err := h.Highlight(ctx, h.cora, draft)
	h.must(err)
	draft.Title, draft.Note, draft.Version = "Shorter", "Shorter", 1
	h.must(h.ChangeHighlight(ctx, h.cora, id, draft))
	changed := h.last()
	removed := "[a name was removed]"
	_, err = h.Redact(ctx, h.moderator(), post, forum.RedactDraft{Passage: "Joe Bloggs", Reason: "It names a resident", Removed: map[string]string{"en": removed}})
	h.must(err)
	h.must(h.undo(h.cora, changed))
	if one, err := h.Highlighted(ctx, visitor, id); err != nil || !strings.HasPrefix(one.Title, removed) || len(one.Title) != 150 || len(one.Note) != 2000 {
		t.Errorf("it says %q, %q (%v)", one.Title, one.Note, err)
	}
}
