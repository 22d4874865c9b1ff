package care

import (
	"context"
	"iter"
	"maps"
	"math"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// What is read at once of a list in a copy: so many lines, and no more of them once
// there are so many bytes. How long a draft is, is known only once it is unpacked.
const exportLines, exportDrafts, exportBytes = 500, 8, 1 << 20

// ExportPerson reads who somebody is; ErrNotFound if nobody is.
func (s *Store) ExportPerson(ctx context.Context, id int64) (p ExportPerson, err error) {
	var b pgx.Batch
	b.Queue(`
		select p.id, p.name, p.job_title, coalesce(p.handle, '') as handle, p.standing, coalesce(c.shown_name, '') as council, coalesce(p.company, '') as company,
			p.lang as language, coalesce(p.proven_email, '') as proven_email, coalesce(p.rules_version, 0) as rules, p.created_at, p.joined_at,
			coalesce(f.askable, false) as askable, coalesce(f.about, '') as about, f.person_id is null or f.show_threads as shows_threads,
			coalesce(f.show_answers, false) as shows_answers, coalesce(f.show_projects, false) as shows_projects,
			array(select o.slug from person_skills k join topics o on o.id = k.topic_id where k.person_id = p.id order by o.slug) as skills
		from people p left join councils c on c.id = p.council_id left join person_offers f on f.person_id = p.id where p.id = $1`, id).Query(forum.IntoOne(&p))
	return p, s.Send(ctx, &b)
}

// Export is the copy of what is kept about a person, to be gone through. Of others it
// holds nothing: who did a deed, reported or answered is not in it.
func (s *Store) Export(ctx context.Context, p ExportPerson) Export {
	l := lister{ctx: ctx, store: s, who: p.ID, lines: exportLines, failed: new(error)}
	few := l
	few.lines = exportDrafts
	return Export{
		Person:     p,
		Identities: list[ExportIdentity](l, identitiesQuery),
		Changes:    list[ExportChange](l, changesQuery),
		Roles:      list[ExportRole](l, rolesQuery),
		Follows:    chain(list[ExportFollow](l, followsQuery), list[ExportFollow](l, subscriberQuery), list[ExportFollow](l, stopsQuery)),
		Mail:       list[ExportMail](l, mailQuery),
		Letters:    chain(list[ExportLetter](l, lettersQuery), list[ExportLetter](l, newsLettersQuery)),
		Inbound:    list[ExportInbound](l, inboundQuery),
		Drafts:     chain(list[ExportDraft](few, keptDraftsQuery), list[ExportDraft](few, olderDraftsQuery)),
		Reports:    list[ExportReport](l, reportsQuery),
		Useful:     list[ExportUseful](l, usefulQuery),
		Spoke: chain(list[ExportSpoke](l, usTooQuery), list[ExportSpoke](l, workedQuery), list[ExportSpoke](l, outcomesQuery),
			list[ExportSpoke](l, usesQuery), list[ExportSpoke](l, mailboxesQuery), list[ExportSpoke](l, asksQuery), list[ExportSpoke](l, offersQuery), list[ExportSpoke](l, claimsQuery)),
		Facts: chain(list[ExportFact](l, factsQuery), list[ExportFact](l, phasesQuery), list[ExportFact](l, reusesQuery),
			list[ExportFact](l, lessonsQuery), list[ExportFact](l, lessonChangesQuery), list[ExportFact](l, helpedQuery), list[ExportFact](l, highlightsQuery),
			list[ExportFact](l, summariesQuery), list[ExportFact](l, deskNotesQuery), list[ExportFact](l, deskDaysQuery), list[ExportFact](l, deskItemsQuery),
			list[ExportFact](l, collectionsQuery), list[ExportFact](l, collectedQuery), list[ExportFact](l, suggestionsQuery), list[ExportFact](l, correctionsQuery), list[ExportFact](l, newslettersQuery)),
		Saved:   list[ExportSaved](l, savedQuery),
		Read:    list[ExportRead](l, readQuery),
		Told:    list[ExportTold](l, toldQuery),
		Entries: list[ExportEntry](l, entriesQuery),
		Did:     list[ExportEntry](l, didQuery),
		Posts:   l.posts(),
		failed:  l.failed,
	}
}

// lister reads the lists of one copy.
type lister struct {
	ctx    context.Context // of the whole copy: the lists are read while it is written
	store  *Store
	who    int64
	post   int64 // of which revisions are read
	lines  int   // at once
	failed *error
}

// list goes through all lines of a query, whose columns place_id and place_word tell
// them apart and are their order. Not even one more line is read once one has failed.
func list[T interface{ here() place }](l lister, query string) iter.Seq[T] {
	query = `
		select l.* from (
			select i.*, (sum(i.bytes) over (order by i.place_id, i.place_word) - i.bytes)::bigint as begun
			from (` + query + ` order by place_id, place_word limit @lines) i
		) l where l.begun < @most order by l.place_id, l.place_word`
	args := pgx.NamedArgs{"who": l.who, "post": l.post, "lines": l.lines, "most": exportBytes}
	return func(yield func(T) bool) {
		last := place{PlaceID: math.MinInt64}
		for *l.failed == nil {
			here, lines := maps.Clone(args), []T(nil)
			here["id"], here["word"] = last.PlaceID, last.PlaceWord
			var b pgx.Batch
			b.Queue(query, here).Query(forum.Into(&lines))
			if err := l.store.Send(l.ctx, &b); err != nil {
				*l.failed = err
			}
			for _, line := range lines {
				if !yield(line) {
					return
				}
				last = line.here()
			}
			if len(lines) == 0 {
				return
			}
		}
	}
}

// chain goes through one list after another.
func chain[T any](lists ...iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, list := range lists {
			for line := range list {
				if !yield(line) {
					return
				}
			}
		}
	}
}

