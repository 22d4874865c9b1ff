-- +goose Up
-- Whether a product or a supplier that was merged into another was there for everybody
-- before: else its address leads there for those alone who see what is for councils.
alter table products add column if not exists public_before boolean not null default true;
alter table suppliers add column if not exists public_before boolean not null default true;

-- The products that people, or one person, follow, under any of their names, or whose
-- supplier they do, and that a post is the first of its thread to name, word by word. That
-- a product is a supplier's is told of those alone that are there for everybody.
-- +goose StatementBegin
create or replace function products_named(post bigint, person bigint) returns setof bigint language sql stable as $$
    select o.id from post_words w join products o on o.merged_into is null and (exists (
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
    limit 100
$$;
-- +goose StatementEnd
