-- +goose NO TRANSACTION
-- +goose Up
-- What is about to go out says what it said when it was looked at last, or leaves it out.
-- Each statement may run twice.
alter table newsletter_items add column if not exists seen text; -- a digest of its line when it was approved, or set to go out; empty where a visitor could not see it; null before
alter table newsletter_items add column if not exists told boolean not null default false; -- why is not a curator's: it is what the highlight says, whatever that is now

-- An inbox has many addresses: whatever stands behind a plus comes to the same one.
-- +goose StatementBegin
create or replace function inbox_of(address text) returns text language sql immutable strict parallel safe as $$
    select regexp_replace(split_part(address, '@', 1), '\+.*$', '') || '@' || split_part(address, '@', 2)
$$;
-- +goose StatementEnd
drop index concurrently if exists newsletter_subscribers_inbox;
create index concurrently newsletter_subscribers_inbox on newsletter_subscribers (inbox_of(address)) where address is not null;
drop index concurrently if exists newsletter_subscribers_suppressed;
create index concurrently newsletter_subscribers_suppressed on newsletter_subscribers (suppressed_at) where suppressed_at is not null;
drop index concurrently if exists entries_newsletters;
create index concurrently entries_newsletters on entries (id)
    where deed in ('approved_newsletter', 'scheduled_newsletter', 'paused_newsletter', 'resumed_newsletter', 'stopped_newsletter');
