package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// A curator looks at what a merge will do, merges, and undoes it, all without a script;
// the old address leads to where the posts are, for whoever may see that.
func TestACuratorTidiesThreads(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	cora := h.as(forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Cora", "Southmoor"), forum.Curator))
	_, stays := h.threadOf(ada, "Who has moved bins online?")
	_, goes := h.threadOf(ada, "Bins on the web?")
	number := func(path string) string {
		n, _, _ := strings.Cut(strings.TrimPrefix(path, "/threads/"), "-")
		return n
	}
	tend := "/threads/" + number(goes) + "/tend"
	cora.get(goes).has(t, tend)
	cora.get(tend+"?find=moved+bins").has(t, "Who has moved bins online?", `action="/threads/`+number(goes)+`/merge"`)

	cora.get(tend+"?from=99999999999").wantStatus(t, 200)

	again := cora.post("/threads/"+number(goes)+"/merge", cora.form(tend, url.Values{"into": {number(goes)}, "reason": {"The same"}}))
	again.wantStatus(t, 422)
	again.has(t, `id="into-error"`, "The same")
	look := cora.post("/threads/"+number(goes)+"/merge", cora.form(tend, url.Values{"into": {stays}, "action": {"preview"}}))
	look.wantStatus(t, 200)
	look.has(t, `id="preview"`, "1 post will come after post 1 in: Who has moved bins online?")
	done := cora.post("/threads/"+number(goes)+"/merge", cora.form(tend, url.Values{"into": {stays}}))
	done.wantStatus(t, 303)

	old := h.guest().get(goes)
	old.wantStatus(t, 301)
	if to := old.Header.Get("Location"); to != stays+"#post-2" {
		t.Errorf("the old address leads to %s", to)
	}
	h.guest().get(stays).has(t, "Cora merged “Bins on the web?” in here, 1 post")
	page := cora.get("/threads/" + number(stays) + "/tend")
	_, rest, _ := strings.Cut(page.text, `action="/entries/`)
	entry, _, _ := strings.Cut(rest, "/undo")
	undo := cora.post(fmt.Sprintf("/entries/%s/undo", entry), cora.form("/threads/"+number(stays)+"/tend", url.Values{"return": {stays}}))
	undo.wantStatus(t, 303)
	h.guest().get(goes).wantStatus(t, 200)
	h.guest().get(stays).has(t, "tombstone", "Post 2 is in another thread now:")
}

// A curator sees both threads as they will be before posts go to one of their own: nothing
// is done by looking, what was typed comes back, and what cannot go is said beside it.
func TestACuratorLooksBeforeSplitting(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	cora := h.as(forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Cora", "Southmoor"), forum.Curator))
	id, path := h.threadOf(ada, "Who has moved bins online?")
	forumtest.Reply(t, h.store, ada, id, "We did.")
	first, second := forumtest.Reply(t, h.store, ada, id, "And what of phones?"), forumtest.Reply(t, h.store, ada, id, "Ours are **old**.")
	tend, split := fmt.Sprintf("/threads/%d/tend", id), fmt.Sprintf("/threads/%d/split", id)
	form := func(more ...string) url.Values {
		v := cora.form(tend, url.Values{"post": {fmt.Sprint(second.ID), fmt.Sprint(first.ID)}, "title": {"Which phones?"}, "reason": {"Another matter"}})
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	look := cora.post(split, form("action", "preview"))
	look.wantStatus(t, 200)
	look.has(t, `id="preview"`, "The new thread: Which phones?", "And what of phones?", "Ours are old.", "This thread: Who has moved bins online?", "2 posts stay.",
		`value="Which phones?"`, "Another matter", fmt.Sprintf(`value="%d" checked`, first.ID))
	if strings.Index(look.text, "And what of phones?") > strings.Index(look.text, "Ours are old.") {
		t.Error("the posts are out of their order")
	}
	if h.guest().get(path).has(t, "And what of phones?"); t.Failed() {
		return
	}
	for field, form := range map[string]url.Values{"title": form("action", "preview", "title", ""), "post": form("action", "preview", "post", "x")} {
		refused := cora.post(split, form)
		refused.wantStatus(t, 422)
		refused.has(t, field+"-error", "Another matter")
		if strings.Contains(refused.text, `id="preview"`) {
			t.Errorf("%s: what cannot be is shown", field)
		}
	}
	h.as(ada).post(split, url.Values{"action": {"preview"}}).wantStatus(t, 403)
	done := cora.post(split, form())
	done.wantStatus(t, 303)
	h.guest().get(strings.TrimPrefix(done.Header.Get("Location"), h.URL())).has(t, "Which phones?", "And what of phones?")
}
