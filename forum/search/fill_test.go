package search_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
	"moothall/forum/search"
)

// What was there before search was is read by the job, once, and counted like the rest.
func TestOldPostsAreRead(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look := search.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	for i := range 4 {
		forumtest.Reply(t, store, ada, forumtest.Thread(t, store, ada, fmt.Sprintf("Old weasels %d", i)), "We did.")
	}
	_, err := db.Exec(t.Context(), `delete from post_words; delete from title_words; delete from word_changes; insert into search_fill (upto) values (0)`)
	must(t, err)
	for _, want := range []int{8, 0} {
		if n, err := look.Fill(t.Context()); err != nil || n != want {
			t.Errorf("%d were read, %v; want %d", n, err, want)
		}
	}
	if p, err := look.Page(t.Context(), visitor, search.Query{Text: "weasels"}); err != nil || p.Found != 4 {
		t.Errorf("%d found, %v", p.Found, err)
	}
	if n, err := look.Count(t.Context()); err != nil || n != 8 {
		t.Errorf("%d changes, %v", n, err)
	}
}

// A long thread is hidden at once, however long it is; shown again, its opening is found
// at once and the rest once the job has read it. A title that is no more finds nothing.
func TestLongThreadsAreHiddenAtOnce(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	look, team := search.New(store), care.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Northmoor"), forum.Moderator)
	id := forumtest.Thread(t, store, ada, "Long weasels")
	for n := range 25 {
		forumtest.Reply(t, store, ada, id, fmt.Sprintf("Otter number%c.", 'a'+n))
	}
	must(t, team.Hide(t.Context(), mona, id, true, "Not for here"))
	if got := found(t, look, visitor, "numberb") + found(t, look, visitor, "weasels"); got != "" {
		t.Errorf("hidden, got %q", got)
	}
	must(t, team.Hide(t.Context(), mona, id, false, "A mistake"))
	if got := found(t, look, visitor, "weasels"); got != "Long weasels #1" {
		t.Errorf("shown again, got %q", got)
	}
	if _, err := look.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := found(t, look, visitor, "numberb"); got != "Long weasels #3" {
		t.Errorf("read again, got %q", got)
	}
	if _, err := look.Count(t.Context()); err != nil {
		t.Fatal(err)
	}
	var otters, words, waiting int
	err := db.QueryRow(t.Context(), `select (select posts from known_words where word = 'otter'), (select count(*) from post_words), (select count(*) from search_later)`).Scan(&otters, &words, &waiting)
	if err != nil || otters != 25 || words != 26 || waiting != 0 {
		t.Errorf("%d otters in %d posts, %d threads wait (%v)", otters, words, waiting, err)
	}
	_, err = store.Edit(t.Context(), ada, opening(t, store, id), forum.EditDraft{Title: "Long stoats", Body: "Have you?", Topics: []string{"waste-management"}, Version: 1})
	must(t, err)
	if got := found(t, look, visitor, "weasels"); got != "" {
		t.Errorf("by the title that was, got %q", got)
	}
}

// A post is read for search by itself: what is in its thread already costs it nothing.
func TestPostingInALongThreadReadsOnePost(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	id := forumtest.Thread(t, store, ada, "Long weasels")
	_, err := db.Exec(t.Context(), `
		insert into posts (thread_id, number, author_id, job_title, lang, body, html, html_version, excerpt, posted_at)
		select $1, 10 + n, $2, '', 'en', 'Many', '<p>Many</p>', 1, '', now() from generate_series(1, 300) n`, id, ada.ID)
	must(t, err)
	_, err = db.Exec(t.Context(), `set plan_cache_mode = force_generic_plan`)
	must(t, err)
	rows, err := db.Query(t.Context(), `explain (format text) select words from posts_found where post_id = $1`, int64(1))
	must(t, err)
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if text := strings.Join(plan, "\n"); err != nil || !strings.Contains(text, "posts_pkey") || strings.Contains(text, "Seq Scan on posts") {
		t.Errorf("%v\n%s", err, text)
	}
}
