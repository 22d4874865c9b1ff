-- +goose NO TRANSACTION
-- +goose Up
-- Whoever has a role until a day is told before that it ends, and when it has. What ended
-- more than a month ago is told nobody. Each statement may run twice.
alter table roles
    add column if not exists told_ahead_at timestamptz,
    add column if not exists told_over_at timestamptz;
drop index concurrently if exists roles_with_an_end;
create index concurrently roles_with_an_end on roles (until) where until is not null and ended_at is null and told_over_at is null;
alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited', 'partner_answered', 'lesson_changed',
        'thread_moved', 'thread_retitled', 'thread_merged', 'thread_split', 'highlighted',
        'thread_summarised', 'thread_pinned', 'could_answer', 'question_offered',
        'collected', 'collection_added', 'suggestion_taken', 'suggestion_declined',
        'collection_shown', 'role_given', 'role_ended', 'role_ending', 'role_over', 'desk_given', 'second_agreed', 'second_declined',
        'product_named', 'product_used', 'claim_agreed', 'claim_declined')) not valid;
alter table events validate constraint events_kind_check;
