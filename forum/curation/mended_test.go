package curation_test

import (
	"context"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

func (h *hall) moderator() forum.Person {
	h.t.Helper()
	return forumtest.Granted(h.t, h.Store.Store, forumtest.Person(h.t, h.Store.Store, "Mona", "Northmoor"), forum.Moderator)
}

// What the team means for a thread that was merged meanwhile does not fall on the one
// that it was merged into, nor does undoing what was done to it before.
func TestADeedOfPowerDoesNotFollowAMerge(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mona := h.moderator()
	from, to := h.ask(h.ben, "Bins on the web?", h.ada), h.ask(h.ada, "Who has moved bins online?", h.ben)
	stays := h.reply(h.ben, from, "Oh")
	_, err := h.Delete(ctx, h.ben, stays.ID)
	h.must(err)
	h.must(h.Close(ctx, h.cora, from, true, "It is answered"))
	closed := h.last()
	h.must(h.Close(ctx, h.cora, to, true, "It is answered"))
	h.must(h.merge(from, to))
	before := h.page(visitor, to)
	_, split := h.Split(ctx, h.cora, from, curation.SplitDraft{Posts: []int64{before.Posts[1].ID}, Title: "New"})
	for what, got := range map[string]error{
		"retitle": h.Retitle(ctx, h.cora, from, curation.RetitleDraft{Title: "Another"}),
		"move":    h.Move(ctx, h.cora, from, curation.MoveDraft{Topics: []string{"planning"}}),
		"split":   split,
		"hide":    h.care.Hide(ctx, mona, from, true, "It names a resident"),
		"reopen":  h.Close(ctx, h.cora, from, false, "It is not"),
		"solve":   h.Solve(ctx, h.ada, from, true, "I rang them"),
		"undo":    h.undo(h.cora, closed),
	} {
		h.is(what, got, forum.ErrConflict)
	}
	h.is("hiding what stayed behind", h.care.HidePost(ctx, mona, stays.ID, true, "It is rude"), forum.ErrGone)
	after := h.page(visitor, to)
	if after.Thread.Title != before.Thread.Title || !after.Thread.Closed || after.Thread.Solved || after.Thread.Hidden || len(after.Posts) != len(before.Posts) {
		t.Errorf("the thread that stays is %+v", after.Thread)
	}
}

// Two threads that are not for the same readers any more do not come together, or apart:
// what was written for councils stays among them.
func TestNothingIsUndoneAcrossReaders(t *testing.T) {
	t.Parallel()
	h := open(t)
	among := func(who forum.Person, title string) int64 {
		return forumtest.Ask(t, h.Store.Store, who, forum.AskDraft{Title: title, Visibility: "councils"})
	}
	publish := func(thread int64) {
		_, err := h.db.Exec(t.Context(), `update threads set visibility = 'public' where id = $1`, thread)
		h.must(err)
	}
	home := among(h.ada, "Who has moved bins online?")
	post := h.reply(h.ben, home, "We did, and it failed.")
	made, err := h.Split(t.Context(), h.cora, home, curation.SplitDraft{Posts: []int64{post.ID}, Title: "What failed?"})
	h.must(err)
	split := h.last()
	publish(home)
	h.is("undoing the split", h.undo(h.cora, split), forum.ErrConflict)
	if place, err := h.PostPlace(t.Context(), h.ben, post.ID); err != nil || place.ThreadID != made.ID {
		t.Errorf("the post is at %+v (%v)", place, err)
	}

	from, to := among(h.ben, "One"), among(h.ada, "Two")
	h.must(h.merge(from, to))
	merged := h.last()
	publish(from)
	h.is("undoing the merge", h.undo(h.cora, merged), forum.ErrConflict)
}

// What opened a thread that was merged, and was removed since, does not come back with
// it, and its title stands nowhere.
func TestAMergedTitleGoesWithItsPost(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mona := h.moderator()
	from, to := h.ask(h.ben, "What of Mrs Winterbottom?", h.ada), h.ask(h.ada, "Who has moved bins online?")
	h.must(h.merge(from, to))
	entry := h.last()
	opening := h.page(visitor, to).Posts[1].ID
	h.must(h.care.HidePost(ctx, mona, opening, true, "It names a resident"))
	if lines := h.page(visitor, to).Lines; len(lines) != 1 || lines[0].OtherID != 0 || lines[0].OtherTitle != "" || lines[0].OtherSlug != "" {
		t.Errorf("the lines are %+v", lines)
	}
	h.is("undoing the merge", h.undo(h.cora, entry), forum.ErrConflict)
	h.must(h.care.HidePost(ctx, mona, opening, false, "It does not"))
	if lines := h.page(visitor, to).Lines; len(lines) != 1 || lines[0].OtherTitle != "What of Mrs Winterbottom?" {
		t.Errorf("shown again, the lines are %+v", lines)
	}
	h.must(h.undo(h.cora, entry))
	if p := h.page(visitor, from); p.Thread.ID != from || len(p.Posts) != 2 {
		t.Errorf("what came back is %+v", p.Thread)
	}
}

// What is reported of a thread goes to the thread that it is merged into, with the post
// that opened it, and waits there to be decided; so does what is reported of it later.
func TestReportsGoAlongWithAMerge(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mona := h.moderator()
	from, to := h.ask(h.ben, "Two", h.ada), h.ask(h.ada, "One")
	opening := h.page(visitor, from).Posts[0].ID
	h.must(h.care.Report(ctx, h.ada, from, 0, "It names a resident"))
	h.must(h.care.Report(ctx, h.cora, from, opening, "It is rude"))
	h.clock.Advance(time.Hour)
	h.must(h.care.Report(ctx, h.cora, from, 0, "It is rude still"))
	h.must(h.merge(from, to))
	h.must(h.care.Report(ctx, mona, from, 0, "From the old page"))
	p, err := h.care.ModerationPage(ctx, mona)
	h.must(err)
	if len(p.Reported) != 1 || p.Reported[0].ThreadID != to || p.Reported[0].PostID != opening || len(p.Reported[0].Reasons) != 3 || p.Reported[0].Reasons[1] != "It is rude still" {
		t.Fatalf("reported is %+v", p.Reported)
	}
	h.must(h.care.HidePost(ctx, mona, opening, true, "It names a resident"))
	if n := h.number(`select count(*) from reports where decided_at is null`); n != 0 {
		t.Errorf("%d are not decided", n)
	}
}

// Of two splits that begin with posts by one person either is undone first.
func TestEitherOfTwoSplitsIsUndoneFirst(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.ask(h.ada, "Who has moved bins online?")
	var entries []int64
	for _, title := range []string{"Parking?", "Permits?"} {
		post := h.reply(h.ben, id, title)
		_, err := h.Split(t.Context(), h.cora, id, curation.SplitDraft{Posts: []int64{post.ID}, Title: title})
		h.must(err)
		entries = append(entries, h.last())
	}
	for _, entry := range entries {
		h.must(h.undo(h.cora, entry))
	}
	if p := h.page(visitor, id); p.Thread.Replies != 2 || len(p.Lines) != 0 {
		t.Errorf("put back it has %v and %+v", told(p), p.Lines)
	}
}

// A thread to merge into is found by its title, the likest first, whatever its accents.
func TestAThreadIsFoundByItsTitle(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.ask(h.ada, "Bins?")
	likest := h.ask(h.ben, "Ôd")
	h.ask(h.ben, "Odd bins of the week")
	deleted := h.ask(h.ben, "Od")
	_, err := h.Delete(t.Context(), h.ben, h.number(`select id from posts where thread_id = $1`, deleted))
	h.must(err)
	forumtest.Ask(t, h.Store.Store, h.ada, forum.AskDraft{Title: "Od among us", Visibility: "councils"})
	p, err := h.TendPage(t.Context(), h.cora, id, "OD", 0)
	h.must(err)
	if len(p.Found) != 2 || p.Found[0].ID != likest {
		t.Errorf("found %+v", p.Found)
	}
	likely := h.ask(h.ben, "Parents and play")
	p, err = h.TendPage(t.Context(), h.cora, id, "parks", 0)
	h.must(err)
	if len(p.Found) != 1 || p.Found[0].ID != likely {
		t.Errorf("of what is half alike it found %+v", p.Found)
	}
}

// A project that is in no topic gets another title, and topics once they are chosen, and
// both are undone.
func TestAProjectWithoutTopicsIsRetitled(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	id := forumtest.Ask(t, h.Store.Store, h.ada, forum.AskDraft{Title: "Bins", Kind: forum.Project, Topics: []string{},
		Also: func(context.Context, *forum.Deed, forum.Thread) error { return nil }})
	h.must(h.Retitle(ctx, h.cora, id, curation.RetitleDraft{Title: "Bins online"}))
	retitled := h.last()
	h.must(h.Move(ctx, h.cora, id, curation.MoveDraft{Topics: []string{"waste-management"}}))
	h.must(h.undo(h.cora, h.last()))
	h.must(h.undo(h.cora, retitled))
	if p := h.page(visitor, id); p.Thread.Title != "Bins" || len(p.Topics) != 0 {
		t.Errorf("it is %q in %v", p.Thread.Title, slugs(p))
	}
}

// A title that was erased with its author does not come back.
func TestAnErasedTitleDoesNotComeBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.ask(h.ada, "Help?", h.ben)
	h.must(h.Retitle(t.Context(), h.cora, id, curation.RetitleDraft{Title: "Who has moved bins online?"}))
	entry := h.last()
	h.must(h.care.Erase(t.Context(), h.ada, care.EraseDraft{Name: "Ada"}))
	h.is("undoing the title", h.undo(h.cora, entry), forum.ErrConflict)
}

