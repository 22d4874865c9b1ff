-- +goose NO TRANSACTION
-- +goose Up
-- Projects and lessons: threads with facts beside them, under the thread's own number.
-- Each statement may run twice.

create table if not exists projects (
    thread_id    bigint primary key references threads on delete cascade,
    council_id   bigint references councils, -- who leads it; null while its author has no council
    summary      text not null check (length(summary) between 1 and 300),
    problem      text not null default '' check (length(problem) <= 10000),
    tried        text not null default '' check (length(tried) <= 10000),
    outcome      text not null default '' check (length(outcome) <= 10000),
    phase        text not null check (phase in ('idea', 'discovery', 'alpha', 'beta', 'live', 'stopped', 'retired')),
    cost_band    text not null default '' check (cost_band in ('', 'staff-time-only', 'under-10k', '10k-50k', '50k-100k', '100k-250k', '250k-1m', 'over-1m')),
    paid_by      text not null default '' check (paid_by in ('', 'own', 'fund', 'other')),
    standards    text not null default '' check (length(standards) <= 1000),
    code_url     text not null default '' check (code_url = '' or code_url ~ '^https?://'),
    licence      text not null default '' check (length(licence) <= 100),
    evidence_url text not null default '' check (evidence_url = '' or evidence_url ~ '^https?://'),
    offers       text[] not null default '{}' check (offers <@ array['call', 'code', 'demo', 'documents']),
    contact_id   bigint references people, -- who answers for it, beside whoever began it
    contact_role text not null default '' check (length(contact_role) <= 100),
    parent_id    bigint references threads on delete set null check (parent_id <> thread_id), -- the project that it reuses
    version      int not null default 1, -- of its facts: each change is one
    confirmed_at timestamptz not null, -- when somebody last said that all of this is true
    asked_at     timestamptz, -- when its owner was last asked whether it is, since
    asks         int not null default 0 check (asks between 0 and 2), -- how often, since
    demo_told    boolean not null default false
);
create index if not exists projects_council on projects (council_id);
create index if not exists projects_contact on projects (contact_id) where contact_id is not null;
create index if not exists projects_parent on projects (parent_id) where parent_id is not null;
create index if not exists projects_confirmed on projects (confirmed_at);

-- What a fact said, from which version on: who changes a fact that somebody else has
-- changed meanwhile is shown both, and of other facts nobody is held up.
create table if not exists project_changes (
    thread_id bigint not null references projects on delete cascade,
    version   int not null,
    field     text not null,
    said      text not null,
    person_id bigint not null references people,
    at        timestamptz not null,
    primary key (thread_id, version)
);
create index if not exists project_changes_field on project_changes (thread_id, field, version);
create index if not exists project_changes_person on project_changes (person_id);

create table if not exists project_phases (
    id        bigint generated always as identity primary key,
    thread_id bigint not null references projects on delete cascade,
    phase     text not null check (phase in ('idea', 'discovery', 'alpha', 'beta', 'live', 'stopped', 'retired')),
    on_date   date not null,
    person_id bigint not null references people,
    at        timestamptz not null
);
create index if not exists project_phases_thread on project_phases (thread_id, on_date, id);
create index if not exists project_phases_person on project_phases (person_id);

-- The partners. Each answers for itself.
create table if not exists project_councils (
    thread_id   bigint not null references projects on delete cascade,
    council_id  bigint not null references councils,
    state       text not null check (state in ('invited', 'confirmed', 'declined')),
    invited_by  bigint not null references people,
    invited_at  timestamptz not null,
    answered_by bigint references people,
    answered_at timestamptz,
    primary key (thread_id, council_id),
    check ((state = 'invited') = (answered_at is null))
);
create index if not exists project_councils_council on project_councils (council_id, state);
create index if not exists project_councils_invited_by on project_councils (invited_by);
create index if not exists project_councils_answered_by on project_councils (answered_by);

create table if not exists products (
    id       bigint generated always as identity primary key,
    slug     text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name     text not null check (length(name) between 1 and 100),
    supplier text not null default '' check (length(supplier) <= 100)
);
create unique index if not exists products_name on products (lower(name));

create table if not exists project_products (
    thread_id  bigint not null references projects on delete cascade,
    product_id bigint not null references products,
    end_month  date check (extract(day from end_month) = 1), -- of the contract, for colleagues only
    primary key (thread_id, product_id)
);
create index if not exists project_products_product on project_products (product_id, thread_id);

-- The posts by which those who tend a project told how it goes.
create table if not exists project_updates (
    post_id   bigint primary key references posts on delete cascade,
    thread_id bigint not null references projects on delete cascade
);
create index if not exists project_updates_thread on project_updates (thread_id, post_id);

