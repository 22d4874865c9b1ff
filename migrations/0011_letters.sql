-- +goose NO TRANSACTION
-- +goose Up
-- Following by email: what people want to hear of and how soon, and what was sent to
-- whom. Each statement may run twice.

-- A topic is followed as a whole or for one kind of thread in it, "lessons in Waste".
alter table follows add column if not exists thread_kind text not null default ''
    check (thread_kind in ('', 'question', 'discussion', 'announcement', 'project', 'lesson'));
drop index concurrently if exists follows_once;
create unique index concurrently follows_once on follows (person_id, subject_kind, subject_id, thread_kind);
alter table follows drop constraint if exists follows_pkey;
drop index concurrently if exists follows_of_subject;
create index concurrently follows_of_subject on follows (subject_kind, subject_id, thread_kind, person_id);
drop index concurrently if exists follows_subject_kind_subject_id_idx;

-- How somebody wants their mail. Who has said nothing has no row, and these defaults.
create table if not exists letter_settings (
    person_id   bigint primary key references people on delete cascade,
    digest_day  smallint not null default 1 check (digest_day between 1 and 7), -- of the weekly one; Monday is 1
    digest_hour smallint not null default 7 check (digest_hour between 0 and 23), -- in London
    pause_until timestamptz, -- until then nothing is sent; what comes meanwhile goes into the digest after it
    stopped_at  timestamptz, -- all mail is off but what is about the account itself
    auto_follow boolean not null default true, -- who asks or replies follows the thread
    links_only  boolean not null default false -- mails carry a link and no words of others
);

-- The outbox, and for thirty days the record of what became of it. A node that works
-- on a letter holds it until claimed_until, on the database's own clock.
create table if not exists letters (
    id            bigint generated always as identity primary key,
    person_id     bigint not null references people on delete cascade,
    kind          text not null check (kind in ('instant', 'mention', 'notice', 'digest')),
    key           text not null, -- what it is about: event:12, digest:2026-11-26, session:…
    event_id      bigint references events on delete cascade,
    state         text not null default 'queued' check (state in ('queued', 'deferred', 'sent', 'dropped', 'merged', 'bounced', 'suppressed')),
    why           text not null default '', -- it was not sent
    address       text not null default '', -- where it went
    created_at    timestamptz not null,
    due_at        timestamptz not null,
    done_at       timestamptz, -- when its last state came about
    tries         int not null default 0,
    error         text not null default '', -- what the mail server said last
    claimed_until timestamptz
);
create unique index if not exists letters_once on letters (person_id, key);
create index if not exists letters_due on letters (due_at) where state in ('queued', 'deferred');
create index if not exists letters_done on letters (done_at) where done_at is not null;
create index if not exists letters_of_event on letters (event_id) where event_id is not null;

-- When somebody's next digest is to be made; no row while there is nothing to say.
create table if not exists digests_due (
    person_id bigint primary key references people on delete cascade,
    due_at    timestamptz not null
);
create index if not exists digests_due_at on digests_due (due_at);

-- An address that mail does not reach. It holds for that address alone.
create table if not exists bounces (
    person_id     bigint primary key references people on delete cascade,
    address       text not null,
    failures      int not null default 0, -- in a row
    suppressed_at timestamptz,
    said          text not null default '' -- by the mail server, last
);

-- How somebody hears of it, by which of their follows, and in which letter it went.
alter table notices
    add column if not exists cadence text not null default 'site' check (cadence in ('instant', 'daily', 'weekly', 'site')),
    add column if not exists via_kind text not null default '',
    add column if not exists via_id bigint not null default 0,
    add column if not exists letter_id bigint;
drop index concurrently if exists notices_for_digest;
create index concurrently notices_for_digest on notices (person_id) where letter_id is null and cadence in ('daily', 'weekly');
drop index concurrently if exists notices_of_letter;
create index concurrently notices_of_letter on notices (letter_id) where letter_id is not null;

-- The first time after a moment at which a digest goes out: each day, or on one day of
-- the week, at an hour in London, whatever its clocks do meanwhile.
-- +goose StatementBegin
create or replace function next_digest(after timestamptz, cadence text, day int, hour int) returns timestamptz language sql stable as $$
    select (case when slot > here then slot when cadence = 'weekly' then slot + interval '7 days' else slot + interval '1 day' end) at time zone 'Europe/London'
    from (select here, date_trunc('day', here) + make_interval(hours => hour,
            days => case when cadence = 'weekly' then (day - extract(isodow from here)::int + 7) % 7 else 0 end) as slot
        from (select after at time zone 'Europe/London' as here) london) slots
$$;
-- +goose StatementEnd

-- The last such time before a moment, or at it.
-- +goose StatementBegin
create or replace function last_digest(upto timestamptz, cadence text, day int, hour int) returns timestamptz language sql stable as $$
    select (case when slot <= here then slot when cadence = 'weekly' then slot - interval '7 days' else slot - interval '1 day' end) at time zone 'Europe/London'
    from (select here, date_trunc('day', here) + make_interval(hours => hour,
            days => case when cadence = 'weekly' then (day - extract(isodow from here)::int - 7) % 7 else 0 end) as slot
        from (select upto at time zone 'Europe/London' as here) london) slots
$$;
-- +goose StatementEnd

-- From where somebody has signed in, in words of ours such as "Chrome on Windows": of a
-- new one they are told.
create table if not exists devices (
    id        bigint generated always as identity primary key,
    person_id bigint not null references people on delete cascade,
    device    text not null,
    first_at  timestamptz not null,
    last_at   timestamptz not null,
    unique (person_id, device)
);
create index if not exists devices_last_at on devices (last_at);
