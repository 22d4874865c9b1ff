-- +goose Up
-- What search reads. Triggers keep it in the transaction of the post itself, also of the
-- version before, which knows nothing of it. What was there already is read by a job.

-- How words are read: English by its stems, Welsh as they stand, both without accents.
create text search configuration moothall_en (copy = english);
alter text search configuration moothall_en alter mapping for hword, hword_part, word with unaccent, english_stem;
create text search configuration moothall_cy (copy = simple);
alter text search configuration moothall_cy alter mapping for hword, hword_part, word with unaccent, simple;

-- The words of a post that stands in lists; beside them what a search is narrowed by.
-- What is held, hidden or taken back has no row, nor has a post of such a thread.
create table post_words (
    post_id    bigint primary key references posts on delete cascade,
    thread_id  bigint not null references threads on delete cascade,
    author_id  bigint not null references people,
    council_id bigint references councils, -- the thread's
    kind       text not null,
    councils   boolean not null, -- for councils only
    posted_at  timestamptz not null,
    words      tsvector not null,
    plain      text[] not null -- each word once, as people write it
);
create index post_words_thread on post_words (thread_id);
create index post_words_author on post_words (author_id);
create index post_words_council on post_words (council_id);
-- Without a list of what is still to be sorted in: a search never pays for posts of others.
create index post_words_words on post_words using gin (words) with (fastupdate = off);

-- The titles of the same threads, by word and by three letters, for questions alike.
create table title_words (
    thread_id bigint primary key references threads on delete cascade,
    title     text not null, -- small letters, without accents
    words     tsvector not null
);
create index title_words_words on title_words using gin (words) with (fastupdate = off);
create index title_words_letters on title_words using gin (title gin_trgm_ops);

-- Words as people write them, for "did you mean", and in how many posts for everybody
-- they stand. Posts leave what they change here; a job adds it up.
create table known_words (
    word  text primary key,
    posts int not null
);
create index known_words_letters on known_words using gin (word gin_trgm_ops);
create table word_changes (
    id     bigint generated always as identity primary key,
    words  text[] not null,
    change int not null check (change in (-1, 1))
);

-- How far the job has come with posts that were there before; without a row it is done.
create table search_fill (
    one  boolean primary key default true check (one),
    upto bigint not null -- posts up to this one are read
);
insert into search_fill (upto) select 0 where exists (select from posts);

-- Long threads whose posts are to be read anew, and how far the job has come with them: a
-- deed on a thread costs the same however long it is.
create table search_later (
    thread_id bigint primary key references threads on delete cascade,
    upto      bigint not null default 0
);

-- Words that mean the same. "Capitals" are found only as they are written: SEND, not send.
create table synonyms (
    id         bigint generated always as identity primary key,
    word       text not null check (length(word) between 1 and 60),
    means      text not null check (length(means) between 1 and 120),
    capitals   boolean not null default false,
    editor_id  bigint references people, -- null: it came with the program
    edited_at  timestamptz,
    removed_at timestamptz,
    word_query  tsquery not null generated always as (plainto_tsquery('moothall_en', word)) stored,
    means_query tsquery not null generated always as (plainto_tsquery('moothall_en', means)) stored,
    means_exact tsquery not null generated always as (phraseto_tsquery('moothall_en', means)) stored
);
create unique index synonyms_once on synonyms (lower(word), lower(means));
create index synonyms_editor on synonyms (editor_id) where editor_id is not null;

-- What was searched for and not found, by day and without who it was.
create table search_misses (
    on_day date not null,
    words  text not null check (length(words) between 1 and 100),
    times  int not null,
    primary key (on_day, words)
);

-- How often somebody who was about to ask found their answer in a thread, by day and
-- without who it was.
create table answered_before (
    thread_id bigint not null references threads on delete cascade,
    on_day    date not null,
    times     int not null,
    primary key (thread_id, on_day)
);

-- +goose StatementBegin
create function words_in(lang text, body text) returns tsvector language sql immutable as $$
    select case when lang = 'cy' then to_tsvector('moothall_cy', body) else to_tsvector('moothall_en', body) end
$$;
-- +goose StatementEnd

-- The words of a text as people write them, each once.
-- +goose StatementBegin
create function plain_words(body text) returns text[] language sql immutable as $$
    select coalesce(array_agg(word), '{}') from unnest(tsvector_to_array(to_tsvector('moothall_cy', body))) word
    where word ~ '^[a-z]{4,24}$'
$$;
-- +goose StatementEnd

-- What the tables above hold, made anew. A reply carries its thread's title, lightly, so
-- that a question of two words finds the one in the title and the other below it.
create view posts_found as
    select p.id as post_id, t.id as thread_id, p.author_id, t.council_id, t.kind, t.visibility = 'councils' as councils, p.posted_at,
        case when p.number = 1
            then setweight(words_in(t.lang, t.title), 'A') || setweight(words_in(p.lang, p.html), 'B')
            else setweight(words_in(t.lang, t.title), 'D') || setweight(words_in(p.lang, p.html), 'C') end as words,
        plain_words(case when p.number = 1 then t.title || ' ' else '' end || p.html) as plain
    from posts p join threads t on t.id = p.thread_id
    where t.held_at is null and t.hidden_at is null and t.deleted_at is null
        and p.number is not null and p.hidden_at is null and p.deleted_at is null;
