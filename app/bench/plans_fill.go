package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// site is a filled database, and where in it there is something to look for.
type site struct {
	posts, threads int
	now            time.Time
	middle         time.Time // half of the threads are older
	big, small     string    // topics: one that many threads are under, and one that few are
	busy, quiet    string    // councils likewise
}

// heavy is somebody who follows and reads more than others, and is told of more.
const heavy = 1

// fillPlans fills a migrated database with so many posts, in threads of ten on average,
// the first of 2,000. It is done by SQL, without looking at references: a million posts
// take minutes.
func fillPlans(ctx context.Context, url string, posts int) (s site, err error) {
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
	s.now = time.Now().UTC().Truncate(time.Microsecond)
	args := pgx.NamedArgs{"posts": posts, "threads": posts / 10, "people": max(100, posts/50), "now": s.now,
		"long": min(2000, posts/4), "heavy": heavy, "rules": forum.RulesVersion}
	for i, statement := range filling {
		if _, err := db.Exec(ctx, statement, args); err != nil {
			return s, fmt.Errorf("filling, step %d: %w", i+1, err)
		}
	}
	err = db.QueryRow(ctx, `select (select count(*) from posts), (select count(*) from threads),
		(select last_post_at from threads order by last_post_at desc offset (select count(*) / 2 from threads) limit 1)`).Scan(&s.posts, &s.threads, &s.middle)
	if err != nil {
		return s, err
	}
	most := `select x.slug from %s group by x.id order by count(*) %s, x.id limit 1`
	const topics = `thread_topics tt join topics x on x.id = tt.topic_id`
	const councils = `threads t join councils x on x.id = t.council_id`
	for to, query := range map[*string]string{&s.big: fmt.Sprintf(most, topics, "desc"), &s.small: fmt.Sprintf(most, topics, ""),
		&s.busy: fmt.Sprintf(most, councils, "desc"), &s.quiet: fmt.Sprintf(most, councils, "")} {
		if err := db.QueryRow(ctx, query).Scan(to); err != nil {
			return s, err
		}
	}
	return s, nil
}

