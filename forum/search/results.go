package search

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// hitsTold is hitsMost as a number: from so many hits on there are more than are ranked.
var hitsTold, _ = strconv.Atoi(hitsMost)

// args are the arguments of the statements of a search.
func (q Query) args(who forum.Person, from place) pgx.NamedArgs {
	args := pgx.NamedArgs{"typed": q.Text, "kind": q.Kind, "topic": q.Topic, "council": q.Council, "nation": q.Nation, "author": q.Author, "phase": q.Phase, "verdict": q.Verdict, "state": q.State, "year": q.Year,
		"at": from.at, "score": from.score, "thread": from.thread, "like": "%" + escaped(q.Text) + "%", "word": "% " + apart.Replace(escaped(q.Text)) + "%", "marks": marks,
		"signs": string(mark) + string(unmark)}
	if q.Year != 0 {
		args["since"] = time.Date(q.Year, 1, 1, 0, 0, 0, 0, time.UTC)
		args["until"] = time.Date(q.Year+1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return who.Rights(args)
}

// apart takes words apart as begins does.
var apart = strings.NewReplacer("-", " ", "/", " ", "(", " ")

// escaped is text that stands for itself in a pattern of like.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// marks are how snippets are cut and marked.
const marks = "StartSel=" + string(mark) + ", StopSel=" + string(unmark) + `, MaxWords=36, MinWords=18, ShortWord=1, MaxFragments=2, FragmentDelimiter=" … "`

// narrowed are the conditions that a search asks for, of words w and of their threads t.
func (q Query) narrowed() (ofWords, ofThreads string) {
	ofWords, ofThreads = `(not w.councils or @colleague)`, forum.Listed
	for _, f := range []struct {
		holds     bool
		condition string
	}{
		{q.Kind != "", `w.kind = @kind`},
		{q.Council != "", `w.council_id = (select id from councils where slug = @council)`},
		{q.Nation != "", `w.council_id = any(array(select id from councils where nation = @nation))`},
		{q.Author != 0, `w.author_id = (select id from people where id = @author and erased_at is null)`},
		{q.Phase != "", `w.thread_id in (select r.thread_id from register r where r.phase = @phase)`},
		{q.Verdict != "", `w.thread_id in (select r.thread_id from register r where r.verdict = @verdict)`},
		{q.Year != 0, `w.posted_at >= @since and w.posted_at < @until`},
		{q.Topic != "", `w.thread_id in (select tt.thread_id from thread_topics tt where tt.topic_id = any(array(
			select x.id from topics x left join topics y on y.id = x.parent_id where @topic in (x.slug, y.slug))))`},
	} {
		if f.holds {
			ofWords += ` and ` + f.condition
		}
	}
	if q.State != "" {
		ofThreads += ` and ` + states[q.State]
	}
	return ofWords, ofThreads
}

// states are the conditions of forum.States, of threads t.
var states = map[string]string{
	"unanswered": `t.others = 0 and t.kind = 'question' and t.closed_at is null and t.answer_id is null and t.solved_at is null`,
	"replied":    `t.others > 0 and t.kind = 'question' and t.closed_at is null and t.answer_id is null and t.solved_at is null`,
	"answered":   `t.answer_id is not null`,
	"open":       `t.closed_at is null`,
	"closed":     `t.closed_at is not null`,
}

// scores are what results are put in order by, of hits h by posts p in threads t.
var scores = map[string]string{
	Relevance: fmt.Sprintf(`ts_rank('{%g, %g, %g, %g}', h.words, (select q from asked), %d)
		* case when t.answer_id = h.post_id then %g when t.answer_id is not null or t.solved_at is not null then %g
			when t.closed_at is not null and t.kind = 'question' then %g else 1 end
		* (1 + %g * least(t.others, 10))
		/ (1 + %g * greatest(0, extract(epoch from @at::timestamptz - t.last_post_at)::float8 / 31557600))`,
		inTitleAbove, inReply, inOpening, inTitle, byLength, accepted, answered, quiet, perOther, perYear),
	Newest: `extract(epoch from h.posted_at)::float8`,
	Useful: `(select p.useful from posts p where p.id = h.post_id) + least(0.99, ts_rank(h.words, (select q from asked)))`,
}

// askedFor is the query in the database's own form; of any of its words where nothing
// has all of them, unless it says what is not to be there.
func askedFor(any bool) string {
	if !any {
		return `search_query(@typed)`
	}
	return `case when search_query(@typed)::text like '%!%' then null
		else replace(replace(search_query(` + rarer + `)::text, ' & ', ' | '), ' <-> ', ' | ')::tsquery end`
}

// rarer is what was typed without the words that one post in fifty has, and more than a
// thousand: what has some of the words is to have those that say something. Where all are
// such words it is all of them.
const rarer = `(
	select coalesce(string_agg(w.word, ' ' order by w.n) filter (where coalesce(k.posts, 0) <= greatest(1000,
		0.02 * (select reltuples from pg_class where oid = 'post_words'::regclass))), @typed)
	from regexp_split_to_table(@typed, ' ') with ordinality as w (word, n)
	left join known_words k on k.word = lower(unaccent(substring(w.word from '[[:alpha:]]+'))))`

// isCommon is true of a search for one word that very many posts have.
const isCommon = `(@typed ~ '^[[:alpha:]]+$' and exists (select from known_words k where k.word = lower(unaccent(@typed))
	and k.posts > greatest(` + commonMost + `, ` + commonOf + ` * (select reltuples from pg_class where oid = 'post_words'::regclass))))`

// resultsQuery is the statement of a search. It ranks a bounded set (see weights.go):
// the first that the index gives; where these are not all, also the newest and those whose
// title fits. Snippets are cut for the page alone.
//
// The index knows words and not their order: what has the words of a phrase ("loose") is
// read to see whether it has the phrase, and no more than looseMost are. Each of the threads
// is looked up by its number (offset 0 keeps Postgres from reading all threads there are),
// and the newest posts are walked from their end: that they end somewhere is said, for of
// what is open at one end Postgres expects a third of the table, and reads all of it once
// posts no longer lie in the order of their numbers.
// What says little of a post is asked before its words, which are long.
func resultsQuery(q Query, any bool) string {
	ofWords, ofThreads := q.narrowed()
	common := isCommon
	if q.Narrowed() {
		common = `false` // the newest may have nothing of what is asked for
	}
	const columns = `select w.post_id, w.thread_id, w.posted_at, w.words from `
	listed := ` cross join lateral (select t.id from threads t where t.id = w.thread_id and ` + ofThreads + ` offset 0) t`
	const more = ` and ((select count(*) from early) = ` + hitsMost + ` or (select common or q::text ~ '<(-|\d+)>' from asked))`
	return `
		with asked as materialized (
			select q, regexp_replace(q::text, '<(-|\d+)>', '&', 'g')::tsquery as loose, ` + common + ` as common from (select ` + askedFor(any) + ` as q offset 0) asked
		), early as materialized (
			` + columns + `(select * from post_words w where w.words @@ (select loose from asked) and (select not common from asked) and ` + ofWords + ` limit ` + looseMost + `) w` + listed + `
			where w.words @@ (select q from asked) limit ` + hitsMost + `
		), hits as (
			select post_id, thread_id, posted_at, words from early
			union all
			(` + columns + `(select w.post_id, w.thread_id, w.author_id, w.council_id, w.kind, w.councils, w.posted_at, w.words from post_words w where w.post_id <= (select max(post_id) from post_words) and w.post_id > (select max(post_id) from post_words) - (select case when common then ` + walkedOf + ` else ` + newestOf + ` end from asked)` + more + `
				order by w.post_id desc offset 0) w` + listed + ` where ` + ofWords + ` and w.words @@ (select q from asked)
				limit (select case when common then ` + hitsMost + ` else ` + newestMost + ` end from asked))
			union all
			(` + columns + `title_words x join posts p on p.thread_id = x.thread_id and p.number = 1
				join post_words w on w.post_id = p.id` + listed + `
				where x.words @@ (select q from asked) and ` + ofWords + ` and w.words @@ (select q from asked)` + more + ` limit ` + titlesMost + `)
		), best as materialized (
			select distinct on (h.thread_id) h.thread_id, h.post_id, (` + scores[q.Sort] + `)::float8 as score
			from hits h cross join lateral (
				select t.kind, t.answer_id, t.solved_at, t.closed_at, t.others, t.last_post_at from threads t where t.id = h.thread_id offset 0) t
			order by h.thread_id, score desc, h.post_id
		)
		select ` + forum.ThreadColumns + `, p.id as post_id, p.number as post_number, p.posted_at, p.lang as post_lang,
			b.name as writer_name, coalesce(b.handle, '') as writer_handle, b.id as writer_id, coalesce(t.answer_id = p.id, false) as accepted,
			page.score, (select count(*)::int from best) as found, (select case when common then ` + hitsMost + ` else (select count(*)::int from early) end from asked) as hits,
			ts_headline(case when p.lang = 'cy' then 'moothall_cy'::regconfig else 'moothall_en' end, translate(p.html, @signs, ''),
				(select q from asked), @marks) as headline
		from (
			select thread_id, post_id, score from best where (score, thread_id) < (@score, @thread)
			order by score desc, thread_id desc limit ` + strconv.Itoa(PerPage+1) + `
		) page
		join (` + forum.ThreadTables + `) on t.id = page.thread_id
		join posts p on p.id = page.post_id and p.hidden_at is null and p.deleted_at is null and p.held_at is null
		join people b on b.id = p.author_id
		where ` + forum.Listed + `
		order by page.score desc, page.thread_id desc`
}

// begins is true of a name that has what was typed where one of its words begins: "bin" is
// no part of "Combined Authority". The index knows letters and not words.
func begins(name string) string {
	return `(folded(` + name + `) like (select folded(@like)) and translate(' ' || folded(` + name + `), '-/(', '   ') like (select folded(@word)))`
}

// nearly is true of a name that has some words nearly, in any order.
func nearly(words, name string) string {
	return `(length(` + words + `) between 4 and 60 and ` + words + ` <<% folded(` + name + `))`
}

// own is what was typed without what many councils are called.
const own = `(select btrim(regexp_replace(folded(@typed), '\m(city|county|borough|district|council|the|of|and)\M', '', 'g')))`

// councilsQuery finds councils by the names that they go by; where none is called so, those
// that are nearly, unless posts say the same: "housing" is no misspelt Houghton.
var councilsQuery = `
	with called as materialized (
		select o.id from councils o where ` + begins("o.shown_name") + `
		union all
		select n.council_id from council_names n join councils o on o.id = n.council_id where ` + begins("n.name") + ` and o.demo_name is null
	), meant as materialized (
		select o.id from councils o where not exists (select from called) and ` + nearly(own, "o.shown_name") + `
			and not exists (select from known_words k where k.posts > 0 and k.word = any(regexp_split_to_array(` + own + `, '[^a-z]+')))
	)
	select c.id, c.slug, c.shown_name as name from councils c
	where length(@typed) > 2 and ` + own + ` <> '' and c.id in (select id from called union all select id from meant)
	order by length(c.shown_name), c.shown_name limit 3`

// peopleQuery finds people who have been let in, by name or, after an @, by what they are
// mentioned by; those who may be named as somebody to ask also by the topics that they
// chose and by what they say of themselves. Where nobody is called so, who nearly is.
var peopleQuery = `
	with knows as materialized (
		select k.person_id, min(o.name) as skill from topics o join person_skills k on k.topic_id = o.id
		where ` + begins("o.name") + ` group by k.person_id
	), called as materialized (
		select n.id, true as by_name, '' as skill from people n where n.joined_at is not null and ` + begins("n.name") + `
		union all
		select n.id, true, '' from people n where n.handle = substr(lower(@typed), 2) and @typed like '@%'
		union all
		select f.person_id, false, k.skill from knows k join person_offers f on f.person_id = k.person_id where f.askable
		union all
		select f.person_id, false, '' from person_offers f where f.askable and ` + begins("f.about") + `
	), meant as materialized (
		select n.id, true as by_name, '' as skill from people n where not exists (select from called) and n.joined_at is not null and ` + nearly("(select folded(@typed))", "n.name") + `
	)
	select p.id, p.name, coalesce(p.handle, '') as handle, p.job_title, coalesce(c.shown_name, p.company, '') as council,
		case when free.so then f.skill else '' end as skill
	from (
		select id, bool_or(by_name) as by_name, max(skill) as skill from (select id, by_name, skill from called union all select id, by_name, skill from meant) named
		where length(@typed) > 2 group by id
	) f
	join people p on p.id = f.id left join councils c on c.id = p.council_id
	cross join lateral (select p.standing = 'colleague' and (p.suspended_at <= @at and p.suspended_until > @at) is not true as so) free
	where p.joined_at is not null and p.standing <> 'newcomer' and p.erased_at is null and (f.by_name or free.so)
	order by f.by_name desc, p.name, p.id limit 5`

// writerQuery reads whose posts alone are searched.
const writerQuery = `
	select p.id, p.name, coalesce(p.handle, '') as handle, p.job_title, coalesce(c.shown_name, p.company, '') as council, '' as skill
	from people p left join councils c on c.id = p.council_id
	where p.id = @author and p.joined_at is not null and p.standing <> 'newcomer' and p.erased_at is null`

// productsQuery finds products that are there for the reader, by their names and their
// suppliers': a project that stands in their lists names it, or a council says that it uses it.
var productsQuery = `
	select o.slug, o.name from products o
	where length(@typed) > 2 and o.merged_into is null and (` + begins("o.name") + ` or ` + begins("o.supplier") + `)
		and ` + forum.ProductShows + `
	order by folded(o.name) like folded(@like) desc, length(o.name), o.id limit 3`

// collectionsQuery finds collections that everybody sees by their titles.
var collectionsQuery = `
	select k.slug, k.title, k.lang from collections k
	where length(@typed) > 2 and ` + begins("k.title") + ` and k.shown
	order by length(k.title), k.id limit 3`
