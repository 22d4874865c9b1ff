package forum

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// oldAfter is how long nobody has written in a thread before it asks whether a case
// of today is not better asked anew.
const oldAfter = 180 * 24 * time.Hour

// Related is the older thread that another was asked anew from, or the other way round.
type Related struct {
	ID    int64
	Slug  string
	Title string
	Lang  string
	Anew  bool // this one was asked anew; else it is the older one

	Answered bool // of one that is only like it
}

// relatedQuery reads what a thread was asked anew from, and what was asked anew
// from it, as far as the reader may see that.
const relatedQuery = `
	select t.id, t.slug, t.title, t.lang, coalesce(t.related_id = @thread, false) as anew from threads t
	where (t.id = (select c.related_id from threads c where c.id = @thread) or t.related_id = @thread) and ` + listed + `
	order by anew, t.id desc limit 20`

// similarQuery reads the threads most like one: under as many of its topics, with a
// title like its own, rather answered than not. Those that it was asked anew from or
// as stand above already. It is read with every page of a thread, so it chooses among
// the liveliest under each topic and costs the same among a million. Of a page that is full
// of posts, with all that somebody signed in may do with each, nothing is read: there is no
// room for more.
const similarQuery = `
	select t.id, t.slug, t.title, t.lang, t.answer_id is not null as answered
	from (
		select n.id, count(*) as shared from thread_topics own cross join lateral (
			select tt.thread_id as id from thread_topics tt
			where tt.topic_id = own.topic_id and tt.listed is not null and (tt.listed = 'public' or @colleague) and tt.thread_id <> @thread
			order by tt.last_post_at desc, tt.thread_id desc limit 20) n
		where own.thread_id = @thread and (@who::bigint = 0 or (select f.post_count < @last::bigint from threads f where f.id = @thread))
		group by n.id
	) near
	join threads t on t.id = near.id
	join threads me on me.id = @thread
	where ` + listed + ` and t.related_id is distinct from me.id and me.related_id is distinct from t.id
	order by similarity(t.title, me.title) + 0.1 * near.shared + case when t.answer_id is null then 0 else 0.05 end desc, t.id desc limit 4`

// relatedTo reads the older thread that a question is about to be asked anew from.
const relatedTo = `select t.id, t.slug, t.title, t.lang from threads t where t.id = @related and ` + visible

// relate links the thread that was just asked to the older one, if its author may
// see that: what they may not see is passed over, as if it were not there.
func (d *Deed) relate(ctx context.Context, threadID, relatedID int64) error {
	if relatedID == 0 {
		return nil
	}
	_, err := d.Exec(ctx, `
		update threads set related_id = (select t.id from threads t where t.id = @related and t.id <> @thread and `+visible+`)
		where id = @thread`, d.Who.rights(pgx.NamedArgs{"thread": threadID, "related": relatedID}))
	return err
}

// Alike is a thread like the one that somebody is about to ask.
type Alike struct {
	ID          int64
	Title       string
	Slug        string
	Lang        string
	Kind        string
	Replies     int
	Answered    bool
	Closed      bool
	CouncilName string
	Likeness    float64 // from 0 to 1 and a little more
}

// State is what has become of it, as in lists; of what has no such state its kind.
func (a Alike) State() string {
	switch {
	case a.Answered:
		return "answered"
	case a.Closed:
		return "closed"
	case a.Kind != Question:
		return a.Kind
	case a.Replies > 0:
		return "replied"
	}
	return "unanswered"
}

// asking are the stems of words that ask, and say nothing of what: "anyone using" is no more
// like "anyone using" something else.
const asking = `'{anyon,anybodi,someon,somebodi,everyon,use,tri,need,want,know,get,help,pleas,advic,question,recommend,experi,council,author,local}'`

// LikeTitle is a title that others are to be like, in SQL as title_words keeps them, and how
// far one looks for those.
type LikeTitle struct {
	Title, Words string
	Own          string // how many of the titles it is itself: 0 or 1
	Common       string // a word of so many titles leads to none of them
	Most         string // titles that are looked at for their words
}

// Titles are SQL that reads the titles with one of the four rarest words of a title that
// others have too, or with letters much alike (of which similarity_threshold tells): their
// thread_id, how much alike the letters are, what share of the words they have, rare ones
// counting most, how many words that is (common), and how many the shorter of the two has
// (fewer). A slip of the keyboard does not hide a title. A word that no other has tells little
// of how unlike they are, and counts half; one that has others of the same meaning stands for
// them too.
func (l LikeTitle) Titles() string {
	return `(
		with asked as materialized (
			select ` + l.Title + ` as title, ` + l.Words + ` as words, array(
				select lexeme from unnest(` + l.Words + `) where lexeme <> all(` + asking + `) order by length(lexeme) desc limit 12) as lexemes
		), terms as materialized (
			select (l.q::text || coalesce((
				select string_agg(' | (' || case when s.word_query = l.q then s.means_exact else s.word_query end::text || ')', '')
				from synonyms s where s.removed_at is null and not s.capitals and numnode(s.word_query) > 0 and numnode(s.means_query) > 0
					and (s.word_query = l.q or s.means_query @> l.q and asked.words @@ s.means_exact)), ''))::tsquery as q
			from asked cross join lateral (select ('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''')::tsquery as q from unnest(asked.lexemes) as u (lexeme) offset 0) l -- as it stands in the index: "sign-in" is not "in", too
		), rarity as materialized (
			select l.q, ln(1 + (select greatest(reltuples, 100) from pg_class where oid = 'title_words'::regclass) / (1.0 + f.titles))
				* case when f.titles = 0 then 0.5 else 1 end as weight, f.titles
			from terms l cross join lateral (select greatest(count(*) - ` + l.Own + `, 0) as titles from (
				select from title_words x where x.words @@ l.q limit ` + l.Common + `) those) f
		), rare as materialized (
			select string_agg('(' || q::text || ')', ' | ')::tsquery as q from (
				select q from rarity where titles between 1 and ` + l.Common + ` - 1 - ` + l.Own + ` order by weight desc, q::text limit 4) r
		), likely as materialized (
			select distinct thread_id from (
				(select x.thread_id from title_words x where x.words @@ (select q from rare) limit ` + l.Most + `)
				union all
				(select x.thread_id from title_words x where x.title % (select title from asked) order by similarity(x.title, (select title from asked)) desc limit 50)
			) c
		), weighed as materialized (
			select x.thread_id, similarity(x.title, (select title from asked)) as letters,
				coalesce((select sum(r.weight) filter (where x.words @@ r.q) / nullif(sum(r.weight), 0) from rarity r), 0) as shared,
				(select count(*) from rarity r where x.words @@ r.q) as common, least(length(x.words), (select count(*) from terms)) as fewer
			from likely l cross join lateral (select x.title, x.words, x.thread_id from title_words x where x.thread_id = l.thread_id offset 0) x
		)
		select thread_id, letters, shared, common, fewer from weighed)`
}
