package app_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// Whatever has a page can be followed there, at a pace that the page says in words; it
// leads back to where it was chosen, and costs the page no statement.
func TestFollowingOnPages(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	_, thread := h.threadOf(ada, "Who has moved planning notices online?")
	reader := h.as(ben)
	h.guest().get(thread).has(t, "Sign in to follow this")
	person := personAt(ada.ID)
	for page, action := range map[string]string{thread: strings.SplitN(thread, "-", 2)[0] + "/follow", "/topics/waste-management": "/topics/waste-management/follow",
		"/councils/northmoor": "/councils/northmoor/follow", person + "-ada": person + "/follow"} {
		reader.get(page).has(t, `action="`+action+`"`, "Each post, by email at once")
		for cadence, says := range map[string]string{"weekly": "You follow this: once a week, in one email", "mute": "Muted: you hear of it only"} {
			for range 2 {
				reader.post(action, reader.form(page, url.Values{"cadence": {cadence}, "return": {page}})).wantLocation(t, 303, page)
			}
			reader.get(page).has(t, says)
		}
		for _, wrong := range []string{"", "hourly"} {
			reader.post(action, reader.form(page, url.Values{"cadence": {wrong}})).wantStatus(t, 422)
		}
		reader.post(action, reader.form(page, url.Values{"cadence": {"off"}, "return": {"//evil.example"}})).wantLocation(t, 303, "/")
		reader.get(page).has(t, "Follow this ")
		h.guest().post(action, url.Values{"cadence": {"daily"}}).wantStatus(t, 403)
	}
	topic := "/topics/waste-management"
	reader.post(topic+"/follow", reader.form(topic, url.Values{"cadence": {"daily"}, "kind": {"question"}})).wantLocation(t, 303, topic)
	reader.get(topic).has(t, "You follow some of this topic", "Questions: Once a day, in one email")
	reader.post(topic+"/follow", reader.form(topic, url.Values{"cadence": {"daily"}, "kind": {"poem"}})).wantStatus(t, 422)
	reader.post("/topics/none/follow", reader.form(topic, url.Values{"cadence": {"daily"}})).wantStatus(t, 404)
	reader.post("/everything/follow", reader.form("/account/emails", url.Values{"cadence": {"weekly"}})).wantLocation(t, 303, "/account/emails")
	reader.get("/account/emails").has(t, "Waste management", "(questions in this topic)", `value="weekly" selected`)
}

// How somebody wants their mail is chosen on one page, which shows again what was typed
// where it was refused.
func TestChoosingHowMailComes(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	reader := h.as(forumtest.Person(t, h.store, "Ben", "Southmoor"))
	const page = "/account/emails"
	form := func(fields ...string) url.Values { return reader.form(page, fieldsOf(fields...)) }
	refused := reader.post(page, form("digest_day", "9", "digest_hour", "16", "pause_until", "2001-02-03", "links_only", "1", "digest_weekdays", "1"))
	refused.wantStatus(t, 422)
	refused.has(t, `href="#digest_day"`, `id="pause_until-error"`, `value="2001-02-03"`, `value="16" selected`, `name="links_only" type="checkbox" value="1" checked`, `name="digest_weekdays" type="checkbox" value="1" checked`)
	reader.post(page, form("digest_day", "3", "digest_hour", "16", "pause_until", "")).wantLocation(t, 303, page)
	reader.get(page).has(t, `value="3" selected`, `value="16" selected`)
	reader.post(page+"/stop", form("on", "1")).wantLocation(t, 303, page)
	reader.get(page).has(t, "You stopped all email on", "Start again")
	reader.post(page+"/stop", form("on", "0")).wantLocation(t, 303, page)
	reader.get(page).lacks(t, "You stopped all email on")
	for _, link := range []string{"https://evil.example/threads/1", "javascript:alert(1)", "/threads/0", "/threads/1/2", "%zz", "/posts/99999999999999999999"} {
		got := reader.get(page + "?about=" + url.QueryEscape(link))
		got.wantStatus(t, 200)
		got.has(t, "There is no such post that you can read.")
	}
	for _, query := range []string{"?before=x", "?before=-1", "?after=x"} {
		reader.get(page+query).wantStatus(t, 404)
	}
}

