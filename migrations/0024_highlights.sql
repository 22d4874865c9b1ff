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
    changed_at   timestamptz not null,
    version      int not null default 1, -- who changes what somebody else has changed meanwhile is told so
    ended_at     timestamptz, -- taken down before its time
    ended_by     bigint references entries
);
create index if not exists highlights_thread on highlights (thread_id);
create index if not exists highlights_post on highlights (post_id) where post_id is not null;
create index if not exists highlights_principle on highlights (principle_id) where principle_id is not null;
create index if not exists highlights_curator on highlights (curator_id);
create index if not exists highlights_made_by on highlights (made_by);
create index if not exists highlights_ended_by on highlights (ended_by) where ended_by is not null;
create index if not exists highlights_days on highlights (from_on desc, id desc);
create index if not exists highlights_live on highlights (place) where ended_at is null;

-- What a highlight said before, by the entry of the audit log that tells of its change.
create table if not exists highlight_changes (
    entry_id     bigint primary key references entries,
    highlight_id bigint not null references highlights on delete cascade,
    version      int not null, -- that the change made
    title        text not null,
    note         text not null,
    lang         text not null,
    image        text not null,
    grade        text not null,
    principle_id bigint references topics,
    from_on      date not null,
    until_on     date not null
);
create index if not exists highlight_changes_highlight on highlight_changes (highlight_id);
create index if not exists highlight_changes_principle on highlight_changes (principle_id) where principle_id is not null;

alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited', 'partner_answered', 'lesson_changed',
        'thread_moved', 'thread_retitled', 'thread_merged', 'thread_split', 'highlighted')) not valid;
alter table events validate constraint events_kind_check;
