package search

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// similarLeast is how long a title must be before anything can be like it.
const similarLeast = 8

// SaysEnough reports whether a title is long enough for others to be like it.
func SaysEnough(title string) bool {
	q := Query{Text: title}
	q.Clean()
	return utf8.RuneCountInString(q.Text) >= similarLeast
}

// Similar are at most five threads that a title may ask anew, the likest first; none
// rather than weak ones. topic is the slug of the topic that was chosen, if one was.
func (s *Store) Similar(ctx context.Context, who forum.Person, title, topic string) (found []forum.Alike, err error) {
	q := Query{Text: title}
	if q.Clean(); !SaysEnough(q.Text) {
		return nil, nil
	}
	var b pgx.Batch
	hasten(&b)
	b.Queue(`select set_config('pg_trgm.similarity_threshold', '` + lettersLeast + `', true)`) // what % says below
	b.Queue(similarQuery, who.Rights(pgx.NamedArgs{"title": q.Text, "topic": topic})).Query(forum.Into(&found))
	if err = s.send(ctx, &b); errors.Is(err, ErrSlow) {
		return nil, nil // it can be asked all the same
	}
	return found, err
}

// lettersLeast is how much alike the letters of two titles are to be that share no words:
// each that the index finds is read, and of long titles many are a little alike.
const lettersLeast = "0.45"

// similarQuery weighs titles by the words that they share, rare ones most, and by their
// letters, so that a slip of the keyboard does not hide one. A word that no title has tells
// little of how unlike they are, and counts half; one that has others of the same meaning
// stands for them too. Only titles with one of the
// four rarest words, or with letters much alike, are looked at.
const similarQuery = `
	with asked as materialized (
		select lower(unaccent(@title)) as title, words_in('en', @title) as words, array(
			select lexeme from unnest(words_in('en', @title)) where lexeme <> all(` + asking + `) order by length(lexeme) desc limit 12) as lexemes
	), terms as materialized (
		select (l.q::text || coalesce((
			select string_agg(' | (' || case when s.word_query = l.q then s.means_exact else s.word_query end::text || ')', '')
			from synonyms s where s.removed_at is null and not s.capitals and numnode(s.word_query) > 0 and numnode(s.means_query) > 0
				and (s.word_query = l.q or s.means_query @> l.q and asked.words @@ s.means_exact)), ''))::tsquery as q
		from asked cross join lateral (select plainto_tsquery('simple', lexeme) as q from unnest(asked.lexemes) as u (lexeme) offset 0) l
	), rarity as materialized (
		select l.q, ln(1 + (select greatest(reltuples, 100) from pg_class where oid = 'title_words'::regclass) / (1.0 + f.titles))
			* case when f.titles = 0 then 0.5 else 1 end as weight, f.titles
		from terms l cross join lateral (select count(*) as titles from (
			select from title_words x where x.words @@ l.q limit 5000) those) f
	), rare as materialized (
		select string_agg('(' || q::text || ')', ' | ')::tsquery as q from (
			select q from rarity where titles between 1 and 4999 order by weight desc limit 4) r
	), likely as materialized (
		select distinct thread_id from (
			(select x.thread_id from title_words x where x.words @@ (select q from rare) limit 3000)
			union all
			(select x.thread_id from title_words x where x.title % (select title from asked) order by similarity(x.title, (select title from asked)) desc limit 50)
		) c
	), weighed as materialized (
		select x.thread_id, similarity(x.title, (select title from asked)) as letters,
			coalesce((select sum(r.weight) filter (where x.words @@ r.q) / nullif(sum(r.weight), 0) from rarity r), 0) as shared,
			(select count(*) from rarity r where x.words @@ r.q) as common
		from likely l cross join lateral (select x.title, x.words, x.thread_id from title_words x where x.thread_id = l.thread_id offset 0) x
	)
	select t.id, t.title, t.slug, t.lang, t.kind, t.replies, t.answer_id is not null or t.solved_at is not null as answered,
		t.closed_at is not null as closed, coalesce(c.shown_name, '') as council_name, s.likeness
	from (
		select w.thread_id, (0.65 * w.shared + 0.35 * w.letters + case when exists (
			select from thread_topics tt join topics o on o.id = tt.topic_id where tt.thread_id = w.thread_id and o.slug = @topic) then 0.05 else 0 end)::float8 as likeness
		from weighed w where w.letters > ` + lettersLeast + ` or w.common > 1 and w.shared > 0.3
	) s
	join threads t on t.id = s.thread_id left join councils c on c.id = t.council_id
	where s.likeness > 0.32 and ` + forum.Listed + `
	order by s.likeness desc, t.id desc limit 5`

// asking are the stems of words that ask, and say nothing of what: "anyone using" is no more
// like "anyone using" something else.
const asking = `'{anyon,anybodi,someon,somebodi,everyon,use,tri,need,want,know,get,help,pleas,advic,question,recommend,experi,council,author,local}'`

// Answers counts that somebody who was about to ask found their answer in a thread that
// they may see. Who it was is not kept.
func (s *Store) Answers(ctx context.Context, who forum.Person, threadID int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		var there bool
		err := d.QueryRow(ctx, `select exists (select from threads t where t.id = @thread and `+forum.Listed+`)`,
			d.Who.Rights(pgx.NamedArgs{"thread": threadID})).Scan(&there)
		switch {
		case err != nil:
			return err
		case !there:
			return forum.ErrNotFound
		case !forum.CanAsk(d.Who):
			return forum.ErrForbidden
		}
		_, err = d.Exec(ctx, `
			insert into answered_before (thread_id, on_day, times) values ($1, ($2::timestamptz at time zone 'Europe/London')::date, 1)
			on conflict (thread_id, on_day) do update set times = answered_before.times + 1`, threadID, d.At)
		return err
	})
}
