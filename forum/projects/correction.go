package projects

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// said is a fact, what it said and what it says now.
type said struct{ field, was, now string }

// FactsConflict is a form about a supplier or a product that was made before somebody else
// changed it. It carries what it says now, so that the page can show both.
type FactsConflict struct {
	Version  int
	Supplier Supplier     // as it is now, of a supplier
	Product  ProductFacts // the same of a product
}

// Error says that it is a conflict.
func (c *FactsConflict) Error() string { return forum.ErrConflict.Error() }

// Is makes errors.Is(err, forum.ErrConflict) true.
func (c *FactsConflict) Is(target error) bool { return target == forum.ErrConflict }

// How long what is said of a supplier or a product can be.
const (
	aboutLength     = 2000
	contactLength   = 200
	standardsLength = 1000
)

// checkFacts adds what keeps facts that companies may correct from being kept.
func checkFacts(bad *forum.Invalid, url, about, standards string) {
	if !isLink(url) {
		bad.Add("url", "projects.link_not_web")
	}
	if n := utf8.RuneCountInString(about); n > aboutLength {
		bad.Add("about", "projects.fact_long", "Max", aboutLength, "Over", n-aboutLength)
	}
	if n := utf8.RuneCountInString(standards); n > standardsLength {
		bad.Add("standards", "projects.fact_long", "Max", standardsLength, "Over", n-standardsLength)
	}
}

// paragraphs is a text of several lines as it is stored.
func paragraphs(text string) string { return strings.TrimSpace(markup.Clean(text)) }

