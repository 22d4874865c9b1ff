package newsletter

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// filled fills an issue, and reads it.
func (p *press) filled(id int64) Issue {
	p.t.Helper()
	p.must(p.Fill(p.t.Context(), p.cora, id, func(_ string, f Figures) string {
		return strings.Repeat("?", f.Questions) + strings.Repeat(".", f.Replies)
	}))
	i, err := p.Issue(p.t.Context(), p.cora, id)
	p.must(err)
	return i
}

// titles are what an issue leads to.
func titles(i Issue) (all []string) {
	for _, b := range i.Blocks {
		for _, item := range b.Items {
			all = append(all, item.Title)
		}
	}
	return all
}

// Filling puts in what is new and for everybody, nothing twice, and leaves what was
// written in between.
func TestFillingPutsInWhatIsNew(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	open := forumtest.Thread(t, p.Store.Store, p.ada, "Who has moved bins online?")
	forumtest.Ask(t, p.Store.Store, p.ada, forum.AskDraft{Title: "For councils only", Body: "A secret", Topics: []string{"waste-management"}, Kind: "question", Visibility: "councils", Lang: "en", Suppliers: true})
	answered := forumtest.Thread(t, p.Store.Store, p.ada, "Who has a form?")
	forumtest.Reply(t, p.Store.Store, p.cora, answered, "We have.")
	newcomer := forumtest.NewcomerOf(t, p.Store.Store, "Eve", "Northmoor")
	forumtest.Thread(t, p.Store.Store, newcomer, "It waits")
	p.clock.Advance(time.Hour)
	id, err := p.Begin(t.Context(), p.cora, IssueDraft{Subject: "News", Lang: "cy"})
	p.must(err)
	i := p.filled(id)
	if got := titles(i); !slices.Equal(got, []string{"Who has moved bins online?"}) || len(i.Blocks) != 4 || i.Blocks[0].Kind != "text" || i.Blocks[3].Body != "??." {
		t.Errorf("%v in %d blocks %+v", got, len(i.Blocks), i.Blocks)
	}
	forumtest.Thread(t, p.Store.Store, p.ada, "And another?")
	p.must(p.ChangeBlock(t.Context(), p.cora, i.Blocks[1].ID, BlockDraft{Heading: "Help", Threads: "/threads/" + number(open) + "-bins  they ask well\n", Version: 0}))
	i = p.filled(id)
	if got := titles(i); !slices.Equal(got, []string{"Who has moved bins online?", "And another?"}) || len(i.Blocks) != 4 || i.Blocks[1].Items[0].Why != "they ask well" || i.Blocks[1].Heading != "Help" {
		t.Errorf("again: %v %+v", got, i.Blocks)
	}
}

func number(n int64) string {
	return strings.TrimSpace(typed([]RawItem{{ThreadID: n}}))[len("/threads/"):]
}

