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
