package care_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
)

// stays are the columns that name a person and go on doing so, as a number, when they
// are erased, and why.
var stays = map[string]string{
	"entries.doer_id":                   "the record keeps a number",
	"entries.person_id":                 "the record keeps a number",
	"events.doer_id":                    "what happened to posts that stay",
	"posts.author_id":                   "posts that others built on",
	"reports.decider_id":                "who decided, as a number",
	"reports.reporter_id":               "an open report is looked at; of a decided one the words go",
	"revisions.editor_id":               "who changed somebody else's words",
	"threads.author_id":                 "threads that others answered",
	"threads.answered_by":               "who accepted an answer",
	"threads.solved_by":                 "who closed their question as solved; their words about it go",
	"worked.person_id":                  "who spoke for their council",
	"us_too.person_id":                  "who spoke for their council",
	"outcomes.person_id":                "who spoke for their council; their words about it go",
	"redactions.moderator_id":           "who took words out",
	"project_changes.person_id":         "who changed a fact; what was a name in it goes",
	"project_phases.person_id":          "who said how far a project was",
	"project_councils.invited_by":       "who asked a council",
	"project_councils.answered_by":      "who spoke for their council",
	"reuses.person_id":                  "who spoke for their council; their words about it go",
	"lesson_changes.person_id":          "who changed a lesson; what it said before goes with its words",
	"helped.person_id":                  "who spoke for their council",
	"post_words.author_id":              "of posts; they go with the post",
	"mailboxes.stopped_by":              "who said that a team wants no more mail",
	"product_uses.person_id":            "said for their council",
	"supplier_claims.decided_by":        "who decided, as a number",
	"supplier_changes.person_id":        "said for their company; how to reach it, which may be themselves, goes",
	"supplier_changes.undone_by":        "who took it back, as a number",
	"synonyms.editor_id":                "who said that words mean the same",
	"summaries.editor_id":               "who wrote it, as a number; the words are the team's",
	"pins.curator_id":                   "who pinned it, as a number",
	"highlights.curator_id":             "who chose it, as a number; the words are the team's",
	"desk_items.done_by":                "who said that nothing is left to do",
	"asks.asked_by":                     "who asked in the name of the team",
	"roles.person_id":                   "entries refer to them; all are ended",
	"banners.curator_id":                "who put it up, as a number; the words are the team's",
	"elections.curator_id":              "who put it into the calendar, as a number",
	"seconds.curator_id":                "who would have done it, as a number; the words are the team's",
	"seconds.decider_id":                "who decided, as a number",
	"collection_objections.person_id":   "what they would not have shown stays away",
	"collections.curator_id":            "who began it, as a number; the words are the team's",
	"collection_items.added_by":         "who put it there, as a number",
	"collection_items.suggested_by":     "what was taken of their suggestions stays; it names nobody",
	"collection_suggestions.decided_by": "who decided, as a number",
	"newsletters.curator_id":            "who began it, as a number; the words are the team's",
	"newsletters.changed_by":            "who said last what is in it, as a number",
	"newsletters.approved_by":           "who approved it, as a number",
}

// goes are the columns whose rows are deleted with whom they name: by which part.
var goes = map[string]string{
	"account_changes.person_id": "forum", "proofs.person_id": "forum", "drafts.person_id": "forum", "draft_versions.person_id": "forum", "draft_paces.person_id": "forum", "events.person_id": "forum", "follows.person_id": "forum",
	"form_keys.person_id": "forum", "identities.person_id": "forum", "sessions.person_id": "auth",
	"projects.contact_id": "projects", "supplier_claims.person_id": "projects", "person_offers.person_id": "search", "person_skills.person_id": "search",
	"desk_items.taker_id": "curation", "desk_notes.person_id": "curation", "desk_days.person_id": "curation", "asks.person_id": "curation", "offers.person_id": "curation",
	"mentions.person_id": "forum", "reads.person_id": "forum", "notices.person_id": "letters", "saves.person_id": "forum", "useful.person_id": "forum",
	"saved_searches.person_id": "forum", "saved_searches.author_id": "forum",
	"merged_follows.person_id": "forum", "merged_saves.person_id": "forum",
	"letter_settings.person_id": "letters", "stops.person_id": "letters", "letters.person_id": "letters", "digests_due.person_id": "letters", "bounces.person_id": "letters", "devices.person_id": "letters", "inbound.person_id": "letters",
	"collection_suggestions.person_id": "curation",
	"newsletter_subscribers.person_id": "newsletter", "newsletter_letters.tester_id": "newsletter",
	"mailboxes.person_id": "letters", "mailboxes.added_by": "letters",
}

