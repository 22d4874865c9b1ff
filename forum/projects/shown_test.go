package projects_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// redact takes a passage out of the post that opens a thread.
func (h *hall) redact(t *testing.T, post int64, passage string) {
	t.Helper()
	mona := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mona", "Southmoor"), forum.Moderator)
	draft := forum.RedactDraft{Passage: passage, Reason: "It is about a resident.", Removed: map[string]string{"en": "[removed]"}}
	if _, err := h.Redact(t.Context(), mona, post, draft); err != nil {
		t.Fatal(err)
	}
}

// Who had a lesson in a form before something was taken out of it does not put it back
// by saving something else.
func TestAFormOfBeforeDoesNotPutBackWhatWasTakenOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.share(t, h.ada, func(n *projects.LessonDraft) {
		n.Title, n.Happened, n.Advice = "Jane Roe's bins", "Jane Roe lost it.", "Ask Jane Roe first."
	})
	h.redact(t, h.lesson(t, h.ada, id).Posts[0].ID, "Jane Roe")
	old := aLesson(func(n *projects.LessonDraft) {
		n.Version, n.Title, n.Happened, n.Advice, n.Did = 1, "Jane Roe's bins", "Jane Roe lost it.", "Ask Jane Roe first.", "We drove."
	})
	clash := (*projects.LessonConflict)(nil)
	if err := h.ChangeLesson(t.Context(), h.ada, id, old); !errors.As(err, &clash) || len(clash.Facts) != 3 {
		t.Fatalf("got %v", err)
	}
	var left int
	if err := h.db.QueryRow(t.Context(), `select count(*) from lesson_changes where was like '%Jane%'`).Scan(&left); err != nil || left > 0 {
		t.Errorf("%d texts of before are kept (%v)", left, err)
	}
}

// A reply that waits to be let in is not what opens the lesson, and stays as it is when
// the lesson is changed.
func TestAWaitingReplyIsNotTheLesson(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.share(t, h.ada, nil)
	held := forumtest.Reply(t, h.Store.Store, forumtest.NewcomerOf(t, h.Store.Store, "New", "Southmoor"), id, "I wait.")
	if err := h.ChangeLesson(t.Context(), h.ada, id, aLesson(func(n *projects.LessonDraft) { n.Version, n.Happened = 1, "They came back." })); err != nil {
		t.Fatal(err)
	}
	var body string
	if err := h.db.QueryRow(t.Context(), `select body from posts where id = $1`, held.ID).Scan(&body); err != nil || body != "I wait." {
		t.Errorf("it says %q (%v)", body, err)
	}
}

// What its author took back is nowhere to be read, the advice beside other things neither.
func TestTheAdviceGoesWithItsLesson(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.share(t, h.ada, func(n *projects.LessonDraft) { n.Advice = "Buy two." })
	forumtest.Reply(t, h.Store.Store, h.ben, id, "Why two?")
	if _, err := h.Delete(t.Context(), h.ada, h.lesson(t, h.ada, id).Posts[0].ID); err != nil {
		t.Fatal(err)
	}
	visitor := forum.Person{}
	l, err := h.Register(t.Context(), visitor, forum.Lesson, projects.Filter{})
	if err != nil || len(l.Cards) != 1 || l.Cards[0].Say != "" {
		t.Errorf("the list has %+v (%v)", l.Cards, err)
	}
	topic, err := h.ThreadList(t.Context(), visitor, forum.Filter{Topic: "waste-management", Beside: true})
	if err != nil || len(topic.Lessons) != 1 || topic.Lessons[0].Advice != "" {
		t.Errorf("the topic has %+v (%v)", topic.Lessons, err)
	}
	if p := h.lesson(t, visitor, id); p.Lesson.Advice != "" {
		t.Errorf("the page has %+v", p.Lesson)
	}
}

// A product whose name is taken out is gone from the project, and has no name where other
// councils have said that they use it, or another product was merged into it.
func TestAProductWithoutItsNameIsStillUsed(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.start(t, h.ada, projects.Draft{Title: "A register", Summary: "Jane Roe wrote it."})
	if err := h.UseProduct(t.Context(), h.ada, id, projects.ProductDraft{Name: "Jane Roe register", New: true}); err != nil {
		t.Fatal(err)
	}
	if err := h.SayUse(t.Context(), h.ben, "jane-roe-register", true, ""); err != nil {
		t.Fatal(err)
	}
	h.redact(t, h.page(t, h.ada, id).Posts[0].ID, "Jane Roe")
	var left int
	err := h.db.QueryRow(t.Context(), `
		select (select count(*) from products p where p::text ~* 'jane.roe') + (select count(*) from project_products where thread_id = $1)
			+ 1 - (select count(*) from product_uses)`, id).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("it stands in %d places (%v)", left, err)
	}
}

