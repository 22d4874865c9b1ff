package projects

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// SupplierFacts is what was typed about a supplier. Its name is for curators to say.
type SupplierFacts struct {
	Name, URL, About, Contact string
	Version                   int // of the page on which it was typed; 0 where nobody says
}

// Clean puts what was typed into the form that is stored.
func (f *SupplierFacts) Clean() {
	f.Name, f.URL, f.Contact, f.About = oneLine(f.Name), asLink(oneLine(f.URL)), oneLine(f.Contact), paragraphs(f.About)
}

func (f SupplierFacts) check() (bad forum.Invalid) {
	switch n := utf8.RuneCountInString(f.Name); {
	case n == 0:
		bad.Add("name", "suppliers.name_empty")
	case n > lineLength:
		bad.Add("name", "projects.line_long", "Max", lineLength)
	}
	checkFacts(&bad, f.URL, f.About, "")
	if utf8.RuneCountInString(f.Contact) > contactLength {
		bad.Add("contact", "projects.line_long", "Max", contactLength)
	}
	return bad
}

// corrects reports whether the deed's doer may correct facts of a supplier.
func corrects(ctx context.Context, d *forum.Deed, supplierID int64) error {
	speaks, err := speaking(ctx, d, supplierID)
	if err == nil && !CanCorrect(d.Who, speaks) {
		err = forum.ErrForbidden
	}
	return err
}

// ChangeSupplier says what a supplier is called, where it is on the web, what it does and
// how it is reached. Its address stays. What changed is shown on its page, with who said
// it. A *FactsConflict where somebody else has changed it since the page was made.
func (s *Store) ChangeSupplier(ctx context.Context, who forum.Person, slug string, facts SupplierFacts) error {
	facts.Clean()
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if _, err := meet(ctx, d, 0); err != nil {
			return err
		}
		p, err := supplier(ctx, d, slug)
		if err == nil {
			err = corrects(ctx, d, p.ID)
		}
		if err != nil {
			return err
		}
		if !CanTendProducts(d.Who) {
			facts.Name = p.Name
		}
		if bad := facts.check(); bad != nil {
			return bad
		}
		if (facts == SupplierFacts{p.Name, p.URL, p.About, p.Contact, facts.Version}) {
			return nil
		}
		if facts.Version != 0 && facts.Version != p.Version {
			return &FactsConflict{Version: p.Version, Supplier: p}
		}
		return changeSupplier(ctx, d, p, facts)
	})
}

// changeSupplier is the part of it that comes after the rights.
func changeSupplier(ctx context.Context, d *forum.Deed, p Supplier, facts SupplierFacts) error {
	var taken bool
	if err := d.QueryRow(ctx, `select exists (select from suppliers where lower(name) = lower($1) and id <> $2)`, facts.Name, p.ID).Scan(&taken); err != nil {
		return err
	}
	if taken {
		return forum.Invalid{{Field: "name", Key: "suppliers.name_taken"}}
	}
	args := pgx.NamedArgs{"id": p.ID, "name": facts.Name, "url": facts.URL, "about": facts.About, "contact": facts.Contact}
	if _, err := d.Exec(ctx, `update suppliers set name = @name, url = @url, about = @about, contact = @contact, version = version + 1 where id = @id`, args); err != nil {
		if forum.IsThere(err) { // somebody gives another that name at this moment
			return forum.Invalid{{Field: "name", Key: "suppliers.name_taken"}}
		}
		return err
	}
	if facts.Name != p.Name { // its products go on being its own
		if _, err := d.Exec(ctx, `update products set supplier = @name where supplier_id = @id`, args); err != nil {
			return err
		}
	}
	if err := corrected(ctx, d, p.ID, 0, []said{{"url", p.URL, facts.URL}, {"about", p.About, facts.About}, {"contact", p.Contact, facts.Contact}}); err != nil {
		return err
	}
	if !CanTendProducts(d.Who) {
		return nil
	}
	_, err := d.Record(ctx, forum.Entry{Deed: forum.ChangedSupplier, Reason: p.Name})
	return err
}

// wasThere is true of the suppliers s that are there for a reader, or would be, had their
// products not been merged into others.
const wasThere = `(` + supplierIsThere + ` or exists (select from products o where o.supplier_id = s.id and o.merged_into is not null and o.public_before))`

// tendsSupplier is supplier for a deed of curators.
func tendsSupplier(ctx context.Context, d *forum.Deed, slug string) (Supplier, error) {
	p, err := supplier(ctx, d, slug)
	if err == nil && !CanTendProducts(d.Who) {
		err = forum.ErrForbidden
	}
	return p, err
}

// MergeSupplier says that a supplier is the same as another: its products and whoever
// speaks for it are that one's, and its address leads there. PartSupplier undoes it.
func (s *Store) MergeSupplier(ctx context.Context, who forum.Person, slug, into string) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if _, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('suppliers', 0))`); err != nil { // two merged into each other would both be gone
			return err
		}
		p, err := tendsSupplier(ctx, d, slug)
		if err != nil {
			return err
		}
		to, err := supplier(ctx, d, oneLine(into))
		if errors.Is(err, forum.ErrNotFound) || err == nil && to.ID == p.ID {
			return forum.Invalid{{Field: "into", Key: "suppliers.into_choose"}}
		}
		if err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `
			update suppliers s set merged_into = @into, public_before = case when s.id = @from then `+wasThere+` else s.public_before end
			where s.id = @from or s.merged_into = @from`, forum.Person{}.Rights(pgx.NamedArgs{"from": p.ID, "into": to.ID})); err != nil {
			return err
		}
		_, err = d.Record(ctx, forum.Entry{Deed: forum.MergedSupplier, Reason: p.Name + " → " + to.Name})
		return err
	})
}

// PartSupplier takes a supplier out again that was merged into another, with its products.
func (s *Store) PartSupplier(ctx context.Context, who forum.Person, slug, out string) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, err := tendsSupplier(ctx, d, slug)
		if err != nil {
			return err
		}
		tag, err := d.Exec(ctx, `update suppliers set merged_into = null where slug = $1 and merged_into = $2`, out, p.ID)
		if err != nil || tag.RowsAffected() == 0 {
			return err // it is out already
		}
		_, err = d.Record(ctx, forum.Entry{Deed: forum.PartedSupplier, Reason: p.Name + " → " + out})
		return err
	})
}
