package care_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
)

// all counts the lines of a list, and how many are there twice.
func all[T any](lines iter.Seq[T], name func(T) any) (n, twice int) {
	seen := map[any]bool{}
	for line := range lines {
		if n++; seen[name(line)] {
			twice++
		}
		seen[name(line)] = true
	}
	return n, twice
}

// However much is kept about somebody, each list of their copy holds all of it, once,
// and can be gone through again.
func TestTheCopyIsWhole(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	thread := forumtest.Thread(t, store, ben, "A question")
	post := forumtest.Reply(t, store, ada, thread, "Words").ID
	for _, fill := range []string{
		`insert into identities (issuer, subject, person_id, email_verified, created_at, last_used_at)
			select 'https://id.example', n::text, $1, false, now(), now() from generate_series(1, 1200) n`,
		`insert into account_changes (person_id, kind, at) select $1, 'identity_added', now() from generate_series(1, 1200) n`,
		`insert into roles (person_id, role, granted_at, ended_at) select $1, 'curator', now(), now() from generate_series(1, 1200) n`,
		`insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
			select $1, kind, n, 'site', 'chose', now() from generate_series(1, 600) n, unnest(array['topic', 'person']) kind`,
		`with s as (insert into saved_searches (person_id, words) select $1, 'words ' || n from generate_series(1, 600) n returning id)
			insert into follows (person_id, subject_kind, subject_id, cadence, reason, since) select $1, 'search', id, 'site', 'chose', now() from s`,
		`insert into stops (person_id, subject_kind, subject_id, thread_kind, cadence, at) select $1, 'topic', n + 1000, '', 'off', now() from generate_series(1, 1200) n`,
		`insert into drafts (person_id, kind, target, fields, saved_at)
			select $1, kind, n - 300, jsonb_build_object('body', jsonb_build_array(kind || n)), now() from generate_series(1, 600) n, unnest(array['report', 'reply']) kind`,
		`insert into draft_versions (person_id, kind, target, version, fields, saved_at, why, at)
			select $1, 'reply', n % 5, 1, jsonb_build_object('body', jsonb_build_array('older' || n)), now(), 'stray', now() from generate_series(1, 1200) n`,
		`insert into posts (thread_id, number, author_id, job_title, lang, body, html, html_version, excerpt, posted_at)
			select ` + fmt.Sprint(thread) + `, 10 + n, $1, '', 'en', 'Many', '<p>Many</p>', 1, '', now() from generate_series(1, 1200) n`,
		`insert into revisions (post_id, version, editor_id, at, body) select ` + fmt.Sprint(post) + `, n, $1, now(), repeat('Before ', 1000) from generate_series(1, 3000) n`,
		`insert into reports (thread_id, post_id, reporter_id, reason, at) select thread_id, id, $1, 'Look', now() from posts where number > 10`,
		`insert into useful (post_id, person_id, at) select id, $1, now() from posts`,
		`insert into worked (post_id, council_id, person_id, at) select p.id, c.id, $1, now() from posts p, (select id from councils order by id limit 2) c where p.number between 11 and 610`,
		`insert into outcomes (post_id, accepted_at, person_id, answer, at) select id, now() + n * interval '1 second', $1, 'partly', now() from posts, generate_series(1, 2) n where number between 11 and 610`,
		`insert into threads (kind, title, slug, lang, visibility, suppliers, author_id, council_id, home_topic_id, asked_at, last_post_at, post_count)
			select t.kind, t.title, t.slug, t.lang, t.visibility, t.suppliers, t.author_id, t.council_id, t.home_topic_id, t.asked_at, t.last_post_at, 1 from threads t, generate_series(1, 1200) n where t.id = ` + fmt.Sprint(thread) + ` and $1 > 0`,
		`insert into us_too (thread_id, council_id, state, person_id, at) select id, (select min(id) from councils), 'have', $1, now() from threads`,
		`insert into newsletter_subscribers (person_id, asked_at, asks_since) values ($1, now(), now())`,
		`insert into saves (person_id, thread_id, saved_at) select $1, id, now() from threads`,
		`insert into reads (person_id, thread_id, number, at) select $1, id, 1, now() from threads on conflict do nothing`,
		`with e as (insert into events (kind, at) select 'post_added', now() from generate_series(1, 1200) where $1 > 0 returning id)
			insert into notices (person_id, event_id, reason, at) select $1, id, 'asked', now() from e`,
		`insert into inbound (hash, person_id, why, words, at) select sha256(n::text::bytea), $1, 'closed', 'Words ' || n, now() from generate_series(1, 1200) n`,
		`with o as (insert into products (slug, name) select 'p' || n, 'P' || n from generate_series(1, 600) n where $1 > 0 returning id)
			insert into product_uses (product_id, council_id, person_id, confirmed_at) select o.id, c.id, $1, now() from o, (select id from councils order by id limit 2) c`,
		`with s as (insert into suppliers (slug, name) select 's' || n, 'S' || n from generate_series(1, 600) n where $1 > 0 returning id)
			insert into supplier_claims (supplier_id, person_id, asked_at) select id, $1, now() from s`,
		`with p as (insert into people (name, created_at) select 'mailbox ' || n, now() from generate_series(1, 600) n where $1 > 0 returning id, name)
			insert into mailboxes (person_id, council_id, added_by, address, topic_ids, cadence, added_at) select p.id, (select min(id) from councils), $1, p.name, array[1], 'daily', now() from p`,
		`insert into entries (at, doer_id, person_id, deed) select now(), who, $1, 'suspended' from generate_series(1, 1200), unnest(array[null, $1::bigint]) who`,
		`insert into entries (at, doer_id, deed) select now(), $1, 'closed' from generate_series(1, 1200)`,
	} {
		forumtest.Fill(t, db, fill, ada.ID)
	}
	look := care.New(store)
	who, err := look.ExportPerson(t.Context(), ada.ID)
	if err != nil || who.Name != "Ada" {
		t.Fatalf("got %v, %v", who, err)
	}
	e := look.Export(t.Context(), who)
	for range 2 {
		counts := map[string][2]int{}
		note := func(name string, n, twice int) { counts[name] = [2]int{n, twice} }
		count := func(name string, want int) {
			t.Helper()
			if got := counts[name]; got != [2]int{want, 0} {
				t.Errorf("of %s there are %d, %d of them twice; want %d once", name, got[0], got[1], want)
			}
		}
		n, twice := all(e.Identities, func(i care.ExportIdentity) any { return i.Subject })
		note("identities", n, twice)
		n, _ = all(e.Changes, func(c care.ExportChange) any { return c })
		note("changes", n, 0)
		n, _ = all(e.Roles, func(r care.ExportRole) any { return r })
		note("roles", n, 0)
		n, twice = all(e.Follows, func(f care.ExportFollow) any { return fmt.Sprint(f.SubjectKind, f.SubjectID) })
		note("follows", n, twice)
		n, twice = all(e.Inbound, func(i care.ExportInbound) any { return i.Words })
		note("mails", n, twice)
		n, twice = all(e.Drafts, func(d care.ExportDraft) any { return string(d.Fields) })
		note("drafts", n, twice)
		n, twice = all(e.Reports, func(r care.ExportReport) any { return *r.PostID })
		note("reports", n, twice)
		n, twice = all(e.Useful, func(u care.ExportUseful) any { return u.PostID })
		note("useful", n, twice)
		n, _ = all(e.Spoke, func(s care.ExportSpoke) any { return s })
		note("spoke", n, 0)
		n, twice = all(e.Saved, func(s care.ExportSaved) any { return s.ThreadID })
		note("saved", n, twice)
		n, twice = all(e.Read, func(r care.ExportRead) any { return r.ThreadID })
		note("read", n, twice)
		n, _ = all(e.Told, func(o care.ExportTold) any { return o })
		note("told", n, 0)
		n, twice = all(e.Entries, func(e care.ExportEntry) any { return e.ID })
		note("entries", n, twice)
		n, twice = all(e.Did, func(e care.ExportEntry) any { return e.ID })
		note("did", n, twice)
		n, twice = all(e.Posts, func(p care.ExportPost) any { return p.ID })
		note("posts", n, twice)
		for post := range e.Posts {
			n, twice = all(post.Before, func(r care.ExportRevision) any { return r.Version })
			note("revisions", n, twice)
			break
		}
		if err := e.Failed(); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int{"identities": 1201, "changes": 1200, "roles": 1200, "follows": 3002, "mails": 1200, "drafts": 2400, "reports": 1200, "useful": 1202,
			"spoke": 1201 + 1200 + 1200 + 1200 + 600 + 600, "saved": 1201, "read": 1201, "told": 1200, "entries": 2400, "did": 1200, "posts": 1201, "revisions": 3000} {
			count(name, want)
		}
	}
}

// When a list cannot be read to its end, that is told, and no further
// list is begun.
func TestACopyThatFailsSaysSo(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	for n := range 3 {
		if err := store.KeepDraft(t.Context(), ada, forum.DraftReply, int64(n), map[string][]string{"body": {"Words"}}); err != nil {
			t.Fatal(err)
		}
	}
	look := care.New(store)
	who, err := look.ExportPerson(t.Context(), ada.ID)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e := look.Export(ctx, who)
	for range e.Drafts {
		cancel()
	}
	if e.Failed() == nil || len(slices.Collect(e.Reports)) != 0 {
		t.Errorf("got %v", e.Failed())
	}
	if _, err := look.ExportPerson(t.Context(), 9999); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("of nobody: got %v, want ErrNotFound", err)
	}
}
