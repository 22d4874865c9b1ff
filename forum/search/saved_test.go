package search_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/search"
)

// matching are the saved searches that the opening post of a thread matches.
func matching(t testing.TB, db *pgxpool.Pool, thread int64) []int64 {
	t.Helper()
	rows, err := db.Query(t.Context(), `select searches_matching(p.id, 0) from posts p where p.thread_id = $1 and p.number = 1 order by 1`, thread)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// saved is the number of the newest saved search, and needles are its words.
func saved(t testing.TB, db *pgxpool.Pool) (id int64, needles string) {
	t.Helper()
	err := db.QueryRow(t.Context(), `select max(s.id), (select string_agg(n.word, ' ' order by n.word) from search_needles n where n.search_id = max(s.id))
		from saved_searches s`).Scan(&id, &needles)
	if err != nil {
		t.Fatal(err)
	}
	return id, needles
}

// What a saved search matches is what the same search finds: by words in either
// language, short forms, quotes, minus and or, and by each filter.
func TestSavedSearchesMatchWhatIsFound(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := search.New(store)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	var threads []int64
	for _, ask := range []struct {
		who forum.Person
		forum.AskDraft
	}{
		{ada, forum.AskDraft{Title: "Missed bin reports", Body: "We get many of them in winter.", Topics: []string{"waste-management"}}},
		{ben, forum.AskDraft{Title: "Planning back office", Body: "Who has moved it?", Kind: forum.Discussion, Topics: []string{"planning-applications"}}},
		{ben, forum.AskDraft{Title: "Email domains", Body: "After local government reorganisation, can staff keep two?"}},
		{ada, forum.AskDraft{Title: "Ffurflenni dwyieithog", Body: "Beth am y ffurflenni a’r tŷ?", Lang: "cy"}},
		{ada, forum.AskDraft{Title: "Office bins", Body: "Who empties the back of the office?", Visibility: "councils"}},
	} {
		threads = append(threads, forumtest.Ask(t, store, ask.who, ask.AskDraft))
	}
	forumtest.Reply(t, store, ben, threads[0], "We have.")
	ids := map[int64]search.Query{}
	for _, q := range []search.Query{
		{Text: "missing bins"}, {Text: "bins or planning"}, {Text: "bins -winter"}, {Text: `"back office"`}, {Text: "back office"}, {Text: "LGR"}, {Text: "lgr staff"},
		{Text: "ffurflenni"}, {Text: "ty"}, {Text: "bins", Topic: "waste-management"}, {Text: "planning", Topic: "waste-management"}, {Text: "office", Kind: forum.Discussion},
		{Text: "office", Council: "northmoor"}, {Text: "office", Nation: "England"}, {Text: "office", Nation: "Wales"}, {Text: "bins", State: "unanswered"}, {Text: "bins", State: "replied"},
		{Text: "bins", State: "closed"}, {Text: "bins", State: "open"}, {Text: "bins", State: "answered"}, {Text: "bins", Phase: "alpha"}, {Text: "bins", Author: ada.ID}, {Text: "bins", Author: ben.ID},
		{Text: "bins", Year: store.Now().Year()}, {Text: "bins", Year: store.Now().Year() + 1}, {Text: "unicorns or \"office bins\""}, {Text: "it's 'bins' \\ o'clock or bins"},
	} {
		if err := look.Follow(t.Context(), ben, q, forum.Daily); err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		id, _ := saved(t, db)
		ids[id] = q
	}
	got := map[int64][]int64{}
	for _, thread := range threads {
		for _, id := range matching(t, db, thread) {
			got[id] = append(got[id], thread)
		}
	}
	for id, q := range ids {
		p, err := look.Page(t.Context(), ben, q)
		if err != nil {
			t.Fatal(err)
		}
		var want []int64
		for _, h := range p.Hits {
			if h.PostNumber == 1 {
				want = append(want, h.ID)
			}
		}
		if slices.Sort(want); !slices.Equal(got[id], want) {
			t.Errorf("%+v: matched are %d, found %d", q, got[id], want)
		}
		if p.Following.Cadence != forum.Daily {
			t.Errorf("%+v: the page says %q", q, p.Following.Cadence)
		}
	}
}

// A search comes into question by its rarest words alone, whichever way it is put.
func TestNeedlesAreRare(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := search.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	for n := range 30 {
		forumtest.Ask(t, store, ada, forum.AskDraft{Title: fmt.Sprint("Planning software ", n), Body: "Which reorganisation is that?"})
	}
	if _, err := db.Exec(t.Context(), `analyze post_words`); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"planning weasels":     "planning weasel", // in an English post, and as it stands in a Welsh one
		`"planning a badger"`:  "badger",
		"planning or weasels":  "cynllunio plan planning weasel weasels",
		"planning -weasels":    "cynllunio plan planning",
		"reorganisation o'fox": "fox",
	} {
		if err := look.Follow(t.Context(), ada, search.Query{Text: text}, forum.OnSite); err != nil {
			t.Fatal(err)
		}
		if _, got := saved(t, db); got != want {
			t.Errorf("%s: needles are %q, want %q", text, got, want)
		}
	}
}

