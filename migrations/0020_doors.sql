-- +goose NO TRANSACTION
-- +goose Up
-- More doors for mail: questions come by mail to a topic's address. Each statement may
-- run twice.

-- Under which topic a mail was to be asked, and whether its words are kept as a draft.
alter table inbound
    add column if not exists topic_id bigint,
    add column if not exists kept     boolean not null default false;
alter table inbound
    drop constraint if exists inbound_topic,
    add constraint inbound_topic foreign key (topic_id) references topics on delete set null not valid;
alter table inbound validate constraint inbound_topic;

-- A team's mailbox that follows topics. It is a person who never joined and signs in
-- nowhere, so that follows, letters, digests and bounces are as everybody's; what makes
-- it a mailbox stands here. Unproven it follows nothing and gets one mail.
create table if not exists mailboxes (
    person_id    bigint primary key references people on delete cascade,
    council_id   bigint not null references councils on delete cascade,
    added_by     bigint not null references people on delete cascade,
    address      text not null, -- in lower case
    topic_ids    bigint[] not null check (cardinality(topic_ids) between 1 and 3),
    cadence      text not null check (cadence in ('instant', 'daily', 'weekly')),
    added_at     timestamptz not null,
    confirmed_at timestamptz, -- by who reads it
    stopped_at   timestamptz, -- on the site, or because who added it stands there no more
    stopped_by   bigint references people on delete set null
);
create unique index if not exists mailboxes_once on mailboxes (council_id, address);
create index if not exists mailboxes_added_by on mailboxes (added_by);
create index if not exists mailboxes_stopped_by on mailboxes (stopped_by) where stopped_by is not null;

-- Addresses to whose readers no mail goes again, whoever adds them: they have stopped all
-- of it. Kept as a hash, and longer than the mailbox.
create table if not exists refused_mailboxes (
    address bytea primary key check (octet_length(address) = 32), -- SHA-256 of it
    at      timestamptz not null
);
