-- +goose NO TRANSACTION
-- +goose Up
-- Words that are joined are found as their parts too: "data-sharing" and "council/tax" as
-- they stand apart in most posts. Each statement may run twice.

-- A question as it was typed, with the words apart that a hyphen or a stroke joins. Of what is
-- not to be there the parts stay together, or the second would be asked for. Addresses stay
-- as they are.
-- +goose StatementBegin
create or replace function words_apart(typed text) returns text language sql immutable as $$
    select coalesce(string_agg(case
            when w.word ~ '[@.:][[:alnum:]/]' or w.word ~ '^-.*"' then w.word
            when w.word ~ '^-.*[[:alpha:]][-/][[:alpha:]]' then '-"' || substr(p.parts, 2) || '"'
            else p.parts end, ' ' order by w.n), '')
    from regexp_split_to_table(typed, ' ') with ordinality as w (word, n)
    cross join lateral regexp_replace(w.word, '([[:alpha:]])[-/](?=[[:alpha:]])', '\1 ', 'g') as p (parts)
$$;
-- +goose StatementEnd

-- A question as it was typed, as before. What a stroke joins is one word where it is written
-- so ("TCP/IP"), and two where it is not.
-- +goose StatementBegin
create or replace function search_query(typed text) returns tsquery language plpgsql stable as $$
declare
    apart constant text := words_apart(typed);
    asked tsquery := websearch_to_tsquery('moothall_en', apart) || websearch_to_tsquery('moothall_cy', apart);
    same record;
begin
    if typed ~ '[[:alpha:]]/[[:alpha:]]' then
        asked := asked || websearch_to_tsquery('moothall_en', typed) || websearch_to_tsquery('moothall_cy', typed);
    end if;
    for same in
        select s.word, s.capitals, s.word_query, s.means_query, s.means_exact from synonyms s
        where s.removed_at is null and (asked @> s.word_query or asked @> s.means_query) and numnode(s.word_query) > 0 and numnode(s.means_query) > 0
        order by s.id
    loop
        if asked @> same.means_query then
            asked := ts_rewrite(asked, same.means_query, same.means_query || same.word_query);
        elsif not same.capitals or position(' ' || btrim(regexp_replace(same.word, '[^[:alnum:]]+', ' ', 'g')) || ' '
            in ' ' || regexp_replace(typed, '[^[:alnum:]]+', ' ', 'g') || ' ') > 0 then
            asked := ts_rewrite(asked, same.word_query, same.word_query || same.means_exact);
        end if;
    end loop;
    -- What only says what is not to be there would be nearly everything.
    return case when querytree(asked) in ('', 'T') then null else asked end;
end $$;
-- +goose StatementEnd

-- The searches that are followed are read anew, by the job.
update saved_searches set stale = true where not stale and words ~ '[[:alpha:]][-/][[:alpha:]]';