// corrected writes down which facts of a supplier or of a product the doer changed, for
// everybody to read.
func corrected(ctx context.Context, d *forum.Deed, supplierID, productID int64, facts []said) error {
	var fields, before, after []string
	for _, f := range facts {
		if f.was != f.now {
			fields, before, after = append(fields, f.field), append(before, f.was), append(after, f.now)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	company := ""
	if d.Who.Standing == forum.Supplier {
		company = d.Who.Company
		if err := correctsOn(ctx, d, len(fields)); err != nil {
			return err
		}
	}
	_, err := d.Exec(ctx, `
		insert into supplier_changes (supplier_id, product_id, field, was, said, person_id, company, at)
		select nullif(@supplier::bigint, 0), nullif(@product::bigint, 0), x.field, x.was, x.said, @who, @company, @at
		from unnest(@fields::text[], @before::text[], @after::text[]) as x (field, was, said)`,
		pgx.NamedArgs{"supplier": supplierID, "product": productID, "who": d.Who.ID, "company": company, "at": d.At, "fields": fields, "before": before, "after": after})
	return err
}

// correctionsDay is how many facts one person of a company corrects in 24 hours.
const correctionsDay = 60

// correctsOn keeps whoever corrects facts for a company to so many of them.
func correctsOn(ctx context.Context, d *forum.Deed, more int) error {
	var today int
	err := d.QueryRow(ctx, `select count(*) from supplier_changes where person_id = $1 and at > $2`, d.Who.ID, d.At.Add(-24*time.Hour)).Scan(&today)
	if err == nil && today+more > correctionsDay {
		err = forum.Invalid{{Field: "url", Key: "suppliers.corrections_day", Args: []any{"Max", correctionsDay}}}
	}
	return err
}

// putBack writes what a fact said before a correction, $3, where it says what that said, $2.
var putBack = map[bool]map[string]string{
	true: {
		"url":     `update suppliers set url = $3, version = version + 1 where id = $1 and url = $2`,
		"about":   `update suppliers set about = $3, version = version + 1 where id = $1 and about = $2`,
		"contact": `update suppliers set contact = $3, version = version + 1 where id = $1 and contact = $2`,
	},
	false: {
		"url":       `update products set url = $3, version = version + 1 where id = $1 and url = $2`,
		"about":     `update products set about = $3, version = version + 1 where id = $1 and about = $2`,
		"standards": `update products set standards = $3, version = version + 1 where id = $1 and standards = $2`,
	},
}

// CorrectionsPerPage is how many corrections a page shows, and of those that were undone.
const CorrectionsPerPage = 20

// correctionColumns are read of supplier_changes g; see correctionTables. What was undone
// is curators' to read alone, also where the next correction tells what there was before it.
const (
	correctionColumns = `g.id, g.field, case when @curator or not exists (select from supplier_changes b where b.undone_at is not null and b.said = g.was and b.field = g.field
			and b.supplier_id is not distinct from g.supplier_id and b.product_id is not distinct from g.product_id) then g.was else '' end as was,
		case when @curator then g.said else '' end as said, g.was = '' and g.said = '' as gone, g.company, g.person_id, case when e.erased_at is null then e.name else '' end as person_name, coalesce(e.handle, '') as person_handle,
		g.at, g.undone_at, case when u.erased_at is null then coalesce(u.name, '') else '' end as undone_by`
	correctionTables = `supplier_changes g join people e on e.id = g.person_id left join people u on u.id = g.undone_by`
)

// correctionsOf reads a page of the corrections of something, those that stand first, from
// @before on, and of those that were undone the newest; each the newest first.
func correctionsOf(what string) string {
	return `
		select * from (
			(select ` + correctionColumns + ` from ` + correctionTables + ` where ` + what + ` and g.undone_at is null and (@before::bigint = 0 or g.id < @before) order by g.id desc limit @corrections + 1)
			union all
			(select ` + correctionColumns + ` from ` + correctionTables + ` where ` + what + ` and g.undone_at is not null and @curator and @before::bigint = 0 order by g.id desc limit @corrections)
		) x order by undone_at is not null, id desc`
}

var (
	supplierCorrectionsQuery = correctionsOf(`g.supplier_id = (select id from suppliers where slug = @supplier)`)
	productCorrectionsQuery  = correctionsOf(`g.product_id = (select id from products where slug = @product)`)
)

// older cuts a page of corrections where the next one begins, and says where that is; 0
// where there is none.
func older(list []Correction) ([]Correction, int64) {
	n := 0
	for n < len(list) && list[n].UndoneAt == nil {
		n++
	}
	if n <= CorrectionsPerPage {
		return list, 0
	}
	return slices.Delete(list, n-1, n), list[n-2].ID
}

// UndoSupplierCorrection has a fact of a supplier say what it said before somebody corrected
// it, with what companies made of it since: Forbidden where a curator has changed it since.
// Undone again it changes nothing.
func (s *Store) UndoSupplierCorrection(ctx context.Context, who forum.Person, slug string, id int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := supplier(ctx, d, slug)
		if err != nil {
			return err
		}
		return undoCorrection(ctx, d, p.ID, 0, id)
	})
}

// UndoProductCorrection is the same of a product.
func (s *Store) UndoProductCorrection(ctx context.Context, who forum.Person, slug string, id int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := product(ctx, d, slug)
		if err != nil {
			return err
		}
		return undoCorrection(ctx, d, 0, p.ID, id)
	})
}

// sameFact is true of the corrections g of the fact of @field.
const sameFact = `coalesce(g.supplier_id, 0) = @supplier and coalesce(g.product_id, 0) = @product and g.field = @field`

