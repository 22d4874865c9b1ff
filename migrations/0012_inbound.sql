-- +goose Up
-- Mails that came in. Each counts once, by a hash of its Message-ID: it is written down
-- together with what it did. The words of one that could not be posted are kept for the
-- answer that goes back to their writer.
create table inbound (
    id        bigint generated always as identity primary key,
    hash      bytea not null unique check (octet_length(hash) = 32),
    person_id bigint references people on delete cascade, -- whom its address names
    thread_id bigint references threads on delete cascade,
    post_id   bigint references posts on delete cascade, -- what became of it
    why       text not null default '', -- nothing did
    words     text not null default '',
    auth      text not null default '', -- what the relay says of the sender
    at        timestamptz not null
);
create index inbound_person on inbound (person_id) where person_id is not null;
create index inbound_thread on inbound (thread_id) where thread_id is not null;
create index inbound_post on inbound (post_id) where post_id is not null;
create index inbound_at on inbound (at);

alter table posts add column by_email boolean not null default false;