// A thread that was chosen as a whole goes from the front page, the lists, the feed and
// the collections with what opened it, also where that is in another thread by then; what
// others wrote in it stays.
func TestAChoiceGoesWithTheWordsOfAMergedThread(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mona := h.moderator()
	from, to := h.ask(h.ada, "What of Mrs Winterbottom?"), h.ask(h.ben, "Who has moved bins online?")
	opening, reply := h.number(`select id from posts where thread_id = $1`, from), h.reply(h.ben, from, "We did.").ID
	of := h.highlight(from)
	slug := h.begin("Bins")
	h.put(slug, 0, "thread", from)
	h.put(slug, 0, "post", reply)
	h.show(slug)
	h.must(h.merge(from, to))
	seen := func(want bool) {
		t.Helper()
		p, err := h.HighlightsPage(ctx, visitor, 0)
		h.must(err)
		feed, err := h.Feed(ctx)
		h.must(err)
		_, err = h.Highlighted(ctx, visitor, of)
		n := 1
		if want {
			n = 2
		}
		if (len(h.atHome()) == 1) != want || (len(p.Now) == 1) != want || (len(feed) == 1) != want || (err == nil) != want || len(h.as(visitor, slug).Sections[0].Items) != n {
			t.Errorf("seen at home %v, in the list %v, in the feed %v, by itself %v, in the collection %q; want %v", h.atHome(), p.Now, feed, err, h.titles(visitor, slug), want)
		}
	}
	seen(true)
	h.must(h.care.HidePost(ctx, mona, opening, true, "It names a resident"))
	seen(false)
	h.must(h.care.HidePost(ctx, mona, opening, false, "It does not"))
	seen(true)
	_, err := h.Delete(ctx, h.ada, opening)
	h.must(err)
	seen(false)
}

