package forum_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// typed is what a page sends of a reply.
func typed(target int64, page string, version int, words string) forum.Typed {
	return forum.Typed{Kind: forum.DraftReply, Target: target, Fields: url.Values{"body": {words}}, Page: page, Version: version}
}

// keeper saves drafts for one person and fails the test where it cannot.
type keeper struct {
	t     *testing.T
	store *forum.Store
	who   forum.Person
}

func (k keeper) save(t forum.Typed) int {
	k.t.Helper()
	saved, err := k.store.SaveDraft(k.t.Context(), k.who, t)
	if err != nil {
		k.t.Fatalf("saving %s: %v", t.Fields.Encode(), err)
	}
	return saved.Version
}

func (k keeper) page() forum.DraftsPage {
	k.t.Helper()
	p, err := k.store.DraftsPage(k.t.Context(), k.who)
	if err != nil {
		k.t.Fatal(err)
	}
	return p
}

// bodies are the words of older texts, the newest first.
func bodies(versions []forum.DraftVersion) string {
	var all []string
	for _, v := range versions {
		all = append(all, v.Values().Get("body"))
	}
	return strings.Join(all, "|")
}

// Two tabs write one reply. The older one is told, and neither text is lost; each
// may go on once it has seen the other.
func TestTwoTabsKeepBothTexts(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	k := keeper{t, store, forumtest.Person(t, store, "Ben", "Southmoor")}
	thread := forumtest.Thread(t, store, k.who, "A question")
	if v := k.save(typed(thread, "a", 0, "One")); v != 1 {
		t.Errorf("the first version is %d", v)
	}
	if v := k.save(typed(thread, "a", 0, "One, more")); v != 2 { // its answer was lost on the way
		t.Errorf("the same page saved version %d, want 2", v)
	}
	for range 2 { // the second time as well, and there is one late text of the page
		_, err := store.SaveDraft(t.Context(), k.who, typed(thread, "b", 1, "Two"))
		now := (*forum.DraftConflict)(nil)
		if !errors.As(err, &now) || !errors.Is(err, forum.ErrConflict) || now.Now.Version != 2 || now.Now.Values().Get("body") != "One, more" {
			t.Fatalf("the older tab got %v", err)
		}
	}
	if strays := k.page().Strays; bodies(strays) != "Two" || strays[0].Title != "A question" {
		t.Errorf("beside the draft is kept %+v", strays)
	}
	if v := k.save(typed(thread, "b", 2, "Two")); v != 3 {
		t.Errorf("having seen both it saved version %d, want 3", v)
	}
	p := k.page()
	if got := bodies(p.Strays) + ";" + bodies(p.Drafts[0].Older); got != ";One, more|One" {
		t.Errorf("then there is kept %q", got)
	}
	if v := k.save(typed(thread, "c", 1, "Two")); v != 3 {
		t.Errorf("the same words from a third page made version %d", v)
	}
}

// The last three texts stay, and one put back makes what stood there an older one.
func TestThreeVersionsStay(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	k := keeper{t, store, forumtest.Person(t, store, "Ben", "Southmoor")}
	for n := range 6 {
		k.save(typed(7, "", n, fmt.Sprintf("Text %d", n)))
	}
	older := k.page().Drafts[0].Older
	if got := bodies(older); got != "Text 4|Text 3|Text 2" {
		t.Fatalf("kept are %q", got)
	}
	eve := forumtest.Person(t, store, "Eve", "Northmoor")
	if _, _, err := store.PutBack(t.Context(), eve, older[2].ID); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("somebody else puts it back: %v", err)
	}
	if kind, target, err := store.PutBack(t.Context(), k.who, older[2].ID); err != nil || kind != forum.DraftReply || target != 7 {
		t.Fatalf("putting back: %v %d %v", kind, target, err)
	}
	line := k.page().Drafts[0]
	if got := line.Values().Get("body") + ";" + bodies(line.Older); got != "Text 2;Text 5|Text 4|Text 3" {
		t.Errorf("then there is %q", got)
	}
	if _, _, err := store.PutBack(t.Context(), k.who, older[2].ID); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("putting it back twice: %v", err)
	}
}

