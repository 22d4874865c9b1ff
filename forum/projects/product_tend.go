package projects

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// product reads one that is there for the doer, and locks it.
func product(ctx context.Context, d *forum.Deed, slug string) (p Product, err error) {
	err = d.QueryRow(ctx, `select o.id, o.slug, o.name, `+soldBy+` from products o where o.slug = @product and o.merged_into is null and `+isNamed+` for update of o`,
		d.Who.Rights(pgx.NamedArgs{"product": slug})).Scan(&p.ID, &p.Slug, &p.Name, &p.Supplier)
	if errors.Is(err, pgx.ErrNoRows) {
		err = forum.ErrNotFound
	}
	return p, err
}

// SayUse says for the doer's council that it uses a product, and until when there is a
// contract; or that it does not, or no more. Said again it confirms that.
func (s *Store) SayUse(ctx context.Context, who forum.Person, slug string, on bool, end string) error {
	until, ok := month(oneLine(end))
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if _, err := meet(ctx, d, 0); err != nil {
			return err
		}
		p, err := product(ctx, d, slug)
		switch {
		case err != nil:
			return err
		case !forum.SpeaksFor(d.Who):
			return &forum.Forbidden{Why: "products.not_yours"}
		case !ok:
			return forum.Invalid{{Field: "end", Key: "projects.month_choose"}}
		case !on:
			_, err = d.Exec(ctx, `delete from product_uses where council_id = $2 and (product_id = $1 or product_id in (select id from products where merged_into = $1))`, p.ID, d.Who.CouncilID)
			return err
		}
		var since bool
		err = d.QueryRow(ctx, `select exists (select from product_uses where product_id = $1 and council_id = $2)
			or exists (select from events where kind = 'product_used' and product_id = $1 and doer_id = $3 and at > $4::timestamptz - interval '30 days')`, p.ID, d.Who.CouncilID, d.Who.ID, d.At).Scan(&since)
		if err != nil {
			return err
		}
		_, err = d.Exec(ctx, `
			insert into product_uses (product_id, council_id, end_month, person_id, confirmed_at) values (@product, @council, @end::date, @who, @at)
			on conflict (product_id, council_id) do update set end_month = @end::date, person_id = @who, confirmed_at = @at
			where product_uses.end_month is distinct from @end::date or product_uses.confirmed_at < @before`,
			pgx.NamedArgs{"product": p.ID, "council": d.Who.CouncilID, "end": until, "who": d.Who.ID, "at": d.At, "before": d.At.Add(-24 * time.Hour)})
		if err != nil || since {
			return err
		}
		return d.Tell(ctx, forum.Event{Kind: forum.ProductUsed, ProductID: p.ID})
	})
}

// ProductFacts is what was typed about a product. Its name, and who sells it, are for
// curators to say.
type ProductFacts struct {
	Name, Supplier, Standards, URL, About string
	Version                               int // of the page on which it was typed; 0 where nobody says

	Lacks string // the fields, by name, that the form did not have: they stay as they are
}

// keep has the facts that the form lacked say what they say now.
func (f *ProductFacts) keep(now ProductFacts) {
	for _, field := range strings.Fields(f.Lacks) {
		switch field {
		case "name":
			f.Name = now.Name
		case "supplier":
			f.Supplier = now.Supplier
		case "standards":
			f.Standards = now.Standards
		case "url":
			f.URL = now.URL
		case "about":
			f.About = now.About
		}
	}
	f.Lacks = ""
}

// Clean puts what was typed into the form that is stored.
func (f *ProductFacts) Clean() {
	f.Name, f.Supplier, f.Standards = oneLine(f.Name), oneLine(f.Supplier), paragraphs(f.Standards)
	f.URL, f.About = asLink(oneLine(f.URL)), paragraphs(f.About)
}

func (f ProductFacts) check() (bad forum.Invalid) {
	if f.Name == "" {
		bad.Add("name", "projects.product_empty")
	}
	if utf8.RuneCountInString(f.Name) > lineLength {
		bad.Add("name", "projects.line_long", "Max", lineLength)
	}
	if utf8.RuneCountInString(f.Supplier) > lineLength {
		bad.Add("supplier", "projects.line_long", "Max", lineLength)
	}
	checkFacts(&bad, f.URL, f.About, f.Standards)
	return bad
}

// tendsProduct is product for a deed of curators.
func tendsProduct(ctx context.Context, d *forum.Deed, slug string) (Product, error) {
	p, err := product(ctx, d, slug)
	if err == nil && !CanTendProducts(d.Who) {
		err = forum.ErrForbidden
	}
	return p, err
}

// ChangeProduct says what a product is called, who sells it, where it is on the web, what
// it does and which standards it keeps. Its address stays. What changed of the facts is
// shown on its page, with who said it. A *FactsConflict where somebody else has changed it
// since the page was made.
func (s *Store) ChangeProduct(ctx context.Context, who forum.Person, slug string, facts ProductFacts) error {
	facts.Clean()
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if _, err := meet(ctx, d, 0); err != nil {
			return err
		}
		p, err := product(ctx, d, slug)
		if err != nil {
			return err
		}
		now, sells := ProductFacts{}, int64(0)
		err = d.QueryRow(ctx, `select name, `+soldBy+`, standards, url, about, version, coalesce(supplier_id, 0) from products o where id = $1`, p.ID).
			Scan(&now.Name, &now.Supplier, &now.Standards, &now.URL, &now.About, &now.Version, &sells)
		if err == nil {
			err = corrects(ctx, d, sells)
		}
		if err != nil {
			return err
		}
		facts := facts
		facts.keep(now)
		if !CanTendProducts(d.Who) {
			facts.Name, facts.Supplier = now.Name, now.Supplier
		}
		if bad := facts.check(); bad != nil {
			return bad
		}
		version := facts.Version
		if facts.Version = now.Version; facts == now {
			return nil
		}
		if version != 0 && version != now.Version {
			return &FactsConflict{Version: now.Version, Product: now}
		}
		return changeProduct(ctx, d, p.ID, now, facts)
	})
}

