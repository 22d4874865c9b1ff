package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// dayFrom is a day from now, as a date field holds it.
func dayFrom(days int) string { return time.Now().AddDate(0, 0, days).Format(time.DateOnly) }

// banner makes a banner of the sort that name tells.
func (w *world) banner(name string) int64 {
	w.t.Helper()
	draft := w.curation.NewBanner()
	draft.Body = "We are **moving** on Friday"
	id, err := w.curation.PutBanner(context.Background(), w.people["curator"], draft)
	w.must(err)
	if name == "ended" {
		w.must(w.curation.EndBanner(context.Background(), w.people["curator"], id))
	}
	return id
}

// election makes a pre-election period of the sort that name tells, which has yet to begin.
func (w *world) election(name string) int64 {
	w.t.Helper()
	w.must(w.curation.SetElection(context.Background(), w.people["curator"], curation.ElectionDraft{Name: "By-election", Council: "northmoor", From: dayFrom(20), Until: dayFrom(50)}))
	id := w.number(`select max(id) from elections`)
	if name == "ended" {
		w.exec(`update elections set ended_at = made_at where id = $1`, id)
	}
	return id
}

// boardForm is a form of a banner or a period, filled in.
func (w *rightsWorld) boardForm(c cell) url.Values {
	table, _, _ := strings.Cut(c.e.path[1:], "/")
	form := fieldsOf("kind", "news", "body", "We are moving", "name", "By-election", "council", "northmoor", "from", dayFrom(20), "until", dayFrom(50))
	if table == "elections" {
		form.Set("kind", "")
	}
	if c.thing.id != 0 {
		form.Set("version", fmt.Sprint(w.number(`select coalesce(max(version), 1) from `+table+` where id = $1`, c.thing.id)))
	}
	return form
}

// plantBanners puts canaries into what was told before, and what will be.
func (w *aviary) plantBanners() {
	w.t.Helper()
	ctx, cora := context.Background(), w.people["curator"]
	put := func(draft curation.BannerDraft) int64 {
		id, err := w.curation.PutBanner(ctx, cora, draft)
		w.must(err)
		return id
	}
	others := []string{"moderator", "administrator"}
	put(curation.BannerDraft{Kind: "news", Body: w.put("banner to come", others, "curator"), From: dayFrom(5), Until: dayFrom(9)})
	w.must(w.curation.EndBanner(ctx, cora, put(curation.BannerDraft{Kind: "news", Body: w.put("banner taken down", others, "curator"), From: dayFrom(0), Until: dayFrom(9)})))
	w.must(w.curation.SetElection(ctx, cora, curation.ElectionDraft{Name: w.put("pre-election period", []string{"author", "lead", "lead-elsewhere", "moderator", "administrator"}, "colleague", "curator"), Council: "southmoor", From: dayFrom(5), Until: dayFrom(9)}))
}

// A banner shows on every page from its first day until it is taken down, to visitors and
// to who is signed in, in both languages; undone from the log it is as it was. A form that
// was refused comes back as typed.
func TestABannerShowsOnEveryPage(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	thread := forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: "Who has moved bins online?"})
	at := fmt.Sprintf("/threads/%d-who-has-moved-bins-online", thread)
	shows := func(when, want string, not ...string) {
		t.Helper()
		for _, as := range []string{"visitor", "colleague", "curator"} {
			for _, path := range []string{"/", at, "/about", "/no-such-page", "/councils/map"} {
				body := w.get(as, path).body
				if want != "" && !strings.Contains(body, want) {
					t.Errorf("%s, %s as %s: no %q", when, path, as, want)
				}
				for _, no := range not {
					if strings.Contains(body, no) {
						t.Errorf("%s, %s as %s: there is %q", when, path, as, no)
					}
				}
			}
		}
	}
	shows("before", "", "Down on <strong>Friday</strong>")
	form := []string{"kind", "warning", "body", "", "body_cy", "Ar gau <b>ddydd</b> Gwener", "from", dayFrom(0), "until", dayFrom(3)}
	if a := w.post("curator", "/banners", form...); a.status != 422 || !strings.Contains(a.body, "Write what to say") || !strings.Contains(a.body, "Ar gau") {
		t.Errorf("an empty one: got %d", a.status)
	}
	form[3] = "Down on **Friday**: [why](/about/help)"
	if a := w.post("curator", "/banners", form...); a.status != 303 {
		t.Fatalf("putting one up: got %d", a.status)
	}
	shows("up", "Down on <strong>Friday</strong>", "<b>ddydd</b>")
	id := w.number(`select max(id) from banners`)
	edit := fmt.Sprintf("/banners/%d", id)
	change := []string{"kind", "news", "body", "Up again", "from", dayFrom(0), "until", dayFrom(3), "version", "1"}
	if a := w.post("curator", edit, change...); a.status != 303 {
		t.Fatalf("changing it: got %d", a.status)
	}
	shows("changed", "<p>Up again</p>", "Friday")
	if a := w.post("curator", edit, append(change[:2:2], "body", "Mine", "from", dayFrom(0), "until", dayFrom(3), "version", "1")...); a.status != 409 || !strings.Contains(a.body, "Mine") || !strings.Contains(a.body, "Up again") {
		t.Errorf("a form that was overtaken: got %d", a.status)
	}
	undo := func(deed string) echo {
		return w.post("curator", fmt.Sprintf("/entries/%d/undo", w.number(`select max(id) from entries where deed = $1`, deed)), "return", "/banners")
	}
	if a := undo("put_banner"); a.status != 409 {
		t.Errorf("undoing what was changed since: got %d", a.status)
	}
	if a := undo("changed_banner"); a.status != 303 {
		t.Errorf("undoing the change: got %d", a.status)
	}
	shows("undone", "Down on <strong>Friday</strong>", "Up again")
	if a := w.post("curator", edit+"/end"); a.status != 303 {
		t.Errorf("taking it down: got %d", a.status)
	}
	shows("down", "", "Friday")
	if a := w.get("curator", "/banners"); !strings.Contains(a.body, "taken down") || !strings.Contains(a.body, "Friday") {
		t.Error("it is not among those of before")
	}
	if a := undo("ended_banner"); a.status != 303 {
		t.Errorf("putting it up again: got %d", a.status)
	}
	shows("up again", "Down on <strong>Friday</strong>")
	undo("put_banner")
	shows("never put up", "", "Friday")
}

