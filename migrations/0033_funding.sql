-- +goose Up
-- How a project stands for money.
alter table projects add column if not exists funding text not null default '' check (funding in ('', 'not-needed', 'looking', 'bid-made', 'agreed', 'spent'));
