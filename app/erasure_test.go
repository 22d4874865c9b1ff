package app_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"moothall/app"
	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/newsletter"
	"moothall/forum/search"
)

// Nobody comes upon the name, handle, address, job or way to sign in of somebody who
// was erased: on no page, as nobody. What others built on is there.
func TestWhoIsErasedIsMetNowhere(t *testing.T) {
	t.Parallel()
	w := &aviary{world: openCast(t)}
	name, job, device := w.put("name", nil), w.put("job", nil), w.put("device", nil)
	gone := w.join("gone"+w.put("address", nil)+"@northmoor.gov.example", forum.JoinDraft{Name: name, JobTitle: job, Council: "northmoor"})
	gone = forumtest.Granted(t, w.store, gone, forum.Lead)
	w.add("gone", gone)
	w.must(w.sessionNamed(gone.ID, device))
	author := w.people["author"]
	alone := forumtest.Ask(t, w.store, gone, forum.AskDraft{Title: w.put("title nobody answered", nil), Body: w.put("body nobody answered", nil)})
	answered := forumtest.Thread(t, w.store, gone, "What others answered")
	forumtest.Reply(t, w.store, author, answered, "We did.")
	others := forumtest.Thread(t, w.store, author, "What somebody else asked")
	kept := forumtest.Reply(t, w.store, gone, others, "An answer that others build on.")
	taken := forumtest.Reply(t, w.store, gone, others, w.put("post taken back", nil))
	_, err := w.store.Delete(t.Context(), gone, taken.ID)
	w.must(err)
	_, err = w.store.Reply(t.Context(), author, others, forum.PostDraft{Body: "So it is.", Quote: kept.Number})
	w.must(err)
	mention := forumtest.Reply(t, w.store, author, others, "As @"+gone.Handle+" said.")
	link := fmt.Sprintf(`href="/people/%d"`, gone.ID)
	if !strings.Contains(w.page("visitor", others), link) {
		t.Fatal("there is no mention to take out")
	}
	w.must(w.care.Report(t.Context(), gone, others, 0, w.put("report", []string{"moderator"})))
	w.must(w.store.KeepDraft(t.Context(), gone, forum.DraftReply, others, fieldsOf("body", w.put("draft", nil))))

	for _, fields := range [][]string{nil, {"confirm", "Somebody"}, {"confirm", name, "person", "1"}} {
		if got := w.post("gone", "/account/data/erase", fields...); got.status != 422 {
			t.Errorf("with %q: got %d, want 422", fields, got.status)
		}
	}
	got := w.post("gone", "/account/data/erase", "confirm", strings.ToUpper(name))
	if got.status != 303 || got.location(w.world) != "/sign-in?gone=erase" {
		t.Fatalf("got %d %s: %s", got.status, got.location(w.world), short(got.body))
	}
	// Others' words stay as they wrote them, so the mention is words, and no link.
	deadline := time.Now().Add(30 * time.Second)
	for w.number(`select count(*) from unlinkings`)+w.number(`select count(*) from posts where html_version = 0`) > 0 || strings.Contains(w.page("visitor", others), link) {
		if time.Now().After(deadline) {
			t.Fatal("the mention still links")
		}
		for more := true; more; { // what the job does
			more, err = w.store.Unlink(t.Context(), 2)
			w.must(err)
		}
		_, err = w.store.Rerender(t.Context(), 100)
		w.must(err)
	}
	w.exec(`update posts set body = 'As before.', html = '<p>As before.</p>', excerpt = '' where id = $1`, mention.ID)
	for !strings.Contains(w.page("visitor", others), "As before.") { // that page is kept for a second
		if time.Now().After(deadline) {
			t.Fatal("a visitor never sees what the database says")
		}
	}

	who := []string{"visitor", "newcomer", "colleague", "author", "lead", "curator", "moderator", "administrator", "supplier", "gone"}
	if raced {
		who = []string{"visitor", "moderator", "gone"}
	}
	w.everywhere(who, true, w.look)
	for as, want := range map[string]int{"visitor": 410, "moderator": 410, "gone": 410} {
		if got := w.get(as, personAt(gone.ID)); got.status != want {
			t.Errorf("their page as %s: got %d, want %d", as, got.status, want)
		}
		if got := w.get(as, threadAt(alone)); got.status != 410 {
			t.Errorf("what nobody answered, as %s: got %d, want 410", as, got.status)
		}
	}
	page := w.page("visitor", others)
	for _, there := range []string{"An answer that others build on.", "Former colleague of Northmoor District Council", `data-author="` + fmt.Sprint(gone.ID) + `"`} {
		if !strings.Contains(page, there) {
			t.Errorf("there is no %s in what others answered", there)
		}
	}
	if strings.Contains(page, link) {
		t.Error("a name leads to their page")
	}
	if !strings.Contains(w.page("visitor", answered), "What others answered") {
		t.Error("what others answered is gone")
	}
	if got := w.get("gone", "/account"); got.status != 303 {
		t.Errorf("they are signed in: %d", got.status)
	}
	_, err = search.New(w.store).Count(t.Context()) // as the job does each minute
	w.must(err)
	w.leftIn(gone.ID, name, job, device)
	again := w.signIn(name, "")
	if again.ID == gone.ID || again.Joined {
		t.Error("the same identity is the same person")
	}
	log, err := os.ReadFile(filepath.Join(w.settings["MOOTHALL_DATA"], "erasures.log"))
	if lines := strings.Count(string(log), "\n"); err != nil || lines != 1 || strings.Contains(string(log), name) {
		t.Errorf("outside the database is %q (%v), want one line", log, err)
	}
}

