package forum_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// read is a page of a thread as somebody sees it.
func read(t *testing.T, store *forum.Store, who forum.Person, thread int64, page int) forum.ThreadPage {
	t.Helper()
	p, err := store.ThreadPage(t.Context(), who, thread, page, 0)
	if err != nil {
		t.Fatalf("reading page %d of thread %d: %v", page, thread, err)
	}
	return p
}

var visitor = forum.Person{Standing: forum.Visitor}

// A question that is asked is there for everybody, with its words, its author's
// name, job and council, and its topics.
func TestWhatIsAskedIsThere(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	id := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "  Who has moved\nplanning notices online? ", Body: "We **start** in May.",
		Topics: []string{"waste-management", "forms", "waste-management"}})

	p := read(t, store, visitor, id, 1)
	if p.Thread.Title != "Who has moved planning notices online?" || p.Thread.Slug != "who-has-moved-planning-notices-online" {
		t.Errorf("got title %q, slug %q", p.Thread.Title, p.Thread.Slug)
	}
	if len(p.Posts) != 1 || p.Posts[0].Number != 1 || !strings.Contains(string(p.Posts[0].HTML), "<strong>start</strong>") {
		t.Fatalf("got posts %+v", p.Posts)
	}
	post := p.Posts[0]
	if post.AuthorName != "Ada" || post.JobTitle != "Digital officer" || post.CouncilName != "Northmoor District Council" {
		t.Errorf("got author %q, %q, %q", post.AuthorName, post.JobTitle, post.CouncilName)
	}
	if len(p.Topics) != 2 || p.Topics[0].Slug != "waste-management" {
		t.Errorf("got topics %+v, want two, waste management first", p.Topics)
	}
	if p.CanReply || p.WhyNot != "thread.sign_in_to_reply" {
		t.Errorf("a visitor: got can reply %v, why not %q", p.CanReply, p.WhyNot)
	}
}

// Posts are numbered 1, 2, 3 … with no gap, however many people press the button at once.
func TestRepliesAtOnceAreNumberedInTurn(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, store, ada, "Who has moved planning notices online?")

	var people []forum.Person
	for n := range 50 {
		people = append(people, forumtest.Person(t, store, fmt.Sprintf("Ben %d", n), "Southmoor"))
	}
	var wg sync.WaitGroup
	numbers := make([]int, len(people))
	for n, ben := range people {
		wg.Go(func() {
			posted, err := store.Reply(context.Background(), ben, thread, forum.PostDraft{Body: fmt.Sprint("We did, ", n)})
			if err != nil {
				t.Errorf("reply %d: %v", n, err)
			}
			numbers[n] = posted.Number
		})
	}
	wg.Wait()

	seen := map[int]bool{}
	for _, n := range numbers {
		seen[n] = true
	}
	for n := 2; n <= len(people)+1; n++ {
		if !seen[n] {
			t.Errorf("nobody got number %d", n)
		}
	}
	p := read(t, store, visitor, thread, 3)
	if p.Thread.Replies != 50 || p.Thread.Others != 50 || p.Pages != 3 || len(p.Posts) != 11 {
		t.Errorf("got %d replies, %d by others, %d pages, %d posts on the last", p.Thread.Replies, p.Thread.Others, p.Pages, len(p.Posts))
	}
}

// A form sent twice makes one post, also when both arrive at once; with other
// words under the same key it is a conflict.
func TestAFormSentTwicePostsOnce(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, store, ada, "Who has moved planning notices online?")
	ctx := forum.WithKey(t.Context(), forum.Key{Value: "k1", Content: []byte("we did")})

	var wg sync.WaitGroup
	answers := make([]forum.Posted, 8)
	for n := range answers {
		wg.Go(func() {
			var err error
			if answers[n], err = store.Reply(ctx, ada, thread, forum.PostDraft{Body: "We did."}); err != nil {
				t.Errorf("try %d: %v", n, err)
			}
		})
	}
	wg.Wait()
	for n, got := range answers {
		if got != answers[0] || got.Number != 2 {
			t.Errorf("try %d: got %+v, want the first answer %+v, number 2", n, got, answers[0])
		}
	}
	if p := read(t, store, ada, thread, 1); len(p.Posts) != 2 {
		t.Errorf("got %d posts, want 2", len(p.Posts))
	}

	other := forum.WithKey(t.Context(), forum.Key{Value: "k1", Content: []byte("something else")})
	if _, err := store.Reply(other, ada, thread, forum.PostDraft{Body: "Something else."}); !errors.Is(err, forum.ErrTwice) {
		t.Errorf("other words under the key: got %v, want ErrTwice", err)
	}
}

// A form that was refused has not used up its key.
func TestARefusedFormKeepsItsKey(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, store, ada, "Who has moved planning notices online?")
	ctx := forum.WithKey(t.Context(), forum.Key{Value: "k1", Content: []byte("x")})

	if _, err := store.Reply(ctx, ada, thread, forum.PostDraft{}); !errors.As(err, new(forum.Invalid)) {
		t.Fatalf("an empty reply: got %v, want Invalid", err)
	}
	if _, err := store.Reply(ctx, ada, thread, forum.PostDraft{Body: "We did."}); err != nil {
		t.Errorf("the mended form: %v", err)
	}
}

