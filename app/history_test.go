package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// revised is a post by Ada that she has changed after Ben had replied.
func (c troupe) revised(t *testing.T) (post int64, path string) {
	t.Helper()
	post = forumtest.Reply(t, c.store, c.ada, c.id, "Mrs Example of Elm Road rang.").ID
	forumtest.Reply(t, c.store, c.mod, c.id, "I read that.")
	_, err := c.store.Edit(t.Context(), c.ada, post, forum.EditDraft{Body: "Mrs Example of Elm Road wrote.", Version: 1})
	if err != nil {
		t.Fatal(err)
	}
	return post, fmt.Sprintf("/posts/%d", post)
}

// A post that was edited leads to its history, which everybody reads who reads the
// post, in one round trip.
func TestAnEditedPostLeadsToItsHistory(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	_, path := c.revised(t)
	for browser, want := range map[*browser]string{c.guest(): `"1 round trips, 4 statements"`, c.as(c.lead): `"2 round trips, 5 statements"`} {
		browser.get(c.thread).has(t, `<a href="`+path+`/history">`)
		got := browser.get(path + "/history")
		got.wantStatus(t, 200)
		got.has(t, "<del>", "<ins>", "rang", "wrote", "Edited on", "Written on")
		if timing := got.Header.Get("Server-Timing"); !strings.Contains(timing, want) {
			t.Errorf("got %s, want %s", timing, want)
		}
		if strings.Contains(got.text, `action="`+path+`/redact"`) {
			t.Error("others than moderators are offered to take words out")
		}
	}
	for _, q := range []string{"?before=0", "?before=x", "?before=01", "?before=1", "?before=99999999999"} {
		c.guest().get(path+"/history"+q).wantStatus(t, 404)
	}
	c.guest().get(path+"/history?before=2").wantStatus(t, 200)
}

// An edit that came too late shows both texts with what differs, holds one's own with
// the new version, and can be saved; or the two change places, and nothing is lost.
func TestALateEditShowsBothTexts(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	ada := c.as(c.ada)
	opening := fmt.Sprintf("/posts/%d", read(t, c.store, c.id))
	late := url.Values{"title": {"Missed bins, and why?"}, "body": {"We miss nine bins.\n\n<b>Nine</b>."}, "topic": {"forms"}, "version": {"1"}}
	form := ada.form(opening+"/edit", late)
	now := url.Values{"title": {"Bins?"}, "body": {"We miss ten bins."}, "topic": {"waste-management"}, "version": {"1"}}
	ada.post(opening, ada.form(opening+"/edit", now)).wantStatus(t, 303)

	clash := ada.post(opening, form)
	clash.wantStatus(t, 409)
	clash.has(t, "<del>", "<ins>", "We miss ", "ten", "nine", `name="version" value="2"`, `value="Missed bins, and why?"`, `<option value="forms" selected`,
		"&lt;b&gt;Nine&lt;/b&gt;", "You changed it yourself", `name="action" value="other"`)

	late.Set("version", "2")
	form = ada.form(opening+"/edit", late)
	form.Set("action", "other")
	over := ada.post(opening, form)
	over.wantStatus(t, 200)
	over.has(t, `id="title" name="title" type="text" value="Bins?"`, "\nWe miss ten bins.</textarea>", `<option value="waste-management" selected`,
		`name="own_title" value="Missed bins, and why?"`, `name="own_topic" value="forms"`, "&lt;b&gt;Nine&lt;/b&gt;")

	form = ada.form(opening+"/edit", url.Values{"title": {"Bins??"}, "body": {""}, "topic": {"waste-management"}, "version": {"2"},
		"own_title": late["title"], "own_body": late["body"], "own_topic": {"forms", "waste-management"}})
	refused := ada.post(opening, form)
	refused.wantStatus(t, 422)
	refused.has(t, `value="Bins??"`, `id="body-error"`, `name="own_title" value="Missed bins, and why?"`, `name="own_topic" value="forms"`, "&lt;b&gt;Nine&lt;/b&gt;")

	form.Set("action", "other")
	back := ada.post(opening, form)
	back.wantStatus(t, 200)
	back.has(t, `id="title" name="title" type="text" value="Missed bins, and why?"`, `name="own_title" value="Bins??"`, `name="version" value="2"`, `<option value="forms" selected`)
	ada.post(opening, ada.form(opening+"/edit", late)).wantStatus(t, 303)
	c.guest().get(fmt.Sprintf("/threads/%d-missed-bins-and-why", c.id)).has(t, "nine bins")

	// Whose session ends meanwhile finds both texts again.
	if err := c.store.KeepDraft(t.Context(), c.ada, forum.DraftEdit, read(t, c.store, c.id), url.Values{"body": {"Mine"}, "title": {"T"}, "topic": {"forms"}, "own_body": {"The other"}, "version": {"3"}}); err != nil {
		t.Fatal(err)
	}
	ada.get(opening+"/edit").has(t, "\nMine</textarea>", `name="own_body" value="The other"`)
}

