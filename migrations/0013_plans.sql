-- +goose NO TRANSACTION
-- +goose Up
-- What a directory or a listing shows is kept beside it, so that reading it costs no
-- more when the site grows: how many threads a topic and a council have in lists, how
-- many people a council has in its directory, and, beside each topic of a thread, who
-- may find it there and since when it was quiet. Triggers keep all that, so that it
-- stays true of deeds of the version before, and of deeds yet to be written. Each
-- statement may run twice.
alter table topics
    add column if not exists threads_public   int not null default 0,
    add column if not exists threads_councils int not null default 0; -- beside the public ones
alter table councils
    add column if not exists threads_public   int not null default 0,
    add column if not exists threads_councils int not null default 0,
    add column if not exists people           int not null default 0;
alter table thread_topics
    add column if not exists listed       text, -- the thread's visibility, while it stands in lists
    add column if not exists last_post_at timestamptz;
alter table thread_topics
    drop constraint if exists thread_topics_listed,
    add constraint thread_topics_listed check (listed in ('public', 'councils')) not valid;
alter table thread_topics validate constraint thread_topics_listed;

-- What was done last of what is done once a day.
create table if not exists chores (
    name text primary key,
    at   timestamptz not null
);

-- A thread in lists is none that waits, was hidden or is gone.
-- +goose StatementBegin
create or replace function in_lists(t threads) returns text language sql immutable as $$
    select case when t.held_at is null and t.hidden_at is null and t.deleted_at is null then t.visibility end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function threads_tell_topics() returns trigger language plpgsql as $$
begin
    update thread_topics set listed = in_lists(new), last_post_at = new.last_post_at
    where thread_id = new.id and (listed, last_post_at) is distinct from (in_lists(new), new.last_post_at);
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger threads_tell_topics
    after insert or update of held_at, hidden_at, deleted_at, visibility, last_post_at on threads
    for each row execute function threads_tell_topics();

-- +goose StatementBegin
create or replace function thread_topics_filled() returns trigger language plpgsql as $$
begin
    select in_lists(t), t.last_post_at into new.listed, new.last_post_at from threads t where t.id = new.thread_id;
    return new;
end $$;
-- +goose StatementEnd
create or replace trigger thread_topics_filled before insert on thread_topics
    for each row execute function thread_topics_filled();

-- +goose StatementBegin
create or replace function threads_counted_by_council() returns trigger language plpgsql as $$
declare
    was text; of_was bigint; is_now text; of_now bigint;
begin
    if tg_op <> 'INSERT' then
        was := in_lists(old); of_was := old.council_id;
    end if;
    if tg_op <> 'DELETE' then
        is_now := in_lists(new); of_now := new.council_id;
    end if;
    if (was, of_was) is not distinct from (is_now, of_now) then
        return null;
    end if;
    update councils c set threads_public = threads_public + n.public, threads_councils = threads_councils + n.councils
    from (
        select x.id, coalesce(sum(x.n) filter (where x.listed = 'public'), 0) as public, coalesce(sum(x.n) filter (where x.listed = 'councils'), 0) as councils
        from (values (of_was, was, -1), (of_now, is_now, 1)) x (id, listed, n) group by x.id
    ) n
    where c.id = n.id and (n.public <> 0 or n.councils <> 0);
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger threads_counted_by_council
    after insert or delete or update of held_at, hidden_at, deleted_at, visibility, council_id on threads
    for each row execute function threads_counted_by_council();

-- A person in a directory is a colleague who has joined and is not gone.
-- +goose StatementBegin
create or replace function people_counted() returns trigger language plpgsql as $$
declare
    was bigint; is_now bigint;
begin
    if tg_op <> 'INSERT' and old.standing = 'colleague' and old.joined_at is not null and old.erased_at is null then
        was := old.council_id;
    end if;
    if tg_op <> 'DELETE' and new.standing = 'colleague' and new.joined_at is not null and new.erased_at is null then
        is_now := new.council_id;
    end if;
    if was is distinct from is_now then
        update councils c set people = c.people + case when c.id = is_now then 1 else -1 end where c.id in (was, is_now);
    end if;
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger people_counted
    after insert or delete or update of standing, joined_at, erased_at, council_id on people
    for each row execute function people_counted();

-- What there is already, before it is counted.
update thread_topics tt set listed = in_lists(t), last_post_at = t.last_post_at
from threads t
where t.id = tt.thread_id and (tt.listed, tt.last_post_at) is distinct from (in_lists(t), t.last_post_at);

-- A topic's threads are counted once for each statement, in the topics' order: two
-- deeds must not wait for each other, and many threads at once are one sum.
-- +goose StatementBegin
create or replace function topics_counted() returns trigger language plpgsql as $$
declare
    ids bigint[]; publics bigint[]; councils bigint[];
