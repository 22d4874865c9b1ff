-- +goose Up
-- count_threads waits for threads, councils and topics in the order in which asking,
-- hiding and moving do: it took topics first, and of two that waited for each other one
-- had to begin anew.
-- +goose StatementBegin
create or replace function count_threads() returns void language plpgsql as $$
begin
    perform from threads t where exists (select from thread_topics tt
        where tt.thread_id = t.id and (tt.listed, tt.last_post_at) is distinct from (in_lists(t), t.last_post_at))
        order by t.id for no key update;
    perform from councils order by id for no key update;
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
