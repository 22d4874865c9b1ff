package curation

import (
	"context"
	"html"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"moothall/forum"
)

// Needs is why something needs a second curator: which councils are in a pre-election
// period whose it is or that it names, and which suppliers it names.
type Needs struct {
	Councils  []string
	Suppliers []string
}

// Any reports whether it needs one at all.
func (n Needs) Any() bool { return len(n.Councils)+len(n.Suppliers) > 0 }

// looked is what is looked at to find that out: whole threads, single posts, what curators
// say of them, and the days on which they begin to show it.
type looked struct {
	Threads []int64 // as a whole
	Posts   []int64
	Words   []string
	Days    []time.Time
}

// needsQuery finds names as whole words, without their accents and with their capitals:
// Reading is a council, reading is not. Names in full need no capitals. A council in its
// period goes by all its names, by those of what it has become, and of what went into it.
// Of a thread as a whole the query reads the title and the opening post, of a project what
// it says in short, who takes part and what it uses.
var needsQuery = `
	with subjects as materialized (
		select t.id as thread_id, p.id as post_id, p.council_id, p.author_id, t.title, p.body
		from threads t join posts p on p.thread_id = t.id and p.number = 1 where t.id = any(@threads::bigint[])
		union all
		select null, p.id, p.council_id, p.author_id, '', p.body from posts p where p.id = any(@posts::bigint[])
	),
	text as materialized (
		select w.words, lower(w.words) as low
		from (
			select ` + asWords(`coalesce(string_agg(w.words, ' '), '')`) + ` as words
			from (select unnest(@words::text[]) as words union all select title || ' ' || body from subjects
				union all select j.summary from projects j where j.thread_id in (select thread_id from subjects)) w
		) w
	),
	near as materialized (
		select council_id as id from subjects union select council_now(council_id) from subjects
		union select unnest(array[k.council_id, council_now(k.council_id)]) from project_councils k where k.state = 'confirmed' and k.thread_id in (select thread_id from subjects)
	),
	periods as materialized (
		select e.council_id, council_now(e.council_id) as now_id, e.nation, e.kind
		from elections e where e.ended_at is null and exists (select from unnest(@days::date[]) d where d between e.from_on and e.until_on)
	),
	running as materialized (
		select distinct c.id from periods e join councils c on c.id in (e.council_id, e.now_id) or e.council_id is null and c.nation = e.nation and e.kind in ('', c.kind)
	),
	names as materialized (
		select c.shown_name, ` + asWords(`n.name`) + ` as words, n.full
		from (select id from running union select s.old_id from successions s where s.kind <> 'planned' and s.new_id in (select id from running)) r
		join councils c on c.id = r.id
		cross join lateral (
			select c.shown_name as name, true as full union all select c.shown_short, false
			union all select c.name_cy, true where c.demo_name is null
			union all select o.name, false from council_names o where o.council_id = c.id and c.demo_name is null
		) n
	),
	firms as materialized (
		select s.name, lower(` + asWords(`s.name`) + `) as words
		from (select p.company as name from people p where p.standing = 'supplier' union select o.supplier from products o union select s.name from suppliers s) s
	)
	select 'council' as sort, c.shown_name as name from running r join councils c on c.id = r.id where r.id in (select id from near)
	union
	select 'council', n.shown_name from names n cross join text x
	where btrim(n.words) <> '' and (strpos(x.words, n.words) > 0 or strpos(x.words, upper(n.words)) > 0 or n.full and strpos(x.low, lower(n.words)) > 0)
	union
	select 'supplier', f.name from firms f cross join text x where btrim(f.words) <> '' and strpos(x.low, f.words) > 0
	union
	select 'supplier', p.company from subjects s join people p on p.id = s.author_id where p.standing = 'supplier' and p.company <> ''
	union
	select 'supplier', o.supplier from project_products u join products o on o.id = u.product_id where o.supplier <> '' and u.thread_id in (select thread_id from subjects)
	order by 1, 2 limit 40`

// asWords is SQL that gives a text, or a name, as it stands among words without their
// punctuation: two blanks where there is no word.
func asWords(text string) string {
	return `' ' || btrim(regexp_replace(unaccent(` + text + `), '[^[:alnum:]]+', ' ', 'g')) || ' '`
}

// unmarked takes out of Markdown what may stand within a word and does not show.
var unmarked = strings.NewReplacer("*", "", "_", "", "~", "", "`", "", `\`, "", "[", "", "]", "")

// shownWords are what somebody wrote, as it stands and as a page shows it: whoever parts a
// name by marks has named it all the same.
func shownWords(written ...string) (all []string) {
	for _, text := range written {
		shown := strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) {
				return -1 // it has no width
			}
			return r
		}, norm.NFKC.String(html.UnescapeString(text)))
		all = append(all, text, unmarked.Replace(shown))
	}
	return all
}

// queueNeeds adds to a batch the reading of why something needs a second curator.
func queueNeeds(b *pgx.Batch, of looked, n *Needs) {
	b.Queue(needsQuery, pgx.NamedArgs{"threads": of.Threads, "posts": of.Posts, "words": shownWords(of.Words...), "days": of.Days}).Query(func(rows pgx.Rows) error {
		var list []struct{ Sort, Name string }
		if err := forum.Into(&list)(rows); err != nil {
			return err
		}
		*n = Needs{}
		for _, one := range list {
			switch name := strings.TrimSpace(one.Name); one.Sort {
			case "council":
				n.Councils = append(n.Councils, name)
			default:
				n.Suppliers = append(n.Suppliers, name)
			}
		}
		return nil
	})
}

// needs finds out in a deed why something needs a second curator. What is told of the past
// needs none.
func needs(ctx context.Context, d *forum.Deed, of looked) (n Needs, err error) {
	if d.InPast() {
		return Needs{}, nil
	}
	var b pgx.Batch
	queueNeeds(&b, of, &n)
	return n, d.SendBatch(ctx, &b).Close()
}

// looksAt is what a highlight shows, and says.
func (h HighlightDraft) looksAt(thread, post int64, at time.Time) looked {
	of := looked{Words: []string{h.Title, h.Note}, Days: []time.Time{forum.DayOf(at)}}
	if from, err := time.Parse(time.DateOnly, h.From); err == nil {
		of.Days = append(of.Days, from)
	}
	if post != 0 {
		of.Posts = []int64{post}
	} else {
		of.Threads = []int64{thread}
	}
	return of
}
