-- +goose Up
-- What a long thread has come to, as curators say it above its posts. Each row is what it
-- said from then on: the newest stands, and one of no words says that there is none now.
create table if not exists summaries (
    thread_id    bigint not null references threads on delete cascade,
    version      int not null,
    body         text not null check (length(body) <= 10000), -- Markdown
    html         text not null,
    html_version int not null, -- of the renderer
    editor_id    bigint not null references people,
    at           timestamptz not null,
    entry_id     bigint not null references entries, -- the line of the audit log that tells of it
    primary key (thread_id, version)
);
create index if not exists summaries_editor on summaries (editor_id);
create index if not exists summaries_entry on summaries (entry_id);
create index if not exists summaries_html on summaries (html_version);

-- Threads that curators have put before all others of a topic, until a day.
create table if not exists pins (
    id         bigint generated always as identity primary key,
    thread_id  bigint not null references threads on delete cascade,
    topic_id   bigint not null references topics,
    curator_id bigint not null references people,
    pinned_at  timestamptz not null,
    until      timestamptz not null,
    entry_id   bigint not null references entries,
    ended_at   timestamptz -- taken down before its time
);
create unique index if not exists pins_once on pins (topic_id, thread_id) where ended_at is null;
create index if not exists pins_thread on pins (thread_id);
create index if not exists pins_curator on pins (curator_id);
create index if not exists pins_entry on pins (entry_id);

alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited', 'partner_answered', 'lesson_changed',
        'thread_moved', 'thread_retitled', 'thread_merged', 'thread_split', 'highlighted',
        'thread_summarised', 'thread_pinned')) not valid;
alter table events validate constraint events_kind_check;
