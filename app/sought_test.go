package app_test

import (
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// A search is followed on its page with its filters, listed with them in words under the
// emails and changed there; its mail and its notice say that it is why, and the mail's
// link ends it in one press.
func TestFollowingASearchToItsMail(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	reader := w.people["colleague"]
	w.address(reader, "cole@southmoor.gov.example")
	const page = "/search?kind=question&nation=England&q=planning+%22back+office%22"
	if got := w.get("visitor", page); !strings.Contains(got.body, `href="/sign-in?return=`+url.QueryEscape(page)) {
		t.Error("a visitor is not led to sign in and back")
	}
	if got := w.get("colleague", page).body; !strings.Contains(got, "Follow this search") || !strings.Contains(got, `action="/search/follow"`) {
		t.Errorf("the page offers no follow: %s", short(got))
	}
	fields := []string{"q", `planning "back office"`, "kind", "question", "nation", "England"}
	follow := func(cadence string, more ...string) echo {
		t.Helper()
		return w.post("colleague", "/search/follow", append(append([]string{"cadence", cadence}, fields...), more...)...)
	}
	for _, cadence := range []string{"daily", "instant"} {
		if got := follow(cadence, "sort", "newest", "before", "AAAA"); got.status != 303 || got.location(w) != page {
			t.Fatalf("got %d %s", got.status, got.location(w))
		}
	}
	if got := w.get("colleague", page).body; !strings.Contains(got, "You follow this: each post, by email at once") {
		t.Error("the page does not say that it is followed")
	}
	if got := w.get("author", page).body; !strings.Contains(got, "Follow this search") {
		t.Error("it is followed for somebody else")
	}
	list := w.get("colleague", "/account/emails").body
	for _, said := range []string{"“planning &#34;back office&#34;”", "(search: Questions, England)", `href="/search?kind=question&amp;nation=England&amp;q=planning+%22back+office%22"`} {
		if !strings.Contains(list, said) {
			t.Errorf("the emails do not say %q", said)
		}
	}
	if got := w.post("author", "/threads", "title", "Planning: which back office?", "body", "Who has one?", "topic", "waste-management"); got.status != 303 {
		t.Fatalf("asking: got %d", got.status)
	}
	thread := w.number(`select max(id) from threads`)
	mail := w.inbox(1)[0]
	if !strings.Contains(unfolded(mail), "because you follow the search “planning") {
		t.Errorf("the mail does not say why: %s", mail)
	}
	if got := w.get("colleague", "/account/notices").body; !strings.Contains(got, "Because you follow the search “planning &#34;back office&#34;”") {
		t.Errorf("the notice does not say why")
	}
	if got := w.get("colleague", "/whats-new").body; !strings.Contains(got, "Planning: which back office?") {
		t.Error("what is new does not have what the search found")
	}
	_, rest, _ := strings.Cut(mail, "/unsubscribe/")
	token, _, _ := strings.Cut(rest, ">")
	if got := w.get("visitor", "/unsubscribe/"+token).body; !strings.Contains(got, "the search “planning &#34;back office&#34;”") || !strings.Contains(got, "Planning: which back office?") {
		t.Errorf("its link leads to %s", short(got))
	}
	for range 2 {
		if got := w.press(token, nil, "List-Unsubscribe", "One-Click"); got.status != 200 {
			t.Errorf("one click: got %d", got.status)
		}
	}
	if got := w.follows(reader.ID); got != "" {
		t.Errorf("left is %q", got)
	}
	w.say(thread, "Which planning back office?")
	w.settled()
	if n := len(w.inbox(1)); n != 1 {
		t.Errorf("%d mails came, want 1", n)
	}
}

// What brings everything, or nothing, is refused on the page of the search, with what was
// typed; a topic that is not there is no page.
func TestRefusedSearchesComeBack(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	for _, c := range []struct {
		fields string
		status int
		says   []string
	}{
		{"cadence=daily", 422, []string{`href="#q"`, `id="q-error"`}},
		{"cadence=daily&q=-bins&kind=question", 422, []string{`href="#q"`, `id="q-error"`, `value="-bins"`, `value="question" selected`}},
		{"cadence=daily&q=bins&year=2025", 422, []string{`href="#year"`, `id="year-error"`}},
		{"cadence=hourly&q=bins", 422, []string{`href="#cadence"`, `id="cadence-error"`}},
		{"cadence=daily&q=bins&topic=none", 404, nil},
		{"cadence=daily&q=bins&author=x", 404, nil},
		{"cadence=daily&q=bins&kind=poem", 404, nil},
		{"cadence=off&q=bins", 303, nil},
		{"cadence=daily&q=" + strings.Repeat("weasel+", 500), 303, nil},
		{"cadence=daily&q=%E2%80%AEbins%F0%9F%97%91", 303, nil},
		{"cadence=daily&q=%00%ff", 422, nil},
		{"cadence=daily&q=bins&return=//evil.example", 303, nil},
	} {
		form, err := url.ParseQuery(c.fields)
		w.must(err)
		got := w.send(knock{method: "POST", path: "/search/follow", cookie: w.cookies["colleague"], form: form})
		if got.status != c.status || strings.Contains(got.location(w), "evil") {
			t.Errorf("%s: got %d %s", c.fields, got.status, got.location(w))
		}
		for _, said := range c.says {
			if !strings.Contains(got.body, said) {
				t.Errorf("%s: the page does not say %s", c.fields, said)
			}
		}
	}
}

// unfolded is the text of a mail, each line put to the one before it.
func unfolded(source string) string {
	text := strings.NewReplacer("=\r\n", "", "=E2=80=9C", "“", "=E2=80=9D", "”").Replace(source)
	return strings.Join(strings.Fields(text), " ")
}

// Lessons are found by how it went, and such a search is followed; products are found by
// their names and their suppliers', if a project that the reader may see names them.
func TestLessonsAndProductsAreFound(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	made := projects.New(h.store)
	share := func(title, verdict string) forum.Asked {
		t.Helper()
		lesson, err := made.ShareLesson(t.Context(), ada, projects.LessonDraft{Title: title, Wanted: "Fewer calls.", Did: "Sent weasels.", Happened: "They ran.",
			Differently: "Ask first.", Verdict: verdict, Advice: "Ask first.", Topics: []string{"waste-management"}, Lang: "en"})
		if err != nil {
			t.Fatal(err)
		}
		return lesson
	}
	reader := h.as(ben)
	page := "/search?kind=lesson&q=weasels&verdict=no"
	for range 2 {
		reader.post("/search/follow", reader.form(page, url.Values{"q": {"weasels"}, "kind": {"lesson"}, "verdict": {"no"}, "cadence": {"site"}})).wantStatus(t, 303)
	}
	share("Weasels that ran", "no")
	share("Weasels that stayed", "worked")
	got := reader.get(page)
	got.has(t, "1 thread found", "Weasels that ran", `<option value="no" selected>`, `<option value="lesson" selected>`, "You follow this")
	reader.get("/account/emails").has(t, "Lessons, It did not work")
	var told int
	if err := h.db.QueryRow(t.Context(), `select count(*) from posts p, searches_matching(p.id, 0)`).Scan(&told); err != nil || told != 1 {
		t.Errorf("the search that is followed has %d of the two (%v)", told, err)
	}
	reader.get("/search?q=weasels&verdict=perhaps").wantStatus(t, 404)

	for title, visibility := range map[string]string{"Open bins": "public", "Secret bins": "councils"} {
		project, err := made.Start(t.Context(), ada, projects.Draft{Title: title, Summary: "Sensors.", Phase: "alpha", Visibility: visibility})
		if err != nil {
			t.Fatal(err)
		}
		if err := made.UseProduct(t.Context(), ada, project.ID, projects.ProductDraft{Name: "Watch of " + title, New: true}); err != nil {
			t.Fatal(err)
		}
	}
	watch := h.guest().get("/search?q=watch")
	watch.has(t, `href="/products/watch-of-open-bins"`)
	watch.lacks(t, "watch-of-secret-bins")
	reader.get("/search?q=watch+of+s").has(t, `href="/products/watch-of-secret-bins"`)
}
