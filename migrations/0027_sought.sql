-- +goose NO TRANSACTION
-- +goose Up
-- Searches that people follow, and people who can be asked. Each statement may run twice.

alter table follows
    drop constraint if exists follows_subject_kind_check,
    add constraint follows_subject_kind_check check (subject_kind in ('thread', 'topic', 'council', 'person', 'everything', 'search')) not valid;
alter table follows validate constraint follows_subject_kind_check;

-- What is searched for and by what that is narrowed: each is of one follow, and goes with it.
create table if not exists saved_searches (
    id         bigint generated always as identity primary key,
    person_id  bigint not null references people on delete cascade,
    words      text not null check (length(words) between 1 and 200),
    kind       text not null default '' check (kind in ('', 'question', 'discussion', 'announcement', 'project', 'lesson')),
    topic_id   bigint references topics,
    council_id bigint references councils,
    nation     text not null default '',
    state      text not null default '' check (state in ('', 'unanswered', 'replied', 'answered', 'open', 'closed')),
    phase      text not null default '',
    year       int,
    author_id  bigint references people on delete cascade,
    asked      tsquery not null -- the words as search reads them, with what they also go by
);
create unique index if not exists saved_searches_once on saved_searches
    (person_id, words, kind, topic_id, council_id, nation, state, phase, year, author_id) nulls not distinct;
create index if not exists saved_searches_topic on saved_searches (topic_id) where topic_id is not null;
create index if not exists saved_searches_council on saved_searches (council_id) where council_id is not null;
create index if not exists saved_searches_author on saved_searches (author_id) where author_id is not null;

-- By which words of a post a search comes into question: a post that has none of a search's
-- needles cannot match it.
create table if not exists search_needles (
    word      text not null,
    search_id bigint not null references saved_searches on delete cascade,
    primary key (word, search_id)
);
create index if not exists search_needles_search on search_needles (search_id);

-- The needles of a query: the fewest and rarest words of which each post that matches has
-- one. It begins with all words and leaves out the commonest first, as long as nothing that
-- has only words left out matches. Which words are common the planner knows of post_words;
-- of others the longer ones are taken to be rarer. What must not be there needs no needle.
-- +goose StatementBegin
create or replace function needles_of(asked tsquery) returns text[] language plpgsql stable as $$
declare
    plain constant tsquery := regexp_replace(querytree(asked), ' <(-|[0-9]+)> ', ' & ', 'g')::tsquery;
    every constant text[] := tsvector_to_array((
        select string_agg(m[1], ' ') from regexp_matches(plain::text, '(''(?:[^'']|'''')*'')', 'g') m)::tsvector);
    needles text[] := every;
    spare text[] := '{}';
    one text;
begin
    for one in
        select w.word from unnest(every) w (word) left join (
            select e.word, e.often from pg_stats s, unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) e (word, often)
            where s.schemaname = current_schema() and s.tablename = 'post_words' and s.attname = 'words'
        ) c on c.word = w.word
        order by c.often desc nulls last, length(w.word), w.word
    loop
        if not array_to_tsvector(spare || one) @@ plain then
            spare := spare || one;
            needles := array_remove(needles, one);
        end if;
    end loop;
    return needles;
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function saved_search_is_read() returns trigger language plpgsql as $$
begin
    new.asked := search_query(new.words);
    return new;
end $$;
-- +goose StatementEnd
create or replace trigger saved_search_is_read before insert or update of words on saved_searches for each row execute function saved_search_is_read();

-- +goose StatementBegin
create or replace function saved_search_has_needles() returns trigger language plpgsql as $$
begin
    delete from search_needles where search_id = new.id;
    insert into search_needles (word, search_id) select word, new.id from unnest(needles_of(new.asked)) n (word);
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger saved_search_has_needles after insert or update of words on saved_searches for each row execute function saved_search_has_needles();

-- Words that mean the same are read anew in the searches that have one of them, at once.
-- +goose StatementBegin
create or replace function saved_searches_are_reread() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        update saved_searches set words = words
        where numnode(old.word_query) > 0 and numnode(old.means_query) > 0 and (asked @> old.word_query or asked @> old.means_query);
    end if;
    if tg_op <> 'DELETE' then
        update saved_searches set words = words
        where numnode(new.word_query) > 0 and numnode(new.means_query) > 0 and (asked @> new.word_query or asked @> new.means_query);
    end if;
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger saved_searches_are_reread after insert or update or delete on synonyms for each row execute function saved_searches_are_reread();

-- Whoever ends the follow, by whatever way, ends the search.
-- +goose StatementBegin
create or replace function search_is_followed_no_more() returns trigger language plpgsql as $$
begin
    delete from saved_searches where id = old.subject_id;
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger search_is_followed_no_more after delete on follows for each row
    when (old.subject_kind = 'search') execute function search_is_followed_no_more();

-- The saved searches that a post matches: everybody's, or one person's alone. A post that
-- stands in no lists matches none. The conditions are those of a search that is narrowed.
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

-- What somebody offers to others and shows on their page, as they chose it themselves. Who
-- has chosen nothing has no row: nobody is told to ask them.
create table if not exists person_offers (
    person_id     bigint primary key references people on delete cascade,
    askable       boolean not null default false, -- may be named as somebody to ask
    about         text not null default '' check (length(about) <= 300), -- what they like to talk about
    show_threads  boolean not null default true,
    show_answers  boolean not null default false, -- those that were accepted
    show_projects boolean not null default false,
    chosen_at     timestamptz not null
);
create table if not exists person_skills (
    person_id bigint not null references people on delete cascade,
    topic_id  bigint not null references topics,
    primary key (person_id, topic_id)
);
create index if not exists person_skills_topic on person_skills (topic_id);
