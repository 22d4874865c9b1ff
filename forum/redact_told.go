package forum

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// redactTold takes the passage out of what was told of the post: how a question was
// solved, of its opening; whether it worked, of an answer. It reports whether the
// passage stood there.
func (d *Deed) redactTold(ctx context.Context, p Post, t Thread, draft RedactDraft) (found bool, err error) {
	type row struct {
		AcceptedAt time.Time
		PersonID   int64
		Note       string
	}
	rows, err := d.Query(ctx, `select accepted_at, person_id, note from outcomes where post_id = $1 and note <> '' for update`, p.ID)
	if err != nil {
		return false, err
	}
	notes, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return false, err
	}
	var b pgx.Batch
	for _, n := range notes {
		if note, stood := draft.passage.Out(n.Note, draft.removed("en")); stood {
			found = true
			b.Queue(`update outcomes set note = $4 where post_id = $1 and accepted_at = $2 and person_id = $3`, p.ID, n.AcceptedAt, n.PersonID, note)
		}
	}
	if why, stood := draft.passage.Out(t.SolvedWhy, draft.removed(t.Lang)); p.Opening && stood {
		found = true
		b.Queue(`update threads set solved_why = $2 where id = $1`, t.ID, why)
	}
	if why, stood := draft.passage.Out(t.ClosedWhy, draft.removed(t.Lang)); p.Opening && stood {
		found = true
		b.Queue(`update threads set closed_why = $2 where id = $1`, t.ID, why)
	}
	return found, d.SendBatch(ctx, &b).Close()
}

// records are the reasons that were given for what was done to a post or, of an
// opening, to its thread, or was asked to be done. Whoever owns their table, in a
// redaction all that tells of a passage is changed together.
var records = []struct{ find, change string }{
	{`select id, reason from entries where reason <> '' and (post_id = @post or @opening and thread_id = @thread or thread_id in (select m.thread_id from moved_posts m where m.post_id = @post and m.number = 1))`, `update entries set reason = $2 where id = $1`},
	{`select e.id, e.reason from tendings k join entries e on e.id = k.entry_id where @opening and k.other_id = @thread and e.reason <> ''`, `update entries set reason = $2 where id = $1`}, // by which a thread was split off
	{`select distinct e.id, e.reason from highlights h join entries e on e.deed in ('highlighted', 'changed_highlight', 'ended_highlight')
		and e.thread_id = h.thread_id and e.post_id is not distinct from h.post_id where e.reason <> '' and ` + quotable, `update entries set reason = $2 where id = $1`},
	{`select id, reason from entries where deed = 'declined_suggestion' and reason <> '' and thread_id = @thread`, `update entries set reason = $2 where id = $1`},
	{`with told as (select stands_at as id from collections where id = any(@gathered) union select decision from collection_suggestions where collection_id = any(@gathered)
			union select unnest(array[entry_id, stood_at]) from collection_changes where collection_id = any(@gathered))
		select id, reason from entries where reason <> '' and (id = any(array(select id from told)) or undoes = any(array(select id from told)))`, `update entries set reason = $2 where id = $1`},
	{`select e.id, e.reason from entries e where e.deed in ('approved_newsletter', 'scheduled_newsletter', 'paused_newsletter', 'resumed_newsletter', 'stopped_newsletter')
		and e.reason <> '' and exists ` + issues + ` and (e.reason in (select n.subject from newsletters n where n.id in ` + issues + `)
			or not exists (select from newsletters n where n.subject = e.reason))`, `update entries set reason = $2 where id = $1`}, // they name an issue by its subject, or by one that it had
	{`select id, reason from reports where reason <> '' and thread_id = @thread and (post_id = @post or @opening and post_id is null)`, `update reports set reason = $2 where id = $1`},
	{`with h as (select @thread::bigint as id union select m.thread_id from moved_posts m where m.post_id = @post)
		select n.id, n.words as reason from desk_notes n where n.sort = 'newcomer' and n.subject_id = (select author_id from posts where id = @post) or n.sort = 'held' and n.subject_id = @post
		or n.sort = 'report' and n.subject_id in (select r.id from reports r where r.thread_id = @thread and (r.post_id = @post or r.post_id is null))
		or n.sort = 'link' and n.subject_id in (select k.id from links k join h on k.thread_id = h.id)
		or n.sort not in ('newcomer', 'held', 'report', 'link', 'claim') and n.subject_id in (select id from h)`, `update desk_notes set words = left($2, 1000) where id = $1`},
	{`select n.id, n.words as reason from desk_notes n where n.sort = 'claim' and n.subject_id in (select q.id from supplier_claims q where q.supplier_id in ` + traders + `)`, `update desk_notes set words = left($2, 1000) where id = $1`},
	{`select e.id, e.reason from entries e where e.deed in ('changed_supplier', 'merged_supplier', 'parted_supplier', 'agreed_claim', 'declined_claim') and e.reason <> ''
		and exists (select from suppliers s where s.id in ` + traders + ` and (strpos(e.reason, s.name) > 0 or e.person_id in (select q.person_id from supplier_claims q where q.supplier_id = s.id)))`, `update entries set reason = $2 where id = $1`},
	{`select id, hidden_why as reason from posts where id = @post and hidden_why is not null`, `update posts set hidden_why = $2 where id = $1`},
	{`select id, hidden_why as reason from threads where @opening and id = @thread and hidden_why is not null`, `update threads set hidden_why = $2 where id = $1`},
}

