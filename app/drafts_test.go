package app_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// autosave sends a draft as the script does.
func (b *browser) autosave(form url.Values) (got returned, version int, at time.Time) {
	b.t.Helper()
	b.header.Set("Accept", "application/json")
	defer b.header.Del("Accept")
	got = b.post("/drafts", form)
	var answer struct {
		Version int
		SavedAt time.Time `json:"saved_at"`
	}
	_ = json.Unmarshal([]byte(got.text), &answer) // a page is no answer, and its status tells
	return got, answer.Version, answer.SavedAt
}

// A script saves and is told the version. An older one is refused with the newest,
// and to a person both texts are shown, of which they go on with either.
func TestDraftsAreSaved(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	id, thread := h.threadOf(ben, "Missed bins?")
	b := h.as(ben)
	draft := func(version int, page, words string) url.Values {
		form := b.form(thread, url.Values{"kind": {"reply"}, "target": {fmt.Sprint(id)}, "version": {fmt.Sprint(version)}, "body": {words}, "lang": {"cy"}})
		form.Set("idempotency", page)
		return form
	}
	for want := 1; want <= 2; want++ {
		got, version, at := b.autosave(draft(want-1, "desk", fmt.Sprintf("Words %d", want)))
		got.wantStatus(t, 200)
		if version != want || time.Since(at) > time.Minute || !strings.HasPrefix(got.Header.Get("Content-Type"), "application/json") {
			t.Errorf("got %s", got.text)
		}
	}
	h.as(ben).get(thread).has(t, "Your words were kept", "Words 2", `value="cy" checked`, `name="draft" value="2"`) // another device
	h.as(ben).get("/drafts").has(t, "Words 2", "Missed bins?", "Words 1", `action="/drafts/discard"`)

	old, version, _ := b.autosave(draft(1, "train", "Other words"))
	old.wantStatus(t, 409)
	if version != 2 {
		t.Errorf("an old version is answered %s", old.text)
	}
	both := b.post("/drafts", draft(1, "train", "Other words"))
	both.wantStatus(t, 409)
	both.has(t, "Words 2", "Other words", `name="version" value="2"`, `name="keep"`, `name="page" value="train"`)
	choice := draft(2, "both shown", "Other words, put together")
	choice.Set("page", "train")
	choice.Set("keep", "theirs")
	b.post("/drafts", choice).wantLocation(t, 303, fmt.Sprintf("/threads/%d#reply", id))
	b.get(thread).has(t, "Words 2", "Another tab or device had other words")
	b.get("/drafts").has(t, "Other words, put together")
	choice.Set("keep", "yours")
	b.post("/drafts", choice).wantStatus(t, 303)
	if page := b.get(thread); strings.Contains(page.text, "Another tab or device") || !strings.Contains(page.text, "Other words, put together") {
		t.Error("having chosen, there are still two texts, or the wrong one")
	}

	for field, wrong := range map[string]string{"kind": "poem", "target": "x", "version": "-1"} {
		form := draft(2, "desk", "Kept on the page")
		form.Set(field, wrong)
		got := b.post("/drafts", form)
		got.wantStatus(t, 422)
		got.has(t, "Kept on the page")
	}
	h.guest().get("/drafts").wantLocation(t, 303, "/sign-in?return=%2Fdrafts")
	if page := h.as(forumtest.Person(t, h.store, "Eve", "Northmoor")).get("/drafts"); strings.Contains(page.text, "put together") {
		t.Error("somebody else sees the draft")
	}
}

