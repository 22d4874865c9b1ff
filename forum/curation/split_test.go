package curation_test

import (
	"slices"
	"testing"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// Posts go to a thread of their own and come back; what was written there since comes
// after them, and the address of the thread that was made leads there.
func TestPostsAreSplitOffAndComeBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	id := h.ask(h.ada, "Who has moved bins online?")
	one, two, three := h.reply(h.ben, id, "We did."), h.reply(h.ada, id, "And parking?"), h.reply(h.ben, id, "Parking too.")
	made, err := h.Split(ctx, h.cora, id, curation.SplitDraft{Posts: []int64{three.ID, two.ID}, Title: "Who has moved parking online?"})
	h.must(err)
	entry := h.last()
	p, q := h.page(visitor, id), h.page(visitor, made.ID)
	if got := told(p); !slices.Equal(got, []string{"1 Ada", "2 Ben", "3 gone", "4 gone"}) || p.Thread.Replies != 1 || p.Posts[2].GoneTitle != q.Thread.Title || len(p.Lines) != 1 || p.Lines[0].Posts != 2 {
		t.Errorf("the old one has %v, %+v and %+v", got, p.Thread, p.Lines)
	}
	if got := told(q); !slices.Equal(got, []string{"1 Ada", "2 Ben"}) || q.Thread.AuthorID != h.ada.ID || q.Thread.Kind != forum.Question || !slices.Equal(slugs(q), slugs(p)) || len(q.Lines) != 1 || !q.Lines[0].Came {
		t.Errorf("the new one has %v, %+v and %+v", got, q.Thread, q.Lines)
	}
	if q := h.page(h.ben, made.ID); q.Following.Cadence != forum.Instant {
		t.Errorf("Ben follows %+v", q.Following)
	}
	h.reply(h.ben, made.ID, "More on parking.")
	for range 2 {
		h.must(h.undo(h.cora, entry))
	}
	p = h.page(visitor, id)
	if got := told(p); !slices.Equal(got, []string{"1 Ada", "2 Ben", "3 Ada", "4 Ben", "5 Ben"}) || p.Thread.Replies != 4 || p.Posts[1].ID != one.ID || len(p.Lines) != 0 {
		t.Errorf("put back it has %v, %+v", got, p.Thread)
	}
	if q := h.page(visitor, made.ID); q.Thread.ID != id {
		t.Errorf("the address of the new one leads to %d", q.Thread.ID)
	}
}

// The first post stays, and so do the answer, what does not show and what is elsewhere.
func TestWhatIsNotSplitOff(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mona := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mona", "Northmoor"), forum.Moderator)
	id, other := h.ask(h.ada, "One"), h.ask(h.ben, "Two")
	answer, hidden, deleted, elsewhere := h.reply(h.ben, id, "This."), h.reply(h.ben, id, "Rude"), h.reply(h.ben, id, "Oh"), h.reply(h.ada, other, "That.")
	h.must(h.Accept(ctx, h.ada, answer.ID, true))
	h.must(h.care.HidePost(ctx, mona, hidden.ID, true, "It is rude"))
	_, err := h.Delete(ctx, h.ben, deleted.ID)
	h.must(err)
	first := h.number(`select id from posts where thread_id = $1 and number = 1`, id)
	for what, posts := range map[string][]int64{"nothing": nil, "the first": {first}, "the answer": {answer.ID}, "what is hidden": {hidden.ID},
		"what is deleted": {deleted.ID}, "what is elsewhere": {elsewhere.ID}, "what is not there": {999}} {
		_, err := h.Split(ctx, h.cora, id, curation.SplitDraft{Posts: posts, Title: "New"})
		if got := refused(err); !slices.Equal(got, []string{"post"}) {
			t.Errorf("%s: got %v", what, got)
		}
	}
	for who, want := range map[*forum.Person]error{&h.ben: forum.ErrForbidden, &mona: forum.ErrForbidden, &visitor: forum.ErrForbidden} {
		_, err := h.Split(ctx, *who, id, curation.SplitDraft{Posts: []int64{answer.ID}, Title: "New"})
		h.is(who.Name+" splits", err, want)
	}
}

// A redaction of a post that opened a thread which was merged reaches its old title and
// the reason of the merge.
func TestARedactionReachesWhatWasMerged(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mona := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mona", "Northmoor"), forum.Moderator)
	from, to := h.ask(h.ben, "What of Mrs Winterbottom?"), h.ask(h.ada, "Who has moved bins online?")
	post := h.number(`select id from posts where thread_id = $1`, from)
	_, err := h.Merge(ctx, h.cora, from, curation.MergeDraft{Into: "/threads/" + h.word(to) + "-bins", Reason: "Mrs Winterbottom again"})
	h.must(err)
	_, err = h.Redact(ctx, mona, post, forum.RedactDraft{Passage: "Mrs Winterbottom", Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}})
	h.must(err)
	line := h.page(visitor, to).Lines[0]
	if line.OtherTitle != "What of [removed]?" || line.Reason != "[removed] again" {
		t.Errorf("the line says %+v", line)
	}
}