// While one page saves every few seconds, what stood a minute ago stays to go back
// to, and what words were taken from always does.
func TestSavingOftenKeepsWhatMatters(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	k := keeper{t, store, forumtest.Person(t, store, "Ben", "Southmoor")}
	long := "An hour of work"
	for n := range 9 {
		k.save(typed(7, "a", n, long+strings.Repeat(" and more", n)))
		clock.Advance(10 * time.Second)
	}
	k.save(typed(7, "a", 9, "Oh"))
	k.save(typed(7, "a", 10, "Oh no"))
	got := bodies(k.page().Drafts[0].Older)
	if first, _, _ := strings.Cut(got, "|"); first != long+strings.Repeat(" and more", 8) {
		t.Errorf("what was deleted by a slip is not there: %q", got)
	}
	if n := strings.Count(got, "|"); n > 2 {
		t.Errorf("%d versions are kept", n+1)
	}
}

// What is thrown away can be put back for ten minutes, and not by waiting longer.
func TestDiscardingCanBeUndone(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	k := keeper{t, store, forumtest.Person(t, store, "Ben", "Southmoor")}
	discard := func() {
		t.Helper()
		for range 2 { // pressed twice
			if err := store.Discard(t.Context(), k.who, forum.DraftReply, 7); err != nil {
				t.Fatal(err)
			}
		}
	}
	k.save(typed(7, "a", 0, "Words"))
	discard()
	p := k.page()
	if len(p.Drafts) != 0 || bodies(p.Discarded) != "Words" {
		t.Fatalf("thrown away, there is %v", p)
	}
	clock.Advance(9 * time.Minute)
	if _, _, err := store.PutBack(t.Context(), k.who, p.Discarded[0].ID); err != nil {
		t.Fatal(err)
	}
	discard()
	p = k.page()
	clock.Advance(10*time.Minute + time.Second)
	if _, _, err := store.PutBack(t.Context(), k.who, p.Discarded[0].ID); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("after ten minutes: %v", err)
	}
	if late := k.page(); len(late.Discarded)+len(late.Drafts) != 0 {
		t.Errorf("it still shows: %v", late)
	}
}

// Posting takes the draft away in the same deed. If another device had saved words
// that the form had not seen, those stay.
func TestPostingTakesItsOwnDraft(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	k := keeper{t, store, forumtest.Person(t, store, "Ben", "Southmoor")}
	thread := forumtest.Thread(t, store, k.who, "A question")
	reply := func(page string, knew int) {
		t.Helper()
		ctx := forum.WithKey(t.Context(), forum.Key{Value: page, Content: []byte(page), Draft: &knew})
		if _, err := store.Reply(ctx, k.who, thread, forum.PostDraft{Body: "We did."}); err != nil {
			t.Fatal(err)
		}
	}
	k.save(typed(thread, "a", 0, "We did."))
	reply("a", 1)
	if p := k.page(); len(p.Drafts)+len(p.Strays) != 0 {
		t.Errorf("after posting there is %v", p)
	}
	// A script that was saving while the form went out brings no draft back.
	late := typed(thread, "a", 0, "We did.")
	late.Auto = true
	if _, err := store.SaveDraft(t.Context(), k.who, late); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("a late save: %v", err)
	}
	k.save(typed(thread, "phone", 0, "Typed on the train."))
	reply("desk", 0)
	if p := k.page(); len(p.Drafts) != 0 || bodies(p.Strays) != "Typed on the train." {
		t.Errorf("of the other device is left %v", p)
	}
}

