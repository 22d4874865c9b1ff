package forum_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/forumtest"
)

func redactDraft(passage string) forum.RedactDraft {
	return forum.RedactDraft{Passage: passage, Reason: "It is about a resident.", Removed: map[string]string{"en": "[removed]", "cy": "[tynnwyd]"}}
}

func redact(t *testing.T, store *forum.Store, who forum.Person, post int64, passage string) {
	t.Helper()
	if _, err := store.Redact(t.Context(), who, post, redactDraft(passage)); err != nil {
		t.Fatal(err)
	}
}

// everywhere is all that the database holds as text, but for what people type elsewhere.
func everywhere(t *testing.T, db *pgxpool.Pool) string {
	t.Helper()
	var all strings.Builder
	for _, table := range []string{"threads", "posts", "revisions", "drafts", "draft_versions", "entries", "events", "redactions", "form_keys", "outcomes", "reports"} {
		var text string
		if err := db.QueryRow(t.Context(), `select coalesce(string_agg(r::text, ' '), '') from `+table+` r`).Scan(&text); err != nil {
			t.Fatal(err)
		}
		all.WriteString(table + ": " + text + "\n")
	}
	return all.String()
}

// What a moderator takes out is gone from the words, title, history, quotes and drafts
// of a post, in all of the database; what stays is that it was done, when, by whom, why.
func TestARedactionLeavesThePassageNowhere(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	thread := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Can Mrs Canary have a bin?", Body: "Mrs Canary of 3 **High** Street rang.\n\nWhat now?"})
	opening := read(t, store, ada, thread, 1).Posts[0].ID
	clock.Advance(time.Hour)
	edit(t, store, ada, opening, forum.EditDraft{Title: "Can Mrs Canary have two bins?", Body: "Mrs\nCanary rang twice."})
	edit(t, store, mona, opening, forum.EditDraft{Title: "Mrs Canary?", Body: "_Mrs Canary_ rang.", Reason: "Mrs Canary rang once."})
	if err := store.KeepDraft(t.Context(), ada, forum.DraftEdit, opening, url.Values{"body": {"Mrs Canary wrote before."}}); err != nil { // an earlier text of the draft
		t.Fatal(err)
	}
	if err := store.KeepDraft(t.Context(), ada, forum.DraftEdit, opening, url.Values{"body": {"Mrs Canary rang me."}, "own_body": {"Mrs **Canary**."}, "version": {"3"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Reply(t.Context(), ben, thread, forum.PostDraft{Body: "She can.", Quote: 1}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(everywhere(t, db), "Canary") {
		t.Fatal("there is nothing to take out")
	}
	redact(t, store, mona, opening, "Mrs  Canary")

	if text := everywhere(t, db); strings.Contains(strings.ToLower(text), "canary") {
		t.Errorf("it is still there: %s", text)
	}
	p := read(t, store, visitor, thread, 1)
	if p.Thread.Title != "[removed]?" || strings.TrimSpace(string(p.Posts[0].HTML)) != "<p><em>[removed]</em> rang.</p>" || p.Posts[1].Quote != "[removed] rang." {
		t.Errorf("got %q, %q, quoted %q", p.Thread.Title, p.Posts[0].HTML, p.Posts[1].Quote)
	}
	if p.Posts[0].RedactedAt == nil || p.Posts[0].Version != 4 {
		t.Errorf("the post does not tell of it: %+v", p.Posts[0])
	}
	h := historyOf(t, store, visitor, opening)
	if v := h.Versions[0]; !v.Redaction || v.Reason != "It is about a resident." || v.EditorName != "Mona" || len(h.Versions) != 4 {
		t.Errorf("the history: %+v", h.Versions)
	}
	page, err := store.EditPage(t.Context(), ada, opening)
	if err != nil || page.Kept.Values().Get("body") != "[removed] rang me." || page.Kept.Values().Get("own_body") != "[removed]**." && page.Kept.Values().Get("own_body") != "**[removed]**." {
		t.Errorf("the draft: %v, %v", page.Kept.Values(), err)
	}
	var reason string
	if err := db.QueryRow(t.Context(), `select reason from entries where deed = 'redacted_post' and post_id = $1 and doer_id = $2`, opening, mona.ID).Scan(&reason); err != nil || reason != "It is about a resident." {
		t.Errorf("the entry: %q, %v", reason, err)
	}
}

// What was told of a post says no more than the post: why its question needs no
// answer, and whether the accepted answer worked.
func TestARedactionReachesWhatWasTold(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	solved := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Can she have a bin?", Body: "What now?"})
	if err := store.Solve(t.Context(), ada, solved, true, "Mrs Canary moved away"); err != nil {
		t.Fatal(err)
	}
	answered := forumtest.Ask(t, store, ada, forum.AskDraft{Title: "And he?", Body: "What now?"})
	answer := forumtest.Reply(t, store, ben, answered, "Ask him.").ID
	if err := store.Accept(t.Context(), ada, answer, true); err != nil {
		t.Fatal(err)
	}
	clock.Advance(31 * 24 * time.Hour)
	if err := store.TellOutcome(t.Context(), ada, answered, forum.OutcomeDraft{Answer: "partly", Note: "Only of Mrs Canary"}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(t.Context(), mona, solved, true, "About Mrs Canary"); err != nil {
		t.Fatal(err)
	}
	redact(t, store, mona, read(t, store, ada, solved, 1).Posts[0].ID, "Mrs Canary")
	redact(t, store, mona, answer, "Mrs Canary")
	if text := everywhere(t, db); strings.Contains(text, "Canary") || strings.Count(text, "[removed]") != 4 { // of closing, in the log too
		t.Errorf("it is still there: %s", text)
	}
}

// What somebody gave as the reason of a report, of the post or of its whole thread, is
// a moderator's to read for as long as the post: the passage goes from it as well.
func TestARedactionReachesReports(t *testing.T) {
	t.Parallel()
	store, db, _ := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	thread := forumtest.Thread(t, store, ada, "Bins?")
	opening := read(t, store, ada, thread, 1).Posts[0].ID
	reply := forumtest.Reply(t, store, ada, thread, "She rang.").ID
	for _, post := range []any{nil, opening, reply} {
		if _, err := db.Exec(t.Context(), `insert into reports (thread_id, post_id, reporter_id, reason, at) values ($1, $2, $3, 'It names MRS&nbsp;CANARY', now())`, thread, post, ada.ID); err != nil {
			t.Fatal(err)
		}
	}
	redact(t, store, mona, opening, "Mrs Canary")
	if text := everywhere(t, db); strings.Count(text, "CANARY") != 1 || strings.Count(text, "It names [removed]") != 2 {
		t.Errorf("after the opening: %s", text)
	}
	redact(t, store, mona, reply, "Mrs Canary")
	if text := everywhere(t, db); strings.Contains(text, "CANARY") {
		t.Errorf("it is still there: %s", text)
	}
}

// Only a moderator takes words out, of what they may see, with words that stand there
// and a reason that does not repeat them. What is refused changes nothing.
func TestRefusedRedactions(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	eve := forumtest.NewcomerOf(t, store, "Eve", "Northmoor")
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Southmoor"), forum.Curator)
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	thread := forumtest.Thread(t, store, ada, "Bins?")
	post := forumtest.Reply(t, store, ada, thread, "Mrs Smith rang.").ID
	held := forumtest.Reply(t, store, eve, thread, "Mrs Smith rang.").ID
	gone := forumtest.Reply(t, store, ada, thread, "Mrs Smith rang.").ID
	if _, err := store.Delete(t.Context(), ada, gone); err != nil {
		t.Fatal(err)
	}
	if err := store.KeepDraft(t.Context(), ada, forum.DraftEdit, post, url.Values{"body": {"Only in a draft"}}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	before := everywhere(t, db)
	for _, c := range []struct {
		name            string
		who             forum.Person
		post            int64
		passage, reason string
		want            error
	}{
		{"the author", ada, post, "Mrs Smith", "Why not", forum.ErrForbidden},
		{"a colleague", ben, post, "Mrs Smith", "Why not", forum.ErrForbidden},
		{"a curator", cora, post, "Mrs Smith", "Why not", forum.ErrForbidden},
		{"a colleague, with nothing typed", ben, post, "", "", forum.ErrForbidden},
		{"a colleague, of what is held", ben, held, "Mrs Smith", "Why not", forum.ErrNotFound},
		{"of what is not there", mona, 1 << 40, "Mrs Smith", "Why not", forum.ErrNotFound},
		{"of what was deleted", mona, gone, "Mrs Smith", "Why not", forum.ErrGone},
		{"no passage", mona, post, " \n", "Why not", forum.Invalid{}},
		{"only marks", mona, post, "**__**", "Why not", forum.Invalid{}},
		{"too short", mona, post, "Mr", "Why not", forum.Invalid{}},
		{"too long", mona, post, strings.Repeat("ŵ", 2001), "Why not", forum.Invalid{}},
		{"no reason", mona, post, "Mrs Smith", "", forum.Invalid{}},
		{"a reason that tells", mona, post, "Mrs Smith", "It names Mrs  Smith.", forum.Invalid{}},
		{"what stands nowhere", mona, post, "Mr Brown", "Why not", forum.Invalid{}},
		{"what stands in a draft alone", mona, post, "Only in a draft", "Why not", forum.Invalid{}},
	} {
		_, err := store.Redact(t.Context(), c.who, c.post, forum.RedactDraft{Passage: c.passage, Reason: c.reason, Removed: redactDraft("").Removed})
		if !isKind(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	if after := everywhere(t, db); after != before {
		t.Errorf("the refusals changed something:\n%s\n%s", before, after)
	}
}

// Words are taken out of what is held and what is hidden too, in the post's language,
// and of what only an earlier version said.
func TestRedactionsReachHeldHiddenAndEarlierWords(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	eve := forumtest.NewcomerOf(t, store, "Eve", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	thread := forumtest.Thread(t, store, ada, "Bins?")
	held := forumtest.Reply(t, store, eve, thread, "Canary rang.").ID
	hidden := forumtest.Reply(t, store, ada, thread, "Canary wrote.").ID
	welsh, err := store.Reply(t.Context(), ada, thread, forum.PostDraft{Body: "Canary.", Lang: "cy"})
	if err != nil {
		t.Fatal(err)
	}
	earlier := forumtest.Reply(t, store, ada, thread, "Canary came.").ID
	clock.Advance(time.Hour)
	edit(t, store, ada, earlier, forum.EditDraft{Body: "Somebody came."})
	setHidden(t, store, mona, hidden, true)
	for _, id := range []int64{held, hidden, welsh.ID, earlier} {
		redact(t, store, mona, id, "Canary")
	}
	if text := everywhere(t, db); strings.Contains(text, "Canary") || !strings.Contains(text, "[tynnwyd]") {
		t.Errorf("got %s", text)
	}
	if p := read(t, store, visitor, thread, 1); p.Posts[3].Version != 3 || !strings.Contains(string(p.Posts[3].HTML), "Somebody came.") {
		t.Errorf("what an earlier version said alone: %+v", p.Posts[3])
	}
}

// An edit that was begun before a redaction comes back as a conflict: also when both
// are done at once, the passage is not brought back.
func TestAnEditDoesNotBringThePassageBack(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	thread := forumtest.Thread(t, store, ada, "Bins?")
	clock.Advance(time.Hour)
	for i := range 12 {
		post := forumtest.Reply(t, store, ada, thread, "Canary rang.").ID
		var edited, taken error
		var both sync.WaitGroup
		both.Go(func() {
			_, edited = store.Edit(t.Context(), ada, post, forum.EditDraft{Body: fmt.Sprintf("Canary rang %d times.", i), Version: 1})
		})
		both.Go(func() { _, taken = store.Redact(t.Context(), mona, post, redactDraft("Canary")) })
		both.Wait()
		if taken != nil || edited != nil && !errors.Is(edited, forum.ErrConflict) {
			t.Fatalf("the edit: %v; the redaction: %v", edited, taken)
		}
	}
	if text := everywhere(t, db); strings.Contains(text, "Canary") {
		t.Errorf("it is back: %s", text)
	}
}

// The same form twice takes words out once.
func TestARedactionIsDoneOnce(t *testing.T) {
	t.Parallel()
	store, db, _ := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	post := forumtest.Reply(t, store, ada, forumtest.Thread(t, store, ada, "Bins?"), "Jane SMITH rang. J. Smith wrote, jane.smith@x.example too, said a blacksmith.").ID
	ctx := forum.WithKey(t.Context(), forum.Key{Value: "one form", Content: []byte("x")})
	for range 2 {
		near, err := store.Redact(ctx, mona, post, redactDraft("Jane Smith"))
		if err != nil || near != 3 {
			t.Fatalf("got %d, %v; want 3 words that still stand", near, err)
		}
	}
	var entries, version int
	if err := db.QueryRow(t.Context(), `select (select count(*) from entries where deed = 'redacted_post'), (select version from posts where id = $1)`, post).Scan(&entries, &version); err != nil {
		t.Fatal(err)
	}
	if entries != 1 || version != 2 {
		t.Errorf("got %d entries and version %d, want 1 and 2", entries, version)
	}
}

// filled gives a post as many earlier texts as are kept of one.
func filled(t *testing.T, db *pgxpool.Pool, post int64, body string, texts int) {
	t.Helper()
	_, err := db.Exec(t.Context(), `
		with kept as (
			insert into revisions (post_id, version, editor_id, at, body)
			select id, n, author_id, '2026-01-01', $2 || n || ' Mrs&nbsp;Canary' from posts, generate_series(1, $3) n where id = $1
		)
		update posts set version = $3 + 1 where id = $1`, post, body, texts)
	if err != nil {
		t.Fatal(err)
	}
}

// revisionsMost is forum's own bound.
const revisionsMost = 200

// A post that was edited as often as may be, at its full length, is redacted whole,
// wherever the passage stands in it. How long that takes is for whoever reads it; the
// race detector, which makes it twenty times as long, is spared most of it.
func TestARedactionOfALongHistoryEnds(t *testing.T) {
	t.Parallel()
	texts := revisionsMost
	if raced {
		texts = 20
	}
	store, db, _ := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	for name, line := range map[string]string{
		"the name alone":   "mrs *canary* rang, [mrs](https://x.example/1) canary wrote. ",
		"many links":       "Nobody rang about [this](/threads/1), and *nobody* wrote, they say. ",
		"other alphabets":  "Тут никто не звонил о том, и никто не писал, говорят они. ",
		"nothing but text": "Nobody rang about this, and nobody wrote, they say. ",
	} {
		post := forumtest.Reply(t, store, ada, forumtest.Thread(t, store, ada, name), "Mrs Canary rang.").ID
		body := strings.Repeat(strings.Repeat(line, 8)+"\n", 56<<10/(8*len(line)))
		filled(t, db, post, body, texts)
		began := time.Now()
		redact(t, store, mona, post, "Mrs Canary")
		t.Logf("%s: %d texts of %d bytes in %v", name, texts, len(body), time.Since(began).Round(time.Millisecond))
		var left int
		if err := db.QueryRow(t.Context(), `select count(*) from revisions where body ilike '%canary%'`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%s: %d are left, %v", name, left, err)
		}
	}
}

// So many texts are kept of a post and no more, whoever edits it: what stands there
// stays, and a moderator can still take words out.
func TestAPostIsEditedOnlySoOften(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	mona := forumtest.Granted(t, store, forumtest.Person(t, store, "Mona", "Southmoor"), forum.Moderator)
	post := forumtest.Reply(t, store, ada, forumtest.Thread(t, store, ada, "Bins?"), "Mrs Canary rang.").ID
	clock.Advance(time.Hour)
	filled(t, db, post, "Once more ", revisionsMost)
	if _, err := db.Exec(t.Context(), `delete from revisions where post_id = $1 and version = 1`, post); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Edit(t.Context(), ada, post, forum.EditDraft{Body: "The last time", Version: revisionsMost + 1}); err != nil {
		t.Fatal(err)
	}
	before := everywhere(t, db)
	for _, who := range []forum.Person{ada, mona} {
		_, err := store.Edit(t.Context(), who, post, forum.EditDraft{Body: "And again", Version: revisionsMost + 2, Reason: "Why not"})
		var bad forum.Invalid
		if !errors.As(err, &bad) || len(bad) != 1 || bad[0].Field != "body" || bad[0].Key != "edit.too_often" {
			t.Errorf("%s: got %v", who.Name, err)
		}
	}
	if everywhere(t, db) != before {
		t.Error("a refused edit changed something")
	}
	redact(t, store, mona, post, "Mrs Canary")
	if text := everywhere(t, db); strings.Contains(text, "Canary") {
		t.Error("it is still there")
	}
}
