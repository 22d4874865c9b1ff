package curation_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// draft is a highlight as a curator would type it.
func (h *hall) draft(target string, id int64) curation.HighlightDraft {
	draft := h.NewHighlight(fmt.Sprintf("%s:%d", target, id))
	draft.Title, draft.Note, draft.Grade = "Worth a look", "Ask them **how**.", "evidence"
	return draft
}

// highlight puts a thread before everybody.
func (h *hall) highlight(thread int64) int64 {
	h.t.Helper()
	id, err := h.Highlight(h.t.Context(), h.cora, h.draft("thread", thread))
	h.must(err)
	return id
}

// shown are the numbers of what is highlighted now, in order, as somebody finds it.
func (h *hall) shown(who forum.Person) (ids []int64) {
	h.t.Helper()
	p, err := h.HighlightsPage(h.t.Context(), who, 0)
	h.must(err)
	for _, one := range p.Now {
		ids = append(ids, one.ID)
	}
	return ids
}

func (h *hall) atHome() (ids []int64) {
	h.t.Helper()
	p, err := h.HomePage(h.t.Context(), visitor)
	h.must(err)
	for _, one := range p.Highlights {
		ids = append(ids, one.ID)
	}
	return ids
}

// A curator highlights a thread and a post: everybody finds them on the front page and in
// the list, the thing itself says so, and the record has it.
func TestAHighlightIsSeenByEverybody(t *testing.T) {
	t.Parallel()
	h := open(t)
	thread := h.ask(h.ada, "Who has moved bins online?", h.ben)
	post := h.reply(h.ben, thread, "We did, in a week.").ID
	first := h.highlight(thread)
	second, err := h.Highlight(t.Context(), h.cora, h.draft("post", post))
	h.must(err)
	if got, want := h.atHome(), []int64{second, first}; !slices.Equal(got, want) || !slices.Equal(h.shown(visitor), want) {
		t.Errorf("got %v, want %v", got, want)
	}
	one, err := h.Highlighted(t.Context(), visitor, second)
	h.must(err)
	if one.PostNumber != 3 || one.AuthorName != "Ben" || one.CouncilSlug != "southmoor" || one.CuratorName != "Cora" || !one.Live || !strings.Contains(string(one.HTML()), "<strong>how</strong>") {
		t.Errorf("it is %+v", one)
	}
	p := h.page(visitor, thread)
	if len(p.HighlightsOf(0)) != 1 || len(p.HighlightsOf(post)) != 1 || p.HighlightsOf(0)[0].ID != first || len(p.Lines) != 0 {
		t.Errorf("the page says %+v", p.Highlights)
	}
	if n := h.number(`select count(*) from entries where deed = 'highlighted' and doer_id = $1 and person_id in ($2, $3)`, h.cora.ID, h.ada.ID, h.ben.ID); n != 2 {
		t.Errorf("%d entries", n)
	}
}

