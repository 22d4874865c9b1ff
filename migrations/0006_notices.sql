-- +goose NO TRANSACTION
-- +goose Up
-- How far people have read, whom a post names, and what somebody is told of. Each
-- statement stands by itself and can be run again: indexes on tables that are in use
-- are built beside the writers.

-- How far a person has read a thread. Written a few seconds late, never backwards.
create table if not exists reads (
    person_id bigint not null references people on delete cascade,
    thread_id bigint not null references threads on delete cascade,
    number    int not null check (number > 0), -- the highest that was on a page they opened, or that they wrote
    at        timestamptz not null, -- when they were last there
    primary key (person_id, thread_id)
);
create index if not exists reads_of_thread on reads (thread_id);

-- Whom a post names, each once, whatever is edited later.
create table if not exists mentions (
    post_id   bigint not null references posts on delete cascade,
    person_id bigint not null references people on delete cascade,
    event_id  bigint references events on delete cascade, -- by which they are told; null while the post is held
    primary key (post_id, person_id)
);
create index if not exists mentions_by_event on mentions (event_id);
create index if not exists mentions_of_person on mentions (person_id);

-- An event for one person: told once, for the strongest of the reasons.
create table if not exists notices (
    person_id bigint not null references people on delete cascade,
    event_id  bigint not null references events on delete cascade,
    thread_id bigint references threads on delete cascade,
    post_id   bigint references posts on delete cascade,
    reason    text not null check (reason in ('mentioned', 'accepted', 'quoted', 'asked', 'replied', 'chose', 'let_in')),
    at        timestamptz not null, -- when it happened
    read_at   timestamptz,
    primary key (person_id, event_id)
);
create index if not exists notices_unread on notices (person_id, thread_id) where read_at is null;
create index if not exists notices_by_event on notices (event_id);
create index if not exists notices_by_thread on notices (thread_id);
create index if not exists notices_by_post on notices (post_id);
create index if not exists notices_by_age on notices (at);

-- The older thread that a question was asked anew from.
alter table threads add column if not exists related_id bigint references threads;
drop index concurrently if exists threads_related;
create index concurrently threads_related on threads (related_id) where related_id is not null;

-- People by any word of their handle, while somebody types it.
drop index concurrently if exists people_by_handle;
create index concurrently people_by_handle on people using gin (handle gin_trgm_ops);
