package search_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
	"moothall/forum/search"
)

var visitor = forum.Person{Standing: forum.Visitor}

// found is what a search shows, in short: titles with the number of the post.
func found(t *testing.T, look *search.Store, who forum.Person, text string) string {
	t.Helper()
	p, err := look.Page(t.Context(), who, search.Query{Text: text})
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	var all []string
	for _, h := range p.Hits {
		all = append(all, fmt.Sprintf("%s #%d", h.Title, h.PostNumber))
	}
	if len(all) != p.Found {
		t.Errorf("%q: %d are shown, %d counted", text, len(all), p.Found)
	}
	return strings.Join(all, "; ")
}

// A thread is found by the post that fits best: by stems in English, as words stand in
// Welsh, without accents, by quotes, minus and or, and by short forms.
func TestWordsAreFound(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := search.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	bins := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Missed bin reports", Body: "We get many of them in *winter*."})
	forumtest.Reply(t, store, ada, bins, "Our crews note each street that was not completed. Café Ångström did it.")
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Email domains", Body: "After local government reorganisation, can staff keep two?"})
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Ffurflenni dwyieithog", Body: "Beth am y ffurflenni a’r tŷ?", Lang: "cy"})
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Letters", Body: "We send letters by HTTP/SMTP."})
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Transport", Body: "For special educational needs."})
	for text, want := range map[string]string{
		"report missing bins":             "Missed bin reports #1",
		"completed streets":               "Missed bin reports #2",
		"bins crews":                      "Missed bin reports #2", // one word above, one below
		"cafe angstrom":                   "Missed bin reports #2",
		"CAFÉ":                            "Missed bin reports #2",
		`"each street"`:                   "Missed bin reports #2",
		`"completed street"`:              "",
		"“each street”":                   "Missed bin reports #2",
		"“completed street”":              "",
		"missed-bin/reports":              "Missed bin reports #1",
		"letters http/smtp":               "Letters #1",
		"missed-bin.":                     "Missed bin reports #1",
		"bins -winter -crews":             "",
		"bins –winter −crews":             "",
		"bins -missed-bin":                "",
		"reports -no-such":                "Missed bin reports #1",
		"e-mail domains":                  "Email domains #1",
		"Cafe\u0301 A\u030angstro\u0308m": "Missed bin reports #2",
		"re\u00adports mis\u200bsed":      "Missed bin reports #1",
		"winter or reorganisation":        "Email domains #1; Missed bin reports #1",
		"LGR":                             "Email domains #1",
		"lgr staff":                       "Email domains #1",
		"ffurflenni":                      "Ffurflenni dwyieithog #1",
		"ty":                              "Ffurflenni dwyieithog #1",
		"SEND":                            "Letters #1; Transport #1",
		"send":                            "Letters #1",
		"the":                             "",
		"":                                "",
		"e":                               "",
		`"`:                               "",
		"& | ! <-> :* ( ) \\ ' \"":        "",
		"bin:*":                           "Missed bin reports #1",
		"%":                               "",
		"_":                               "",
		"bin\x00s":                        "Missed bin reports #1",
		"\u202ebins\u202c 🗑️":             "Missed bin reports #1",
		"bins 🗑️":                         "Missed bin reports #1",
		"\xff\xfe":                        "",
		"<b>bins</b>":                     "",
		strings.Repeat("bin ", 2500):      "Missed bin reports #1",
		strings.Repeat("(", 9999):         "",
	} {
		got := strings.Split(found(t, look, visitor, text), "; ")
		if strings.Join(slices.Sorted(slices.Values(got)), "; ") != want {
			t.Errorf("%.40q: got %q, want %q", text, got, want)
		}
	}
	p, err := look.Page(t.Context(), visitor, search.Query{Text: strings.Repeat("bin ", 2500)})
	if err != nil || !p.Query.Cut {
		t.Errorf("of a long query nobody is told that it was cut (%v)", err)
	}
}

