package projects

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// CompareMost is how many projects or products stand side by side.
const CompareMost = 4

// Comparison is projects or products side by side, in the order in which they were chosen.
type Comparison struct {
	Projects []ComparedProject
	Products []ComparedProduct
	Others   []Card        // projects that could come beside them
	More     []ProductLine // products that could
	Dropped  int           // that were chosen and are too many
}

// ComparedProject is what a comparison says of one project. What was written at length
// stands there in short.
type ComparedProject struct {
	ID                int64
	Slug, Title, Lang string
	Project
	Partners, Topics []string // by name
	Used             []Product
	Lessons          int
}

// ComparedProduct is what a comparison says of one product.
type ComparedProduct struct {
	ProductLine
	Standards string
	Users     []string   // councils, those that confirm it first
	Confirmed *time.Time // when one last did
	Worked    int        // lessons of projects that use it, by their verdict
	Partly    int
	Failed    int
}

// inShort is how much of a text a comparison shows, in code points, and usersShown how
// many councils it names.
const inShort, usersShown = 300, 12

const comparedQuery = `
	select ` + projectColumns + `, t.id, t.slug, t.title, t.lang,
		array(select k.shown_name from project_councils c join councils k on k.id = c.council_id
			where c.thread_id = t.id and c.state = 'confirmed' order by k.shown_name) as partners,
		array(select o.name from thread_topics tt join topics o on o.id = tt.topic_id where tt.thread_id = t.id order by tt.place) as topics,
		(select json_agg(json_build_object('Slug', o.slug, 'Name', o.name) order by o.name)
			from project_products u join products o on o.id = u.product_id where u.thread_id = t.id) as used,
		(select count(*) from lessons l join threads n on n.id = l.thread_id where l.project_id = t.id
			and n.visibility = 'public' and n.held_at is null and n.hidden_at is null and n.deleted_at is null)::int as lessons
	from ` + projectTables + ` where t.id = any(@ids) and ` + forum.Listed

// besideQuery reads projects that share topics with the first one chosen, if the reader may see it.
const besideQuery = `
	select ` + cardColumns + ` from (
		select x.thread_id, (select count(*) from unnest(x.topic_ids) i where i = any(m.topic_ids)) as common
		from register m join threads t on t.id = m.thread_id and ` + forum.Listed + ` join register x on x.kind = 'project' and x.listed and x.topic_ids && m.topic_ids
		where m.thread_id = (@ids::bigint[])[1] and x.thread_id <> all(@ids) order by common desc, x.reuses desc, x.moved_at desc limit 20
	) s join (` + cardTables + `) on t.id = s.thread_id
	where ` + forum.Listed + ` and j.thread_id is not null order by s.common desc, r.stale, r.reuses desc, r.moved_at desc limit 8`

// Compare puts up to four projects side by side, in one round trip. What its reader may
// not see is left out, as if it had not been chosen.
func (s *Store) Compare(ctx context.Context, who forum.Person, ids []int64) (c Comparison, err error) {
	ids, c.Dropped = few(ids)
	args := who.Rights(pgx.NamedArgs{"ids": ids})
	var b pgx.Batch
	b.Queue(comparedQuery, args).Query(forum.Into(&c.Projects))
	if len(ids) > 0 {
		b.Queue(besideQuery, args).Query(forum.Into(&c.Others))
	}
	if err := s.Send(ctx, &b); err != nil {
		return Comparison{}, err
	}
	for i := range c.Projects {
		p := &c.Projects[i]
		p.Problem, p.Tried, p.Outcome = markup.Excerpt(p.Problem, inShort), markup.Excerpt(p.Tried, inShort), markup.Excerpt(p.Outcome, inShort)
	}
	slices.SortFunc(c.Projects, func(a, b ComparedProject) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return c, nil
}

// few are the first of what was chosen, each once, and how many were too many.
func few[T comparable](chosen []T) (list []T, dropped int) {
	list = []T{}
	for _, one := range chosen {
		switch {
		case slices.Contains(list, one):
		case len(list) < CompareMost:
			list = append(list, one)
		default:
			dropped++
		}
	}
	return list, dropped
}

// lessonsOf counts the lessons with a verdict of the projects that use the product o.
func lessonsOf(verdict string) string {
	return `(select count(distinct l.thread_id) from project_products u join lessons l on l.project_id = u.thread_id join threads t on t.id = l.thread_id
		where u.product_id = o.id and l.verdict = '` + verdict + `' and ` + forum.Listed + `)::int`
}

// sameSupplier is true of products o and m that one supplier sells.
const sameSupplier = `exists (select from suppliers a join suppliers c on coalesce(a.merged_into, a.id) = coalesce(c.merged_into, c.id) where a.id = o.supplier_id and c.id = m.supplier_id)`

var (
	lineColumns = `o.id, o.slug, o.name, ` + soldBy + ` as supplier, ` + soldBySlug + ` as supplier_slug, (select count(*) from (` + usersQuery + `) k)::int as councils,
		(select count(*) from project_products u join threads t on t.id = u.thread_id where u.product_id = o.id and ` + forum.Listed + `)::int as projects`

	comparedProductsQuery = `
		select ` + lineColumns + `, o.standards,
			array(select k.shown_name from councils k left join product_uses w on w.council_id = k.id and w.product_id = o.id
				where k.id in (` + usersQuery + `) order by w.council_id is null, k.shown_name limit @users) as users,
			(select max(w.confirmed_at) from product_uses w where w.product_id = o.id) as confirmed,
			` + lessonsOf("worked") + ` as worked, ` + lessonsOf("partly") + ` as partly, ` + lessonsOf("no") + ` as failed
		from products o where o.slug = any(@slugs) and o.merged_into is null and ` + isNamed

	// Those that stand beside the first one in a project, or come from the same supplier, if
	// the reader may see that it is there.
	moreProductsQuery = `
		select ` + lineColumns + ` from products o join (
			select o.id, o.supplier_id from products o where o.slug = (@slugs::text[])[1] and o.merged_into is null and ` + isNamed + `
		) m on true
		where o.slug <> all(@slugs) and o.merged_into is null and ` + isNamed + ` and (` + sameSupplier + ` or exists (
			select from project_products a join project_products b on b.thread_id = a.thread_id join threads t on t.id = a.thread_id
			where a.product_id = m.id and b.product_id = o.id and ` + forum.Listed + `))
		order by lower(o.name) limit 8`
)

// CompareProducts puts up to four products side by side, in one round trip. What nothing
// names that its reader may see is left out.
func (s *Store) CompareProducts(ctx context.Context, who forum.Person, slugs []string) (c Comparison, err error) {
	slugs, c.Dropped = few(slugs)
	args := who.Rights(pgx.NamedArgs{"slugs": slugs, "users": usersShown})
	var b pgx.Batch
	b.Queue(comparedProductsQuery, args).Query(forum.Into(&c.Products))
	if len(slugs) > 0 {
		b.Queue(moreProductsQuery, args).Query(forum.Into(&c.More))
	}
	if err := s.Send(ctx, &b); err != nil {
		return Comparison{}, err
	}
	slices.SortFunc(c.Products, func(a, b ComparedProduct) int { return slices.Index(slugs, a.Slug) - slices.Index(slugs, b.Slug) })
	return c, nil
}