// read is the opening post of a thread.
func read(t *testing.T, store *forum.Store, thread int64) int64 {
	t.Helper()
	p, err := store.ThreadPage(t.Context(), forum.Person{}, thread, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p.Posts[0].ID
}

// A moderator takes words out from the page of history, is told before that there is
// no way back, and gets all that was typed back where it is refused.
func TestWordsAreTakenOutFromTheHistory(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	_, path := c.revised(t)
	mod := c.as(c.mod)
	mod.get(c.thread).has(t, `href="`+path+`/history#redact"`)
	mod.get(path+"/history").has(t, `action="`+path+`/redact"`, "Nobody can bring them back")
	for _, typed := range []struct{ passage, reason, problem string }{
		{"", "A reason to keep", "passage"},
		{"Mr <Brown> of Oak Road", "A reason to keep", "passage"},
		{"Mrs Example of Elm Road", "", "reason"},
		{"Mrs Example of Elm Road", "Mrs Example of Elm Road asked", "reason"},
	} {
		got := mod.post(path+"/redact", mod.form(path+"/history", url.Values{"passage": {typed.passage}, "reason": {typed.reason}}))
		got.wantStatus(t, 422)
		got.has(t, `<a href="#`+typed.problem+`">`, `id="`+typed.problem+`-error"`, strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(typed.passage), typed.reason)
	}
	ada := c.as(c.ada)
	open := ada.form(path+"/edit", url.Values{"body": {"Mrs Example of Elm Road rang again."}, "version": {"2"}})
	form := mod.form(path+"/history", url.Values{"passage": {"Mrs Example of Elm Road"}, "reason": {"It names her."}})
	mod.post(path+"/redact", form).wantLocation(t, 303, path+"/history")
	mod.post(path+"/redact", form).wantLocation(t, 303, path+"/history") // pressed twice
	for _, page := range []string{path + "/history", c.thread} {
		got := c.guest().get(page)
		got.has(t, "[removed]")
		if strings.Contains(got.text, "Elm Road") {
			t.Errorf("%s still says it", page)
		}
	}
	c.guest().get(path+"/history").has(t, "A moderator took words out on", "It names her.")
	clash := ada.post(path, open)
	clash.wantStatus(t, 409)
	clash.has(t, "A moderator has taken words out of it.", `name="version" value="3"`)
	mod.get("/moderation").has(t, "Took words out of a post for good", "It names her.")
}

// A name that was typed in another way is taken out as well, and the moderator is told
// what is like it and still stands.
func TestAModeratorIsToldWhatStillStands(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	post := forumtest.Reply(t, c.store, c.ada, c.id, "MRS&nbsp;EXAMPLE, or [Mrs](https://x.example/1) Ex\u00adample, rang. The Example of Elm Road.\n\nExample").ID
	path := fmt.Sprintf("/posts/%d", post)
	mod := c.as(c.mod)
	take := func(passage, sentence string) {
		t.Helper()
		got := mod.post(path+"/redact", mod.form(path+"/history", url.Values{"passage": {passage}, "reason": {"It names her."}}))
		got.wantLocation(t, 303, path+"/history")
		flash, _, _ := strings.Cut(got.Header.Get("Set-Cookie"), ";")
		mod.header.Set("Cookie", flash)
		mod.get(path+"/history").has(t, sentence)
		mod.header.Del("Cookie")
	}
	take("Mrs Example", "Parts of them still stand in 2 places")
	mod.get(path+"/history").has(t, "[removed], or [removed], rang. The Example of Elm Road.")
	take("The Example", "A part of them still stands in 1 place")
	take("Example", "The words are taken out of all of this post.")
}

// A post that was edited as often as may be says so beside what was typed, and keeps it.
func TestAPostEditedTooOftenKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	_, path := c.revised(t)
	if _, err := c.db.Exec(t.Context(), `
		insert into revisions (post_id, version, editor_id, at, body)
		select p.id, 10 + n, p.author_id, p.posted_at - interval '1 hour', 'Before' from posts p, generate_series(1, 200) n where p.thread_id = $1 and p.version = 2`, c.id); err != nil {
		t.Fatal(err)
	}
	ada := c.as(c.ada)
	got := ada.post(path, ada.form(path+"/edit", url.Values{"body": {"Typed with care"}, "version": {"2"}}))
	got.wantStatus(t, 422)
	got.has(t, "this post has been edited 200 times", `id="body-error"`, "Typed with care")
}

