package demo_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/demo"
	"moothall/forum/forumtest"
)

func TestMain(m *testing.M) { forumtest.Main(m) }

// The demo is there whole after the first start, once, also when two nodes load
// it at the same time and when it is loaded again; nobody is told of it.
func TestTheDemoIsToldOnce(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := demo.Load(context.Background(), db, store); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// Loaded again as if the corpus had changed: what is told is not told twice.
	if _, err := db.Exec(t.Context(), `update reference_data set checksum = 'older' where name = 'demo'`); err != nil {
		t.Fatal(err)
	}
	if err := demo.Load(t.Context(), db, store); err != nil {
		t.Fatal(err)
	}
	var got struct{ People, Threads, Replies, Loud, Named, Newcomers, Suspended, Early, Roles int }
	err := db.QueryRow(t.Context(), `select
		(select count(*) from people), (select count(*) from threads),
		(select count(*) from posts where number > 1), (select count(*) from events where not quiet),
		(select count(*) from councils where shown_name <> name),
		(select count(*) from people where standing = 'newcomer'),
		(select count(*) from people where suspended_until > $1),
		(select count(*) from posts where posted_at < $2), (select count(*) from roles)`, forumtest.Noon, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)).
		Scan(&got.People, &got.Threads, &got.Replies, &got.Loud, &got.Named, &got.Newcomers, &got.Suspended, &got.Early, &got.Roles)
	if err != nil {
		t.Fatal(err)
	}
	if got.People != 65 || got.Threads != 76 || got.Replies < 100 || got.Loud != 0 || got.Named != 72 || got.Newcomers != 2 || got.Suspended != 1 || got.Early != 0 || got.Roles != 9 {
		t.Errorf("got %+v", got)
	}
	var useful, counted, odd, answered, councils int
	err = db.QueryRow(t.Context(), `select (select count(*) from useful), (select sum(useful) from posts),
		(select count(*) from useful u join posts p on p.id = u.post_id where p.author_id = u.person_id),
		(select count(*) from threads where answer_id is not null and answered_by = author_id), (select sum(us_too) from threads)`).
		Scan(&useful, &counted, &odd, &answered, &councils)
	if err != nil || useful < 1000 || counted != useful || odd != 0 || answered != 15 || councils < 100 {
		t.Errorf("%d marks, counted as %d, %d on one's own, %d answers, %d councils, %v", useful, counted, odd, answered, councils, err)
	}
	var highlights, now, told int
	err = db.QueryRow(t.Context(), `select count(*), count(*) filter (where from_on = ($1::timestamptz at time zone 'Europe/London')::date),
		(select count(*) from notices n join events e on e.id = n.event_id where e.kind = 'highlighted') from highlights`, forumtest.Noon).Scan(&highlights, &now, &told)
	if err != nil || highlights != 8 || now != 3 || told != 0 {
		t.Errorf("%d highlights, %d of them from today, %d told (%v)", highlights, now, told, err)
	}
	var offers, askable, skills int
	err = db.QueryRow(t.Context(), `select count(*), count(*) filter (where askable), (select count(*) from person_skills) from person_offers`).Scan(&offers, &askable, &skills)
	if err != nil || offers < 50 || askable == 0 || askable >= offers || skills < offers {
		t.Errorf("%d offers, %d of who may be asked, %d topics (%v)", offers, askable, skills, err)
	}
	var shown, items, suggested int
	err = db.QueryRow(t.Context(), `select (select count(*) from collections where shown), (select count(*) from collection_items), (select count(*) from collection_suggestions)`).
		Scan(&shown, &items, &suggested)
	if err != nil || shown != 2 || items != 11 || suggested != 1 {
		t.Errorf("%d collections, %d things in them, %d suggested (%v)", shown, items, suggested, err)
	}
	p, err := store.FindPerson(t.Context(), "stellan-whitcombe")
	if err != nil || !forum.CanAsk(p) {
		t.Errorf("Stellan Whitcombe: %+v, %v", p, err)
	}
}

// Everybody whom the demo lists is there to sign in as, under a fictional council.
func TestPeopleOfTheDemo(t *testing.T) {
	t.Parallel()
	people := demo.People()
	if len(people) != 65 {
		t.Errorf("got %d people, want 65", len(people))
	}
	for _, p := range people {
		if p.Slug == "" || p.Name == "" || p.JobTitle == "" || p.Email == "" || p.Council == "" && p.Note != "newcomer" {
			t.Errorf("incomplete: %+v", p)
		}
	}
}
