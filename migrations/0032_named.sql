-- +goose NO TRANSACTION
-- +goose Up
-- People, councils and products are found by any part of their names without reading them
-- all; and a search is narrowed by how a lesson went, also one that is followed.
-- Each statement may run twice.

-- A text as names are compared: small letters, without accents. It names its dictionary,
-- so that it says the same whatever the search path.
-- +goose StatementBegin
create or replace function folded(said text) returns text language plpgsql immutable strict parallel safe as $$
begin
    return lower(public.unaccent('public.unaccent'::regdictionary, said));
end $$;
-- +goose StatementEnd

drop index concurrently if exists people_named;
create index concurrently people_named on people using gin (folded(name) gin_trgm_ops) with (fastupdate = off) where joined_at is not null;
drop index concurrently if exists person_offers_about;
create index concurrently person_offers_about on person_offers using gin (folded(about) gin_trgm_ops) with (fastupdate = off) where askable;
drop index concurrently if exists topics_named;
create index concurrently topics_named on topics using gin (folded(name) gin_trgm_ops);
drop index concurrently if exists councils_named;
create index concurrently councils_named on councils using gin (folded(shown_name) gin_trgm_ops);
drop index concurrently if exists council_names_named;
create index concurrently council_names_named on council_names using gin (folded(name) gin_trgm_ops);
drop index concurrently if exists products_named;
create index concurrently products_named on products using gin (folded(name) gin_trgm_ops, folded(supplier) gin_trgm_ops) where merged_into is null;

alter table saved_searches add column if not exists verdict text not null default '';
drop index concurrently if exists saved_searches_unlike;
create unique index concurrently saved_searches_unlike on saved_searches
    (person_id, words, kind, topic_id, council_id, nation, state, phase, verdict, year, author_id) nulls not distinct;
drop index concurrently if exists saved_searches_once;

-- The saved searches that a post matches, as before, and by how a lesson went.
-- +goose StatementBegin
create or replace function searches_matching(post bigint, person bigint) returns setof bigint language sql stable as $$
    with found as materialized (
        select f.words, f.kind, f.author_id, f.council_id, f.posted_at, f.thread_id, t.others, t.closed_at, t.answer_id, t.solved_at
        from posts_found f join threads t on t.id = f.thread_id where f.post_id = post
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
            else true end
$$;
-- +goose StatementEnd

-- Words that mean the same are read anew in the searches that have one of them by a job: a
-- common word stands in too many to be read while somebody waits.
alter table saved_searches add column if not exists stale boolean not null default false;
drop index concurrently if exists saved_searches_stale;
create index concurrently saved_searches_stale on saved_searches (id) where stale;
-- +goose StatementBegin
create or replace function saved_searches_are_reread() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        update saved_searches set stale = true
        where not stale and numnode(old.word_query) > 0 and numnode(old.means_query) > 0 and (asked @> old.word_query or asked @> old.means_query);
    end if;
    if tg_op <> 'DELETE' then
        update saved_searches set stale = true
        where not stale and numnode(new.word_query) > 0 and numnode(new.means_query) > 0 and (asked @> new.word_query or asked @> new.means_query);
    end if;
    return null;
end $$;
-- +goose StatementEnd