// A banner that another node put up, or whose day has come, shows here a few seconds
// later, in the language of the page.
func TestABannerComesByItself(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	w.get("visitor", "/")
	_, err := w.curation.PutBanner(t.Context(), w.people["curator"], curation.BannerDraft{Kind: "news", Body: "From elsewhere", BodyCy: "O rywle arall", From: dayFrom(0), Until: dayFrom(1)})
	w.must(err)
	until := time.Now().Add(15 * time.Second)
	for !strings.Contains(w.get("visitor", "/").body, "From elsewhere") {
		if time.Now().After(until) {
			t.Fatal("it never came")
		}
		time.Sleep(200 * time.Millisecond)
	}
	w.exec(`update people set lang = 'cy' where id = $1`, w.people["colleague"].ID)
	if a := w.get("colleague", "/"); !strings.Contains(a.body, "O rywle arall") || strings.Contains(a.body, "From elsewhere") {
		t.Error("it is not in Welsh for who reads Welsh")
	}
}

// second has something wait for a second curator, other than the one of the cast or not.
func (w *world) second(others bool) int64 {
	w.t.Helper()
	by := w.people["curator"]
	if others {
		by = forumtest.Granted(w.t, w.store, forumtest.Person(w.t, w.store, fmt.Sprint("Second", w.number(`select count(*) from people`)), "Southmoor"), forum.Curator)
	}
	w.exec(`insert into products (slug, name, supplier) values ('binwatch', 'Binwatch', 'Binwatch Ltd') on conflict do nothing`)
	draft := w.curation.NewHighlight(fmt.Sprintf("thread:%d", forumtest.Ask(w.t, w.store, w.people["author"], forum.AskDraft{Title: "Is there another way?"})))
	draft.Title, draft.Note = "Worth a look", "Better than Binwatch Ltd."
	if _, err := w.curation.Highlight(context.Background(), by, draft); !errors.Is(err, curation.ErrSecond) {
		w.t.Fatalf("what names a supplier: got %v", err)
	}
	return w.number(`select max(id) from seconds`)
}

// secondSeen is what a curator's page says of what waits, as it is now.
func (w *world) secondSeen(id int64) string {
	w.t.Helper()
	p, err := w.curation.SecondsPage(context.Background(), w.people["curator"], id-1, 0)
	w.must(err)
	if len(p.Waiting) == 0 || p.Waiting[0].ID != id {
		return ""
	}
	return p.Waiting[0].Seen
}