// What is refused, and why.
func TestWhatCannotBeHighlighted(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	thread := h.ask(h.ada, "Who has moved bins online?", h.ben)
	councils := forumtest.Ask(t, h.Store.Store, h.ada, forum.AskDraft{Title: "Among councils", Visibility: "councils"})
	mod := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mo", "Southmoor"), forum.Moderator)
	hidden := h.ask(h.ada, "It names a resident")
	h.must(h.care.Hide(ctx, mod, hidden, true, "It names a resident"))
	hiddenPost := h.reply(h.ben, thread, "So does this").ID
	h.must(h.care.HidePost(ctx, mod, hiddenPost, true, "It names a resident"))
	held := h.ask(forumtest.NewcomerOf(t, h.Store.Store, "New", "Northmoor"), "Let me in")
	gone := h.ask(h.ada, "Never mind")
	_, err := h.Delete(ctx, h.ada, h.number(`select min(id) from posts where thread_id = $1`, gone))
	h.must(err)
	h.highlight(thread)
	for name, change := range map[string]func(*curation.HighlightDraft){
		"councils only": func(d *curation.HighlightDraft) { d.Target = fmt.Sprintf("thread:%d", councils) },
		"hidden":        func(d *curation.HighlightDraft) { d.Target = fmt.Sprintf("thread:%d", hidden) },
		"a hidden post": func(d *curation.HighlightDraft) { d.Target = fmt.Sprintf("post:%d", hiddenPost) },
		"held":          func(d *curation.HighlightDraft) { d.Target = fmt.Sprintf("thread:%d", held) },
		"deleted":       func(d *curation.HighlightDraft) { d.Target = fmt.Sprintf("thread:%d", gone) },
		"already": func(d *curation.HighlightDraft) {
			d.Target = fmt.Sprintf("https://moothall.example/threads/%d-who-has", thread)
		},
		"its first post": func(d *curation.HighlightDraft) {
			d.Target = fmt.Sprintf("post:%d", h.number(`select min(id) from posts where thread_id = $1`, thread))
		},
		"absent":  func(d *curation.HighlightDraft) { d.Target = "thread:999999" },
		"nothing": func(d *curation.HighlightDraft) { d.Target = "bins" },
	} {
		draft := h.draft("thread", thread)
		change(&draft)
		if _, err := h.Highlight(ctx, h.cora, draft); !slices.Equal(refused(err), []string{"target"}) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	other := h.ask(h.ben, "Another")
	for _, days := range [][2]string{{"0000-01-01", "0000-01-05"}, {"1999-12-30", "1999-12-31"}, {"9999-12-01", "9999-12-31"}} { // of which the database has not the first
		draft := h.draft("thread", other)
		draft.From, draft.Until = days[0], days[1]
		if _, err := h.Highlight(ctx, h.cora, draft); !slices.Equal(refused(err), []string{"from", "until"}) {
			t.Errorf("from %s: got %v", days[0], err)
		}
	}
	for field, change := range map[string]func(*curation.HighlightDraft){
		"title": func(d *curation.HighlightDraft) { d.Title = "" }, "note": func(d *curation.HighlightDraft) { d.Note = strings.Repeat("x", 2001) },
		"grade": func(d *curation.HighlightDraft) { d.Grade = "" }, "image": func(d *curation.HighlightDraft) { d.Image = "cat" },
		"lang": func(d *curation.HighlightDraft) { d.Lang = "fr" }, "from": func(d *curation.HighlightDraft) { d.From = "soon" }, "until": func(d *curation.HighlightDraft) { d.Until = "" },
	} {
		draft := h.draft("thread", other)
		change(&draft)
		if _, err := h.Highlight(ctx, h.cora, draft); !slices.Equal(refused(err), []string{field}) {
			t.Errorf("%s: got %v", field, err)
		}
	}
	for who, p := range map[string]forum.Person{"a colleague": h.ada, "a moderator": mod, "a visitor": visitor} {
		_, err := h.Highlight(ctx, p, h.draft("thread", other))
		h.is(who, err, forum.ErrForbidden)
	}
}

// What is hidden, deleted or kept to councils is gone from every list at once; shown
// again, it is back.
func TestAHighlightGoesWithWhatItShows(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mod := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mo", "Southmoor"), forum.Moderator)
	thread := h.ask(h.ada, "Who has moved bins online?")
	post := h.reply(h.ben, thread, "We did.").ID
	id, err := h.Highlight(ctx, h.cora, h.draft("post", post))
	h.must(err)
	seen := func(want bool) {
		t.Helper()
		feed, err := h.Feed(ctx)
		h.must(err)
		_, err = h.Highlighted(ctx, visitor, id)
		if there := len(h.atHome()) == 1; there != want || (len(h.shown(h.cora)) == 1) != want || (len(feed) == 1) != want || (err == nil) != want {
			t.Errorf("at home %v, in the feed %d, by itself %v; want %v", there, len(feed), err, want)
		}
	}
	seen(true)
	h.must(h.care.HidePost(ctx, mod, post, true, "It names a resident"))
	seen(false)
	h.must(h.care.HidePost(ctx, mod, post, false, "A slip"))
	seen(true)
	h.must(h.care.Hide(ctx, mod, thread, true, "It names a resident"))
	seen(false)
	h.must(h.care.Hide(ctx, mod, thread, false, "A slip"))
	seen(true)
	_, err = h.Delete(ctx, h.ben, post)
	h.must(err)
	seen(false)
}

// A highlight shows from its first day to its last in London; on the front page for four
// weeks. Its own page stays, and says that it was.
func TestAHighlightHasItsDays(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	draft := h.draft("thread", h.ask(h.ada, "Who has moved bins online?"))
	day := func(n int) string { return h.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	draft.From, draft.Until = day(3), day(40)
	preview := day(3)
	id, err := h.Highlight(ctx, h.cora, draft)
	h.must(err)
	_, err = h.Highlighted(ctx, visitor, id)
	h.is("before its time", err, forum.ErrNotFound)
	p, err := h.HighlightsPage(ctx, h.cora, 0)
	h.must(err)
	if len(p.Coming) != 1 || len(h.atHome()) != 0 {
		t.Errorf("%d are to come, %d are at home", len(p.Coming), len(h.atHome()))
	}
	for on, want := range map[string]int{preview: 1, day(2): 0, day(30): 1, day(31): 0, "soon": 0} {
		front, err := h.PreviewPage(ctx, h.cora, on)
		if err != nil || len(front.Highlights) != want {
			t.Errorf("on %s there are %d (%v), want %d", on, len(front.Highlights), err, want)
		}
	}
	_, err = h.PreviewPage(ctx, h.ada, preview)
	h.is("a colleague looks ahead", err, forum.ErrForbidden)
	h.clock.Advance(3 * 24 * time.Hour)
	if len(h.atHome()) != 1 || len(h.shown(visitor)) != 1 {
		t.Error("it does not show on its first day")
	}
	h.clock.Advance(28 * 24 * time.Hour)
	if len(h.atHome()) != 0 || len(h.shown(visitor)) != 1 {
		t.Error("after four weeks it is on the front page, or not in the list")
	}
	h.clock.Advance(10 * 24 * time.Hour)
	one, err := h.Highlighted(ctx, visitor, id)
	h.must(err)
	p, err = h.HighlightsPage(ctx, visitor, 0)
	h.must(err)
	if one.Live || len(p.Now) != 0 || len(p.Past) != 1 {
		t.Errorf("after its last day there are %d now and %d of the past", len(p.Now), len(p.Past))
	}
}

// A curator puts highlights in order, each step one place and never past an end; of two at
// once none is lost.
func TestHighlightsArePutInOrder(t *testing.T) {
	t.Parallel()
	h := open(t)
	var ids []int64
	for n := range 4 {
		ids = append([]int64{h.highlight(h.ask(h.ada, fmt.Sprintf("Question %d?", n)))}, ids...)
	}
	move := func(id int64, to string, want ...int) {
		t.Helper()
		h.must(h.MoveHighlight(t.Context(), h.cora, id, to))
		var order []int64
		for _, n := range want {
			order = append(order, ids[n])
		}
		if got := h.shown(visitor); !slices.Equal(got, order) {
			t.Errorf("%s: got %v, want %v", to, got, order)
		}
	}
	move(ids[3], "up", 0, 1, 3, 2)
	move(ids[0], "up", 0, 1, 3, 2)
	move(ids[2], "down", 0, 1, 3, 2)
	move(ids[0], "down", 1, 0, 3, 2)
	move(ids[2], "1", 2, 1, 0, 3)
	move(ids[2], "99", 1, 0, 3, 2)
	if err := h.MoveHighlight(t.Context(), h.cora, ids[0], "aside"); !slices.Equal(refused(err), []string{"to"}) {
		t.Errorf("aside: %v", err)
	}
	h.is("a colleague moves one", h.MoveHighlight(t.Context(), h.ada, ids[0], "up"), forum.ErrForbidden)
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			for range 5 {
				h.must(h.MoveHighlight(t.Context(), h.cora, id, "down"))
			}
		})
	}
	all.Wait()
	got := h.shown(visitor)
	slices.Sort(got)
	if slices.Sort(ids); !slices.Equal(got, ids) || h.number(`select count(distinct place) from highlights`) != 4 {
		t.Errorf("after many moves there are %v", got)
	}
}