// page is a thread as somebody sees it.
func (w *world) page(as string, thread int64) string {
	w.t.Helper()
	got := w.get(as, threadAt(thread))
	if got.status == 301 {
		got = w.get(as, got.location(w))
	}
	return got.body
}

func (w *world) sessionNamed(person int64, device string) error {
	_, err := w.sessions.Start(w.t.(*testing.T).Context(), person, "dev", device)
	return err
}

// leftIn looks for words in every text of every table.
func (w *world) leftIn(person int64, words ...string) {
	w.t.Helper()
	rows, err := w.db.Query(w.t.(*testing.T).Context(), `
		select table_name from information_schema.tables
		where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'river_job'`)
	w.must(err)
	var tables []string
	for rows.Next() {
		var table string
		w.must(rows.Scan(&table))
		tables = append(tables, table)
	}
	w.must(rows.Err())
	for _, table := range tables {
		for _, word := range words {
			if n := w.number(`select count(*) from `+table+` r where r::text ilike '%' || $1 || '%'`, word); n > 0 {
				w.t.Errorf("%s still holds %q", table, word)
			}
		}
	}
}

// Who is suspended cannot end that by being erased, and what a second press of the
// button meets is the way to sign in.
func TestErasureIsNoWayOutOfASuspension(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	who := w.people["suspended"]
	if got := w.post("suspended", "/account/data/erase", "confirm", who.Name); got.status != 403 || !strings.Contains(got.body, "While you are suspended") {
		t.Errorf("got %d: %s", got.status, short(got.body))
	}
	form := fieldsOf("confirm", w.people["author"].Name, "idempotency", "one key")
	for n, want := range []string{"/sign-in?gone=erase", ""} {
		got := w.send(knock{method: "POST", path: "/account/data/erase", cookie: w.cookies["author"], form: form})
		if want != "" && got.location(w) != want || want == "" && got.status != 303 && got.status != 403 {
			t.Errorf("press %d: got %d %s", n+1, got.status, got.location(w))
		}
	}
	if n := w.number(`select count(*) from entries where deed = 'erased'`); n != 1 {
		t.Errorf("there are %d erasures on record, want 1", n)
	}
}