// Who joins may choose topics, and hears of them once a day unless they choose another
// pace. Who changes their details later changes no follow.
func TestJoiningWithTopics(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	w.get("unjoined", "/account/join")
	area := ""
	w.must(w.db.QueryRow(t.Context(), `select slug from topics where parent_id is null and facet = 'service' order by position limit 1`).Scan(&area))
	w.exec(`update topics set threads_public = 3 where slug = 'forms'`)
	page := w.get("unjoined", "/account/join").body
	for _, slug := range []string{area, "forms"} { // what councils run, and how: of that what is talked of most
		if !strings.Contains(page, `name="topic" type="checkbox" value="`+slug+`"`) {
			t.Errorf("%s is not there to choose: %s", slug, short(page))
		}
	}
	if n := strings.Count(page, `name="topic" type="checkbox"`); n > 30 {
		t.Errorf("there are %d topics to choose from: that is no short list", n)
	}
	who := w.people["unjoined"].ID
	join := func(fields ...string) echo {
		return w.post("unjoined", "/account/join", append([]string{"name", "Una", "job_title", "Officer", "council", "northmoor", "rules", "1"}, fields...)...)
	}
	for _, wrong := range [][]string{{"topic", "no-such-topic"}, {"topic", area, "topics_cadence", "hourly"}} {
		if got := join(wrong...); got.status != 422 || w.follows(who) != "" {
			t.Errorf("%v: got %d, follows %q", wrong, got.status, w.follows(who))
		}
	}
	if got := join("topic", area); got.status != 303 || w.follows(who) != "topic daily" {
		t.Errorf("got %d, follows %q", got.status, w.follows(who))
	}
	if got := join("topic", "waste-management"); got.status != 303 || w.follows(who) != "topic daily" {
		t.Errorf("joined again: %d, follows %q", got.status, w.follows(who))
	}
}

// Who is suspended may hear less, and not more.
func TestWhoIsSuspendedMayHearLess(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	who := w.people["suspended"]
	thread := forumtest.Thread(t, w.store, w.people["author"], "Bins?")
	for _, step := range []struct {
		cadence string
		status  int
		want    string
	}{{"instant", 403, ""}, {"mute", 303, "thread mute"}, {"daily", 403, "thread mute"}, {"off", 303, ""}} {
		if got := w.post("suspended", threadAt(thread)+"/follow", "cadence", step.cadence); got.status != step.status || w.follows(who.ID) != step.want {
			t.Errorf("%s: got %d, follows %q", step.cadence, got.status, w.follows(who.ID))
		}
	}
}

// However much somebody follows, they may always hear less of something.
func TestWhoFollowsMuchMayStillMute(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	who := w.people["colleague"]
	thread := forumtest.Thread(t, w.store, w.people["author"], "Who has moved bins online?")
	w.exec(`insert into follows (person_id, subject_kind, subject_id, cadence, reason, since) select $1, 'topic', -n, 'instant', 'chose', now() from generate_series(1, 1000) n`, who.ID)
	what := forum.Subject{Kind: forum.ToThread, ID: thread}
	if err := w.store.Follow(t.Context(), who, what, forum.Daily); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("one more: %v, want ErrForbidden", err)
	}
	for _, how := range []forum.Cadence{forum.Muted, forum.OnSite} {
		w.exec(`delete from follows where person_id = $1 and subject_kind = 'thread'`, who.ID)
		if err := w.store.Follow(t.Context(), who, what, how); err != nil {
			t.Errorf("%s: %v", how, err)
		}
		if err := w.store.Follow(t.Context(), who, what, forum.Daily); !errors.Is(err, forum.ErrForbidden) {
			t.Errorf("more again after %s: %v, want ErrForbidden", how, err)
		}
	}
}
