package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// saved is how many saves count against somebody, who then has none left, however
// long the test takes.
func (h *house) saved(who forum.Person) (saves int) {
	h.t.Helper()
	if err := h.db.QueryRow(h.t.Context(), `select saves from draft_paces where person_id = $1`, who.ID).Scan(&saves); err != nil {
		h.t.Fatal(err)
	}
	h.must(`update draft_paces set saves = 30, began = began + interval '1 hour'`)
	return saves
}

// must changes the database.
func (h *house) must(query string) {
	h.t.Helper()
	if _, err := h.db.Exec(h.t.Context(), query); err != nil {
		h.t.Fatal(err)
	}
}

// The button that saves counts as a script's saves do. Beyond the pace the words come
// back with the form, and what is previewed, refused or posted is kept all the same.
func TestSavingByAButtonIsKeptToAPace(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	id, path := h.threadOf(ben, "Missed bins?")
	b, to := h.as(ben), fmt.Sprintf("/threads/%d/posts", id)
	form := b.form(path, url.Values{"action": {"draft"}})
	save := func(n int) returned {
		form.Set("draft", fmt.Sprint(n))
		form.Set("body", fmt.Sprint("Words ", n))
		return b.post(to, form)
	}
	save(0).wantStatus(t, 303)
	if n := h.saved(ben); n != 1 {
		t.Errorf("it counts %d times, want once", n)
	}
	got := save(1)
	got.wantStatus(t, 429)
	got.has(t, "Words 1", `name="action" value="draft"`)
	if got.Header.Get("Retry-After") == "" {
		t.Error("it does not say when")
	}
	for _, c := range []struct {
		action string
		status int
	}{{"preview", 200}, {"publish", 422}} {
		form.Set("action", c.action)
		form.Set("body", "Kept by "+c.action)
		b.post(to, form).wantStatus(t, c.status)
		b.get("/drafts").has(t, "Kept by "+c.action)
	}
	form.Set("action", "post")
	b.post(to, form).wantStatus(t, 303)
}

// A cookie that was signed out keeps words for a day, at the pace of its person; the
// words beyond that come back. After a day it keeps nothing, and gives them back.
func TestAnEndedSessionKeepsWordsAtAPace(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	b := h.as(ben)
	form := b.form("/threads/new", url.Values{})
	b.post("/sign-out", form).wantStatus(t, 303)
	write := func(n int, more ...string) returned {
		form.Set("body", fmt.Sprint("Typed ", n))
		if more != nil {
			form.Set("action", more[0])
		}
		return b.post(fmt.Sprintf("/threads/%d/posts", 7000+n), form)
	}
	for n := range 3 {
		if got := write(n); got.StatusCode != 303 || !strings.HasSuffix(got.Header.Get("Location"), "&kept=1") {
			t.Fatalf("%d: got %d, to %s", n, got.StatusCode, got.Header.Get("Location"))
		}
	}
	if n := h.saved(ben); n < 1 {
		t.Errorf("they count %d times", n)
	}
	for _, action := range []string{"post", "draft"} {
		got := write(30, action)
		got.wantStatus(t, 429)
		got.has(t, "Typed 30", "/sign-in")
	}
	count := func() (n int) {
		t.Helper()
		if err := h.db.QueryRow(t.Context(), `select count(*) from drafts where person_id = $1`, ben.ID).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 3 {
		t.Errorf("%d drafts are kept, want 3", n)
	}
	h.must(`delete from draft_paces`)
	h.must(`update sessions set ended_at = ended_at - interval '24 hours'`)
	got := write(31)
	got.wantStatus(t, 403)
	got.has(t, "Typed 31")
	if n := count(); n != 3 {
		t.Errorf("after a day it wrote another: %d", n)
	}
}

// There is no room for a draft: whoever saves, and whoever puts one back, is told so.
func TestThereIsAnEndToDrafts(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	for _, fill := range []string{
		`insert into drafts (person_id, kind, target, fields, saved_at)
			select $1, 'reply', 1000 + n, jsonb_build_object('body', jsonb_build_array(repeat('word ', 40000))), now() from generate_series(1, 41) n`,
		`insert into draft_versions (person_id, kind, target, version, fields, saved_at, why, at)
			select $1, 'reply', 2000, 1, jsonb_build_object('body', jsonb_build_array(repeat('word ', 50000))), now(), 'discarded', now()`,
	} {
		if _, err := h.db.Exec(t.Context(), fill, ben.ID); err != nil {
			t.Fatal(err)
		}
	}
	b := h.as(ben)
	form := b.form("/account", url.Values{"kind": {"reply"}, "target": {"3000"}, "body": {"Long " + strings.Repeat("word ", 40_000)}})
	for _, keep := range []string{"", "theirs"} {
		form.Set("keep", keep)
		got := b.post("/drafts", form)
		got.wantStatus(t, 422)
		got.has(t, "There is no room for another draft", "Long word")
	}
	var id int64
	if err := h.db.QueryRow(t.Context(), `select max(id) from draft_versions`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	got := b.post("/drafts/undo", b.form("/account", url.Values{"id": {fmt.Sprint(id)}}))
	got.wantStatus(t, 422)
	got.has(t, "There is no room for another draft")
}

// Numbers in a form beyond what anything can have are those of nothing, not our fault.
func TestNumbersThatNothingHasInAnEdit(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	id, path := h.threadOf(ben, "Missed bins?")
	post := forumtest.Reply(t, h.store, ben, id, "As it was.").ID
	b, page := h.as(ben), fmt.Sprintf("/posts/%d/edit", post)
	for _, version := range []string{"2147483647", "2147483648", "99999999999", "9223372036854775807", "99999999999999999999", "-1", "x", ""} {
		for _, action := range []string{"post", "preview", "draft", "other"} {
			form := b.form(page, url.Values{"body": {"In other words."}, "version": {version}, "action": {action}})
			got := b.post(fmt.Sprintf("/posts/%d", post), form)
			if want := map[string]int{"post": 409, "preview": 200, "draft": 303}[action]; got.StatusCode >= 500 || want != 0 && got.StatusCode != want && got.StatusCode != 429 {
				t.Errorf("version %q, %s: got %d", version, action, got.StatusCode)
			}
			b.get(page).wantStatus(t, 200)
		}
		form := b.form(path, url.Values{"body": {"A reply to " + version}, "quote": {version}})
		if got := b.post(fmt.Sprintf("/threads/%d/posts", id), form); got.StatusCode >= 500 {
			t.Errorf("quoting %q: got %d", version, got.StatusCode)
		}
	}
}