// Of two curators who highlight the same at once one is told that it is so already; of two
// who change one at once, the second is shown what the first one made of it.
func TestTwoCuratorsAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	cleo := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Cleo", "Northmoor"), forum.Curator)
	thread := h.ask(h.ada, "Who has moved bins online?")
	both := []forum.Person{h.cora, cleo}
	said := make([]error, 2)
	var all sync.WaitGroup
	for i, who := range both {
		all.Go(func() { _, said[i] = h.Highlight(ctx, who, h.draft("thread", thread)) })
	}
	all.Wait()
	if (said[0] == nil) == (said[1] == nil) || !slices.Equal(append(refused(said[0]), refused(said[1])...), []string{"target"}) {
		t.Errorf("both highlight it: %v", said)
	}
	id := h.shown(visitor)[0]
	for i, who := range both {
		all.Go(func() {
			draft := h.draft("", 0)
			draft.Title, draft.Version = "As "+who.Name+" says", 1
			said[i] = h.ChangeHighlight(ctx, who, id, draft)
		})
	}
	all.Wait()
	if (said[0] == nil) == (said[1] == nil) {
		t.Fatalf("both change it: %v", said)
	}
	for i := range both {
		if said[i] != nil {
			h.is(both[i].Name, said[i], forum.ErrConflict)
			continue
		}
		if p, err := h.HighlightFormPage(ctx, both[i], id, curation.HighlightDraft{}); err != nil || p.Draft.Title != "As "+both[i].Name+" says" || p.Draft.Version != 2 {
			t.Errorf("it says %+v (%v)", p.Draft, err)
		}
	}
}

