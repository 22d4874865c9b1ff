package forum_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// A newcomer who finds their council later takes what waited with them.
func TestHeldWordsComeAlong(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	id, err := store.SignIn(t.Context(), forum.Identity{Issuer: "i", Subject: "s", Email: "ada@northmoor.gov.example", EmailVerified: true})
	if err != nil {
		t.Fatal(err)
	}
	join := func(council string) forum.Person {
		t.Helper()
		who, err := store.Person(t.Context(), id)
		if err == nil {
			err = store.Join(t.Context(), who, forum.JoinDraft{Name: "Ada", JobTitle: "Officer", Council: council, Rules: forum.RulesVersion})
		}
		if err != nil {
			t.Fatal(err)
		}
		return forumtest.Again(t, store, who)
	}
	thread := forumtest.Thread(t, store, join(forum.NotListed), "Asked too soon")
	if _, err := store.ThreadPage(t.Context(), visitor, thread, 1, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Fatalf("before: got %v, want ErrNotFound", err)
	}
	join("northmoor")
	p := read(t, store, visitor, thread, 1)
	if p.Thread.CouncilSlug != "northmoor" || p.Posts[0].Number != 1 {
		t.Errorf("after: %+v", p.Thread)
	}
}

// Who writes while they are let in is not held: what counts is their standing now.
func TestStandingIsReadUnderTheLock(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	cleo := forumtest.NewcomerOf(t, store, "Cleo", "Southmoor")
	thread := forumtest.Thread(t, store, ada, "A question")
	if _, err := db.Exec(t.Context(), `update people set standing = 'colleague' where id = $1`, cleo.ID); err != nil {
		t.Fatal(err)
	}
	if posted := forumtest.Reply(t, store, cleo, thread, "Just in time"); posted.Number != 2 {
		t.Errorf("got number %d, want 2", posted.Number)
	}
}

// Who is a colleague no more sees nothing for councils only, not even what they began.
func TestAFallenColleagueSeesNoMore(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "For councils", Visibility: "councils"})
	if _, err := db.Exec(t.Context(), `update people set standing = 'newcomer' where id = $1`, ada.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := store.ThreadPage(t.Context(), forumtest.Again(t, store, ada), thread, 1, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// Numbers beyond what a column holds are numbers of nothing.
func TestHugeNumbers(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, store, ada, "A question")
	if p, err := store.ThreadPage(t.Context(), ada, thread, 1, 1<<40); err != nil || p.Quoted != nil {
		t.Errorf("a quote: %+v, %v", p.Quoted, err)
	}
	if n, err := store.Newer(t.Context(), ada, thread, 1<<40); err != nil || n != 0 {
		t.Errorf("newer: %d, %v", n, err)
	}
	if _, err := store.Reply(t.Context(), ada, thread, forum.PostDraft{Body: "B", Quote: 1 << 40}); err != nil {
		t.Errorf("a reply: %v", err)
	}
}

// A title or a name of characters that nobody sees is empty, and such characters
// make no name look like another's.
func TestNothingUnseen(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	for _, title := range []string{"\u200b", "\u202e", "\u2800", "\u3164", "\ufeff \u200d"} {
		_, err := store.Ask(t.Context(), ada, forum.AskDraft{Title: title, Body: "B", Topics: []string{"forms"}})
		if bad := (forum.Invalid)(nil); !errors.As(err, &bad) || bad[0].Key != "ask.title_empty" {
			t.Errorf("%q: got %v", title, err)
		}
	}
	eve := forumtest.NewcomerOf(t, store, "A\u200bda", "Northmoor")
	if eve.Name != "Ada" || strings.Contains(eve.Handle, "\u200b") || eve.Handle == ada.Handle {
		t.Errorf("got %q, @%s", eve.Name, eve.Handle)
	}
}

// Edits are kept to a pace, for each keeps what the post said before.
func TestEditsAreKeptToAPace(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{Limits: true})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	post := forumtest.Reply(t, store, ada, forumtest.Thread(t, store, ada, "A question"), "We did.")
	for version := 1; ; version++ {
		_, err := store.Edit(t.Context(), ada, post.ID, forum.EditDraft{Body: "We did.", Version: version})
		if err == nil {
			continue
		}
		much := new(forum.TooMany)
		if !errors.As(err, &much) || version != 21 || !much.Until.Equal(forumtest.Noon.Add(time.Minute)) {
			t.Errorf("edit %d: %v, want the 21st to wait until a minute past noon", version, err)
		}
		break
	}
	clock.Advance(time.Minute)
	if _, err := store.Edit(t.Context(), ada, post.ID, forum.EditDraft{Body: "We did.", Version: 21}); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

// What was written before a thread was closed is published when its author is let in.
func TestHeldRepliesComeIntoAClosedThread(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mod := forumtest.Granted(t, store, forumtest.Person(t, store, "Mo", "Northmoor"), forum.Moderator)
	eve := forumtest.NewcomerOf(t, store, "Eve", "Southmoor")
	thread := forumtest.Thread(t, store, ada, "A question")
	forumtest.Reply(t, store, eve, thread, "We did.")
	if err := store.Close(t.Context(), mod, thread, true, "It is answered."); err != nil {
		t.Fatal(err)
	}
	err := store.Do(t.Context(), mod, func(d *forum.Deed) error { return d.Release(t.Context(), eve) })
	if err != nil {
		t.Fatal(err)
	}
	if p := read(t, store, visitor, thread, 1); len(p.Posts) != 2 || p.Thread.Replies != 1 {
		t.Errorf("%d posts and %d replies show, want 2 and 1", len(p.Posts), p.Thread.Replies)
	}
}

// A thread tells of its topics also what they are part of.
func TestATopicIsPartOfAnArea(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	var topic, area string
	err := db.QueryRow(t.Context(), `select o.slug, u.name from topics o join topics u on u.id = o.parent_id order by o.id limit 1`).Scan(&topic, &area)
	if err != nil {
		t.Fatal(err)
	}
	thread := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "A question", Topics: []string{topic}})
	if got := read(t, store, visitor, thread, 1).Topics; len(got) != 1 || got[0].ParentName != area {
		t.Errorf("got %+v, want it to be part of %s", got, area)
	}
}