create view titles_found as
    select t.id as thread_id, lower(unaccent(t.title)) as title, words_in(t.lang, t.title) as words
    from threads t where t.held_at is null and t.hidden_at is null and t.deleted_at is null;

-- Reads posts of a thread, those after one up to another.
-- +goose StatementBegin
create function find_posts(thread bigint, after bigint, upto bigint) returns void language sql as $$
    with kept as (
        insert into post_words (post_id, thread_id, author_id, council_id, kind, councils, posted_at, words, plain)
        select post_id, thread_id, author_id, council_id, kind, councils, posted_at, words, plain from posts_found
        where thread_id = thread and post_id > after and post_id <= upto
        on conflict (post_id) do nothing returning plain, councils
    )
    insert into word_changes (words, change) select plain, 1 from kept where not councils
$$;
-- +goose StatementEnd

-- Forgets posts of a thread, likewise.
-- +goose StatementBegin
create function lose_posts(thread bigint, after bigint, upto bigint) returns void language sql as $$
    with gone as (delete from post_words where thread_id = thread and post_id > after and post_id <= upto returning plain, councils)
    insert into word_changes (words, change) select plain, -1 from gone where not councils
$$;
-- +goose StatementEnd

-- Reads one post, whatever is in its thread beside it.
-- +goose StatementBegin
create function find_post(post bigint) returns void language sql as $$
    with kept as (
        insert into post_words (post_id, thread_id, author_id, council_id, kind, councils, posted_at, words, plain)
        select post_id, thread_id, author_id, council_id, kind, councils, posted_at, words, plain from posts_found where post_id = post
        on conflict (post_id) do nothing returning plain, councils
    )
    insert into word_changes (words, change) select plain, 1 from kept where not councils
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function post_is_found() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        with gone as (delete from post_words where post_id = old.id returning plain, councils)
        insert into word_changes (words, change) select plain, -1 from gone where not councils;
    end if;
    perform find_post(new.id);
    return null;
end $$;
-- +goose StatementEnd
create trigger post_is_found after insert on posts for each row execute function post_is_found();
create trigger post_is_found_anew
    after update of thread_id, number, author_id, lang, html, posted_at, held_at, hidden_at, deleted_at on posts
    for each row when ((old.thread_id, old.number, old.author_id, old.lang, old.html, old.posted_at, old.held_at, old.hidden_at, old.deleted_at)
        is distinct from (new.thread_id, new.number, new.author_id, new.lang, new.html, new.posted_at, new.held_at, new.hidden_at, new.deleted_at))
    execute function post_is_found();

-- +goose StatementBegin
create function thread_is_found() returns trigger language plpgsql as $$
declare
    shown boolean := new.held_at is null and new.hidden_at is null and new.deleted_at is null;
    ends constant bigint := 9223372036854775807;
begin
    if tg_op = 'UPDATE' then
        if not shown then
            perform lose_posts(old.id, 0, ends);
            delete from title_words where thread_id = old.id;
            delete from search_later where thread_id = old.id;
            return null;
        end if;
        if (old.title, old.lang, old.held_at, old.hidden_at, old.deleted_at) is not distinct from (new.title, new.lang, new.held_at, new.hidden_at, new.deleted_at) then
            if old.visibility <> new.visibility then
                insert into word_changes (words, change)
                select plain, case when new.visibility = 'councils' then -1 else 1 end from post_words where thread_id = new.id;
            end if;
            update post_words set kind = new.kind, council_id = new.council_id, councils = new.visibility = 'councils' where thread_id = new.id;
            return null;
        end if;
        perform lose_posts(old.id, 0, ends);
        if new.post_count <= 20 then
            perform find_posts(new.id, 0, ends);
        else
            perform find_post(o.id) from posts o where o.thread_id = new.id and o.number = 1;
            insert into search_later (thread_id) values (new.id) on conflict (thread_id) do update set upto = 0;
        end if;
    end if;
    insert into title_words (thread_id, title, words) select thread_id, title, words from titles_found where thread_id = new.id
    on conflict (thread_id) do update set title = excluded.title, words = excluded.words;
    return null;
end $$;
-- +goose StatementEnd
create trigger thread_is_found after insert on threads for each row execute function thread_is_found();
create trigger thread_is_found_anew
    after update of kind, title, lang, visibility, council_id, held_at, hidden_at, deleted_at on threads
    for each row when ((old.kind, old.title, old.lang, old.visibility, old.council_id, old.held_at, old.hidden_at, old.deleted_at)
        is distinct from (new.kind, new.title, new.lang, new.visibility, new.council_id, new.held_at, new.hidden_at, new.deleted_at))
    execute function thread_is_found();

-- A question as it was typed: quotes, minus and "or" as people know them from the web, in
-- both languages, with what the words also go by.
-- +goose StatementBegin
create function search_query(typed text) returns tsquery language plpgsql stable as $$
declare
    asked tsquery := websearch_to_tsquery('moothall_en', typed) || websearch_to_tsquery('moothall_cy', typed);
    same record;
begin
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