// Whoever wrote it may take it down, without a reason: then nothing says that it was
// highlighted but to the team, and nobody puts it up again from the log.
func TestAnAuthorMaySayNo(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	thread := h.ask(h.ada, "Who has moved bins online?")
	id := h.highlight(thread)
	if one, err := h.Highlighted(ctx, h.ada, id); err != nil || !one.Own {
		t.Errorf("it is not hers (%v)", err)
	}
	h.is("somebody else", h.EndHighlight(ctx, h.ben, id, ""), forum.ErrForbidden)
	h.is("a visitor", h.EndHighlight(ctx, visitor, id, ""), forum.ErrForbidden)
	h.must(h.EndHighlight(ctx, h.ada, id, ""))
	ended := h.last()
	_, err := h.Highlighted(ctx, visitor, id)
	h.is("its page", err, forum.ErrNotFound)
	p, err := h.HighlightsPage(ctx, visitor, 0)
	h.must(err)
	team, err := h.HighlightsPage(ctx, h.cora, 0)
	h.must(err)
	if len(p.Now)+len(p.Past) != 0 || len(team.Past) != 1 || !team.Past[0].Objected {
		t.Errorf("everybody sees %v and the team %+v", p, team.Past)
	}
	h.is("it is put up again", h.undo(h.cora, ended), forum.ErrConflict)
	if _, err := h.Highlight(ctx, h.cora, h.draft("thread", thread)); !slices.Equal(refused(err), []string{"target"}) {
		t.Errorf("it is highlighted anew: %v", err)
	}
	post := h.reply(h.ben, thread, "We did.").ID
	if _, err := h.Highlight(ctx, h.cora, h.draft("post", post)); err != nil {
		t.Errorf("what somebody else wrote there is not: %v", err)
	}
	opening := h.number(`select min(id) from posts where thread_id = $1`, thread)
	h.must(h.merge(thread, h.ask(h.ben, "Bins?")))
	if _, err := h.Highlight(ctx, h.cora, h.draft("post", opening)); !slices.Equal(refused(err), []string{"target"}) {
		t.Errorf("moved, it is highlighted: %v", err)
	}
}

// A highlight follows what it shows: into the thread that it was merged into, and back.
func TestAHighlightFollowsItsThread(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	into, thread := h.ask(h.ada, "Who has moved bins online?"), h.ask(h.ben, "Bins online?")
	id := h.highlight(thread)
	_, err := h.Merge(ctx, h.cora, thread, curation.MergeDraft{Into: fmt.Sprint(into), Reason: "The same"})
	h.must(err)
	if one, err := h.Highlighted(ctx, visitor, id); err != nil || one.ThreadID != into || one.AuthorName != "Ben" {
		t.Errorf("it leads to %d, of %q (%v)", one.ThreadID, one.AuthorName, err)
	}
	h.must(h.undo(h.cora, h.last()))
	if one, err := h.Highlighted(ctx, visitor, id); err != nil || one.ThreadID != thread {
		t.Errorf("put back it leads to %d (%v)", one.ThreadID, err)
	}
}
