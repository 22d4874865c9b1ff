-- +goose NO TRANSACTION
-- +goose Up
-- The letters of a newsletter of which nobody knows whether they came are counted by an
-- index of them alone.
drop index concurrently if exists newsletter_letters_unsure;
create index concurrently newsletter_letters_unsure on newsletter_letters (newsletter_id) where kind = 'issue' and why = 'unsure';
