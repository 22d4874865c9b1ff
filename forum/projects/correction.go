package projects

import (
	"context"
	"errors"
	"strings"
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
	}
	_, err := d.Exec(ctx, `
		insert into supplier_changes (supplier_id, product_id, field, was, said, person_id, company, at)
		select nullif(@supplier::bigint, 0), nullif(@product::bigint, 0), x.field, x.was, x.said, @who, @company, @at
		from unnest(@fields::text[], @before::text[], @after::text[]) as x (field, was, said)`,
		pgx.NamedArgs{"supplier": supplierID, "product": productID, "who": d.Who.ID, "company": company, "at": d.At, "fields": fields, "before": before, "after": after})
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

// UndoSupplierCorrection has a fact of a supplier say what it said before somebody corrected
// it: Forbidden where it has been changed again since. Undone again it changes nothing.
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

// undoCorrection is what both have in common.
func undoCorrection(ctx context.Context, d *forum.Deed, supplierID, productID, id int64) error {
	if !CanTendProducts(d.Who) {
		return forum.ErrForbidden
	}
	var field, was, now string
	var undone bool
	err := d.QueryRow(ctx, `
		select field, was, said, undone_at is not null from supplier_changes
		where id = $1 and coalesce(supplier_id, 0) = $2 and coalesce(product_id, 0) = $3 for update`, id, supplierID, productID).Scan(&field, &was, &now, &undone)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return forum.ErrNotFound
	case err != nil || undone:
		return err
	}
	tag, err := d.Exec(ctx, putBack[supplierID != 0][field], supplierID+productID, now, was)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return &forum.Forbidden{Why: "suppliers.changed_since"}
	}
	if _, err := d.Exec(ctx, `update supplier_changes set undone_at = $2, undone_by = $3 where id = $1`, id, d.At, d.Who.ID); err != nil {
		return err
	}
	_, err = d.Record(ctx, forum.Entry{Deed: forum.UndidCorrection, Reason: number(id)})
	return err
}
