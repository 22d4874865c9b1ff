package app_test

import (
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/demo"
	"moothall/forum/forumtest"
)

// Roles are for colleagues: a newcomer of a council is let in with the grant, and of
// others it is said why not. A person of the demo is found by the word they sign in by.
func TestARoleIsForColleagues(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	env := environ(t, map[string]string{"DATABASE_URL": db.Config().ConnString()})
	newcomer := forumtest.NewcomerOf(t, store, "Una Unknown", "Northmoor")
	held := forumtest.Thread(t, store, newcomer, "Held until its author is let in")
	lost := forumtest.NewcomerOf(t, store, "Lou Lost", forum.NotListed)
	forumtest.SupplierOf(t, store, "Sue Seller", "Casemoor")
	for slug, email := range map[string]string{"zed-demo": "", "new-here": "new@northmoor.gov.example"} {
		if _, err := store.SignIn(t.Context(), forum.Identity{Issuer: demo.Issuer, Subject: demo.Subject(slug), Name: "Nell New", Email: email, EmailVerified: email != ""}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"una-unknown", "curator", "--until", "2020-01-31"}, 1, "still to come"},
		{[]string{"una-unknown", "lead", "atlantis"}, 1, "atlantis"},
		{[]string{"lou-lost", "curator"}, 1, "without a council"},
		{[]string{"sue-seller", "curator"}, 1, "of a company"},
		{[]string{"zed-demo", "curator"}, 1, "has not joined yet"},
		{[]string{"new@northmoor.gov.example", "curator"}, 1, "has not joined yet"},
	} {
		out, errs, status := told(t, t.Context(), env, append([]string{"grant"}, c.args...)...)
		if status != c.status || out != "" || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: status %d, it said %q %q, want %q", c.args, status, out, errs, c.want)
		}
	}
	if now := forumtest.Again(t, store, newcomer); now.Standing != forum.Newcomer {
		t.Errorf("refused, the grant let somebody in: %s", now.Standing)
	}
	out, errs, status := told(t, t.Context(), env, "grant", "una-unknown", "curator")
	if status != 0 || !strings.Contains(out, "Una Unknown: let in as a colleague of Northmoor") || !strings.Contains(out, "has the role curator") {
		t.Errorf("status %d, it said %q %q", status, out, errs)
	}
	if now := forumtest.Again(t, store, newcomer); now.Standing != forum.Colleague || !now.Is(forum.Curator) {
		t.Errorf("after the grant: %s, %s", now.Standing, now.Roles)
	}
	if _, err := store.ThreadPage(t.Context(), forum.Person{Standing: forum.Visitor}, held, 1, 0); err != nil {
		t.Errorf("what they wrote is still held: %v", err)
	}
	if err := care.New(store).LetIn(t.Context(), forum.Operator, lost.ID, care.LetInDraft{Council: "northmoor"}); err != nil {
		t.Fatal(err)
	}
	if _, errs, status := told(t, t.Context(), env, "grant", "lou-lost", "curator"); status != 0 {
		t.Errorf("of a colleague: status %d, %q", status, errs)
	}
}
