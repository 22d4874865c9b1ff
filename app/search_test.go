package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
	"moothall/forum/search"
)

// What is found leads to the post itself; where nothing is, the words become the title of
// a question.
func TestSearching(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	id, thread := h.threadOf(ada, "Planning notices online?")
	var last forum.Posted
	for range forum.PostsPerPage {
		last = forumtest.Reply(t, h.store, ada, id, "Nothing yet.")
	}
	last = forumtest.Reply(t, h.store, ada, id, "We published them with **weasels** & co.")
	b := h.guest()
	page := b.get("/search?q=weasels")
	page.wantStatus(t, 200)
	page.has(t, `<ol id="results"`, fmt.Sprintf(`<li class="mh-row" data-thread="%d" data-post="%d">`, id, last.ID), `href="`+thread+`?page=2#post-22"`,
		"<mark>weasels</mark> &amp; co", `<p id="count"`, "1 thread found", `<form class="mh-search" role="search" action="/search" method="get"`)
	b.get("/search?q=ada").has(t, fmt.Sprintf(`href="/people/%d-ada"`, ada.ID))
	b.get("/search?q=northmoor").has(t, `href="/councils/northmoor"`)
	none := b.get("/search?q=" + url.QueryEscape(`"unicorns" & <more>`))
	none.wantStatus(t, 200)
	none.has(t, "0 threads found", `href="/threads/new?title=%22unicorns%22+%26+%3Cmore%3E"`)
	h.as(ada).get("/threads/new?title=Unicorns").has(t, `value="Unicorns"`)
	made, err := projects.New(h.store).Start(t.Context(), ada, projects.Draft{Title: "Weasels at work", Summary: "They carry notices.", Phase: "alpha"})
	if err != nil {
		t.Fatal(err)
	}
	b.get("/search?q=weasels&phase=alpha").has(t, "1 thread found", fmt.Sprintf(`href="/projects/%d-weasels-at-work`, made.ID), `<option value="alpha" selected>`)
	b.get("/search?q=weasels&phase=live").has(t, "0 threads found")
	b.get("/search?q=weasels&phase=none").wantStatus(t, 404)
	b.get("/").has(t, `action="/search"`)
}