// Over the limit a post is refused with the time from which it is allowed, and
// fifty forms at once get no more through than one after another.
func TestPeopleAreKeptToAPace(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{Limits: true})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, store, ada, "Who has moved planning notices online?")

	var wg sync.WaitGroup
	var lock sync.Mutex
	posted := 0
	for range 20 {
		wg.Go(func() {
			_, err := store.Reply(context.Background(), ada, thread, forum.PostDraft{Body: "We did."})
			lock.Lock()
			defer lock.Unlock()
			if err == nil {
				posted++
			} else if !errors.Is(err, forum.ErrTooMany) {
				t.Errorf("got %v, want ErrTooMany", err)
			}
		})
	}
	wg.Wait()
	if posted != 9 {
		t.Errorf("got %d replies beside the question, want 9: ten a minute", posted)
	}
	_, err := store.Reply(t.Context(), ada, thread, forum.PostDraft{Body: "Again."})
	much := new(forum.TooMany)
	if !errors.As(err, &much) || !much.Until.Equal(forumtest.Noon.Add(time.Minute)) {
		t.Errorf("got %v, want TooMany until a minute past noon", err)
	}
	clock.Advance(time.Minute)
	if _, err := store.Reply(t.Context(), ada, thread, forum.PostDraft{Body: "Again."}); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

// A reply that is refused says why, and leaves nothing behind.
func TestRefusedReplies(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	cleo := forumtest.NewcomerOf(t, store, "Cleo", "Southmoor")
	sue := forumtest.SupplierOf(t, store, "Sue", "Binsoft")
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Northmoor"), forum.Curator)
	open := forumtest.Thread(t, store, ada, "Open")
	councils := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "For councils", Visibility: "councils"})
	noSelling := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "No suppliers", Suppliers: false})
	selling := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Suppliers welcome", Suppliers: true})
	held := forumtest.Thread(t, store, cleo, "Held")
	closed := forumtest.Thread(t, store, ada, "Closed")
	if err := store.Close(t.Context(), cora, closed, true, "The guide has replaced it."); err != nil {
		t.Fatal(err)
	}
	before := count(t, db)

	for _, c := range []struct {
		name   string
		who    forum.Person
		thread int64
		body   string
		want   error
	}{
		{"a visitor", visitor, open, "We did.", forum.ErrForbidden},
		{"a visitor, of councils only", visitor, councils, "We did.", forum.ErrNotFound},
		{"a supplier, of councils only", sue, councils, "We did.", forum.ErrNotFound},
		{"a supplier, where they are not wanted", sue, noSelling, "We did.", forum.ErrForbidden},
		{"a newcomer, of councils only", cleo, councils, "We did.", forum.ErrNotFound},
		{"a colleague, of a held thread", ben, held, "We did.", forum.ErrNotFound},
		{"a colleague, of a closed thread", ben, closed, "We did.", forum.ErrForbidden},
		{"of a thread that is not there", ben, 1 << 40, "We did.", forum.ErrNotFound},
		{"without words", ben, open, " \n\t", forum.Invalid{}},
		{"over the limit", ben, open, strings.Repeat("ŵ", 60001), forum.Invalid{}},
		{"over 64 KB", ben, open, strings.Repeat("𝔘", 20000), forum.Invalid{}},
		{"without words, where one may not post", visitor, open, "", forum.ErrForbidden},
	} {
		_, err := store.Reply(t.Context(), c.who, c.thread, forum.PostDraft{Body: c.body})
		if !isKind(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	if after := count(t, db); after != before {
		t.Errorf("got %d rows after the refusals, want %d as before", after, before)
	}
	if _, err := store.Reply(t.Context(), sue, selling, forum.PostDraft{Body: "We make one."}); err != nil {
		t.Errorf("a supplier, where they are welcome: %v", err)
	}
}

func isKind(err, want error) bool {
	if _, ok := want.(forum.Invalid); ok {
		return errors.As(err, new(forum.Invalid))
	}
	return errors.Is(err, want)
}

// A quote shows the words as they are now, and nothing of a post that was hidden.
func TestAQuoteGoesWithItsPost(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Northmoor"), forum.Moderator)
	thread := forumtest.Thread(t, store, ada, "Who has moved planning notices online?")
	second := forumtest.Reply(t, store, ben, thread, "Mrs Canary of 1 High Street asked for it.")
	if _, err := store.Reply(t.Context(), ada, thread, forum.PostDraft{Body: "Thank you.", Quote: 2}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, store, visitor, thread, 1).Posts[2]; got.ReplyTo != 2 || got.ReplyToName != "Ben" || !strings.Contains(got.Quote, "Canary") {
		t.Fatalf("got reply to %d of %q, quoting %q", got.ReplyTo, got.ReplyToName, got.Quote)
	}
	err := store.Do(t.Context(), mona, func(d *forum.Deed) error {
		p, _, err := d.Post(t.Context(), second.ID)
		if err != nil {
			return err
		}
		return d.SetPostHidden(t.Context(), p, true, forum.Entry{Reason: "It names a resident."})
	})
	if err != nil {
		t.Fatal(err)
	}
	p := read(t, store, visitor, thread, 1)
	if got := p.Posts[2].Quote; got != "" {
		t.Errorf("the quote of a hidden post still says %q", got)
	}
	if hidden := p.Posts[1]; hidden.HTML != "" || hidden.Shows || hidden.HiddenWhy != "" || hidden.Number != 2 {
		t.Errorf("a visitor sees of the hidden post: %+v", hidden)
	}
	if p.Thread.Others != 0 || p.Thread.Replies != 1 {
		t.Errorf("got %d replies, %d by others, want 1 and 0", p.Thread.Replies, p.Thread.Others)
	}
	if own := read(t, store, ben, thread, 1).Posts[1]; !own.Shows || own.HiddenWhy == "" {
		t.Errorf("its author is not told: %+v", own)
	}
}

// Who may edit is the author, and with a reason the team; every version is kept;
// an edit of an old version comes back with the new one.
func TestEditing(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Northmoor"), forum.Curator)
	thread := forumtest.Thread(t, store, ada, "Who has moved planning notices online?")
	opening := read(t, store, ada, thread, 1).Posts[0].ID

	edit := func(who forum.Person, version int, reason string) error {
		_, err := store.Edit(t.Context(), who, opening, forum.EditDraft{Title: "Who has moved notices online?",
			Topics: []string{"forms"}, Body: "Changed by " + who.Name, Version: version, Reason: reason})
		return err
	}
	if err := edit(ben, 1, "I know better."); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("a stranger: got %v, want ErrForbidden", err)
	}
	if err := edit(ada, 1, ""); err != nil {
		t.Fatalf("the author: %v", err)
	}
	p := read(t, store, visitor, thread, 1)
	if p.Thread.Title != "Who has moved notices online?" || p.Thread.TopicSlug != "forms" || len(p.Topics) != 1 || p.Posts[0].EditedAt != nil {
		t.Errorf("a minute after posting: got %q in %q (%d topics), edited %v", p.Thread.Title, p.Thread.TopicSlug, len(p.Topics), p.Posts[0].EditedAt)
	}
	clash := new(forum.Conflict)
	if err := edit(ada, 1, ""); !errors.As(err, &clash) || clash.Version != 2 || clash.Body != "Changed by Ada" {
		t.Errorf("an old version: got %v (%+v)", err, clash)
	}
	if err := edit(cora, 2, ""); !errors.As(err, new(forum.Invalid)) {
		t.Errorf("the team without a reason: got %v, want Invalid", err)
	}
	clock.Advance(10 * time.Minute)
	if err := edit(cora, 2, "Said what it is about."); err != nil {
		t.Errorf("the team with a reason: %v", err)
	}
	if got := read(t, store, visitor, thread, 1).Posts[0]; got.EditedAt == nil {
		t.Error("an edit by the team leaves no mark")
	}
	var versions, entries int
	if err := db.QueryRow(t.Context(), `select (select count(*) from revisions), (select count(*) from entries where deed = 'edited_post')`).Scan(&versions, &entries); err != nil {
		t.Fatal(err)
	}
	if versions != 2 || entries != 1 {
		t.Errorf("got %d kept versions, %d entries, want 2 and 1", versions, entries)
	}
}

