package care_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
)

// wrong is where what is counted is not what there is.
const wrong = `
	select coalesce(string_agg(x.what, ', '), '') from (
		select 'topic ' || o.slug as what from topics o
		where (o.threads_public, o.threads_councils) <> (
			select count(*) filter (where t.visibility = 'public'), count(*) filter (where t.visibility = 'councils')
			from thread_topics tt join threads t on t.id = tt.thread_id
			where tt.topic_id = o.id and t.held_at is null and t.hidden_at is null and t.deleted_at is null)
		union all
		select 'council ' || c.slug from councils c
		where (c.threads_public, c.threads_councils) <> (
			select count(*) filter (where t.visibility = 'public'), count(*) filter (where t.visibility = 'councils')
			from threads t where t.council_id = c.id and t.held_at is null and t.hidden_at is null and t.deleted_at is null)
		union all
		select 'people of ' || c.slug from councils c
		where c.people <> (select count(*) from people p
			where p.council_id = c.id and p.standing = 'colleague' and p.joined_at is not null and p.erased_at is null)
		union all
		select 'listing of ' || t.title from threads t join thread_topics tt on tt.thread_id = t.id
		where tt.last_post_at is distinct from t.last_post_at or tt.listed is distinct from
			case when t.held_at is null and t.hidden_at is null and t.deleted_at is null then t.visibility end
	) x`

func countsHold(t *testing.T, db *pgxpool.Pool, after string) {
	t.Helper()
	var got string
	if err := db.QueryRow(t.Context(), wrong).Scan(&got); err != nil || got != "" {
		t.Errorf("%s: counted wrongly: %s (%v)", after, got, err)
	}
}