// redactRecords takes the passage out of the records, and reports whether it stood
// there. It is the one change that the audit log allows.
func (d *Deed) redactRecords(ctx context.Context, p Post, _ Thread, draft RedactDraft) (found bool, err error) {
	type row struct {
		ID     int64
		Reason string
	}
	reasons := make([][]row, len(records))
	var reading, writing pgx.Batch
	for i, record := range records {
		reading.Queue(record.find, pgx.NamedArgs{"post": p.ID, "thread": p.ThreadID, "opening": p.Opening, "gathered": draft.gathered}).Query(Into(&reasons[i]))
	}
	if err := d.SendBatch(ctx, &reading).Close(); err != nil {
		return false, err
	}
	writing.Queue(`select set_config('moothall.redacting', 'on', true)`)
	for i, record := range records {
		for _, r := range reasons[i] {
			if reason, stood := draft.passage.Out(r.Reason, draft.removed("en")); stood {
				found = true
				writing.Queue(record.change, r.ID, reason)
			}
		}
	}
	writing.Queue(`select set_config('moothall.redacting', 'off', true)`)
	if !found {
		return false, nil
	}
	return true, d.SendBatch(ctx, &writing).Close()
}

// beside is one of the texts beside a thread.
type beside struct {
	table, column string
	key           string // by which one row of a thread is told from the next
	most          int    // code points; 0 where there is no bound
	link          bool   // it goes as a whole: in part it leads nowhere
	fact          string // the name of the fact of a project or lesson, and what that says
	says          string
}

// told are the texts that stand beside a thread: the facts of a project and what they
// said before, the parts of a lesson and what they said, and what other councils told
// of it. Whoever owns their table, in a redaction all that tells of a passage is changed together.
var told = []beside{
	{table: "projects", column: "summary", key: "0", most: 300, fact: "summary", says: "summary"},
	{table: "projects", column: "problem", key: "0", most: 10000, fact: "problem", says: "problem"},
	{table: "projects", column: "tried", key: "0", most: 10000, fact: "tried", says: "tried"},
	{table: "projects", column: "outcome", key: "0", most: 10000, fact: "outcome", says: "outcome"},
	{table: "projects", column: "standards", key: "0", most: 1000, fact: "standard", says: "standards"},
	{table: "projects", column: "code_url", key: "0", link: true, fact: "code_url", says: "code_url || coalesce(' (' || nullif(licence, '') || ')', '')"},
	{table: "projects", column: "licence", key: "0", most: 100, fact: "code_url", says: "code_url || coalesce(' (' || nullif(licence, '') || ')', '')"},
	{table: "projects", column: "evidence_url", key: "0", link: true, fact: "evidence_url", says: "evidence_url"},
	{table: "projects", column: "contact_role", key: "0", most: 100, fact: "contact", says: "coalesce(contact_id::text, '') || coalesce(' (' || nullif(contact_role, '') || ')', '')"},
	{table: "project_changes", column: "said", key: "version"},
	{table: "reuses", column: "note", key: "council_id", most: 500},
	{table: "lessons", column: "wanted", key: "0", most: 5000, fact: "wanted", says: "wanted"},
	{table: "lessons", column: "did", key: "0", most: 5000, fact: "did", says: "did"},
	{table: "lessons", column: "happened", key: "0", most: 5000, fact: "happened", says: "happened"},
	{table: "lessons", column: "differently", key: "0", most: 5000, fact: "differently", says: "differently"},
	{table: "lessons", column: "advice", key: "0", most: 200, fact: "advice", says: "advice"},
	{table: "lesson_changes", column: "was", key: "version"},
}

