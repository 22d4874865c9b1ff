-- +goose NO TRANSACTION
-- +goose Up
-- What reads a post for the search is planned once a connection, not once a post: a
-- function in SQL that is called by itself is planned at every call. Each statement may
-- run twice.

-- +goose StatementBegin
create or replace function plain_words(body text) returns text[] language plpgsql immutable as $$
begin
    return coalesce((
        select array_agg(word) from unnest(tsvector_to_array(to_tsvector('moothall_cy', body))) word
        where word ~ '^[a-z]{4,24}$'), '{}');
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function find_post(post bigint) returns void language plpgsql as $$
begin
    with kept as (
        insert into post_words (post_id, thread_id, author_id, council_id, kind, councils, posted_at, words, plain)
        select f.post_id, f.thread_id, f.author_id, f.council_id, f.kind, f.councils, f.posted_at, f.words, f.plain
        from posts_found f where f.post_id = find_post.post
        on conflict do nothing returning plain, councils
    )
    insert into word_changes (words, change) select k.plain, 1 from kept k where not k.councils;
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function find_posts(thread bigint, after bigint, upto bigint) returns void language plpgsql as $$
begin
    perform find_post(p.id) from posts p where p.thread_id = thread and p.id > after and p.id <= upto;
end $$;
-- +goose StatementEnd
