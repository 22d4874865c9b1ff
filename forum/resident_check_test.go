package forum_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

const nhs = "943 476 5919"

// fieldsWrong are the fields that an error speaks of.
func fieldsWrong(err error) string {
	bad := forum.Invalid(nil)
	if !errors.As(err, &bad) {
		return fmt.Sprint(err)
	}
	var names []string
	for _, p := range bad {
		names = append(names, p.Field)
	}
	return strings.Join(names, " ")
}

// A reply with a valid NHS number is not posted until its author says why it may
// be. The reason and the kind are recorded, and the number nowhere but in the post.
func TestResidentsDataIsAskedAbout(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	thread := forumtest.Thread(t, store, ben, "A question")
	draft := forum.PostDraft{Body: "She is " + nhs + ", they say."}
	mark := draft.Residents().Mark
	for _, c := range []struct {
		said forum.ResidentDraft
		want string
	}{
		{forum.ResidentDraft{}, "body"},
		{forum.ResidentDraft{Mark: "another", Why: "A test number"}, "body"},
		{forum.ResidentDraft{Mark: mark, Why: "  "}, "residents_why"},
		{forum.ResidentDraft{Mark: mark, Why: "It is " + nhs}, "residents_why"},
		{forum.ResidentDraft{Mark: mark, Why: strings.Repeat("long ", 1000)}, "residents_why"},
		{forum.ResidentDraft{Mark: mark, Why: "A test number"}, "<nil>"},
	} {
		draft.Resident = c.said
		_, err := store.Reply(t.Context(), ben, thread, draft)
		if got := fieldsWrong(err); got != c.want {
			t.Errorf("with %+v: wrong is %q, want %q", c.said, got, c.want)
		}
		if err != nil && strings.Contains(fmt.Sprintf("%v %+v", err, err), "4765919") {
			t.Errorf("the number is told: %v", err)
		}
	}
	var reason string
	var found []string
	if err := db.QueryRow(t.Context(), `select reason, found from entries where deed = 'kept_resident'`).Scan(&reason, &found); err != nil {
		t.Fatal(err)
	}
	if reason != "A test number" || fmt.Sprint(found) != "[nhs]" {
		t.Errorf("recorded is %q, %v", reason, found)
	}
}

// Titles are looked at too. An edit is asked about what it adds, and about nothing
// that stood there before.
func TestEditsAreAskedAboutWhatTheyAdd(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	ask := forum.AskDraft{Title: "Whose is " + nhs + "?", Body: "We do not know.", Topics: []string{"waste-management"}, Suppliers: true}
	if _, err := store.Ask(t.Context(), ben, ask); fieldsWrong(err) != "title" {
		t.Fatalf("a title with a number: %v", err)
	}
	ask.Resident = forum.ResidentDraft{Mark: ask.Residents().Mark, Why: "A test number"}
	asked, err := store.Ask(t.Context(), ben, ask)
	if err != nil {
		t.Fatal(err)
	}
	post := read(t, store, ben, asked.ID, 1).Posts[0]
	edit := forum.EditDraft{Title: "Whose is 9434765919?", Body: "We still do not know.", Topics: ask.Topics, Version: 1}
	if _, err := store.Edit(t.Context(), ben, post.ID, edit); err != nil {
		t.Errorf("an edit that adds nothing: %v", err)
	}
	two := forum.PostDraft{Body: "We do not know.\n\nAsk 07911 123456, her mobile."}.Residents()
	if len(two.Found) != 1 || two.Found[0].Line != 3 {
		t.Errorf("the number stands in line 3: %+v", two.Found)
	}
	edit.Body, edit.Version = "Ask 07911 123456, her mobile.", 2
	if _, err := store.Edit(t.Context(), ben, post.ID, edit); fieldsWrong(err) != "body" {
		t.Errorf("an edit that adds a number: %v", err)
	}
	var n int
	if err := db.QueryRow(t.Context(), `select count(*) from entries where deed = 'kept_resident'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d entries, want 1 (%v)", n, err)
	}
}