// redactFacts takes the passage out of what stands beside the thread that a post opens,
// or opened before it was merged, and reports whether it stood there.
func (d *Deed) redactFacts(ctx context.Context, p Post, t Thread, draft RedactDraft) (found bool, err error) {
	rows, err := d.Query(ctx, `
		select id from threads where @opening and id = @thread or id in (select m.thread_id from moved_posts m where m.post_id = @post and m.number = 1)
		order by id for update`, pgx.NamedArgs{"opening": p.Opening, "thread": t.ID, "post": p.ID})
	if err != nil {
		return false, err
	}
	threads, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(threads) == 0 {
		return false, err
	}
	if found, err = d.redactToldBeside(ctx, threads, t.Lang, draft); err != nil {
		return false, err
	}
	dropped, err := d.redactProducts(ctx, p, t, draft)
	return found || dropped, err
}

// redactToldBeside takes the passage out of the texts, of the threads locked, and
// reports whether it stood there.
func (d *Deed) redactToldBeside(ctx context.Context, threads []int64, lang string, draft RedactDraft) (found bool, err error) {
	type row struct {
		ID, Part int64
		Said     string
	}
	texts := make([][]row, len(told))
	var reading, writing pgx.Batch
	for i, one := range told {
		reading.Queue(`select thread_id as id, (`+one.key+`)::bigint as part, `+one.column+` as said from `+one.table+`
			where thread_id = any($1) and `+one.column+` <> '' order by thread_id, part for update`, threads).Query(Into(&texts[i]))
	}
	if err := d.SendBatch(ctx, &reading).Close(); err != nil {
		return false, err
	}
	for i, one := range told {
		for _, r := range texts[i] {
			said, stood := one.without(r.Said, draft, lang)
			if !stood {
				continue
			}
			found = true
			writing.Queue(`update `+one.table+` set `+one.column+` = $3 where thread_id = $1 and (`+one.key+`)::bigint = $2 and `+one.column+` = $4`,
				r.ID, r.Part, said, r.Said)
			if one.fact != "" {
				writing.Queue(one.changed(), r.ID, one.fact, d.Who.ID, d.At)
			}
		}
	}
	return found, d.SendBatch(ctx, &writing).Close()
}

// changed notes that a fact says something else now: who has it in a form looks again
// before they save. Nothing is kept of what it said before.
func (b beside) changed() string {
	history, said := "project_changes", "said"
	if b.table == "lessons" {
		history, said = "lesson_changes", "was"
	}
	return `
		with next as (update ` + b.table + ` set version = version + 1 where thread_id = $1 returning version, ` + b.says + ` as says)
		insert into ` + history + ` (thread_id, version, field, ` + said + `, person_id, at) select $1, version, $2, says, $3, $4 from next`
}

// without is one of the texts without the passage, as long as there is room for, and
// whether it stood there.
func (b beside) without(text string, draft RedactDraft, lang string) (string, bool) {
	out := draft.passage.OutOfPage // as it shows
	if b.key != "0" {
		out = draft.passage.OutOfMarkdown // and of what shows no more or as it was typed
	}
	said, stood := out(text, draft.removed(lang))
	if b.link {
		return "", stood
	}
	if runes := []rune(said); b.most > 0 && len(runes) > b.most {
		said = string(runes[:b.most])
	}
	return said, stood
}