// Every column that names a person is spoken for: whoever adds a table says what
// becomes of it when its person is erased.
func TestEveryColumnThatNamesAPersonIsSpokenFor(t *testing.T) {
	t.Parallel()
	_, db := forumtest.Open(t)
	rows, err := db.Query(t.Context(), `
		select c.conrelid::regclass::text || '.' || a.attname
		from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
		where c.contype = 'f' and c.confrelid = 'people'::regclass
		union values ('notices.person_id'), ('letters.person_id'), ('digests_due.person_id') -- which people_take_along looks after
		order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(columns) < 10 {
		t.Fatalf("%d columns (%v)", len(columns), err)
	}
	for _, column := range columns {
		if (stays[column] == "") == (goes[column] == "") {
			t.Errorf("%s: does it go with its person, or stay as a number?", column)
		}
	}
	for column := range goes {
		if !slices.Contains(columns, column) {
			t.Errorf("%s names nobody", column)
		}
	}
}

// After an erasure the tables of this test hold nothing of the person that goes, the
// parts given to it were done with it, and a failure of any undoes all.
func TestErasureIsOneDeed(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	house := care.New(store)
	ada := forumtest.Granted(t, store, forumtest.Person(t, store, "Ada", "Northmoor"), forum.Curator)
	ben := forumtest.Person(t, store, "Ben", "Southmoor")
	thread := forumtest.Thread(t, store, ben, "Who has moved bins online?")
	forumtest.Reply(t, store, ada, thread, "We did.")
	forumtest.Thread(t, store, ada, "Nobody answers")
	if err := house.Report(t.Context(), ada, thread, 0, "It sells"); err != nil {
		t.Fatal(err)
	}
	if err := store.AddIdentity(t.Context(), ada, forum.Identity{Issuer: "test", Subject: "two"}); err != nil {
		t.Fatal(err)
	}
	erase := func(part forum.Part) error {
		return house.Erase(t.Context(), ada, care.EraseDraft{Name: " ada "}, part)
	}
	if err := erase(func(context.Context, *forum.Deed) error { return context.Canceled }); err == nil {
		t.Error("it goes on where a part fails")
	}
	if again := forumtest.Again(t, store, ada); again.Name != "Ada" || !again.Is(forum.Curator) {
		t.Errorf("a failed erasure left %+v", again)
	}
	called := 0
	if err := erase(func(context.Context, *forum.Deed) error { called++; return nil }); err != nil || called != 1 {
		t.Fatalf("%v; the part was done %d times", err, called)
	}
	for column, by := range goes {
		table, name, _ := strings.Cut(column, ".")
		var n int
		if err := db.QueryRow(t.Context(), `select count(*) from `+table+` where `+name+` = $1`, ada.ID).Scan(&n); err != nil || n > 0 && by == "forum" {
			t.Errorf("%s: %d rows are left (%v)", table, n, err)
		}
	}
	var deeds string
	var erasures, roles int
	err := db.QueryRow(t.Context(), `
		select (select string_agg(deed, ' ' order by id) from entries where person_id = $1), (select count(*) from erasures),
			(select count(*) from roles where person_id = $1 and ended_at is null)`, ada.ID).Scan(&deeds, &erasures, &roles)
	if err != nil || deeds != "granted added_identity revoked erased" || erasures != 2 || roles != 0 {
		t.Errorf("on record are %q, kept outside %d identities, %d roles go on (%v)", deeds, erasures, roles, err)
	}
	if err := house.Erase(t.Context(), ada, care.EraseDraft{Name: "Ada"}); err == nil {
		t.Error("somebody is erased twice")
	}
	page, err := store.ThreadPage(t.Context(), forum.Person{}, thread, 1, 0)
	if err != nil || len(page.Posts) != 2 || page.Posts[1].AuthorName != "" || page.Posts[1].JobTitle != "" || page.Posts[1].CouncilSlug != "northmoor" {
		t.Errorf("what others built on is %+v (%v)", page.Posts, err)
	}
}
