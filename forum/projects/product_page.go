package projects

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// ProductsPerPage is how many products one page of their list shows.
const ProductsPerPage = 60

// ProductLine is a product in a list, with how many councils use it, as far as the reader
// may see, and how many projects name it.
type ProductLine struct {
	Product
	Councils int
	Projects int
}

// ProductList is one page of the products, by name.
type ProductList struct {
	Query    string
	After    string
	Products []ProductLine
	Next     string // the name behind which the next page begins; empty at the end
}

// usersQuery reads the councils that use the product o: those that say so themselves, and
// those whose projects name it.
const usersQuery = `
	select w.council_id from product_uses w where w.product_id = o.id
	union
	select j.council_id from project_products u join projects j on j.thread_id = u.thread_id join threads t on t.id = u.thread_id
	where u.product_id = o.id and j.council_id is not null and ` + forum.Listed

// ProductList reads a page of the products that are there for a reader, in one round trip.
func (s *Store) ProductList(ctx context.Context, who forum.Person, query, after string) (p ProductList, err error) {
	if query = oneLine(query); len(query) > 4*lineLength || len(after) > 4*lineLength {
		return ProductList{}, forum.ErrNotFound
	}
	p.Query, p.After = query, after
	var b pgx.Batch
	b.Queue(`
		select `+lineColumns+` from products o where o.merged_into is null and `+isNamed+`
			and (@query = '' or strpos(lower(o.name), lower(@query)) > 0 or strpos(lower(`+soldBy+`), lower(@query)) > 0)
			and lower(o.name) > lower(@after)
		order by lower(o.name) limit @limit`,
		who.Rights(pgx.NamedArgs{"query": query, "after": after, "limit": ProductsPerPage + 1})).Query(forum.Into(&p.Products))
	if err := s.Send(ctx, &b); err != nil {
		return ProductList{}, err
	}
	if len(p.Products) > ProductsPerPage {
		p.Products = p.Products[:ProductsPerPage]
		p.Next = p.Products[ProductsPerPage-1].Name
	}
	return p, nil
}

// ProductUser is a council that uses a product.
type ProductUser struct {
	CouncilID   int64
	CouncilSlug string
	CouncilName string
	ConfirmedAt *time.Time // when somebody of it said so; nil where projects alone name it
	EndMonth    *time.Time // of its contract; for colleagues only
}

// Ending is how many councils have a contract that ends in a year.
type Ending struct{ Year, Councils int }

// ProductPage is what is known of a product.
type ProductPage struct {
	Product   Product
	Standards string
	URL       string
	About     string
	Version   int
	Councils  []ProductUser
	Projects  []Card
	Threads   []forum.Related // others that name it
	Endings   []Ending        // this year and later, the first first; for colleagues only
	Merged    []Product       // into it
	Into      string          // the product that it was merged into; all else is empty then

	Corrections []Correction // the newest first; those that were undone last, for curators alone
	Older       int64        // before which the next page of them begins; 0 at the end
	Following   forum.Following

	mine       int
	CanUse     bool
	Using      bool // the reader's council says that it does
	CanTend    bool
	CanCorrect bool
}

// productUsersQuery reads the councils that use @product, those that confirm it first. Of
// several contracts the one that ends last counts.
const productUsersQuery = `
	select k.id as council_id, k.slug as council_slug, k.shown_name as council_name, max(x.confirmed_at) as confirmed_at,
		case when @colleague then coalesce(max(x.end_month) filter (where x.confirmed_at is not null), max(x.end_month)) end as end_month
	from (
		select w.council_id, w.confirmed_at, w.end_month from product_uses w where w.product_id = (select id from products where slug = @product)
		union all
		select j.council_id, null, u.end_month from project_products u join projects j on j.thread_id = u.thread_id join threads t on t.id = u.thread_id
		where u.product_id = (select id from products where slug = @product) and ` + forum.Listed + `
	) x join councils k on k.id = x.council_id
	group by k.id order by max(x.confirmed_at) is null, k.shown_name limit 500`

