package projects

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// SuppliersPerPage is how many suppliers one page of their list shows.
const SuppliersPerPage = 60

// Supplier is a company that sells products to councils, or whoever else keeps them.
type Supplier struct {
	ID      int64
	Slug    string
	Name    string
	URL     string
	About   string
	Contact string
	Version int
}

// soldBy is what the supplier of the product o is called, under the name that stays, and
// soldBySlug its address; empty where nobody says.
const (
	soldBy     = `coalesce((select coalesce(m.name, g.name) from suppliers g left join suppliers m on m.id = g.merged_into where g.id = o.supplier_id), '')`
	soldBySlug = `coalesce((select coalesce(m.slug, g.slug) from suppliers g left join suppliers m on m.id = g.merged_into where g.id = o.supplier_id), '')`
)

// ofSupplier is true of the products o of the supplier s, or of one that is merged into it,
// that are there for a reader.
const ofSupplier = `(o.supplier_id in (select g.id from suppliers g where s.id in (g.id, g.merged_into)) and o.merged_into is null and ` + isNamed + `)`

// supplierIsThere is true of the suppliers s that are there for a reader.
const supplierIsThere = forum.SupplierShows

// supplierColumns are read wherever a whole Supplier is wanted, of suppliers s.
const supplierColumns = `s.id, s.slug, s.name, s.url, s.about, s.contact, s.version`

// SupplierLine is a supplier in a list, with how many of its products are there for the
// reader.
type SupplierLine struct {
	Supplier
	Products int
}

// SupplierList is one page of the suppliers, by name.
type SupplierList struct {
	Query     string
	After     string
	Suppliers []SupplierLine
	Next      string // the name behind which the next page begins; empty at the end
}

// SupplierList reads a page of the suppliers that are there for a reader, in one round trip.
func (s *Store) SupplierList(ctx context.Context, who forum.Person, query, after string) (p SupplierList, err error) {
	if query = oneLine(query); len(query) > 4*lineLength || len(after) > 4*lineLength {
		return SupplierList{}, forum.ErrNotFound
	}
	p.Query, p.After = query, after
	var b pgx.Batch
	b.Queue(`
		select `+supplierColumns+`, (select count(*) from products o where `+ofSupplier+`)::int as products
		from suppliers s where s.merged_into is null and `+supplierIsThere+`
			and (@query = '' or strpos(lower(s.name), lower(@query)) > 0) and lower(s.name) > lower(@after)
		order by lower(s.name) limit @limit`,
		who.Rights(pgx.NamedArgs{"query": query, "after": after, "limit": SuppliersPerPage + 1})).Query(forum.Into(&p.Suppliers))
	if err := s.Send(ctx, &b); err != nil {
		return SupplierList{}, err
	}
	if len(p.Suppliers) > SuppliersPerPage {
		p.Suppliers = p.Suppliers[:SuppliersPerPage]
		p.Next = p.Suppliers[SuppliersPerPage-1].Name
	}
	return p, nil
}

// SupplierUser is a council that uses products of a supplier.
type SupplierUser struct {
	CouncilSlug string
	CouncilName string
	ConfirmedAt *time.Time // when somebody of it last said so; nil where projects alone name them
	Products    []string
}

// SupplierPerson is somebody of a supplier.
type SupplierPerson struct {
	ID       int64
	Name     string
	Handle   string
	JobTitle string
	Company  string
	Speaks   bool // for it, as a curator has agreed
}

// Correction is a fact of a supplier or of one of its products that somebody corrected.
type Correction struct {
	ID           int64
	Field        string // url, about, contact, standards
	Was          string // empty of what was undone, but for curators
	Said         string // for curators alone
	Gone         bool   // its text was taken away
	Company      string // of a supplier, when they said it; empty of a curator
	PersonID     int64
	PersonName   string
	PersonHandle string
	At           time.Time
	UndoneAt     *time.Time
	UndoneBy     string
}

// SupplierPage is what is known of a supplier.
type SupplierPage struct {
	Supplier    Supplier
	Products    []ProductLine
	Councils    []SupplierUser
	Projects    []Card
	Threads     []forum.Related // others that name it or one of its products
	People      []SupplierPerson
	Corrections []Correction // the newest first; those that were undone last, for curators alone
	Older       int64        // before which the next page of them begins; 0 at the end
	Merged      []Supplier   // into it
	Into        string       // the supplier that it was merged into; all else is empty then
	Claim       *Claim       // the reader's newest
	Claims      []Claim      // that wait or hold, for curators
	Following   forum.Following

	CanClaim   bool
	CanCorrect bool
	CanTend    bool
}

