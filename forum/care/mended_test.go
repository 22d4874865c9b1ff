package care_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
)

// An entry is undone only while what it did stands: an older suspension or hiding
// does not lift a newer one.
func TestOnlyTheNewestIsUndone(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	look := care.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Northmoor"), forum.Moderator)
	thread := forumtest.Thread(t, store, ada, "A question")
	var entries []int64
	for day := range 2 {
		if err := look.Suspend(t.Context(), mona, ada.ID, forumtest.Noon.AddDate(0, 0, 7+day), "Selling"); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, last(t, db))
		clock.Advance(time.Hour)
	}
	if err := look.Undo(t.Context(), mona, entries[0], "A slip"); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("undoing the older suspension: got %v, want ErrConflict", err)
	}
	if forumtest.Again(t, store, ada).SuspendedUntil == nil {
		t.Error("the newer suspension is lifted")
	}
	if err := look.Undo(t.Context(), mona, entries[1], "A slip"); err != nil {
		t.Errorf("undoing the newer: %v", err)
	}
	for _, on := range []bool{true, false, true} {
		if err := look.Hide(t.Context(), mona, thread, on, "It names a resident"); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, last(t, db))
	}
	if err := look.Undo(t.Context(), mona, entries[2], "A slip"); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("undoing the older hiding: got %v, want ErrConflict", err)
	}
}

// A lead who let somebody in cannot put them back once they are of another council.
func TestALeadPutsBackOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := care.New(store)
	lena := forumtest.Granted(t, store, forumtest.Person(t, store, "Lena", "Northmoor"), forum.Lead)
	rob := forumtest.NewcomerOf(t, store, "Rob", "Northmoor")
	if err := look.LetIn(t.Context(), lena, rob.ID, care.LetInDraft{}); err != nil {
		t.Fatal(err)
	}
	entry := last(t, db)
	if _, err := db.Exec(t.Context(), `update people set council_id = (select id from councils where slug = 'southmoor') where id = $1`, rob.ID); err != nil {
		t.Fatal(err)
	}
	if err := look.Undo(t.Context(), lena, entry, "Not ours"); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	if got := forumtest.Again(t, store, rob).Standing; got != forum.Colleague {
		t.Errorf("Rob is a %s", got)
	}
}

// Who waits to be let in as a supplier is held to a supplier's rules; what they had
// begun before they said so stays held.
func TestASupplierIsOneFromTheStart(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := care.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Northmoor"), forum.Curator)
	sue := forumtest.NewcomerOf(t, store, "Sue", forum.NotListed)
	pitch := forumtest.Thread(t, store, sue, "Buy our bins")
	closed := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Councils, tell me", Suppliers: false})
	forumtest.Reply(t, store, sue, closed, "We sell one")
	if err := store.Join(t.Context(), sue, forum.JoinDraft{Name: "Sue", JobTitle: "Sales", Company: "Binsoft", Rules: forum.RulesVersion}); err != nil {
		t.Fatal(err)
	}
	sue = forumtest.Again(t, store, sue)
	if _, err := store.Ask(t.Context(), sue, forum.AskDraft{Title: "T", Body: "B", Topics: []string{"forms"}}); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("asking: got %v, want ErrForbidden", err)
	}
	if _, err := store.Reply(t.Context(), sue, closed, forum.PostDraft{Body: "B"}); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("replying where suppliers may not: got %v, want ErrForbidden", err)
	}
	if err := look.LetIn(t.Context(), cora, sue.ID, care.LetInDraft{}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.ThreadPage(t.Context(), visitor, pitch, 1, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("what they began: got %v, want ErrNotFound", err)
	}
	if p, err := store.ThreadPage(t.Context(), visitor, closed, 1, 0); err != nil || len(p.Posts) != 1 {
		t.Errorf("their reply shows: %+v, %v", p.Posts, err)
	}
}

// Somebody without a council is let in to one that the curator names, by its word
// or its name.
func TestLettingInToACouncilByName(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Northmoor"), forum.Curator)
	for n, named := range []string{"southmoor", " southmoor BOROUGH council "} {
		fay := forumtest.NewcomerOf(t, store, fmt.Sprint("Fay ", n), forum.NotListed)
		if err := care.New(store).LetIn(t.Context(), cora, fay.ID, care.LetInDraft{Council: "Southmoor Parish"}); !errors.As(err, new(forum.Invalid)) {
			t.Errorf("a council that is not there: got %v, want Invalid", err)
		}
		if err := care.New(store).LetIn(t.Context(), cora, fay.ID, care.LetInDraft{Council: named}); err != nil {
			t.Errorf("%q: %v", named, err)
		}
		if got := forumtest.Again(t, store, fay).CouncilSlug; got != "southmoor" {
			t.Errorf("%q: got council %q", named, got)
		}
	}
}

