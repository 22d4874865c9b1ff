package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/forumtest"
)

// troupe are people with powers, and one for each to use them on.
type troupe struct {
	*house
	ada, mod, lead, eve forum.Person
	thread              string
	id, post            int64 // a thread by Ada, and its second post
}

func openTroupe(t *testing.T) troupe {
	t.Helper()
	h := openHouse(t, nil)
	c := troupe{house: h, ada: forumtest.Person(t, h.store, "Ada", "Northmoor")}
	c.mod = forumtest.Granted(t, h.store, forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Mo", "Southmoor"), forum.Moderator), forum.Curator)
	c.lead = forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Lea", "Southmoor"), forum.Lead)
	c.eve = forumtest.NewcomerOf(t, h.store, "Eve", "Southmoor")
	c.id, c.thread = h.threadOf(c.ada, "Missed bins?")
	c.post = forumtest.Reply(t, h.store, c.ada, c.id, "Mrs Example rang.").ID
	return c
}

// A deed of power leads to where it shows. Without a reason it is refused, on a
// page of its own with what was typed.
func TestDeedsOfPower(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	mod, lead := c.as(c.mod), c.as(c.lead)
	thread, post := fmt.Sprintf("/threads/%d", c.id), fmt.Sprintf("/posts/%d", c.post)
	eve, ada := fmt.Sprintf("/people/%d", c.eve.ID), fmt.Sprintf("/people/%d", c.ada.ID)
	for _, deed := range []struct {
		who          *browser
		page, action string
		fields       url.Values
		problem, to  string
	}{
		{mod, c.thread, thread + "/close", url.Values{"on": {"1"}}, "reason", thread},
		{mod, c.thread, thread + "/close", url.Values{"on": {"0"}}, "reason", thread},
		{mod, c.thread, post + "/hide", url.Values{"on": {"1"}}, "reason", post},
		{mod, c.thread, post + "/hide", url.Values{"on": {"0"}}, "reason", post},
		{mod, c.thread, thread + "/hide", url.Values{"on": {"1"}}, "reason", thread},
		{mod, c.thread, thread + "/hide", url.Values{"on": {"0"}}, "reason", thread},
		{lead, "/desk/newcomers", eve + "/turn-away", nil, "reason", "/desk/newcomers"},
		{mod, ada, ada + "/suspend", url.Values{"until": {"2099-12-31"}}, "reason", ada},
	} {
		if strings.HasPrefix(deed.page, "/people/") {
			deed.page += "-ada"
		}
		refused := deed.who.post(deed.action, deed.who.form(deed.page, deed.fields))
		refused.wantStatus(t, 422)
		refused.has(t, `<a href="#`+deed.problem+`">`, `id="`+deed.problem+`-error"`, `action="`+deed.action+`"`)
		for name, values := range deed.fields {
			refused.has(t, fmt.Sprintf(`value="%s"`, values[0]), fmt.Sprintf(`name="%s"`, name))
		}
		form := deed.who.form(deed.page, deed.fields)
		form.Set("reason", "Because of "+deed.action)
		deed.who.post(deed.action, form).wantLocation(t, 303, deed.to)
	}
	past := mod.post(ada+"/suspend", mod.form(ada+"-ada", url.Values{"until": {"2020-01-01"}, "reason": {"Words to keep."}}))
	past.wantStatus(t, 422)
	past.has(t, `id="until-error"`, `value="2020-01-01"`, "Words to keep.")
	c.as(forumtest.Again(t, c.store, c.ada)).get(c.thread).has(t, "You cannot post until 31 December 2099", "Because of "+ada+"/suspend")
	undone := mod.post(fmt.Sprintf("/entries/%d/undo", c.entry("suspended")), mod.form(ada+"-ada", nil))
	undone.wantLocation(t, 303, "/moderation")
	if forumtest.Again(t, c.store, c.ada).SuspendedUntil != nil {
		t.Error("the suspension still runs")
	}
	mod.get("/moderation").has(t, "Because of "+post+"/hide", "undone")
}

// entry is the newest entry of a deed.
func (c troupe) entry(deed string) (id int64) {
	c.t.Helper()
	if err := c.db.QueryRow(c.t.Context(), `select max(id) from entries where deed = $1`, deed).Scan(&id); err != nil {
		c.t.Fatal(err)
	}
	return id
}

// A lead lets somebody in; a curator says to which council, when they named none.
func TestLettingIn(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	lead, mod := c.as(c.lead), c.as(c.mod)
	desk := lead.get("/desk/newcomers")
	desk.has(t, "Eve", fmt.Sprintf(`action="/people/%d/let-in"`, c.eve.ID))
	lead.post(fmt.Sprintf("/people/%d/let-in", c.eve.ID), lead.form("/desk/newcomers", nil)).wantLocation(t, 303, "/desk/newcomers")
	if forumtest.Again(t, c.store, c.eve).Standing != forum.Colleague {
		t.Error("Eve is no colleague")
	}

	fay := forumtest.NewcomerOf(t, c.store, "Fay", forum.NotListed)
	in := fmt.Sprintf("/people/%d/let-in", fay.ID)
	mod.get("/desk/newcomers").has(t, `<option value="Northmoor District Council">`, `name="council"`)
	refused := mod.post(in, mod.form("/desk/newcomers", url.Values{"council": {"nowhere"}}))
	refused.wantStatus(t, 422)
	refused.has(t, `<a href="#council">`, `value="nowhere"`, `id="council-error"`)
	mod.post(in, mod.form("/desk/newcomers", url.Values{"council": {"northmoor district council"}})).wantStatus(t, 303)
	if got := forumtest.Again(t, c.store, fay); got.Standing != forum.Colleague || got.CouncilSlug != "northmoor" {
		t.Errorf("Fay is %s of %q", got.Standing, got.CouncilSlug)
	}
	c.as(c.ada).get("/desk/newcomers").wantStatus(t, 403)
	c.guest().get("/desk/newcomers").wantLocation(t, 303, "/sign-in?return=%2Fdesk%2Fnewcomers")
}

// A report is taken, shown to moderators with who and why, and decided.
func TestReporting(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	b, mod, report := c.as(c.lead), c.as(c.mod), fmt.Sprintf("/posts/%d/report", c.post)
	b.get(report).has(t, "Mrs Example rang.")
	refused := b.post(report, b.form(report, url.Values{"reason": {"  "}}))
	refused.wantStatus(t, 422)
	refused.has(t, `id="reason-error"`)
	b.post(report, b.form(report, url.Values{"reason": {"It names a resident."}})).wantLocation(t, 303, report+"?done=1")
	b.get(report+"?done=1").has(t, "The moderators have your report")
	mod.get("/moderation").has(t, "It names a resident.", "Lea:", "Mrs Example rang.")
	var id int64
	if err := c.db.QueryRow(t.Context(), `select id from reports`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	keep := fmt.Sprintf("/reports/%d/keep", id)
	mod.post(keep, mod.form("/moderation", nil)).wantStatus(t, 422)
	mod.post(keep, mod.form("/moderation", url.Values{"reason": {"She is invented."}})).wantLocation(t, 303, "/moderation")
	mod.get("/moderation").has(t, "Nothing is reported.", "She is invented.")
	c.as(c.ada).get("/moderation").wantStatus(t, 403)
	c.guest().get(report).wantStatus(t, 303)
}

// Joining finds a council without a script, keeps what was typed, and leads to
// where one wanted to go.
func TestJoining(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	login := forum.Identity{Issuer: "test", Subject: "fay", Name: "Fay", Email: "fay@northmoor.gov.example", EmailVerified: true}
	id, err := h.store.SignIn(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	b := h.as(forum.Person{ID: id})
	b.get("/threads/new").wantLocation(t, 303, "/account/join?return=%2Fthreads%2Fnew")
	page := "/account/join?return=%2Fthreads%2Fnew"
	b.get(page).has(t, `value="northmoor" checked`, "You can post straight away", `name="return" value="/threads/new"`)

	found := b.post("/account/join", b.form(page, url.Values{"name": {"Fay"}, "job_title": {"Officer"}, "council_search": {"south"}, "action": {"find"}, "return": {"/threads/new"}}))
	found.wantStatus(t, 200)
	found.has(t, `value="southmoor"`, `value="Officer"`, `value="south"`)
	refused := b.post("/account/join", b.form(page, url.Values{"name": {""}, "job_title": {"Officer"}, "council": {"northmoor"}, "return": {"/threads/new"}}))
	refused.wantStatus(t, 422)
	refused.has(t, `id="name-error"`, `id="rules-error"`, `value="Officer"`, `value="northmoor" checked`, `name="return" value="/threads/new"`)
	joined := url.Values{"name": {"Fay"}, "job_title": {"Officer"}, "council": {"northmoor"}, "rules": {"1"}, "return": {"/threads/new"}}
	b.post("/account/join", b.form(page, joined)).wantLocation(t, 303, "/threads/new")
	b.get("/account").has(t, "Northmoor District Council", "Colleague", "@fay")
	b.get("/account/join").has(t, `value="northmoor" checked`, `name="rules" type="checkbox" value="1" checked`)
	joined.Set("return", "//elsewhere.example/")
	b.post("/account/join", b.form(page, joined)).wantLocation(t, 303, "/")
}

// Who supplies councils gives a company, and is told that the team confirms it.
func TestASupplierJoins(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	id, err := h.store.SignIn(t.Context(), forum.Identity{Issuer: "test", Subject: "dot", Name: "Dot"})
	if err != nil {
		t.Fatal(err)
	}
	b := h.as(forum.Person{ID: id})
	form := url.Values{"name": {"Dot"}, "job_title": {"Sales"}, "council": {""}, "company": {"Roundsman"}, "rules": {"1"}}
	b.post("/account/join", b.form("/account/join", form)).wantStatus(t, 303)
	b.get("/account").has(t, "Roundsman", "Newcomer", "You are waiting to be let in")
	b.get("/").has(t, "You are waiting to be let in")
}

// Sessions are listed, ended one by one, and all but this one at once.
func TestSessions(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	here, there, third := h.as(ada), h.as(ada), h.as(ada)
	live, err := h.sessions.Sessions(t.Context(), ada.ID)
	if err != nil || len(live) != 3 {
		t.Fatalf("%d sessions (%v)", len(live), err)
	}
	here.get("/account/sessions").has(t, "(this one)", "/account/sessions/"+live[1].ID+"/end")
	for _, s := range live {
		if string(s.Hash) == string(auth.Hash(there.cookie)) {
			here.post("/account/sessions/"+s.ID+"/end", here.form("/account/sessions", nil)).wantLocation(t, 303, "/account/sessions")
		}
	}
	there.get("/account").wantStatus(t, 303)
	third.get("/account").wantStatus(t, 200)
	here.post("/account/sessions/end-all", here.form("/account/sessions", nil)).wantStatus(t, 303)
	third.get("/account").wantStatus(t, 303)
	here.get("/account").wantStatus(t, 200)
	here.post("/account/sessions/0000000000000000/end", here.form("/account/sessions", nil)).wantStatus(t, 404)
	here.post("/sign-out", here.form("/account", nil)).wantLocation(t, 303, "/")
	here.get("/account").wantStatus(t, 303)
}

// A sign-in that comes to nothing says so in one way, and signs nobody in.
func TestSignInThatFails(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	b := h.guest()
	b.get("/sign-in?return=/account").has(t, `href="/auth/dev?return=%2Faccount"`)
	b.get("/sign-in?return=//elsewhere.example").has(t, `href="/auth/dev"`)
	for _, path := range []string{"/auth/dev/callback", "/auth/dev/callback?code=x&state=y", "/auth/dev/callback?code=a&code=b", "/auth/dev/callback?error=access_denied"} {
		got := b.get(path)
		got.wantStatus(t, 400)
		got.has(t, "That sign-in did not work", `href="/auth/dev"`)
		if got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
	}
	for _, path := range []string{"/auth/nobody", "/auth/nobody/callback"} {
		b.get(path).wantStatus(t, 404)
	}
	h.as(forumtest.Person(t, h.store, "Ada", "Northmoor")).get("/sign-in?return=/threads").wantLocation(t, 303, "/threads")
}

// The pages about the site are there for all, and name whom to write to.
func TestAboutPages(t *testing.T) {
	t.Parallel()
	h := openHouse(t, map[string]string{"MOOTHALL_MAIL_FROM": "The team <team@moothall.example>"})
	for _, path := range []string{"/about", "/about/rules", "/about/accessibility", "/about/privacy", "/about/help", "/about/data"} {
		h.guest().get(path).wantStatus(t, 200)
	}
	for _, path := range []string{"/about/accessibility", "/about/privacy", "/about/help"} {
		h.guest().get(path).has(t, `href="mailto:team@moothall.example"`)
	}
	h.guest().get("/councils?nation=Mars").wantStatus(t, 404)
	h.guest().get("/topics/none").wantStatus(t, 404)
}
