package search_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
	"moothall/forum/search"
)

// square is a forum in which people say what they can be asked about.
type square struct {
	*search.Store
	t  *testing.T
	db *pgxpool.Pool
}

func openSquare(t *testing.T) square {
	t.Helper()
	store, db := forumtest.Open(t)
	return square{search.New(store), t, db}
}

func (s square) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// offers has people say that they may be asked.
func (s square) offers(people ...forum.Person) {
	s.t.Helper()
	for _, p := range people {
		s.must(s.Offer(s.t.Context(), p, search.OfferDraft{Offer: search.Offer{Askable: true}}))
	}
}

// answered is a question of somebody's that another answers, found useful by its asker.
func (s square) answered(asker, by forum.Person, draft forum.AskDraft) (thread int64, answer forum.Posted) {
	s.t.Helper()
	draft.Body = "Who has?"
	thread = forumtest.Ask(s.t, s.Store.Store, asker, draft)
	answer = forumtest.Reply(s.t, s.Store.Store, by, thread, "We have.")
	s.must(s.Accept(s.t.Context(), asker, answer.ID, true))
	s.must(s.Useful(s.t.Context(), asker, answer.ID, true))
	return thread, answer
}

// project is one that somebody began under waste, and that another answers for if any.
func (s square) project(who, contact forum.Person, title string) {
	s.t.Helper()
	id := forumtest.Ask(s.t, s.Store.Store, who, forum.AskDraft{Title: title, Body: "Sensors.", Topics: []string{"waste-management"}})
	_, err := s.db.Exec(s.t.Context(), `update threads set kind = 'project' where id = $1`, id)
	s.must(err)
	_, err = s.db.Exec(s.t.Context(), `insert into projects (thread_id, summary, phase, contact_id, confirmed_at) values ($1, 'Sensors', 'alpha', nullif($2::bigint, 0), now())`, id, contact.ID)
	s.must(err)
}

// named are the people to ask about waste, with the grounds for each.
func (s square) named(who forum.Person) string {
	s.t.Helper()
	p, err := s.TopicPage(s.t.Context(), who, "waste-management", "")
	s.must(err)
	var all []string
	for _, h := range p.Helpers {
		all = append(all, fmt.Sprintf("%s %d/%d/%d/%t", h.Name, h.Answers, h.Useful, h.Projects, h.Skilled))
	}
	return strings.Join(all, ", ")
}

// Nobody is named before they said that they may be; then they are, by what they did in
// the topic and as the reader may see it; and no more once they take it back.
func TestWhoMayBeNamedIsNamedByWhatTheyDid(t *testing.T) {
	t.Parallel()
	s := openSquare(t)
	ada, ben, cy := forumtest.Person(t, s.Store.Store, "Ada", "Northmoor"), forumtest.Person(t, s.Store.Store, "Ben", "Southmoor"), forumtest.Person(t, s.Store.Store, "Cy", "Southmoor")
	waste := []string{"waste-management"}
	s.answered(ben, ada, forum.AskDraft{Title: "Missed bins?", Topics: waste})
	s.answered(ben, ada, forum.AskDraft{Title: "Bins for councils", Topics: waste, Visibility: "councils"})
	gone, _ := s.answered(ben, ada, forum.AskDraft{Title: "Bins that go", Topics: waste})
	s.answered(ben, ada, forum.AskDraft{Title: "Of another topic", Topics: []string{"content-design"}})
	s.project(ben, cy, "Bins that speak")
	wants := func(who forum.Person, want string) {
		t.Helper()
		if got := s.named(who); got != want {
			t.Errorf("named are %q, want %q", got, want)
		}
	}
	wants(visitor, "")
	s.offers(ada, cy)
	wants(ben, "Ada 3/3/0/false, Cy 0/0/1/false")
	wants(visitor, "Ada 2/2/0/false, Cy 0/0/1/false") // what is for councils only counts for them
	wants(ada, "Cy 0/0/1/false")                      // nobody asks themselves
	mod := forumtest.Granted(t, s.Store.Store, forumtest.Person(t, s.Store.Store, "Mo", "Southmoor"), forum.Moderator)
	house := care.New(s.Store.Store)
	s.must(house.Hide(t.Context(), mod, gone, true, "Gone"))
	wants(visitor, "Ada 1/1/0/false, Cy 0/0/1/false")
	s.must(house.Suspend(t.Context(), mod, cy.ID, s.Now().AddDate(0, 0, 9), "Rude"))
	wants(visitor, "Ada 1/1/0/false")
	s.must(s.Offer(t.Context(), ada, search.OfferDraft{Offer: search.Offer{About: "Bins"}, Skills: waste}))
	wants(visitor, "")
	s.must(s.Offer(t.Context(), ada, search.OfferDraft{Offer: search.Offer{Askable: true}, Skills: waste}))
	wants(visitor, "Ada 1/1/0/true")
	s.must(s.Do(t.Context(), ada, func(d *forum.Deed) error { return s.Forget(t.Context(), d, ada.ID) }))
	wants(visitor, "")
	for n := range 8 {
		s.must(s.Offer(t.Context(), forumtest.Person(t, s.Store.Store, fmt.Sprint("Dot ", n), "Southmoor"), search.OfferDraft{Offer: search.Offer{Askable: true}, Skills: waste}))
	}
	if got := s.named(visitor); strings.Count(got, "Dot") != 5 {
		t.Errorf("named are %q, want five", got)
	}
}

