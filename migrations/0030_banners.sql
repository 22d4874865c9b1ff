-- +goose NO TRANSACTION
-- +goose Up
-- What the team tells on every page, pre-election periods, and what waits for a second
-- curator. Each statement may run twice.

create table if not exists banners (
    id         bigint generated always as identity primary key,
    kind       text not null check (kind in ('news', 'warning')),
    body       text not null check (length(body) between 1 and 400), -- Markdown
    body_cy    text not null default '' check (length(body_cy) <= 400), -- the same in Welsh; empty for none
    from_at    timestamptz not null,
    until_at   timestamptz not null check (until_at > from_at),
    ended_at   timestamptz, -- taken down before its time, or never put up
    curator_id bigint not null references people, -- who put it up
    made_at    timestamptz not null,
    version    int not null default 1, -- who changes what somebody else has changed meanwhile is told so
    stands_at  bigint references entries -- the line of the audit log whose change stands
);
create index if not exists banners_curator on banners (curator_id);
create index if not exists banners_stands_at on banners (stands_at) where stands_at is not null;
create index if not exists banners_until on banners (until_at desc, id desc);

-- What a banner was before a change, by the entry that tells of the change, and which change
-- that had come by. Of the first it is that it did not show.
create table if not exists banner_changes (
    entry_id  bigint primary key references entries,
    banner_id bigint not null references banners on delete cascade,
    stood_at  bigint references entries,
    kind      text not null,
    body      text not null,
    body_cy   text not null,
    from_at   timestamptz not null,
    until_at  timestamptz not null,
    ended_at  timestamptz
);
create index if not exists banner_changes_of on banner_changes (banner_id);
create index if not exists banner_changes_stood_at on banner_changes (stood_at) where stood_at is not null;

-- Pre-election periods: of one council, or of all of a nation, or all of a kind in it.
create table if not exists elections (
    id         bigint generated always as identity primary key,
    name       text not null check (length(name) between 1 and 150),
    council_id bigint references councils,
    nation     text not null default '' check (nation in ('', 'England', 'Scotland', 'Wales', 'Northern Ireland')),
    kind       text not null default '', -- of council; empty for all
    from_on    date not null,
    until_on   date not null check (until_on >= from_on and until_on <= from_on + 100), -- polling day is the last
    ended_at   timestamptz, -- called off
    curator_id bigint not null references people,
    made_at    timestamptz not null,
    version    int not null default 1,
    stands_at  bigint references entries,
    check ((council_id is null) = (nation <> '') and (council_id is null or kind = ''))
);
create index if not exists elections_council on elections (council_id) where council_id is not null;
create index if not exists elections_curator on elections (curator_id);
create index if not exists elections_stands_at on elections (stands_at) where stands_at is not null;
create index if not exists elections_until on elections (until_on desc, id desc);

create table if not exists election_changes (
    entry_id    bigint primary key references entries,
    election_id bigint not null references elections on delete cascade,
    stood_at    bigint references entries,
    name        text not null,
    council_id  bigint references councils,
    nation      text not null,
    kind        text not null,
    from_on     date not null,
    until_on    date not null,
    ended_at    timestamptz
);
create index if not exists election_changes_of on election_changes (election_id);
create index if not exists election_changes_council on election_changes (council_id) where council_id is not null;
create index if not exists election_changes_stood_at on election_changes (stood_at) where stood_at is not null;

-- in_election says whether a council is in a pre-election period on a day, whatever it has
-- become since.
-- +goose StatementBegin
create or replace function in_election(council bigint, day date) returns boolean language sql stable as $$
    select exists (
        select from elections e
        where e.ended_at is null and day between e.from_on and e.until_on and (e.council_id in (council, council_now(council))
            or e.nation <> '' and exists (select from councils c where c.id in (council, council_now(council)) and c.nation = e.nation and e.kind in ('', c.kind))))
$$;
-- +goose StatementEnd

-- What a curator would do that needs a second one: the form as it was sent, and why.
create table if not exists seconds (
    id            bigint generated always as identity primary key,
    deed          text not null check (deed in ('highlight', 'change_highlight', 'collect', 'change_item', 'show_collection')),
    thread_id     bigint references threads on delete cascade,
    post_id       bigint references posts on delete cascade,
    highlight_id  bigint references highlights on delete cascade,
    collection_id bigint references collections on delete cascade,
    draft         jsonb not null,
    councils      text[] not null default '{}', -- that are in a pre-election period
    suppliers     text[] not null default '{}', -- that are named
    curator_id    bigint not null references people, -- who would do it
    asked_at      timestamptz not null,
    decided_at    timestamptz,
    decider_id    bigint references people,
    agreed        boolean,
    reason        text not null default '' check (length(reason) <= 2000), -- why not
    decision      bigint references entries,
    check (num_nulls(decided_at, decider_id, agreed, decision) in (0, 4)),
    check (decider_id is distinct from curator_id)
);
create index if not exists seconds_open on seconds (id) where decided_at is null;
create index if not exists seconds_decided on seconds (decided_at desc, id desc) where decided_at is not null;
create index if not exists seconds_thread on seconds (thread_id) where thread_id is not null;
create index if not exists seconds_post on seconds (post_id) where post_id is not null;
create index if not exists seconds_highlight on seconds (highlight_id) where highlight_id is not null;
create index if not exists seconds_collection on seconds (collection_id) where collection_id is not null;
create index if not exists seconds_curator on seconds (curator_id);
create index if not exists seconds_decider on seconds (decider_id) where decider_id is not null;
create index if not exists seconds_decision on seconds (decision) where decision is not null;

-- What whoever wrote it would not have in a collection.
create table if not exists collection_objections (
    id        bigint generated always as identity primary key,
    thread_id bigint not null references threads on delete cascade,
    post_id   bigint references posts on delete cascade,
    person_id bigint not null references people on delete cascade, -- whose words it is of
    collection_id bigint not null references collections on delete cascade,
    at        timestamptz not null
);
create unique index if not exists collection_objections_once on collection_objections (collection_id, thread_id, coalesce(post_id, 0));
create index if not exists collection_objections_thread on collection_objections (thread_id);
create index if not exists collection_objections_post on collection_objections (post_id) where post_id is not null;
create index if not exists collection_objections_person on collection_objections (person_id);

-- Whoever is given a role, or something on the desk, hears of it; and who asked for a second
-- curator of the answer.
alter table events
    add column if not exists role_id bigint,
    add column if not exists desk_item text not null default '';
alter table events
    drop constraint if exists events_role_id_fkey,
    add constraint events_role_id_fkey foreign key (role_id) references roles on delete cascade not valid;
alter table events validate constraint events_role_id_fkey;
drop index concurrently if exists events_role;
create index concurrently events_role on events (role_id) where role_id is not null;
alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited', 'partner_answered', 'lesson_changed',
        'thread_moved', 'thread_retitled', 'thread_merged', 'thread_split', 'highlighted',
        'thread_summarised', 'thread_pinned', 'could_answer', 'question_offered',
        'collected', 'collection_added', 'suggestion_taken', 'suggestion_declined',
        'collection_shown', 'role_given', 'role_ended', 'desk_given', 'second_agreed', 'second_declined')) not valid;
alter table events validate constraint events_kind_check;
alter table notices
    drop constraint if exists notices_reason_check,
    add constraint notices_reason_check check (reason in ('mentioned', 'accepted', 'quoted', 'asked', 'replied', 'chose', 'let_in', 'tends', 'could_answer', 'offered', 'suggested',
        'role', 'desk', 'second')) not valid;
alter table notices validate constraint notices_reason_check;