// changeProduct is the part of it that comes after the rights.
func changeProduct(ctx context.Context, d *forum.Deed, id int64, now, facts ProductFacts) error {
	var taken bool
	if err := d.QueryRow(ctx, `select exists (select from products where lower(name) = lower($1) and id <> $2)`, facts.Name, id).Scan(&taken); err != nil {
		return err
	}
	if taken {
		return forum.Invalid{{Field: "name", Key: "products.name_taken"}}
	}
	args := pgx.NamedArgs{"id": id, "name": facts.Name, "supplier": facts.Supplier, "standards": facts.Standards, "url": facts.URL, "about": facts.About}
	if _, err := d.Exec(ctx, `update products set name = @name, standards = @standards, url = @url, about = @about, version = version + 1 where id = @id`, args); err != nil {
		if forum.IsThere(err) { // somebody gives another that name at this moment
			return forum.Invalid{{Field: "name", Key: "products.name_taken"}}
		}
		return err
	}
	if facts.Supplier != now.Supplier {
		if _, err := d.Exec(ctx, `update products set supplier = @supplier where id = @id`, args); err != nil {
			return err
		}
	}
	if err := corrected(ctx, d, 0, id, []said{{"url", now.URL, facts.URL}, {"about", now.About, facts.About}, {"standards", now.Standards, facts.Standards}}); err != nil {
		return err
	}
	if !CanTendProducts(d.Who) {
		return nil
	}
	_, err := d.Record(ctx, forum.Entry{Deed: forum.ChangedProduct, Reason: number(id)})
	return err
}

// MergeProduct says that a product is the same as another: what was said of it is said of
// that one, and its address leads there. PartProduct undoes it.
func (s *Store) MergeProduct(ctx context.Context, who forum.Person, slug, into string) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := tendsProduct(ctx, d, slug)
		if err != nil {
			return err
		}
		to, err := product(ctx, d, oneLine(into))
		if errors.Is(err, forum.ErrNotFound) || err == nil && to.ID == p.ID {
			return forum.Invalid{{Field: "into", Key: "products.into_choose"}}
		}
		if err != nil {
			return err
		}
		args := forum.Person{}.Rights(pgx.NamedArgs{"from": p.ID, "into": to.ID})
		var b pgx.Batch
		for _, query := range []string{
			`update products o set public_before = ` + isNamed + ` where o.id = @from`,
			`update project_products u set product_id = @into, merged_from = coalesce(u.merged_from, @from) where u.product_id = @from
				and not exists (select from project_products o where o.thread_id = u.thread_id and o.product_id = @into)`,
			`with gone as (delete from project_products where product_id = @from returning thread_id, end_month)
				insert into merged_namings (product_id, thread_id, end_month) select @from, thread_id, end_month from gone on conflict do nothing`,
			// Of a council that says so of both, what it said of this one waits under it.
			`update product_uses u set product_id = @into, merged_from = coalesce(u.merged_from, @from) where u.product_id = @from
				and not exists (select from product_uses o where o.council_id = u.council_id and o.product_id = @into)`,
			`update products set merged_into = @into where id = @from or merged_into = @from`,
			recount,
		} {
			b.Queue(query, args)
		}
		if err := d.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
		_, err = d.Record(ctx, forum.Entry{Deed: forum.MergedProduct, Reason: number(p.ID) + " → " + number(to.ID)})
		return err
	})
}

// recount has the register follow what projects name.
const recount = `update register r set product_ids = coalesce((select array_agg(u.product_id order by u.product_id) from project_products u where u.thread_id = r.thread_id), '{}')
	where r.thread_id in (select thread_id from project_products where product_id in (@from, @into)) or r.product_ids && array[@from::bigint, @into::bigint]`

// PartProduct takes a product out again that was merged into another, with what was said
// of it.
func (s *Store) PartProduct(ctx context.Context, who forum.Person, slug, out string) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := tendsProduct(ctx, d, slug)
		if err != nil {
			return err
		}
		var from int64
		err = d.QueryRow(ctx, `select id from products where slug = $1 and merged_into = $2 for update`, out, p.ID).Scan(&from)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // it is out already
		}
		if err != nil {
			return err
		}
		args := pgx.NamedArgs{"from": from, "into": p.ID}
		var b pgx.Batch
		for _, query := range []string{
			`update project_products set product_id = @from, merged_from = null where product_id = @into and merged_from = @from`,
			`with back as (delete from merged_namings where product_id = @from returning thread_id, end_month)
				insert into project_products (thread_id, product_id, end_month) select thread_id, @from, end_month from back on conflict do nothing`,
			`update product_uses set product_id = @from, merged_from = null where product_id = @into and merged_from = @from`,
			`update products set merged_into = null where id = @from`,
			recount,
		} {
			b.Queue(query, args)
		}
		if err := d.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
		_, err = d.Record(ctx, forum.Entry{Deed: forum.PartedProduct, Reason: number(p.ID) + " → " + number(from)})
		return err
	})
}