// What somebody offers is theirs to say, as a colleague; what cannot be taken changes
// nothing; the same again is the same.
func TestOffering(t *testing.T) {
	t.Parallel()
	s := openSquare(t)
	ada := forumtest.Person(t, s.Store.Store, "Ada", "Northmoor")
	good := search.OfferDraft{Offer: search.Offer{Askable: true, About: " Bins\r\nand\tmore "}, Skills: []string{"waste-management", "", "content-design", "waste-management"}}
	for range 2 {
		s.must(s.Offer(t.Context(), ada, good))
	}
	for name, c := range map[string]struct {
		who   forum.Person
		draft search.OfferDraft
		want  error
	}{
		"visitor":       {visitor, good, forum.ErrForbidden},
		"newcomer":      {forumtest.NewcomerOf(t, s.Store.Store, "Eve", "Northmoor"), good, forum.ErrForbidden},
		"supplier":      {forumtest.SupplierOf(t, s.Store.Store, "Dot", "Roundsman"), good, forum.ErrForbidden},
		"of a resident": {ada, search.OfferDraft{Offer: search.Offer{About: "Mary Jones, 12/03/1951, 12 High Street LS1 1UR"}}, forum.Invalid{}},
		"too long":      {ada, search.OfferDraft{Offer: search.Offer{About: strings.Repeat("ŵ", 301)}}, forum.Invalid{}},
		"no such topic": {ada, search.OfferDraft{Skills: []string{"none"}}, forum.Invalid{}},
		"six topics":    {ada, search.OfferDraft{Skills: strings.Fields("waste-management content-design a b c d")}, forum.Invalid{}},
	} {
		err := s.Offer(t.Context(), c.who, c.draft)
		if _, invalid := c.want.(forum.Invalid); invalid && !errors.As(err, new(forum.Invalid)) || !invalid && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	p, err := s.OfferPage(t.Context(), ada)
	if err != nil || !p.Draft.Askable || p.Draft.About != "Bins and more" || strings.Join(p.Draft.Skills, " ") != "content-design waste-management" || !p.Can || len(p.Topics) == 0 {
		t.Errorf("kept is %+v (%v)", p.Draft, err)
	}
	s.must(s.Offer(t.Context(), ada, search.OfferDraft{Offer: search.Offer{About: strings.Repeat("ŵ", 300)}}))
	if p, err = s.OfferPage(t.Context(), ada); err != nil || len(p.Draft.Skills) != 0 || p.Draft.Askable {
		t.Errorf("kept is %+v (%v)", p.Draft, err)
	}
}

// A person's page shows what they choose to show, of that what its reader may see; until
// they choose, their threads. Search finds who may be named by the topics that they know.
func TestAPersonsPageShowsWhatTheyChoose(t *testing.T) {
	t.Parallel()
	s := openSquare(t)
	ada, ben := forumtest.Person(t, s.Store.Store, "Ada", "Northmoor"), forumtest.Person(t, s.Store.Store, "Ben", "Southmoor")
	s.answered(ben, ada, forum.AskDraft{Title: "Missed bins?"})
	s.answered(ben, ada, forum.AskDraft{Title: "Bins for councils", Visibility: "councils"})
	forumtest.Thread(t, s.Store.Store, ada, "A question of hers")
	s.project(ada, forum.Person{}, "Bins that speak")
	wants := func(who forum.Person, want string) {
		t.Helper()
		p, err := s.PersonPage(t.Context(), who, ada.ID)
		got := fmt.Sprintf("threads %d answers %d projects %d skills %d %q ask %t", len(p.Threads), len(p.Answers), len(p.Projects), len(p.Skills), p.Offer.About, p.CanAsk)
		if err != nil || got != want {
			t.Errorf("it shows %s, want %s (%v)", got, want, err)
		}
	}
	found := func(text string, want int) {
		t.Helper()
		p, err := s.Page(t.Context(), visitor, search.Query{Text: text})
		if err != nil || len(p.People) != want {
			t.Errorf("%s: found are %+v, want %d (%v)", text, p.People, want, err)
		}
	}
	wants(visitor, `threads 2 answers 0 projects 0 skills 0 "" ask false`)
	all := search.OfferDraft{Offer: search.Offer{About: "Bins", ShowAnswers: true, ShowProjects: true}, Skills: []string{"waste-management"}}
	s.must(s.Offer(t.Context(), ada, all))
	wants(visitor, `threads 0 answers 1 projects 1 skills 1 "Bins" ask false`)
	wants(ben, `threads 0 answers 2 projects 1 skills 1 "Bins" ask false`)
	found("waste manag", 0)
	found("ada", 1)
	all.Askable = true
	s.must(s.Offer(t.Context(), ada, all))
	wants(ben, `threads 0 answers 2 projects 1 skills 1 "Bins" ask true`)
	wants(ada, `threads 0 answers 2 projects 1 skills 1 "Bins" ask false`)
	found("waste manag", 1)
	found("bins", 1)
	found("%%%", 0)
	_, err := s.db.Exec(t.Context(), `update people set suspended_at = '2000-01-01', suspended_until = '2100-01-01' where id = $1`, ada.ID)
	s.must(err)
	found("waste manag", 0)
	found("bins", 0)
	found("ada", 1)
	_, err = s.db.Exec(t.Context(), `update people set suspended_at = null, suspended_until = null where id = $1`, ada.ID)
	s.must(err)
	_, err = s.db.Exec(t.Context(), `update people set standing = 'supplier', company = 'Roundsman' where id = $1`, ada.ID)
	s.must(err)
	wants(visitor, `threads 0 answers 0 projects 0 skills 0 "" ask false`)
	found("waste manag", 0)
	whose := search.Query{Text: "bins", Author: ada.ID}
	if p, err := s.Page(t.Context(), visitor, whose); err != nil || len(p.Hits) == 0 || p.Writer == nil || p.Writer.Name != "Ada" {
		t.Errorf("what she wrote: got %d by %+v (%v)", len(p.Hits), p.Writer, err)
	}
	_, err = s.db.Exec(t.Context(), `update people set erased_at = now() where id = $1`, ada.ID)
	s.must(err)
	if p, err := s.Page(t.Context(), visitor, whose); err != nil || len(p.Hits) > 0 || p.Writer != nil {
		t.Errorf("what somebody erased wrote: got %d by %+v (%v)", len(p.Hits), p.Writer, err)
	}
}

// Who was found useful where nothing has been accepted is named for that alone.
func TestWhoWasFoundUsefulIsNamed(t *testing.T) {
	t.Parallel()
	s := openSquare(t)
	ada, ben := forumtest.Person(t, s.Store.Store, "Ada", "Northmoor"), forumtest.Person(t, s.Store.Store, "Ben", "Southmoor")
	s.offers(ben)
	thread := forumtest.Ask(t, s.Store.Store, ada, forum.AskDraft{Title: "Who has?"})
	s.must(s.Useful(t.Context(), ada, forumtest.Reply(t, s.Store.Store, ben, thread, "We have.").ID, true))
	if got := s.named(ada); got != "Ben 0/1/0/false" {
		t.Errorf("got %q", got)
	}
}

// A name is found where one of its words begins, whatever joins them; by what somebody is
// mentioned by; and, where nobody is called so, by its letters in any order of its words.
func TestNamesAreFoundByTheirWords(t *testing.T) {
	t.Parallel()
	s := openSquare(t)
	forumtest.Person(t, s.Store.Store, "Hettie Van-Terpool", "Northmoor")
	ada := forumtest.Person(t, s.Store.Store, "Ada (Identity) Ash", "Southmoor")
	forumtest.Ask(t, s.Store.Store, ada, forum.AskDraft{Title: "Housing moor"})
	if _, err := s.Count(t.Context()); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"hettie": "Hettie Van-Terpool", "terpool": "Hettie Van-Terpool", "van-terp": "Hettie Van-Terpool", "VAN TERPOOL": "Hettie Van-Terpool",
		"terpool, hettie": "Hettie Van-Terpool", "hetty van terpol": "Hettie Van-Terpool", "identity": "Ada (Identity) Ash", "@ada-identity-ash": "Ada (Identity) Ash",
		"ettie": "", "dent": "", "northmoor": "Northmoor District Council", "northmore": "Northmoor District Council", "council": "", "district council": "",
		"housing": "", "%": "", "___": "", "@": "", "@@@": "",
	} {
		p, err := s.Page(t.Context(), visitor, search.Query{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range p.Councils {
			got = append(got, c.Name)
		}
		for _, who := range p.People {
			got = append(got, who.Name)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
