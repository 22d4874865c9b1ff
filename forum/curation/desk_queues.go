package curation

import "moothall/forum"

// Sort is what a queue of the desk is of, by a name that never changes.
type Sort string

// The queues, in the order in which they stand on the desk.
const (
	Newcomers Sort = "newcomer"
	Held      Sort = "held" // what newcomers wrote
	Reports   Sort = "report"
	Questions Sort = "question" // that nobody has answered
	Busy      Sort = "busy"     // threads with far more replies than is usual
	Projects  Sort = "project"  // that nobody has confirmed, although asked twice
	Lessons   Sort = "lesson"   // that no curator has seen
	Alike     Sort = "alike"    // threads that ask what an older one asks
	Links     Sort = "link"     // that no longer answer
	Worthy    Sort = "highlight"
	Claims    Sort = "claim" // of people who would speak for a supplier
)

// Sorts are all of them, in that order.
var Sorts = []Sort{Newcomers, Held, Reports, Questions, Busy, Projects, Lessons, Alike, Links, Worthy, Claims}

// MayLookAfter reports whether a person may look after what is in a queue.
func (s Sort) MayLookAfter(who forum.Person) bool {
	return forum.CanTend(who) && (s != Reports || forum.CanHide(who))
}

// queueMost is how much of a queue stands on the desk at once.
const queueMost = 30

// What is read of a thread on the desk, beside its number and since when it waits there.
const ofThread = `t.id as thread_id, t.kind, t.slug, t.title, t.lang, a.id as who_id, a.name as who_name, coalesce(a.handle, '') as who_handle, coalesce(c.shown_name, '') as council_name`

// theTables are those of ofThread.
const theTables = ` join people a on a.id = t.author_id left join councils c on c.id = t.council_id`