// Each form is posted, previewed or saved by a button; anything else is refused with
// all that was typed. What is previewed or refused is kept.
func TestFormsKnowWhatToDo(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	id, thread := h.threadOf(ben, "Missed bins?")
	post := forumtest.Reply(t, h.store, ben, id, "As it was.").ID
	edit := fmt.Sprintf("/posts/%d/edit", post)
	b := h.as(ben)
	for _, c := range []struct{ page, action, draftPage string }{
		{"/threads/new", "/threads", "/threads/new"},
		{thread, fmt.Sprintf("/threads/%d/posts", id), fmt.Sprintf("/threads/%d#reply", id)},
		{edit, fmt.Sprintf("/posts/%d", post), edit},
	} {
		form := question("A title", "version", "1")
		form.Set("body", "We **start** in May, "+c.action)
		form.Set("action", "publish")
		form = b.form(c.page, form)
		got := b.post(c.action, form)
		got.wantStatus(t, 422)
		got.has(t, form.Get("body"), `<a href="#action">`, `id="action-error"`)
		b.get("/drafts").has(t, form.Get("body"))
		form.Set("action", "draft")
		form.Set("body", "By the button, "+c.action)
		b.post(c.action, form).wantLocation(t, 303, c.draftPage)
		b.get(c.page).has(t, "By the button, "+c.action)
		form.Set("action", "preview")
		form.Set("body", "In a *preview*, "+c.action)
		got = b.post(c.action, form)
		got.wantStatus(t, 200)
		got.has(t, `id="preview"`, "<em>preview</em>", `name="draft" value="3"`)
		b.get(c.page).has(t, "In a *preview*, "+c.action)
		form.Set("action", "post")
		b.post(c.action, form).wantStatus(t, 303)
		if left := b.get("/drafts"); strings.Contains(left.text, c.action+"</div>") {
			t.Errorf("%s: posted, and still a draft", c.action)
		}
	}
	b.get("/drafts").has(t, "You have no drafts.")
}

// A reply to what was closed meanwhile is refused, and its words are in the drafts.
func TestWordsForAClosedThreadAreKept(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	b := c.as(c.lead)
	form := b.form(c.thread, url.Values{"body": {"Too late by a minute."}})
	if err := c.store.Close(t.Context(), c.mod, c.id, true, "Answered"); err != nil {
		t.Fatal(err)
	}
	b.post(fmt.Sprintf("/threads/%d/posts", c.id), form).wantStatus(t, 403)
	b.get("/drafts").has(t, "Too late by a minute.", "This cannot be posted any more", "Missed bins?")
	b.get(c.thread).has(t, `href="/drafts"`, "You began to write here")
}

// A script that saves when the session has ended is led to sign-in, and the words
// wait behind it.
func TestSavingOutlivesTheSession(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	w.exec(`delete from drafts`)
	got := w.post("ended", "/drafts", "kind", "ask", "version", "0", "title", "Half a title", "body", "Half a question", "thread_kind", "discussion")
	if to := got.location(w); got.status != 303 || to != "/sign-in?return=%2Fthreads%2Fnew&kept=1" {
		t.Fatalf("got %d, to %s", got.status, to)
	}
	w.cookies["ended"] = w.session(w.people["ended"].ID)
	page := w.get("ended", "/threads/new")
	for _, want := range []string{"Half a title", "Half a question", `value="discussion" checked`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("there is no %s", want)
		}
	}
	w.stop() // and a restart takes nothing
	w.start()
	if page := w.get("ended", "/drafts"); !strings.Contains(page.body, "Half a question") {
		t.Error("after a restart the draft is gone")
	}
}

// Thirty saves in a minute, then 429 with when to try again. No key is used up.
func TestSavingIsKeptToAPace(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	b := h.as(ben)
	form := b.form("/threads/new", url.Values{"kind": {"ask"}, "target": {"0"}})
	for n := range 30 {
		form.Set("version", fmt.Sprint(n))
		form.Set("body", fmt.Sprint("Words ", n))
		got, _, _ := b.autosave(form)
		got.wantStatus(t, 200)
	}
	got, _, _ := b.autosave(form)
	got.wantStatus(t, 429)
	if got.Header.Get("Retry-After") == "" {
		t.Error("it does not say when")
	}
	b.post("/threads", b.form("/threads/new", question("Posted with the same page"))).wantStatus(t, 303)
	var keys int
	if err := h.db.QueryRow(t.Context(), `select count(*) from form_keys where person_id = $1`, ben.ID).Scan(&keys); err != nil || keys != 1 {
		t.Errorf("%d keys are used up, want the one of the post (%v)", keys, err)
	}
}

