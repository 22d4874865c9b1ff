package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// An administrator finds a colleague by name, gives them a role until a day, and ends it.
// What is refused comes back as it was typed, also who had been looked for.
func TestAnAdministratorGivesRoles(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	boss := h.as(forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Eve", "Northmoor"), forum.Administrator))
	const page = "/admin/roles?find=ad"
	boss.get(page).has(t, "Ada", `name="person"`)
	draft := url.Values{"find": {"ad"}, "person": {fmt.Sprint(ada.ID)}, "role": {"curator"}, "until": {"2020-01-01"}, "reason": {"Knows <everybody>"}}
	refused := boss.post("/admin/roles", boss.form(page, draft))
	refused.wantStatus(t, http.StatusUnprocessableEntity)
	refused.has(t, `href="#until"`, `id="until-error"`, "2020-01-01", "Knows &lt;everybody&gt;", fmt.Sprintf(`value="%d" checked`, ada.ID), `value="curator" checked`)
	draft.Set("until", "2099-03-31")
	boss.post("/admin/roles", boss.form(page, draft)).wantLocation(t, http.StatusSeeOther, "/admin/roles")
	listed := boss.get("/admin/roles")
	listed.has(t, "31 March 2099", "by Eve", "Knows &lt;everybody&gt;")
	if !forumtest.Again(t, h.store, ada).Is(forum.Curator) {
		t.Error("she is no curator")
	}
	_, rest, _ := strings.Cut(listed.text, `action="/admin/roles/`)
	_, rest, _ = strings.Cut(rest, `action="/admin/roles/`) // administrators stand first
	number, _, _ := strings.Cut(rest, "/")
	end := "/admin/roles/" + number + "/end"
	boss.post(end, boss.form("/admin/roles", nil)).wantStatus(t, http.StatusUnprocessableEntity) // no reason
	boss.post(end, boss.form("/admin/roles", url.Values{"reason": {"She moved on"}})).wantLocation(t, http.StatusSeeOther, "/admin/roles")
	if forumtest.Again(t, h.store, ada).Is(forum.Curator) {
		t.Error("she is a curator still")
	}
}