// What curators told each other of a post, its thread or its author says no more than the
// post, once words were taken out of it.
func TestNotesAreRedactedWithTheirPost(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mona := h.moderator()
	eve := forumtest.NewcomerOf(t, h.Store.Store, "Eve", "northmoor")
	thread := forumtest.Thread(t, h.Store.Store, eve, "May I ask?")
	post := h.number(`select id from posts where thread_id = $1`, thread)
	other := h.number(`select id from posts where thread_id = $1`, h.ask(h.ada, "Another?"))
	h.must(h.care.Report(ctx, mona, thread, post, "It names a resident"))
	_, err := h.db.Exec(ctx, `insert into links (thread_id, url) values ($1, 'https://x.example/')`, thread)
	h.must(err)
	about := func(sort string, id int64) {
		t.Helper()
		_, err := h.db.Exec(ctx, `with i as (insert into desk_items (sort, subject_id) values ($1, $2) on conflict do nothing)
			insert into desk_notes (sort, subject_id, person_id, at, words) values ($1, $2, $3, now(), 'It is Joe Bloggs again')`, sort, id, h.cora.ID)
		h.must(err)
	}
	about("newcomer", eve.ID)
	about("held", post)
	about("question", thread)
	about("lesson", thread)
	about("report", h.number(`select id from reports`))
	about("link", h.number(`select id from links`))
	about("held", other)
	_, err = h.Redact(ctx, mona, post, forum.RedactDraft{Passage: "Joe Bloggs", Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}})
	h.must(err)
	if n := h.number(`select count(*) from desk_notes where words = 'It is [removed] again'`); n != 6 {
		t.Errorf("it is taken out of %d notes", n)
	}
	if n := h.number(`select subject_id from desk_notes where words like '%Bloggs%'`); n != other {
		t.Error("it is taken out of a note on something else")
	}
}

