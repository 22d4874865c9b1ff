-- +goose Up
-- Threads and their posts, who follows them, and what happened.
create table threads (
    id            bigint generated always as identity primary key,
    kind          text not null check (kind in ('question', 'discussion', 'announcement', 'project', 'lesson')),
    title         text not null check (length(title) between 1 and 150),
    slug          text not null,
    lang          text not null check (lang in ('en', 'cy')),
    visibility    text not null check (visibility in ('public', 'councils')),
    suppliers     boolean not null,
    author_id     bigint not null references people,
    council_id    bigint references councils, -- the author's, when it was asked
    home_topic_id bigint references topics,
    asked_at      timestamptz not null, -- when others could first see it
    last_post_at  timestamptz not null,
    post_count    int not null default 0, -- numbers given so far
    replies       int not null default 0, -- posts that show, the opening post aside
    others        int not null default 0, -- of these, by somebody other than the author
    pinned        boolean not null default false,
    closed_at     timestamptz,
    closed_why    text,
    held_at       timestamptz,
    hidden_at     timestamptz,
    hidden_why    text,
    deleted_at    timestamptz,
    demo_slug     text unique
);
create index threads_by_activity on threads (last_post_at desc, id desc)
    where held_at is null and hidden_at is null and deleted_at is null;
create index threads_by_kind on threads (kind, last_post_at desc, id desc)
    where held_at is null and hidden_at is null and deleted_at is null;
create index threads_unanswered on threads (last_post_at desc, id desc)
    where held_at is null and hidden_at is null and deleted_at is null and others = 0 and kind = 'question' and closed_at is null;
create index threads_waiting on threads (asked_at)
    where held_at is null and hidden_at is null and deleted_at is null and others = 0 and kind = 'question' and closed_at is null;
create index on threads (author_id, last_post_at desc);
create index on threads (council_id, last_post_at desc);
create index threads_held on threads (author_id) where held_at is not null;

create table thread_topics (
    thread_id bigint not null references threads on delete cascade,
    topic_id  bigint not null references topics,
    place     int not null check (place between 1 and 5),
    primary key (thread_id, topic_id),
    unique (thread_id, place)
);
create index on thread_topics (topic_id, thread_id);

create table posts (
    id           bigint generated always as identity primary key,
    thread_id    bigint not null references threads on delete cascade,
    number       int, -- given when it is published
    author_id    bigint not null references people,
    job_title    text not null, -- the author's job, council and company when it was written
    council_id   bigint references councils,
    company      text,
    in_reply_to  bigint references posts,
    lang         text not null check (lang in ('en', 'cy')),
    body         text not null,
    html         text not null,
    html_version int not null,
    excerpt      text not null,
    version      int not null default 1,
    posted_at    timestamptz not null,
    edited_at    timestamptz,
    held_at      timestamptz,
    hidden_at    timestamptz,
    hidden_why   text,
    deleted_at   timestamptz,
    demo_slug    text unique,
    unique (thread_id, number),
    check ((held_at is null) = (number is not null))
);
create index on posts (author_id, posted_at desc);
create index posts_held on posts (author_id) where held_at is not null;
create index posts_by_renderer on posts (html_version, id);

-- What a post said before each edit.
create table revisions (
    post_id   bigint not null references posts on delete cascade,
    version   int not null,
    editor_id bigint not null references people, -- who replaced this version
    at        timestamptz not null,
    title     text,
    body      text not null,
    reason    text not null default '',
    primary key (post_id, version)
);
create index on revisions (editor_id, at);

create table follows (
    person_id    bigint not null references people on delete cascade,
    subject_kind text not null check (subject_kind in ('thread', 'topic', 'council', 'person', 'everything')),
    subject_id   bigint not null,
    cadence      text not null check (cadence in ('instant', 'daily', 'weekly', 'site', 'mute')),
    reason       text not null check (reason in ('asked', 'replied', 'chose')),
    since        timestamptz not null,
    primary key (person_id, subject_kind, subject_id)
);
create index on follows (subject_kind, subject_id);

-- What happened. People are told of it later, from here.
create table events (
    id        bigint generated always as identity primary key,
    kind      text not null check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in')),
    at        timestamptz not null,
    doer_id   bigint references people, -- null: the operator, at the command line
    thread_id bigint references threads on delete cascade,
    post_id   bigint references posts on delete cascade,
    person_id bigint references people on delete cascade,
    quiet     boolean not null default false -- true of the demo's past: nobody is told
);
create index on events (thread_id, id);

create table reports (
    id          bigint generated always as identity primary key,
    thread_id   bigint not null references threads on delete cascade,
    post_id     bigint references posts on delete cascade, -- null: the thread as a whole
    reporter_id bigint not null references people,
    reason      text not null,
    at          timestamptz not null,
    decided_at  timestamptz,
    decider_id  bigint references people,
    decision    text check (decision in ('hidden', 'kept'))
);
create unique index reports_once on reports (thread_id, coalesce(post_id, 0), reporter_id) where decided_at is null;
create index reports_open on reports (at) where decided_at is null;
