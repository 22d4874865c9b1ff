package curation_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

var visitor = forum.Person{Standing: forum.Visitor}

// hall is a forum with a curator, and two colleagues of other councils.
type hall struct {
	*curation.Store
	t              *testing.T
	db             *pgxpool.Pool
	clock          *forumtest.Clock
	care           *care.Store
	cora, ada, ben forum.Person
}

func open(t *testing.T) *hall {
	t.Helper()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	return &hall{Store: curation.New(store), t: t, db: db, clock: clock, care: care.New(store, curation.Undoings()),
		cora: forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Southmoor"), forum.Curator),
		ada:  forumtest.Person(t, store, "Ada", "Northmoor"),
		ben:  forumtest.Person(t, store, "Ben", "Southmoor")}
}

func (h *hall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// is fails the test where an error is not of a kind.
func (h *hall) is(what string, got, want error) {
	h.t.Helper()
	if !errors.Is(got, want) {
		h.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// refused are the fields that a refused form names.
func refused(err error) (fields []string) {
	bad := (forum.Invalid)(nil)
	errors.As(err, &bad)
	for _, p := range bad {
		fields = append(fields, p.Field)
	}
	return fields
}

// ask begins a thread with replies by the people given, in turn.
func (h *hall) ask(who forum.Person, title string, repliers ...forum.Person) int64 {
	h.t.Helper()
	id := forumtest.Thread(h.t, h.Store.Store, who, title)
	for _, one := range repliers {
		h.reply(one, id, "A reply by "+one.Name+" to "+title)
	}
	return id
}

func (h *hall) reply(who forum.Person, thread int64, body string) forum.Posted {
	h.t.Helper()
	return forumtest.Reply(h.t, h.Store.Store, who, thread, body)
}

// page reads the first page of a thread as somebody sees it.
func (h *hall) page(who forum.Person, thread int64) forum.ThreadPage {
	h.t.Helper()
	p, err := h.ThreadPage(h.t.Context(), who, thread, 1, 0)
	h.must(err)
	return p
}

// last is the newest entry of the audit log.
func (h *hall) last() (id int64) {
	h.t.Helper()
	return h.number(`select max(id) from entries`)
}

func (h *hall) number(sql string, args ...any) (n int64) {
	h.t.Helper()
	h.must(h.db.QueryRow(context.Background(), sql, args...).Scan(&n))
	return n
}

func (h *hall) undo(who forum.Person, entry int64) error {
	return h.care.Undo(h.t.Context(), who, entry, "")
}

func slugs(p forum.ThreadPage) (all []string) {
	for _, t := range p.Topics {
		all = append(all, t.Slug)
	}
	return all
}

// A curator moves a thread to other topics: a line in it says so, its author is told,
// the record has it, and from there it goes back.
func TestAThreadIsMovedAndPutBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.ask(h.ada, "Who has moved bins online?", h.ben)
	move := curation.MoveDraft{Topics: []string{"procurement", "waste-management"}, Kind: forum.Discussion, Reason: "It is about buying"}
	if h.number(`select count(*) from topics where slug = 'procurement'`) == 0 {
		move.Topics[0] = "planning"
	}
	for range 2 { // the second changes nothing
		h.must(h.Move(t.Context(), h.cora, id, move))
	}
	p := h.page(visitor, id)
	if !slices.Equal(slugs(p), move.Topics) || p.Thread.TopicSlug != move.Topics[0] || p.Thread.Kind != forum.Discussion {
		t.Errorf("it is %s in %v", p.Thread.Kind, slugs(p))
	}
	if len(p.Lines) != 1 || p.Lines[0].DoerName != "Cora" || p.Lines[0].Reason != move.Reason || len(p.Lines[0].TopicsBefore) != 1 || len(p.Lines[0].TopicsAfter) != 2 || p.Lines[0].After != 2 {
		t.Errorf("its lines are %+v", p.Lines)
	}
	if n := h.number(`select count(*) from events where kind = 'thread_moved' and thread_id = $1`, id); n != 1 {
		t.Errorf("%d events", n)
	}
	entry := h.last()
	h.is("the author undoes it", h.undo(h.ada, entry), forum.ErrNotFound)
	for range 2 {
		h.must(h.undo(h.cora, entry))
	}
	p = h.page(visitor, id)
	if !slices.Equal(slugs(p), []string{"waste-management"}) || p.Thread.Kind != forum.Question || len(p.Lines) != 0 {
		t.Errorf("put back it is %s in %v, with %d lines", p.Thread.Kind, slugs(p), len(p.Lines))
	}
}

// Who may not, and what cannot be.
func TestWhoMayNotTidyAndWhatCannotBe(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.ask(h.ada, "Who has moved bins online?")
	answer := h.reply(h.ben, id, "We did.")
	secret := forumtest.Ask(t, h.Store.Store, h.ada, forum.AskDraft{Title: "Among us", Visibility: "councils"})
	moderator := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mona", "Northmoor"), forum.Moderator)
	supplier := forumtest.SupplierOf(t, h.Store.Store, "Sue", "Binsoft")
	for _, c := range []struct {
		who    string
		person forum.Person
		thread int64
		want   error
	}{
		{"a visitor", visitor, id, forum.ErrForbidden},
		{"the author", h.ada, id, forum.ErrForbidden},
		{"a moderator", moderator, id, forum.ErrForbidden},
		{"a visitor of what is for councils", visitor, secret, forum.ErrNotFound},
		{"a supplier of what is for councils", supplier, secret, forum.ErrNotFound},
		{"a curator of what is not there", h.cora, 9999, forum.ErrNotFound},
	} {
		h.is(c.who+" moves", h.Move(t.Context(), c.person, c.thread, curation.MoveDraft{Topics: []string{"planning"}}), c.want)
		h.is(c.who+" retitles", h.Retitle(t.Context(), c.person, c.thread, curation.RetitleDraft{Title: "Another"}), c.want)
		_, err := h.TendPage(t.Context(), c.person, c.thread, "", 0)
		h.is(c.who+" comes to the page", err, c.want)
	}
	h.must(h.Accept(t.Context(), h.ada, answer.ID, true))
	for _, c := range []struct {
		draft curation.MoveDraft
		want  string
	}{
		{curation.MoveDraft{}, "topic"},
		{curation.MoveDraft{Topics: []string{"no-such-topic"}}, "topic"},
		{curation.MoveDraft{Topics: []string{"a", "b", "c", "d", "e", "f"}}, "topic"},
		{curation.MoveDraft{Topics: []string{"waste-management"}, Kind: forum.Discussion}, "kind"},
		{curation.MoveDraft{Topics: []string{"waste-management"}, Kind: "project"}, "kind"},
	} {
		if got := refused(h.Move(t.Context(), h.cora, id, c.draft)); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%+v: got %v, want %s", c.draft, got, c.want)
		}
	}
	if got := refused(h.Retitle(t.Context(), h.cora, id, curation.RetitleDraft{Title: " "})); !slices.Equal(got, []string{"title"}) {
		t.Errorf("no title: got %v", got)
	}
}

// A title is changed and comes back; what it was is in the history alone, and whoever
// has it in a form looks again. When it has changed once more there is nothing to undo.
func TestATitleIsChangedAndComesBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.ask(h.ada, "Help?")
	opening := h.number(`select id from posts where thread_id = $1`, id)
	h.must(h.Retitle(t.Context(), h.cora, id, curation.RetitleDraft{Title: "  Who has moved\nbins online? "}))
	entry := h.last()
	p := h.page(visitor, id)
	if p.Thread.Title != "Who has moved bins online?" || p.Thread.Slug != "who-has-moved-bins-online" || len(p.Lines) != 1 {
		t.Errorf("it is %q at %s, with %+v", p.Thread.Title, p.Thread.Slug, p.Lines)
	}
	_, err := h.Edit(t.Context(), h.ada, opening, forum.EditDraft{Body: "Mine", Version: 1, Title: "Help?", Topics: []string{"waste-management"}})
	h.is("an edit begun before", err, forum.ErrConflict)
	h.must(h.undo(h.cora, entry))
	if p := h.page(visitor, id); p.Thread.Title != "Help?" || p.Thread.Slug != "help" || len(p.Lines) != 0 {
		t.Errorf("put back it is %q at %s", p.Thread.Title, p.Thread.Slug)
	}
	h.must(h.Retitle(t.Context(), h.cora, id, curation.RetitleDraft{Title: "One"}))
	entry = h.last()
	h.must(h.Retitle(t.Context(), h.cora, id, curation.RetitleDraft{Title: "Two"}))
	h.is("what was changed since", h.undo(h.cora, entry), forum.ErrConflict)
	h.is("from a form of before", h.Retitle(t.Context(), h.cora, id, curation.RetitleDraft{Title: "Three", Was: "One"}), forum.ErrConflict)
	_, err = h.Redact(t.Context(), h.moderator(), opening, forum.RedactDraft{Passage: "Two", Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}})
	h.must(err)
	h.is("what was taken out of it", h.Retitle(t.Context(), h.cora, id, curation.RetitleDraft{Title: "Two bins", Was: "Two"}), forum.ErrConflict)
	h.must(h.Retitle(t.Context(), h.cora, id, curation.RetitleDraft{Title: "Bins", Was: "[removed]"}))
}