// The copy holds all that is somebody's own, and nothing of others but what they wrote
// about them themselves.
func TestTheCopyHoldsNothingOfOthers(t *testing.T) {
	t.Parallel()
	w := openAviary(t)
	author, colleague := w.people["author"], w.people["colleague"]
	// Their own, in every place.
	own := []string{"ownbody", "ownheld", "owndraft", "ownreport", "ownrevised"}
	thread := forumtest.Thread(t, w.store, author, "Othertitle councils")
	secret := forumtest.Ask(t, w.store, author, forum.AskDraft{Title: "Othersecret", Visibility: "councils"})
	w.add("taker", w.join("taker@southmoor.gov.example", forum.JoinDraft{Name: "Tay Ker", JobTitle: "Officer", Council: "southmoor"}))
	taker := w.people["taker"]
	first := forumtest.Reply(t, w.store, taker, thread, "Ownrevised")
	w.exec(`update posts set posted_at = posted_at - interval '1 hour' where id = $1`, first.ID) // past the minutes in which an edit leaves no trace
	_, err := w.store.Edit(t.Context(), taker, first.ID, forum.EditDraft{Body: "Ownbody <script>", Version: 1})
	w.must(err)
	forumtest.Reply(t, w.store, taker, secret, "Ownheld")
	for range 2*100 + 5 { // more than are read at once
		w.exec(`insert into posts (thread_id, number, author_id, job_title, lang, body, html, html_version, excerpt, posted_at)
			select $1, coalesce(max(number), 0) + 1, $2, '', 'en', 'Many', '<p>Many</p>', 1, '', now() from posts where thread_id = $1`, thread, taker.ID)
	}
	w.exec(`update threads set post_count = (select max(number) from posts where thread_id = $1) where id = $1`, thread)
	forumtest.Reply(t, w.store, colleague, thread, "Otherbody")
	w.must(w.store.KeepDraft(t.Context(), taker, forum.DraftReply, thread, fieldsOf("body", "Owndraft")))
	w.must(w.care.Report(t.Context(), taker, thread, 0, "Ownreport"))
	w.must(w.care.Report(t.Context(), colleague, 0, first.ID, "Otherreport"))

	got := w.post("taker", "/account/data/export")
	if got.status != 200 || got.header.Get("Content-Type") != "application/zip" || got.header.Get("Cache-Control") != "private, no-store" {
		t.Fatalf("got %d %v", got.status, got.header)
	}
	files := unzip(t, got.body)
	if len(files) != 2 {
		t.Fatalf("there are %d files", len(files))
	}
	var read struct {
		Known    struct{ Person struct{ Name string } }
		Sessions []any
		Posts    []struct{ Body, Thread string }
	}
	if err := json.Unmarshal(files["data.json"], &read); err != nil || read.Known.Person.Name != "Tay Ker" || len(read.Sessions) != 1 || len(read.Posts) != 207 {
		t.Errorf("data.json: %v, %s, %d sessions, %d posts", err, read.Known.Person.Name, len(read.Sessions), len(read.Posts))
	}
	if slices.ContainsFunc(read.Posts, func(p struct{ Body, Thread string }) bool { return p.Thread == "Othersecret" }) {
		t.Error("data.json holds the title of what is for councils only")
	}
	for name, text := range files {
		low := strings.ToLower(string(text))
		for _, word := range own {
			if !strings.Contains(low, word) && !(name == "index.html" && word == "ownrevised") {
				t.Errorf("%s lacks %s", name, word)
			}
		}
		for _, word := range []string{"otherbody", "otherreport", "othersecret", strings.ToLower(author.Name), strings.ToLower(colleague.Name), "<script>"} {
			if strings.Contains(low, word) && !(name == "data.json" && word == "<script>") {
				t.Errorf("%s holds %s", name, word)
			}
		}
		for _, c := range openedCanaries(w) {
			if strings.Contains(low, c) {
				t.Errorf("%s holds %s", name, c)
			}
		}
	}
}

// openedCanaries are the words that stand in one place alone.
func openedCanaries(w *aviary) (words []string) {
	for _, c := range w.canaries {
		words = append(words, c.word)
	}
	return words
}

func unzip(t *testing.T, text string) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader([]byte(text)), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// Of more than are read at once, who all stop the newsletter at the same time, it is kept of
// each, once.
func TestItIsKeptOfManyWhoStopTheNewsletterAtOnce(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	const many = 2*newsletter.LeaversMost + 1
	forumtest.Fill(t, h.db, `
		insert into newsletter_subscribers (address, lang, asked_at, asks_since, confirmed_at, left_at)
		select 'reader' || n || '@example.org', 'en', now(), now(), now(), now() from generate_series(1, $1) n`, many)
	var kept []string
	within(t, "it is kept of all", func() bool {
		text, _ := os.ReadFile(filepath.Join(h.data, "newsletter-left.log"))
		kept = strings.Fields(string(text))
		return len(kept) >= 2*many && strings.HasSuffix(string(text), "\n")
	})
	slices.Sort(kept)
	if all, each := len(kept)/2, len(slices.Compact(kept))-1; all != many || each != many { // but the time
		t.Errorf("%d lines of %d are kept, of %d", all, each, many)
	}
}

