package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// fromMould is what a page with gaps costs whoever it is filled for.
const fromMould = `"1 round trips, 2 statements"`

// proof is what each page has of its own, whoever reads it.
var proof = regexp.MustCompile(`(name="(_csrf|idempotency)" value=")[^"]*`)

// same is a page without that.
func same(a returned) string { return proof.ReplaceAllString(a.text, "$1") }

// hot has a page asked for until it is kept with gaps for whoever comes next.
func (h *house) hot(path string, others ...*browser) {
	h.t.Helper()
	for range 100 { // on a slow machine more than a second may lie between
		for _, b := range append(others, others...) {
			b.get(path).wantStatus(h.t, 200)
		}
		if strings.Contains(others[0].get(path).Header.Get("Server-Timing"), fromMould) {
			return
		}
		time.Sleep(50 * time.Millisecond) // who had something of their own there is known for a while
	}
	h.t.Fatalf("%s is not kept", path)
}

// A page that many colleagues read is made once, with gaps for what is one reader's own.
// Whoever asks is shown, to the letter, the page that would have been made for them alone:
// those to whom it says nothing of their own, those whose council it names, and all others.
func TestColleaguesReadOnePage(t *testing.T) {
	t.Parallel()
	env := environ(t, map[string]string{"MOOTHALL_RATE_LIMITS": "off"})
	h := openHouse(t, env)
	plain := openHouse(t, map[string]string{"DATABASE_URL": env["DATABASE_URL"], "MOOTHALL_PAGE_CACHE": "off"})
	asker := forumtest.Person(t, h.store, "Ada", "Northmoor")
	id, path := h.threadOf(asker, "Who has moved bins online?")
	helper, one, two := forumtest.Person(t, h.store, "Hal", "Northmoor"), forumtest.Person(t, h.store, "Una", "Southmoor"), forumtest.Person(t, h.store, "Dev", "Southmoor")
	reply := forumtest.Reply(t, h.store, helper, id, "We did, and it held.")
	_, other := h.threadOf(asker, "Something else?")

	readers := map[string]forum.Person{"asker": asker, "helper": helper, "one": one, "two": two}
	reader := func(name, council string) forum.Person {
		p := forumtest.Person(t, h.store, name, council)
		readers[name] = p
		return p
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	reader("Neighbour", "Northmoor")
	must(h.store.Follow(ctx, reader("Follower", "Southmoor"), forum.Subject{Kind: "thread", ID: id}, forum.Daily))
	must(h.store.KeepDraft(ctx, reader("Drafter", "Southmoor"), forum.DraftReply, id, url.Values{"body": {"Half a reply"}}))
	must(h.store.Save(ctx, reader("Saver", "Southmoor"), id, true, nil))
	must(h.store.Useful(ctx, reader("Presser", "Southmoor"), reply.ID, true))
	welsh := reader("Welsh", "Southmoor")
	_, err := h.db.Exec(ctx, `update people set lang = 'cy' where id = $1`, welsh.ID)
	must(err)
	forumtest.Granted(t, h.store, reader("Curator", "Southmoor"), forum.Curator)
	forumtest.Granted(t, h.store, reader("Lead", "Northmoor"), forum.Lead)
	readers["supplier"] = forumtest.SupplierOf(t, h.store, "Sue", "Binsoft")
	readers["newcomer"] = forumtest.NewcomerOf(t, h.store, "Nia", "Northmoor")

	first, second := h.as(one), h.as(two)
	for _, page := range []string{path, "/threads"} {
		for name, who := range readers {
			alone, many := plain.as(who), h.as(who)
			many.get(page) // from now on nothing is new to them, on this node
			alone.get(page)
			want := alone.get(page)
			for i := range 4 {
				h.hot(page, first, second)
				got := many.get(page)
				if same(got) != same(want) {
					t.Errorf("%s, %s, asked %d times: it is another page\n%s", page, name, i+1, firstDifference(same(got), same(want)))
				}
				if proof.FindString(got.text) == proof.FindString(many.get(page).text) {
					t.Errorf("%s, %s: two pages have the same key", page, name)
				}
			}
		}
		for _, name := range []string{"Neighbour", "Follower", "helper"} { // whose council it names, who follows it, who wrote on it
			h.hot(page, h.as(readers[name]), first)
		}
		if got := second.get(page); !strings.Contains(got.text, ">Dev<") || strings.Contains(got.text, ">Una<") {
			t.Errorf("%s says who another reader is", page)
		}
	}

	// What is new to a reader is told, on the list and on the page, and a reply can be sent
	// from where it was read.
	for range 29 {
		forumtest.Reply(t, h.store, helper, id, "One more.")
	}
	writer := h.as(helper)
	writer.post(path+"/posts", writer.form(path, url.Values{"body": {"The last."}})).wantStatus(t, http.StatusSeeOther)
	_, err = h.db.Exec(ctx, `insert into reads (person_id, thread_id, number, at) select p.id, $1, 2, now() from people p where p.id in ($2, $3)
		on conflict (person_id, thread_id) do update set number = 2`, id, one.ID, two.ID) // a node writes it down every few seconds
	must(err)
	h.hot("/threads", first, second)
	second.get("/threads").has(t, "30 new</")
	second.get(path)
	h.hot(path, first, second)
	first.get(path).has(t, "12 new since you were here")
	h.hot(other, first, second)
	first.post(path+"/posts", first.form(other, url.Values{"body": {"From a page for many."}})).wantStatus(t, http.StatusSeeOther)
	second.get(path+"?page=2").has(t, "From a page for many.")

	// It is counted up to a hundred.
	for range forum.UnreadMost {
		forumtest.Reply(t, h.store, helper, id, "And another.")
	}
	h.hot("/threads", first, second)
	first.get("/threads").has(t, "More than 99 new<")
	h.hot(path, first, second)
	first.get(path).has(t, "More than 99 new since you were here")
}

// What a person may no longer see is gone from the page for many at once, as is the reader
// whom something happened to.
func TestAPageForManyIsForWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	asker := forumtest.Person(t, h.store, "Ada", "Northmoor")
	id := forumtest.Ask(t, h.store, asker, forum.AskDraft{Title: "For councils", Visibility: "councils"})
	path := fmt.Sprintf("/threads/%d-for-councils", id)
	one, two := forumtest.Person(t, h.store, "Una", "Southmoor"), forumtest.Person(t, h.store, "Dev", "Southmoor")
	first, second := h.as(one), h.as(two)
	for _, who := range []*browser{h.guest(), h.as(forumtest.NewcomerOf(t, h.store, "Nia", "Northmoor")), h.as(forumtest.SupplierOf(t, h.store, "Sue", "Binsoft"))} {
		h.hot(path, first, second)
		if got := who.get(path); got.StatusCode == 200 || strings.Contains(got.text, "For councils") {
			t.Errorf("it is shown to who may not see it: %d", got.StatusCode)
		}
	}
	change := func(sql string, args ...any) {
		t.Helper()
		if _, err := h.db.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	h.hot(path, first, second)
	change(`update people set standing = 'supplier', company = 'Binsoft', council_id = null where id = $1`, two.ID)
	second.get(path).wantStatus(t, 404)
	change(`update people set standing = 'colleague', company = null, council_id = (select council_id from people where id = $2) where id = $1`, two.ID, one.ID)
	h.hot(path, first, second)
	change(`update sessions set ended_at = now() where person_id = $1`, two.ID)
	second.get(path).wantStatus(t, 404)
	h.hot(path, first, h.as(two))
	change(`update threads set hidden_at = now(), hidden_why = 'Rude' where id = $1`, id)
	first.get(path).wantStatus(t, 404)
}
