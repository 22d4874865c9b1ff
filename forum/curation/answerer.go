package curation

import (
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Answerer is a colleague who could answer a question, and by what one can tell.
type Answerer struct {
	ID          int64
	Name        string
	Handle      string
	JobTitle    string
	CouncilID   int64
	CouncilName string
	CouncilSlug string
	Solved      int // their council has said that it solved this
	Answered    int // questions in its topics, by an answer that was accepted
	Useful      int // posts there that others found useful
	Projects    int // there, that they look after
	Lessons     int // there, that they wrote
	Products    int // that the question names, and their council has
	LastAsked   *time.Time
	Score       int
}

// strongest are the grounds on which somebody is named, the strongest first.
var strongest = []string{"solved", "answered", "lesson", "project", "useful", "product"}

// Why is the strongest of theirs; "chosen" where there is none.
func (a Answerer) Why() string {
	for i, n := range []int{a.Solved, a.Answered, a.Lessons, a.Projects, a.Useful, a.Products} {
		if n > 0 {
			return strongest[i]
		}
	}
	return "chosen"
}

// grounds are what people have done that tells that they could answer question @id, each
// thing once. Of each of its topics the threads with the latest posts are looked at.
const grounds = `
	select u.person_id, 'solved' as why, u.thread_id as thing from us_too u where u.thread_id = @id and u.state in ('solved', 'pilot')
	union
	select p.author_id, 'answered', h.id from (` + nearby + `) h join posts p on p.id = h.answer_id
	where p.hidden_at is null and p.deleted_at is null and p.held_at is null
	union
	select p.author_id, 'useful', p.id from (` + nearby + `) h join posts p on p.thread_id = h.id
	where p.useful > 0 and p.number > 1 and p.hidden_at is null and p.deleted_at is null
	union
	select coalesce(j.contact_id, h.author_id), 'project', h.id from (` + nearby + `) h join projects j on j.thread_id = h.id
	union
	select h.author_id, 'lesson', h.id from (` + nearby + `) h where h.kind = 'lesson'
	union
	select u.person_id, 'product', o.id from threads g join products o on o.merged_into is null and length(o.name) > 3 and position(lower(o.name) in lower(g.title)) > 0
		join product_uses u on u.product_id = o.id
	where g.id = @id
	union
	select coalesce(j.contact_id, h.author_id), 'product', o.id
	from threads g join products o on o.merged_into is null and length(o.name) > 3 and position(lower(o.name) in lower(g.title)) > 0
		join project_products k on k.product_id = o.id join projects j on j.thread_id = k.thread_id
		join threads h on h.id = j.thread_id and h.held_at is null and h.hidden_at is null and h.deleted_at is null
	where g.id = @id`

// nearby are the threads in the topics of @id.
const nearby = `
	select n.id, n.kind, n.author_id, n.answer_id from thread_topics m
	cross join lateral (
		select k.thread_id from thread_topics k where k.topic_id = m.topic_id and k.listed is not null and k.thread_id <> @id
		order by k.last_post_at desc, k.thread_id desc limit 200
	) k
	join threads n on n.id = k.thread_id
	where m.thread_id = @id`

// askable is true of the people p who can be asked now to answer the question t: of
// another council than its own and those that have been asked, who wants to be, and has
// not been asked anything for a week.
const askable = `p.standing = 'colleague' and p.joined_at is not null and p.erased_at is null and (p.suspended_at <= @now and p.suspended_until > @now) is not true
	and p.council_id is not null and p.council_id is distinct from t.council_id and p.id <> t.author_id
	and not exists (select from asks a where a.thread_id = t.id and (a.council_id = p.council_id or a.person_id = p.id))
	and not exists (select from asks a where a.person_id = p.id and a.asked_at > @week)
	and not exists (select from letter_settings s where s.person_id = p.id and (s.no_asks or s.pause_until > @now))`

// Of those who could answer so many are named at most.
const answerersMost = 10

// answerersQuery is bestOf without more to ask for.
var answerersQuery = bestOf(`true`)

// offerQuery is bestOf those who have answered others like it, and were not offered one
// lately.
var offerQuery = bestOf(`x.answered + x.solved > 0 and not exists (select from offers r where r.person_id = p.id and (r.offered_at > @week or r.thread_id = t.id))`)

// bestOf reads who could answer question @id: of each council who is best placed
// to, and of two as well placed who was asked less recently.
func bestOf(condition string) string {
	return `
	select f.id, f.name, f.handle, f.job_title, f.council_id, c.shown_name as council_name, c.slug as council_slug, f.solved, f.answered, f.useful, f.projects, f.lessons, f.products, f.last_asked, f.score
	from (
		select e.*, row_number() over (partition by e.council_id order by e.score desc, e.last_asked nulls first, e.id) as nth
		from (
			select p.id, p.name, coalesce(p.handle, '') as handle, p.job_title, p.council_id, x.solved, x.answered, x.useful, x.projects, x.lessons, x.products,
				(select max(a.asked_at) from asks a where a.person_id = p.id) as last_asked,
				5 * x.solved + 3 * least(x.answered, 3) + 2 * least(x.projects, 2) + 2 * least(x.lessons, 2) + least(x.useful, 3) + 2 * least(x.products, 1) as score
			from (
				select g.person_id, (count(*) filter (where g.why = 'solved'))::int as solved, (count(*) filter (where g.why = 'answered'))::int as answered,
					(count(*) filter (where g.why = 'useful'))::int as useful, (count(*) filter (where g.why = 'project'))::int as projects,
					(count(*) filter (where g.why = 'lesson'))::int as lessons, (count(*) filter (where g.why = 'product'))::int as products
				from (` + grounds + `) g group by g.person_id
			) x
			join people p on p.id = x.person_id
			join threads t on t.id = @id
			where ` + forum.Listed + ` and ` + askable + ` and ` + condition + `
		) e
	) f
	join councils c on c.id = f.council_id
	where f.nth = 1
	order by f.score desc, f.last_asked nulls first, f.id limit @answerers`
}

// queueAnswerers has a batch read who could answer the question @id.
func queueAnswerers(b *pgx.Batch, args pgx.NamedArgs, to *[]Answerer) {
	args["answerers"] = answerersMost
	b.Queue(answerersQuery, args).Query(forum.Into(to))
}