// What is hidden after it was put in is in no page, feed or mail from then on, and comes
// back with it; the words that a curator wrote about it likewise.
func TestWhatIsHiddenIsInNoIssue(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(1)
	thread := forumtest.Thread(t, p.Store.Store, p.ada, "A canary sings")
	id := p.issue()
	p.must(p.AddBlock(t.Context(), p.cora, id, BlockDraft{Kind: "questions", Threads: number(thread) + " Look at the canary"}))
	p.must(p.Schedule(t.Context(), p.cora, id, "", Shown{}))
	p.must(p.Dispatch(t.Context()))
	everywhere := func() (found int) {
		page, err := p.Issue(t.Context(), forum.Person{}, id)
		p.must(err)
		mail, err := p.Content(t.Context(), id)
		p.must(err)
		feed, err := p.Feed(t.Context())
		p.must(err)
		for _, i := range []Issue{page, mail, feed[0]} {
			found += len(titles(i))
		}
		return found
	}
	if n := everywhere(); n != 3 {
		t.Fatalf("it is in %d of 3", n)
	}
	mod := forumtest.Granted(t, p.Store.Store, forumtest.Person(t, p.Store.Store, "Mo", "Northmoor"), forum.Moderator)
	for _, hide := range []string{
		`update threads set hidden_at = now() where id = $1`, `update threads set hidden_at = null, visibility = 'councils' where id = $1`,
		`update threads set visibility = 'public', deleted_at = now() where id = $1`,
	} {
		forumtest.Fill(t, p.db, hide, thread)
		if n := everywhere(); n != 0 {
			t.Errorf("%s: it is in %d", hide, n)
		}
		for _, who := range []forum.Person{p.cora, mod} {
			if i, err := p.Issue(t.Context(), who, id); err != nil || len(titles(i)) != 0 {
				t.Errorf("%s sees it in an issue", who.Name)
			}
		}
	}
	forumtest.Fill(t, p.db, `update threads set deleted_at = null where id = $1`, thread)
	if n := everywhere(); n != 3 {
		t.Errorf("shown again it is in %d of 3", n)
	}
}

// A curator cannot put in what a visitor may not see, nor what is no address; the text is
// not lost, and what somebody else changed meanwhile is not overwritten.
func TestABlockIsCheckedAndClashes(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	hidden := forumtest.Ask(t, p.Store.Store, p.ada, forum.AskDraft{Title: "For councils only", Body: "A secret", Topics: []string{"waste-management"}, Kind: "question", Visibility: "councils", Lang: "en"})
	id := p.issue()
	for threads, key := range map[string]string{
		number(hidden): "newsletters.thread_hidden", "99999": "newsletters.thread_hidden", "bins": "newsletters.thread_wrong", "https://elsewhere.example/threads/1": "newsletters.thread_wrong", "javascript:/threads/1": "newsletters.thread_wrong", "/people/3": "newsletters.thread_wrong",
		"1 " + strings.Repeat("x", 501): "newsletters.why_long",
	} {
		if bad := (forum.Invalid)(nil); !errors.As(p.AddBlock(t.Context(), p.cora, id, BlockDraft{Kind: "questions", Threads: threads}), &bad) || bad[0].Key != key {
			t.Errorf("%q: %v, want %s", threads, bad, key)
		}
	}
	for _, bad := range []BlockDraft{{Kind: "none"}, {Kind: "text", Heading: strings.Repeat("x", 151)}, {Kind: "text", Body: strings.Repeat("x", 20001)}} {
		if err := p.AddBlock(t.Context(), p.cora, id, bad); !errors.As(err, new(forum.Invalid)) {
			t.Errorf("%.40v: %v", bad, err)
		}
	}
	page, err := p.ComposePage(t.Context(), p.cora, id)
	p.must(err)
	draft := page.Draft(page.Blocks[0])
	draft.Body = "Mine"
	p.must(p.ChangeBlock(t.Context(), p.cora, page.Blocks[0].ID, draft))
	if err := p.ChangeBlock(t.Context(), p.cora, page.Blocks[0].ID, draft); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("over another's: %v", err)
	}
	p.must(p.AddBlock(t.Context(), p.cora, id, BlockDraft{Kind: "dates", Body: "Second"}))
	second := int64(p.count(`select max(id) from newsletter_blocks`))
	for range 2 {
		p.must(p.MoveBlock(t.Context(), p.cora, second, true))
	}
	if i, err := p.Issue(t.Context(), p.cora, id); err != nil || i.Blocks[0].ID != second || len(i.Blocks) != 2 {
		t.Errorf("%+v %v", i.Blocks, err)
	}
	p.must(p.MoveBlock(t.Context(), p.cora, second, false))
	p.must(p.RemoveBlock(t.Context(), p.cora, second))
	if err := p.RemoveBlock(t.Context(), p.cora, second); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

