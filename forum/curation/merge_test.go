package curation_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

func (h *hall) merge(from, into int64) error {
	_, err := h.Merge(h.t.Context(), h.cora, from, curation.MergeDraft{Into: fmt.Sprint(into), Reason: "The same question"})
	return err
}

// told are the numbers and authors of the posts of a thread, and which numbers only
// lead elsewhere.
func told(p forum.ThreadPage) (all []string) {
	for _, post := range p.Posts {
		if post.Gone {
			all = append(all, fmt.Sprint(post.Number, " gone"))
		} else {
			all = append(all, fmt.Sprint(post.Number, " ", post.AuthorName))
		}
	}
	return all
}

// What is merged keeps authors and dates, gets new numbers, and takes along who follows
// it, has the problem too, keeps it for later and has begun a reply. The old addresses
// lead to it. Undone, all is as it was, and the numbers that it had lead to it.
func TestThreadsAreMergedAndPartedAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	to := h.ask(h.ada, "Who has moved bins online?", h.ben)
	h.clock.Advance(time.Hour)
	from := h.ask(h.ben, "Bins on the web?", h.ada)
	second := h.reply(h.ada, from, "We did it last year.")
	h.must(h.Useful(ctx, h.ben, second.ID, true))
	h.must(h.Accept(ctx, h.ben, second.ID, true))
	dora := forumtest.Person(t, h.Store.Store, "Dora", "Northmoor")
	h.must(h.Follow(ctx, dora, forum.Subject{Kind: forum.ToThread, ID: from}, forum.Instant))
	h.must(h.Follow(ctx, dora, forum.Subject{Kind: forum.ToThread, ID: to}, forum.Weekly))
	h.must(h.UsToo(ctx, h.ada, from, true, "working"))
	h.must(h.Save(ctx, dora, from, true, nil))
	h.must(h.KeepDraft(ctx, dora, forum.DraftReply, from, url.Values{"body": {"Half a reply"}, "quote": {"3"}}))
	before := h.page(visitor, from)

	h.must(h.merge(from, to))
	entry := h.last()
	p := h.page(visitor, to)
	if got := told(p); !slices.Equal(got, []string{"1 Ada", "2 Ben", "3 Ben", "4 Ada", "5 Ada"}) {
		t.Fatalf("it has %v", got)
	}
	if p.Thread.PostCount != 5 || p.Thread.Replies != 4 || p.Thread.Others != 2 || p.Posts[2].ID != before.Posts[0].ID || !p.Posts[2].PostedAt.Equal(before.Posts[0].PostedAt) || p.Posts[4].Useful != 1 {
		t.Errorf("counted %+v, and the third is %+v", p.Thread, p.Posts[2])
	}
	if len(p.Lines) != 1 || p.Lines[0].After != 2 || p.Lines[0].OtherTitle != "Bins on the web?" || p.Lines[0].Posts != 3 {
		t.Errorf("its lines are %+v", p.Lines)
	}
	if p.Thread.AnswerID != second.ID || p.Thread.UsToo != 1 {
		t.Errorf("answered by %d; %d councils have it too", p.Thread.AnswerID, p.Thread.UsToo)
	}
	if q := h.page(visitor, from); q.Thread.ID != to {
		t.Errorf("the old address leads to %d", q.Thread.ID)
	}
	if place, err := h.PostPlace(ctx, visitor, second.ID); err != nil || place.ThreadID != to || place.Number != 5 {
		t.Errorf("the post is at %+v (%v)", place, err)
	}
	if q := h.page(dora, to); q.Following.Cadence != forum.Instant || q.Kept == nil || q.Kept.Values().Get("body") != "Half a reply" || q.Kept.Values().Get("quote") != "5" {
		t.Errorf("Dora follows %+v and has kept %+v", q.Following, q.Kept)
	}
	if l, err := h.ThreadList(ctx, visitor, forum.Filter{}); err != nil || len(l.Threads) != 1 {
		t.Errorf("%d threads are listed (%v)", len(l.Threads), err)
	}
	if posted := h.reply(dora, from, "From the old page."); posted.Number != 6 {
		t.Errorf("a reply from the old page is number %d", posted.Number)
	}
	h.must(h.merge(from, to)) // by another curator, just after
	if h.last() != entry {
		t.Error("it was merged twice")
	}

	h.clock.Advance(29 * 24 * time.Hour)
	for range 2 {
		h.must(h.undo(h.cora, entry))
	}
	p, q := h.page(visitor, to), h.page(visitor, from)
	if got := told(p); !slices.Equal(got, []string{"1 Ada", "2 Ben", "3 gone", "4 gone", "5 gone", "6 Dora"}) {
		t.Errorf("what stays has %v", got)
	}
	if got := told(q); !slices.Equal(got, told(before)) || q.Thread.ID != from || q.Thread.AnswerID != second.ID || q.Thread.Replies != 2 || q.Thread.UsToo != 1 {
		t.Errorf("what came back has %v: %+v", got, q.Thread)
	}
	if p.Posts[2].GoneTitle != "Bins on the web?" || p.Thread.AnswerID != 0 || p.Thread.UsToo != 0 || p.Thread.Replies != 2 || len(p.Lines) != 0 {
		t.Errorf("what stays is %+v, with %+v", p.Thread, p.Lines)
	}
	if q := h.page(dora, to); q.Following.Cadence != forum.Weekly {
		t.Errorf("Dora follows %+v", q.Following)
	}
	if n := h.number(`select count(*) from merged_follows`) + h.number(`select count(*) from merged_saves`) + h.number(`select count(*) from merged_councils`); n != 0 {
		t.Errorf("%d rows are left of what was given", n)
	}
}