const (
	// opened are the threads that @post opens, or opened before they were merged.
	opened = `(select x.id from threads x where @opening and x.id = @thread union select m.thread_id from moved_posts m where m.post_id = @post and m.number = 1)`
	// traded are the products that projects of these name, with those that were merged into
	// them, and traders whoever sells them, under all names.
	traded = `(with u as (select product_id as id from project_products where thread_id in ` + opened + ` union select merged_from from project_products where thread_id in ` + opened + `
			union select product_id from merged_namings where thread_id in ` + opened + `)
		select o.id from products o where o.id in (select id from u) or o.merged_into in (select id from u))`
	traders = `(select s.id from suppliers s where coalesce(s.merged_into, s.id) in (
		select coalesce(g.merged_into, g.id) from products o join suppliers g on g.id = o.supplier_id where o.id in ` + traded + `))`

	// tradeTexts are all texts of these, what they said before, and what was said of who
	// speaks for them, a column at a time.
	tradeTexts = `
		select 'products ' || x.field as field, o.id, o.name, x.said from products o
			cross join lateral (values ('name', o.name), ('slug', o.slug), ('supplier', o.supplier), ('standards', o.standards), ('url', o.url), ('about', o.about)) x (field, said) where o.id in ` + traded + `
		union all select 'suppliers ' || x.field, s.id, s.name, x.said from suppliers s
			cross join lateral (values ('name', s.name), ('slug', s.slug), ('url', s.url), ('about', s.about), ('contact', s.contact)) x (field, said) where s.id in ` + traders + `
		union all select 'supplier_changes ' || x.field, g.id, '', x.said from supplier_changes g
			cross join lateral (values ('was', g.was), ('said', g.said)) x (field, said) where g.supplier_id in ` + traders + ` or g.product_id in ` + traded + `
		union all select 'supplier_claims ' || x.field, q.id, '', x.said from supplier_claims q
			cross join lateral (values ('note', q.note), ('reason', q.reason)) x (field, said) where q.supplier_id in ` + traders

	// free is an address, or a name, that says no more than a number, and that no other has.
	freeProduct = `(select x.slug from generate_series(1, 10000) n cross join lateral (select 'product-' || o.id || case when n > 1 then '-' || n else '' end as slug, '[' || o.id || case when n > 1 then '-' || n else '' end || ']' as name) x
		where not exists (select from products k where k.id <> o.id and (k.slug = x.slug or lower(k.name) = x.name)) order by n limit 1)`
	freeSupplier = `(select x.slug from generate_series(1, 10000) n cross join lateral (select 'supplier-' || s.id || case when n > 1 then '-' || n else '' end as slug, '[' || s.id || case when n > 1 then '-' || n else '' end || ']' as name) x
		where not exists (select from suppliers k where k.id <> s.id and (k.slug = x.slug or lower(k.name) = x.name)) order by n limit 1)`
	// bracketed is the name that goes with such an address.
	bracketed = `regexp_replace(f.slug, '^[a-z]+-(.*)$', '[\1]')`
)

// outOfTrade takes a passage out of each of these columns of @ids, in this order. Of a
// product or a supplier whose name has it, nothing stays but a number: the product is gone
// where no other project names it and no council says that it uses it, else it is off the
// threads' projects.
var outOfTrade = []struct {
	field string
	out   []string
}{
	{`supplier_claims note`, []string{`update supplier_claims set note = '' where id = any(@ids)`}},
	{`supplier_claims reason`, []string{`update supplier_claims set reason = '' where id = any(@ids)`}},
	{`supplier_changes was`, []string{`update supplier_changes set was = '' where id = any(@ids)`}},
	{`supplier_changes said`, []string{`update supplier_changes set said = '' where id = any(@ids)`}},
	{`suppliers url`, []string{`update suppliers set url = '', version = version + 1 where id = any(@ids)`}},
	{`suppliers about`, []string{`update suppliers set about = '', version = version + 1 where id = any(@ids)`}},
	{`suppliers contact`, []string{`update suppliers set contact = '', version = version + 1 where id = any(@ids)`}},
	{`suppliers slug`, []string{`update suppliers s set slug = ` + freeSupplier + ` where s.id = any(@ids)`}},
	{`suppliers name`, []string{
		`with f as (select s.id, ` + freeSupplier + ` as slug from suppliers s where s.id = any(@ids))
			update suppliers s set name = ` + bracketed + `, slug = f.slug, url = '', about = '', contact = '', version = s.version + 1 from f where f.id = s.id`,
		`update supplier_changes set was = '', said = '' where supplier_id = any(@ids)`,
		`update products o set supplier = s.name from suppliers s where s.id = o.supplier_id and s.id = any(@ids)`}},
	{`products supplier`, []string{`update products set supplier = '' where id = any(@ids) and supplier_id is null`}}, // else it follows that name
	{`products standards`, []string{`update products set standards = '', version = version + 1 where id = any(@ids)`}},
	{`products url`, []string{`update products set url = '', version = version + 1 where id = any(@ids)`}},
	{`products about`, []string{`update products set about = '', version = version + 1 where id = any(@ids)`}},
	{`products slug`, []string{`update products o set slug = ` + freeProduct + ` where o.id = any(@ids)`}},
	{`products name`, []string{
		`delete from project_products where thread_id in ` + opened + ` and product_id = any(@ids)`,
		`delete from merged_namings where thread_id in ` + opened + ` and product_id = any(@ids)`,
		`delete from products o where o.id = any(@ids)
			and not exists (select from project_products u where o.id in (u.product_id, u.merged_from))
			and not exists (select from product_uses u where o.id in (u.product_id, u.merged_from))
			and not exists (select from merged_namings u where u.product_id = o.id)
			and not exists (select from products m where m.merged_into = o.id)`,
		`delete from supplier_changes where product_id = any(@ids)`,
		`with f as (select o.id, ` + freeProduct + ` as slug from products o where o.id = any(@ids))
			update products o set name = ` + bracketed + `, slug = f.slug, supplier = '', standards = '', url = '', about = '', version = o.version + 1 from f where f.id = o.id`,
		`update register r set product_ids = coalesce((select array_agg(u.product_id order by u.product_id) from project_products u where u.thread_id = r.thread_id), '{}')
			where r.thread_id in ` + opened}},
}

