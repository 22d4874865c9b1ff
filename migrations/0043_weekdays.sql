-- +goose NO TRANSACTION
-- +goose Up
-- Who wants a digest on the days of work alone has Friday's and the weekend's on Monday.
alter table letter_settings add column if not exists weekdays boolean not null default false; -- the daily digest comes from Monday to Friday

-- next_digest, which passes over Saturday and Sunday where that is wanted.
-- +goose StatementBegin
create or replace function next_digest(after timestamptz, cadence text, day int, hour int, weekdays boolean) returns timestamptz language plpgsql stable as $$
declare
    slot timestamptz := next_digest(after, cadence, day, hour);
begin
    while weekdays and cadence = 'daily' and extract(isodow from slot at time zone 'Europe/London') > 5 loop
        slot := next_digest(slot, cadence, day, hour);
    end loop;
    return slot;
end $$;
-- +goose StatementEnd

-- last_digest likewise.
-- +goose StatementBegin
create or replace function last_digest(upto timestamptz, cadence text, day int, hour int, weekdays boolean) returns timestamptz language plpgsql stable as $$
declare
    slot timestamptz := last_digest(upto, cadence, day, hour);
begin
    while weekdays and cadence = 'daily' and extract(isodow from slot at time zone 'Europe/London') > 5 loop
        slot := last_digest(slot - interval '1 second', cadence, day, hour);
    end loop;
    return slot;
end $$;
-- +goose StatementEnd
