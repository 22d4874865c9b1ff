package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// until asks until the answer holds the words.
func (b *browser) until(path, words string) returned {
	b.t.Helper()
	var got returned
	for range 400 {
		if got = b.get(path); strings.Contains(got.text, words) {
			return got
		}
		time.Sleep(50 * time.Millisecond) // the job and the flush have their own time
	}
	b.t.Fatalf("%s never says %q:\n%s", path, words, got.text)
	return got
}

// A reply on one node is told on the other: in the header, among the notices, in the
// listing and in the thread, whose opening marks it read on both.
func TestAReplyIsToldAndReadOnTwoNodes(t *testing.T) {
	t.Parallel()
	database := forumtest.URL(t)
	here, there := openHouse(t, map[string]string{"DATABASE_URL": database}), openHouse(t, map[string]string{"DATABASE_URL": database})
	ada, ben := forumtest.Person(t, here.store, "Ada", "Northmoor"), forumtest.Person(t, here.store, "Ben", "Southmoor")
	id, thread := here.threadOf(ada, "Missed bins?")
	asker, helper := here.as(ada), there.as(ben)
	for n := range 2 {
		helper.post(fmt.Sprintf("/threads/%d/posts", id), helper.form(thread, url.Values{"body": {fmt.Sprint("We have, @ada: ", n)}})).wantStatus(t, 303)
	}
	page := asker.until("/account/notices", "Notices, 2 unread")
	page.wantStatus(t, 200)
	page.has(t, "Missed bins?", "Ben named you", thread+"#post-2", fmt.Sprintf(`<li class="mh-row mh-row--flat mh-row--new" data-thread="%d">`, id))
	if timing := page.Header.Get("Server-Timing"); !strings.Contains(timing, `"2 round trips,`) {
		t.Errorf("the notices take %s", timing)
	}
	asker.get("/threads").has(t, "2 new")
	asker.get(thread+"?page=unread").wantLocation(t, 303, thread+"#post-2")
	open := asker.get(thread)
	open.has(t, "2 new since you were here", `id="since"`, `class="mh-post__new"`, fmt.Sprintf(`data-since="/threads/%d/since?n=3"`, id))
	if timing := open.Header.Get("Server-Timing"); !strings.Contains(timing, `"2 round trips,`) {
		t.Errorf("the thread takes %s", timing)
	}
	if again := asker.get(thread); strings.Contains(again.text, "since you were here") {
		t.Error("what was read is new again on the same node")
	}
	asker.get(thread+"?page=unread").wantLocation(t, 303, thread+"#newer")
	elsewhere := there.as(ada)
	elsewhere.until("/account/notices", "2 notices")
	if text := elsewhere.get("/threads").text; strings.Contains(text, "2 new") {
		t.Error("the other node does not know that it was read")
	}
}

// A page that has been open leads to what came since, of whatever kind its thread is.
func TestEveryThreadLeadsToWhatIsNew(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	project, err := projects.New(h.store).Start(t.Context(), ada, projects.Draft{Title: "Bins that speak", Summary: "Sensors.", Phase: "alpha"})
	if err != nil {
		t.Fatal(err)
	}
	lesson, err := projects.New(h.store).ShareLesson(t.Context(), ada, projects.LessonDraft{Title: "Sensors", Happened: "They went flat.", Verdict: "no", Topics: []string{"waste-management"}})
	if err != nil {
		t.Fatal(err)
	}
	id, question := h.threadOf(ada, "Missed bins?")
	for path, id := range map[string]int64{question: id, fmt.Sprintf("/projects/%d-bins-that-speak", project.ID): project.ID, fmt.Sprintf("/lessons/%d-sensors", lesson.ID): lesson.ID} {
		newer := fmt.Sprintf("%s?page=unread&n=1", path)
		h.as(ben).get(path).has(t, strings.ReplaceAll(newer, "&", "&amp;"))
		h.guest().get(newer).wantLocation(t, 303, path+"#newer")
		post := forumtest.Reply(t, h.store, ben, id, "Any news?")
		h.as(ada).get(newer).wantLocation(t, 303, fmt.Sprintf("%s#post-%d", path, post.Number))
	}
}

// What was gathered is written when the node stops.
func TestReadingIsWrittenAtTheEnd(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	_, thread := h.threadOf(ada, "Missed bins?")
	h.as(ben).get(thread).wantStatus(t, 200)
	h.as(ben).do("HEAD", thread, nil, "").wantStatus(t, 200)
	if err := h.Stop(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := h.db.QueryRow(t.Context(), `select count(*) from reads where person_id = $1 and number = 1`, ben.ID).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d places are written, %v", n, err)
	}
}

// Marked read together and one by one, by forms that stand on the page; a form that
// says nothing is refused.
func TestNoticesAreMarkedRead(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	b, helper := h.as(ada), h.as(ben)
	for _, title := range []string{"Bins?", "Trees?"} {
		id, thread := h.threadOf(ada, title)
		helper.post(fmt.Sprintf("/threads/%d/posts", id), helper.form(thread, url.Values{"body": {"We have."}})).wantStatus(t, 303)
	}
	b.until("/account/notices", "Notices, 2 unread")
	var thread, event string
	if err := h.db.QueryRow(t.Context(), `select thread_id::text, event_id::text from notices order by event_id limit 1`).Scan(&thread, &event); err != nil {
		t.Fatal(err)
	}
	mark := func(fields url.Values) returned {
		return b.post("/account/notices/read", b.form("/account/notices", fields))
	}
	mark(url.Values{"upto": {event}, "thread": {thread}}).wantLocation(t, 303, "/account/notices")
	b.get("/account/notices").has(t, "Notices, 1 unread")
	for _, bad := range []url.Values{{"upto": {"x"}}, {"upto": {"-1"}}, {"upto": {"1"}, "thread": {"x"}}, {"upto": {"1"}, "thread": {"-1"}}} {
		mark(bad).wantStatus(t, 422)
	}
	mark(url.Values{"upto": {"999"}, "thread": {""}}).wantStatus(t, 303)
	if text := b.get("/account/notices").text; strings.Contains(text, "unread") {
		t.Error("something is unread after all was marked read")
	}
	b.get("/account/notices?before=AAAA").wantStatus(t, 404)
	h.guest().get("/account/notices").wantLocation(t, 303, "/sign-in?return=%2Faccount%2Fnotices")
}