// Threads that must not be merged are not, and the form says why.
func TestWhatIsNotMerged(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mona := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mona", "Northmoor"), forum.Moderator)
	one, two, three := h.ask(h.ada, "One"), h.ask(h.ada, "Two"), h.ask(h.ben, "Three")
	secret := forumtest.Ask(t, h.Store.Store, h.ada, forum.AskDraft{Title: "Among us", Visibility: "councils"})
	hidden, deleted := h.ask(h.ada, "Hidden"), h.ask(h.ada, "Deleted")
	held := h.ask(forumtest.NewcomerOf(t, h.Store.Store, "Nora", "Northmoor"), "Held")
	h.must(h.care.Hide(ctx, mona, hidden, true, "It names a resident"))
	_, err := h.Delete(ctx, h.ada, h.number(`select id from posts where thread_id = $1`, deleted))
	h.must(err)
	for _, c := range []struct {
		what       string
		from, into int64
	}{
		{"into itself", one, one}, {"into nothing", one, 0}, {"into what is not there", one, 9999},
		{"public into councils", one, secret}, {"councils into public", secret, one},
		{"into hidden", one, hidden}, {"hidden into another", hidden, one},
		{"into held", one, held}, {"held into another", held, one}, {"into deleted", one, deleted},
	} {
		if got := refused(h.merge(c.from, c.into)); !slices.Equal(got, []string{"into"}) {
			t.Errorf("%s: got %v", c.what, got)
		}
	}
	for who, want := range map[*forum.Person]error{&h.ada: forum.ErrForbidden, &mona: forum.ErrForbidden, &visitor: forum.ErrForbidden} {
		_, err := h.Merge(ctx, *who, one, curation.MergeDraft{Into: fmt.Sprint(two)})
		h.is(who.Name+" merges", err, want)
	}
	h.must(h.merge(one, two))
	entry := h.last()
	if got := refused(h.merge(two, one)); !slices.Equal(got, []string{"into"}) {
		t.Errorf("in a circle: got %v", got)
	}
	if got := refused(h.merge(one, three)); !slices.Equal(got, []string{"into"}) {
		t.Errorf("what was merged elsewhere: got %v", got)
	}
	h.must(h.care.Hide(ctx, mona, two, true, "It names a resident"))
	h.is("what was hidden since", h.undo(h.cora, entry), forum.ErrConflict)
	_, err = h.ThreadPage(ctx, visitor, one, 1, 0)
	h.is("the old address of what was hidden", err, forum.ErrNotFound)
	h.must(h.care.Hide(ctx, mona, two, false, "It does not"))
	h.clock.Advance(31 * 24 * time.Hour)
	h.is("after 30 days", h.undo(h.cora, entry), forum.ErrForbidden)
}

// The answer of the thread that stays is its answer still; the other one worked for who
// asked the other thread.
func TestTheAnswerOfTheThreadThatStaysStands(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	dora := forumtest.Person(t, h.Store.Store, "Dora", "Northmoor")
	to, from := h.ask(h.ada, "One"), h.ask(h.ben, "Two")
	first, second := h.reply(h.ben, to, "This."), h.reply(dora, from, "That.")
	h.must(h.Accept(ctx, h.ada, first.ID, true))
	h.must(h.Accept(ctx, h.ben, second.ID, true))
	h.must(h.merge(from, to))
	entry := h.last()
	p := h.page(visitor, to)
	if p.Thread.AnswerID != first.ID || h.number(`select count(*) from worked where post_id = $1 and council_id = $2`, second.ID, h.ben.CouncilID) != 1 {
		t.Errorf("answered by %d", p.Thread.AnswerID)
	}
	h.must(h.undo(h.cora, entry))
	if h.number(`select count(*) from worked`) != 0 || h.page(visitor, from).Thread.AnswerID != second.ID {
		t.Error("undone, the answers are not what they were")
	}
}

