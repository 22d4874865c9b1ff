package curation_test

import (
	"errors"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// Curators say above a thread what it has come to. Two at once do not undo each other;
// what it said before comes back from the record.
func TestWhatWeKnowSoFar(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.ask(h.ada, "Missed bins?")
	write := func(who forum.Person, body string, version int) error {
		return h.Summarise(t.Context(), who, id, curation.SummaryDraft{Body: body, Version: version})
	}
	h.is("a colleague", write(h.ben, "Mine", 0), forum.ErrForbidden)
	if got := refused(write(h.cora, "  ", 0)); len(got) != 1 || got[0] != "body" {
		t.Errorf("nothing: %v", got)
	}
	if got := refused(write(h.cora, strings.Repeat("é", 10001), 0)); len(got) != 1 || got[0] != "body" {
		t.Errorf("too long: %v", got)
	}
	for range 2 { // the second press changes nothing
		h.must(write(h.cora, "**Route 7** works. <script>alert(1)</script> @ada", 0))
	}
	s := h.page(visitor, id).Summary
	if s == nil || !strings.Contains(string(s.HTML), "<strong>Route 7</strong>") || strings.Contains(string(s.HTML), "<script") || len(s.Authors) != 1 || s.Authors[0] != "Cora" {
		t.Fatalf("got %+v", s)
	}
	dan := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Dan", "Northmoor"), forum.Curator)
	now := (*forum.Conflict)(nil)
	if err := write(dan, "Route 8 works.", 0); !errors.As(err, &now) || now.Version != 1 || now.EditorName != "Cora" {
		t.Errorf("over another's: %v", err)
	}
	h.must(write(dan, "Route 8 works.", 1))
	if s = h.page(visitor, id).Summary; len(s.Authors) != 2 || len(h.page(visitor, id).Lines) != 2 {
		t.Errorf("got %+v, %d lines", s, len(h.page(visitor, id).Lines))
	}
	h.is("an older one", h.care.Undo(t.Context(), h.cora, h.entry(forum.SummarisedThread, 0), "No"), forum.ErrConflict)
	for range 2 {
		h.must(h.care.Undo(t.Context(), h.cora, h.entry(forum.SummarisedThread, 1), "No"))
	}
	if s = h.page(visitor, id).Summary; !strings.Contains(string(s.HTML), "Route 7") {
		t.Errorf("undone: %+v", s)
	}
	h.must(write(h.cora, "", 3))
	if s = h.page(visitor, id).Summary; s != nil {
		t.Errorf("taken down: %+v", s)
	}
	h.must(h.care.Undo(t.Context(), h.cora, h.entry(forum.UnsummarisedThread, 0), "No"))
	if s = h.page(visitor, id).Summary; s == nil {
		t.Error("it did not come back")
	}
}

// entry is the nth entry of a deed, from the first.
func (h *hall) entry(deed forum.DeedName, n int) (id int64) {
	h.t.Helper()
	h.must(h.db.QueryRow(h.t.Context(), `select id from entries where deed = $1 order by id offset $2 limit 1`, deed, n).Scan(&id))
	return id
}

// A passage that is taken out of a post goes from what is said above the thread too, and
// what is left is rendered again.
func TestARedactionReachesWhatWeKnow(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.ask(h.ada, "Missed bins?")
	post := forumtest.Reply(t, h.Store.Store, h.ben, id, "Mrs Winterbottom of 7 Mill Lane has no bin.").ID
	h.must(h.Summarise(t.Context(), h.cora, id, curation.SummaryDraft{Body: "**Mrs Winterbottom** has no bin."}))
	h.must(h.Summarise(t.Context(), h.cora, id, curation.SummaryDraft{Body: "Still *Mrs Winterbottom* has none.", Version: 1}))
	mod := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mod", "Northmoor"), forum.Moderator)
	if _, err := h.Redact(t.Context(), mod, post, forum.RedactDraft{Passage: "Mrs Winterbottom", Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}}); err != nil {
		t.Fatal(err)
	}
	var left int
	h.must(h.db.QueryRow(t.Context(), `select count(*) from summaries where body || html like '%Winterbottom%'`).Scan(&left))
	if left != 0 {
		t.Errorf("it stands in %d of them", left)
	}
	now := (*forum.Conflict)(nil)
	if err := h.Summarise(t.Context(), h.cora, id, curation.SummaryDraft{Body: "Still Mrs Winterbottom has none, says a form that was open.", Version: 2}); !errors.As(err, &now) || strings.Contains(now.Body, "Winterbottom") {
		t.Errorf("a form that was open puts it back: %v", err)
	}
	if n, err := h.RerenderSummaries(t.Context(), 10); err != nil || n != 2 {
		t.Fatalf("rendered %d, %v", n, err)
	}
	if s := h.page(visitor, id).Summary; !strings.Contains(string(s.HTML), "<em>") {
		t.Errorf("got %q", s.HTML)
	}
}
