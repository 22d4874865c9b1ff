-- +goose NO TRANSACTION
-- +goose Up
-- Sets of threads and posts on a theme, put together by curators. Each statement may run
-- twice.

create table if not exists collections (
    id           bigint generated always as identity primary key,
    slug         text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    title        text not null check (length(title) between 1 and 150),
    intro        text not null check (length(intro) between 1 and 5000), -- Markdown
    lang         text not null default 'en' check (lang in ('en', 'cy')),
    shown        boolean not null default false, -- to everybody; else to curators alone
    published_at timestamptz, -- when it was first shown
    reviewed_at  timestamptz not null, -- when a curator last said that it is still right
    curator_id   bigint not null references people, -- who began it
    made_at      timestamptz not null,
    changed_at   timestamptz not null,
    version      int not null default 1, -- who changes what somebody else has changed meanwhile is told so
    stands_at    bigint references entries, -- the line of the audit log whose change stands
    check (published_at is not null or not shown)
);
create index if not exists collections_curator on collections (curator_id);
create index if not exists collections_stands_at on collections (stands_at) where stands_at is not null;

-- Addresses that a collection had before, which lead to it.
create table if not exists collection_slugs (
    slug          text primary key,
    collection_id bigint not null references collections on delete cascade
);
create index if not exists collection_slugs_of on collection_slugs (collection_id);

-- What was removed comes back under its number when that is undone.
create table if not exists collection_sections (
    id            bigint generated always as identity primary key,
    collection_id bigint not null references collections on delete cascade,
    heading       text not null check (length(heading) between 1 and 150),
    place         int not null -- the least stands first
);
create index if not exists collection_sections_of on collection_sections (collection_id, place);

create table if not exists collection_items (
    id            bigint generated always as identity primary key,
    collection_id bigint not null references collections on delete cascade,
    section_id    bigint not null references collection_sections on delete cascade,
    thread_id     bigint not null references threads on delete cascade,
    post_id       bigint references posts on delete cascade, -- null: the thread as a whole
    why           text not null check (length(why) between 1 and 500),
    place         int not null, -- in its section
    added_by      bigint not null references people,
    suggested_by  bigint references people,
    added_at      timestamptz not null,
    told          boolean not null default false -- its author and the followers were told
);
create index if not exists collection_items_of on collection_items (collection_id, section_id, place);
create index if not exists collection_items_section on collection_items (section_id);
create unique index if not exists collection_items_once on collection_items (collection_id, thread_id, coalesce(post_id, 0));
create index if not exists collection_items_thread on collection_items (thread_id);
create index if not exists collection_items_post on collection_items (post_id) where post_id is not null;
create index if not exists collection_items_added_by on collection_items (added_by);
create index if not exists collection_items_suggested_by on collection_items (suggested_by) where suggested_by is not null;

-- What a collection was before a change, whole, by the entry of the audit log that tells
-- of the change, and which change that had come by.
create table if not exists collection_changes (
    entry_id      bigint primary key references entries,
    collection_id bigint not null references collections on delete cascade,
    stood_at      bigint references entries,
    was           jsonb not null
);
create index if not exists collection_changes_of on collection_changes (collection_id, entry_id);
create index if not exists collection_changes_stood_at on collection_changes (stood_at) where stood_at is not null;

-- What colleagues would have in a collection.
create table if not exists collection_suggestions (
    id            bigint generated always as identity primary key,
    collection_id bigint not null references collections on delete cascade,
    person_id     bigint not null references people on delete cascade,
    thread_id     bigint not null references threads on delete cascade,
    post_id       bigint references posts on delete cascade,
    why           text not null check (length(why) between 1 and 500),
    at            timestamptz not null,
    decided_at    timestamptz,
    decided_by    bigint references people,
    decision      bigint references entries, -- the line of the audit log that tells of it
    taken         boolean,
    reason        text not null default '' check (length(reason) <= 2000), -- why it was not taken
    check (num_nulls(decided_at, decided_by, decision, taken) in (0, 4))
);
create index if not exists collection_suggestions_open on collection_suggestions (collection_id, id) where decided_at is null;
create index if not exists collection_suggestions_of on collection_suggestions (collection_id, person_id, id);
create index if not exists collection_suggestions_person on collection_suggestions (person_id) where decided_at is null;
create index if not exists collection_suggestions_by on collection_suggestions (person_id, id);
create index if not exists collection_suggestions_thread on collection_suggestions (thread_id);
create index if not exists collection_suggestions_post on collection_suggestions (post_id) where post_id is not null;
create index if not exists collection_suggestions_decided_by on collection_suggestions (decided_by) where decided_by is not null;
create index if not exists collection_suggestions_decision on collection_suggestions (decision) where decision is not null;

-- Collections are followed, and tell what is added.
alter table follows
    drop constraint if exists follows_subject_kind_check,
    add constraint follows_subject_kind_check check (subject_kind in ('thread', 'topic', 'council', 'person', 'search', 'collection', 'everything')) not valid;
alter table follows validate constraint follows_subject_kind_check;
alter table events add column if not exists collection_id bigint;
alter table events
    drop constraint if exists events_collection_id_fkey,
    add constraint events_collection_id_fkey foreign key (collection_id) references collections on delete cascade not valid;
alter table events validate constraint events_collection_id_fkey;
drop index concurrently if exists events_collection;
create index concurrently events_collection on events (collection_id) where collection_id is not null;
alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited', 'partner_answered', 'lesson_changed',
        'thread_moved', 'thread_retitled', 'thread_merged', 'thread_split', 'highlighted',
        'thread_summarised', 'thread_pinned', 'could_answer', 'question_offered',
        'collected', 'collection_added', 'suggestion_taken', 'suggestion_declined')) not valid;
alter table events validate constraint events_kind_check;
alter table notices
    drop constraint if exists notices_reason_check,
    add constraint notices_reason_check check (reason in ('mentioned', 'accepted', 'quoted', 'asked', 'replied', 'chose', 'let_in', 'tends', 'could_answer', 'offered', 'suggested')) not valid;
alter table notices validate constraint notices_reason_check;
