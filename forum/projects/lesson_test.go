package projects_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

var heads = map[string][]string{"en": {"What we wanted", "What we did", "What happened", "What we would do differently", "Our advice"}}

// aLesson is one as somebody types it.
func aLesson(change func(*projects.LessonDraft)) projects.LessonDraft {
	draft := projects.LessonDraft{Title: "Sensors in bins", Happened: "Half of them went **flat**.", Differently: "Buy ten first.", Verdict: "partly",
		Advice: "Ask how long the battery lasts.", Topics: []string{"waste-management"}, Heads: heads}
	if change != nil {
		change(&draft)
	}
	return draft
}

// share shares a lesson of somebody's.
func (h *hall) share(t *testing.T, who forum.Person, change func(*projects.LessonDraft)) int64 {
	t.Helper()
	asked, err := h.ShareLesson(t.Context(), who, aLesson(change))
	if err != nil {
		t.Fatal(err)
	}
	return asked.ID
}

func (h *hall) lesson(t *testing.T, who forum.Person, id int64) projects.LessonPage {
	t.Helper()
	p, err := h.LessonPage(t.Context(), who, id, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A lesson is a thread that opens with its texts, each below what it is about; it
// stands in the list and beside the project that it comes from.
func TestALessonIsShared(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.share(t, h.ada, func(n *projects.LessonDraft) { n.Project = fmt.Sprintf("/projects/%d-bins", h.project) })
	p := h.lesson(t, forum.Person{}, id)
	if p.Thread.Kind != forum.Lesson || p.Lesson.Verdict != "partly" || p.Lesson.Advice == "" || p.Project == nil || p.Project.ID != h.project || p.CanChange {
		t.Errorf("got %+v", p.Lesson)
	}
	html := string(p.Posts[0].HTML)
	for _, part := range []string{"What happened", "<strong>flat</strong>", "What we would do differently", "Our advice"} {
		if !strings.Contains(html, part) {
			t.Errorf("%s is missing from %s", part, html)
		}
	}
	if strings.Contains(html, "What we wanted") {
		t.Error("a head stands over nothing")
	}
	l, err := h.Register(t.Context(), forum.Person{}, forum.Lesson, projects.Filter{})
	if err != nil || len(l.Cards) != 1 || l.Cards[0].Say != "Ask how long the battery lasts." || l.Cards[0].Verdict != "partly" {
		t.Errorf("the list has %+v (%v)", l.Cards, err)
	}
	if of := h.page(t, h.ben, h.project); len(of.Lessons) != 1 || of.Lessons[0].ID != id {
		t.Errorf("the project has %+v", of.Lessons)
	}
	topic, err := h.ThreadList(t.Context(), forum.Person{}, forum.Filter{Topic: "waste-management", Beside: true})
	if err != nil || len(topic.Lessons) != 1 || topic.Lessons[0].Advice == "" {
		t.Errorf("the topic has %+v (%v)", topic.Lessons, err)
	}
	council, err := h.CouncilPage(t.Context(), forum.Person{}, "northmoor")
	if err != nil || len(council.Lessons) != 1 {
		t.Errorf("the council has %+v (%v)", council.Lessons, err)
	}
}

// A block of code that nobody ended does not swallow the next text.
func TestATextEndsWhereItEnds(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.share(t, h.ada, func(n *projects.LessonDraft) { n.Happened = "See:\n```\nselect 1" })
	if html := string(h.lesson(t, h.ben, id).Posts[0].HTML); strings.Count(html, "<h") < 3 {
		t.Errorf("got %s", html)
	}
}

// What is missing or wrong is said of each field, in the order of the form.
func TestALessonSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	h := open(t)
	secret := h.start(t, h.ada, projects.Draft{Title: "Quiet", Visibility: "councils"})
	new := forumtest.NewcomerOf(t, h.Store.Store, "New", "Southmoor")
	for _, c := range []struct {
		change func(*projects.LessonDraft)
		fields string
	}{
		{func(n *projects.LessonDraft) { *n = projects.LessonDraft{} }, "title happened verdict topic"},
		{func(n *projects.LessonDraft) { n.Verdict = "great" }, "verdict"},
		{func(n *projects.LessonDraft) { n.Advice = strings.Repeat("a", 201) }, "advice"},
		{func(n *projects.LessonDraft) { n.Did = strings.Repeat("a", 5001) }, "did"},
		{func(n *projects.LessonDraft) { n.Project = "bins" }, "project"},
		{func(n *projects.LessonDraft) { n.Project = "99999" }, "project"},
		{func(n *projects.LessonDraft) { n.Project = fmt.Sprint(secret) }, "project"},
		{func(n *projects.LessonDraft) { n.CostBand, n.TimeBand = "cheap", "soon" }, "cost_band time_band"},
		{func(n *projects.LessonDraft) { n.Happened = "Mr Smith, NHS number 943 476 5919" }, "happened residents_why"},
	} {
		bad := forum.Invalid(nil)
		_, err := h.ShareLesson(t.Context(), new, aLesson(c.change))
		errors.As(err, &bad)
		var fields []string
		for _, p := range bad {
			fields = append(fields, p.Field)
		}
		if got := strings.Join(fields, " "); got != c.fields && !strings.HasPrefix(c.fields, got+" ") {
			t.Errorf("got %s (%v), want %s", got, err, c.fields)
		}
	}
	supplier := forumtest.SupplierOf(t, h.Store.Store, "Sal", "Sensors Ltd")
	if _, err := h.ShareLesson(t.Context(), supplier, aLesson(nil)); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("a supplier: %v", err)
	}
}

