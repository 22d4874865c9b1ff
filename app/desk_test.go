package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// plantDesk puts canaries into what curators tell each other on the desk.
func (w *aviary) plantDesk() {
	w.t.Helper()
	note := func(ref curation.Ref, place string) {
		w.must(w.curation.LookAfter(context.Background(), w.people["curator"], ref, curation.DeskDraft{Deed: "note", Words: w.put(place, nil, "curator")}))
	}
	note(curation.Ref{Sort: curation.Newcomers, ID: w.people["newcomer"].ID}, "note of a newcomer")
	note(curation.Ref{Sort: curation.Held, ID: w.number(`select max(q.id) from posts q join threads t on t.id = q.thread_id
		where q.author_id = $1 and q.held_at is not null and q.hidden_at is null and t.hidden_at is null`, w.people["newcomer"].ID)}, "note of a held post")
}

// The desk is one round trip; each thing has its deed beside it; of two curators who take
// the same the second is told who has it; and what is done with is off the desk.
func TestTheDeskFromItsPages(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	cora, cleo := forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Cora", "Southmoor"), forum.Curator), forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Cleo", "Northmoor"), forum.Curator)
	id, path := h.threadOf(ada, "Who has moved planning notices online?")
	if _, err := h.db.Exec(t.Context(), `update threads set asked_at = asked_at - interval '30 days' where id = $1`, id); err != nil {
		t.Fatal(err)
	}
	eve := forumtest.NewcomerOf(t, h.store, "Eve", "northmoor")
	one, two := h.as(cora), h.as(cleo)
	page := one.get("/desk")
	page.wantStatus(t, 200)
	item := fmt.Sprintf("/desk/items/question-%d", id)
	page.has(t, "Who has moved planning notices online?", "needs a person by name", fmt.Sprintf(`action="/people/%d/let-in"`, eve.ID), `action="`+item+`"`, `href="/desk" aria-current="true"`)
	if timing := page.Header.Get("Server-Timing"); !strings.Contains(timing, `"2 round trips,`) {
		t.Errorf("got %s", timing)
	}
	one.post(fmt.Sprintf("/people/%d/let-in", eve.ID), one.form("/desk", url.Values{"return": {"/desk"}})).wantLocation(t, 303, "/desk")
	first, second := one.form(item, url.Values{"deed": {"take"}}), two.form(item, url.Values{"deed": {"take"}})
	one.post(item, first).wantLocation(t, 303, item)
	again := two.post(item, second)
	again.wantStatus(t, 409)
	again.has(t, "Cora has it")
	refused := two.post(item, two.form(item, url.Values{"deed": {"note"}, "words": {""}}))
	refused.wantStatus(t, 422)
	refused.has(t, `<a href="#words">`, `id="words-error"`)
	two.post(item, two.form(item, url.Values{"deed": {"note"}, "words": {"<b>Ask Ben</b>"}})).wantLocation(t, 303, item)
	one.get(item).has(t, "&lt;b&gt;Ask Ben&lt;/b&gt;", "Cleo:")
	refused = one.post(item+"/ask", one.form(item, url.Values{"person": {fmt.Sprint(ada.ID)}}))
	refused.wantStatus(t, 422)
	refused.has(t, "cannot be asked now: Ada")
	one.post(item+"/ask", one.form(item, url.Values{"person": {fmt.Sprint(ben.ID)}})).wantLocation(t, 303, item)
	h.as(ada).get(path).has(t, fmt.Sprintf(`href="/threads/%d/asks"`, id), "1 council asked")
	asked := h.as(ben)
	asks := fmt.Sprintf("/threads/%d/asks", id)
	asked.get(asks).has(t, "The team thinks that you could answer", `decline"`)
	asked.post(fmt.Sprintf("/threads/%d/decline", id), asked.form(asks, nil)).wantLocation(t, 303, asks)
	h.as(ada).get(path).has(t, "1 council asked, 1 declined")
	one.post(item, one.form(item, url.Values{"deed": {"done"}, "return": {"/desk"}})).wantLocation(t, 303, "/desk")
	one.get("/desk").has(t, "Done, says Cora")
	h.guest().get("/desk").wantLocation(t, 303, "/sign-in?return=%2Fdesk")
	h.as(ada).get("/desk").wantStatus(t, 403)
	sheet := one.get("/desk/figures.csv")
	sheet.wantStatus(t, 200)
	sheet.has(t, "week_from,questions,")
	if lines := strings.Count(sheet.text, "\n"); lines != 14 {
		t.Errorf("the spreadsheet has %d lines", lines)
	}
}

// Who wants to be asked nothing says so with the rest of their emails.
func TestAsksAreTurnedOff(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	b := h.as(ben)
	b.post("/account/emails", b.form("/account/emails", url.Values{"digest_day": {"1"}, "digest_hour": {"7"}, "no_asks": {"1"}})).wantStatus(t, 303)
	page := b.get("/account/emails")
	page.has(t, `id="no_asks"`)
	var off bool
	if err := h.db.QueryRow(t.Context(), `select no_asks from letter_settings where person_id = $1`, ben.ID).Scan(&off); err != nil || !off {
		t.Errorf("got %v (%v)", off, err)
	}
}
