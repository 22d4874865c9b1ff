package app_test

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"moothall/forum/forumtest"
)

// copyMemory bounds what a copy of somebody's data may add to the heap while it is
// made, however much that is.
const copyMemory = 12 << 20

// Somebody who wrote for years gets all of it in both files: a thousand edits, drafts
// of megabytes, lists without end. It is made a few lines at a time. This test runs
// alone: it measures the heap.
func TestACopyOfALongHistory(t *testing.T) { //nolint:paralleltest // see above
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	thread, _ := h.threadOf(forumtest.Person(t, h.store, "Ben", "Southmoor"), "Who has moved bins online?")
	post := forumtest.Reply(t, h.store, ada, thread, "As it is now.").ID
	strays := 110
	if raced {
		strays = 20
	}
	for _, fill := range []struct {
		query string
		args  []any
	}{
		{`insert into revisions (post_id, version, editor_id, at, body)
			select $2, n, $1, now(), 'Revision' || n || ' ' || repeat(md5(n::text) || ' ', 70) from generate_series(10, 1009) n`, []any{ada.ID, post}},
		{`insert into posts (thread_id, number, author_id, job_title, lang, body, html, html_version, excerpt, posted_at)
			select $2, 10 + n, $1, '', 'en', 'Long post ' || n || ' ' || repeat(md5(n::text) || ' ', 1500), '', 1, '', now() from generate_series(1, 60) n`, []any{ada.ID, thread}},
		{`insert into drafts (person_id, kind, target, fields, saved_at)
			select $1, 'reply', n, jsonb_build_object('body', jsonb_build_array('Draft' || n || ' ' || repeat(md5(n::text) || ' ', 6000))), now() from generate_series(1, 10) n`, []any{ada.ID}},
		{`insert into draft_versions (person_id, kind, target, version, fields, saved_at, why, at)
			select $1, 'reply', n, 1, jsonb_build_object('body', jsonb_build_array('Stray' || n || ' ' || repeat(md5(n::text) || ' ', 6000))), now(), 'stray', now() from generate_series(1, $2::int) n`, []any{ada.ID, strays}},
		{`insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
			select $1, 'topic', n, 'site', 'chose', now() from generate_series(1, 3000) n`, []any{ada.ID}},
	} {
		if _, err := h.db.Exec(t.Context(), fill.query, fill.args...); err != nil {
			t.Fatal(err)
		}
	}
	b := h.as(ada)
	form := b.form("/account/data", url.Values{})
	path := filepath.Join(t.TempDir(), "copy.zip")
	if grew := growth(func() { b.download(t, "/account/data/export", form, path) }); grew > copyMemory {
		t.Errorf("the heap grew by %d MB, more than %d", grew>>20, copyMemory>>20)
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var all struct {
		Known struct {
			Drafts []struct {
				Fields struct{ Body []string }
			}
			Follows []any
		}
		Posts []struct {
			Body   string
			Before []struct{ Body string } `json:"before_edits"`
		}
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "data.json" {
			if err := json.Unmarshal(text, &all); err != nil {
				t.Fatal(err)
			}
		}
		for words, want := range map[string]int{"Draft": 10, "Stray": strays, "Long post": 60} {
			if n := strings.Count(string(text), words) - strings.Count(string(text), words+"s"); n != want {
				t.Errorf("%s holds %d of %q, want %d", f.Name, n, words, want)
			}
		}
	}
	if len(all.Known.Drafts) != 10+strays || len(all.Known.Follows) != 3001 || len(all.Posts) != 61 || len(all.Posts[0].Before) != 1000 {
		t.Fatalf("%d drafts, %d follows, %d posts", len(all.Known.Drafts), len(all.Known.Follows), len(all.Posts))
	}
	for n, before := range all.Posts[0].Before {
		if len(before.Body) < 33*70 {
			t.Fatalf("revision %d has %d bytes", n, len(before.Body))
		}
	}
}

// growth is the most by which the heap is larger while something is done.
func growth(do func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // so that what is measured is what is held, not what was let go
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	before, most, done, measured := now.HeapAlloc, uint64(0), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(measured)
		defer func() { _ = recover() }()
		for {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	do()
	close(done)
	<-measured
	return max(most, before) - before
}

// download posts a form and puts the answer into a file.
func (b *browser) download(t *testing.T, path string, form url.Values, to string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.site+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "moothall", Value: b.cookie})
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	file, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(file, got.Body); err != nil || got.StatusCode != 200 {
		t.Fatalf("got %d, %v", got.StatusCode, err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}