// Nobody hides a report among a hundred of their own.
func TestReportsKeepAPace(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{Limits: true})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	cleo := forumtest.NewcomerOf(t, store, "Cleo", "Southmoor")
	var threads []int64
	for n := range 5 {
		threads = append(threads, forumtest.Thread(t, store, ada, fmt.Sprint("Question ", n)))
	}
	report := func(thread int64) error { return care.New(store).Report(t.Context(), cleo, thread, 0, "Wrong") }
	for n, thread := range threads[:4] {
		if err := report(thread); (n == 3) != errors.Is(err, forum.ErrTooMany) {
			t.Errorf("report %d: got %v", n+1, err)
		}
	}
	clock.Advance(time.Minute)
	if err := report(threads[4]); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

// Roles are something on top of being a colleague: who is put back has none of
// them, not over their own waiting either, and nobody lets themselves in.
func TestWhoIsPutBackHasNoPower(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := care.New(store)
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Northmoor"), forum.Curator)
	rob := forumtest.NewcomerOf(t, store, "Rob", "Southmoor")
	sam := forumtest.NewcomerOf(t, store, "Sam", "Southmoor")
	if err := look.LetIn(t.Context(), cora, rob.ID, care.LetInDraft{}); err != nil {
		t.Fatal(err)
	}
	entry := last(t, db)
	rob = forumtest.Granted(t, store, forumtest.Again(t, store, rob), forum.Lead)
	if err := look.Undo(t.Context(), cora, entry, "A slip"); err != nil {
		t.Fatal(err)
	}
	rob = forumtest.Again(t, store, rob)
	if rob.Standing != forum.Newcomer || rob.Roles != 0 || rob.Leads != nil {
		t.Errorf("put back he is %+v", rob)
	}
	for _, p := range []forum.Person{rob, sam} {
		if err := look.LetIn(t.Context(), rob, p.ID, care.LetInDraft{}); err == nil {
			t.Errorf("put back he lets %s in", p.Name)
		}
	}
	if _, err := look.NewcomersPage(t.Context(), rob); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("put back he sees the desk: %v", err)
	}
	if forum.CanLetIn(cora, cora) {
		t.Error("a curator may let herself in")
	}
}

// A lead cannot put back who has come into the team meanwhile; an administrator can.
func TestTheTeamIsPutBackByAdministratorsAlone(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := care.New(store)
	lena := forumtest.Granted(t, store, forumtest.Person(t, store, "Lena", "Southmoor"), forum.Lead)
	adam := forumtest.Granted(t, store, forumtest.Granted(t, store, forumtest.Person(t, store, "Adam", "Northmoor"), forum.Administrator), forum.Curator)
	rob := forumtest.NewcomerOf(t, store, "Rob", "Southmoor")
	if err := look.LetIn(t.Context(), lena, rob.ID, care.LetInDraft{}); err != nil {
		t.Fatal(err)
	}
	entry := last(t, db)
	forumtest.Granted(t, store, forumtest.Again(t, store, rob), forum.Moderator)
	if err := look.Undo(t.Context(), lena, entry, "A slip"); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("his lead: got %v, want ErrForbidden", err)
	}
	if err := look.Undo(t.Context(), adam, entry, "A slip"); err != nil {
		t.Errorf("an administrator: %v", err)
	}
}

// A moderator or administrator who leads one council lets nobody into another.
func TestALeadLetsInOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	mona := forumtest.Granted(t, store, forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Northmoor"), forum.Moderator), forum.Lead)
	sam := forumtest.NewcomerOf(t, store, "Sam", "Southmoor")
	if err := care.New(store).LetIn(t.Context(), mona, sam.ID, care.LetInDraft{}); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("got %v, want ErrForbidden", err)
	}
}