// A reply that others have overtaken comes back once, with theirs beside it and every
// word kept, and is posted when it is sent again.
func TestAnOvertakenReplyComesBackOnce(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	id, thread := h.threadOf(ada, "Missed bins?")
	b, to := h.as(ada), fmt.Sprintf("/threads/%d/posts", id)
	b.get(thread).has(t, `<input type="hidden" name="last" value="1"`)
	mine := b.form(thread, url.Values{"body": {"My *own* words."}, "last": {"1"}, "quote": {"1"}})
	forumtest.Reply(t, h.store, ben, id, "Ben was faster.")
	preview := b.post(to, b.form(thread, url.Values{"body": {"My *own* words."}, "last": {"1"}, "action": {"preview"}}))
	preview.has(t, `<input type="hidden" name="last" value="1"`)
	back := b.post(to, mine)
	back.wantStatus(t, 200)
	back.has(t, "1 reply came while you were writing", `<a href="#post-2">Ben, post 2</a>`, "Ben was faster.", "My *own* words.", `name="knows" value="1"`, `name="last" value="2"`, `name="quote" value="1"`, `name="draft" value="2"`)
	b.get("/drafts").has(t, "My *own* words.")
	forumtest.Reply(t, h.store, ben, id, "And faster again.")
	mine.Set("last", "2")
	mine.Set("knows", "1")
	b.post(to, mine).wantLocation(t, 303, thread+"#post-4")
}

// An old thread, and a closed one, offer to be asked anew, and the question leads back.
func TestAskingAnew(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	id, thread := h.threadOf(ada, "Missed bins?")
	b, anew := h.as(ben), fmt.Sprintf("/threads/new?related=%d", id)
	if text := b.get(thread).text; strings.Contains(text, anew) {
		t.Error("a fresh thread asks to be asked anew")
	}
	if _, err := h.db.Exec(t.Context(), `update threads set last_post_at = last_post_at - interval '181 days'`); err != nil {
		t.Fatal(err)
	}
	b.get(thread).has(t, "Nobody has written here since", anew, `action="/threads/`)
	if _, err := h.db.Exec(t.Context(), `update threads set closed_at = last_post_at, closed_why = 'Done.'`); err != nil {
		t.Fatal(err)
	}
	for _, who := range []*browser{b, h.guest()} {
		page := who.get(thread)
		page.has(t, "ask a related question", anew)
		if strings.Contains(page.text, "data-since") {
			t.Error("a closed thread is asked for replies")
		}
	}
	b.get(anew).has(t, `<input type="hidden" name="related" value="`+fmt.Sprint(id), thread)
	again := b.post("/threads", b.form("/threads/new", question("", "related", fmt.Sprint(id))))
	again.wantStatus(t, 422)
	again.has(t, `name="related" value="`+fmt.Sprint(id))
	asked := b.post("/threads", b.form("/threads/new", question("Missed bins in flats?", "related", fmt.Sprint(id))))
	asked.wantStatus(t, 303)
	b.get(strings.TrimPrefix(asked.Header.Get("Location"), h.URL())).has(t, "Related to", thread)
	h.guest().get(thread).has(t, "Asked anew:", "Missed bins in flats?")
}

// Whom one can name is told as one types, to who is signed in and may see the thread.
func TestPeopleAreSuggested(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	dot := forumtest.SupplierOf(t, h.store, "Dot", "Roundsman")
	councils := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Prices?", Visibility: "councils"})
	path := fmt.Sprintf("/people/suggest?thread=%d&q=ad", councils)
	want := `[{"handle":"ada","name":"Ada","job":"Digital officer","council":"Northmoor District Council"}]`
	if got := h.as(ben).get(path); got.text != want || !strings.HasPrefix(got.Header.Get("Content-Type"), "application/json") {
		t.Errorf("got %s %s", got.Header.Get("Content-Type"), got.text)
	}
	if got := h.as(dot).get(path); got.text != `[]` {
		t.Errorf("a supplier is told %s", got.text)
	}
	h.guest().get(path).wantStatus(t, 303)
	h.as(ben).get("/people/suggest?thread=x&q=a").wantStatus(t, 404)
	h.as(ben).get("/people/suggest?q=%00").wantStatus(t, 400)
}

// Who follows a topic is told of a new thread in words.
func TestANewThreadIsToldInWords(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	b, asker := h.as(ada), h.as(ben)
	b.post("/everything/follow", b.form("/account/emails", url.Values{"cadence": {"site"}})).wantStatus(t, 303)
	asker.post("/threads", asker.form("/threads/new", question("Missed bins?"))).wantStatus(t, 303)
	b.until("/account/notices", "Notices, 1 unread").has(t, "Missed bins?", "Ben started this thread")
}