// plantEdits puts canaries into what posts said before.
func (w *aviary) plantEdits() {
	w.t.Helper()
	ctx := context.Background()
	author, moderator, newcomer, colleague := w.people["author"], w.people["moderator"], w.people["newcomer"], w.people["colleague"]
	edit := func(who forum.Person, post int64, body, title string) {
		version := w.number(`select version from posts where id = $1`, post)
		_, err := w.store.Edit(ctx, who, post, forum.EditDraft{Body: body, Title: title, Topics: []string{"waste-management"}, Version: int(version), Reason: "Why not"})
		w.must(err)
	}
	thread := forumtest.Ask(w.t, w.store, author, forum.AskDraft{Title: w.put("first title", nil, public...), Suppliers: true})
	post := forumtest.Reply(w.t, w.store, author, thread, w.put("first words", nil, public...)).ID
	hidden := forumtest.Reply(w.t, w.store, author, thread, w.put("words edited while hidden", team, "author", "moderator")).ID
	held := forumtest.Reply(w.t, w.store, newcomer, thread, w.put("words edited while held", team, "newcomer", "moderator")).ID
	forumtest.Reply(w.t, w.store, colleague, thread, "I read that")
	edit(author, post, "Other words", "")
	edit(author, w.opening(thread), "Other words", "Another title")
	w.must(w.care.HidePost(ctx, moderator, hidden, true, "Why not"))
	edit(moderator, hidden, "Harmless words", "")
	w.must(w.care.HidePost(ctx, moderator, hidden, false, "Why not"))
	edit(moderator, held, "Harmless words", "")
	councils := forumtest.Ask(w.t, w.store, author, forum.AskDraft{Title: "For us", Visibility: "councils"})
	ours := forumtest.Reply(w.t, w.store, author, councils, w.put("first words for councils", nil, colleagues...)).ID
	forumtest.Reply(w.t, w.store, colleague, councils, "I read that")
	edit(author, ours, "Other words", "")

	passage := w.put("passage taken out", nil)
	named := forumtest.Ask(w.t, w.store, author, forum.AskDraft{Title: "About " + passage, Body: "It is **" + passage + "**.", Suppliers: true})
	opening := w.opening(named)
	_, err := w.store.Reply(ctx, colleague, named, forum.PostDraft{Body: "So it is", Quote: 1})
	w.must(err)
	edit(author, opening, "It was "+passage+", so.", "Still about "+passage)
	w.must(w.store.KeepDraft(ctx, author, forum.DraftEdit, opening, fieldsOf("body", "It will be "+passage, "version", "2")))
	_, err = w.store.Redact(ctx, moderator, opening, forum.RedactDraft{Passage: passage, Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}})
	w.must(err)
}
