package app_test

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
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