// Its author changes a lesson, and a curator who says why; what it said before is kept.
func TestALessonIsChanged(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.share(t, h.ada, nil)
	curator := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Cur", "Southmoor"), forum.Curator)
	better := aLesson(func(n *projects.LessonDraft) {
		n.Version, n.Title, n.Verdict, n.Differently = 1, "Sensors in bins, a year on", "no", "Do not."
	})
	if err := h.ChangeLesson(t.Context(), h.ben, id, better); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("another council: %v", err)
	}
	bad := forum.Invalid(nil)
	if err := h.ChangeLesson(t.Context(), curator, id, better); !errors.As(err, &bad) || bad[0].Field != "reason" {
		t.Errorf("a curator without a reason: %v", err)
	}
	for range 2 {
		if err := h.ChangeLesson(t.Context(), h.ada, id, better); err != nil {
			t.Fatal(err)
		}
	}
	p := h.lesson(t, h.ben, id)
	if p.Lesson.Version != 2 || p.Lesson.Verdict != "no" || p.Thread.Title != better.Title || !strings.Contains(string(p.Posts[0].HTML), "Do not.") {
		t.Errorf("got %+v %s", p.Lesson, p.Posts[0].HTML)
	}
	better.Version, better.CostBand = 2, "under-10k"
	if err := h.ChangeLesson(t.Context(), curator, id, better); !errors.As(err, &bad) || bad[len(bad)-1].Field != "reason" {
		t.Errorf("a curator of what is no words, without a reason: %v", err)
	}
	better.Reason = "It cost more."
	if err := h.ChangeLesson(t.Context(), curator, id, better); err != nil {
		t.Errorf("a curator of what is no words: %v", err)
	}
	var reason string
	if err := h.db.QueryRow(t.Context(), `select reason from entries where deed = 'edited_post' and doer_id = $1 and person_id = $2 and thread_id = $3 and post_id = $4`,
		curator.ID, h.ada.ID, id, p.Posts[0].ID).Scan(&reason); err != nil || reason != better.Reason {
		t.Errorf("on record is %q (%v)", reason, err)
	}
	var told int
	if err := h.db.QueryRow(t.Context(), `select count(*) from events where kind = 'lesson_changed' and doer_id = $1 and thread_id = $2`, curator.ID, id).Scan(&told); err != nil || told != 1 {
		t.Errorf("its author is told %d times, want 1 (%v)", told, err)
	}
	if _, err := h.Edit(t.Context(), h.ada, p.Posts[0].ID, forum.EditDraft{Body: "Other words.", Version: p.Posts[0].Version, Title: "Other", Topics: []string{"forms"}}); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("its words go by its facts alone: %v", err)
	}
}