// exportPost is a post, and whether it said something else before.
type exportPost struct {
	ExportPost
	Revised bool
}

// posts are a person's posts in the order in which they wrote them.
func (l lister) posts() iter.Seq[ExportPost] {
	return func(yield func(ExportPost) bool) {
		for row := range list[exportPost](l, postsQuery) {
			post := row.ExportPost
			post.Before = func(func(ExportRevision) bool) {}
			if row.Revised {
				l.post = post.ID
				post.Before = list[ExportRevision](l, revisionsQuery)
			}
			if !yield(post) {
				return
			}
		}
	}
}

// The lines of each list of @who after the one at @id and @word, with about how many
// bytes each has.
const (
	identitiesQuery = `
		select issuer, subject, email, email_verified, created_at, last_used_at,
			0::bigint as place_id, issuer || E'\n' || subject as place_word, octet_length(issuer) + octet_length(subject) + octet_length(email) as bytes
		from identities where person_id = @who and issuer || E'\n' || subject > @word`
	changesQuery = `
		select kind, at, issuer, address, id as place_id, '' as place_word, octet_length(issuer) + octet_length(address) as bytes
		from account_changes where person_id = @who and id > @id`
	rolesQuery = `
		select r.role, coalesce(c.shown_name, '') as council, r.granted_at, r.until, r.ended_at, r.id as place_id, '' as place_word, 100 as bytes
		from roles r left join councils c on c.id = r.council_id where r.person_id = @who and r.id > @id`
	followsQuery = `
		select subject_kind, subject_id, thread_kind, cadence, reason, since, coalesce(s.words, '') as searched,
			coalesce(concat_ws(', ', nullif(s.kind, ''), (select slug from topics where id = s.topic_id), (select slug from councils where id = s.council_id),
				nullif(s.nation, ''), nullif(s.state, ''), nullif(s.phase, ''), nullif(s.verdict, ''), s.year, 'person ' || s.author_id), '') as narrowed,
			subject_id as place_id, subject_kind || ' ' || thread_kind as place_word, 100 + 4 * coalesce(length(s.words), 0) as bytes
		from follows left join saved_searches s on subject_kind = 'search' and s.id = subject_id
		where follows.person_id = @who and (subject_id, subject_kind || ' ' || thread_kind) > (@id, @word)`
	subscriberQuery = `
		select 'newsletter' as subject_kind, 0::bigint as subject_id, '' as thread_kind, case when s.confirmed_at is not null and s.left_at is null then 'instant' else 'off' end as cadence,
			case when s.person_id is null then 'confirmed' else 'chose' end as reason, coalesce(s.left_at, s.confirmed_at, s.asked_at) as since, coalesce(s.address, '') as searched, '' as narrowed,
			s.id as place_id, '' as place_word, 300 as bytes
		from newsletter_subscribers s where (s.person_id = @who or s.address = (select lower(proven_email) from people where id = @who)) and s.id > @id`
	stopsQuery = `
		select case subject_kind when '' then 'all mail' else subject_kind end as subject_kind, subject_id, thread_kind, cadence, 'heard less since' as reason, at as since, '' as searched, '' as narrowed,
			id as place_id, '' as place_word, 100 as bytes
		from stops where person_id = @who and id > @id`
	newsLettersQuery = `
		select 'newsletter' as kind, l.state, l.why, l.address, l.created_at, l.done_at, l.tries, l.error, l.id as place_id, '' as place_word, 300 + octet_length(l.error) as bytes
		from newsletter_letters l left join newsletter_subscribers s on s.id = l.subscriber_id
		where (l.tester_id = @who or s.person_id = @who or s.address = (select lower(proven_email) from people where id = @who)) and l.id > @id`
	newslettersQuery = `
		select 0::bigint as thread_id, 'newsletter' as field, subject as said, made_at as at, id as place_id, '' as place_word, 100 + octet_length(subject) as bytes
		from newsletters where curator_id = @who and id > @id`
	keptDraftsQuery = `
		select kind, target, fields, saved_at, target as place_id, kind as place_word, octet_length(fields::text) as bytes
		from drafts where person_id = @who and (target, kind) > (@id, @word)`
	olderDraftsQuery = `
		select kind, target, fields, saved_at, id as place_id, '' as place_word, octet_length(fields::text) as bytes
		from draft_versions where person_id = @who and id > @id`
	mailQuery = `
		select coalesce(s.digest_day, 1)::int as digest_day, coalesce(s.digest_hour, 7)::int as digest_hour, coalesce(s.weekdays, false) as weekdays, s.pause_until, s.stopped_at,
			coalesce(s.auto_follow, true) as auto_follow, coalesce(s.links_only, false) as links_only, coalesce(s.no_asks, false) as no_asks, d.due_at as next_at, b.suppressed_at, coalesce(b.said, '') as said,
			p.id as place_id, '' as place_word, 300 as bytes
		from people p left join letter_settings s on s.person_id = p.id left join digests_due d on d.person_id = p.id left join bounces b on b.person_id = p.id
		where p.id = @who and p.id > @id and (s.person_id is not null or d.person_id is not null or b.person_id is not null)`
	lettersQuery = `
		select kind, state, why, address, created_at, done_at, tries, error, id as place_id, '' as place_word, 300 + octet_length(error) as bytes
		from letters where person_id = @who and id > @id`
	inboundQuery = `
		select thread_id, post_id, why, words, auth, at, id as place_id, '' as place_word, 300 + octet_length(words) as bytes
		from inbound where person_id = @who and id > @id`
	reportsQuery = `
		select thread_id, post_id, reason, at, decided_at, decision, id as place_id, '' as place_word, octet_length(reason) as bytes
		from reports where reporter_id = @who and id > @id`
	usefulQuery = `
		select post_id, at, post_id as place_id, '' as place_word, 100 as bytes
		from useful where person_id = @who and post_id > @id`
	usTooQuery = `
		select 'us-too' as what, thread_id, state, '' as note, at, thread_id as place_id, council_id::text as place_word, 100 as bytes
		from us_too where person_id = @who and (thread_id, council_id::text) > (@id, @word)`
	workedQuery = `
		select 'worked' as what, p.thread_id, 'worked' as state, '' as note, w.at, w.post_id as place_id, w.council_id::text as place_word, 100 as bytes
		from worked w join posts p on p.id = w.post_id where w.person_id = @who and (w.post_id, w.council_id::text) > (@id, @word)`
	outcomesQuery = `
		select 'outcome' as what, p.thread_id, o.answer as state, o.note, o.at, o.post_id as place_id,
			extract(epoch from o.accepted_at)::text as place_word, octet_length(o.note) as bytes
		from outcomes o join posts p on p.id = o.post_id
		where o.person_id = @who and (o.post_id, extract(epoch from o.accepted_at)::text) > (@id, @word)`
	usesQuery = `
		select 'uses' as what, 0::bigint as thread_id, o.name as state, coalesce(u.end_month::text, '') as note, u.confirmed_at as at,
			u.product_id as place_id, u.council_id::text as place_word, 100 + octet_length(o.name) as bytes
		from product_uses u join products o on o.id = u.product_id where u.person_id = @who and (u.product_id, u.council_id::text) > (@id, @word)`
	claimsQuery = `
		select 'speaks for a supplier' as what, 0::bigint as thread_id, s.name || ': ' || q.state as state, q.note, q.asked_at as at, q.id as place_id, '' as place_word, 100 + octet_length(q.note) as bytes
		from supplier_claims q join suppliers s on s.id = q.supplier_id where q.person_id = @who and q.id > @id`
	correctionsQuery = `
		select 0::bigint as thread_id, coalesce(s.name, o.name) || ', ' || g.field as field, g.said, g.at, g.id as place_id, '' as place_word, 100 + octet_length(g.said) as bytes
		from supplier_changes g left join suppliers s on s.id = g.supplier_id left join products o on o.id = g.product_id where g.person_id = @who and g.id > @id`
	mailboxesQuery = `
		select 'mailbox' as what, 0::bigint as thread_id, cadence as state, address as note, added_at as at, person_id as place_id, '' as place_word, 300 as bytes
		from mailboxes where added_by = @who and person_id > @id`
	factsQuery = `
		select thread_id, field, said, at, thread_id as place_id, lpad(version::text, 10, '0') as place_word, octet_length(said) as bytes
		from project_changes where person_id = @who and (thread_id, lpad(version::text, 10, '0')) > (@id, @word)`
	phasesQuery = `
		select thread_id, 'phase' as field, phase || ', ' || on_date as said, at, id as place_id, '' as place_word, 100 as bytes
		from project_phases where person_id = @who and id > @id`
	reusesQuery = `
		select thread_id, 'reuse' as field, kind || ': ' || note as said, at, thread_id as place_id, council_id || ' ' || kind as place_word, octet_length(note) as bytes
		from reuses where person_id = @who and (thread_id, council_id || ' ' || kind) > (@id, @word)`
	lessonsQuery = `
		select l.thread_id, f.field, f.said, t.asked_at as at, l.thread_id as place_id, f.field as place_word, octet_length(f.said) as bytes
		from threads t join lessons l on l.thread_id = t.id
		cross join lateral (values ('wanted', l.wanted), ('did', l.did), ('happened', l.happened), ('differently', l.differently), ('advice', l.advice),
			('verdict', l.verdict), ('cost_band', l.cost_band), ('time_band', l.time_band)) as f (field, said)
		where t.author_id = @who and f.said <> '' and (l.thread_id, f.field) > (@id, @word)`
	lessonChangesQuery = `
		select thread_id, field || ', before' as field, was as said, at, thread_id as place_id, lpad(version::text, 10, '0') || ' ' || field as place_word, octet_length(was) as bytes
		from lesson_changes where person_id = @who and (thread_id, lpad(version::text, 10, '0') || ' ' || field) > (@id, @word)`
	helpedQuery = `
		select thread_id, 'helped' as field, '' as said, at, thread_id as place_id, council_id::text as place_word, 100 as bytes
		from helped where person_id = @who and (thread_id, council_id::text) > (@id, @word)`
	highlightsQuery = `
		select thread_id, 'highlight' as field, title || E'\n\n' || note as said, made_at as at, id as place_id, '' as place_word, 100 + octet_length(title) + octet_length(note) as bytes
		from highlights where curator_id = @who and id > @id`
	summariesQuery = `
		select thread_id, 'summary' as field, body as said, at, thread_id as place_id, lpad(version::text, 10, '0') as place_word, 100 + octet_length(body) as bytes
		from summaries where editor_id = @who and body <> '' and (thread_id, lpad(version::text, 10, '0')) > (@id, @word)`
	asksQuery = `
		select 'asked to answer' as what, thread_id, case when declined_at is null then 'asked' else 'declined' end as state, '' as note, asked_at as at,
			thread_id as place_id, '' as place_word, 100 as bytes
		from asks where person_id = @who and thread_id > @id`
	offersQuery = `
		select 'offered to answer' as what, thread_id, '' as state, '' as note, offered_at as at, thread_id as place_id, '' as place_word, 100 as bytes
		from offers where person_id = @who and thread_id > @id`
	deskNotesQuery = `
		select case when sort in ('newcomer', 'held', 'report') then 0 else subject_id end as thread_id, 'note to the team' as field, words as said, at, id as place_id, '' as place_word, 100 + octet_length(words) as bytes
		from desk_notes where person_id = @who and id > @id`
	deskDaysQuery = `
		select 0::bigint as thread_id, 'day at the desk' as field, on_date::text as said, on_date::timestamptz as at, (on_date - date '2000-01-01')::bigint as place_id, '' as place_word, 100 as bytes
		from desk_days where person_id = @who and (on_date - date '2000-01-01')::bigint > @id`
	deskItemsQuery = `
		select case when sort in ('newcomer', 'held', 'report') then 0 else subject_id end as thread_id, 'looks after' as field, sort as said, taken_at as at, subject_id as place_id, sort as place_word, 100 as bytes
		from desk_items where taker_id = @who and (subject_id, sort) > (@id, @word)`
	collectionsQuery = `
		select 0::bigint as thread_id, 'collection' as field, title || E'\n\n' || intro as said, made_at as at, id as place_id, '' as place_word, 100 + octet_length(title) + octet_length(intro) as bytes
		from collections where curator_id = @who and id > @id`
	collectedQuery = `
		select thread_id, 'in a collection' as field, why as said, added_at as at, id as place_id, '' as place_word, 100 + octet_length(why) as bytes
		from collection_items where added_by = @who and id > @id`
	suggestionsQuery = `
		select thread_id, 'suggested' as field, why || coalesce(E'\n\n' || nullif(reason, ''), '') as said, at, id as place_id, '' as place_word, 100 + octet_length(why) + octet_length(reason) as bytes
		from collection_suggestions where person_id = @who and id > @id`
	savedQuery = `
		select thread_id, saved_at, remind_at, thread_id as place_id, '' as place_word, 100 as bytes
		from saves where person_id = @who and thread_id > @id`
	readQuery = `
		select thread_id, number, at, thread_id as place_id, '' as place_word, 100 as bytes
		from reads where person_id = @who and thread_id > @id`
	toldQuery = `
		select thread_id, post_id, reason, at, read_at, event_id as place_id, '' as place_word, 100 as bytes
		from notices where person_id = @who and event_id > @id`
	entriesQuery = `
		select id, deed, at, reason, id as place_id, '' as place_word, octet_length(reason) as bytes
		from entries where person_id = @who and id > @id`
	didQuery = `
		select id, deed, at, reason, id as place_id, '' as place_word, octet_length(reason) as bytes
		from entries where doer_id = @who and person_id is distinct from @who and id > @id`
	postsQuery = `
		select p.id, p.thread_id, p.number, p.job_title, coalesce(c.shown_name, '') as council, coalesce(p.company, '') as company, p.lang as language,
			case when t.author_id = @who or t.visibility = 'public' and t.held_at is null and t.hidden_at is null and t.deleted_at is null then t.title else '' end as thread,
			p.body, p.posted_at, p.edited_at, p.deleted_at is not null as deleted, p.hidden_at is not null as hidden,
			exists (select from revisions r where r.post_id = p.id) as revised, p.id as place_id, '' as place_word, octet_length(p.body) as bytes
		from posts p join threads t on t.id = p.thread_id left join councils c on c.id = p.council_id
		where p.author_id = @who and p.id > @id`
	revisionsQuery = `
		select version, at, body, version::bigint as place_id, '' as place_word, octet_length(body) as bytes
		from revisions where post_id = @post and version > @id::bigint`
)