// Two curators who merge two threads into each other at once merge them once; a reply
// that is posted meanwhile is not lost.
func TestMergingAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	one, two := h.ask(h.ada, "One", h.ben, h.ben), h.ask(h.ben, "Two", h.ada)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	wg.Go(func() { errs[0] = h.merge(one, two) })
	wg.Go(func() { errs[1] = h.merge(two, one) })
	for range 4 {
		wg.Go(func() { h.reply(h.ada, two, "Meanwhile") })
	}
	wg.Wait()
	bad := (forum.Invalid)(nil)
	if (errs[0] == nil) == (errs[1] == nil) || errs[0] != nil && !errors.As(errs[0], &bad) || errs[1] != nil && !errors.As(errs[1], &bad) {
		t.Errorf("got %v", errs)
	}
	if p := h.page(visitor, one); len(p.Posts) != 9 || p.Thread.PostCount != 9 || p.Thread.Replies != 8 {
		t.Errorf("it has %v of %d", told(p), p.Thread.PostCount)
	}
}

// A thousand posts go in one deed, and come back.
func TestAThousandPostsAreMergedInOneDeed(t *testing.T) {
	t.Parallel()
	h := open(t)
	to, from := h.ask(h.ada, "One"), h.ask(h.ben, "Two")
	forumtest.Fill(t, h.db, `
		insert into posts (thread_id, number, author_id, job_title, lang, body, html, html_version, excerpt, posted_at)
		select $1, n, $2, '', 'en', 'We did.', '<p>We did.</p>', 1, 'We did.', $3 from generate_series(2, 1000) n`, from, h.ada.ID, h.clock.Now())
	_, err := h.db.Exec(t.Context(), `update threads set post_count = 1000, replies = 999, others = 999 where id = $1`, from)
	h.must(err)
	h.must(h.merge(from, to))
	h.must(h.undo(h.cora, h.last()))
	if p := h.page(visitor, from); p.Thread.PostCount != 1000 || p.Thread.Replies != 999 {
		t.Errorf("counted %+v", p.Thread)
	}
}

// What a newcomer wrote and waits goes along, and is published where the thread is.
func TestWhatIsHeldGoesAlong(t *testing.T) {
	t.Parallel()
	h := open(t)
	nora := forumtest.NewcomerOf(t, h.Store.Store, "Nora", "Northmoor")
	from := h.ask(h.ben, "Two", nora)
	to := h.ask(h.ada, "One")
	h.must(h.merge(from, to))
	entry := h.last()
	if p := h.page(nora, to); len(p.Held) != 1 || p.Held[0].Opening {
		t.Errorf("Nora sees %+v", p.Held)
	}
	_, err := h.db.Exec(t.Context(), `update people set standing = 'colleague' where id = $1`, nora.ID)
	h.must(err)
	h.must(h.Do(t.Context(), h.cora, func(d *forum.Deed) error { return d.Release(t.Context(), nora) }))
	if got := told(h.page(visitor, to)); !slices.Equal(got, []string{"1 Ada", "2 Ben", "3 Nora"}) {
		t.Errorf("it has %v", got)
	}
	h.must(h.undo(h.cora, entry))
	if got := told(h.page(visitor, from)); !slices.Equal(got, []string{"1 Ben", "2 Nora"}) {
		t.Errorf("what came back has %v", got)
	}
}

func (h *hall) word(n int64) string { return fmt.Sprint(n) }

// What is done on the page of a thread that was merged is done where its posts are, and
// waits for nobody who has the row that is left of it: they may wait for that other thread.
func TestWhatWasMergedIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	into, from := h.ask(h.ada, "Who has moved bins online?"), h.ask(h.ben, "Bins on the web?")
	h.must(h.merge(from, into))
	h.must(h.Do(ctx, h.ada, func(d *forum.Deed) error {
		if _, err := d.ThreadItself(ctx, from); err != nil {
			return err
		}
		_, err := h.Reply(ctx, h.ben, from, forum.PostDraft{Body: "We have."})
		return err
	}))
	if got := told(h.page(visitor, into)); !slices.Equal(got, []string{"1 Ada", "2 Ben", "3 Ben"}) {
		t.Errorf("it has %v", got)
	}
}
