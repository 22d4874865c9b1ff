-- +goose NO TRANSACTION
-- +goose Up
-- What somebody is told is kept without a lock on them. To tell a hundred thousand people
-- of a post took Postgres 1.5 s, a quarter of it for the keys by which notices are of
-- people who are there, another tenth for an index that one more serves. Each statement
-- may run twice.

-- People are not deleted but for recipients, who are none; what was for them goes with
-- them. What a node writes for one at that very moment is for nobody: it is neither shown
-- nor sent, and is swept with what is old. The day of the digest goes first: who makes
-- that digest holds it, and writes no letter after it has gone.
-- +goose StatementBegin
create or replace function people_take_along() returns trigger language plpgsql as $$
begin
    delete from digests_due d using old_rows p where d.person_id = p.id;
    delete from notices n using old_rows p where n.person_id = p.id;
    delete from letters l using old_rows p where l.person_id = p.id;
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger people_take_along after delete on people
    referencing old table as old_rows for each statement execute function people_take_along();
alter table notices drop constraint if exists notices_person_id_fkey;
alter table letters drop constraint if exists letters_person_id_fkey;
alter table digests_due drop constraint if exists digests_due_person_id_fkey;

-- Unread notices are swept by their event, which is as old as they are.
drop index concurrently if exists notices_unread;

-- As of_events_that_are was, and what is new is read once.
-- +goose StatementBegin
create or replace function of_events_that_are() returns trigger language plpgsql as $$
declare
    told bigint[];
    there int;
begin
    select array_agg(distinct n.event_id) into told from new_rows n where n.event_id is not null;
    if told is null then
        return null;
    end if;
    perform from events e where e.id = any(told) order by e.id for key share;
    get diagnostics there = row_count;
    if there < cardinality(told) then
        raise foreign_key_violation using message = format('%s of an event among %s, which is not there', tg_table_name, told);
    end if;
    return null;
end $$;
-- +goose StatementEnd

-- Who follows a subject, and how, is read out of the index of followers alone: the table was
-- looked at for each of them, and where most people follow one thing the other index was
-- taken, which has to be read to its end for each subject that nobody follows.
drop index concurrently if exists follows_told;
create index concurrently follows_told on follows (subject_kind, subject_id, thread_kind, person_id) include (cadence, reason, since);
drop index concurrently if exists follows_of_subject;
