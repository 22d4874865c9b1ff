package curation_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// A pinned thread stands before the others of its topic until the day is over, for those
// who may see it, and not twice.
func TestAPinnedThreadStandsFirst(t *testing.T) {
	t.Parallel()
	h := open(t)
	var ids []int64
	for n := range 5 {
		ids = append(ids, h.ask(h.ada, fmt.Sprintf("Bins %d?", n)))
		h.clock.Advance(time.Minute)
	}
	topic := h.page(h.ada, ids[0]).Topics[0].Slug
	until := h.clock.Now().AddDate(0, 0, 7)
	pin := func(who forum.Person, id int64, topic string, until time.Time) error {
		return h.Pin(t.Context(), who, id, curation.PinDraft{Topic: topic, Until: until})
	}
	pinned := func(who forum.Person) (first, rest []int64) {
		t.Helper()
		l, err := h.ThreadList(t.Context(), who, forum.Filter{Topic: topic, Beside: true})
		h.must(err)
		for _, p := range l.Pinned {
			first = append(first, p.ID)
		}
		for _, p := range l.Threads {
			rest = append(rest, p.ID)
		}
		return first, rest
	}
	h.is("a colleague", pin(h.ben, ids[0], topic, until), forum.ErrForbidden)
	for name, err := range map[string]error{"no topic": pin(h.cora, ids[0], "procurement", until), "a day gone": pin(h.cora, ids[0], topic, h.clock.Now()),
		"a day far off": pin(h.cora, ids[0], topic, h.clock.Now().AddDate(2, 0, 0))} {
		if len(refused(err)) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 2 {
		h.must(pin(h.cora, ids[0], topic, until))
	}
	if first, rest := pinned(visitor); !slices.Equal(first, ids[:1]) || len(rest) != 4 || slices.Contains(rest, ids[0]) || len(h.page(visitor, ids[0]).Lines) != 1 {
		t.Errorf("got %v before %v", first, rest)
	}
	h.must(pin(h.cora, ids[1], topic, until))
	h.must(pin(h.cora, ids[2], topic, until))
	if got := refused(pin(h.cora, ids[3], topic, until)); !slices.Equal(got, []string{"topic"}) {
		t.Errorf("a fourth: %v", got)
	}
	h.must(pin(h.cora, ids[1], topic, time.Time{}))
	h.must(h.care.Undo(t.Context(), h.cora, h.entry(forum.PinnedThread, 2), "No"))
	h.is("undone what is over", h.care.Undo(t.Context(), h.cora, h.entry(forum.PinnedThread, 1), "No"), forum.ErrConflict)
	mod := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mod", "Northmoor"), forum.Moderator)
	h.must(care.New(h.Store.Store).Hide(t.Context(), mod, ids[0], true, "It names a resident"))
	if first, _ := pinned(visitor); len(first) != 0 {
		t.Errorf("a hidden one shows: %v", first)
	}
	h.must(care.New(h.Store.Store).Hide(t.Context(), mod, ids[0], false, "It does not"))
	if first, _ := pinned(visitor); !slices.Equal(first, ids[:1]) {
		t.Errorf("got %v", first)
	}
	h.clock.Advance(8 * 24 * time.Hour)
	if first, rest := pinned(visitor); len(first) != 0 || len(rest) != 5 {
		t.Errorf("over: got %v before %v", first, rest)
	}
}

// What has gone, was hidden or stands under other topics by now leaves its place to others,
// and that it was pinned is undone all the same.
func TestWhatIsGoneIsPinnedNoMore(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	var ids []int64
	for n := range 8 {
		ids = append(ids, h.ask(h.ada, fmt.Sprintf("Bins %d?", n)))
	}
	topic := h.page(h.ada, ids[0]).Topics[0].Slug
	pin := func(id int64) error {
		return h.Pin(ctx, h.cora, id, curation.PinDraft{Topic: topic, Until: h.clock.Now().AddDate(0, 0, 7)})
	}
	for _, id := range ids[:3] {
		h.must(pin(id))
	}
	h.must(h.merge(ids[0], ids[7]))
	_, err := h.Delete(ctx, h.ada, h.number(`select id from posts where thread_id = $1`, ids[1]))
	h.must(err)
	h.must(h.Move(ctx, h.cora, ids[2], curation.MoveDraft{Topics: []string{"procurement"}}))
	for _, id := range ids[3:6] {
		h.must(pin(id))
	}
	if got := refused(pin(ids[6])); !slices.Equal(got, []string{"topic"}) {
		t.Errorf("a fourth that shows: %v", got)
	}
	for _, id := range ids[:3] {
		h.must(h.undo(h.cora, h.number(`select id from entries where deed = 'pinned_thread' and thread_id = $1`, id)))
	}
	if n := h.number(`select count(*) from pins where ended_at is null`); n != 3 {
		t.Errorf("%d are pinned", n)
	}
}