// shown are how many threads the directories show of waste management and of Northmoor.
func shown(t *testing.T, store *forum.Store, who forum.Person) string {
	t.Helper()
	topics, err := store.TopicsPage(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	councils, err := store.CouncilsPage(t.Context(), who, forum.CouncilFilter{Query: "Northmoor"})
	if err != nil || len(councils.Councils) != 1 {
		t.Fatalf("Northmoor: %+v, %v", councils, err)
	}
	for _, topic := range topics {
		if topic.Slug == "waste-management" {
			return fmt.Sprint(topic.Threads, " ", councils.Councils[0].Threads)
		}
	}
	return ""
}

// A directory shows how many threads there are in the lists of its reader, after each
// deed that puts one there or takes it away, and when that is undone.
func TestDirectoriesCountWhatIsInLists(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	look := care.New(store)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	cleo := forumtest.NewcomerOf(t, store, "Cleo", "Northmoor")
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Southmoor"), forum.Curator)
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	var thread, inner int64
	opening := func(id int64) int64 {
		p, err := store.ThreadPage(t.Context(), ada, id, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		return p.Posts[0].ID
	}
	for _, deed := range []struct {
		name               string
		do                 func() error
		visitor, colleague string
	}{
		{"asked", func() error { thread = forumtest.Thread(t, store, ada, "One"); return nil }, "1 1", "1 1"},
		{"asked of councils", func() error {
			inner = forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Two", Visibility: "councils", Topics: []string{"waste-management", "forms"}})
			return nil
		}, "1 1", "2 2"},
		{"asked by a newcomer", func() error { forumtest.Thread(t, store, cleo, "Three"); return nil }, "1 1", "2 2"},
		{"answered", func() error { clock.Advance(time.Hour); forumtest.Reply(t, store, ben, thread, "We did."); return nil }, "1 1", "2 2"},
		{"let in", func() error { return look.LetIn(t.Context(), cora, cleo.ID, care.LetInDraft{}) }, "2 2", "3 3"},
		{"hidden", func() error { return look.Hide(t.Context(), mona, thread, true, "Why not.") }, "1 1", "2 2"},
		{"hidden again", func() error { return look.Hide(t.Context(), mona, thread, true, "Why not.") }, "1 1", "2 2"},
		{"undone", func() error { return look.Undo(t.Context(), mona, last(t, db), "A mistake.") }, "2 2", "3 3"},
		{"put under another topic", func() error {
			_, err := store.Edit(t.Context(), ada, opening(inner), forum.EditDraft{Title: "Two", Body: "Well?", Topics: []string{"forms", "benefits"}, Version: 1})
			return err
		}, "2 2", "2 3"},
		{"taken back", func() error { _, err := store.Delete(t.Context(), ada, opening(inner)); return err }, "2 2", "2 2"},
		{"moved", func() error { return store.Move(t.Context(), cleo, "southmoor") }, "2 2", "2 2"},
		{"erased", func() error {
			return look.Erase(t.Context(), forumtest.Again(t, store, cleo), care.EraseDraft{Name: "Cleo"})
		}, "1 1", "1 1"},
	} {
		if err := deed.do(); err != nil {
			t.Fatalf("%s: %v", deed.name, err)
		}
		countsHold(t, db, deed.name)
		if got := shown(t, store, visitor) + ", " + shown(t, store, ben); got != deed.visitor+", "+deed.colleague {
			t.Errorf("%s: a visitor and a colleague are shown %s, want %s, %s", deed.name, got, deed.visitor, deed.colleague)
		}
	}
}

// Threads that are asked and hidden at once, under the same topics in any order, are
// all counted.
func TestThreadsAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := care.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	old := make([]int64, 8)
	for i := range old {
		old[i] = forumtest.Ask(t, store, ada, forum.AskDraft{Title: fmt.Sprint("Old ", i), Topics: []string{"forms", "waste-management"}})
	}
	var wg sync.WaitGroup
	for i, id := range old {
		topics := [][]string{{"forms", "waste-management"}, {"waste-management", "forms"}}[i%2]
		wg.Go(func() {
			if _, err := store.Ask(t.Context(), ada, forum.AskDraft{Title: fmt.Sprint("New ", i), Body: "Well?", Topics: topics}); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := look.Hide(t.Context(), mona, id, true, "Why not."); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	countsHold(t, db, "at once")
	if got := shown(t, store, visitor); got != "8 8" {
		t.Errorf("shown are %s, want 8 8", got)
	}
}

// Counts that have gone wrong are put right once a day, and not each time.
func TestCountsAreMadeTrueOnceADay(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	upkeep := care.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	forumtest.Thread(t, store, ada, "One")
	if due, err := upkeep.Recount(t.Context()); !due || err != nil {
		t.Fatalf("the first time: %v, %v", due, err)
	}
	for _, spoil := range []string{
		`update topics set threads_public = 7, threads_councils = 7`,
		`update councils set threads_public = 7, threads_councils = 7, people = 7`,
		`update thread_topics set listed = null, last_post_at = null`,
	} {
		if _, err := db.Exec(t.Context(), spoil); err != nil {
			t.Fatal(err)
		}
	}
	clock.Advance(23 * time.Hour)
	if due, err := upkeep.Recount(t.Context()); due || err != nil {
		t.Errorf("within the day: %v, %v", due, err)
	}
	clock.Advance(time.Hour)
	if due, err := upkeep.Recount(t.Context()); !due || err != nil {
		t.Errorf("after a day: %v, %v", due, err)
	}
	countsHold(t, db, "counted anew")
}

// The daily count takes councils before topics, as asking does: neither waits for what the
// other holds, and none has to begin anew.
func TestCountingAndAskingDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	store, db, _ := forumtest.OpenWith(t, forum.Options{})
	asking, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = asking.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := asking.Exec(t.Context(), `update councils set threads_public = threads_public where slug = 'northmoor'`); err != nil {
		t.Fatal(err)
	}
	counted := make(chan error, 1)
	go func() {
		_, err := care.New(store).Recount(t.Context())
		counted <- err
	}()
	for waits := false; !waits; time.Sleep(5 * time.Millisecond) {
		select {
		case err := <-counted:
			t.Fatalf("the count did not wait for what asking holds: %v", err)
		default:
		}
		err := db.QueryRow(t.Context(), `select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())`).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := asking.Exec(t.Context(), `select from topics order by id for no key update nowait`); err != nil {
		t.Errorf("asking after the count began: %v", err)
	}
	if err := asking.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-counted; err != nil {
		t.Errorf("the count: %v", err)
	}
}