// What names a supplier waits on the desk: who asked may not agree, another curator does,
// and then everybody sees it.
func TestASecondCuratorAgreesOnTheDesk(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	thread := forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: "Who has moved bins online?"})
	w.must(w.curation.SetElection(t.Context(), w.people["curator"], curation.ElectionDraft{Name: "By-election", Council: w.people["author"].CouncilSlug, From: dayFrom(-1), Until: dayFrom(9)}))
	if a := w.get("curator", fmt.Sprintf("/highlights/new?target=thread:%d", thread)); !strings.Contains(a.body, "This needs a second curator") {
		t.Error("the form does not say so")
	}
	a := w.send(knock{method: "POST", path: "/highlights", cookie: w.cookies["curator"], form: w.highlightForm(thread)})
	if a.status != 303 || a.location(w) != "/desk/second" {
		t.Fatalf("highlighting: got %d, %s", a.status, a.location(w))
	}
	if a := w.get("visitor", "/highlights"); strings.Contains(a.body, "Worth a look") {
		t.Error("it shows already")
	}
	if a := w.get("curator", "/desk/second"); !strings.Contains(a.body, "Worth a look") || !strings.Contains(a.body, "another curator decides") || strings.Contains(a.body, "/agree") {
		t.Error("the list does not say that it waits for another")
	}
	agree := fmt.Sprintf("/desk/second/%d/agree", w.number(`select max(id) from seconds`))
	if a := w.post("curator", agree); a.status != 403 || !strings.Contains(a.body, "Another curator has to agree") {
		t.Errorf("agreeing with oneself: got %d", a.status)
	}
	forumtest.Granted(t, w.store, w.people["moderator"], forum.Curator)
	if a := w.get("moderator", "/desk"); !strings.Contains(a.body, "waits for a second curator") {
		t.Error("the desk does not tell of it")
	}
	seen := w.secondSeen(w.number(`select max(id) from seconds`))
	if a := w.get("moderator", "/desk/second"); !strings.Contains(a.body, seen) {
		t.Error("the form does not say what it shows")
	}
	post := w.number(`select min(id) from posts where thread_id = $1`, thread)
	if a := w.post("author", fmt.Sprintf("/posts/%d", post), "title", "Who has not moved bins?", "body", "Something else", "topic", "waste-management", "version", "1"); a.status != 303 {
		t.Fatalf("editing: got %d", a.status)
	}
	if a := w.post("moderator", agree, "seen", seen); a.status != 409 || !strings.Contains(a.body, "This has changed since you opened the page") || !strings.Contains(a.body, "Who has not moved bins?") {
		t.Errorf("agreeing to what was edited since: got %d", a.status)
	}
	seen = w.secondSeen(w.number(`select max(id) from seconds`))
	if a := w.post("moderator", agree, "seen", seen); a.status != 303 {
		t.Errorf("agreeing: got %d", a.status)
	}
	if a := w.get("visitor", "/highlights"); !strings.Contains(a.body, "Worth a look") {
		t.Error("it does not show")
	}
	if a := w.post("moderator", agree, "seen", seen); a.status != 303 {
		t.Errorf("agreeing again: got %d", a.status)
	}
	w.postBoard(t)
}

// A form of the board that is sent twice, or six times at once, is one deed.
func TestAFormOfTheBoardIsOneDeed(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	w.exec(`insert into suppliers (slug, name) values ('binwatch', 'Binwatch')`)
	for _, c := range []struct {
		path, table string
		form        []string
	}{
		{"/elections", "elections", []string{"name", "By-election", "council", "northmoor", "from", dayFrom(0), "until", dayFrom(9)}},
		{"/banners", "banners", []string{"kind", "news", "body", "We are moving", "from", dayFrom(0), "until", dayFrom(9)}},
		{"/banners", "seconds", []string{"kind", "news", "body", "Try Binwatch", "from", dayFrom(0), "until", dayFrom(9)}},
	} {
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if a := w.post("curator", c.path, append([]string{"idempotency", c.table}, c.form...)...); a.status != 303 {
					t.Errorf("%s: got %d", c.table, a.status)
				}
			})
		}
		all.Wait()
		if n := w.number(`select count(*) from ` + c.table); n != 1 {
			t.Errorf("there are %d %s", n, c.table)
		}
	}
}

