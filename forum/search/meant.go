package search

import "moothall/forum"

// meantQuery reads what may have been meant: each word that nobody has written is replaced
// by the likest that somebody has, if the reader finds a post with all that this makes, the
// words that were put in among it; or, where each of a few was misspelt, one with each.
var meantQuery = `
	with said as (
		select w.n, w.word, lower(unaccent(substring(w.word from '[[:alpha:]]+'))) as bare
		from regexp_split_to_table(@typed, ' ') with ordinality as w (word, n) where w.n <= 12
	), meant as materialized (
		select s.n, case when k.word is null then s.word else regexp_replace(s.word, '[[:alpha:]]+', k.word) end as text, k.word as put, k.posts
		from said s left join lateral (
			select k.word, k.posts from known_words k
			where s.bare ~ '^[a-z]{4,24}$' and not exists (select from known_words o where o.word = s.bare and o.posts > 0)
				and not exists (select from known_words o where o.posts > 0 and o.word like (ts_lexize('english_stem', s.bare))[1] || '%'
					and ts_lexize('english_stem', o.word) = ts_lexize('english_stem', s.bare))
				and (k.word % s.bare and abs(length(k.word) - length(s.bare)) < 4 and similarity(k.word, s.bare) > 0.4 or k.word like s.bare || '%')
				and k.posts > 0
			order by similarity(k.word, s.bare) desc, k.posts desc, k.word limit 1
		) k on true
	), whole as materialized (
		select string_agg(text, ' ' order by n) as text, string_agg(put, ' ') as put, bool_and(put is not null) as every, min(posts) as posts, count(*) as words
		from meant having count(put) > 0
	)
	select o.text from whole o
	where o.words = 1 and o.posts > ` + manyPosts + `
		or ` + foundBy("search_query(o.text) && "+inEither("o.put")) + `
		or o.words between 2 and 3 and o.every and not exists (select from meant m where not ` + foundBy(inEither("m.put")) + `)`

// inEither is a query for words, in either language.
func inEither(words string) string {
	return `(plainto_tsquery('moothall_en', ` + words + `) || plainto_tsquery('moothall_cy', ` + words + `))`
}

// foundBy is true where the reader finds a post for everybody by a query.
func foundBy(query string) string {
	return `exists (select from (
			select w.thread_id from post_words w where w.words @@ (` + query + `) and not w.councils limit ` + triedMost + `
		) w join threads t on t.id = w.thread_id where ` + forum.Listed + `)`
}

// triedMost is how many posts are looked at for one that the reader sees. That it is
// more than one has Postgres go by the index: for a first one it would read every post.
const triedMost = "200"

// manyPosts for everybody have a word that needs no looking for.
const manyPosts = "1000"
