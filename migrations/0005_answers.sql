-- +goose NO TRANSACTION
-- +goose Up
-- What answered a question, whether it worked, and the marks that people and
-- councils leave by a press. Each statement may run twice: killed between two of
-- them, the step begins anew.
alter table threads
    add column if not exists answer_id      bigint, -- the post that was accepted, if one stands
    add column if not exists answered_by    bigint,
    add column if not exists answered_at    timestamptz,
    add column if not exists answer_version int, -- the post's, when it was accepted
    add column if not exists solved_at      timestamptz, -- without an answer
    add column if not exists solved_by      bigint,
    add column if not exists solved_why     text,
    add column if not exists us_too         int not null default 0; -- councils
alter table posts
    add column if not exists useful int not null default 0; -- people

alter table threads
    drop constraint if exists threads_answer_id_fkey,
    add constraint threads_answer_id_fkey foreign key (answer_id) references posts not valid;
alter table threads validate constraint threads_answer_id_fkey;
alter table threads
    drop constraint if exists threads_answered_by_fkey,
    add constraint threads_answered_by_fkey foreign key (answered_by) references people not valid;
alter table threads validate constraint threads_answered_by_fkey;
alter table threads
    drop constraint if exists threads_solved_by_fkey,
    add constraint threads_solved_by_fkey foreign key (solved_by) references people not valid;
alter table threads validate constraint threads_solved_by_fkey;
alter table threads
    drop constraint if exists threads_answer_whole,
    add constraint threads_answer_whole check (num_nulls(answer_id, answered_by, answered_at, answer_version) in (0, 4)
        and num_nulls(solved_at, solved_by, solved_why) in (0, 3)
        and (answer_id is null or solved_at is null)
        and (kind = 'question' or answer_id is null and solved_at is null)) not valid;
alter table threads validate constraint threads_answer_whole;
alter table threads
    drop constraint if exists threads_us_too_counted,
    add constraint threads_us_too_counted check (us_too >= 0) not valid;
alter table threads validate constraint threads_us_too_counted;
alter table posts
    drop constraint if exists posts_useful_counted,
    add constraint posts_useful_counted check (useful >= 0) not valid;
alter table posts validate constraint posts_useful_counted;

alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted')) not valid;
alter table events validate constraint events_kind_check;

drop index concurrently if exists threads_replied;
create index concurrently threads_replied on threads (last_post_at desc, id desc)
    where held_at is null and hidden_at is null and deleted_at is null and others > 0 and kind = 'question'
        and closed_at is null and answer_id is null and solved_at is null;
drop index concurrently if exists threads_answered;
create index concurrently threads_answered on threads (last_post_at desc, id desc)
    where held_at is null and hidden_at is null and deleted_at is null and answer_id is not null;
drop index concurrently if exists threads_closed;
create index concurrently threads_closed on threads (last_post_at desc, id desc)
    where held_at is null and hidden_at is null and deleted_at is null and closed_at is not null;

-- This post is useful to me.
create table if not exists useful (
    post_id   bigint not null references posts on delete cascade,
    person_id bigint not null references people on delete cascade,
    at        timestamptz not null,
    primary key (post_id, person_id)
);
create index if not exists useful_by_person on useful (person_id, at);

-- This reply also worked for us: once for each council.
create table if not exists worked (
    post_id    bigint not null references posts on delete cascade,
    council_id bigint not null references councils,
    person_id  bigint not null references people, -- who said it
    at         timestamptz not null,
    primary key (post_id, council_id)
);

-- We have this problem too: one state for each council.
create table if not exists us_too (
    thread_id  bigint not null references threads on delete cascade,
    council_id bigint not null references councils,
    state      text not null check (state in ('have', 'working', 'solved', 'pilot')),
    person_id  bigint not null references people, -- who said it last
    at         timestamptz not null,
    primary key (thread_id, council_id)
);
create index if not exists us_too_by_council on us_too (council_id, thread_id);

-- Whether an accepted answer worked: told once by a person, and once for a council.
create table if not exists outcomes (
    post_id     bigint not null references posts on delete cascade,
    accepted_at timestamptz not null, -- which acceptance of the post
    person_id   bigint not null references people,
    council_id  bigint references councils,
    answer      text not null check (answer in ('worked', 'partly', 'not_tried', 'no')),
    note        text not null default '',
    at          timestamptz not null,
    primary key (post_id, accepted_at, person_id),
    unique (post_id, accepted_at, council_id)
);

-- Threads kept for later.
create table if not exists saves (
    person_id bigint not null references people on delete cascade,
    thread_id bigint not null references threads on delete cascade,
    saved_at  timestamptz not null,
    remind_at timestamptz, -- when its day begins
    primary key (person_id, thread_id)
);
