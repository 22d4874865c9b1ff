-- +goose NO TRANSACTION
-- +goose Up
-- Search is narrowed to projects of a phase. An index that was left half built is built anew.
drop index concurrently if exists register_phase;
create index concurrently register_phase on register (phase) where phase <> '';
