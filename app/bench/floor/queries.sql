-- name: session
select user_id, csrf from sessions where token_hash = $1 and expires_at > now()

-- name: thread
select t.title, t.topic_id, t.post_count, p.seq, p.created_at, p.body_html, u.id, u.name
from threads t
join posts p on p.thread_id = t.id and p.seq > $2 and p.seq <= $2 + 20
join users u on u.id = p.author_id
where t.id = $1
order by p.seq

-- name: listing
select t.id, t.title, t.post_count, t.last_post_at, u.name
from threads t
join users u on u.id = t.author_id
where t.topic_id = $1
order by t.last_post_at desc, t.id desc
limit 30

-- name: bump
update threads set post_count = post_count + 1, last_post_at = now() where id = $1

-- name: reply
insert into posts (thread_id, seq, author_id, body_md, body_html)
select id, post_count, $2, $3, $4 from threads where id = $1
returning seq

-- name: job
insert into jobs (kind, ref) values ('fanout', $1)