// postBoard looks that who writes for a council in its period is reminded, nobody else is,
// and nothing is blocked.
func (w *world) postBoard(t *testing.T) {
	t.Helper()
	w.must(w.curation.SetElection(t.Context(), w.people["curator"], curation.ElectionDraft{Name: "By-election", Council: "northmoor", From: dayFrom(-1), Until: dayFrom(9)}))
	if a := w.post("curator", "/elections", "name", "Mayor", "council", "northmoor", "from", dayFrom(-1), "until", dayFrom(12)); a.status != 303 {
		t.Fatalf("setting a period: got %d", a.status)
	}
	for _, as := range []string{"author", "colleague", "lead", "lead-elsewhere"} {
		here := w.people[as].CouncilSlug == "northmoor"
		for _, path := range []string{"/threads/new", "/lessons/new", "/projects/new"} {
			if a := w.get(as, path); a.status != 200 || strings.Contains(a.body, "pre-election period</a> until") != here {
				t.Errorf("%s as %s of %s: got %d; is there a reminder?", path, as, w.people[as].CouncilSlug, a.status)
			}
		}
		if a := w.post(as, "/threads", "title", "Asked in a period by "+as, "body", "Who has?", "topic", "waste-management"); a.status != 303 {
			t.Errorf("asking as %s: got %d", as, a.status)
		}
	}
	for id := range w.number(`select max(id) from elections`) {
		for range 2 {
			if a := w.post("curator", fmt.Sprintf("/elections/%d/end", id+1)); a.status != 303 || a.location(w) != "/desk/second" {
				t.Errorf("calling a period off: got %d, %s", a.status, a.location(w))
			}
		}
		if a := w.get("author", "/threads/new"); !strings.Contains(a.body, "pre-election period</a> until") {
			t.Error("one curator has called it off")
		}
		second := w.number(`select max(id) from seconds`)
		if a := w.post("moderator", fmt.Sprintf("/desk/second/%d/agree", second), "seen", w.secondSeen(second)); a.status != 303 {
			t.Errorf("agreeing to that: got %d", a.status)
		}
	}
	if a := w.get("author", "/threads/new"); strings.Contains(a.body, "pre-election period</a> until") {
		t.Error("there is a reminder once it is called off")
	}
}

// Whoever is given a role hears of it, by notice and by mail, and again when it ends; a
// curator who is given something on the desk has a notice and no mail.
func TestWhoeverIsGivenSomethingHearsOfIt(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	hears := func(as, what string) {
		t.Helper()
		until := time.Now().Add(20 * time.Second)
		for !strings.Contains(w.get(as, "/account/notices").body, what) {
			if time.Now().After(until) {
				t.Fatalf("%s never hears %q", as, what)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	letters := func(kind string) int64 {
		return w.number(`select count(*) from letters l join events e on e.id = l.event_id where e.kind = $1 and l.person_id = e.person_id`, kind)
	}
	person := w.people["colleague"].ID
	w.exec(`update people set proven_email = 'colleague@northmoor.gov.example' where id = $1`, person)
	if a := w.post("administrator", "/admin/roles", "person", fmt.Sprint(person), "role", "curator", "reason", "She knows the forum"); a.status != 303 {
		t.Fatalf("giving a role: got %d", a.status)
	}
	hears("colleague", "gave you a role: Curator")
	question := fmt.Sprintf("/desk/items/newcomer-%d", w.people["newcomer"].ID)
	if a := w.post("curator", question, "deed", "give", "to", fmt.Sprint(person)); a.status != 303 {
		t.Fatalf("giving what waits: got %d", a.status)
	}
	hears("colleague", "gave you something on the desk")
	if a := w.get("colleague", "/account/notices"); !strings.Contains(a.body, question) {
		t.Error("the notice does not lead to the desk")
	}
	if a := w.post("administrator", fmt.Sprintf("/admin/roles/%d/end", w.number(`select max(id) from roles where person_id = $1`, person)), "reason", "She moves on"); a.status != 303 {
		t.Fatalf("ending a role: got %d", a.status)
	}
	hears("colleague", "ended a role of yours: Curator")
	if letters("role_given") != 1 || letters("role_ended") != 1 || letters("desk_given") != 0 {
		t.Errorf("letters: %d, %d, %d; want 1, 1 and none of the desk", letters("role_given"), letters("role_ended"), letters("desk_given"))
	}
}

// Whoever wrote what is in a collection finds there how to take it out, and does.
func TestAnAuthorTakesTheirWordsOutOfACollection(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	thread := forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: "Who has moved bins online?"})
	slug := w.begunCollection("Bins")
	w.collect(slug, fmt.Sprint(thread), "Make tea first")
	w.showCollection(slug, true)
	object := fmt.Sprintf("/collections/%s/items/%d/object", slug, w.number(`select max(id) from collection_items`))
	if a := w.get("colleague", "/collections/"+slug); strings.Contains(a.body, object) {
		t.Error("others find the form")
	}
	if a := w.get("author", "/collections/"+slug); !strings.Contains(a.body, object) {
		t.Error("the author does not find the form")
	}
	if a := w.post("author", object); a.status != 303 {
		t.Errorf("taking it out: got %d", a.status)
	}
	if a := w.get("visitor", "/collections/"+slug); a.status != 200 || strings.Contains(a.body, "bins online") {
		t.Errorf("it is still there: got %d", a.status)
	}
}