begin
    if tg_op = 'INSERT' then
        select array_agg(topic_id), array_agg(p), array_agg(c) into ids, publics, councils from (
            select topic_id, count(*) filter (where listed = 'public') as p, count(*) filter (where listed = 'councils') as c
            from new_rows where listed is not null group by topic_id) n;
    elsif tg_op = 'DELETE' then
        select array_agg(topic_id), array_agg(-p), array_agg(-c) into ids, publics, councils from (
            select topic_id, count(*) filter (where listed = 'public') as p, count(*) filter (where listed = 'councils') as c
            from old_rows where listed is not null group by topic_id) n;
    else
        select array_agg(topic_id), array_agg(p), array_agg(c) into ids, publics, councils from (
            select topic_id, coalesce(sum(n) filter (where listed = 'public'), 0) as p, coalesce(sum(n) filter (where listed = 'councils'), 0) as c
            from (
                select topic_id, listed, 1 as n from new_rows
                union all
                select topic_id, listed, -1 from old_rows
            ) both_sides where listed is not null group by topic_id) n where p <> 0 or c <> 0;
    end if;
    if ids is null then
        return null; -- such as when a reply moves its thread up
    end if;
    perform from topics where id = any(ids) order by id for no key update;
    update topics o set threads_public = o.threads_public + n.p, threads_councils = o.threads_councils + n.c
    from unnest(ids, publics, councils) n (id, p, c) where o.id = n.id;
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger topics_counted_insert after insert on thread_topics
    referencing new table as new_rows for each statement execute function topics_counted();
create or replace trigger topics_counted_delete after delete on thread_topics
    referencing old table as old_rows for each statement execute function topics_counted();
create or replace trigger topics_counted_update after update on thread_topics
    referencing old table as old_rows new table as new_rows for each statement execute function topics_counted();

-- Counts that are not what there is are put right: at once, and then once a day.
-- Whoever would change them meanwhile waits.
-- +goose StatementBegin
create or replace function count_threads() returns void language plpgsql as $$
begin
    perform from threads t where exists (select from thread_topics tt
        where tt.thread_id = t.id and (tt.listed, tt.last_post_at) is distinct from (in_lists(t), t.last_post_at))
        order by t.id for no key update;
    update thread_topics tt set listed = in_lists(t), last_post_at = t.last_post_at
    from threads t
    where t.id = tt.thread_id and (tt.listed, tt.last_post_at) is distinct from (in_lists(t), t.last_post_at);

    perform from topics order by id for no key update;
    update topics o set threads_public = n.public, threads_councils = n.councils
    from (
        select o.id, count(*) filter (where tt.listed = 'public') as public, count(*) filter (where tt.listed = 'councils') as councils
        from topics o left join thread_topics tt on tt.topic_id = o.id group by o.id
    ) n
    where o.id = n.id and (o.threads_public, o.threads_councils) is distinct from (n.public, n.councils);

    perform from councils order by id for no key update;
    update councils c set threads_public = n.public, threads_councils = n.councils, people = n.people
    from (
        select c.id, coalesce(x.public, 0) as public, coalesce(x.councils, 0) as councils, coalesce(p.people, 0) as people
        from councils c
        left join (
            select t.council_id, count(*) filter (where in_lists(t) = 'public') as public, count(*) filter (where in_lists(t) = 'councils') as councils
            from threads t group by t.council_id
        ) x on x.council_id = c.id
        left join (
            select council_id, count(*) as people from people
            where standing = 'colleague' and joined_at is not null and erased_at is null group by council_id
        ) p on p.council_id = c.id
    ) n
    where c.id = n.id and (c.threads_public, c.threads_councils, c.people) is distinct from (n.public, n.councils, n.people);
end $$;
-- +goose StatementEnd
select count_threads();

-- A listing of a topic and of a council in its order; the people of a council in theirs.
drop index concurrently if exists thread_topics_listed_by_activity;
create index concurrently thread_topics_listed_by_activity on thread_topics (topic_id, last_post_at desc, thread_id desc) where listed is not null;
drop index concurrently if exists threads_by_council;
create index concurrently threads_by_council on threads (council_id, last_post_at desc, id desc)
    where held_at is null and hidden_at is null and deleted_at is null;
drop index concurrently if exists people_known;
create index concurrently people_known on people (council_id, name)
    where standing = 'colleague' and joined_at is not null and erased_at is null;

-- What somebody is yet to read, apart from all that they were told.
drop index concurrently if exists notices_unread_of_person;
create index concurrently notices_unread_of_person on notices (person_id, thread_id) where read_at is null;
