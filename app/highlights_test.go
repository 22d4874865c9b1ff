package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
	"moothall/forum/letters"
)

// highlight makes a highlight of the sort that name tells.
func (w *rightsWorld) highlight(name string) int64 {
	w.t.Helper()
	thread := w.thread("public")
	draft := w.curation.NewHighlight(fmt.Sprintf("thread:%d", thread))
	if name == "post" {
		draft.Target = fmt.Sprintf("post:%d", w.number(`select max(id) from posts where thread_id = $1`, thread))
		if w.number(`select count(*) from posts where thread_id = $1`, thread) == 1 {
			draft.Target = fmt.Sprintf("post:%d", w.post("public", "author"))
		}
	}
	if name == "coming" {
		draft.From = time.Now().AddDate(0, 0, 9).Format(time.DateOnly)
	}
	id := w.chosen(draft)
	switch name {
	case "ended":
		w.must(w.curation.EndHighlight(context.Background(), w.people["curator"], id, "Out of date"))
	case "unwanted":
		w.must(w.curation.EndHighlight(context.Background(), w.people["author"], id, ""))
	case "past":
		w.exec(`update highlights set from_on = from_on - 40, until_on = from_on - 1 where id = $1`, id)
	case "hidden":
		w.must(w.care.Hide(context.Background(), w.people["moderator"], thread, true, "It names a resident"))
	case "councils": // no deed does so today
		w.exec(`update threads set visibility = 'councils' where id = $1`, thread)
	}
	return id
}

// chosen highlights something as the curator of the cast.
func (w *world) chosen(draft curation.HighlightDraft) int64 {
	w.t.Helper()
	if draft.Title == "" {
		draft.Title = "Worth a look"
	}
	if draft.Note == "" {
		draft.Note = "Ask them how."
	}
	id, err := w.curation.Highlight(context.Background(), w.people["curator"], draft)
	w.must(err)
	return id
}

// highlightForm is a filled-in form of a highlight, of a thread or none.
func (w *world) highlightForm(thread int64) url.Values {
	draft := w.curation.NewHighlight("")
	return fieldsOf("target", fmt.Sprintf("thread:%d", thread), "title", "Worth a look", "note", "Ask them how.", "grade", "said", "image", "",
		"from", draft.From, "until", draft.Until, "lang", "en", "principle", "")
}

// plantHighlights puts canaries into what curators say of things, which is gone with them,
// is not there before its time, and is the team's where the author took it down.
func (w *aviary) plantHighlights() {
	w.t.Helper()
	ctx, author, moderator := context.Background(), w.people["author"], w.people["moderator"]
	plant := func(place, from string, may []string, must ...string) (id, thread, post int64) {
		thread = forumtest.Ask(w.t, w.store, author, forum.AskDraft{Title: "About " + place, Suppliers: true})
		post = forumtest.Reply(w.t, w.store, w.people["colleague"], thread, "A post about "+place).ID
		draft := w.curation.NewHighlight(fmt.Sprintf("post:%d", post))
		draft.Title, draft.Note = w.put(place+" highlight", may, must...), w.put(place+" note", may, must...)
		if from != "" {
			draft.From = from
		}
		return w.chosen(draft), thread, post
	}
	plant("shown", "", []string{"unjoined"}, public...)
	plant("coming", time.Now().AddDate(0, 0, 9).Format(time.DateOnly), []string{"moderator", "administrator"}, "curator")
	_, thread, _ := plant("hidden thread", "", team)
	w.must(w.care.Hide(ctx, moderator, thread, true, "It names a resident"))
	_, _, post := plant("hidden reply", "", team)
	w.must(w.care.HidePost(ctx, moderator, post, true, "It names a resident"))
	_, thread, _ = plant("for councils", "", team)
	w.exec(`update threads set visibility = 'councils' where id = $1`, thread)
	id, _, _ := plant("unwanted", "", []string{"moderator", "administrator"}, "curator")
	w.must(w.curation.EndHighlight(ctx, w.people["colleague"], id, w.put("reason of an author", []string{"moderator", "administrator"}, "curator")))
	w.must(w.curation.EndHighlight(ctx, w.people["curator"], first(plant("ended", "", []string{"unjoined"}, public...)), "Out of date"))
}