// sources are what each queue is made of: rows with the number of a thing as id, the
// moment since which it waits, and what is told of it.
var sources = map[Sort]string{
	Newcomers: `
		select p.id, p.joined_at as since, p.name as title, p.id as who_id, p.name as who_name, coalesce(p.handle, '') as who_handle, p.job_title as excerpt, coalesce(c.shown_name, '') as council_name,
			coalesce(p.company, '') as company, coalesce(p.council_id, 0) as council_id, (` + heldBy + `) as seen,
			(select count(*)::int from posts q where q.author_id = p.id and q.held_at is not null and q.hidden_at is null and q.deleted_at is null) as many
		from people p left join councils c on c.id = p.council_id
		where p.standing = 'newcomer' and p.joined_at is not null and p.erased_at is null and p.turned_away_at is null`,
	Held: `
		select q.id, q.posted_at as since, q.excerpt, q.id as post_id, t.id as thread_id, t.kind, t.slug, t.title, t.lang, p.id as who_id, p.name as who_name, coalesce(p.handle, '') as who_handle,
			coalesce(c.shown_name, '') as council_name, coalesce(p.company, '') as company, coalesce(p.council_id, 0) as council_id, (` + heldBy + `) as seen
		from posts q join threads t on t.id = q.thread_id join people p on p.id = q.author_id left join councils c on c.id = p.council_id
		where q.held_at is not null and q.hidden_at is null and q.deleted_at is null and t.hidden_at is null and p.turned_away_at is null and p.standing = 'newcomer' and ` + forum.Visible,
	Reports: `
		select min(r.id) as id, min(r.at) as since, count(*)::int as many, coalesce(r.post_id, 0) as post_id, string_agg(r.reason, ' · ' order by r.id) as excerpt, ` + ofThread + `
		from reports r join threads t on t.id = r.thread_id
		left join posts p on p.id = r.post_id
		join people a on a.id = coalesce(p.author_id, t.author_id) left join councils c on c.id = coalesce(p.council_id, t.council_id)
		where r.decided_at is null and ` + forum.Visible + `
		group by r.thread_id, r.post_id, t.id, a.id, c.id`,
	Questions: `
		select t.id, t.asked_at as since, coalesce(c.nation, '') as nation, t.asked, t.declined, ` + ofThread + ` from threads t` + theTables + `
		where t.kind = 'question' and t.others = 0 and t.closed_at is null and t.answer_id is null and t.solved_at is null and t.asked_at <= @early and ` + forum.Listed,
	Projects: `
		select t.id, coalesce(j.asked_at, j.confirmed_at) as since, ` + ofThread + `
		from register r join projects j on j.thread_id = r.thread_id join threads t on t.id = r.thread_id` + theTables + `
		where r.kind = 'project' and r.stale and r.listed and j.phase not in ('stopped', 'retired') and ` + forum.Listed,
	Lessons: `
		select t.id, r.begun_at as since, ` + ofThread + ` from register r join threads t on t.id = r.thread_id` + theTables + `
		where r.kind = 'lesson' and not r.stale and r.listed and r.begun_at > @season and ` + forum.Listed + `
			and not exists (select from roles r where r.role = 'curator' and ` + forum.RoleHolds + `
				and (r.person_id = t.author_id or exists (select from reads x where x.person_id = r.person_id and x.thread_id = t.id)))`,
	Busy: `
		select t.id, @day::timestamptz as since, d.n as many, u.usual, ` + ofThread + `
		from (select t.* from threads t where t.last_post_at >= @day and t.replies >= ` + busyLeast + ` and ` + forum.Listed + ` order by t.last_post_at desc, t.id desc limit 300) t
		cross join lateral (` + repliesOf + `) d
		cross join lateral (` + usualOf + `) u` + theTables + `
		where d.n >= ` + busyLeast + ` and d.n >= 3 * u.usual`,
	Alike: `
		select t.id, t.asked_at as since, o.id as other_id, o.kind as other_kind, o.slug as other_slug, o.title as other_title, o.lang as other_lang, ` + ofThread + `
		from (
			select t.* from threads t left join desk_items i on i.sort = 'alike' and i.subject_id = t.id
			where t.last_post_at > @fortnight and t.asked_at > @fortnight and t.kind in ('question', 'discussion') and ` + forum.Listed + `
				and (@id::bigint = 0 and i.done_at is null or t.id = @id)
			order by t.last_post_at desc, t.id desc limit 20
		) t
		join title_words w on w.thread_id = t.id
		cross join lateral (` + likestOf + `) o` + theTables,
	Claims: `
		select w.id, w.asked_at as since, s.name as title, s.slug, w.note as excerpt, p.id as who_id, p.name as who_name, coalesce(p.handle, '') as who_handle, coalesce(p.company, '') as company
		from supplier_claims w join suppliers x on x.id = w.supplier_id join suppliers s on s.id = coalesce(x.merged_into, x.id) join people p on p.id = w.person_id
		where w.state = 'asked' and ` + forum.SupplierShows,
	Links: `
		select k.id, k.failed_at as since, k.url as excerpt, k.said, ` + ofThread + ` from links k join threads t on t.id = k.thread_id` + theTables + `
		where k.failures >= ` + failsLeast + ` and ` + forum.Listed,
	Worthy: `
		select t.id, t.asked_at as since, g.useful, t.us_too, coalesce(r.reuses, 0) as reuses, ` + ofThread + `
		from (
			select t.* from threads t where t.visibility = 'public' and t.last_post_at > @season and ` + forum.Listed + ` order by t.last_post_at desc, t.id desc limit 500
		) t
		left join register r on r.thread_id = t.id
		cross join lateral (select coalesce(sum(p.useful), 0)::int as useful from posts p where p.thread_id = t.id and p.useful > 0 and p.hidden_at is null and p.deleted_at is null and p.held_at is null) g` + theTables + `
		where g.useful + 3 * coalesce(r.reuses, 0) + 2 * t.us_too >= ` + worthyLeast + `
			and not exists (select from highlights h where h.thread_id = t.id)`,
}

// failsLeast is how often in a row a link does not answer before it is on the desk.
const failsLeast = `3`

// heldBy tells what of person p is held, as LetIn wants to know it.
const heldBy = `select count(*) || '.' || coalesce(sum(x.version), 0) || '.' || coalesce(max(x.id), 0) from posts x
	where x.author_id = p.id and x.held_at is not null and x.hidden_at is null and x.deleted_at is null`

// Bounds: fewer replies in a day are never many, and with less in its favour nothing is
// proposed for a highlight.
const busyLeast, worthyLeast = `6`, `5`

// repliesOf counts what was replied in thread t today.
const repliesOf = `select count(*)::int as n from (
	select p.posted_at from posts p where p.thread_id = t.id and p.number > 1 and p.hidden_at is null and p.deleted_at is null order by p.number desc limit 300
	) x where x.posted_at >= @day`

