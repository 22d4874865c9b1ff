package app_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// atom is as much of RFC 4287 as these tests look at.
type atom struct {
	XMLName xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated time.Time  `xml:"updated"`
	Links   []atomLink `xml:"link"`
	Entries []struct {
		ID        string     `xml:"id"`
		Title     string     `xml:"title"`
		Published time.Time  `xml:"published"`
		Updated   time.Time  `xml:"updated"`
		Author    string     `xml:"author>name"`
		URI       string     `xml:"author>uri"`
		Links     []atomLink `xml:"link"`
		Summary   string     `xml:"summary"`
		Content   struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"content"`
	} `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

func href(links []atomLink, rel string) string {
	for _, l := range links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

// feed asks for a feed and holds it against what RFC 4287 demands of every one.
func (b *browser) feed(path string) (f atom) {
	b.t.Helper()
	got := b.get(path)
	got.wantStatus(b.t, 200)
	if kind := got.Header.Get("Content-Type"); kind != "application/atom+xml; charset=utf-8" {
		b.t.Errorf("%s is %q", path, kind)
	}
	if err := xml.Unmarshal([]byte(got.text), &f); err != nil {
		b.t.Fatalf("%s: %v\n%s", path, err, got.text)
	}
	if f.ID == "" || f.Title == "" || f.Updated.IsZero() || href(f.Links, "self") == "" || !strings.HasPrefix(href(f.Links, "alternate"), b.site) {
		b.t.Errorf("%s lacks what every feed has: %+v", path, f)
	}
	ids := map[string]bool{}
	for _, e := range f.Entries {
		if !strings.HasPrefix(e.ID, "tag:") || ids[e.ID] || e.Title == "" || e.Author == "" || e.Published.IsZero() || e.Updated.Before(e.Published) ||
			e.Updated.After(f.Updated) || !strings.HasPrefix(href(e.Links, "alternate"), b.site) {
			b.t.Errorf("%s: an entry is not whole: %+v", path, e)
		}
		ids[e.ID] = true
	}
	return f
}

// A feed has what was asked, as text and as HTML that can be read anywhere, under a
// name that stays when the title changes; a thread's feed has its posts.
func TestFeedsTellWhatWasWritten(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	id := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Bins & <b>boxes</b>?", Body: "Who has **moved** [them](/topics/forms)? ]]> \u202e"})
	forumtest.Reply(t, h.store, ben, id, "We *did*, see [post 1](#post-1).")
	b := h.guest()
	all := b.feed("/feeds/threads.atom")
	e := all.Entries[0]
	if e.Title != "Bins & <b>boxes</b>?" || !strings.HasPrefix(e.Author, "Ada, Northmoor") || e.Content.Type != "html" ||
		!strings.Contains(e.Content.Text, "<strong>moved</strong>") || !strings.Contains(e.Content.Text, `href="`+h.URL()+`/topics/forms"`) || !strings.HasPrefix(e.Summary, "Who has moved them?") {
		t.Errorf("the question is told as %+v", e)
	}
	if got := href(e.Links, "replies"); got != fmt.Sprintf("%s/feeds/threads/%d.atom", h.URL(), id) {
		t.Errorf("its replies are at %s", got)
	}
	posts := b.feed(fmt.Sprintf("/feeds/threads/%d.atom", id))
	if len(posts.Entries) != 2 || !strings.HasPrefix(posts.Entries[0].Author, "Ben, Southmoor") ||
		!strings.Contains(posts.Entries[0].Content.Text, `href="`+h.URL()+"/threads/"+fmt.Sprint(id)+`-bins-b-boxes-b#post-1"`) {
		t.Errorf("its posts are %+v", posts.Entries)
	}
	page, err := h.store.ThreadPage(t.Context(), ada, id, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Edit(t.Context(), ada, page.Posts[0].ID, forum.EditDraft{Title: "Boxes?", Body: "Who has moved them?", Topics: []string{"waste-management"}, Version: 1}); err != nil {
		t.Fatal(err)
	}
	later := h.as(ben).feed("/feeds/topics/waste-management.atom").Entries[0]
	if later.ID != e.ID || later.Title != "Boxes?" || !later.Updated.After(e.Updated) || !later.Published.Equal(e.Published) {
		t.Errorf("once edited it is %+v, it was %+v", later, e)
	}
	b.get(fmt.Sprintf("/feeds/threads/%d-bins.atom", id)).wantLocation(t, 301, fmt.Sprintf("/feeds/threads/%d.atom", id))
	if f := b.feed("/feeds/councils/southmoor.atom"); len(f.Entries) != 0 || f.Updated.Year() != 1970 {
		t.Errorf("of a council that asked nothing there is %+v", f)
	}
}

// A feed is read to its end page by page, each thing once.
func TestFeedsArePaged(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	const many = 45
	var id int64
	for n := range many {
		id, _ = h.threadOf(ada, fmt.Sprintf("Question %d?", n))
	}
	for range many - 1 {
		forumtest.Reply(t, h.store, ada, id, "One more.")
	}
	for _, path := range []string{"/feeds/threads.atom", "/feeds/topics/waste-management.atom", "/feeds/councils/northmoor.atom", fmt.Sprintf("/feeds/threads/%d.atom", id)} {
		seen, pages := map[string]bool{}, 0
		for next := path; next != ""; pages++ {
			f := h.guest().feed(next)
			for _, e := range f.Entries {
				seen[e.ID] = true
			}
			if got := href(f.Links, "self"); got != h.URL()+next {
				t.Errorf("%s calls itself %s", next, got)
			}
			next = strings.TrimPrefix(href(f.Links, "next"), h.URL())
		}
		if len(seen) != many || pages != 3 {
			t.Errorf("%s: got %d things on %d pages, want %d on 3", path, len(seen), pages, many)
		}
	}
	for _, wrong := range []string{"/feeds/threads.atom?before=x", fmt.Sprintf("/feeds/threads/%d.atom?before=0", id), fmt.Sprintf("/feeds/threads/%d.atom?before=x", id), "/feeds/threads/x.atom", "/feeds/topics/x.atom"} {
		h.guest().get(wrong).wantStatus(t, 404)
	}
}

// Who has a feed already is told so, signed in or not, and it costs one round trip at
// most. What is for councils only is in nobody's, and what is removed goes at once.
func TestFeedsAreTheSameForEverybody(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	mod := forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Mo", "Northmoor"), forum.Moderator)
	id := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Seen by all"})
	councils := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Among councils", Visibility: "councils"})
	reply := forumtest.Reply(t, h.store, ada, id, "Words to be removed.")
	signedIn, guest := h.as(ada), h.guest()
	one := fmt.Sprintf("/feeds/threads/%d.atom", id)
	for _, path := range []string{"/feeds/threads.atom", one, "/feeds/topics/waste-management.atom", "/feeds/councils/northmoor.atom", "/sitemap.xml"} {
		got, hers := guest.get(path), signedIn.get(path)
		if got.text != hers.text || strings.Contains(hers.text, "councils-only") || strings.Contains(hers.text, "Among") || strings.Contains(hers.text, "among-councils") {
			t.Errorf("%s: Ada gets another, or what is not for all:\n%s", path, hers.text)
		}
		if trips := hers.Header.Get("Server-Timing"); !strings.Contains(trips, `"2 round trips,`) {
			t.Errorf("%s: %s", path, trips)
		}
		for name, b := range map[string]*browser{"a visitor": h.guest(), "Ada": h.as(ada)} {
			b.header = http.Header{"If-None-Match": {hers.Header.Get("ETag")}, "Accept-Encoding": {"gzip"}}
			if again := b.get(path); again.StatusCode != http.StatusNotModified || again.text != "" {
				t.Errorf("%s: %s, who has it, got %d", path, name, again.StatusCode)
			}
		}
	}
	signedIn.get(fmt.Sprintf("/feeds/threads/%d.atom", councils)).wantStatus(t, 404)
	if err := care.New(h.store).HidePost(context.Background(), mod, reply.ID, true, "It names a resident"); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*browser{"its author": signedIn, "a moderator": h.as(mod)} {
		if text := b.get(one).text; strings.Contains(text, "Words to be removed") {
			t.Errorf("%s reads what was removed", name)
		}
	}
}

// Search engines are told of what everybody may read, in parts where there is much, and
// where there is nothing for them.
func TestSearchEnginesAreToldOfWhatIsPublic(t *testing.T) {
	t.Parallel()
	h := openHouse(t, map[string]string{"MOOTHALL_PAGE_CACHE": "off"})
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Seen by all")
	forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Among councils", Visibility: "councils"})
	b := h.guest()
	for _, visibility := range []string{"public", "councils"} {
		project, err := projects.New(h.store).Start(t.Context(), ada, projects.Draft{Title: "A project", Summary: "In short.", Phase: "alpha", Visibility: visibility})
		if err != nil {
			t.Fatal(err)
		}
		if err := projects.New(h.store).UseProduct(t.Context(), ada, project.ID, projects.ProductDraft{Name: "Product " + visibility, New: true}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.db.Exec(t.Context(), `update products set supplier = 'Seller of ' || name`); err != nil {
		t.Fatal(err)
	}
	whole := b.get("/sitemap.xml")
	whole.has(t, h.URL()+"/products/product-public<", h.URL()+"/suppliers/seller-of-product-public<")
	if strings.Contains(whole.text, "product-councils") {
		t.Error("it tells of a product that only what is for councils names")
	}
	whole.has(t, "<urlset", "<loc>"+h.URL()+path+"</loc>", "<loc>"+h.URL()+"/topics/waste-management</loc>", "<loc>"+h.URL()+"/councils/northmoor</loc>")
	if strings.Contains(whole.text, "among-councils") || strings.Contains(whole.text, "/people/") {
		t.Error("it tells of more than is for all")
	}
	for _, place := range regexp.MustCompile(`<loc>`+h.URL()+`(/(?:threads|projects|lessons|products|suppliers|collections)/[^<]+)`).FindAllStringSubmatch(whole.text, -1) {
		b.get(place[1]).wantStatus(t, 200) // and not from where it was led on
	}
	b.get("/robots.txt").has(t, "Sitemap: "+h.URL()+"/sitemap.xml\n", "Disallow: /account\n", "Disallow: /search\n")
	b.get("/sitemaps/1.xml").has(t, path)
	if _, err := h.db.Exec(t.Context(), `
		insert into threads (id, kind, title, slug, lang, visibility, suppliers, author_id, asked_at, last_post_at) overriding system value
		values (23456, 'question', 'Far on', 'far-on', 'en', 'public', true, $1, now(), now())`, ada.ID); err != nil {
		t.Fatal(err)
	}
	index := b.get("/sitemap.xml")
	index.has(t, "<sitemapindex", h.URL()+"/sitemaps/pages.xml", h.URL()+"/sitemaps/1.xml", h.URL()+"/sitemaps/5.xml")
	if strings.Contains(index.text, "/sitemaps/2.xml") {
		t.Error("a part with nothing in it is told of")
	}
	b.get("/sitemaps/5.xml").has(t, h.URL()+"/threads/23456-far-on")
	b.get("/sitemaps/pages.xml").has(t, h.URL()+"/topics/waste-management")
	b.get("/sitemaps/2.xml").wantStatus(t, 404)
}
