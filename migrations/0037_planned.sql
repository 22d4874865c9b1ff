-- +goose NO TRANSACTION
-- +goose Up
-- What a post is told by is planned once a connection: a function in SQL that is called by
-- itself is planned at every call, which took longer than to carry it out. And a followed
-- search is held against the words that are kept of a post, not against words read anew.

-- The followed products that a post is the first of its thread to name, of what one person
-- follows or, with 0, anybody.
-- +goose StatementBegin
create or replace function products_named(post bigint, person bigint) returns setof bigint language plpgsql stable as $$
begin
    return query select o.id from post_words w join products o on o.merged_into is null and (exists (
            select from products m join follows f on f.subject_kind = 'product' and f.subject_id = m.id and (person = 0 or f.person_id = person)
            where m.id = o.id or m.merged_into = o.id)
        or exists (
            select from suppliers g join suppliers k on k.id in (g.id, g.merged_into) or k.merged_into = coalesce(g.merged_into, g.id)
                join follows f on f.subject_kind = 'supplier' and f.subject_id = k.id and (person = 0 or f.person_id = person)
            where g.id = o.supplier_id)
        and (exists (select from product_uses u where u.product_id = o.id)
            or exists (select from project_products u join threads t on t.id = u.thread_id where u.product_id = o.id
                and t.visibility = 'public' and t.deleted_at is null and t.held_at is null and t.hidden_at is null)))
    where w.post_id = post and w.words @@ phraseto_tsquery('moothall_en', o.name)
        and not exists (select from post_words b where b.thread_id = w.thread_id and b.post_id < post and b.words @@ phraseto_tsquery('moothall_en', o.name))
    limit 100;
end $$;
-- +goose StatementEnd

-- The followed searches that a post matches, of one person or, with 0, everybody's: those of
-- whose needles it has one are asked in full.
-- +goose StatementBegin
create or replace function searches_matching(post bigint, person bigint) returns setof bigint language plpgsql stable as $$
begin
    return query with found as materialized (
        select w.words, w.kind, w.author_id, w.council_id, w.posted_at, w.thread_id, t.others, t.closed_at, t.answer_id, t.solved_at
        from post_words w join threads t on t.id = w.thread_id where w.post_id = post
    ), likely as materialized (
        select distinct n.search_id as id from found f cross join lateral unnest(tsvector_to_array(f.words)) w (word)
            join search_needles n on n.word = w.word
        where person = 0
        union all
        select s.id from saved_searches s where s.person_id = person
    )
    select s.id from likely l join saved_searches s on s.id = l.id cross join found f
    where f.words @@ s.asked
        and s.kind in ('', f.kind)
        and (s.topic_id is null or exists (select from thread_topics tt join topics x on x.id = tt.topic_id
            where tt.thread_id = f.thread_id and s.topic_id in (x.id, x.parent_id)))
        and (s.council_id is null or f.council_id in (s.council_id, council_now(s.council_id)))
        and (s.nation = '' or exists (select from councils c where c.id = f.council_id and c.nation = s.nation))
        and (s.author_id is null or s.author_id = f.author_id)
        and (s.phase = '' or exists (select from register r where r.thread_id = f.thread_id and r.phase = s.phase))
        and (s.verdict = '' or exists (select from register r where r.thread_id = f.thread_id and r.verdict = s.verdict))
        and (s.year is null or s.year = extract(year from f.posted_at at time zone 'UTC'))
        and case s.state
            when 'unanswered' then f.others = 0 and f.kind = 'question' and f.closed_at is null and f.answer_id is null and f.solved_at is null
            when 'replied' then f.others > 0 and f.kind = 'question' and f.closed_at is null and f.answer_id is null and f.solved_at is null
            when 'answered' then f.answer_id is not null
            when 'open' then f.closed_at is null
            when 'closed' then f.closed_at is not null
            else true end;
end $$;
-- +goose StatementEnd

-- The words of a post stay beside it: whoever searches reads many, and those that lie
-- elsewhere took more than twice as long. (Of posts from now on; others as they change.)
alter table post_words alter column words set storage main;