// Who fills in the joining form while they are let in stays let in; who is
// suspended meanwhile does not join.
func TestJoiningMeetsThePersonAsTheyAreNow(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	eve := forumtest.NewcomerOf(t, store, "Eve", "Southmoor")
	draft := forum.JoinDraft{Name: "Eve", JobTitle: "Head of digital", Council: "southmoor", Rules: forum.RulesVersion}
	if _, err := db.Exec(t.Context(), `update people set standing = 'colleague' where id = $1`, eve.ID); err != nil {
		t.Fatal(err)
	}
	if err := store.Join(t.Context(), eve, draft); err != nil {
		t.Fatal(err)
	}
	if now := forumtest.Again(t, store, eve); now.Standing != forum.Colleague || now.JobTitle != "Head of digital" {
		t.Errorf("got %+v", now)
	}
	_, err := db.Exec(t.Context(), `update people set suspended_at = $2, suspended_until = $3, suspended_why = 'x' where id = $1`,
		eve.ID, forumtest.Noon, forumtest.Noon.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Join(t.Context(), eve, draft); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("suspended: got %v, want ErrForbidden", err)
	}
}

// A council that ended shows what it became, on its page and beside what was
// written in its name; a council that is to end says so on its page.
func TestSuccessionIsTold(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, store, ada, "A question")
	_, err := db.Exec(t.Context(), `
		with made as (
			insert into councils (slug, name, short_name, kind, nation, region, status, started_on)
			values ('moors', 'The Moors Council', 'The Moors', 'unitary', 'England', 'North', 'current', '2026-04-01') returning id
		), later as (
			insert into councils (slug, name, short_name, kind, nation, region, status, started_on)
			values ('all-moors', 'All Moors Council', 'All Moors', 'unitary', 'England', 'North', 'planned', '2028-04-01') returning id
		), ended as (
			update councils set status = 'former', ended_on = '2026-03-31' where slug = 'northmoor' returning id
		)
		insert into successions (old_id, new_id, on_date, kind)
		select ended.id, made.id, date '2026-04-01', 'merged' from ended, made
		union all select made.id, later.id, date '2028-04-01', 'planned' from made, later`)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, store, visitor, thread, 1).Posts[0]; got.CouncilName != "Northmoor District Council" || got.CouncilNow != "The Moors" {
		t.Errorf("beside the post stands %q, now %q", got.CouncilName, got.CouncilNow)
	}
	names := func(list []forum.Council) (all string) {
		for _, c := range list {
			all += c.Slug + " "
		}
		return all
	}
	for _, c := range []struct{ slug, before, after string }{
		{"northmoor", "", "moors "}, {"moors", "northmoor ", "all-moors "}, {"all-moors", "moors northmoor ", ""},
	} {
		p, err := store.CouncilPage(t.Context(), visitor, c.slug)
		if err != nil || names(p.Before) != c.before || names(p.Successors) != c.after {
			t.Errorf("%s: before %q, after %q, %v", c.slug, names(p.Before), names(p.Successors), err)
		}
	}
}

