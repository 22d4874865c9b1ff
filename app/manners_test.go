package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// Whoever says that they are a company is asked for its name, not for a council.
func TestASupplierWithoutANameIsAskedForIt(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	id, err := h.store.SignIn(t.Context(), forum.Identity{Issuer: "test", Subject: "dot", Name: "Dot"})
	if err != nil {
		t.Fatal(err)
	}
	b := h.as(forum.Person{ID: id})
	form := url.Values{"name": {"Dot"}, "job_title": {"Sales"}, "council": {""}, "company": {" "}, "rules": {"1"}}
	refused := b.post("/account/join", b.form("/account/join", form))
	refused.wantStatus(t, 422)
	refused.has(t, `<a href="#company">Write the name of your company</a>`, `id="company-error"`, `type="radio" value="" checked`)
	form.Del("council")
	refused = b.post("/account/join", b.form("/account/join", form))
	refused.has(t, `<a href="#council">Choose your council</a>`)
	form.Set("company", "Roundsman")
	b.post("/account/join", b.form("/account/join", form)).wantStatus(t, 303)
}

// The page after a deed says once that it is done, to the session that did it and
// to nobody else.
func TestADeedIsToldOnce(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	lead := c.as(c.lead)
	got := lead.post(fmt.Sprintf("/people/%d/let-in", c.eve.ID), lead.form("/desk/newcomers", nil))
	got.wantLocation(t, 303, "/desk/newcomers")
	flash := got.Header.Get("Set-Cookie")
	for _, want := range []string{"moothall-done=", "HttpOnly", "max-age=60", "SameSite=Lax", "path=/"} {
		if !strings.Contains(flash, want) {
			t.Fatalf("the cookie is %q, without %s", flash, want)
		}
	}
	cookie, _, _ := strings.Cut(flash, ";")
	const sentence = "They are in. What they wrote can be read by others now."
	with := func(b *browser, cookie string) returned {
		b.header.Set("Cookie", cookie)
		defer b.header.Del("Cookie")
		return b.get("/desk/newcomers")
	}
	told := with(lead, cookie)
	told.has(t, sentence, "Eve", "Undo")
	if cleared := told.Header.Get("Set-Cookie"); !strings.HasPrefix(cleared, "moothall-done=;") || told.Header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("the cookie is not taken away (%q), or the page may be kept (%q)", cleared, told.Header.Get("Cache-Control"))
	}
	for name, page := range map[string]returned{"the next page": lead.get("/desk/newcomers"), "somebody else's": with(c.as(c.mod), cookie), "made up": with(lead, "moothall-done=aaaa")} {
		if strings.Contains(page.text, sentence) {
			t.Errorf("%s is told as well", name)
		}
	}
	visitor := c.guest()
	visitor.header.Set("Cookie", cookie)
	if page := visitor.get("/"); strings.Contains(page.text, sentence) || page.Header.Get("Set-Cookie") != "" {
		t.Error("a visitor is told")
	}
}

// Leads and curators take back their own decisions from the desk; of another
// council they see none.
func TestDecisionsAreUndoneFromTheDesk(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	lead, eve := c.as(c.lead), fmt.Sprintf("/people/%d", c.eve.ID)
	other := c.as(forumtest.Granted(t, c.store, forumtest.Person(t, c.store, "Nora", "Northmoor"), forum.Lead))
	for deed, does := range map[string]string{"let_in": "/let-in", "turned_away": "/turn-away"} {
		lead.post(eve+does, lead.form("/desk/newcomers", url.Values{"reason": {"Nobody knows her."}})).wantStatus(t, 303)
		undo := fmt.Sprintf("/entries/%d/undo", c.entry(deed))
		lead.get("/desk/newcomers").has(t, `action="`+undo+`"`)
		if strings.Contains(other.get("/desk/newcomers").text, undo) {
			t.Errorf("%s: a lead of another council sees it", deed)
		}
		form := lead.form("/desk/newcomers", url.Values{"return": {"/desk/newcomers"}})
		lead.post(undo, form).wantLocation(t, 303, "/desk/newcomers")
		if got := forumtest.Again(t, c.store, c.eve); got.Standing != forum.Newcomer || got.TurnedAwayWhy != "" {
			t.Errorf("%s, undone: she is %s, %q", deed, got.Standing, got.TurnedAwayWhy)
		}
		if strings.Contains(lead.get("/desk/newcomers").text, undo) {
			t.Errorf("%s is offered again when it is undone", deed)
		}
	}
	mod := c.as(c.mod)
	fay := forumtest.NewcomerOf(t, c.store, "Fay", forum.NotListed)
	refused := mod.post(fmt.Sprintf("/people/%d/let-in", fay.ID), mod.form("/desk/newcomers", url.Values{"council": {"moor"}}))
	refused.wantStatus(t, 422)
	refused.has(t, "Let Fay in", "No council is called “moor”", `type="radio" value="northmoor"`)
}