// What its author deletes is gone; a thread that others have answered stays, with
// a tombstone.
func TestDeleting(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	alone := forumtest.Thread(t, store, ada, "Nobody has answered")
	answered := forumtest.Thread(t, store, ada, "Ben has answered")
	reply := forumtest.Reply(t, store, ben, answered, "We did.")

	if _, err := store.Delete(t.Context(), ben, read(t, store, ada, alone, 1).Posts[0].ID); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("by a stranger: got %v, want ErrForbidden", err)
	}
	for _, thread := range []int64{alone, answered} {
		if _, err := store.Delete(t.Context(), ada, read(t, store, ada, thread, 1).Posts[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.ThreadPage(t.Context(), visitor, alone, 1, 0); !errors.Is(err, forum.ErrGone) {
		t.Errorf("the thread nobody answered: got %v, want ErrGone", err)
	}
	p := read(t, store, visitor, answered, 1)
	if !p.Posts[0].Deleted || p.Posts[0].HTML != "" || len(p.Posts) != 2 {
		t.Errorf("the thread that was answered: got %+v", p.Posts)
	}
	if _, err := store.Delete(t.Context(), ben, reply.ID); err != nil {
		t.Fatal(err)
	}
	if p := read(t, store, visitor, answered, 1); p.Thread.Replies != 0 || !p.Posts[1].Deleted {
		t.Errorf("got %d replies, want none", p.Thread.Replies)
	}
	if _, err := store.Delete(t.Context(), ben, reply.ID); !errors.Is(err, forum.ErrGone) {
		t.Errorf("a second time: got %v, want ErrGone", err)
	}
}
