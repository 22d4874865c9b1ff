-- +goose NO TRANSACTION
-- +goose Up
-- What curators do to tidy threads: move, retitle, merge, split. Each statement
-- may run twice.

-- A thread that was merged is gone like a deleted one, for every list and for the
-- version before, and tells where its posts are.
alter table threads add column if not exists merged_into bigint;
alter table threads
    drop constraint if exists threads_merged_into_fkey,
    add constraint threads_merged_into_fkey foreign key (merged_into) references threads not valid;
alter table threads validate constraint threads_merged_into_fkey;
alter table threads
    drop constraint if exists threads_merged_gone,
    add constraint threads_merged_gone check (merged_into is null or deleted_at is not null and merged_into <> id) not valid;
alter table threads validate constraint threads_merged_gone;
drop index concurrently if exists threads_merged;
create index concurrently threads_merged on threads (merged_into) where merged_into is not null;

-- What was done, where its line stands in the thread, and what it takes to undo it. Who
-- did it, when and why is in the audit log alone.
create table if not exists tendings (
    entry_id      bigint primary key references entries,
    thread_id     bigint not null references threads on delete cascade, -- in which its line stands
    after         int not null, -- the number of the post below which it stands
    kind_before   text, -- moved: from and to
    kind_after    text,
    topics_before text[], -- slugs
    topics_after  text[],
    version       int, -- retitled: of the opening post, whose revision keeps the title
    other_id      bigint references threads, -- merged: what came in; split: what was made
    posts         int -- merged, split: how many
);
create index if not exists tendings_of_thread on tendings (thread_id, after);
create index if not exists tendings_of_other on tendings (other_id) where other_id is not null;

-- A post that went to another thread leaves its number behind, which leads to it.
create table if not exists moved_posts (
    id        bigint generated always as identity primary key,
    thread_id bigint not null references threads on delete cascade, -- where it was
    number    int, -- and under which; null of one that was held
    post_id   bigint not null references posts on delete cascade,
    entry_id  bigint not null references entries, -- by which it went
    unique (thread_id, number)
);
create index if not exists moved_posts_of_post on moved_posts (post_id);
create index if not exists moved_posts_of_entry on moved_posts (entry_id);

-- What a merge gave to the thread that stays, so that it can be taken from it again.
create table if not exists merged_follows (
    entry_id  bigint not null references entries,
    person_id bigint not null references people on delete cascade,
    before    text, -- the cadence at which they followed it; null where they did not
    after     text not null,
    primary key (entry_id, person_id)
);
create index if not exists merged_follows_of_person on merged_follows (person_id);
create table if not exists merged_saves (
    entry_id  bigint not null references entries,
    person_id bigint not null references people on delete cascade,
    primary key (entry_id, person_id)
);
create index if not exists merged_saves_of_person on merged_saves (person_id);
create table if not exists merged_councils (
    entry_id   bigint not null references entries,
    council_id bigint not null references councils,
    post_id    bigint references posts on delete cascade, -- for which a post worked; null: that has the problem too
    unique (entry_id, council_id, post_id)
);

alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited', 'thread_moved', 'thread_retitled', 'thread_merged', 'thread_split')) not valid;
alter table events validate constraint events_kind_check;
