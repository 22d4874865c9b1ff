package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// marksHouse is a question by Ada of Northmoor and a reply to it by Ben of Southmoor.
type marksHouse struct {
	*house
	ada, ben, cai *browser
	asker         forum.Person
	id            int64
	thread        string // its page
	post          string // the reply's bare address
	postID        int64
}

func openMarks(t *testing.T) marksHouse {
	t.Helper()
	h := openHouse(t, nil)
	m := marksHouse{house: h, asker: forumtest.Person(t, h.store, "Ada", "Northmoor")}
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	m.ada, m.ben, m.cai = h.as(m.asker), h.as(ben), h.as(forumtest.Person(t, h.store, "Cai", "Southmoor"))
	m.id, m.thread = h.threadOf(m.asker, "Missed bins?")
	m.postID = forumtest.Reply(t, h.store, ben, m.id, "Ask the crew first.").ID
	m.post = fmt.Sprintf("/posts/%d", m.postID)
	return m
}

// press sends a form of the thread's page: name, value, name, value …
func (m marksHouse) press(b *browser, action string, fields ...string) returned {
	m.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.post(action, b.form(m.thread, form))
}

// lacks fails the test where an answer has one of these.
func (a returned) lacks(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.text, w) {
			t.Errorf("%s %s: there is %s", a.Request.Method, a.Request.URL.Path, w)
		}
	}
}

// A press under a post leads back to the post, shows, and can be let go.
func TestPressesUnderAPost(t *testing.T) {
	t.Parallel()
	m := openMarks(t)
	m.ada.get(m.thread).has(t, `action="`+m.post+`/answer"`, "This answers it", `aria-pressed="false"`)
	m.press(m.ada, m.post+"/answer", "on", "1").wantLocation(t, 303, m.thread+"#post-2")
	page := m.guest().get(m.thread)
	page.has(t, ` data-accepted `, "mh-post--answer", "Accepted answer", "In short:", "Read the accepted answer", `Accepted by <a href="/people/`, "Answered")
	page.lacks(t, `action="`+m.post, `action="/threads/`)
	m.press(m.ada, m.post+"/useful", "on", "1").wantLocation(t, 303, m.thread+"#post-2")
	m.ada.get(m.thread).has(t, `aria-pressed="true"`, "to 1 person")
	m.guest().get(m.thread).has(t, "to 1 person")
	m.press(m.ada, m.post+"/useful", "on", "0").wantStatus(t, 303)
	m.ada.get(m.thread).lacks(t, `aria-pressed="true"`)
	m.press(m.ada, m.post+"/answer", "on", "0").wantStatus(t, 303)
	m.guest().get(m.thread).lacks(t, "data-accepted", "In short:")
	m.press(m.ben, m.post+"/answer", "on", "1").wantStatus(t, 403)
	m.press(m.ben, m.post+"/worked", "on", "1").wantStatus(t, 403)
}

// A council says where it is with a problem; everybody sees which have it, also in
// lists, and it is one council whoever speaks for it.
func TestCouncilsWithTheSameProblem(t *testing.T) {
	t.Parallel()
	m := openMarks(t)
	too := fmt.Sprintf("/threads/%d/us-too", m.id)
	m.ben.get(m.thread).has(t, "Does your council have this problem too?", `action="`+too+`"`)
	m.guest().get(m.thread).lacks(t, "mh-ustoo")
	m.press(m.ben, too, "on", "1", "state", "working").wantStatus(t, 303)
	m.press(m.cai, too, "on", "1", "state", "solved").wantStatus(t, 303)
	m.guest().get(m.thread).has(t, "1 other council has this problem", "<b>1</b> solved it", "Southmoor Borough Council", ">Cai</a>")
	m.guest().get("/threads").has(t, "<b>1</b> <span>council</span>")
	m.press(m.ben, too, "on", "1", "state", "nonsense").wantStatus(t, 422)
	m.press(m.ada, too, "on", "1", "state", "have").wantStatus(t, 403)
	m.press(m.ben, too, "on", "0").wantStatus(t, 303)
	m.guest().get("/threads").has(t, "<b>0</b>")
}