// usualOf is how many replies a thread of the topic of t gets on a day on which it gets
// any, of the last four weeks.
const usualOf = `select coalesce(avg(x.n), 0)::float8 as usual from (
	select count(*) as n from (
		select k.thread_id from thread_topics k
		where k.topic_id = t.home_topic_id and k.listed is not null and k.last_post_at > @month and k.thread_id <> t.id
		order by k.last_post_at desc, k.thread_id desc limit 100
	) h
	cross join lateral (select p.posted_at from posts p where p.thread_id = h.thread_id and p.number > 1 order by p.number desc limit 100) y
	where y.posted_at > @month
	group by h.thread_id, date_trunc('day', y.posted_at, 'Europe/London')) x`

// askedAgain is the title of a thread that stands among the others; a desk looks less far
// than somebody who asks, for each of its threads.
var askedAgain = forum.LikeTitle{Title: `w.title`, Words: `w.words`, Own: `1`, Common: `1000`, Most: `100`}

// likestOf is the older thread that everybody who sees t may see too, whose title is the
// likest to that of t, which w is: by its letters, or by three words and more that both have,
// which are half of the shorter title. (offset 0 keeps Postgres from reading all threads.)
var likestOf = `select e.id, e.kind, e.slug, e.title, e.lang
	from ` + askedAgain.Titles() + ` v
	cross join lateral (select x.* from threads x where x.id = v.thread_id offset 0) e
	where (v.letters >= ` + lettersLeast + ` or v.common > 2 and 2 * v.common >= v.fewer)
		and e.id < t.id and e.asked_at < t.asked_at and e.deleted_at is null and e.held_at is null and e.hidden_at is null and (e.visibility = 'public' or t.visibility = 'councils')
	order by 0.65 * v.shared + 0.35 * v.letters desc, e.id desc limit 1`

// lettersLeast is how much alike the letters of two titles must be to seem the same.
const lettersLeast = `0.55`

// alikeQuery has the database look for such titles alone, for the rest of a batch.
const alikeQuery = `select set_config('pg_trgm.similarity_threshold', '` + lettersLeast + `', true)`

// deskColumns are what curators said of what stands in a queue; see deskTables.
const deskColumns = `, coalesce(k.id, 0) as taker_id, coalesce(k.name, '') as taker_name, case when k.id is not null then i.taken_at end as taken_at, coalesce(z.name, '') as done_by,
	i.until_on, i.done_at, (select count(*)::int from desk_notes n where n.sort = i.sort and n.subject_id = i.subject_id) as notes`

// deskTables are the tables of deskColumns, beside q that they are of. What was taken
// before it came upon the desk anew is taken no more, nor what somebody took who is a
// curator no longer.
func deskTables(sort Sort) string {
	return ` left join desk_items i on i.sort = '` + string(sort) + `' and i.subject_id = q.id
		left join people k on k.id = i.taker_id and i.taken_at >= q.since and ` + curates("k.id") + `
		left join people z on z.id = i.done_by and z.erased_at is null`
}

// curates is true of a person who is a curator now.
func curates(person string) string {
	return `exists (select from roles r where r.person_id = ` + person + ` and r.role = 'curator' and ` + forum.RoleHolds + `)`
}

// waitsOf is true of an item i that is on the desk today, since a moment.
func waitsOf(since string) string {
	return `(i.done_at is null or i.done_at < ` + since + `) and (i.until_on is null or i.until_on <= ` + today + `)`
}

// queueQuery reads what waits in a queue, the longest first.
func queueQuery(sort Sort) string {
	order := `q.since, q.id`
	switch sort {
	case Busy:
		order = `q.many desc, q.id`
	case Worthy:
		order = `q.useful + 3 * q.reuses + 2 * q.us_too desc, q.id desc`
	}
	return `select '` + string(sort) + `' as sort, q.*` + deskColumns + ` from (` + sources[sort] + `) q` + deskTables(sort) + ` where ` + waitsOf("q.since") + ` order by ` + order + ` limit @most`
}

// itemQuery reads one thing of a queue, whether it waits or not.
func itemQuery(sort Sort) string {
	return `select '` + string(sort) + `' as sort, q.*` + deskColumns + ` from (` + sources[sort] + `) q` + deskTables(sort) + ` where q.id = @id`
}
