package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
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
		w.must(w.curation.EndElection(context.Background(), w.people["curator"], id))
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
