-- +goose NO TRANSACTION
-- +goose Up
-- What goes with lessons, and with keeping projects alive. Each statement may run twice.

-- What a fact of a lesson said before, and under which version it was changed: who
-- changes a fact that somebody else has changed meanwhile is shown both, and of other
-- facts nobody is held up.
create table if not exists lesson_changes (
    thread_id bigint not null references lessons on delete cascade,
    version   int not null, -- the one that the change made
    field     text not null,
    was       text not null,
    person_id bigint not null references people,
    at        timestamptz not null,
    primary key (thread_id, version, field)
);
create index if not exists lesson_changes_person on lesson_changes (person_id);

-- The drafts of lessons are kept as those of threads are.
alter table drafts
    drop constraint if exists drafts_kind_check,
    add constraint drafts_kind_check check (kind in ('ask', 'reply', 'edit', 'report', 'lesson')) not valid;
alter table drafts validate constraint drafts_kind_check;
alter table draft_versions
    drop constraint if exists draft_versions_kind_check,
    add constraint draft_versions_kind_check check (kind in ('ask', 'reply', 'edit', 'report', 'lesson')) not valid;
alter table draft_versions validate constraint draft_versions_kind_check;

-- Whoever looks after a project is asked whether its page is still true, and hears what
-- a council said that was asked to take part.
alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited', 'partner_answered', 'lesson_changed',
        'thread_moved', 'thread_retitled', 'thread_merged', 'thread_split')) not valid;
alter table events validate constraint events_kind_check;
alter table notices
    drop constraint if exists notices_reason_check,
    add constraint notices_reason_check check (reason in ('mentioned', 'accepted', 'quoted', 'asked', 'replied', 'chose', 'let_in', 'tends')) not valid;
alter table notices validate constraint notices_reason_check;