// How a text reads is told by a formula that anybody can look up.
func TestReadingAge(t *testing.T) {
	t.Parallel()
	plain := strings.Repeat("We put the bin out on the day. It was not full. ", 5)
	heavy := strings.Repeat("Notwithstanding aforementioned interdepartmental considerations, implementation responsibilities necessitate comprehensive organisational transformation programmes. ", 5)
	if age, ok := ReadingAge(plain); !ok || age > 8 {
		t.Errorf("plain: %d", age)
	}
	if age, ok := ReadingAge(heavy); !ok || age < 18 {
		t.Errorf("heavy: %d", age)
	}
	if _, ok := ReadingAge("Too short."); ok {
		t.Error("a few words tell nothing")
	}
}

// What is done with an issue is on record: who approved it, set when it goes out, paused it,
// let it go on and stopped it. What changes nothing leaves nothing.
func TestWhatIsDoneWithAnIssueIsOnRecord(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(3)
	ctx, id := t.Context(), p.issue()
	other := forumtest.Granted(t, p.Store.Store, forumtest.Person(t, p.Store.Store, "Cleo", "Southmoor"), forum.Curator)
	p.must(p.AskEyes(ctx, p.cora, id, true))
	p.filled(id)
	page, err := p.ComposePage(ctx, other, id)
	p.must(err)
	p.must(p.Approve(ctx, other, id, page.Shown()))
	p.must(p.Schedule(ctx, p.cora, id, "", Shown{}))
	p.must(p.Dispatch(ctx))
	if n, err := p.Waiting(ctx); n != 3 || err != nil {
		t.Errorf("%d letters wait (%v)", n, err)
	}
	for range 2 {
		p.must(p.Pause(ctx, p.cora, id))
	}
	p.must(p.Resume(ctx, other, id))
	p.must(p.Pause(ctx, p.cora, id))
	p.must(p.Stop(ctx, other, id))
	var got string
	p.must(p.db.QueryRow(ctx, `select string_agg(a.name || ' ' || e.deed, ', ' order by e.id) from entries e join people a on a.id = e.doer_id
		where e.deed like '%newsletter' and e.reason = (select subject from newsletters)`).Scan(&got))
	if want := "Cleo approved_newsletter, Cora scheduled_newsletter, Cora paused_newsletter, Cleo resumed_newsletter, Cora paused_newsletter, Cleo stopped_newsletter"; got != want {
		t.Errorf("on record is %q, want %q", got, want)
	}
}

// A draft that nobody wants is thrown away with all that is in it, once, and not over what
// somebody else has changed; what was sent, or is about to be, is not.
func TestADraftIsThrownAway(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	ctx, id := t.Context(), p.issue()
	page, err := p.ComposePage(ctx, p.cora, id)
	p.must(err)
	p.must(p.AddBlock(ctx, p.cora, id, BlockDraft{Kind: "text", Body: "One more"}))
	forumtest.Fill(t, p.db, `update people set proven_email = 'cora@southmoor.example' where id = $1`, p.cora.ID)
	p.must(p.Try(ctx, p.cora, id))
	for name, refused := range map[string]error{"changed since": p.ThrowAway(ctx, p.cora, id, page.Version), "of a colleague": p.ThrowAway(ctx, p.ada, id, 0)} {
		if !errors.Is(refused, forum.ErrConflict) && !errors.Is(refused, forum.ErrForbidden) {
			t.Errorf("%s: %v", name, refused)
		}
	}
	sent := p.sending()
	if err := p.ThrowAway(ctx, p.cora, sent, 0); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("what was sent: %v", err)
	}
	p.must(p.ThrowAway(ctx, p.cora, id, page.Version+1))
	if err := p.ThrowAway(ctx, p.cora, id, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("again: %v", err)
	}
	if n := p.count(`select count(*) from newsletter_blocks where newsletter_id = $1`, id); n != 0 {
		t.Errorf("%d blocks are left", n)
	}
}
