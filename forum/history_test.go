package forum_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/wording"
)

func historyOf(t *testing.T, store *forum.Store, who forum.Person, post int64) forum.HistoryPage {
	t.Helper()
	p, err := store.HistoryPage(t.Context(), who, post, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// edit changes a post from its newest version on.
func edit(t *testing.T, store *forum.Store, who forum.Person, post int64, draft forum.EditDraft) {
	t.Helper()
	p, err := store.EditPage(t.Context(), who, post)
	if err != nil {
		t.Fatal(err)
	}
	draft.Version = p.Post.Version
	if p.Opening && draft.Title == "" {
		draft.Title = p.Thread.Title
	}
	if p.Opening && draft.Topics == nil {
		draft.Topics = p.Topics
	}
	if _, err := store.Edit(t.Context(), who, post, draft); err != nil {
		t.Fatal(err)
	}
}

// said is everything that a page of history says, to look for words in.
func said(p forum.HistoryPage) string { return fmt.Sprintf("%+v", p) }

// setHidden hides a post or shows it again.
func setHidden(t *testing.T, store *forum.Store, mona forum.Person, post int64, on bool) {
	t.Helper()
	err := store.Do(t.Context(), mona, func(d *forum.Deed) error {
		p, thread, err := d.Post(t.Context(), post)
		if err != nil {
			return err
		}
		if p.Opening {
			return d.SetHidden(t.Context(), thread, on, forum.Entry{Reason: "It names a resident."})
		}
		return d.SetPostHidden(t.Context(), p, on, forum.Entry{Reason: "It names a resident."})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The history of a post tells who wrote what and when, and what each edit changed, of
// an opening post the title and topics too; an edit by the team shows on the post.
func TestHistoryTellsWhoChangedWhat(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Southmoor"), forum.Curator)
	thread := forumtest.Thread(t, store, ada, "Who has moved bins online?")
	opening := read(t, store, ada, thread, 1).Posts[0].ID
	if p := historyOf(t, store, visitor, opening); len(p.Versions) != 1 || !p.Versions[0].Now || !p.Versions[0].First {
		t.Errorf("before any edit: %+v", p.Versions)
	}
	clock.Advance(time.Hour)
	edit(t, store, ada, opening, forum.EditDraft{Title: "Who has moved bins online, and how?", Body: "Who has done this, and what would you change?"})
	clock.Advance(time.Hour)
	edit(t, store, cora, opening, forum.EditDraft{Topics: []string{"forms", "waste-management"}, Body: "Who has done this, and what would you change?", Reason: "It is about forms."})

	p := historyOf(t, store, visitor, opening)
	if len(p.Versions) != 3 {
		t.Fatalf("got %d versions, want 3", len(p.Versions))
	}
	team, own, first := p.Versions[0], p.Versions[1], p.Versions[2]
	if !team.Now || !team.ByTeam || team.EditorName != "Cora" || team.CouncilName != "Southmoor Borough Council" || team.JobTitle != "Digital officer" ||
		team.Reason != "It is about forms." || team.Changes.Body != nil || team.Changes.Title != nil || !team.At.Equal(clock.Now()) {
		t.Errorf("the team's edit: %+v", team)
	}
	if got := team.Changes.Topics; len(got) != 2 || got[0].Kind != wording.Added || got[1].Kind != wording.Same {
		t.Errorf("its topics: %+v", got)
	}
	if own.ByTeam || own.EditorName != "Ada" || own.CouncilName != "Northmoor District Council" || own.Changes.Title == nil || own.Changes.Topics != nil || own.Changes.Body == nil {
		t.Errorf("the author's edit: %+v", own)
	}
	if !first.First || first.Number != 1 || !first.At.Equal(forumtest.Noon) || !strings.Contains(first.Changes.Body[0].Text, "differently") {
		t.Errorf("what it said at first: %+v", first)
	}
	post := read(t, store, visitor, thread, 1).Posts[0]
	if post.TeamEditedAt == nil || post.TeamEditedWhy != "It is about forms." || post.EditedAt == nil {
		t.Errorf("the post does not tell of it: %+v", post)
	}
}

// An edit by the author within five minutes leaves no mark and no words, but raises
// the version; not so when somebody has replied or edited before it, nor later.
func TestFiveQuietMinutes(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Southmoor"), forum.Curator)
	quiet := func(name string, before func(thread, post int64), versions int) {
		t.Helper()
		thread := forumtest.Thread(t, store, ada, name)
		post := forumtest.Reply(t, store, ada, thread, "A slip, canaryslip.").ID
		before(thread, post)
		version := historyOf(t, store, ada, post).Post.Version
		edit(t, store, ada, post, forum.EditDraft{Body: "No slip."})
		p := historyOf(t, store, visitor, post)
		if len(p.Versions) != versions || (p.Post.EditedAt != nil) != (versions > 1) {
			t.Errorf("%s: got %d versions, edited %v; want %d", name, len(p.Versions), p.Post.EditedAt, versions)
		}
		if p.Post.Version != version+1 {
			t.Errorf("%s: got version %d, want %d", name, p.Post.Version, version+1)
		}
		if _, err := store.Edit(t.Context(), ada, post, forum.EditDraft{Body: "Late.", Version: version}); !errors.Is(err, forum.ErrConflict) {
			t.Errorf("%s: an edit of the version before: got %v, want ErrConflict", name, err)
		}
		if versions == 1 && strings.Contains(said(p), "canaryslip") {
			t.Errorf("%s: the history has the slip", name)
		}
	}
	quiet("at once", func(int64, int64) {}, 1)
	quiet("twice", func(_, post int64) { edit(t, store, ada, post, forum.EditDraft{Body: "Another slip."}) }, 1)
	quiet("with a later post of her own", func(thread, _ int64) { forumtest.Reply(t, store, ada, thread, "And more.") }, 1)
	quiet("after a reply", func(thread, _ int64) { forumtest.Reply(t, store, ben, thread, "I read that.") }, 2)
	quiet("after the team", func(_, post int64) { edit(t, store, cora, post, forum.EditDraft{Body: "Theirs.", Reason: "Why not"}) }, 3)
	quiet("after five minutes", func(int64, int64) { clock.Advance(5 * time.Minute) }, 2)
	var kept int
	if err := db.QueryRow(t.Context(), `select count(*) from revisions where quiet and body <> ''`).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("%d quiet edits kept their words (%v)", kept, err)
	}
}

// The history is read by whoever may read the post, and by nobody else; what was
// replaced while it was held or hidden stays its author's and the team's.
func TestHistoryShowsNothingThatThePostDoesNot(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	eve := forumtest.NewcomerOf(t, store, "Eve", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	thread := forumtest.Thread(t, store, ada, "Bins?")
	councils := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "For councils", Visibility: "councils"})
	post := forumtest.Reply(t, store, ada, thread, "Canaryfirst rang.").ID
	held := forumtest.Reply(t, store, eve, thread, "Canaryheld rang.").ID
	private := forumtest.Reply(t, store, ada, councils, "Ours.").ID
	clock.Advance(time.Hour)
	edit(t, store, ada, post, forum.EditDraft{Body: "Canarysecond rang."})
	edit(t, store, eve, held, forum.EditDraft{Body: "Canaryheldtoo rang."})
	edit(t, store, mona, held, forum.EditDraft{Body: "A resident rang.", Reason: "It named her."})
	setHidden(t, store, mona, post, true)
	for _, c := range []struct {
		name string
		who  forum.Person
		post int64
		want error
	}{
		{"a visitor, of what is for councils", visitor, private, forum.ErrNotFound},
		{"a newcomer, of what is for councils", eve, private, forum.ErrNotFound},
		{"a colleague, of what is for councils", ben, private, nil},
		{"a visitor, of what is held", visitor, held, forum.ErrNotFound},
		{"a colleague, of what is held", ben, held, forum.ErrNotFound},
		{"its author, of what is held", eve, held, nil},
		{"a visitor, of what is hidden", visitor, post, forum.ErrNotFound},
		{"a colleague, of what is hidden", ben, post, forum.ErrNotFound},
		{"its author, of what is hidden", ada, post, nil},
		{"a moderator, of what is hidden", mona, post, nil},
		{"of what is not there", mona, 1 << 40, forum.ErrNotFound},
	} {
		if _, err := store.HistoryPage(t.Context(), c.who, c.post, 0); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	clock.Advance(time.Hour)
	edit(t, store, mona, post, forum.EditDraft{Body: "A resident rang.", Reason: "It named her."})
	setHidden(t, store, mona, post, false)
	err := store.Do(t.Context(), mona, func(d *forum.Deed) error { return d.Publish(t.Context(), thread, held, eve.CouncilID) })
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []forum.Person{visitor, ben} {
		for _, id := range []int64{post, held} {
			p := historyOf(t, store, who, id)
			if strings.Contains(strings.ToLower(said(p)), "canary") || !p.Earlier || len(p.Versions) != 1 || !p.Versions[0].ByTeam || p.Versions[0].Reason == "" {
				t.Errorf("post %d, to others: %+v", id, p.Versions)
			}
		}
	}
	if p := historyOf(t, store, ada, post); len(p.Versions) != 3 || !p.Versions[1].Closed {
		t.Errorf("to its author: %+v", p.Versions)
	}
	if text := said(historyOf(t, store, mona, held)); strings.Contains(text, "Canaryheld ") || !strings.Contains(text, "Canaryheldtoo") {
		t.Errorf("of what was held, to the team: %s", text)
	}
	if _, err := store.Delete(t.Context(), ada, post); err != nil {
		t.Fatal(err)
	}
	for _, who := range []forum.Person{visitor, ada, mona} {
		if _, err := store.HistoryPage(t.Context(), who, post, 0); !errors.Is(err, forum.ErrGone) {
			t.Errorf("%s, of what was deleted: got %v, want ErrGone", who.Name, err)
		}
	}
}

// A long history comes in pages, on which every edit stands once, in one round trip each.
func TestALongHistoryComesInPages(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	post := forumtest.Reply(t, store, ada, forumtest.Thread(t, store, ada, "Bins?"), "Text 0, by Smith").ID
	clock.Advance(time.Hour)
	const edits = 24
	for i := range edits {
		edit(t, store, ada, post, forum.EditDraft{Body: fmt.Sprintf("Text %d, by Smith %d", i+1, i)})
		if i == 4 || i == 12 {
			redact(t, store, mona, post, fmt.Sprintf("Smith %d", i))
		}
	}
	numbers, redactions, pages := []int{}, 0, 0
	for before := 0; pages == 0 || before > 0; pages++ {
		ctx, trips := forum.Counted(t.Context())
		p, err := store.HistoryPage(ctx, visitor, post, before)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := trips.Count(); n != 1 || len(p.Versions) > 13 || p.Begun != (before > 0) {
			t.Errorf("page %d: %d versions in %d round trips", pages, len(p.Versions), n)
		}
		for _, v := range p.Versions {
			numbers = append(numbers, v.Number)
			if v.Redaction {
				redactions++
			} else if v.Changes.Body == nil {
				t.Errorf("version %d changed nothing", v.Number)
			}
		}
		before = p.Older
	}
	if len(numbers) != edits+1+2 || redactions != 2 || pages != 3 {
		t.Errorf("got %d versions and %d redactions on %d pages", len(numbers), redactions, pages)
	}
	for i := range numbers[1:] {
		if numbers[i+1] != numbers[i]-1 {
			t.Errorf("after %d comes %d", numbers[i], numbers[i+1])
		}
	}
	if _, err := store.HistoryPage(t.Context(), visitor, post, 1); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("below the first: got %v, want ErrNotFound", err)
	}
}

// A conflict says who was first, with their title, words and topics.
func TestAConflictSaysWhoWasFirst(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	thread := forumtest.Thread(t, store, ada, "Bins?")
	opening := read(t, store, ada, thread, 1).Posts[0].ID
	clash := func(who forum.Person, version int) *forum.Conflict {
		t.Helper()
		found := new(forum.Conflict)
		_, err := store.Edit(context.Background(), who, opening, forum.EditDraft{Title: "Late?", Body: "Late", Topics: []string{"forms"}, Version: version, Reason: "Why not"})
		if !errors.As(err, &found) {
			t.Fatalf("got %v, want a conflict", err)
		}
		return found
	}
	edit(t, store, ada, opening, forum.EditDraft{Body: "Mrs Smith rang."}) // quietly
	if got := clash(ada, 1); !got.Own || got.EditorName != "Ada" || got.Redacted {
		t.Errorf("her own other page: %+v", got)
	}
	clock.Advance(time.Minute)
	edit(t, store, mona, opening, forum.EditDraft{Title: "Forms?", Body: "Mrs Smith wrote.", Topics: []string{"forms"}, Reason: "It is about forms."})
	got := clash(ada, 2)
	if got.Own || got.EditorName != "Mona" || !got.At.Equal(clock.Now()) || got.Title != "Forms?" || got.Body != "Mrs Smith wrote." || len(got.Topics) != 1 || got.Topics[0] != "forms" {
		t.Errorf("the team: %+v", got)
	}
	redact(t, store, mona, opening, "Mrs Smith")
	if got := clash(ada, 3); got.EditorName != "" || !got.Redacted || got.Version != 4 {
		t.Errorf("after a redaction alone: %+v", got)
	}
	if got := clash(ada, 0); !got.Redacted || got.EditorName != "Mona" {
		t.Errorf("without a version: %+v", got)
	}
}

// Of long texts a page tells of fewer, so that nobody can make one that costs the
// server a second; every version still stands on one of them.
func TestAHistoryOfLongTextsComesInShortPages(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	post := forumtest.Reply(t, store, ada, forumtest.Thread(t, store, ada, "Bins?"), "Short").ID
	clock.Advance(time.Hour)
	const edits = 7
	for i := range edits {
		edit(t, store, ada, post, forum.EditDraft{Body: strings.Repeat(strings.Repeat(fmt.Sprintf("word%d ", i), 20)+"\n\n", 380)})
	}
	versions, pages := 0, 0
	for before := 0; pages == 0 || before > 0; pages++ {
		p, err := store.HistoryPage(t.Context(), visitor, post, before)
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, v := range p.Versions {
			for _, c := range v.Changes.Body {
				size += len(c.Text)
			}
		}
		if size > 500_000 {
			t.Errorf("page %d says %d bytes", pages, size)
		}
		versions += len(p.Versions)
		before = p.Older
	}
	if versions != edits+1 || pages < 3 {
		t.Errorf("got %d versions on %d pages", versions, pages)
	}
}