// What a moderator has removed its author can neither rewrite nor take away; a
// supplier reads their own words and why, like everybody else.
func TestWhatWasRemovedStaysAsItWas(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	sue := forumtest.SupplierOf(t, store, "Sue", "Binsoft")
	thread := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "A question", Suppliers: true})
	post := forumtest.Reply(t, store, sue, thread, "We sell it.")
	if _, err := db.Exec(t.Context(), `update posts set hidden_at = $2, hidden_why = 'Advertising' where id = $1`, post.ID, forumtest.Noon); err != nil {
		t.Fatal(err)
	}
	if got := read(t, store, sue, thread, 1).Posts[1]; !got.Shows || got.HiddenWhy != "Advertising" {
		t.Errorf("she sees %+v", got)
	}
	if _, err := db.Exec(t.Context(), `update threads set hidden_at = $2, hidden_why = 'x' where id = $1`, thread, forumtest.Noon); err != nil {
		t.Fatal(err)
	}
	opening := read(t, store, ada, thread, 1).Posts[0].ID
	for who, id := range map[*forum.Person]int64{&sue: post.ID, &ada: opening} {
		_, edited := store.Edit(t.Context(), *who, id, forum.EditDraft{Body: "Other words", Title: "Other", Topics: []string{"forms"}, Version: 1})
		_, deleted := store.Delete(t.Context(), *who, id)
		if who == &sue { // of a thread that was removed she sees nothing
			if !errors.Is(edited, forum.ErrNotFound) || !errors.Is(deleted, forum.ErrNotFound) {
				t.Errorf("the supplier: %v, %v", edited, deleted)
			}
			continue
		}
		if !errors.Is(edited, forum.ErrForbidden) || !errors.Is(deleted, forum.ErrForbidden) {
			t.Errorf("the author: editing %v, deleting %v, want ErrForbidden", edited, deleted)
		}
	}
}

// What waits goes along when its author finds that they chose the wrong council,
// and the lead of the old one sees it no more. A "no" is not undone by joining again.
func TestWhatWaitsGoesAlong(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	lead := forumtest.Granted(t, store, forumtest.Person(t, store, "Lena", "Northmoor"), forum.Lead)
	eve := forumtest.NewcomerOf(t, store, "Eve", "Northmoor")
	held := forumtest.Thread(t, store, eve, "Held")
	if _, err := store.ThreadPage(t.Context(), lead, held, 1, 0); err != nil {
		t.Fatal(err)
	}
	turned := func() bool {
		t.Helper()
		return forumtest.Again(t, store, eve).TurnedAwayWhy != ""
	}
	if _, err := db.Exec(t.Context(), `update people set turned_away_at = $2, turned_away_why = 'Unknown here' where id = $1`, eve.ID, forumtest.Noon); err != nil {
		t.Fatal(err)
	}
	draft := forum.JoinDraft{Name: "Eve", JobTitle: "Officer", Council: "northmoor", Rules: forum.RulesVersion}
	if err := store.Join(t.Context(), eve, draft); err != nil || !turned() {
		t.Errorf("joining again where she was: %v, turned away: %t", err, turned())
	}
	draft.Council = "southmoor"
	if err := store.Join(t.Context(), eve, draft); err != nil || turned() {
		t.Errorf("joining elsewhere: %v, turned away: %t", err, turned())
	}
	if _, err := store.ThreadPage(t.Context(), lead, held, 1, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("the lead of the first council: got %v, want ErrNotFound", err)
	}
}

// What a mail server says is of the inbox that was written to, under whatever name that has,
// and not of one elsewhere whose name is the same.
func TestAnInboxIsKnownByItsNames(t *testing.T) {
	t.Parallel()
	const own = "ada+bins@cyngor-ŵyl.example"
	for other, want := range map[string]bool{
		own: true, "Ada@Cyngor-Ŵyl.example": true, "ada+x@xn--cyngor-yl-h9b.example": true, "ada@cyngor.mail.onmicrosoft.com": true, "ada@cyngor.example.test-google-a.com": true,
		"ada@home.example": false, "ben@cyngor-ŵyl.example": false, "ben@cyngor.onmicrosoft.com": false, "ada@onmicrosoft.com.home.example": false, "ada": false,
	} {
		if got := forum.IsOfInbox(own, []string{other}); got != want {
			t.Errorf("%s: %v, want %v", other, got, want)
		}
	}
	if !forum.IsOfInbox(own, nil) || !forum.IsOfInbox(own, []string{"ada@home.example", own}) {
		t.Error("it is not known where the server says of none, or of both")
	}
}