// A snippet is the post's text, never HTML, with what was searched for marked.
func TestSnippetsAreText(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := search.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Markup", Body: "See [our page](https://example.org/hiddenword) & **weasels**: `<script>alert(1)</script>` \ue000so\ue001"})
	p, err := look.Page(t.Context(), visitor, search.Query{Text: "weasel"})
	if err != nil || len(p.Hits) != 1 {
		t.Fatalf("%+v, %v", p.Hits, err)
	}
	var text string
	for _, s := range p.Hits[0].Snippet {
		if s.Marked {
			s.Text = "[" + s.Text + "]"
		}
		text += s.Text
	}
	if text = strings.Join(strings.Fields(text), " "); text != "See our page & [weasels]: <script>alert(1)</script> so" {
		t.Errorf("got %q", text)
	}
	if got := found(t, look, visitor, "hiddenword"); got != "" {
		t.Errorf("an address behind a link was found: %q", got)
	}
}

// What somebody may not see in a list they do not find: not in results, counts, nor in
// what is suggested; and what was hidden, taken back or changed is forgotten at once.
func TestOnlyWhatIsListedIsFound(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look, team := search.New(store), care.New(store)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Northmoor"), forum.Moderator)
	cleo := forumtest.NewcomerOf(t, store, "Cleo", "Southmoor")
	open := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Open", Body: "Otters everywhere."})
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Secret badgers", Body: "Badgers among councils.", Visibility: "councils"})
	forumtest.Ask(t, store, cleo, forum.AskDraft{Title: "Held ferrets", Body: "Ferrets wait."})
	hidden := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Hidden stoats", Body: "Stoats here."})
	forumtest.Reply(t, store, ben, hidden, "More stoats.")
	reply := forumtest.Reply(t, store, ben, open, "Polecats too.")
	count := func() {
		t.Helper()
		if _, err := look.Count(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	count()
	check := func(who forum.Person, want map[string]string) {
		t.Helper()
		for text, want := range want {
			if got := found(t, look, who, text); got != want {
				t.Errorf("%s finds for %s: %q, want %q", who.Name, text, got, want)
			}
		}
	}
	check(visitor, map[string]string{"otters": "Open #1", "badgers": "", "ferrets": "", "stoats": "Hidden stoats #1", "polecats": "Open #2"})
	check(ben, map[string]string{"badgers": "Secret badgers #1", "ferrets": ""})
	check(cleo, map[string]string{"badgers": "", "ferrets": ""})
	check(mona, map[string]string{"badgers": "Secret badgers #1", "ferrets": ""}) // what waits stands on its own page

	must(t, team.Hide(t.Context(), mona, hidden, true, "Not for here"))
	must(t, team.HidePost(t.Context(), mona, reply.ID, true, "Nor this"))
	for _, who := range []forum.Person{visitor, ada, ben, mona} {
		check(who, map[string]string{"stoats": "", "polecats": ""})
	}
	// Nothing that is like a word is offered, whose word is not there for everybody.
	for _, text := range []string{"stoots", "polecatz", "badgerz", "ferretz", "secrat", "otters or stoots"} {
		if p, err := look.Page(t.Context(), visitor, search.Query{Text: text}); err != nil || p.Meant != "" || len(p.Nearest) > 0 {
			t.Errorf("%s: got %q and %d near (%v)", text, p.Meant, len(p.Nearest), err)
		}
	}
	if p, err := look.Page(t.Context(), visitor, search.Query{Text: "oters everywere"}); err != nil || p.Meant != "otters everywhere" {
		t.Errorf("got %q, %v", p.Meant, err)
	}
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Weasels"})
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Damp sensors: what they told us"})
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Anyone using helicopters?"})
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Email after local government reorganisation"})
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Who keeps the LLPG?"})
	for title, want := range map[string]string{"LGR: which email stays": "Email after local", "Keeping our local land and property gazetteer": "Who keeps the LLPG?", "Is anyone using damp sensors in council homes": "Damp sensors: what they told us", "Anyone using Teams for committee meetings": ""} {
		found, err := look.Similar(t.Context(), visitor, title, "")
		if got := fmt.Sprint(found); err != nil || want == "" && len(found) > 0 || !strings.Contains(got, want) {
			t.Errorf("like %q are %s, %v", title, got, err)
		}
	}
	count()
	if p, err := look.Page(t.Context(), visitor, search.Query{Text: "oters weesels"}); err != nil || p.Meant != "otters weasels" {
		t.Errorf("two words that no post has together: got %q, %v", p.Meant, err)
	}
	if a, err := look.Similar(t.Context(), visitor, "Hidden stoats and secret badgers", ""); err != nil || len(a) > 0 {
		t.Errorf("like it are %+v, %v", a, err)
	}
	if a, err := look.Similar(t.Context(), ben, "Secret badgers", ""); err != nil || len(a) != 1 {
		t.Errorf("for a colleague, like it are %+v, %v", a, err)
	}
	count()
	var left int
	if err := db.QueryRow(t.Context(), `select count(*) from known_words where word in ('stoats', 'polecats', 'badgers', 'ferrets') or posts < 1`).Scan(&left); err != nil || left > 0 {
		t.Errorf("%d words are known that nobody sees (%v)", left, err)
	}
	must(t, team.Hide(t.Context(), mona, hidden, false, "A mistake"))
	check(visitor, map[string]string{"stoats": "Hidden stoats #1"})
	_, err := store.Edit(t.Context(), ada, opening(t, store, open), forum.EditDraft{Title: "Opened", Body: "Beavers.", Topics: []string{"waste-management"}, Version: 1})
	must(t, err)
	check(visitor, map[string]string{"otters": "", "beavers": "Opened #1", "opened": "Opened #1"})
	_, err = store.Delete(t.Context(), ada, opening(t, store, open))
	must(t, err)
	check(visitor, map[string]string{"beavers": ""})
}

// A forged cursor is a page that is not there, and filters that mean nothing are too.
func TestForgedAddresses(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := search.New(store)
	nan := base64.RawURLEncoding.EncodeToString([]byte("\x00\x00\x00\x00\x00\x00\x00\x01\x7f\xf8\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01"))
	for _, q := range []search.Query{{Before: "AAAA"}, {Before: "%"}, {Before: nan}, {Before: strings.Repeat("_", 32)}, {Kind: "x"}, {State: "x"}, {Sort: "x"}, {Nation: "France"}, {Year: 1999}} {
		q.Text = "bins"
		if _, err := look.Page(t.Context(), visitor, q); !errors.Is(err, forum.ErrNotFound) {
			t.Errorf("%+v: got %v, want ErrNotFound", q, err)
		}
	}
}

// Pages follow each other without a gap or a repeat, in each order, and filters narrow.
func TestPagesAndFilters(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := search.New(store)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	for i := range 45 {
		who := ada
		if i%5 == 0 {
			who = ben
		}
		forumtest.Ask(t, store, who, forum.AskDraft{Title: fmt.Sprintf("Bins %d", i), Body: strings.Repeat("bins ", i%7+1)})
	}
	for _, order := range search.Sorts {
		seen, q := map[int64]bool{}, search.Query{Text: "bins", Sort: order}
		for pages := 1; ; pages++ {
			p, err := look.Page(t.Context(), visitor, q)
			if err != nil || p.Found != 45 {
				t.Fatalf("%s: %d found, %v", order, p.Found, err)
			}
			for _, h := range p.Hits {
				if seen[h.ID] {
					t.Errorf("%s: thread %d comes twice", order, h.ID)
				}
				seen[h.ID] = true
			}
			if q.Before = p.Next; p.Next == "" {
				if pages != 3 || len(seen) != 45 {
					t.Errorf("%s: %d threads on %d pages", order, len(seen), pages)
				}
				break
			}
		}
	}
	for _, c := range []struct {
		q    search.Query
		want int
	}{
		{search.Query{Council: "southmoor"}, 9}, {search.Query{Council: "northmoor"}, 36}, {search.Query{Council: "none"}, 0}, {search.Query{Author: ben.ID}, 9},
		{search.Query{Year: 2026}, 45}, {search.Query{Year: 2025}, 0}, {search.Query{Kind: "discussion"}, 0}, {search.Query{Kind: "question"}, 45},
		{search.Query{State: "unanswered"}, 45}, {search.Query{State: "answered"}, 0}, {search.Query{Topic: "waste-management"}, 45},
		{search.Query{Topic: "forms"}, 0}, {search.Query{Nation: "England"}, 45}, {search.Query{Nation: "Wales"}, 0},
		{search.Query{Topic: "waste-management", Council: "southmoor", Nation: "England", State: "open", Year: 2026, Author: ben.ID, Kind: "question"}, 9},
	} {
		c.q.Text = "bins"
		if p, err := look.Page(t.Context(), visitor, c.q); err != nil || p.Found != c.want {
			t.Errorf("%+v: %d found, want %d (%v)", c.q, p.Found, c.want, err)
		}
	}
}

// Who finds their answer in a thread that they see is counted; nobody else is.
func TestAnswersMe(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := search.New(store)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	sue := forumtest.SupplierOf(t, store, "Sue", "Sellit")
	secret := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Secret", Visibility: "councils"})
	public := forumtest.Thread(t, store, ada, "Public")
	for _, c := range []struct {
		who    forum.Person
		thread int64
		want   error
	}{{visitor, secret, forum.ErrNotFound}, {sue, secret, forum.ErrNotFound}, {sue, public, forum.ErrForbidden}, {forumtest.NewcomerOf(t, store, "Cleo", "Southmoor"), secret, forum.ErrNotFound}, {ben, 0, forum.ErrNotFound}, {ben, secret, nil}, {ada, secret, nil}} {
		if err := look.Answers(t.Context(), c.who, c.thread); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.who.Name, err, c.want)
		}
	}
	var times int
	if err := db.QueryRow(t.Context(), `select sum(times) from answered_before`).Scan(&times); err != nil || times != 2 {
		t.Errorf("counted %d times, %v", times, err)
	}
}

// opening is the id of a thread's first post.
func opening(t *testing.T, store *forum.Store, thread int64) int64 {
	t.Helper()
	p, err := store.ThreadPage(t.Context(), visitor, thread, 1, 0)
	must(t, err)
	return p.Posts[0].ID
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever signs a word has that curators add, searching goes on.
func TestSignsInWordsBreakNothing(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := search.New(store)
	cara := forumtest.Granted(t, store, forumtest.Person(t, store, "Cara", "Northmoor"), forum.Curator)
	forumtest.Thread(t, store, forumtest.Person(t, store, "Ada", "Northmoor"), "Compilers for weasels")
	for _, word := range []string{"ZZQ(D", "C++", `A\B`, "R[", "50%"} {
		must(t, look.AddSynonym(t.Context(), cara, search.SynonymDraft{Word: word, Means: "weasels", Capitals: true}))
	}
	for _, text := range []string{"zzq d", "C++", `A\B`, "r", "50", "C"} {
		if _, err := look.Page(t.Context(), visitor, search.Query{Text: text}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A word of which another form is written is no misspelling of a third, though that may
// look more like it.
func TestAnotherFormOfAWordIsNoMisspelling(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := search.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Restoring", Body: "We tested the backup before the vesting of the land."})
	if _, err := look.Count(t.Context()); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"testing": "", "backup testing": "", "vestinn": "vesting"} {
		if p, err := look.Page(t.Context(), visitor, search.Query{Text: text}); err != nil || p.Meant != want {
			t.Errorf("%s: got %q, want %q (%v)", text, p.Meant, want, err)
		}
	}
}
