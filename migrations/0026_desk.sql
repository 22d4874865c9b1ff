-- +goose NO TRANSACTION
-- +goose Up
-- The desk of the curators: who has taken what waits there, until when it was put off,
-- that it is done, and what they tell each other of it. Each statement may run twice.

-- What is on the desk comes from the things themselves; here is only what a curator said
-- of one. Of what comes upon it anew since, it says nothing.
create table if not exists desk_items (
    sort       text not null check (sort in ('newcomer', 'held', 'report', 'question', 'project', 'lesson', 'busy', 'highlight', 'alike', 'link')),
    subject_id bigint not null,
    taker_id   bigint references people,
    taken_at   timestamptz,
    until_on   date, -- put off until that day
    done_at    timestamptz,
    done_by    bigint references people,
    primary key (sort, subject_id),
    check ((taker_id is null) = (taken_at is null)),
    check ((done_by is null) = (done_at is null))
);
create index if not exists desk_items_taker on desk_items (taker_id) where taker_id is not null;
create index if not exists desk_items_done on desk_items (done_at) where done_at is not null;
create index if not exists desk_items_done_by on desk_items (done_by) where done_by is not null;
create index if not exists desk_items_until on desk_items (until_on) where until_on is not null;

create table if not exists desk_notes (
    id         bigint generated always as identity primary key,
    sort       text not null,
    subject_id bigint not null,
    person_id  bigint not null references people on delete cascade,
    at         timestamptz not null,
    words      text not null check (length(words) between 1 and 1000),
    foreign key (sort, subject_id) references desk_items on delete cascade
);
create index if not exists desk_notes_item on desk_notes (sort, subject_id, id);
create index if not exists desk_notes_person on desk_notes (person_id);

-- Who looks after the desk on a day.
create table if not exists desk_days (
    on_date   date not null,
    person_id bigint not null references people on delete cascade,
    primary key (on_date, person_id)
);
create index if not exists desk_days_person on desk_days (person_id);

-- Colleagues who were asked whether they can answer a question, no more than one of a
-- council, and why.
create table if not exists asks (
    thread_id   bigint not null references threads on delete cascade,
    person_id   bigint not null references people on delete cascade,
    council_id  bigint not null references councils,
    why         text not null check (why in ('solved', 'answered', 'useful', 'project', 'lesson', 'product', 'chosen')),
    asked_by    bigint not null references people,
    asked_at    timestamptz not null,
    declined_at timestamptz,
    primary key (thread_id, person_id),
    unique (thread_id, council_id)
);
create index if not exists asks_person on asks (person_id, asked_at);
create index if not exists asks_council on asks (council_id);
create index if not exists asks_asked_by on asks (asked_by);

-- Who was offered a question in a digest, since it waited two working days.
create table if not exists offers (
    thread_id  bigint not null references threads on delete cascade,
    person_id  bigint not null references people on delete cascade,
    offered_at timestamptz not null,
    primary key (thread_id, person_id)
);
create index if not exists offers_person on offers (person_id, offered_at);

-- The addresses that projects and lessons name, and whether they still answer.
create table if not exists links (
    id         bigint generated always as identity primary key,
    thread_id  bigint not null references threads on delete cascade,
    url        text not null check (length(url) between 1 and 2000),
    checked_at timestamptz,
    failures   int not null default 0, -- in a row
    failed_at  timestamptz, -- the first of them
    said       text not null default '' check (said in ('', 'gone', 'broken', 'nowhere', 'silent', 'private')),
    unique (thread_id, url)
);
create index if not exists links_checked on links (checked_at nulls first, id);
create index if not exists links_failing on links (failed_at) where failures > 0;
-- Up to which of them were read for links.
create table if not exists link_walk (
    id      int primary key default 1 check (id = 1), -- one row
    last_id bigint not null
);
insert into link_walk (last_id) values (0) on conflict do nothing;

-- How many councils were asked, and have declined: the asker reads it on the question.
alter table threads
    add column if not exists asked    int not null default 0,
    add column if not exists declined int not null default 0,
    add column if not exists offered_at timestamptz; -- to who answered others like it
-- Who wants to be asked nothing.
alter table letter_settings add column if not exists no_asks boolean not null default false;

alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited', 'partner_answered', 'lesson_changed',
        'thread_moved', 'thread_retitled', 'thread_merged', 'thread_split', 'highlighted',
        'thread_summarised', 'thread_pinned', 'could_answer', 'question_offered')) not valid;
alter table events validate constraint events_kind_check;
alter table notices
    drop constraint if exists notices_reason_check,
    add constraint notices_reason_check check (reason in ('mentioned', 'accepted', 'quoted', 'asked', 'replied', 'chose', 'let_in', 'tends', 'could_answer', 'offered')) not valid;
alter table notices validate constraint notices_reason_check;
