package curation

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

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

// needsQuery finds names as whole words, with their capitals: Reading is a council, reading
// is not. Of a thread as a whole it reads the title and the opening post, of a project what
// it says in short, who takes part and what it uses.
var needsQuery = `
	with subjects as materialized (
		select t.id as thread_id, p.id as post_id, p.council_id, p.author_id, t.title, p.body
		from threads t join posts p on p.thread_id = t.id and p.number = 1 where t.id = any(@threads::bigint[])
		union all
		select null, p.id, p.council_id, p.author_id, '', p.body from posts p where p.id = any(@posts::bigint[])
	),
	text as materialized (
		select ' ' || regexp_replace(coalesce(string_agg(w.words, ' '), ''), '[^[:alnum:]]+', ' ', 'g') || ' ' as words
		from (select unnest(@words::text[]) as words union all select title || ' ' || body from subjects
			union all select j.summary from projects j where j.thread_id in (select thread_id from subjects)) w
	),
	near as materialized (
		select council_id as id from subjects union select council_now(council_id) from subjects
		union select unnest(array[k.council_id, council_now(k.council_id)]) from project_councils k where k.state = 'confirmed' and k.thread_id in (select thread_id from subjects)
	),
	running as materialized (
		select distinct c.id, c.shown_name, c.shown_short
		from elections e join councils c on c.id in (e.council_id, council_now(e.council_id)) or e.council_id is null and c.nation = e.nation and e.kind in ('', c.kind)
		where e.ended_at is null and exists (select from unnest(@days::date[]) d where d between e.from_on and e.until_on)
	),
	firms as materialized (
		select distinct p.company as name from people p where p.standing = 'supplier' and p.company <> ''
		union select o.supplier from products o where o.supplier <> ''
		union select s.name from suppliers s where s.name <> ''
	)
	select 'council' as sort, r.shown_name as name from running r cross join text x
	where r.id in (select id from near) or r.shown_name <> '' and strpos(x.words, ` + asWords(`r.shown_name`) + `) > 0 or r.shown_short <> '' and strpos(x.words, ` + asWords(`r.shown_short`) + `) > 0
	union
	select 'supplier', f.name from firms f cross join text x where strpos(lower(x.words), lower(` + asWords(`f.name`) + `)) > 0
	union
	select 'supplier', p.company from subjects s join people p on p.id = s.author_id where p.standing = 'supplier' and p.company <> ''
	union
	select 'supplier', o.supplier from project_products u join products o on o.id = u.product_id where o.supplier <> '' and u.thread_id in (select thread_id from subjects)
	order by 1, 2 limit 40`

// asWords is SQL that gives a name as it stands among words without their punctuation.
func asWords(name string) string {
	return `' ' || btrim(regexp_replace(` + name + `, '[^[:alnum:]]+', ' ', 'g')) || ' '`
}

// queueNeeds adds to a batch the reading of why something needs a second curator.
func queueNeeds(b *pgx.Batch, of looked, n *Needs) {
	b.Queue(needsQuery, pgx.NamedArgs{"threads": of.Threads, "posts": of.Posts, "words": of.Words, "days": of.Days}).Query(func(rows pgx.Rows) error {
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
	of := looked{Words: []string{h.Title, h.Note}, Days: []time.Time{dayOf(at)}}
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