// Two people change different facts at once and neither is held up; of the same fact
// the second is shown what the first made of it.
func TestOfTwoWhoChangeALessonTheSecondSeesBoth(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.share(t, h.ada, nil)
	curator := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Cur", "Southmoor"), forum.Curator)
	change := func(who forum.Person, change func(*projects.LessonDraft)) error {
		return h.ChangeLesson(t.Context(), who, id, aLesson(func(n *projects.LessonDraft) {
			n.Version, n.Reason = 1, "Clearer."
			change(n)
		}))
	}
	if err := change(curator, func(n *projects.LessonDraft) { n.Did = "We put them in." }); err != nil {
		t.Fatal(err)
	}
	if err := change(h.ada, func(n *projects.LessonDraft) { n.Verdict, n.Topics = "no", []string{"forms"} }); err != nil {
		t.Fatal(err)
	}
	clash := (*projects.LessonConflict)(nil)
	err := change(h.ada, func(n *projects.LessonDraft) { n.Did, n.Verdict = "We did nothing.", "early" })
	if !errors.As(err, &clash) || len(clash.Facts) != 2 || clash.Facts[1].Now != "We put them in." || !errors.Is(err, forum.ErrConflict) {
		t.Fatalf("got %v %+v", err, clash)
	}
	p := h.lesson(t, h.ben, id)
	if p.Lesson.Did != "We put them in." || p.Lesson.Verdict != "no" || p.Topics[0].Slug != "forms" {
		t.Errorf("got %+v", p.Lesson)
	}
}

