-- +goose Up
-- What changes how somebody signs in, where they belong, or whether they are here at all.

-- What a sign-in is for: to come in, to prove again who one is, or to add another way
-- to sign in. The last two belong to one person in one session.
alter table sign_in_attempts
    add column purpose      text not null default '' check (purpose in ('', 'again', 'add')),
    add column person_id    bigint,
    add column session_hash bytea;

-- What happened to an account, for its person to be told at the address that was theirs
-- before: by mail, once there is mail.
create table account_changes (
    id         bigint generated always as identity primary key,
    person_id  bigint not null references people on delete cascade,
    kind       text not null check (kind in ('identity_added', 'identity_removed', 'address_changed', 'council_changed', 'left')),
    at         timestamptz not null,
    issuer     text not null default '', -- of the identity that it is about
    address    text not null default '', -- the proven address before
    told_at    timestamptz
);
create index on account_changes (person_id, id);

-- Who was erased, as hashes of issuer and subject, so that a backup that still holds them
-- can be put right before anybody reads it. Each node copies it to a file outside the database.
create table erasures (
    id       bigint generated always as identity primary key,
    identity bytea not null, -- SHA-256 of issuer, a line end, subject
    at       timestamptz not null
);

-- The posts whose links to somebody erased are yet to be taken out: a job walks down from here.
create table unlinkings (
    person_id bigint primary key, -- only a number now
    below     bigint not null     -- posts with a lower number are still to be looked at
);