// What looks like a resident's data comes back as typed, masked, with a box to tick
// and a reason to give; previews say so and are not stopped.
func TestPostingAResidentsData(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	b, to := c.as(c.lead), fmt.Sprintf("/threads/%d/posts", c.id)
	form := b.form(c.thread, url.Values{"body": {"She is 943 476 5919."}, "action": {"preview"}})
	preview := b.post(to, form)
	preview.wantStatus(t, 200)
	preview.has(t, `id="preview"`, "This is only a preview", "Line 1: NHS number, 943 ••• ••••", `name="residents"`)
	form.Set("action", "post")
	refused := b.post(to, form)
	refused.wantStatus(t, 422)
	refused.has(t, `<a href="#body">`, `id="body-error"`, "943 ••• ••••", "She is 943 476 5919.", `id="residents"`, `id="residents_why"`)
	_, rest, _ := strings.Cut(refused.text, `id="residents"`)
	_, rest, _ = strings.Cut(rest, `value="`)
	mark, _, _ := strings.Cut(rest, `"`)
	form.Set("residents", mark)
	unsaid := b.post(to, form)
	unsaid.wantStatus(t, 422)
	unsaid.has(t, `<a href="#residents_why">`, `id="residents_why-error"`, "checked")
	form.Set("residents_why", "The NHS’s own test number")
	b.post(to, form).wantStatus(t, 303)
	c.as(c.mod).get("/moderation").has(t, "Posted what looks like a resident’s data", "The NHS’s own test number", "NHS number")
	if strings.Contains(c.log.String(), "5919") || strings.Contains(c.as(c.mod).get("/moderation").text, "5919") {
		t.Error("the number is in the log")
	}
	// The same edit again is not asked about.
	var post int64
	if err := c.db.QueryRow(t.Context(), `select max(id) from posts`).Scan(&post); err != nil {
		t.Fatal(err)
	}
	edit := b.form(fmt.Sprintf("/posts/%d/edit", post), url.Values{"body": {"She is 9434765919, in other words."}, "version": {"1"}})
	b.post(fmt.Sprintf("/posts/%d", post), edit).wantStatus(t, 303)
}

// The page about an edit goes on from the version of the post that it began with.
func TestADraftOfAnEditKnowsItsPost(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	b := c.as(c.ada)
	page := fmt.Sprintf("/posts/%d/edit", c.post)
	form := b.form(page, url.Values{"kind": {"edit"}, "target": {fmt.Sprint(c.post)}, "version": {"0"}, "body": {"Half an edit"}})
	if got, version, _ := b.autosave(form); got.StatusCode != 200 || version != 1 {
		t.Fatalf("got %d %s", got.StatusCode, got.text)
	}
	if _, err := c.store.Edit(t.Context(), c.mod, c.post, forum.EditDraft{Body: "By the team", Version: 1, Reason: "A name"}); err != nil {
		t.Fatal(err)
	}
	b.get(page).has(t, "Half an edit", `name="version" value="1"`)
	conflict := b.post(fmt.Sprintf("/posts/%d", c.post), b.form(page, url.Values{"body": {"Half an edit"}, "version": {"1"}}))
	conflict.wantStatus(t, 409)
	conflict.has(t, "By the team", "Half an edit")
}

// Who was writing when a thread was closed is told just that, and that their words
// are kept.
func TestWordsForAThreadThatWasClosed(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	mo := forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Mo", "Southmoor"), forum.Moderator)
	id, path := h.threadOf(forumtest.Person(t, h.store, "Ada", "Northmoor"), "Who has moved bins online?")
	ben := h.as(forumtest.Person(t, h.store, "Ben", "Southmoor"))
	for _, action := range []string{"post", "preview"} {
		form := ben.form(path, url.Values{"body": {"We did, in **May**."}, "action": {action}})
		if err := h.store.Close(t.Context(), mo, id, true, "It is settled"); err != nil {
			t.Fatal(err)
		}
		got := ben.post(path+"/posts", form)
		got.wantStatus(t, 403)
		got.has(t, "This thread was closed", "We did, in **May**.", `<a href="/drafts"`, "/threads/new")
		ben.get("/drafts").has(t, "We did, in **May**.")
		if err := h.store.Close(t.Context(), mo, id, false, "It is not"); err != nil {
			t.Fatal(err)
		}
	}
}

// Numbers that nothing has are no fault of ours, and no draft is kept under them that
// nobody could read again.
func TestDraftsOfNumbersThatNothingHas(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	_, path := h.threadOf(forumtest.Person(t, h.store, "Ada", "Northmoor"), "Who has moved bins online?")
	ben := h.as(forumtest.Person(t, h.store, "Ben", "Southmoor"))
	for _, form := range []url.Values{
		{"kind": {"reply"}, "target": {"-9223372036854775808"}, "body": {"Words"}},
		{"kind": {"report"}, "target": {"-9223372036854775808"}, "reason": {"Words"}},
		{"kind": {"reply"}, "target": {"1"}, "version": {"99999999999"}, "body": {"Words"}},
		{"kind": {"reply"}, "target": {"99999999999999999999"}, "body": {"Words"}},
	} {
		if got := ben.post("/drafts", ben.form("/drafts", form)); got.StatusCode != 422 {
			t.Errorf("%v: got %d, want 422", form, got.StatusCode)
		}
	}
	ben.get("/drafts").wantStatus(t, 200)
	for _, version := range []string{"99999999999", "-1", "99999999999999999999", "x"} {
		form := ben.form(path, url.Values{"body": {"We did, says " + version}})
		form.Set("draft", version)
		ben.post(path+"/posts", form).wantStatus(t, 303)
	}
}