// What curators told each other of somebody who waits to be let in, of what they wrote and
// of what was reported goes when they are erased.
func TestNotesOnThemGoWithThePerson(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	eve := forumtest.NewcomerOf(t, h.Store.Store, "Eve", "northmoor")
	thread := forumtest.Thread(t, h.Store.Store, eve, "May I ask?")
	both := forumtest.Granted(t, h.Store.Store, h.curator("Bo", "Southmoor"), forum.Moderator)
	busy := h.ask(h.ada, "Who has moved bins online?")
	h.must(h.care.Report(ctx, both, busy, 0, "It sells"))
	h.must(h.care.Report(ctx, both, thread, 0, "It sells"))
	h.clock.Advance(14 * 24 * time.Hour)
	tell := func(sort curation.Sort, id int64) {
		t.Helper()
		h.must(h.tend(both, sort, id, curation.DeskDraft{Deed: "note", Words: "Eve rang me, and was odd."}))
	}
	tell(curation.Newcomers, eve.ID)
	tell(curation.Held, h.number(`select id from posts where thread_id = $1`, thread))
	tell(curation.Reports, h.number(`select id from reports where thread_id = $1`, thread))
	tell(curation.Questions, busy)
	for claim, who := range map[int64]int64{90: eve.ID, thread: both.ID} { // one has the number of her thread, and is not hers
		_, err := h.db.Exec(ctx, `
			with s as (insert into suppliers (slug, name) values ('supplier-x' || $1::bigint, 'Firm ' || $1) returning id),
				i as (insert into desk_items (sort, subject_id) values ('claim', $1)),
				c as (insert into supplier_claims (id, supplier_id, person_id, state, asked_at) overriding system value select $1, id, $2, 'asked', now() from s)
			insert into desk_notes (sort, subject_id, person_id, at, words) values ('claim', $1, $3, now(), 'Odd')`, claim, who, both.ID)
		h.must(err)
	}
	h.must(h.care.Erase(ctx, eve, care.EraseDraft{Name: "Eve"}, func(ctx context.Context, d *forum.Deed) error { return h.Forget(ctx, d, eve.ID) }))
	if n := h.number(`select count(*) from desk_notes where sort not in ('question', 'claim') or sort = 'claim' and subject_id = 90`); n != 0 {
		t.Errorf("%d notes are left of her", n)
	}
	if n := h.number(`select count(*) from desk_notes`); n != 2 {
		t.Errorf("of others %d are left", n)
	}
}
