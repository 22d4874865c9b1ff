alter table posts add primary key (thread_id, seq);
create unique index posts_id on posts (id);
create index posts_tsv on posts using gin (tsv);
create index threads_topic_last on threads (topic_id, last_post_at desc, id desc);
select setval(pg_get_serial_sequence('posts', 'id'), (select max(id) from posts));
insert into sessions
select sha256(convert_to('floor-session-' || id, 'UTF8')), id, 'csrf-' || id, now() + interval '30 days' from users;
