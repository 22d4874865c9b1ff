-- +goose NO TRANSACTION
-- +goose Up
-- Banners, and what takes days out of a pre-election period, wait for a second curator too.
-- Each statement may run twice.
alter table seconds
    add column if not exists banner_id bigint,
    add column if not exists election_id bigint;
alter table seconds
    drop constraint if exists seconds_banner_id_fkey,
    add constraint seconds_banner_id_fkey foreign key (banner_id) references banners on delete cascade not valid;
alter table seconds validate constraint seconds_banner_id_fkey;
alter table seconds
    drop constraint if exists seconds_election_id_fkey,
    add constraint seconds_election_id_fkey foreign key (election_id) references elections on delete cascade not valid;
alter table seconds validate constraint seconds_election_id_fkey;
alter table seconds
    drop constraint if exists seconds_deed_check,
    add constraint seconds_deed_check check (deed in ('highlight', 'change_highlight', 'collect', 'change_item', 'show_collection',
        'banner', 'change_banner', 'change_election', 'end_election')) not valid;
alter table seconds validate constraint seconds_deed_check;
drop index concurrently if exists seconds_banner;
create index concurrently seconds_banner on seconds (banner_id) where banner_id is not null;
drop index concurrently if exists seconds_election;
create index concurrently seconds_election on seconds (election_id) where election_id is not null;