// redactProducts takes the passage out of what is said of the products that the projects
// of the post name, and of who sells them, and reports whether it stood there. A text that
// has it goes as a whole, and no other with it, but for that of a name.
func (d *Deed) redactProducts(ctx context.Context, p Post, t Thread, draft RedactDraft) (found bool, err error) {
	args := pgx.NamedArgs{"opening": p.Opening, "thread": t.ID, "post": p.ID}
	var texts []struct {
		Field, Name, Said string
		ID                int64
	}
	var reading, writing pgx.Batch
	reading.Queue(`select from products o where o.id in `+traded+` order by o.id for update`, args)
	reading.Queue(`select from suppliers s where s.id in `+traders+` order by s.id for update`, args)
	reading.Queue(tradeTexts, args).Query(Into(&texts))
	if err := d.SendBatch(ctx, &reading).Close(); err != nil {
		return false, err
	}
	ids := map[string][]int64{}
	for _, x := range texts {
		if draft.passage.In(x.Said) || strings.HasSuffix(x.Field, " slug") && draft.inAddress(x.Said) && !draft.inAddress(Slug(x.Name)) {
			ids[x.Field] = append(ids[x.Field], x.ID)
		}
	}
	for _, one := range outOfTrade {
		if len(ids[one.field]) == 0 {
			continue
		}
		for _, query := range one.out {
			writing.Queue(query, pgx.NamedArgs{"opening": p.Opening, "thread": t.ID, "post": p.ID, "ids": ids[one.field]})
		}
	}
	return len(ids) > 0, d.SendBatch(ctx, &writing).Close()
}

// redactSummaries takes the passage out of what is said above the threads where the post
// is and was, and reports whether it stood there. It stays plain text until it is
// rendered anew.
func (d *Deed) redactSummaries(ctx context.Context, p Post, t Thread, draft RedactDraft) (found bool, err error) {
	type row struct {
		ThreadID int64
		Version  int
		Body     string
	}
	rows, err := d.Query(ctx, `
		select thread_id, version, body from summaries
		where body <> '' and (thread_id = $1 or thread_id in (select m.thread_id from moved_posts m where m.post_id = $2)) for update`, t.ID, p.ID)
	if err != nil {
		return false, err
	}
	said, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return false, err
	}
	var b pgx.Batch
	for _, r := range said {
		if body, stood := draft.passage.OutOfMarkdown(r.Body, draft.removed(t.Lang)); stood {
			found = true
			// The newest gets a new number: who has it in a form is shown what it says now.
			b.Queue(`
				update summaries s set body = left($3, 10000), html = $4, html_version = 0, version = s.version + case when s.version = n.newest then 1 else 0 end
				from (select max(version) as newest from summaries where thread_id = $1) n where s.thread_id = $1 and s.version = $2`,
				r.ThreadID, r.Version, body, markup.Plain(body))
		}
	}
	return found, d.SendBatch(ctx, &b).Close()
}