// oneCorrection reads one for a curator, and locks all of the same fact.
func oneCorrection(ctx context.Context, d *forum.Deed, supplierID, productID, id int64) (c Correction, args pgx.NamedArgs, err error) {
	if !CanTendProducts(d.Who) {
		return c, nil, forum.ErrForbidden
	}
	args = pgx.NamedArgs{"id": id, "supplier": supplierID, "product": productID}
	err = d.QueryRow(ctx, `select g.field from supplier_changes g where g.id = @id and coalesce(g.supplier_id, 0) = @supplier and coalesce(g.product_id, 0) = @product`, args).Scan(&c.Field)
	if errors.Is(err, pgx.ErrNoRows) {
		err = forum.ErrNotFound
	}
	if err != nil {
		return c, nil, err
	}
	args["field"] = c.Field
	if _, err = d.Exec(ctx, `select from supplier_changes g where `+sameFact+` order by g.id for update`, args); err != nil {
		return c, nil, err
	}
	err = d.QueryRow(ctx, `select was, said, undone_at, was = '' and said = '' from supplier_changes where id = @id`, args).Scan(&c.Was, &c.Said, &c.UndoneAt, &c.Gone)
	return c, args, err
}

// undoCorrection is what both have in common. What companies made of the same fact since
// goes with it; what a curator did does not.
func undoCorrection(ctx context.Context, d *forum.Deed, supplierID, productID, id int64) error {
	c, args, err := oneCorrection(ctx, d, supplierID, productID, id)
	switch {
	case err != nil || c.UndoneAt != nil:
		return err
	case c.Gone:
		return &forum.Forbidden{Why: "suppliers.text_gone"}
	}
	var now string
	var tended bool
	err = d.QueryRow(ctx, `
		select (array_agg(g.said order by g.id desc))[1], bool_or(g.id > @id and g.company = '')
		from supplier_changes g where `+sameFact+` and g.id >= @id and g.undone_at is null`, args).Scan(&now, &tended)
	if err != nil {
		return err
	}
	tag, err := d.Exec(ctx, putBack[supplierID != 0][c.Field], supplierID+productID, now, c.Was)
	if err != nil {
		return err
	}
	if tended || tag.RowsAffected() == 0 {
		return &forum.Forbidden{Why: "suppliers.changed_since"}
	}
	args["at"], args["who"] = d.At, d.Who.ID
	if _, err := d.Exec(ctx, `update supplier_changes g set undone_at = @at, undone_by = @who where `+sameFact+` and g.id >= @id and g.undone_at is null`, args); err != nil {
		return err
	}
	_, err = d.Record(ctx, forum.Entry{Deed: forum.UndidCorrection, Reason: number(id)})
	return err
}

// TakeSupplierText takes away for good what a correction of a supplier said, and what was
// there before it, also where other corrections of the same fact tell; not what the fact
// says now. That somebody corrected it stays. Taken away again it changes nothing.
func (s *Store) TakeSupplierText(ctx context.Context, who forum.Person, slug string, id int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := supplier(ctx, d, slug)
		if err != nil {
			return err
		}
		return takeText(ctx, d, p.ID, 0, id)
	})
}

// TakeProductText is the same of a product.
func (s *Store) TakeProductText(ctx context.Context, who forum.Person, slug string, id int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := product(ctx, d, slug)
		if err != nil {
			return err
		}
		return takeText(ctx, d, 0, p.ID, id)
	})
}

// takeText is what both have in common.
func takeText(ctx context.Context, d *forum.Deed, supplierID, productID, id int64) error {
	c, args, err := oneCorrection(ctx, d, supplierID, productID, id)
	if err != nil || c.Gone {
		return err
	}
	args["texts"] = []string{c.Was, c.Said}
	_, err = d.Exec(ctx, `
		with now as (
			select case @field when 'url' then s.url when 'about' then s.about else s.contact end as said from suppliers s where s.id = @supplier
			union all select case @field when 'url' then o.url when 'about' then o.about else o.standards end from products o where o.id = @product
		)
		update supplier_changes g
		set was = case when g.id = @id or g.was = any(@texts::text[]) and g.was <> now.said then '' else g.was end,
			said = case when g.id = @id or g.said = any(@texts::text[]) and g.said <> now.said then '' else g.said end
		from now where `+sameFact, args)
	if err != nil {
		return err
	}
	_, err = d.Record(ctx, forum.Entry{Deed: forum.TookCorrection, Reason: number(id)})
	return err
}