const (
	// theSupplier joins the supplier of @supplier as s.
	theSupplier = ` join suppliers s on s.slug = @supplier`

	supplierUsersQuery = `
		select k.slug as council_slug, k.shown_name as council_name, max(x.confirmed_at) as confirmed_at, array_agg(distinct x.name order by x.name) as products
		from (
			select w.council_id, w.confirmed_at, o.name from products o` + theSupplier + ` join product_uses w on w.product_id = o.id where ` + ofSupplier + `
			union all
			select j.council_id, null, o.name from products o` + theSupplier + ` join project_products u on u.product_id = o.id
				join projects j on j.thread_id = u.thread_id join threads t on t.id = u.thread_id
			where ` + ofSupplier + ` and ` + forum.Listed + `
		) x join councils k on k.id = x.council_id
		group by k.id order by max(x.confirmed_at) is null, k.shown_name limit 500`

	supplierProjectsQuery = `select ` + cardColumns + ` from ` + cardTables + `
		where t.id in (select u.thread_id from project_products u join products o on o.id = u.product_id` + theSupplier + ` where ` + ofSupplier + `)
			and ` + forum.Listed + ` order by r.stale, r.moved_at desc limit 30`

	// Threads that are no projects, whose posts say its name or that of a product word by word.
	namingSupplierQuery = `
		select t.id, t.slug, t.title, t.lang from threads t where t.kind <> 'project' and ` + forum.Listed + ` and t.id in (
			select w.thread_id from (
				select s.name from suppliers s where s.slug = @supplier
				union select o.name from products o` + theSupplier + ` where ` + ofSupplier + ` limit 50
			) n cross join lateral (select v.thread_id from post_words v where v.words @@ phraseto_tsquery('moothall_en', n.name) limit 200) w)
		order by t.last_post_at desc limit 10`

	// Whose company is called so, or who speaks for it.
	supplierPeopleQuery = `
		select p.id, p.name, coalesce(p.handle, '') as handle, p.job_title, coalesce(p.company, '') as company, x.speaks
		from (
			select i.id, bool_or(i.speaks) as speaks from (
				select q.person_id as id, true as speaks from supplier_claims q join suppliers g on g.id = q.supplier_id` + theSupplier + ` where s.id in (g.id, g.merged_into) and q.state = 'agreed'
				union all
				select e.id, false from suppliers g` + theSupplier + ` join people e on e.standing = 'supplier' and lower(e.company) = lower(g.name) where s.id in (g.id, g.merged_into)
			) i group by i.id
		) x join people p on p.id = x.id
		where p.standing = 'supplier' and p.joined_at is not null and p.erased_at is null
		order by x.speaks desc, p.name, p.id limit 50`
)

var supplierProductsQuery = `select ` + lineColumns + ` from products o` + theSupplier + ` where ` + ofSupplier + ` order by lower(o.name) limit 200`

// SupplierPage reads the page of a supplier in one round trip, with its corrections before
// one, or with 0 the newest: ErrNotFound if it has nothing that the reader may see, and
// nobody speaks for it.
func (s *Store) SupplierPage(ctx context.Context, who forum.Person, slug string, before int64) (p SupplierPage, err error) {
	var row struct {
		Supplier
		IntoSlug string
		There    bool
		Speaks   bool
		Follows  []string
	}
	args := who.Rights(pgx.NamedArgs{"supplier": slug, "before": before, "corrections": CorrectionsPerPage})
	var b pgx.Batch
	b.Queue(`select `+supplierColumns+`, `+supplierIsThere+` as there, `+speaksFor("s.id")+` as speaks, `+forum.SupplierFollows+`,
			coalesce((select s.slug from suppliers s where s.id = x.merged_into and (x.public_before or @colleague) and `+supplierIsThere+`), '') as into_slug
		from suppliers x join suppliers s on s.id = x.id where x.slug = @supplier`, args).Query(forum.IntoOne(&row))
	b.Queue(supplierProductsQuery, args).Query(forum.Into(&p.Products))
	b.Queue(supplierUsersQuery, args).Query(forum.Into(&p.Councils))
	b.Queue(supplierProjectsQuery, args).Query(forum.Into(&p.Projects))
	b.Queue(namingSupplierQuery, args).Query(forum.Into(&p.Threads))
	b.Queue(supplierPeopleQuery, args).Query(forum.Into(&p.People))
	b.Queue(supplierCorrectionsQuery, args).Query(forum.Into(&p.Corrections))
	b.Queue(myClaimQuery, args).Query(forum.IntoMaybe(&p.Claim))
	b.Queue(claimsQuery, args).Query(forum.Into(&p.Claims))
	b.Queue(`select `+supplierColumns+` from suppliers s where s.merged_into = (select id from suppliers where slug = @supplier) and @curator order by s.name`, args).Query(forum.Into(&p.Merged))
	if err := s.Send(ctx, &b); err != nil {
		return SupplierPage{}, err
	}
	if row.IntoSlug != "" {
		return SupplierPage{Into: row.IntoSlug}, nil // and what may be seen of that is said there
	}
	if !row.There {
		return SupplierPage{}, forum.ErrNotFound
	}
	p.Supplier, p.Following = row.Supplier, forum.FollowingOf(who, row.Follows)
	p.Corrections, p.Older = older(p.Corrections)
	p.CanClaim, p.CanCorrect, p.CanTend = CanClaim(who) && !row.Speaks, CanCorrect(who, row.Speaks), CanTendProducts(who)
	return p, nil
}