// naming reads threads that name a product and are no projects, whose posts say its name
// word by word.
const naming = `
	select t.id, t.slug, t.title, t.lang from threads t where t.kind <> 'project' and ` + forum.Listed + ` and t.id in (
		select w.thread_id from post_words w where w.words @@ phraseto_tsquery('moothall_en', (select name from products where slug = @product)) limit 500)
	order by t.last_post_at desc limit 10`

// ProductPage reads the page of a product in one round trip, with its corrections before
// one, or with 0 the newest: ErrNotFound if nothing that the reader may see names it.
func (s *Store) ProductPage(ctx context.Context, who forum.Person, slug string, before int64) (p ProductPage, err error) {
	var row struct {
		Product
		Standards string
		URL       string
		About     string
		Version   int
		IntoSlug  string
		There     bool
		Speaks    bool
		Follows   []string
	}
	args := who.Rights(pgx.NamedArgs{"product": slug, "before": before, "corrections": CorrectionsPerPage})
	var b pgx.Batch
	b.Queue(`select o.id, o.slug, o.name, `+soldBy+` as supplier, `+soldBySlug+` as supplier_slug, o.standards, o.url, o.about, o.version, `+isNamed+` as there,
			coalesce(`+speaksFor("o.supplier_id")+`, false) as speaks, `+forum.ProductFollows+`,
			coalesce((select o.slug from products o where o.id = x.merged_into and (x.public_before or @colleague) and `+isNamed+`), '') as into_slug
		from products x join products o on o.id = x.id where x.slug = @product`, args).Query(forum.IntoOne(&row))
	b.Queue(productCorrectionsQuery, args).Query(forum.Into(&p.Corrections))
	b.Queue(productUsersQuery, args).Query(forum.Into(&p.Councils))
	b.Queue(`select `+cardColumns+` from `+cardTables+` join project_products pp on pp.thread_id = t.id and pp.product_id = (select id from products where slug = @product)
		where `+forum.Listed+` order by r.stale, r.moved_at desc limit 30`, args).Query(forum.Into(&p.Projects))
	b.Queue(naming, args).Query(forum.Into(&p.Threads))
	b.Queue(`select id, slug, name from products where merged_into = (select id from products where slug = @product) order by name`, args).Query(forum.Into(&p.Merged))
	if err := s.Send(ctx, &b); err != nil {
		return ProductPage{}, err
	}
	if row.IntoSlug != "" {
		return ProductPage{Into: row.IntoSlug}, nil // and what may be seen of that is said there
	}
	if !row.There {
		return ProductPage{}, forum.ErrNotFound
	}
	p.Product, p.Standards, p.URL, p.About, p.Version = row.Product, row.Standards, row.URL, row.About, row.Version
	p.Following = forum.FollowingOf(who, row.Follows)
	p.Corrections, p.Older = older(p.Corrections)
	p.CanUse, p.CanTend, p.CanCorrect = forum.SpeaksFor(who), CanTendProducts(who), CanCorrect(who, row.Speaks)
	for i, k := range p.Councils {
		if k.CouncilID == who.CouncilID && k.ConfirmedAt != nil {
			p.Using, p.mine = true, i
		}
	}
	p.Endings = endings(p.Councils, s.Now().In(forum.London).Year())
	return p, nil
}

// endings counts the contracts that end in each year from one on.
func endings(users []ProductUser, from int) (list []Ending) {
	for year := from; year < from+5; year++ {
		one := Ending{Year: year}
		for _, k := range users {
			if k.EndMonth != nil && k.EndMonth.Year() == year {
				one.Councils++
			}
		}
		if one.Councils > 0 {
			list = append(list, one)
		}
	}
	return list
}

// lines are the lines of a text that say something.
func lines(text string) (list []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// StandardLines are the standards that a product keeps.
func (p ProductPage) StandardLines() []string { return lines(p.Standards) }

// Mine is what the reader's council says, where it says that it uses the product.
func (p ProductPage) Mine() (mine ProductUser) {
	if p.mine >= 0 && p.mine < len(p.Councils) {
		mine = p.Councils[p.mine]
	}
	return mine
}

// EndsIn is when a contract ends, as it is typed; empty where nobody says.
func (k ProductUser) EndsIn() string {
	if k.EndMonth == nil {
		return ""
	}
	return k.EndMonth.Format("2006-01")
}
