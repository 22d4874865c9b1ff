-- +goose NO TRANSACTION
-- +goose Up
-- People and councils are found by any part of their names without reading them all.
-- Each statement may run twice.

-- A text as names are compared: small letters, without accents. It names its dictionary,
-- so that it says the same whatever the search path.
-- +goose StatementBegin
create or replace function folded(said text) returns text language plpgsql immutable strict parallel safe as $$
begin
    return lower(public.unaccent('public.unaccent'::regdictionary, said));
end $$;
-- +goose StatementEnd

drop index concurrently if exists people_named;
create index concurrently people_named on people using gin (folded(name) gin_trgm_ops) with (fastupdate = off) where joined_at is not null;
drop index concurrently if exists person_offers_about;
create index concurrently person_offers_about on person_offers using gin (folded(about) gin_trgm_ops) with (fastupdate = off) where askable;
drop index concurrently if exists topics_named;
create index concurrently topics_named on topics using gin (folded(name) gin_trgm_ops);
drop index concurrently if exists councils_named;
create index concurrently councils_named on councils using gin (folded(shown_name) gin_trgm_ops);
drop index concurrently if exists council_names_named;
create index concurrently council_names_named on council_names using gin (folded(name) gin_trgm_ops);