// That a lesson helped is counted by council, however many of it say so at once, and
// taken back by any of them; not by its author's own.
func TestALessonHelpsCouncils(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.share(t, h.ada, nil)
	sue := forumtest.Person(t, h.Store.Store, "Sue", "Southmoor")
	nat := forumtest.Person(t, h.Store.Store, "Nat", "Northmoor")
	for _, who := range []forum.Person{h.ada, nat, {}} {
		if err := h.SayHelped(t.Context(), who, id, true); !errors.Is(err, forum.ErrForbidden) {
			t.Errorf("%s: %v", who.Name, err)
		}
	}
	var wg sync.WaitGroup
	for _, who := range []forum.Person{h.ben, sue, h.ben} {
		wg.Go(func() {
			if err := h.SayHelped(t.Context(), who, id, true); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if p := h.lesson(t, sue, id); len(p.Helped) != 1 || !p.HasHelped {
		t.Errorf("got %+v", p.Helped)
	}
	if l, err := h.Register(t.Context(), h.ben, forum.Lesson, projects.Filter{}); err != nil || l.Cards[0].Reuses != 1 {
		t.Errorf("the list counts %+v (%v)", l.Cards, err)
	}
	for range 2 {
		if err := h.SayHelped(t.Context(), sue, id, false); err != nil {
			t.Fatal(err)
		}
	}
	if p := h.lesson(t, sue, id); len(p.Helped) != 0 || p.HasHelped {
		t.Errorf("taken back: %+v", p.Helped)
	}
	if err := h.SayHelped(t.Context(), h.ben, h.project, true); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("a project is no lesson: %v", err)
	}
}

// The list goes on over pages, and shows nobody what is not theirs to see.
func TestLessonsComePageByPage(t *testing.T) {
	t.Parallel()
	h := open(t)
	secret := h.share(t, h.ada, func(n *projects.LessonDraft) { n.Visibility = "councils" })
	for i := range 32 {
		h.share(t, h.ada, func(n *projects.LessonDraft) { n.Title = fmt.Sprintf("Lesson %d", i) })
	}
	seen, before := map[int64]bool{}, ""
	for page := 0; page == 0 || before != ""; page++ {
		l, err := h.Register(t.Context(), forum.Person{}, forum.Lesson, projects.Filter{Before: before})
		if err != nil || page > 2 {
			t.Fatalf("page %d: %v", page, err)
		}
		for _, c := range l.Cards {
			if seen[c.ID] || c.ID == secret {
				t.Errorf("%d stands twice, or for whom it is not", c.ID)
			}
			seen[c.ID] = true
		}
		before = l.Next
	}
	if len(seen) != 32 {
		t.Errorf("got %d", len(seen))
	}
	if _, err := h.Register(t.Context(), forum.Person{}, forum.Lesson, projects.Filter{Before: "no-cursor"}); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// What a moderator takes out of a lesson is in its facts no more, nor in what they said before.
func TestWhatIsTakenOutOfALessonIsNowhere(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.share(t, h.ada, func(n *projects.LessonDraft) { n.Happened, n.Advice = "Jane Roe lost it.", "Ask Jane Roe first." })
	again := aLesson(func(n *projects.LessonDraft) {
		n.Version, n.Happened, n.Advice, n.Did = 1, "They lost it.", "Ask Jane Roe first.", "Jane Roe drove."
	})
	if err := h.ChangeLesson(t.Context(), h.ada, id, again); err != nil {
		t.Fatal(err)
	}
	moderator := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mod", "Southmoor"), forum.Moderator)
	post := h.lesson(t, moderator, id).Posts[0].ID
	if _, err := h.Redact(t.Context(), moderator, post, forum.RedactDraft{Passage: "Jane Roe", Reason: "A name.", Removed: map[string]string{"en": "[removed]"}}); err != nil {
		t.Fatal(err)
	}
	var left int
	err := h.db.QueryRow(t.Context(), `
		select (select count(*) from lessons l where l::text like '%Jane%') + (select count(*) from lesson_changes c where c::text like '%Jane%')
			+ (select count(*) from posts p where p.body like '%Jane%') + (select count(*) from revisions r where r.body like '%Jane%')`).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("it stands in %d places (%v)", left, err)
	}
	if p := h.lesson(t, h.ben, id); p.Lesson.Advice != "Ask [removed] first." {
		t.Errorf("got %+v", p.Lesson)
	}
}

// When its author is erased a lesson that others answered stays, and what it said before
// goes, as what a post said before does.
func TestWhatALessonSaidBeforeGoesWithItsAuthor(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.share(t, h.ada, func(n *projects.LessonDraft) { n.Happened = "Jane Roe lost it." })
	if err := h.ChangeLesson(t.Context(), h.ada, id, aLesson(func(n *projects.LessonDraft) { n.Version, n.Happened = 1, "They lost it." })); err != nil {
		t.Fatal(err)
	}
	forumtest.Reply(t, h.Store.Store, h.ben, id, "So did we.")
	if err := h.Do(t.Context(), h.ada, func(d *forum.Deed) error {
		if err := h.Forget(t.Context(), d, h.ada.ID); err != nil {
			return err
		}
		return d.Forget(t.Context(), h.ada.ID)
	}); err != nil {
		t.Fatal(err)
	}
	var left, stays int
	if err := h.db.QueryRow(t.Context(), `select (select count(*) from lesson_changes where was <> ''), (select count(*) from lessons where happened = 'They lost it.')`).Scan(&left, &stays); err != nil || left != 0 || stays != 1 {
		t.Errorf("%d facts of before are left, want none; %d lessons, want 1 (%v)", left, stays, err)
	}
}

// Who changes facts of a lesson is kept to the pace of edits.
func TestFactsOfALessonAreChangedAtAPace(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{Limits: true})
	all := projects.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	asked, err := all.ShareLesson(t.Context(), ada, aLesson(nil))
	if err != nil {
		t.Fatal(err)
	}
	change := func(n int) error {
		clock.Advance(time.Second)
		return all.ChangeLesson(t.Context(), ada, asked.ID, aLesson(func(d *projects.LessonDraft) { d.Version, d.Verdict = n+1, []string{"no", "partly"}[n%2] }))
	}
	for n := range 20 {
		if err := change(n); err != nil {
			t.Fatalf("change %d: %v", n+1, err)
		}
	}
	if err := change(20); !errors.Is(err, forum.ErrTooMany) {
		t.Errorf("the 21st in a minute: %v", err)
	}
	clock.Advance(time.Minute)
	if err := change(20); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}