// Whatever is typed, there is a page, and soon.
func TestBadSearches(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	h.threadOf(forumtest.Person(t, h.store, "Ada", "Northmoor"), "Bins 100% full_of")
	b := h.guest()
	for query, want := range map[string]int{
		"q=" + strings.Repeat("a", 3500): 200, "q=" + strings.Repeat("%22", 800): 200, "q=the+of+and": 200, "q=%22": 200,
		"q=%26+%7C+%21+%3C-%3E+%3A%2A+%28": 200, "q=%E2%80%AEbins": 200, "q=%F0%9F%97%91": 200, "q=%25": 200, "q=_": 200, "q='": 200, `q=\`: 200,
		"q=bins&" + strings.Repeat("topic=forms&", 50): 200, "q=bins&before=AAAA": 404, "q=bins&year=x": 404, "q=bins&year=-1": 404,
		"q=bins&author=x": 404, "q=bins&author=-x": 404, "q=bins&author=07": 404, "q=bins&author=7-anybody": 200, "q=bins&kind=x": 404, "q=bins&topic=none&council=none&nation=Wales": 200, "q=bins&author=9223372036854775807": 200,
		"q=-bins": 200, "q=": 200, "": 200,
	} {
		b.get("/search?"+query).wantStatus(t, want)
		b.get("/search/similar?title="+strings.TrimPrefix(query, "q=")).wantStatus(t, 200)
	}
	if got := b.get("/search?q=%00").StatusCode; got >= 500 {
		t.Errorf("NUL: got %d", got)
	}
	if got := b.get("/search?q=%ff").StatusCode; got >= 500 {
		t.Errorf("no text: got %d", got)
	}
}

// However many searches at once take as long as they may, all other pages come as ever, and
// those who search in vain are told to come back; guests keep no colleague from searching.
func TestSearchesLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	h := openHouse(t, map[string]string{"MOOTHALL_RATE_LIMITS": "off"})
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	h.threadOf(ada, "Planning notices online?")
	held, err := h.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), `lock table post_words in access exclusive mode`); err != nil {
		t.Fatal(err)
	}
	const many = 40
	var searches sync.WaitGroup
	answers := make(chan returned, many)
	for n := range many {
		searches.Go(func() { answers <- h.guest().get(fmt.Sprintf("/search?q=notices+%d", n)) })
	}
	first := <-answers // one that there was no room for
	if after := first.Header.Get("Retry-After"); first.StatusCode != http.StatusServiceUnavailable || after == "" {
		t.Errorf("with no room: got %d, to come back after %q", first.StatusCode, after)
	}
	began := time.Now()
	for range 5 {
		h.as(ada).get("/threads?state=open").wantStatus(t, 200)
		h.guest().get("/topics?").wantStatus(t, 200)
	}
	if took := time.Since(began); took > 3*time.Second { // six with no bound
		t.Errorf("ten other pages took %v", took)
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.as(ada).get("/search?q=notices").has(t, "1 thread found")
	searches.Wait()
	h.guest().get("/search?q=notices").has(t, "1 thread found")
}

// Threads like a title are told as JSON to the script, and stand on a page and on the
// preview without it; who finds their answer there keeps what they typed.
func TestSimilarBeforeAsking(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	id, thread := h.threadOf(ada, "How do you stop duplicate missed bin reports?")
	h.threadOf(ada, "Library opening hours")
	forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Secret duplicate missed bin reports", Visibility: "councils"})
	b := h.as(ben)
	title := "Duplicate missed bins reports"
	for browser, want := range map[*browser]int{h.guest(): 1, b: 2} {
		browser.header.Set("Accept", "application/json")
		got := browser.get("/search/similar?title=" + url.QueryEscape(title))
		browser.header.Del("Accept")
		var list []struct {
			ID         int64
			Title, URL string
			State      string
		}
		if err := json.Unmarshal([]byte(got.text), &list); err != nil || len(list) != want {
			t.Fatalf("got %s, %v; want %d", got.text, err, want)
		}
		if i := slices.IndexFunc(list, func(l struct {
			ID         int64
			Title, URL string
			State      string
		}) bool {
			return l.ID == id
		}); i < 0 || list[i].URL != thread || list[i].State != "unanswered" {
			t.Errorf("got %s", got.text)
		}
	}
	h.guest().get("/search/similar?title="+url.QueryEscape(title)).has(t, `href="`+thread+`"`)
	if got := h.guest().get("/search/similar?title=Recipes+for+scones"); strings.Contains(got.text, "data-thread") {
		t.Error("there is something like scones")
	}
	form := question(title, "action", "preview")
	preview := b.post("/threads", b.form("/threads/new", form))
	preview.wantStatus(t, 200)
	preview.has(t, "2 threads look like yours", `formaction="/threads/`+fmt.Sprint(id)+`/answers-me"`, `name="different"`)

	sent := b.form("/threads/new", question(title))
	answers := b.post(fmt.Sprintf("/threads/%d/answers-me", id), sent)
	answers.wantStatus(t, 303)
	b.get("/threads/new").has(t, `value="`+title+`"`, "We **start** in May.")
	again := b.form("/threads/new", question(title, "different", "Ours-are-different"))
	asked := b.post("/threads", again)
	asked.wantStatus(t, 303)
	b.get(strings.TrimPrefix(asked.Header.Get("Location"), h.URL())).has(t, "Ours-are-different")
}

// A word that somebody may not read is found by no search of theirs: neither as a result,
// nor counted, nor offered where something like it is typed.
func TestCanariesAreNotFound(t *testing.T) {
	t.Parallel()
	w := openAviary(t)
	if _, err := search.New(w.store).Count(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range w.canaries {
		for _, as := range []string{"visitor", "newcomer", "colleague", "supplier", "moderator", "suspended"} {
			page := w.get(as, "/search?q="+url.QueryEscape(c.word))
			if page.status != http.StatusOK {
				t.Fatalf("%s as %s: got %d", c.word, as, page.status)
			}
			// Below "0 threads found" may stand what comes near, of what they may read.
			_, nearest, _ := strings.Cut(page.body, `<ol id="nearest"`)
			shows := strings.Contains(page.body, `<ol id="results"`) || !strings.Contains(page.body, "0 threads found") || strings.Contains(nearest, c.word)
			if shows {
				found++
			}
			if slices.Contains(c.may, as) {
				continue
			}
			if shows || strings.Contains(page.body, "did-you-mean") {
				t.Errorf("%s finds %s", as, c.word)
			}
			for _, path := range []string{"/search?q=", "/search/similar?title="} {
				if near := w.get(as, path+c.word[:len(c.word)-1]); strings.Contains(near.body, c.word) {
					t.Errorf("%s as %s offers %s", path, as, c.word)
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("%d words were found at all: this proves nothing", found)
	}
}