// An administrator takes a role from the page of who has it, and comes back there.
func TestARoleIsTakenOnThePersonsPage(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	chief := c.as(forumtest.Granted(t, c.store, forumtest.Person(t, c.store, "Chi", "Northmoor"), forum.Administrator))
	page := fmt.Sprintf("/people/%d-lea", c.lead.ID)
	undo := fmt.Sprintf("/entries/%d/undo", c.entry("granted")-1)
	chief.get(page).has(t, "Take the role: Council lead, Southmoor", undo)
	if strings.Contains(c.as(c.mod).get(page).text, "Take the role") {
		t.Error("a moderator may take roles")
	}
	chief.post(undo, chief.form(page, url.Values{"return": {page}})).wantLocation(t, 303, page)
	if got := forumtest.Again(t, c.store, c.lead); len(got.Leads) != 0 {
		t.Error("Lea leads still")
	}
}

// Who may not do something is told why, and who can, and not that they see what
// they do not.
func TestWhoIsRefusedIsToldWhoCan(t *testing.T) {
	t.Parallel()
	c := openTroupe(t)
	dot := forumtest.SupplierOf(t, c.store, "Dot", "Roundsman")
	for _, r := range []struct {
		who        *browser
		path, want string
	}{
		{c.as(c.ada), "/desk/newcomers", "Newcomers are let in by the lead of their council and by curators."},
		{c.as(c.lead), "/moderation", "This page is for moderators."},
		{c.as(dot), "/threads/new", "Suppliers reply, and do not start threads."},
	} {
		got := r.who.get(r.path)
		got.wantStatus(t, 403)
		got.has(t, r.want)
		if strings.Contains(got.text, "You can see this page") {
			t.Errorf("%s: it is said that they see the page", r.path)
		}
	}
	b := c.as(dot)
	got := b.post("/threads", b.form(c.thread, question("Buy ours?")))
	got.wantStatus(t, 403)
	got.has(t, "Suppliers reply, and do not start threads.", "We **start** in May.")
}

// A preview shows what is there; what is missing is said when it is posted.
func TestAPreviewChecksNothingButWhatCannotBeShown(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, thread := h.threadOf(ada, "Missed bins?")
	b := h.as(ada)
	number, _, _ := strings.Cut(thread, "-")
	for name, preview := range map[string]struct {
		page, action string
		form         url.Values
		status       int
		want         string
	}{
		"no topic, no title":  {"/threads/new", "/threads", url.Values{"body": {"We **start**."}}, 200, "<strong>start</strong>"},
		"a kind there is not": {"/threads/new", "/threads", url.Values{"body": {"We **start**."}, "kind": {"song"}, "visibility": {"x"}, "lang": {"x"}}, 200, "<strong>start</strong>"},
		"no words to ask":     {"/threads/new", "/threads", url.Values{"title": {"Notices?"}}, 200, "There is nothing to show yet."},
		"no words to reply":   {thread, number + "/posts", url.Values{"body": {" "}}, 200, "There is nothing to show yet."},
		"a reply":             {thread, number + "/posts", url.Values{"body": {"We **did**."}}, 200, "<strong>did</strong>"},
		"one letter too many": {thread, number + "/posts", url.Values{"body": {strings.Repeat("a", 60001)}}, 422, "Shorten the text by 1 character: a post"},
		"too big to ask":      {"/threads/new", "/threads", url.Values{"body": {strings.Repeat("é", 40000)}}, 422, "it takes up more than 64 KB"},
	} {
		preview.form.Set("action", "preview")
		got := b.post(preview.action, b.form(preview.page, preview.form))
		if got.StatusCode != preview.status || !strings.Contains(got.text, preview.want) || strings.Contains(got.text, "«") {
			t.Errorf("%s: got %d without %q\n%.2000s", name, got.StatusCode, preview.want, got.text)
		}
		if has := strings.Contains(got.text, `id="preview"`); has != (preview.status == 200) {
			t.Errorf("%s: with %d the preview is there: %t", name, preview.status, has)
		}
	}
}

// What is too much or in a wrong form comes back where it can be read; where it
// cannot, it is said where it still is.
func TestWhatIsTooMuchComesBack(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, thread := h.threadOf(ada, "Missed bins?")
	b := h.as(ada)
	number, _, _ := strings.Cut(thread, "-")
	form := b.form(thread, url.Values{"body": {"Words to keep."}}).Encode()
	const file = "--x\r\nContent-Disposition: form-data; name=f; filename=a.txt\r\n\r\nA file\r\n--x\r\nContent-Disposition: form-data; name=body\r\n\r\nWords to keep.\r\n--x--\r\n"
	for name, sent := range map[string]struct {
		kind, body string
		status     int
		want       string
	}{
		"a thousand fields": {"application/x-www-form-urlencoded", form + strings.Repeat("&x=1", 1000), 413, "Words to keep."},
		"a file":            {"multipart/form-data; boundary=x", file, 415, "Words to keep."},
		"no form":           {"text/plain", form, 415, "Go back: what you wrote is still in the form."},
	} {
		got := b.do("POST", number+"/posts", strings.NewReader(sent.body), sent.kind)
		if got.StatusCode != sent.status || !strings.Contains(got.text, sent.want) {
			t.Errorf("%s: got %d without %q\n%.2000s", name, got.StatusCode, sent.want, got.text)
		}
	}
}