func first(id, _, _ int64) int64 { return id }

// A curator highlights a thread by the form: the front page, the feed and the thread say so
// at once. A form that was overtaken comes back with what was typed and what it says now.
func TestHighlightingByTheForm(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	thread := forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: "Who has moved bins online?"})
	page := w.get("curator", fmt.Sprintf("/highlights/new?target=thread:%d", thread))
	if page.status != 200 || !strings.Contains(page.body, `name="target" value="thread:`) {
		t.Fatalf("the form: got %d", page.status)
	}
	form := w.highlightForm(thread)
	form.Set("title", "")
	send := func(path string) echo {
		return w.send(knock{method: "POST", path: path, cookie: w.cookies["curator"], form: form})
	}
	if a := send("/highlights"); a.status != 422 || !strings.Contains(a.body, "Give it a title") || !strings.Contains(a.body, "Ask them how.") {
		t.Errorf("without a title: got %d", a.status)
	}
	form.Set("title", "Bins, at last")
	made := send("/highlights")
	at := made.location(w)
	if made.status != 303 || w.get("visitor", at).status != 200 {
		t.Fatalf("highlighted: got %d, %s", made.status, at)
	}
	for _, path := range []string{"/", "/highlights", "/feeds/highlights.atom"} {
		if a := w.get("visitor", path); !strings.Contains(a.body, "Bins, at last") {
			t.Errorf("%s does not show it (%d)", path, a.status)
		}
	}
	badge := "Highlighted by the team, " + time.Now().Format("January 2006")
	if a := w.get("visitor", fmt.Sprintf("/threads/%d-who-has-moved-bins-online", thread)); !strings.Contains(a.body, badge) {
		t.Errorf("the thread does not say %q (%d)", badge, a.status)
	}
	if a := send("/highlights"); a.status != 422 || !strings.Contains(a.body, "highlighted already") {
		t.Errorf("a second time: got %d", a.status)
	}
	form.Set("version", "1")
	form.Set("title", "As one says")
	if a := send(at); a.status != 303 {
		t.Errorf("changed: got %d", a.status)
	}
	form.Set("title", "As another says")
	a := send(at)
	if a.status != 409 || !strings.Contains(a.body, "As one says") || !strings.Contains(a.body, `value="As another says"`) || !strings.Contains(a.body, `name="version" value="2"`) {
		t.Errorf("overtaken: got %d", a.status)
	}
	if a := w.post("author", at+"/end"); a.status != 303 || w.get("visitor", at).status != 404 || strings.Contains(w.get("visitor", "/").body, "As one says") {
		t.Errorf("its author takes it down: got %d", a.status)
	}
}

// Who wrote what is highlighted is told, alone and by mail too, also of one post of theirs.
func TestAuthorsAreToldOfAHighlight(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	w.exec(`update people set proven_email = 'p' || id || '@example.org' where joined_at is not null and erased_at is null`)
	thread := forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: "Who has moved bins online?"})
	post := forumtest.Reply(t, w.store, w.people["colleague"], thread, "We did.").ID
	w.chosen(w.curation.NewHighlight(fmt.Sprintf("thread:%d", thread)))
	w.chosen(w.curation.NewHighlight(fmt.Sprintf("post:%d", post)))
	for id := range w.number(`select max(id) from events`) {
		w.must(letters.New(w.store).FanOut(t.Context(), id+1))
	}
	for table, sql := range map[string]string{
		"notices": `select count(*) from notices n join events e on e.id = n.event_id where e.kind = 'highlighted'`,
		"letters": `select count(*) from letters n join events e on e.id = n.event_id where e.kind = 'highlighted' and n.kind = 'notice'`} {
		if n, mine, theirs := w.number(sql), w.number(sql+` and n.person_id = $1`, w.people["author"].ID), w.number(sql+` and n.person_id = $1`, w.people["colleague"].ID); n != 2 || mine != 1 || theirs != 1 {
			t.Errorf("%d %s: %d to the author, %d to the colleague", n, table, mine, theirs)
		}
	}
	for _, as := range []string{"author", "colleague"} {
		if a := w.get(as, "/account/notices"); !strings.Contains(a.body, "highlighted what you wrote") {
			t.Errorf("the notices of the %s do not say so", as)
		}
	}
}