-- What other councils do with a project: each says each thing once.
create table if not exists reuses (
    thread_id  bigint not null references projects on delete cascade,
    council_id bigint not null references councils,
    kind       text not null check (kind in ('reuse', 'problem', 'join')),
    note       text not null default '' check (length(note) <= 500),
    visibility text not null default 'public' check (visibility in ('public', 'councils')),
    person_id  bigint not null references people,
    at         timestamptz not null,
    project_id bigint references projects on delete set null, -- what became of it there
    primary key (thread_id, council_id, kind)
);
create index if not exists reuses_council on reuses (council_id);
create index if not exists reuses_person on reuses (person_id);
create index if not exists reuses_project on reuses (project_id) where project_id is not null;

create table if not exists lessons (
    thread_id   bigint primary key references threads on delete cascade,
    wanted      text not null default '' check (length(wanted) <= 5000),
    did         text not null default '' check (length(did) <= 5000),
    happened    text not null check (length(happened) between 1 and 5000),
    differently text not null default '' check (length(differently) <= 5000),
    verdict     text not null check (verdict in ('worked', 'partly', 'no', 'early')),
    advice      text not null default '' check (length(advice) <= 200), -- one sentence, for cards
    project_id  bigint references threads on delete set null,
    cost_band   text not null default '' check (cost_band in ('', 'staff-time-only', 'under-10k', '10k-50k', '50k-100k', '100k-250k', '250k-1m', 'over-1m')),
    time_band   text not null default '' check (time_band in ('', 'days', 'weeks', 'months', 'year', 'years')),
    version     int not null default 1
);
create index if not exists lessons_project on lessons (project_id) where project_id is not null;

-- This lesson helped us: once for each council.
create table if not exists helped (
    thread_id  bigint not null references lessons on delete cascade,
    council_id bigint not null references councils,
    person_id  bigint not null references people,
    at         timestamptz not null,
    primary key (thread_id, council_id)
);
create index if not exists helped_council on helped (council_id);
create index if not exists helped_person on helped (person_id);

-- What the filters of the registers and their counts read: one narrow row for each
-- project and lesson. Whether it stands in lists, for whom, and under which topics
-- comes from its thread, by triggers, whatever changes that.
create table if not exists register (
    thread_id    bigint primary key references threads on delete cascade,
    kind         text not null check (kind in ('project', 'lesson')),
    listed       boolean not null, -- neither held nor hidden nor deleted
    public       boolean not null,
    stale        boolean not null default false, -- nobody has confirmed it, although asked twice
    moved_at     timestamptz not null, -- when anything of it last changed
    begun_at     timestamptz not null,
    confirmed_at timestamptz not null,
    council_id   bigint references councils,
    reuses       int not null default 0 check (reuses >= 0), -- by so many councils
    phase        text not null default '',
    verdict      text not null default '',
    cost_band    text not null default '',
    offers       text[] not null default '{}',
    product_ids  bigint[] not null default '{}',
    topic_ids    bigint[] not null default '{}', -- with what they are part of
    check ((kind = 'project') = (phase <> '') and (kind = 'lesson') = (verdict <> ''))
);
create index if not exists register_topics_of on register using gin (topic_ids) where listed;
create index if not exists register_moved on register (kind, stale, moved_at desc, thread_id desc) where listed;

-- reused_by is how many other councils reuse a project, as far as everybody may know: by
-- a project that stands in lists for all, or by their word alone.
-- +goose StatementBegin
create or replace function reused_by(project bigint) returns int language sql stable as $$
    select count(distinct u.council_id)::int from reuses u join projects j on j.thread_id = u.thread_id
    where u.thread_id = project and u.kind = 'reuse' and u.council_id is distinct from j.council_id
        and case when u.project_id is null then u.visibility = 'public'
            else exists (select from register c where c.thread_id = u.project_id and c.listed and c.public) end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function register_thread() returns trigger language plpgsql as $$
begin
    update register set listed = new.held_at is null and new.hidden_at is null and new.deleted_at is null,
        public = new.visibility = 'public'
    where thread_id = new.id;
    update register set reuses = reused_by(thread_id) where thread_id in (select u.thread_id from reuses u where u.project_id = new.id);
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger register_thread after update of held_at, hidden_at, deleted_at, visibility on threads
    for each row when (old.kind in ('project', 'lesson')) execute function register_thread();

-- +goose StatementBegin
create or replace function register_topics() returns trigger language plpgsql as $$
begin
    update register r set topic_ids = coalesce((
        select array_agg(distinct x.id order by x.id) from thread_topics tt join topics o on o.id = tt.topic_id
        join topics x on x.id in (o.id, o.parent_id) where tt.thread_id = r.thread_id), '{}')
    where r.thread_id = coalesce(new.thread_id, old.thread_id);
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger register_topics after insert or delete on thread_topics
    for each row execute function register_topics();

alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited')) not valid;
alter table events validate constraint events_kind_check;