// What a moderator removed while it waited gets no number when its author is let
// in; shown again, it comes in.
func TestWhatWasRemovedWhileItWaited(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := care.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Northmoor"), forum.Moderator), forum.Curator)
	eve := forumtest.NewcomerOf(t, store, "Eve", "Southmoor")
	thread := forumtest.Thread(t, store, ada, "A question")
	post := forumtest.Reply(t, store, eve, thread, "We did.")
	posts := func() int {
		p, err := store.ThreadPage(t.Context(), visitor, thread, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		return len(p.Posts)
	}
	if err := look.HidePost(t.Context(), mona, post.ID, true, "It names a resident"); err != nil {
		t.Fatal(err)
	}
	if err := look.LetIn(t.Context(), mona, eve.ID, care.LetInDraft{}); err != nil {
		t.Fatal(err)
	}
	if n := posts(); n != 1 {
		t.Errorf("%d posts, want the question alone", n)
	}
	if err := look.HidePost(t.Context(), mona, post.ID, false, "It does not"); err != nil {
		t.Fatal(err)
	}
	if n := posts(); n != 2 {
		t.Errorf("%d posts once it shows again, want 2", n)
	}
}

// Nobody publishes by letting somebody in what they have not had before them.
func TestWhatIsLetInIsWhatWasSeen(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := care.New(store)
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Northmoor"), forum.Curator)
	eve := forumtest.NewcomerOf(t, store, "Eve", "Northmoor")
	forumtest.Thread(t, store, eve, "Harmless")
	page, err := look.NewcomersPage(t.Context(), cora)
	if err != nil || len(page.Waiting) != 1 || page.Waiting[0].Seen == "" {
		t.Fatalf("%+v, %v", page, err)
	}
	seen := care.LetInDraft{Seen: page.Waiting[0].Seen}
	if _, err := store.Edit(t.Context(), eve, page.Waiting[0].Held[0].PostID, forum.EditDraft{Body: "Buy pills.", Title: "Harmless", Topics: []string{"waste-management"}, Version: 1}); err != nil {
		t.Fatal(err)
	}
	if err := look.LetIn(t.Context(), cora, eve.ID, seen); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("let in with words that changed meanwhile: got %v, want ErrConflict", err)
	}
	if page, err = look.NewcomersPage(t.Context(), cora); err != nil || len(page.Waiting) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if _, err := store.Delete(t.Context(), eve, page.Waiting[0].Held[0].PostID); err != nil {
		t.Fatal(err)
	}
	second := forumtest.Thread(t, store, eve, "Harmless too")
	if page, err = look.NewcomersPage(t.Context(), cora); err != nil || len(page.Waiting[0].Held) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if _, err := store.Delete(t.Context(), eve, page.Waiting[0].Held[0].PostID); err != nil {
		t.Fatal(err)
	}
	if third := forumtest.Thread(t, store, eve, "Buy pills"); third == second {
		t.Fatal("it is the same thread")
	}
	if err := look.LetIn(t.Context(), cora, eve.ID, care.LetInDraft{Seen: page.Waiting[0].Seen}); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("let in with a thread put in another's place: got %v, want ErrConflict", err)
	}
	if page, err = look.NewcomersPage(t.Context(), cora); err != nil || len(page.Waiting) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if err := look.LetIn(t.Context(), cora, eve.ID, care.LetInDraft{Seen: page.Waiting[0].Seen}); err != nil {
		t.Errorf("looked at anew: %v", err)
	}
}

// Who has left their council cannot change what they published there until they are
// let in somewhere; what waits with them they can, and they can take all of it back.
func TestWhoLeftChangesNothingThatIsPublic(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, store, ada, "Bins?")
	page, err := store.ThreadPage(t.Context(), ada, thread, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Leave(t.Context(), ada, forum.LeaveDraft{Sure: true}); err != nil {
		t.Fatal(err)
	}
	ada = forumtest.Again(t, store, ada)
	edit := func(id int64, title string) error {
		_, err := store.Edit(t.Context(), ada, id, forum.EditDraft{Body: "Buy pills.", Title: title, Topics: []string{"waste-management"}, Version: 1})
		return err
	}
	var no *forum.Forbidden
	if err := edit(page.Posts[0].ID, "Pills"); !errors.As(err, &no) || no.Why != "edit.newcomer" {
		t.Errorf("she changes what is public: got %v", err)
	}
	if _, err := store.EditPage(t.Context(), ada, page.Posts[0].ID); !errors.As(err, &no) || no.Why != "edit.newcomer" {
		t.Errorf("she opens the form: got %v", err)
	}
	waits, err := store.Reply(t.Context(), ada, thread, forum.PostDraft{Body: "This waits."})
	if err != nil {
		t.Fatal(err)
	}
	if err := edit(waits.ID, ""); err != nil {
		t.Errorf("she changes what waits with her: %v", err)
	}
	if _, err := store.Delete(t.Context(), ada, page.Posts[0].ID); err != nil {
		t.Errorf("she takes it back: %v", err)
	}
}