// Of a thread that was closed the words are there to copy; of one that is no longer
// theirs to see, without its title.
func TestDraftsOutliveTheirThread(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada, k := forumtest.Person(t, store, "Ada", "Northmoor"), keeper{t, store, forumtest.Person(t, store, "Ben", "Southmoor")}
	mod := forumtest.Granted(t, store, forumtest.Person(t, store, "Mo", "Southmoor"), forum.Moderator)
	open, closed, hidden := forumtest.Thread(t, store, ada, "Open"), forumtest.Thread(t, store, ada, "Closed"), forumtest.Thread(t, store, ada, "Hidden")
	for _, thread := range []int64{open, closed, hidden, 9999} {
		k.save(typed(thread, "", 0, "My words"))
	}
	if err := store.Close(t.Context(), mod, closed, true, "Answered"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `update threads set hidden_at = asked_at where id = $1`, hidden); err != nil {
		t.Fatal(err)
	}
	got := map[int64]string{}
	for _, l := range k.page().Drafts {
		got[l.Target] = fmt.Sprint(l.Title, " ", l.GoesOn, " ", l.Values().Get("body"))
	}
	for target, want := range map[int64]string{open: "Open true My words", closed: "Closed false My words", hidden: " false My words", 9999: " false My words"} {
		if got[target] != want {
			t.Errorf("of %d there is %q, want %q", target, got[target], want)
		}
	}
}

// Thirty saves a minute by a script, and the thirty-first waits. First saves at
// once are one draft and lose no words.
func TestSavesAreKeptToAPace(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{Limits: true})
	k := keeper{t, store, forumtest.Person(t, store, "Ben", "Southmoor")}
	paced := typed(7, "a", 0, "")
	for n := range 30 {
		paced.Fields = url.Values{"body": {fmt.Sprint(n)}}
		k.save(paced)
	}
	many := (*forum.TooMany)(nil)
	if _, err := store.SaveDraft(t.Context(), k.who, paced); !errors.As(err, &many) || !many.Until.After(clock.Now()) {
		t.Errorf("the thirty-first: %v", err)
	}
	clock.Advance(time.Minute)
	k.save(paced)

	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			defer func() { _ = recover() }()
			_, err := store.SaveDraft(t.Context(), k.who, typed(8, fmt.Sprint("tab", n), 0, fmt.Sprint("From ", n)))
			if err != nil && !errors.Is(err, forum.ErrConflict) {
				t.Errorf("at once: %v", err)
			}
		})
	}
	all.Wait()
	if p := k.page(); len(p.Drafts) != 2 || len(p.Strays) != 3 {
		t.Errorf("%d drafts and %d late texts, want 2 and 3", len(p.Drafts), len(p.Strays))
	}
}

// What nobody comes back to goes: drafts after 180 days, older texts after 30.
func TestOldDraftsAreSwept(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	k := keeper{t, store, forumtest.Person(t, store, "Ben", "Southmoor")}
	k.save(typed(7, "", 0, "One"))
	k.save(typed(7, "", 1, "Two"))
	for _, c := range []struct {
		on     time.Duration
		gone   int64
		drafts int
	}{{29 * 24 * time.Hour, 0, 1}, {2 * 24 * time.Hour, 1, 1}, {148 * 24 * time.Hour, 0, 1}, {2 * 24 * time.Hour, 1, 0}} {
		clock.Advance(c.on)
		if gone, err := store.SweepDrafts(t.Context(), 1); err != nil || gone != c.gone {
			t.Errorf("after %v: %d went, %v; want %d", c.on, gone, err, c.gone)
		}
		if p := k.page(); len(p.Drafts) != c.drafts {
			t.Errorf("after %v there are %d drafts", c.on, len(p.Drafts))
		}
	}
	k.save(typed(8, "", 0, "One"))
	if err := store.Discard(t.Context(), k.who, forum.DraftReply, 8); err != nil {
		t.Fatal(err)
	}
	clock.Advance(9 * time.Minute)
	if n, err := store.SweepDrafts(t.Context(), 1); err != nil || n != 0 {
		t.Errorf("what may yet be put back: %d went, %v", n, err)
	}
	clock.Advance(2 * time.Minute)
	if n, err := store.SweepDrafts(t.Context(), 1); err != nil || n != 1 {
		t.Errorf("what was thrown away: %d went, %v; want 1", n, err)
	}
}
