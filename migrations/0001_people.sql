-- +goose Up
-- Councils, topics, people, and how people sign in. Times come from the deed's clock, never from now().
create extension if not exists unaccent;
create extension if not exists pg_trgm;

create table reference_data (
    name      text primary key,
    checksum  text not null,
    loaded_at timestamptz not null
);

-- A listed public body, under an id of our own: GSS codes change when a boundary does.
create table councils (
    id         bigint generated always as identity primary key,
    slug       text not null unique,
    name       text not null,
    short_name text not null,
    name_cy    text not null default '',
    demo_name  text,
    kind       text not null,
    nation     text not null check (nation in ('England', 'Scotland', 'Wales', 'Northern Ireland')),
    region     text not null,
    gss_code   text,
    population int,
    county_id  bigint references councils,
    status     text not null check (status in ('current', 'former', 'planned')),
    started_on date,
    ended_on   date,
    -- What people see and search. While the demo is loaded a fictional name stands in for the real one.
    shown_name  text not null generated always as (coalesce(demo_name, name)) stored,
    shown_short text not null generated always as (coalesce(demo_name, short_name)) stored
);

-- Earlier names and nicknames, by which a council is found.
create table council_names (
    council_id bigint not null references councils on delete cascade,
    name       text not null,
    until      date,
    primary key (council_id, name)
);

create table council_domains (
    domain     text not null,
    council_id bigint not null references councils on delete cascade,
    kind       text not null check (kind in ('email', 'web')),
    confidence text not null check (confidence in ('high', 'medium', 'low', 'legacy')),
    primary key (domain, council_id, kind)
);

create table successions (
    old_id  bigint not null references councils on delete cascade,
    new_id  bigint not null references councils on delete cascade,
    on_date date not null,
    kind    text not null check (kind in ('merged', 'split', 'renamed', 'planned')),
    primary key (old_id, new_id)
);

create table topics (
    id          bigint generated always as identity primary key,
    slug        text not null unique,
    name        text not null,
    facet       text not null check (facet in ('service', 'practice', 'principle')),
    parent_id   bigint references topics,
    description text not null,
    position    int not null
);
create index on topics (parent_id);

create table people (
    id               bigint generated always as identity primary key,
    handle           text unique,
    name             text not null default '',
    job_title        text not null default '',
    standing         text not null default 'newcomer' check (standing in ('newcomer', 'colleague', 'supplier')),
    council_id       bigint references councils,
    company          text,
    lang             text not null default 'en' check (lang in ('en', 'cy')),
    proven_email     text,
    rules_version    int,
    rules_at         timestamptz,
    joined_at        timestamptz,
    created_at       timestamptz not null,
    turned_away_at   timestamptz,
    turned_away_why  text,
    suspended_at     timestamptz,
    suspended_until  timestamptz,
    suspended_why    text,
    erased_at        timestamptz,
    check (standing <> 'supplier' or company is not null),
    check (joined_at is null or name <> '' and rules_version is not null)
);
create index on people (council_id);
create index on people (lower(proven_email));
create index people_waiting on people (council_id) where standing = 'newcomer' and joined_at is not null;

-- One way to sign in as a person. Who somebody is, is (issuer, subject) compared as bytes, never an address.
create table identities (
    issuer         text collate "C" not null,
    subject        text collate "C" not null,
    person_id      bigint not null references people on delete cascade,
    email          text not null default '',
    email_verified boolean not null,
    created_at     timestamptz not null,
    last_used_at   timestamptz not null,
    primary key (issuer, subject)
);
create index on identities (person_id);

create table roles (
    id         bigint generated always as identity primary key,
    person_id  bigint not null references people on delete cascade,
    role       text not null check (role in ('lead', 'curator', 'moderator', 'administrator')),
    council_id bigint references councils,
    granted_at timestamptz not null,
    until      timestamptz,
    ended_at   timestamptz,
    check ((role = 'lead') = (council_id is not null))
);
create index on roles (person_id) where ended_at is null;
create unique index roles_once on roles (person_id, role, coalesce(council_id, 0)) where ended_at is null;

create table sessions (
    hash       bytea primary key, -- SHA-256 of the cookie's value
    person_id  bigint not null references people on delete cascade,
    provider   text not null,
    device     text not null,
    started_at timestamptz not null,
    seen_at    timestamptz not null,
    fresh_at   timestamptz not null,
    ended_at   timestamptz, -- kept a day, so that a form posted after the end can be kept for its writer
    revoked    boolean not null default false -- ended from elsewhere: its cookie may be in other hands
);
create index on sessions (person_id);

create table sign_in_attempts (
    id_hash    bytea primary key,
    provider   text not null,
    state_hash bytea not null,
    nonce      text not null,
    verifier   text not null,
    return_to  text not null,
    expires_at timestamptz not null
);
create index on sign_in_attempts (expires_at);

-- The audit log: one line for each deed of power. Append-only; an undo is a line of its own.
create table entries (
    id         bigint generated always as identity primary key,
    at         timestamptz not null,
    doer_id    bigint references people, -- null: the operator, at the command line
    deed       text not null,
    person_id  bigint references people,
    council_id bigint references councils,
    thread_id  bigint,
    post_id    bigint,
    role_id    bigint references roles,
    reason     text not null default '',
    undoes     bigint unique references entries
);
create index on entries (person_id);
create index on entries (thread_id);
-- +goose StatementBegin
create function entries_are_kept() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end $$;
-- +goose StatementEnd
create trigger entries_are_kept before update or delete or truncate on entries
    for each statement execute function entries_are_kept();

-- A form's key, made with the page: the same key again gets the first answer.
create table form_keys (
    person_id bigint not null references people on delete cascade,
    key       text not null,
    content   bytea not null, -- SHA-256 of what was posted
    answer    jsonb not null default 'null',
    at        timestamptz not null,
    primary key (person_id, key)
);
create index on form_keys (at);

-- What a person has typed and not yet posted.
create table drafts (
    person_id bigint not null references people on delete cascade,
    kind      text not null check (kind in ('ask', 'reply', 'edit', 'report')),
    target    bigint not null, -- the thread or post it is for; 0 for a new thread
    fields    jsonb not null,
    version   int not null default 1,
    saved_at  timestamptz not null,
    primary key (person_id, kind, target)
);

-- Nodes must sign with a key the others know: each leaves the fingerprints of its keys.
create table secret_fingerprints (
    fingerprint text primary key,
    seen_at     timestamptz not null
);

-- How far development has moved the clock.
create table dev_clock (
    id    int primary key check (id = 1),
    shift interval not null
);
