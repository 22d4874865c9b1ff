package app_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// A page is one round trip to the database, and who reads it another. The pages
// that most people read ask no more than is written here.
func TestPagesAreReadInOneRoundTrip(t *testing.T) {
	t.Parallel()
	h := openHouse(t, map[string]string{"MOOTHALL_PAGE_CACHE": "off"})
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, thread := h.threadOf(ada, "Who has moved planning notices online?")
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	reader := h.as(ben)
	number, _, _ := strings.Cut(strings.TrimPrefix(thread, "/threads/"), "-")
	id, _ := strconv.ParseInt(number, 10, 64)
	collected(t, h.store, "Notices", id)
	h.guest().get("/?first").wantStatus(t, 200) // a node reads the map in small once in ten minutes
	for _, c := range []struct {
		path            string
		visitor, reader int // statements; who reads it is one of them
	}{{"/", 4, 9}, {"/threads", 3, 4}, {"/threads?topic=waste-management", 4, 5}, {"/councils", 1, 2}, {"/councils/map", 1, 2}, {"/councils/map?topic=waste-management&sort=name", 1, 2}, {"/councils/map?phase=alpha", 1, 2}, {"/search?q=notices", 9, 11}, {"/collections", 1, 2}, {"/collections/notices", 3, 4}, {thread, 11, 18}, {thread + "?quote=1", 12, 18}} {
		for browser, want := range map[*browser]int{h.guest(): c.visitor, reader: c.reader} {
			if got := browser.get(c.path).Header.Get("Server-Timing"); !strings.Contains(got, fmt.Sprintf(`, %d statements"`, want)) {
				t.Errorf("%s: got %s, want %d statements", c.path, got, want)
			}
		}
	}
	if err := h.store.KeepDraft(t.Context(), ben, forum.DraftReply, id, url.Values{"body": {"We did."}, "quote": {"1"}}); err != nil {
		t.Fatal(err)
	}
	reader.get(thread).has(t, "We did.", `name="quote" value="1"`, "post 1</a>")
	project, err := projects.New(h.store).Start(t.Context(), ada, projects.Draft{Title: "Bins that speak", Summary: "Sensors in bins.", Phase: "alpha"})
	if err != nil {
		t.Fatal(err)
	}
	if err := projects.New(h.store).UseProduct(t.Context(), ada, project.ID, projects.ProductDraft{Name: "Binwatch", New: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.db.Exec(t.Context(), `update products set supplier = 'Binwatch Ltd'`); err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/projects/%d-bins-that-speak", project.ID)
	h.guest().get(fmt.Sprintf("/threads/%d", project.ID)).wantLocation(t, 301, at)
	lesson, err := projects.New(h.store).ShareLesson(t.Context(), ada, projects.LessonDraft{Title: "Sensors", Happened: "They went flat.", Verdict: "no", Topics: []string{"waste-management"}})
	if err != nil {
		t.Fatal(err)
	}
	learned := fmt.Sprintf("/lessons/%d-sensors", lesson.ID)
	for _, path := range []string{"/projects", fmt.Sprintf("/projects/compare?id=%d&id=1", project.ID), "/products/compare?product=binwatch", "/projects?phase=alpha&sort=reused", "/products", "/products/binwatch", "/suppliers", "/suppliers/binwatch-ltd", at, "/lessons", learned, "/", "/threads", "/drafts", "/account/notices", "/account/emails", "/account/emails?about=" + url.QueryEscape(thread), "/account/saved", "/whats-new", "/threads/new", "/threads?topic=waste-management&kind=question&state=unanswered", "/threads?state=replied", "/threads?state=answered", thread, thread + "?quote=1",
		"/topics", "/topics/waste-management", "/councils", "/councils?q=moor", "/councils/map?topic=waste-management", "/search", "/search?q=notices", "/search?q=notices&topic=waste-management&sort=newest", "/search/similar?title=planning+notices+online", "/councils/northmoor", fmt.Sprintf("/people/%d-ada", ada.ID)} {
		for browser, want := range map[*browser]string{h.guest(): `"1 round trips,`, reader: `"2 round trips,`} {
			if browser != reader && (strings.HasPrefix(path, "/account") || path == "/drafts" || path == "/whats-new" || path == "/threads/new") {
				continue // theirs are led to sign in
			}
			got := browser.get(path)
			got.wantStatus(t, 200)
			if timing := got.Header.Get("Server-Timing"); !strings.Contains(timing, want) {
				t.Errorf("%s: got %s, want %s", path, timing, want)
			}
		}
	}
}

// A reply asks the database no more often than is written here, however much is done by
// it: who it is of, the form's key, its writer, the thread, the post, what comes of the
// post, and the job that tells of it.
func TestAReplyTakesFewRoundTrips(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	_, path := h.threadOf(forumtest.Person(t, h.store, "Ada", "Northmoor"), "Missed bins?")
	ben := h.as(forumtest.Person(t, h.store, "Ben", "Southmoor"))
	got := ben.post(path+"/posts", ben.form(path, url.Values{"body": {"We did, as did @ada."}}))
	got.wantStatus(t, 303)
	if timing := got.Header.Get("Server-Timing"); !strings.Contains(timing, `"14 round trips, 20 statements"`) {
		t.Errorf("got %s", timing)
	}
}

// has fails the test where an answer lacks one of these.
func (a returned) has(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(a.text, w) {
			t.Errorf("%s %s: there is no %s in\n%.3000s", a.Request.Method, a.Request.URL.Path, w, a.text)
		}
	}
}

func question(title string, more ...string) url.Values {
	form := url.Values{"title": {title}, "body": {"We **start** in May."}, "topic": {"waste-management"}}
	for i := 0; i < len(more); i += 2 {
		form[more[i]] = strings.Fields(more[i+1])
	}
	return form
}

// A question is previewed, refused with what was typed, and asked; what is left
// out is as PRODUCT says.
func TestAsking(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	b := h.as(forumtest.Person(t, h.store, "Ada", "Northmoor"))
	b.get("/threads/new?topic=waste-management&kind=discussion").has(t, `<option value="waste-management" selected`, `value="discussion" checked`)

	preview := b.post("/threads", b.form("/threads/new", question("Notices?", "action", "preview")))
	preview.wantStatus(t, 200)
	preview.has(t, `<section class="mh-preview" id="preview"`, "<strong>start</strong>", `value="Notices?"`, "We **start** in May.")

	refused := b.post("/threads", b.form("/threads/new", question("", "topic", "waste-management forms", "suppliers", "0", "visibility", "councils")))
	refused.wantStatus(t, 422)
	refused.has(t, `<a href="#title">`, `id="title-error"`, "We **start** in May.", `<option value="waste-management" selected`, `value="forms" checked`,
		`value="councils" checked`, `name="suppliers" type="radio" value="0" checked`)

	asked := b.post("/threads", b.form("/threads/new", question("Who has moved notices online?", "topic", "waste-management forms")))
	asked.wantStatus(t, 303)
	page := b.get(strings.TrimPrefix(asked.Header.Get("Location"), h.URL()))
	page.wantStatus(t, 200)
	page.has(t, "Who has moved notices online?", `id="post-1"`, "<strong>start</strong>", `href="/topics/forms"`)
	var made, plain int
	if err := h.db.QueryRow(t.Context(), `select count(*), count(*) filter (where kind = 'question' and visibility = 'public' and lang = 'en' and suppliers) from threads`).Scan(&made, &plain); err != nil || made != 1 || plain != 1 {
		t.Errorf("%d threads were made, %d of them as wanted (%v)", made, plain, err)
	}
}

// A thread has one address; a page of it that is not there is a page that does not exist.
func TestAddressesOfAThread(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	id, thread := h.threadOf(ada, "Missed bins?")
	var last forum.Posted
	for range forum.PostsPerPage {
		last = forumtest.Reply(t, h.store, ada, id, "One more.")
	}
	b := h.guest()
	number := fmt.Sprintf("/threads/%d", id)
	for path, want := range map[string]string{
		number: thread, number + "-wrong": thread, number + "-missed-bins-and": thread, number + "?page=2": thread + "?page=2", "/Threads/" + thread[9:] + "/": thread,
	} {
		b.get(path).wantLocation(t, 301, want)
	}
	b.get(thread+"?page=last").wantLocation(t, 303, thread+"?page=2")
	b.get(fmt.Sprintf("/posts/%d", last.ID)).wantLocation(t, 303, thread+"?page=2#post-21")
	b.get(thread).has(t, `<a class="govuk-link govuk-pagination__link" href="`+thread+`?page=2" rel="next"`)
	b.get(thread+"?page=2").has(t, `rel="prev"`, `id="post-21"`)
	for _, path := range []string{thread + "?page=0", thread + "?page=3", thread + "?page=abc", thread + "?page=02", thread + "?page=-1", "/threads/99", "/threads/abc", "/threads/0" + thread[9:], "/posts/9999", "/posts/x"} {
		b.get(path).wantStatus(t, 404)
	}
	if got := b.get(number + "/since?n=19"); got.text != `{"count":2}` {
		t.Errorf("since 19: got %s", got.text)
	}
	for _, path := range []string{number + "/since?n=21", number + "/since?n=99", "/threads/99/since?n=0", "/threads/x/since"} {
		b.get(path).wantStatus(t, 204)
	}
}

// A reply is previewed, refused with what was typed and quoted, and leads to its
// own page.
func TestReplying(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	id, thread := h.threadOf(ada, "Missed bins?")
	b, to := h.as(ben), fmt.Sprintf("/threads/%d/posts", id)
	b.get(thread+"?quote=1").has(t, `name="quote" value="1"`, `<blockquote class="mh-quote">`)

	preview := b.post(to, b.form(thread, url.Values{"body": {"We *did*."}, "quote": {"1"}, "action": {"preview"}}))
	preview.wantStatus(t, 200)
	preview.has(t, `id="preview"`, "<em>did</em>", "We *did*.", `name="quote" value="1"`)
	refused := b.post(to, b.form(thread, url.Values{"body": {" \n "}, "quote": {"1"}}))
	refused.wantStatus(t, 422)
	refused.has(t, `<a href="#body">`, `id="body-error"`, `name="quote" value="1"`, "<title>Problem: ")

	for range forum.PostsPerPage - 1 {
		forumtest.Reply(t, h.store, ada, id, "One more.")
	}
	b.post(to, b.form(thread, url.Values{"body": {"We *did*."}, "quote": {"1"}})).wantLocation(t, 303, thread+"?page=2#post-21")
	b.get(thread+"?page=2").has(t, "In reply to Ada, post 1", "<em>did</em>")
}

// What a newcomer writes shows to themselves, waiting, and to others not at all.
func TestANewcomersWordsWait(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, eve := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.NewcomerOf(t, h.store, "Eve", "Southmoor")
	id, thread := h.threadOf(ada, "Missed bins?")
	b := h.as(eve)
	posted := b.post(fmt.Sprintf("/threads/%d/posts", id), b.form(thread, url.Values{"body": {"We did, in Southmoor."}}))
	posted.wantStatus(t, 303)
	if to := posted.Header.Get("Location"); !strings.Contains(to, thread+"#held-") {
		t.Errorf("it leads to %s", to)
	}
	b.get(thread).has(t, "We did, in Southmoor.", "Waiting to be let in", `id="held-`)
	for name, other := range map[string]*browser{"a visitor": h.guest(), "another colleague": h.as(ada)} {
		if strings.Contains(other.get(thread).text, "We did, in Southmoor.") {
			t.Errorf("%s reads what waits", name)
		}
	}
}

// What was typed before a session ended is in the form again, with what it quoted.
func TestKeptWordsComeBack(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	id, thread := h.threadOf(ada, "Missed bins?")
	keep := func(kind forum.DraftKind, target int64, fields url.Values) {
		t.Helper()
		if err := h.store.KeepDraft(t.Context(), ada, kind, target, fields); err != nil {
			t.Fatal(err)
		}
	}
	keep(forum.DraftReply, id, url.Values{"body": {"An hour of words."}, "quote": {"1"}})
	keep(forum.DraftAsk, 0, url.Values{"title": {"Half a question"}, "topic": {"forms", "waste-management"}})
	keep(forum.DraftReport, -id, url.Values{"reason": {"Because."}})
	b := h.as(ada)
	b.get(thread).has(t, "Your words were kept", "An hour of words.", `name="quote" value="1"`)
	b.get("/threads/new").has(t, "Your words were kept", "Half a question", `<option value="forms" selected`, `value="waste-management" checked`)
	b.get(fmt.Sprintf("/threads/%d/report", id)).has(t, "Your words were kept", "Because.")
}

// Of two who edit at once the second is shown both texts and goes on from there.
func TestEditingTwice(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	id, thread := h.threadOf(ada, "Missed bins?")
	page, err := h.store.ThreadPage(t.Context(), ada, id, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	b, post := h.as(ada), fmt.Sprintf("/posts/%d", page.Posts[0].ID)
	edit := func(body, version string) returned {
		return b.post(post, b.form(post+"/edit", url.Values{"title": {"Missed bins?"}, "topic": {"forms"}, "body": {body}, "version": {version}}))
	}
	edit("First.", "1").wantLocation(t, 303, thread+"#post-1")
	second := edit("Second.", "1")
	second.wantStatus(t, 409)
	second.has(t, "First", "Second", `name="version" value="2"`)
	edit("", "2").wantStatus(t, 422)
	edit("Both.", "2").wantStatus(t, 303)
	b.get(thread).has(t, "Both.", `href="/topics/forms"`)
	b.post(post+"/delete", b.form(thread, nil)).wantLocation(t, 303, "/threads")
	h.guest().get(thread).wantStatus(t, 410)
}