// What is typed of a new project is kept when its form is refused, by its button, and when
// the session has ended; it is in the form again, of the project that it reuses too, and
// gone once it is shared.
func TestAProjectIsKeptWhileItIsTyped(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	parent, err := projects.New(h.store).Start(t.Context(), ada, projects.Draft{Title: "The first", Summary: "In short.", Phase: "live"})
	if err != nil {
		t.Fatal(err)
	}
	b := h.as(ben)
	from := fmt.Sprintf("/projects/new?parent=%d", parent.ID)
	refused := b.post("/projects", b.form(from, url.Values{"title": {"Bins that speak"}, "summary": {""}, "phase": {"alpha"}, "parent": {fmt.Sprint(parent.ID)}}))
	refused.wantStatus(t, 422)
	refused.has(t, "Bins that speak", `id="summary-error"`, "The first")
	b.get("/projects/new").has(t, "Your words were kept", `value="Bins that speak"`, `value="alpha" checked`, fmt.Sprintf(`name="parent" value="%d"`, parent.ID))
	b.get("/drafts").has(t, "A project", "Bins that speak", `href="/projects/new"`)
	form := b.form("/projects/new", url.Values{"title": {"Bins that speak"}, "summary": {"Sensors, kept."}, "phase": {"beta"}, "action": {"draft"}, "draft": {"1"}})
	if got := b.post("/projects", form); got.StatusCode != 303 {
		t.Errorf("saved it answers %d", got.StatusCode)
	}
	b.get("/projects/new").has(t, "Sensors, kept.", `value="beta" checked`)
	form = b.form("/projects/new", url.Values{"title": {"Bins that speak"}, "summary": {"Sensors, typed too late."}, "phase": {"beta"}, "draft": {"2"}})
	if _, err := h.db.Exec(t.Context(), `update sessions set ended_at = now()`); err != nil {
		t.Fatal(err)
	}
	b.post("/projects", form).wantLocation(t, 303, "/sign-in?return=%2Fprojects%2Fnew&kept=1")
	again := h.as(ben)
	again.get("/projects/new").has(t, "Sensors, typed too late.")
	again.post("/projects", again.form("/projects/new", url.Values{"title": {"Bins that speak"}, "summary": {"Sensors."}, "phase": {"beta"}, "draft": {"3"}})).wantStatus(t, 303)
	if text := again.get("/projects/new").text; strings.Contains(text, "Bins that speak") {
		t.Error("once it is shared the draft is there still")
	}
}

// A reply that was begun on a project or a lesson is in its form again, which says of which
// version it is: what is typed on goes on from that, and meets no conflict.
func TestAReplyGoesOnWhereItWasLeft(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	built := projects.New(h.store)
	project, err := built.Start(t.Context(), ada, projects.Draft{Title: "Bins that speak", Summary: "Sensors in bins.", Phase: "alpha"})
	if err != nil {
		t.Fatal(err)
	}
	lesson, err := built.ShareLesson(t.Context(), ada, projects.LessonDraft{Title: "Sensors", Happened: "They went flat.", Verdict: "no", Topics: []string{"waste-management"}})
	if err != nil {
		t.Fatal(err)
	}
	b := h.as(ben)
	for path, id := range map[string]int64{fmt.Sprintf("/projects/%d-bins-that-speak", project.ID): project.ID, fmt.Sprintf("/lessons/%d-sensors", lesson.ID): lesson.ID} {
		form := b.form(path, url.Values{"kind": {"reply"}, "target": {fmt.Sprint(id)}, "version": {"0"}, "body": {"Words for later"}, "lang": {"en"}})
		got, version, _ := b.autosave(form)
		got.wantStatus(t, 200)
		h.as(ben).get(path).has(t, "Words for later", fmt.Sprintf(`name="draft" value="%d"`, version))
	}
}
