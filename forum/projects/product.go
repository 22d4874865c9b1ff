package projects

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Product is a system that councils buy or build upon.
type Product struct {
	ID       int64
	Slug     string
	Name     string
	Supplier string // what it is called; empty where nobody says

	SupplierSlug string
	EndMonth     *time.Time // of the contract that a project named; for colleagues only
}

const productsQuery = `
	select o.id, o.slug, o.name, ` + soldBy + ` as supplier, ` + soldBySlug + ` as supplier_slug, case when @colleague then u.end_month end as end_month
	from project_products u join products o on o.id = u.product_id where u.thread_id = @thread order by o.name`

// isNamed is true of the products o that are there for a reader.
const isNamed = forum.ProductShows

// ProductDraft is what was typed to name a product of a project.
type ProductDraft struct {
	Name string // or the slug of one that there is
	New  bool   // it is in no list yet
	End  string // YYYY-MM, of the contract; empty where nobody says
}

// FindProducts finds up to ten products whose names are like what was typed, of those
// that projects in the reader's lists name.
func (s *Store) FindProducts(ctx context.Context, who forum.Person, name string) (found []Product, err error) {
	if name = oneLine(name); name == "" || utf8.RuneCountInString(name) > lineLength {
		return nil, nil
	}
	var b pgx.Batch
	b.Queue(`
		select id, slug, name, `+soldBy+` as supplier from products o
		where (strpos(lower(name), lower(@name)) > 0 or strpos(lower(`+soldBy+`), lower(@name)) > 0 or similarity(name, @name) > 0.3)
			and merged_into is null and `+isNamed+`
		order by lower(name) = lower(@name) desc, similarity(name, @name) desc, name limit 10`, who.Rights(pgx.NamedArgs{"name": name})).Query(forum.Into(&found))
	return found, s.Send(ctx, &b)
}

// month reads YYYY-MM; nothing is no month.
func month(text string) (at *time.Time, ok bool) {
	if text == "" {
		return nil, true
	}
	t, err := time.Parse("2006-01", text)
	return &t, err == nil && t.Year() >= 1990 && t.Year() < 2100
}

// UseProduct names a product that a project uses, and until when there is a contract.
// One that is in no list yet is added to it where that is said; else it is Invalid, to
// be chosen or said.
func (s *Store) UseProduct(ctx context.Context, who forum.Person, threadID int64, draft ProductDraft) error {
	draft.Name = oneLine(draft.Name)
	end, ok := month(oneLine(draft.End))
	var bad forum.Invalid
	switch n := utf8.RuneCountInString(draft.Name); {
	case n == 0:
		bad.Add("product", "projects.product_empty")
	case n > lineLength:
		bad.Add("product", "projects.line_long", "Max", lineLength)
	}
	if !ok {
		bad.Add("product_end", "projects.month_choose")
	}
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, _, err := tended(ctx, d, threadID)
		if err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		id, err := theProduct(ctx, d, draft)
		if err != nil {
			return err
		}
		tag, err := d.Exec(ctx, `
			insert into project_products (thread_id, product_id, end_month) values ($1, $2, $3)
			on conflict (thread_id, product_id) do update set end_month = $3 where project_products.end_month is distinct from $3`, p.ThreadID, id, end)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if err := tellNamed(ctx, d, threadID, id); err != nil {
			return err
		}
		return noted(ctx, d, p, "product", draft.Name)
	})
}

// tellNamed has whoever follows a product hear that a project names it: once, however
// often it is taken off and put back.
func tellNamed(ctx context.Context, d *forum.Deed, threadID, productID int64) error {
	var post int64
	var told bool
	err := d.QueryRow(ctx, `
		select coalesce((select id from posts where thread_id = $1 and number = 1), 0),
			exists (select from events where product_id = $2 and kind = 'product_named' and thread_id = $1)`, threadID, productID).Scan(&post, &told)
	if err != nil || told || post == 0 { // of what waits to be let in nobody hears
		return err
	}
	return d.Tell(ctx, forum.Event{Kind: forum.ProductNamed, ThreadID: threadID, PostID: post, ProductID: productID})
}

// theProduct finds a product by its name or slug, or adds it.
func theProduct(ctx context.Context, d *forum.Deed, draft ProductDraft) (id int64, err error) {
	err = d.QueryRow(ctx, `select coalesce(merged_into, id) from products where slug = $1 or lower(name) = lower($1)`, draft.Name).Scan(&id)
	if !errors.Is(err, pgx.ErrNoRows) {
		return id, err
	}
	if slug := forum.Slug(draft.Name); draft.New && slug != "" {
		err = d.QueryRow(ctx, `
			insert into products (slug, name) values ($1, $2) on conflict (slug) do update set slug = excluded.slug returning coalesce(merged_into, id)`, slug, draft.Name).Scan(&id)
		return id, err
	}
	return 0, forum.Invalid{{Field: "product", Key: "projects.product_unknown"}}
}

// DropProduct says that a project does not use a product, or no more.
func (s *Store) DropProduct(ctx context.Context, who forum.Person, threadID int64, slug string) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, _, err := tended(ctx, d, threadID)
		if err != nil {
			return err
		}
		tag, err := d.Exec(ctx, `
			with waits as (
				delete from merged_namings n using products o, products m where n.thread_id = $1 and m.id = n.product_id and o.id = m.merged_into and o.slug = $2
			)
			delete from project_products u using products o where u.thread_id = $1 and o.id = u.product_id and o.slug = $2`, p.ThreadID, slug)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return noted(ctx, d, p, "product", "")
	})
}
