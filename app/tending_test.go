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
