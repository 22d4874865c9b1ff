-- +goose Up
-- Drafts: which page saved one last, what they said before, and how often a person saves.
alter table drafts add column page text; -- the key of the form that saved it; null where that is not known

create table draft_versions (
    id        bigint generated always as identity primary key,
    person_id bigint not null references people on delete cascade,
    kind      text not null check (kind in ('ask', 'reply', 'edit', 'report')),
    target    bigint not null,
    version   int not null, -- of the draft when it said this, or that its page knew of
    fields    jsonb not null,
    saved_at  timestamptz not null,
    page      text,
    why       text not null check (why in ('replaced', 'stray', 'discarded')), -- stray: another page had saved meanwhile
    at        timestamptz not null -- when it was put here
);
create index on draft_versions (person_id, kind, target, id);
create index on draft_versions (at);

create table draft_paces (
    person_id bigint primary key references people on delete cascade,
    began     timestamptz not null,
    saves     int not null check (saves > 0) -- by scripts, in the minute from began
);

-- What a check found in a post that its author put on the site all the same: kinds, never the words.
alter table entries add column found text[];