// A word that curators say means the same counts from then on, in searches that were
// saved before, and no more once they take it away.
func TestSavedSearchesLearnWords(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := search.New(store)
	ada := forumtest.Granted(t, store, forumtest.Person(t, store, "Ada", "Northmoor"), forum.Curator)
	thread := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Stoats at work", Body: "We have."})
	if err := look.Follow(t.Context(), ada, search.Query{Text: "weasels work"}, forum.Daily); err != nil {
		t.Fatal(err)
	}
	wants := func(want int) {
		t.Helper()
		if got := len(matching(t, db, thread)); got != want {
			t.Errorf("%d searches match, want %d", got, want)
		}
	}
	reread := func() {
		t.Helper()
		if n, err := look.Reread(t.Context()); err != nil || n != 1 {
			t.Errorf("%d are read anew, %v", n, err)
		}
	}
	wants(0)
	if err := look.AddSynonym(t.Context(), ada, search.SynonymDraft{Word: "weasel", Means: "stoat"}); err != nil {
		t.Fatal(err)
	}
	reread()
	wants(1)
	var id int64
	if err := db.QueryRow(t.Context(), `select id from synonyms where word = 'weasel'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if err := look.RemoveSynonym(t.Context(), ada, id); err != nil {
		t.Fatal(err)
	}
	reread()
	wants(0)
}

// What cannot be followed is refused; the same again is one; off ends it, twice too.
func TestFollowingASearch(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := search.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	bins := search.Query{Text: "bins", Topic: "waste-management"}
	for name, c := range map[string]struct {
		who  forum.Person
		q    search.Query
		how  forum.Cadence
		want error
	}{
		"visitor":         {visitor, bins, forum.Daily, forum.ErrForbidden},
		"no words":        {ada, search.Query{Topic: "waste-management"}, forum.Daily, forum.Invalid{}},
		"no letters":      {ada, search.Query{Text: "& | !"}, forum.Daily, forum.Invalid{}},
		"only minus":      {ada, search.Query{Text: "-bins"}, forum.Daily, forum.Invalid{}},
		"all but one":     {ada, search.Query{Text: "waste or -bins"}, forum.Daily, forum.Invalid{}},
		"a year over":     {ada, search.Query{Text: "bins", Year: 2024}, forum.Daily, forum.Invalid{}},
		"no such kind":    {ada, search.Query{Text: "bins", Kind: "poem"}, forum.Daily, forum.ErrNotFound},
		"no such topic":   {ada, search.Query{Text: "bins", Topic: "none"}, forum.Daily, forum.ErrNotFound},
		"no such council": {ada, search.Query{Text: "bins", Council: "none"}, forum.Daily, forum.ErrNotFound},
		"no such author":  {ada, search.Query{Text: "bins", Author: 9999}, forum.Daily, forum.ErrNotFound},
		"no such cadence": {ada, bins, "hourly", forum.Invalid{}},
		"off before":      {ada, bins, forum.Off, nil},
		"NUL":             {ada, search.Query{Text: "bi\x00ns"}, forum.Off, nil},
	} {
		err := look.Follow(t.Context(), c.who, c.q, c.how)
		if _, invalid := c.want.(forum.Invalid); invalid && errors.As(err, new(forum.Invalid)) || !invalid && errors.Is(err, c.want) {
			continue
		}
		t.Errorf("%s: got %v, want %v", name, err, c.want)
	}
	count := func(want string) {
		t.Helper()
		var got string
		err := db.QueryRow(t.Context(), `select (select count(*) from saved_searches) || ' ' || (select count(*) from follows where subject_kind = 'search')
			|| ' ' || (select count(distinct search_id) from search_needles)`).Scan(&got)
		if err != nil || got != want {
			t.Errorf("there are %s, want %s (%v)", got, want, err)
		}
	}
	count("0 0 0")
	for _, how := range []forum.Cadence{forum.Daily, forum.Daily, forum.Weekly} {
		if err := look.Follow(t.Context(), ada, bins, how); err != nil {
			t.Fatal(err)
		}
		count("1 1 1")
	}
	for range 2 {
		if err := look.Follow(t.Context(), ada, bins, forum.Off); err != nil {
			t.Fatal(err)
		}
		count("0 0 0")
	}
}

// Fifty searches are as many as one person follows, however many forms come at once.
func TestSavedSearchesAreBounded(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := search.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	var all sync.WaitGroup
	var full, other sync.Map
	for n := range 60 {
		all.Go(func() {
			err := look.Follow(t.Context(), ada, search.Query{Text: fmt.Sprint("weasel ", n)}, forum.OnSite)
			var why *forum.Forbidden
			switch {
			case errors.As(err, &why) && why.Why == "sought.full":
				full.Store(n, true)
			case err != nil:
				other.Store(n, err)
			}
		})
	}
	all.Wait()
	refused := 0
	full.Range(func(any, any) bool { refused++; return true })
	other.Range(func(n, err any) bool { t.Errorf("%v: %v", n, err); return true })
	var kept int
	if err := db.QueryRow(t.Context(), `select count(*) from saved_searches`).Scan(&kept); err != nil || kept != 50 || refused != 10 {
		t.Errorf("%d are kept, %d refused (%v)", kept, refused, err)
	}
	if err := look.Follow(t.Context(), ada, search.Query{Text: "weasel " + strings.Repeat("9", 30)}, forum.OnSite); err == nil {
		t.Error("a 51st is kept")
	}
}

// A search goes with whoever follows it and with whoever's posts it asks for; one that
// asks for a council that has become another goes on with that.
func TestSavedSearchesGoWithTheirPeople(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := search.New(store)
	ada, ben, cy := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor"), forumtest.Person(t, store, "Cy", "Southmoor")
	for _, s := range []struct {
		who forum.Person
		q   search.Query
	}{{ada, search.Query{Text: "bins"}}, {ben, search.Query{Text: "bins", Author: ada.ID}}, {ben, search.Query{Text: "bins", Council: "southmoor"}}, {cy, search.Query{Text: "bins", Author: ben.ID}}} {
		if err := look.Follow(t.Context(), s.who, s.q, forum.Daily); err != nil {
			t.Fatal(err)
		}
	}
	left := func() (all string) {
		t.Helper()
		err := db.QueryRow(t.Context(), `select coalesce(string_agg(p.name || coalesce(' of ' || a.name, ''), ', ' order by s.id), '')
			from saved_searches s join follows f on f.subject_kind = 'search' and f.subject_id = s.id join people p on p.id = s.person_id left join people a on a.id = s.author_id`).Scan(&all)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if got := left(); got != "Ada, Ben of Ada, Ben, Cy of Ben" {
		t.Fatalf("there are %s", got)
	}
	if _, err := db.Exec(t.Context(), `
		with gone as (update councils set status = 'former', ended_on = '2026-01-01' where slug = 'southmoor' returning id)
		insert into successions (old_id, new_id, kind, on_date) select gone.id, c.id, 'merged', '2026-01-01' from gone, councils c where c.slug = 'northmoor'`); err != nil {
		t.Fatal(err)
	}
	thread := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Bins?", Body: "Who has?"})
	if got := len(matching(t, db, thread)); got != 3 {
		t.Errorf("%d match, want 3", got)
	}
	if err := store.Do(t.Context(), ada, func(d *forum.Deed) error { return d.Forget(t.Context(), ada.ID) }); err != nil {
		t.Fatal(err)
	}
	if got := left(); got != "Ben, Cy of Ben" {
		t.Errorf("left are %s", got)
	}
}
