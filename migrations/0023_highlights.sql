-- +goose Up
-- What curators put on the front page: a thread, or one post of it, with why it matters,
-- who chose it, on what grounds, and for how long.
create table if not exists highlights (
    id           bigint generated always as identity primary key,
    thread_id    bigint not null references threads on delete cascade,
    post_id      bigint references posts on delete cascade, -- null: the thread as a whole
    title        text not null check (length(title) between 1 and 150),
    note         text not null check (length(note) between 1 and 2000), -- Markdown
    lang         text not null default 'en' check (lang in ('en', 'cy')),
    image        text not null default '' check (image in ('', 'arches', 'hexes', 'steps', 'waves')),
    grade        text not null check (grade in ('said', 'evidence', 'repeated', 'guidance')),
    principle_id bigint references topics,
    from_on      date not null,
    until_on     date not null check (until_on >= from_on and until_on <= from_on + 366),
    place        bigint not null, -- the least stands first
    curator_id   bigint not null references people,
    made_at      timestamptz not null,
    made_by      bigint references entries, -- the line of the audit log that tells of it
    ended_at     timestamptz, -- taken down before its time
    ended_by     bigint references entries
);
create index if not exists highlights_thread on highlights (thread_id);
create index if not exists highlights_post on highlights (post_id) where post_id is not null;
create index if not exists highlights_principle on highlights (principle_id) where principle_id is not null;
create index if not exists highlights_curator on highlights (curator_id);
create index if not exists highlights_made_by on highlights (made_by);
create index if not exists highlights_ended_by on highlights (ended_by) where ended_by is not null;
create index if not exists highlights_live on highlights (place) where ended_at is null;

alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited', 'partner_answered',
        'thread_moved', 'thread_retitled', 'thread_merged', 'thread_split', 'highlighted')) not valid;
alter table events validate constraint events_kind_check;
