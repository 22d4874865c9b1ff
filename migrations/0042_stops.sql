-- +goose Up
-- What somebody wants to hear less of, as they chose it: a backup that is put back would
-- have it come to them again. Of each subject the last choice counts.
create table if not exists stops (
    id           bigint generated always as identity primary key,
    person_id    bigint not null references people on delete cascade,
    subject_kind text not null, -- of what is followed; empty for all mail
    subject_id   bigint not null,
    thread_kind  text not null,
    cadence      text not null check (cadence in ('instant', 'daily', 'weekly', 'site', 'mute', 'off')), -- how they hear of it since; of all mail 'off' or 'instant'
    at           timestamptz not null
);
create index if not exists stops_of_person on stops (person_id, subject_kind, subject_id, thread_kind);
create index if not exists stops_by_age on stops (at, id);
