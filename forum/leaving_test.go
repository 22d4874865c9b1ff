package forum_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// proven makes a colleague with a proven address.
func proven(t *testing.T, store *forum.Store, name, email string) forum.Person {
	t.Helper()
	id, err := store.SignIn(t.Context(), forum.Identity{Issuer: "test", Subject: name, Name: name, Email: email, EmailVerified: true})
	if err != nil {
		t.Fatal(err)
	}
	_, domain, _ := strings.Cut(email, "@")
	council, _, _ := strings.Cut(domain, ".")
	who := forumtest.Again(t, store, forum.Person{ID: id})
	if err := store.Join(t.Context(), who, forum.JoinDraft{Name: name, JobTitle: "Officer", Council: council, Rules: forum.RulesVersion}); err != nil {
		t.Fatal(err)
	}
	return forumtest.Again(t, store, who)
}

// record is the deeds on record about somebody, in their order.
func record(t *testing.T, db *pgxpool.Pool, id int64) (deeds string) {
	t.Helper()
	err := db.QueryRow(t.Context(), `select coalesce(string_agg(deed || case when reason <> '' then ':' || reason else '' end, ' ' order by id), '') from entries where person_id = $1`, id).Scan(&deeds)
	if err != nil {
		t.Fatal(err)
	}
	return deeds
}

// Who moves where no address shows that they work is a newcomer there, without a role;
// where one does they stay a colleague, and keep what is not of the old council. What
// they wrote keeps the council of its day, and what they write waits.
func TestMovingKeepsWhatIsProven(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Granted(t, store, forumtest.Granted(t, store, proven(t, store, "Ada", "ada@northmoor.gov.example"), forum.Lead), forum.Curator)
	thread := forumtest.Thread(t, store, ada, "Who has moved bins online?")

	if err := store.AddIdentity(t.Context(), ada, forum.Identity{Issuer: "test", Subject: "new", Email: "ada@southmoor.gov.example", EmailVerified: true}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second changes nothing
		if err := store.Move(t.Context(), ada, "southmoor"); err != nil {
			t.Fatal(err)
		}
	}
	ada = forumtest.Again(t, store, ada)
	if ada.Standing != forum.Colleague || ada.CouncilSlug != "southmoor" || !ada.Is(forum.Curator) || ada.Is(forum.Lead) {
		t.Errorf("with a proven address: %+v", ada)
	}
	page, err := store.ThreadPage(t.Context(), ada, thread, 1, 0)
	if err != nil || page.Thread.CouncilSlug != "northmoor" || page.Posts[0].CouncilSlug != "northmoor" {
		t.Errorf("what was written before is of %s, %s (%v)", page.Thread.CouncilSlug, page.Posts[0].CouncilSlug, err)
	}
	if got, want := record(t, db, ada.ID), "granted:lead granted:curator added_identity revoked:lead moved_council"; got != want {
		t.Errorf("on record are %q, want %q", got, want)
	}

	ben := forumtest.Granted(t, store, proven(t, store, "Ben", "ben@northmoor.gov.example"), forum.Moderator)
	if err := store.Move(t.Context(), ben, "southmoor"); err != nil {
		t.Fatal(err)
	}
	ben = forumtest.Again(t, store, ben)
	if ben.Standing != forum.Newcomer || ben.CouncilSlug != "southmoor" || ben.Roles != 0 {
		t.Errorf("without: %+v", ben)
	}
	if posted := forumtest.Reply(t, store, ben, thread, "We did."); posted.Number != 0 {
		t.Error("what they write does not wait")
	}
	// Back where they came from their address lets them in, and what waited is published.
	if err := store.Move(t.Context(), ben, "northmoor"); err != nil {
		t.Fatal(err)
	}
	if page, err = store.ThreadPage(t.Context(), forum.Person{}, thread, 1, 0); err != nil || len(page.Posts) != 2 {
		t.Errorf("%d posts show (%v), want 2", len(page.Posts), err)
	}
}

