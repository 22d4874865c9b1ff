-- +goose NO TRANSACTION
-- +goose Up
-- What looks at what is due, and what forgets somebody, finds its rows by an index; and
-- a redaction reaches the audit log. Each statement may run twice.
drop index concurrently if exists notices_read;
create index concurrently notices_read on notices (at) where read_at is not null;
drop index concurrently if exists notices_unread;
create index concurrently notices_unread on notices (at) where read_at is null;
drop index concurrently if exists drafts_saved;
create index concurrently drafts_saved on drafts (saved_at);
drop index concurrently if exists draft_versions_discarded;
create index concurrently draft_versions_discarded on draft_versions (at) where why = 'discarded';
drop index concurrently if exists events_person;
create index concurrently events_person on events (person_id) where person_id is not null;
drop index concurrently if exists outcomes_person;
create index concurrently outcomes_person on outcomes (person_id);
drop index concurrently if exists threads_solved_by;
create index concurrently threads_solved_by on threads (solved_by) where solved_by is not null;

-- A reason that tells of a resident what a moderator takes out of a post goes with it:
-- the one change there is, for the time that a redaction says so in its transaction.
-- +goose StatementBegin
create or replace function entries_are_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and current_setting('moothall.redacting', true) = 'on' then
        return null;
    end if;
    raise exception 'the audit log is append-only';
end $$;
-- +goose StatementEnd
