package projects_test

import (
	"errors"
	"strconv"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// Each fact is told by those who tend the project, and by nobody else.
func TestFactsAreTold(t *testing.T) {
	t.Parallel()
	h := open(t)
	lead := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Lea", "Northmoor"), forum.Lead)
	other := forumtest.Person(t, h.Store.Store, "Nat", "Northmoor")
	version := 1
	for _, c := range []struct {
		draft projects.FactDraft
		says  string
	}{
		{projects.FactDraft{Field: "problem", Text: " Bins **overflow**. "}, "Bins **overflow**."},
		{projects.FactDraft{Field: "evidence_url", Text: "https://example.org/bins"}, "https://example.org/bins"},
		{projects.FactDraft{Field: "cost_band", Text: "under-10k"}, "under-10k"},
		{projects.FactDraft{Field: "funding", Text: "looking"}, "looking"},
		{projects.FactDraft{Field: "offer", Many: []string{"call", "code"}}, "call code"},
		{projects.FactDraft{Field: "code_url", Text: "https://example.org/code", Beside: "MIT"}, "https://example.org/code (MIT)"},
		{projects.FactDraft{Field: "topic", Many: []string{"waste-management", "forms"}}, "waste-management forms"},
		{projects.FactDraft{Field: "visibility", Text: "councils"}, "councils"},
	} {
		c.draft.Version = version
		for who, want := range map[*forum.Person]error{&h.ben: forum.ErrForbidden, &other: forum.ErrForbidden} {
			if err := h.SetFact(t.Context(), *who, h.project, c.draft); !errors.Is(err, want) {
				t.Errorf("%s by %s: %v", c.draft.Field, who.Name, err)
			}
		}
		if err := h.SetFact(t.Context(), lead, h.project, c.draft); err != nil {
			t.Errorf("%s: %v", c.draft.Field, err)
		}
		version++
		var said string
		err := h.db.QueryRow(t.Context(), `select said from project_changes where thread_id = $1 and version = $2 and field = $3`, h.project, version, c.draft.Field).Scan(&said)
		if err != nil || said != c.says {
			t.Errorf("%s says %q (%v)", c.draft.Field, said, err)
		}
	}
	if _, err := h.ProjectPage(t.Context(), forum.Person{}, h.project, 1, 0); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("for councils only, a visitor gets %v", err)
	}
	p := h.page(t, h.ben, h.project)
	if len(p.Topics) != 2 || p.Texts.Problem != "<p>Bins <strong>overflow</strong>.</p>\n" || p.Project.Licence != "MIT" || len(p.Project.Offers) != 2 {
		t.Errorf("got %+v %+v", p.Project, p.Texts)
	}
}

// What cannot be so is refused, at its field.
func TestFactsThatCannotBe(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, c := range []struct {
		draft projects.FactDraft
		field string
	}{
		{projects.FactDraft{Field: "summary"}, "summary"},
		{projects.FactDraft{Field: "evidence_url", Text: "javascript:alert(1)"}, "evidence_url"},
		{projects.FactDraft{Field: "code_url", Text: "https://ada:secret@example.org"}, "code_url"},
		{projects.FactDraft{Field: "cost_band", Text: "cheap"}, "cost_band"},
		{projects.FactDraft{Field: "funding", Text: "rich"}, "funding"},
		{projects.FactDraft{Field: "offer", Many: []string{"money"}}, "offer"},
		{projects.FactDraft{Field: "topic", Many: []string{"no-such-topic"}}, "topic"},
		{projects.FactDraft{Field: "contact", Text: "999999"}, "contact"},
		{projects.FactDraft{Field: "contact", Text: "Ada"}, "contact"},
		{projects.FactDraft{Field: "council", Text: "southmoor"}, "council"},
		{projects.FactDraft{Field: "visibility"}, "visibility"},
		{projects.FactDraft{Field: "problem", Text: "Mr Smith, NHS number 943 476 5919"}, "problem"},
	} {
		c.draft.Version = 1
		bad := forum.Invalid(nil)
		if err := h.SetFact(t.Context(), h.ada, h.project, c.draft); !errors.As(err, &bad) || bad[0].Field != c.field {
			t.Errorf("%s %q: %v", c.draft.Field, c.draft.Text, err)
		}
	}
	if err := h.SetFact(t.Context(), h.ada, h.project, projects.FactDraft{Field: "parent_id", Text: "1"}); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("no fact: %v", err)
	}
}

// Two people change different facts at once and neither is held up; of the same fact
// the second is shown what the first made of it.
func TestOfTwoWhoChangeAFactTheSecondSeesBoth(t *testing.T) {
	t.Parallel()
	h := open(t)
	lead := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Lea", "Northmoor"), forum.Lead)
	for _, c := range []struct {
		who   forum.Person
		field string
	}{{h.ada, "problem"}, {lead, "outcome"}} {
		if err := h.SetFact(t.Context(), c.who, h.project, projects.FactDraft{Field: c.field, Text: "By " + c.who.Name, Version: 1}); err != nil {
			t.Errorf("%s: %v", c.field, err)
		}
	}
	now := (*forum.Conflict)(nil)
	again := projects.FactDraft{Field: "problem", Text: "By Lea", Version: 1}
	if err := h.SetFact(t.Context(), lead, h.project, again); !errors.As(err, &now) || now.Body != "By Ada" || now.EditorName != "Ada" || now.Own {
		t.Fatalf("got %v %+v", err, now)
	}
	again.Version = now.Version
	if err := h.SetFact(t.Context(), lead, h.project, again); err != nil {
		t.Errorf("having seen both: %v", err)
	}
}

// Who is erased answers for no project; facts that nobody built on go with the thread.
func TestFactsOfWhoIsErased(t *testing.T) {
	t.Parallel()
	h := open(t)
	stays := h.start(t, h.ben, projects.Draft{Title: "It stays"})
	forumtest.Reply(t, h.Store.Store, h.ada, stays, "Good.")
	sue := forumtest.Person(t, h.Store.Store, "Sue", "Southmoor")
	name := projects.FactDraft{Field: "contact", Text: strconv.FormatInt(sue.ID, 10), Beside: "Bins lead", Version: 1}
	if err := h.SetFact(t.Context(), h.ben, stays, name); err != nil {
		t.Fatal(err)
	}
	for _, who := range []forum.Person{h.ada, sue} {
		err := h.Do(t.Context(), who, func(d *forum.Deed) error {
			if err := d.Forget(t.Context(), who.ID); err != nil {
				return err
			}
			return h.Forget(t.Context(), d, who.ID)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if p := h.page(t, h.ben, stays); p.Project.ContactID != 0 || p.Project.ContactRole != "" || p.Project.Summary == "" {
		t.Errorf("what stays is %+v", p.Project)
	}
	var said string
	if err := h.db.QueryRow(t.Context(), `select summary from projects where thread_id = $1`, h.project).Scan(&said); err != nil || said != "–" {
		t.Errorf("what goes says %q (%v)", said, err)
	}
}