// Who may not move or leave is refused, and nothing is changed.
func TestMovingAndLeavingAreRefused(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	lead := forumtest.Granted(t, store, forumtest.Person(t, store, "Lea", "Northmoor"), forum.Lead)
	sue := forumtest.SupplierOf(t, store, "Sue", "Binsoft")
	unplaced := forumtest.NewcomerOf(t, store, "Una", forum.NotListed)
	invalid := new(forum.Invalid)
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"a visitor moves":          {store.Move(t.Context(), forum.Person{}, "southmoor"), forum.ErrForbidden},
		"a supplier moves":         {store.Move(t.Context(), sue, "southmoor"), forum.ErrForbidden},
		"to nowhere":               {store.Move(t.Context(), ada, ""), nil},
		"to what is not there":     {store.Move(t.Context(), ada, "nowhere"), nil},
		"a visitor leaves":         {store.Leave(t.Context(), forum.Person{}, forum.LeaveDraft{Sure: true}), forum.ErrForbidden},
		"a supplier leaves":        {store.Leave(t.Context(), sue, forum.LeaveDraft{Sure: true}), forum.ErrForbidden},
		"who has no council":       {store.Leave(t.Context(), unplaced, forum.LeaveDraft{Sure: true}), forum.ErrForbidden},
		"without a tick":           {store.Leave(t.Context(), ada, forum.LeaveDraft{}), nil},
		"naming somebody, no lead": {store.Leave(t.Context(), ada, forum.LeaveDraft{Sure: true, HandTo: lead.ID}), nil},
		"naming somebody else's":   {store.Leave(t.Context(), lead, forum.LeaveDraft{Sure: true, HandTo: ben.ID}), nil},
		"naming oneself":           {store.Leave(t.Context(), lead, forum.LeaveDraft{Sure: true, HandTo: lead.ID}), nil},
		"naming a supplier":        {store.Leave(t.Context(), lead, forum.LeaveDraft{Sure: true, HandTo: sue.ID}), nil},
	} {
		if c.want != nil && !errors.Is(c.err, c.want) || c.want == nil && !errors.As(c.err, invalid) {
			t.Errorf("%s: got %v", name, c.err)
		}
	}
	for _, p := range []forum.Person{ada, ben, lead, sue, unplaced} {
		if again := forumtest.Again(t, store, p); again.Standing != p.Standing || again.CouncilID != p.CouncilID || again.Roles != p.Roles {
			t.Errorf("%s was changed: %+v", p.Name, again)
		}
	}
	if got := record(t, db, ada.ID) + record(t, db, ben.ID); got != "" {
		t.Errorf("on record are %q", got)
	}
}

// A lead who leaves is none any more, and whom they name is on record and no lead yet.
// Pressed twice at once, it is done once.
func TestLeavingHandsOver(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	lead := forumtest.Granted(t, store, forumtest.Person(t, store, "Lea", "Northmoor"), forum.Lead)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	open := forumtest.Thread(t, store, lead, "Who has moved bins online?")
	p, err := store.LeavePage(t.Context(), lead)
	if err != nil || len(p.Threads) != 1 || p.Threads[0].ID != open || len(p.Leads) != 1 || len(p.Colleagues) != 1 {
		t.Errorf("in hand are %+v (%v)", p, err)
	}
	ended := 0
	var both sync.WaitGroup
	var count sync.Mutex
	for range 2 {
		both.Go(func() {
			err := store.Leave(t.Context(), lead, forum.LeaveDraft{Sure: true, HandTo: ada.ID}, func(context.Context, *forum.Deed) error {
				count.Lock()
				defer count.Unlock()
				ended++
				return nil
			})
			if err != nil && !errors.Is(err, forum.ErrForbidden) {
				t.Error(err)
			}
		})
	}
	both.Wait()
	lead = forumtest.Again(t, store, lead)
	if lead.Standing != forum.Newcomer || lead.CouncilID != 0 || lead.Roles != 0 || ended != 1 {
		t.Errorf("who left is %+v; the sessions were ended %d times", lead, ended)
	}
	if got := record(t, db, lead.ID); got != "granted:lead revoked:lead left_council" {
		t.Errorf("on record about who left are %q", got)
	}
	if got := record(t, db, ada.ID); got != "proposed_lead" || forumtest.Again(t, store, ada).Roles != 0 {
		t.Errorf("on record about who was named are %q", got)
	}
}

// An identity that two bring at once is one person's; nobody has too many.
func TestAnIdentityIsAddedToOnePerson(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	var both sync.WaitGroup
	for _, who := range []forum.Person{ada, ben, ada, ben} {
		both.Go(func() {
			err := store.AddIdentity(t.Context(), who, forum.Identity{Issuer: "test", Subject: "both"})
			if err != nil && !errors.Is(err, forum.ErrForbidden) {
				t.Error(err)
			}
		})
	}
	both.Wait()
	var n int
	if err := db.QueryRow(t.Context(), `select count(*) from entries where deed = 'added_identity'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("it was added %d times (%v)", n, err)
	}
	for i := range 20 {
		err := store.AddIdentity(t.Context(), ada, forum.Identity{Issuer: "test", Subject: strings.Repeat("x", i+1)})
		if why := (*forum.Forbidden)(nil); err != nil && (!errors.As(err, &why) || why.Why != "providers.enough") {
			t.Error(err)
		}
	}
	if p, err := store.ProvidersPage(t.Context(), ada); err != nil || len(p.Linked) != 10 {
		t.Errorf("there are %d (%v), want 10", len(p.Linked), err)
	}
	p, err := store.ProvidersPage(t.Context(), ben)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.RemoveIdentity(t.Context(), ada, p.Linked[0].ID); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("somebody else's: got %v", err)
	}
}