// A backup brings back who has been erased since. Once it is said that it is restored,
// they are gone again, who came anew stays, and everybody signs in afresh.
func TestARestoredBackupForgetsAgain(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	back, anew := w.people["colleague"], w.people["author"]
	line := func(who forum.Person, at time.Time) string {
		var hash string
		w.must(w.db.QueryRow(t.Context(), `select encode(sha256(convert_to(issuer || E'\n' || subject, 'UTF8')), 'hex') from identities where person_id = $1`, who.ID).Scan(&hash))
		return at.UTC().Format("2006-01-02T15:04:05Z") + " " + hash
	}
	now := time.Now()
	log := line(back, now.Add(time.Hour)) + "\n" + line(anew, now.Add(-time.Hour)) + "\n" + now.UTC().Format("2006-01-02T15:04:05Z") + " " + strings.Repeat("00", 32) + "\n" +
		now.UTC().Format("2006-01-02") // a kill left half a line
	stops, after := w.subscriber("stops"), w.subscriber("after")
	w.exec(`update newsletter_subscribers set confirmed_at = now() - interval '1 day'`)
	if got := w.visit("/unsubscribe/" + w.leaveToken(stops, 0)); got.status != 303 {
		t.Fatalf("stopping the newsletter: %d", got.status)
	}
	left, less := filepath.Join(w.settings["MOOTHALL_DATA"], "newsletter-left.log"), filepath.Join(w.settings["MOOTHALL_DATA"], "stopped.log")
	within(t, "it is kept who stopped the newsletter", func() bool {
		text, _ := os.ReadFile(left)
		return strings.HasSuffix(string(text), fmt.Sprintf(" %d\n", stops))
	})
	var topic forum.Subject
	w.must(w.db.QueryRow(t.Context(), `select id, slug from topics order by id limit 1`).Scan(&topic.ID, &topic.Slug))
	topic.Kind = forum.ToTopic
	w.must(w.store.Follow(t.Context(), anew, topic, forum.Instant))
	w.must(w.store.Follow(t.Context(), anew, topic, forum.Off))
	within(t, "it is kept who hears less", func() bool {
		text, _ := os.ReadFile(less)
		return strings.HasSuffix(string(text), fmt.Sprintf(" %d \"topic\" %d \"\" off\n", anew.ID, topic.ID))
	})
	w.exec(`update newsletter_subscribers set left_at = null`) // as the backup has it
	w.exec(`delete from stops`)
	w.must(w.store.Follow(t.Context(), anew, topic, forum.Instant))
	w.exec(`update follows set since = now() - interval '1 day' where person_id = $1`, anew.ID)
	w.stop()
	file, err := os.OpenFile(left, os.O_APPEND|os.O_WRONLY, 0o600)
	w.must(err)
	_, err = fmt.Fprintf(file, "%s %d\n2026-", now.AddDate(0, 0, -2).UTC().Format("2006-01-02T15:04:05Z"), after) // it was somebody else's number then
	w.must(errors.Join(err, file.Close()))
	w.must(os.WriteFile(filepath.Join(w.settings["MOOTHALL_DATA"], "erasures.log"), []byte(log), 0o600))
	var out, failed bytes.Buffer
	first := ""
	if status := app.Main(t.Context(), []string{"serve"}, w.settings, app.Streams{Out: &out, Err: &failed}); status != 1 || !strings.Contains(failed.String(), "restore-finish") {
		t.Fatalf("it starts with who was erased in it: %d, %q", status, failed.String())
	}
	failed.Reset()
	kept, err := os.ReadFile(less)
	w.must(err)
	w.must(os.WriteFile(less, append([]byte("no line\n"), kept...), 0o600))
	before := w.state()
	if status := app.Main(t.Context(), []string{"restore-finish"}, w.settings, app.Streams{Out: &out, Err: &failed}); status != 1 || !strings.Contains(failed.String(), "stopped.log") {
		t.Errorf("of a broken file: %d, %q", status, failed.String())
	}
	if tables := changed(before, w.state()); len(tables) > 0 {
		t.Errorf("a broken file, and it changed %v", tables)
	}
	w.must(os.WriteFile(less, kept, 0o600))
	failed.Reset()
	for _, want := range []string{"3 erasures on file, 1 people erased again, ", "3 erasures on file, 0 people erased again, 0 sessions ended"} {
		out.Reset()
		if status := app.Main(t.Context(), []string{"restore-finish"}, w.settings, app.Streams{Out: &out, Err: &failed}); status != 0 || !strings.HasPrefix(out.String(), want) {
			t.Fatalf("got %d, %q %q; want %q", status, out.String(), failed.String(), want)
		}
		if first == "" {
			first = out.String()
		}
	}
	if !strings.HasSuffix(first, ", 1 who stopped the newsletter since do not get it again, 1 choices to hear less hold again\n") || w.number(`select id from newsletter_subscribers where left_at is null`) != after {
		t.Errorf("of the newsletter it says %q", first)
	}
	if n := w.number(`select count(*) from follows where person_id = $1 and subject_kind = 'topic'`, anew.ID); n != 0 {
		t.Error("they hear again of what they stopped")
	}
	w.start()
	if n := w.number(`select count(*) from people where erased_at is not null and id = $1`, back.ID); n != 1 {
		t.Error("who was erased is back")
	}
	if n := w.number(`select count(*) from people where erased_at is null and name <> '' and id = $1`, anew.ID); n != 1 {
		t.Error("who came anew is gone")
	}
	if got := w.get("moderator", "/moderation"); got.status != 303 {
		t.Errorf("a session outlived the restore: %d", got.status)
	}
	w.must(os.WriteFile(filepath.Join(w.settings["MOOTHALL_DATA"], "erasures.log"), []byte("no line\n"), 0o600))
	if status := app.Main(t.Context(), []string{"restore-finish"}, w.settings, app.Streams{Out: &out, Err: &failed}); status != 1 || !strings.Contains(failed.String(), "erasures.log") {
		t.Errorf("of a broken file: %d, %q", status, failed.String())
	}
}
