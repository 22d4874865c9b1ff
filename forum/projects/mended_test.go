package projects_test

import (
	"errors"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// elsewhere puts a post into another thread, as a split does.
func (h *hall) elsewhere(t *testing.T, post forum.Posted, from, to int64) {
	t.Helper()
	err := h.Do(t.Context(), h.ada, func(d *forum.Deed) error {
		entry, err := d.Record(t.Context(), forum.Entry{Deed: forum.SplitThread, PersonID: h.ada.ID, ThreadID: from, Reason: "Another matter."})
		if err != nil {
			return err
		}
		_, err = d.MovePosts(t.Context(), from, to, []int64{post.ID}, entry)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Words for councils only keep a project so also while they do not show, and when they
// have gone to another thread: they may come back.
func TestWordsThatMayComeBackKeepAProjectForCouncils(t *testing.T) {
	t.Parallel()
	h := open(t)
	for name, gone := range map[string]func(post forum.Posted, thread int64){
		"hidden": func(post forum.Posted, _ int64) {
			h.exec(t, `update posts set hidden_at = now(), hidden_why = 'Rude.' where id = $1`, post.ID)
		},
		"deleted": func(post forum.Posted, _ int64) {
			h.exec(t, `update posts set deleted_at = now() where id = $1`, post.ID)
		},
		"moved": func(post forum.Posted, thread int64) {
			h.elsewhere(t, post, thread, h.start(t, h.ada, projects.Draft{Title: "Split off", Visibility: "councils"}))
		},
	} {
		id := h.start(t, h.ada, projects.Draft{Title: "Quiet", Visibility: "councils"})
		gone(forumtest.Reply(t, h.Store.Store, h.ben, id, "Between us."), id)
		h.exec(t, `update threads set others = 0 where id = $1`, id)
		bad := forum.Invalid(nil)
		err := h.SetFact(t.Context(), h.ada, id, projects.FactDraft{Field: "visibility", Text: "public", Version: 1})
		if !errors.As(err, &bad) || bad[0].Key != "projects.stays_councils" {
			t.Errorf("%s: %v", name, err)
		}
	}
	own := h.start(t, h.ada, projects.Draft{Title: "Mine alone", Visibility: "councils"})
	forumtest.Reply(t, h.Store.Store, h.ada, own, "To myself.")
	if err := h.SetFact(t.Context(), h.ada, own, projects.FactDraft{Field: "visibility", Text: "public", Version: 1}); err != nil {
		t.Errorf("of nobody else: %v", err)
	}
}

func (h *hall) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := h.db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// An update that has gone to another thread stands in the way of its project no more:
// who may read it there is for that thread to say.
func TestUpdatesThatMovedAreInTheTimelineNoMore(t *testing.T) {
	t.Parallel()
	h := open(t)
	posted, err := h.PostUpdate(t.Context(), h.ada, h.project, forum.PostDraft{Body: "The canary sings."})
	if err != nil {
		t.Fatal(err)
	}
	h.elsewhere(t, posted, h.project, h.start(t, h.ada, projects.Draft{Title: "For us", Visibility: "councils"}))
	if p := h.page(t, forum.Person{}, h.project); len(p.Steps) != 1 || len(p.Updates) != 0 {
		t.Errorf("got %+v %+v", p.Steps, p.Updates)
	}
}

// What a moderator takes out of the opening of a project is gone from its facts, from
// what they said before, from what other councils told of it, and from products named
// for it alone; and who has an old fact in a form cannot put it back unseen.
func TestARedactionReachesTheFactsOfAProject(t *testing.T) {
	t.Parallel()
	h := open(t)
	mona := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mona", "Southmoor"), forum.Moderator)
	id := h.start(t, h.ada, projects.Draft{Title: "A bin for Mrs Canary", Summary: "Mrs Canary gets a bin."})
	for _, draft := range []projects.FactDraft{
		{Field: "problem", Text: "Mrs **Canary** had none."}, {Field: "tried", Text: "Mrs Canary asked."}, {Field: "tried", Text: "She asked."},
		{Field: "code_url", Text: "https://example.org/mrs-canary", Beside: "By Mrs Canary"}, {Field: "contact", Beside: "Neighbour of Mrs Canary"},
	} {
		draft.Version = 99
		if err := h.SetFact(t.Context(), h.ada, id, draft); err != nil {
			t.Fatalf("%s: %v", draft.Field, err)
		}
	}
	if err := h.UseProduct(t.Context(), h.ada, id, projects.ProductDraft{Name: "Mrs Canary", New: true}); err != nil {
		t.Fatal(err)
	}
	h.exec(t, `insert into reuses (thread_id, council_id, kind, note, person_id, at) values ($1, $2, 'problem', 'Our Mrs Canary too', $3, now())`, id, h.ben.CouncilID, h.ben.ID)
	h.exec(t, `insert into lessons (thread_id, happened, verdict) values ($1, 'Mrs Canary was glad', 'worked')`, id)
	before := h.page(t, h.ada, id)
	for _, passage := range []string{"Mrs Canary", "mrs-canary"} {
		draft := forum.RedactDraft{Passage: passage, Reason: "It is about a resident.", Removed: map[string]string{"en": "[removed]"}}
		if _, err := h.Redact(t.Context(), mona, before.Posts[0].ID, draft); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"threads", "posts", "projects", "project_changes", "products", "reuses", "lessons", "register"} {
		var left string
		if err := h.db.QueryRow(t.Context(), `select coalesce(string_agg(r::text, ' '), '') from `+table+` r where r::text ~* 'canary'`).Scan(&left); err != nil || left != "" {
			t.Errorf("%s has %s (%v)", table, left, err)
		}
	}
	p := h.page(t, h.ada, id)
	if p.Project.Summary != "[removed] gets a bin." || p.Project.CodeURL != "" || len(p.Products) != 0 || p.Project.Tried != "She asked." {
		t.Errorf("got %+v", p.Project)
	}
	now := (*forum.Conflict)(nil)
	again := projects.FactDraft{Field: "problem", Text: "Mrs Canary had none at all.", Version: before.Project.Version}
	if err := h.SetFact(t.Context(), h.ada, id, again); !errors.As(err, &now) {
		t.Errorf("from a page of before: %v", err)
	}
	if p := h.page(t, h.ben, h.project); p.Project.Summary != "Sensors in two hundred bins." || p.Project.Version != 1 {
		t.Errorf("another project: %+v", p.Project)
	}
}

// An address is kept as browsers read it, and what stands beside another fact in a form
// does not keep that from being kept.
func TestFactsAreKeptAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, draft := range []projects.FactDraft{
		{Field: "code_url", Text: "HTTPS://github.com/x", Beside: "MIT"}, {Field: "evidence_url", Text: "Http://example.org/Y"}, {Field: "tried", Text: "All of it.", Beside: "Stray"},
	} {
		if err := h.SetFact(t.Context(), h.ada, h.project, draft); err != nil {
			t.Errorf("%s: %v", draft.Field, err)
		}
	}
	p := h.page(t, h.ada, h.project).Project
	if p.CodeURL != "https://github.com/x" || p.Licence != "MIT" || p.EvidenceURL != "http://example.org/Y" || p.Tried != "All of it." {
		t.Errorf("got %+v", p)
	}
}

// A project that goes back to one that has gone meanwhile is not lost: its form comes
// back, and is shared without it.
func TestAProjectOutlivesTheOneItGoesBackTo(t *testing.T) {
	t.Parallel()
	h := open(t)
	draft := projects.Draft{Title: "The same here", Summary: "Sensors.", Phase: "idea", Parent: h.project}
	for _, gone := range []string{`update threads set hidden_at = now(), hidden_why = 'Rude.' where id = $1`, `update threads set deleted_at = now() where id = $1`} {
		h.exec(t, gone, h.project)
		bad := forum.Invalid(nil)
		if _, err := h.Start(t.Context(), h.ben, draft); !errors.As(err, &bad) || bad[0].Key != "projects.parent_gone" {
			t.Errorf("%s: %v", gone, err)
		}
	}
	p, err := h.StartPage(t.Context(), h.ben, draft)
	if err != nil || p.Draft.Parent != 0 || p.Draft.Title != draft.Title {
		t.Errorf("the form has %+v (%v)", p.Draft, err)
	}
}
