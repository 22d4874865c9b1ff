package forum_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// Who somebody is, is issuer and subject, as bytes: never an address.
func TestAnAddressIsNobody(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	in := func(issuer, subject, email string) int64 {
		t.Helper()
		id, err := store.SignIn(t.Context(), forum.Identity{Issuer: issuer, Subject: subject, Name: "Ada", Email: email, EmailVerified: true})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	ada := in("https://one.example", "ada", "ada@northmoor.gov.example")
	for name, id := range map[string]int64{
		"another subject with her address": in("https://one.example", "eve", "ada@northmoor.gov.example"),
		"her subject at another issuer":    in("https://two.example", "ada", "ada@northmoor.gov.example"),
		"her subject in capitals":          in("https://one.example", "Ada", "ada@northmoor.gov.example"),
		"her subject with a space":         in("https://one.example", "ada ", "ada@northmoor.gov.example"),
	} {
		if id == ada {
			t.Errorf("%s is taken for her", name)
		}
	}
	if again := in("https://one.example", "ada", "new@northmoor.gov.example"); again != ada {
		t.Errorf("the second time: got person %d, want %d", again, ada)
	}
}

// Two first sign-ins at once make one person.
func TestFirstSignInsAtOnce(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	var wg sync.WaitGroup
	ids := make([]int64, 8)
	for n := range ids {
		wg.Go(func() {
			var err error
			if ids[n], err = store.SignIn(context.Background(), forum.Identity{Issuer: "i", Subject: "s"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("got persons %v, want one", ids)
			break
		}
	}
}

// A proven address of the council that is chosen makes a colleague; anything else
// a newcomer.
func TestJoining(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	if _, err := db.Exec(t.Context(), `
		insert into council_domains (domain, council_id, kind, confidence)
		select v.domain, c.id, v.kind, v.confidence from councils c, (values
			('shared.gov.example', 'email', 'medium'), ('site.gov.example', 'web', 'high'),
			('doubt.gov.example', 'email', 'low'), ('old.gov.example', 'email', 'legacy')) v (domain, kind, confidence)
		where c.slug in ('northmoor', 'southmoor')`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		email    string
		verified bool
		council  string
		want     forum.Standing
		proposed int
	}{
		{"ada@northmoor.gov.example", true, "northmoor", forum.Colleague, 1},
		{"Bea@NORTHMOOR.gov.example", true, "northmoor", forum.Colleague, 1},
		{"ADA@northmoor.gov.example", true, "northmoor", forum.Newcomer, 1},
		{"ada@northmoor.gov.example", false, "northmoor", forum.Newcomer, 0},
		{"ada@northmoor.gov.example", true, "southmoor", forum.Newcomer, 1},
		{"ada@shared.gov.example", true, "southmoor", forum.Colleague, 2},
		{"ada@site.gov.example", true, "northmoor", forum.Newcomer, 0},
		{"ada@doubt.gov.example", true, "northmoor", forum.Newcomer, 0},
		{"ada@old.gov.example", true, "northmoor", forum.Newcomer, 0},
		{"ada@mail.northmoor.gov.example", true, "northmoor", forum.Newcomer, 0},
		{"ada@example.org", true, forum.NotListed, forum.Newcomer, 0},
	} {
		id, err := store.SignIn(t.Context(), forum.Identity{Issuer: "i", Subject: c.email + c.council + string(c.want), Email: c.email, EmailVerified: c.verified})
		if err != nil {
			t.Fatal(err)
		}
		who, err := store.Person(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		page, err := store.JoinPage(t.Context(), who, "", "")
		if err != nil || len(page.Proposed) != c.proposed {
			t.Errorf("%s: got %d councils proposed (%v), want %d", c.email, len(page.Proposed), err, c.proposed)
		}
		if err := store.Join(t.Context(), who, forum.JoinDraft{Name: "Ada Lovelace", JobTitle: "Officer", Council: c.council, Rules: forum.RulesVersion}); err != nil {
			t.Fatalf("%s joins %s: %v", c.email, c.council, err)
		}
		if who = forumtest.Again(t, store, who); who.Standing != c.want || !who.Joined || who.Handle == "" {
			t.Errorf("%s joins %s: got %+v, want standing %s", c.email, c.council, who, c.want)
		}
	}
}

// Joining asks for a name, a job, a place and the rules.
func TestRefusedJoining(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	id, err := store.SignIn(t.Context(), forum.Identity{Issuer: "i", Subject: "s"})
	if err != nil {
		t.Fatal(err)
	}
	who, err := store.Person(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	err = store.Join(t.Context(), who, forum.JoinDraft{})
	var bad forum.Invalid
	if !errors.As(err, &bad) || len(bad) != 4 {
		t.Errorf("nothing filled in: got %v, want four problems", err)
	}
	err = store.Join(t.Context(), who, forum.JoinDraft{Name: "A", JobTitle: "B", Council: "atlantis", Rules: forum.RulesVersion})
	if !errors.As(err, &bad) || bad[0].Field != "council" {
		t.Errorf("a council that is not there: got %v", err)
	}
	if err := store.Join(t.Context(), visitor, forum.JoinDraft{}); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("a visitor: got %v, want ErrForbidden", err)
	}
}

// A lead who goes to another council leads the old one no more.
func TestALeadWhoLeaves(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	lena := forumtest.Granted(t, store, forumtest.Person(t, store, "Lena", "Northmoor"), forum.Lead)
	if err := store.Join(t.Context(), lena, forum.JoinDraft{Name: "Lena", JobTitle: "B", Council: "southmoor", Rules: forum.RulesVersion}); err != nil {
		t.Fatal(err)
	}
	if lena = forumtest.Again(t, store, lena); len(lena.Leads) != 0 || lena.Standing != forum.Newcomer {
		t.Errorf("got %+v, want a newcomer who leads nothing", lena)
	}
}

// A council is found by its name, in any case and without its marks, by part of
// it and by what it was called before.
func TestFindingCouncils(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	for query, want := range map[string]string{"NORTHMOOR": "northmoor", "southm bor": "southmoor", "Brighton & Hove": "brighton-and-hove", "brighton and hove": "brighton-and-hove", "ynys mon": "isle-of-anglesey", "taunton deane": "somerset", "edgemoor": "somerset", "moor": "rushmoor", "%": ""} {
		found, err := store.FindCouncils(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(found) > 0 {
			got = found[0].Slug
		}
		if got != want {
			t.Errorf("%q: got %q first of %d, want %q", query, got, len(found), want)
		}
	}
}

// One address makes one colleague: taken from one account to the next it makes no
// other, and who is a colleague by it alone is none without it.
func TestOneAddressMakesOneColleague(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	const address = "ada@northmoor.gov.example"
	come := func(subject, email string) forum.Person {
		t.Helper()
		id, err := store.SignIn(t.Context(), forum.Identity{Issuer: "i", Subject: subject, Email: email, EmailVerified: true})
		if err != nil {
			t.Fatal(err)
		}
		who, err := store.Person(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Join(t.Context(), who, forum.JoinDraft{Name: "Ada " + subject, JobTitle: "Officer", Council: "northmoor", Rules: forum.RulesVersion}); err != nil {
			t.Fatal(err)
		}
		return forumtest.Again(t, store, who)
	}
	ada := forumtest.Granted(t, store, come("council", address), forum.Lead)
	if ada.Standing != forum.Colleague {
		t.Fatalf("the first who brings it is a %s", ada.Standing)
	}
	if twin := come("another", address); twin.Standing != forum.Newcomer {
		t.Errorf("the second who brings it is a %s", twin.Standing)
	}
	if err := store.AddIdentity(t.Context(), ada, forum.Identity{Issuer: "i", Subject: "home", Email: "ada@home.example", EmailVerified: true}); err != nil {
		t.Fatal(err)
	}
	page, err := store.ProvidersPage(t.Context(), ada)
	if err != nil || len(page.Linked) != 2 || !page.Linked[0].Proves || page.Linked[1].Proves {
		t.Fatalf("she is not told which of them proves where she works: %+v (%v)", page.Linked, err)
	}
	if err := store.RemoveIdentity(t.Context(), ada, page.Linked[0].ID); err != nil {
		t.Fatal(err)
	}
	if ada = forumtest.Again(t, store, ada); ada.Standing != forum.Newcomer || len(ada.Leads) != 0 || ada.CouncilSlug != "northmoor" {
		t.Errorf("without it she is %+v, want a newcomer of her council who leads nothing", ada)
	}
	if anew := come("council", address); anew.ID == ada.ID || anew.Standing != forum.Newcomer {
		t.Errorf("who brings it anew is a %s, person %d after %d", anew.Standing, anew.ID, ada.ID)
	}
	if err := store.AddIdentity(t.Context(), ada, forum.Identity{Issuer: "j", Subject: "council", Email: address, EmailVerified: true}); err != nil {
		t.Fatal(err)
	}
	if err := store.Join(t.Context(), ada, forum.JoinDraft{Name: "Ada", JobTitle: "Officer", Council: "northmoor", Rules: forum.RulesVersion}); err != nil {
		t.Fatal(err)
	}
	if ada = forumtest.Again(t, store, ada); ada.Standing != forum.Colleague {
		t.Errorf("whose it was brings it back and is a %s", ada.Standing)
	}
}

// Two who bring one address at once: one is a colleague, the other waits.
func TestOneAddressAtOnce(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	var wg sync.WaitGroup
	standings := make([]forum.Standing, 6)
	for n := range standings {
		id, err := store.SignIn(t.Context(), forum.Identity{Issuer: "i", Subject: fmt.Sprint(n), Email: "ada@northmoor.gov.example", EmailVerified: true})
		if err != nil {
			t.Fatal(err)
		}
		who, err := store.Person(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if err := store.Join(context.Background(), who, forum.JoinDraft{Name: "Ada", JobTitle: "Officer", Council: "northmoor", Rules: forum.RulesVersion}); err != nil {
				t.Error(err)
				return
			}
			if now, err := store.Person(context.Background(), id); err != nil {
				t.Error(err)
			} else {
				standings[n] = now.Standing
			}
		})
	}
	wg.Wait()
	slices.Sort(standings)
	if standings[0] != forum.Colleague || standings[1] != forum.Newcomer {
		t.Errorf("they are %v, want one colleague", standings)
	}
}

// Who was let in by hand stays a colleague, whichever way to sign in they remove.
func TestWhoWasLetInByHandStays(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	rob := forumtest.Person(t, store, "Rob", "Northmoor") // of the cast: nobody asked for an address
	if err := store.AddIdentity(t.Context(), rob, forum.Identity{Issuer: "i", Subject: "rob", Email: "rob@northmoor.gov.example", EmailVerified: true}); err != nil {
		t.Fatal(err)
	}
	page, err := store.ProvidersPage(t.Context(), rob)
	if err != nil || len(page.Linked) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	for _, l := range page.Linked {
		if l.Email == "rob@northmoor.gov.example" {
			if err := store.RemoveIdentity(t.Context(), rob, l.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if rob = forumtest.Again(t, store, rob); rob.Standing != forum.Colleague {
		t.Errorf("he is a %s", rob.Standing)
	}
}

// While somebody is suspended they cannot change how they sign in: else their council's
// account would open a new one, which is suspended by nobody.
func TestASuspendedPersonKeepsTheirIdentities(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	eve := forumtest.Person(t, store, "Eve", "Northmoor")
	add := func(subject string) error {
		return store.AddIdentity(t.Context(), eve, forum.Identity{Issuer: "i", Subject: subject, Email: subject + "@home.example", EmailVerified: true})
	}
	if err := add("one"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `update people set suspended_at = $2, suspended_until = $3, suspended_why = 'spam' where id = $1`,
		eve.ID, forumtest.Noon, forumtest.Noon.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	page, err := store.ProvidersPage(t.Context(), eve)
	if err != nil || len(page.Linked) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	for name, err := range map[string]error{"adds": add("two"), "removes": store.RemoveIdentity(t.Context(), eve, page.Linked[0].ID)} {
		var no *forum.Forbidden
		if !errors.As(err, &no) || no.Why != "providers.suspended" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