// A question that is solved without an answer says how; a form without a word comes
// back as it was.
func TestSolvedWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	m := openMarks(t)
	solved := fmt.Sprintf("/threads/%d/solved", m.id)
	refused := m.press(m.ada, solved, "on", "1", "body", strings.Repeat("so ", 300))
	refused.wantStatus(t, 422)
	refused.has(t, `<a href="#body">`, `id="body-error"`, "so so so", `action="`+solved+`"`)
	m.press(m.ada, solved, "on", "1", "body", "The supplier <mended> it.").wantStatus(t, 303)
	m.guest().get(m.thread).has(t, "Solved without an answer, says Ada", "The supplier &lt;mended&gt; it.")
	m.guest().get("/threads?state=replied").lacks(t, m.thread)
	m.press(m.ada, solved, "on", "0").wantStatus(t, 303)
	m.guest().get("/threads?state=replied").has(t, m.thread, "Has replies")
}

// Thirty days on the asker is asked, here and on the front page, what came of the
// answer; others read it beside the answer.
func TestDidTheAnswerWork(t *testing.T) {
	t.Parallel()
	m := openMarks(t)
	if err := m.store.Past(time.Now().AddDate(0, 0, -31)).Accept(t.Context(), m.asker, m.postID, true); err != nil {
		t.Fatal(err)
	}
	outcome := fmt.Sprintf("/threads/%d/outcome", m.id)
	m.ada.get("/").has(t, "Did it work?", m.thread+"#outcome")
	m.ada.get(m.thread).has(t, `id="outcome"`, `action="`+outcome+`"`)
	m.ben.get(m.thread).lacks(t, `id="outcome"`)
	refused := m.press(m.ada, outcome, "note", "Only in spring.")
	refused.wantStatus(t, 422)
	refused.has(t, `<a href="#answer">`, `id="answer-error"`, "Only in spring.")
	m.press(m.ada, outcome, "answer", "partly", "note", "Only in spring.").wantStatus(t, 303)
	m.guest().get(m.thread).has(t, "Did the answer work?", "Northmoor District Council, says Ada", "Only in spring.", "<b>1</b> worked in part")
	m.ada.get(m.thread).lacks(t, `id="outcome"`)
	m.ada.get("/").lacks(t, "Did it work?")
}

// What is kept for later stands on a list of one's own, from which it can be taken.
func TestSavingForLater(t *testing.T) {
	t.Parallel()
	m := openMarks(t)
	save := fmt.Sprintf("/threads/%d/save", m.id)
	m.ben.get("/account/saved").has(t, "You have saved nothing yet")
	for _, day := range []string{"2020-01-01", "tomorrow", "9999-12-31"} {
		refused := m.press(m.ben, save, "on", "1", "remind", day)
		refused.wantStatus(t, 422)
		refused.has(t, `<a href="#remind">`, `id="remind-error"`, `value="`+day+`"`)
	}
	ahead := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	m.press(m.ben, save, "on", "1", "remind", ahead).wantStatus(t, 303)
	m.ben.get(m.thread).has(t, "You saved this on", `value="`+ahead+`"`, `href="/account/saved"`)
	page := m.ben.get("/account/saved")
	page.has(t, fmt.Sprintf(`data-thread="%d"`, m.id), "Reminder on", `name="list" value="1"`)
	if timing := page.Header.Get("Server-Timing"); !strings.Contains(timing, `"2 round trips,`) {
		t.Errorf("the list takes %s", timing)
	}
	m.cai.get("/account/saved").lacks(t, "data-thread")
	m.press(m.ben, save, "on", "0", "list", "1").wantLocation(t, 303, "/account/saved")
	m.ben.get("/account/saved").lacks(t, "data-thread")
	m.guest().get("/account/saved").wantLocation(t, 303, "/sign-in?return=%2Faccount%2Fsaved")
}

// A thread with every mark on it is read as fast as one without: in one round trip,
// and so many statements.
func TestMarksCostNoRoundTrip(t *testing.T) {
	t.Parallel()
	m := openMarks(t)
	m.press(m.ben, fmt.Sprintf("/threads/%d/us-too", m.id), "on", "1").wantStatus(t, 303)
	m.press(m.ada, m.post+"/answer", "on", "1").wantStatus(t, 303)
	m.press(m.ada, m.post+"/useful", "on", "1").wantStatus(t, 303)
	m.press(m.ada, m.post+"/worked", "on", "1").wantStatus(t, 303)
	for b, want := range map[*browser]string{m.guest(): `"1 round trips, 11 statements"`, m.ada: `"2 round trips, 18 statements"`} {
		if got := b.get(m.thread).Header.Get("Server-Timing"); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