// Nor does it stand in the way that the product was merged into one that the project names too.
func TestAProductThatWasMergedIsTakenOutToo(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.start(t, h.ada, projects.Draft{Title: "A register", Summary: "Jane Roe wrote it."})
	h.use(t, h.ada, id, "Jane Roe register", "2027-03")
	h.use(t, h.ada, id, "Binwatch", "")
	cora := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Cora", "Southmoor"), forum.Curator)
	if err := h.MergeProduct(t.Context(), cora, "jane-roe-register", "binwatch"); err != nil {
		t.Fatal(err)
	}
	h.redact(t, h.page(t, h.ada, id).Posts[0].ID, "Jane Roe")
	var left int
	err := h.db.QueryRow(t.Context(), `select (select count(*) from products p where p::text ~* 'jane.roe') + (select count(*) from merged_namings)`).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("it stands in %d places (%v)", left, err)
	}
}

// A council that reuses a project by one of its own is not told of where that one may not
// be read.
func TestAProjectForCouncilsOnlyIsNoReuseForVisitors(t *testing.T) {
	t.Parallel()
	h := open(t)
	child := h.start(t, h.ben, projects.Draft{Title: "Ours", Parent: h.project})
	if p := h.page(t, forum.Person{}, h.project); len(p.Reuses) != 1 || p.Project.Reuses != 1 {
		t.Fatalf("public, it is reused by %+v, %d", p.Reuses, p.Project.Reuses)
	}
	h.exec(t, `update threads set visibility = 'councils' where id = $1`, child)
	h.reuse(t, forumtest.Person(t, h.Store.Store, "Cai", "Southmoor"), h.project, "problem", "public")
	p := h.page(t, forum.Person{}, h.project)
	for _, u := range p.Reuses {
		if u.Kind == "reuse" {
			t.Errorf("it is reused by %+v", u)
		}
	}
	for _, k := range p.Family {
		if k.ID != h.project {
			t.Errorf("its family has %+v", k)
		}
	}
	if p.Project.Reuses != 0 {
		t.Errorf("it counts %d", p.Project.Reuses)
	}
}

// The timeline of a project has who came to reuse it and when it was highlighted, among
// its phases and updates; what is for councils only, was taken back or is yet to come is
// not in it.
func TestTheTimelineHasReuseAndHighlights(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.reuse(t, h.ben, h.project, "reuse", "councils")
	for _, from := range []int{0, 3} {
		h.exec(t, `insert into highlights (thread_id, title, note, grade, from_on, until_on, place, curator_id, made_at, changed_at)
			values ($1, $2, 'Look.', 'said', $3::date, $3::date + 5, 0, $4, $5, $5)`, h.project, "In "+strconv.Itoa(from)+" days", h.Now().AddDate(0, 0, from), h.ada.ID, h.Now())
	}
	kinds := func(who forum.Person) (list []string) {
		for _, s := range h.page(t, who, h.project).Steps {
			list = append(list, s.Kind+" "+s.What)
		}
		slices.Sort(list)
		return list
	}
	if got := kinds(forum.Person{}); !slices.Equal(got, []string{"highlight In 0 days", "phase alpha"}) {
		t.Errorf("a visitor reads %q", got)
	}
	if got := kinds(h.ada); !slices.Equal(got, []string{"highlight In 0 days", "phase alpha", "reuse " + h.ben.CouncilName}) {
		t.Errorf("a colleague reads %q", got)
	}
	h.exec(t, `update highlights set ended_at = $1, ended_by = null`, h.Now())
	if err := h.TakeBackReuse(t.Context(), h.ben, h.project, "reuse"); err != nil {
		t.Fatal(err)
	}
	if got := kinds(h.ada); !slices.Equal(got, []string{"phase alpha"}) {
		t.Errorf("taken back it is %q", got)
	}
}