// filling are the statements that fill. What is popular is much more so than what is
// not: a few topics and councils have most threads, and threads have from one post to
// hundreds.
var filling = []string{
	`set session_replication_role = replica`,
	`set synchronous_commit = off`,
	`select setseed(0.20261126)`,
	`insert into people (handle, name, job_title, standing, council_id, lang, rules_version, rules_at, joined_at, created_at)
	select lower(f.name || '-' || l.name) || '-' || g, f.name || ' ' || l.name, 'Digital officer', case when g % 40 = 0 then 'newcomer' else 'colleague' end,
		c.ids[1 + floor(power(random(), 2) * cardinality(c.ids))::int], 'en', @rules::int, @now::timestamptz, @now::timestamptz, @now::timestamptz
	from generate_series(1, @people::int) g,
		(select array_agg(id order by id) as ids from councils where status = 'current') c,
		lateral (select (array['Ada','Ben','Carys','Dev','Esi','Fay','Gwen','Hari','Ines','Jo','Kofi','Lena','Mo','Nia','Owen','Priya'])[1 + g % 16] as name) f,
		lateral (select (array['Ash','Brook','Cole','Dale','Ember','Ford','Glen','Heath','Isle','Jenkins','Knoll','Lane','Marsh'])[1 + g % 13] as name) l`,
	`insert into threads (kind, title, slug, lang, visibility, suppliers, author_id, council_id, home_topic_id, asked_at, last_post_at,
		post_count, replies, others, closed_at, closed_why, held_at, hidden_at, deleted_at)
	select case when r.kind < 0.7 then 'question' when r.kind < 0.98 then 'discussion' else 'announcement' end,
		'How do others deal with case ' || r.id, 'how-do-others-deal-with-case-' || r.id, 'en',
		case when random() < 0.15 then 'councils' else 'public' end, true, r.author, p.council_id,
		null, r.asked, least(r.asked + r.n * random() * interval '2 days', @now::timestamptz), r.n, r.n - 1, greatest(0, r.n - 1 - floor(random() * 2)::int),
		case when random() < 0.03 then r.asked end, null,
		case when random() < 0.002 then r.asked end, case when random() < 0.003 then r.asked end, case when random() < 0.01 then r.asked end
	from (select g as id, random() as kind, 1 + floor(random() * @people::int)::int as author,
			case when g = 1 then @long::int else 1 + floor(-ln(1 - random()) * 9.5)::int end as n,
			@now::timestamptz - random() * interval '3 years' as asked
		from generate_series(1, @threads::int) g) r
	join people p on p.id = r.author`,
	`update threads set kind = 'question', visibility = 'public', closed_at = null, held_at = null, hidden_at = null, deleted_at = null where id in (1, 20)`,
	`insert into thread_topics (thread_id, topic_id, place)
	select id, topic, row_number() over (partition by id order by at) from (
		select t.id, o.ids[1 + floor(power(random(), 2.5) * cardinality(o.ids))::int] as topic, min(n) as at
		from threads t, generate_series(1, 2) n, (select array_agg(id order by md5(slug)) as ids from topics) o
		group by 1, 2) chosen`,
	`update threads t set home_topic_id = tt.topic_id from thread_topics tt where tt.thread_id = t.id and tt.place = 1`,
	`insert into posts (thread_id, number, author_id, job_title, council_id, lang, body, html, html_version, excerpt, posted_at)
	select x.id, x.n, x.author, 'Digital officer', p.council_id, 'en', w.text, '<p>' || w.text || '</p>', 1, left(w.text, 220),
		x.asked_at + (x.last_post_at - x.asked_at) * (x.n - 1) / greatest(1, x.post_count - 1)
	from (
		select t.id, t.asked_at, t.last_post_at, t.post_count, n, case when n = 1 then t.author_id else 1 + floor(random() * @people::int)::int end as author
		from threads t, generate_series(1, t.post_count) n
	) x
	join people p on p.id = x.author
	join lateral (select repeat('We tried this with our contractor, and most residents were content with what came of it. ', 1 + x.n % 4) as text) w on true`,
	`update threads t set answer_id = p.id, answered_by = t.author_id, answered_at = p.posted_at + interval '1 day', answer_version = 1
	from posts p where p.thread_id = t.id and p.number = 2 and t.kind = 'question' and t.others > 0 and t.id % 3 = 0`,
	`insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
	select author_id, 'thread', id, 'site', 'asked', asked_at from threads
	union select @heavy::int, 'thread', id, 'site', 'chose', asked_at from threads where id % 30 = 0 or id = 1`,
	`insert into reads (person_id, thread_id, number, at)
	select author_id, id, greatest(1, floor(post_count * random())::int), last_post_at from threads
	union select @heavy::int, id, case when id = 1 then 3 else greatest(1, post_count - 3) end, last_post_at from threads
		where (id = 1 or id % 20 = 0) and author_id <> @heavy::int`,
	`insert into events (kind, at, doer_id, thread_id, post_id)
	select 'post_added', posted_at, author_id, thread_id, id from posts where number > 1 and id % 4 = 0`,
	`insert into notices (person_id, event_id, thread_id, post_id, reason, at, read_at)
	select t.author_id, e.id, e.thread_id, e.post_id, 'asked', e.at, case when random() < 0.9 then e.at end
	from events e join threads t on t.id = e.thread_id where e.at > @now::timestamptz - interval '1 year'
	union
	select @heavy::int, e.id, e.thread_id, e.post_id, 'chose', e.at, case when random() < 0.95 then e.at end
	from events e where e.id % 20 = 0 and e.at > @now::timestamptz - interval '1 year'
	on conflict do nothing`,
	`insert into sessions (hash, person_id, provider, device, started_at, seen_at, fresh_at)
	select sha256(id::text::bytea), id, 'dev', 'Firefox', @now::timestamptz, @now::timestamptz, @now::timestamptz from people`,
	`set session_replication_role = origin`,
	`select count_threads()`,
	`vacuum analyze`,
}
