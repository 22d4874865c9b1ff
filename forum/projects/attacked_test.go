package projects_test

import (
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/projects"
)

// standing is all that the database holds of suppliers and products, as text.
func (h *sold) standing(t *testing.T) (text string) {
	t.Helper()
	err := h.db.QueryRow(t.Context(), `
		select concat((select string_agg(r::text, ' ') from suppliers r), (select string_agg(r::text, ' ') from products r), (select string_agg(r::text, ' ') from supplier_changes r),
			(select string_agg(r::text, ' ') from supplier_claims r), (select string_agg(r.reason, ' ') from entries r))`).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// correct has somebody correct what a supplier does and how it is reached.
func (h *sold) correct(t *testing.T, who forum.Person, about, contact string) {
	t.Helper()
	if err := h.ChangeSupplier(t.Context(), who, "binwatch-ltd", projects.SupplierFacts{Name: "Binwatch Ltd", About: about, Contact: contact}); err != nil {
		t.Fatal(err)
	}
}

// What a moderator takes out of a project stands nowhere in what companies and curators
// said of its products and who sells them, nor in what that said before, nor in what was
// said of who speaks for them; and names that it does not stand in stay.
func TestARedactionGoesThroughSuppliers(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	const phone = "07700 900123"
	h.speak(t, h.sal, "binwatch-ltd")
	h.correct(t, h.sal, "Ring Jane Roe on "+phone, "Jane, "+phone)
	h.correct(t, h.sal, "Sensors.", "sales@binwatch.example")
	if err := h.ChangeProduct(t.Context(), h.sal, "binwatch", projects.ProductFacts{About: "Jane has " + phone, Standards: "Open311"}); err != nil {
		t.Fatal(err)
	}
	if err := h.AskToSpeak(t.Context(), h.sid, "binwatch-ltd", "Ring "+phone); err != nil {
		t.Fatal(err)
	}
	claim := h.supplier(t, h.sid, "binwatch-ltd").Claim
	if err := h.DecideClaim(t.Context(), h.cora, "binwatch-ltd", claim.ID, projects.ClaimDecision{Reason: "Nobody answers on " + phone}); err != nil {
		t.Fatal(err)
	}
	if err := h.SayUse(t.Context(), h.ben, "binwatch", true, ""); err != nil {
		t.Fatal(err)
	}
	h.redact(t, h.page(t, h.ada, h.project).Posts[0].ID, phone)
	if text := h.standing(t); strings.Contains(text, "900123") {
		t.Errorf("it still stands in %s", text)
	}
	o := h.product(t, forum.Person{}, "binwatch")
	if o.Product.Name != "Binwatch" || o.Product.Supplier != "Binwatch Ltd" || o.About != "" || o.Standards != "Open311" || len(o.Projects) != 1 {
		t.Errorf("the product is %+v, %q, %q, in %d projects", o.Product, o.About, o.Standards, len(o.Projects))
	}
	if p := h.supplier(t, forum.Person{}, "binwatch-ltd"); p.Supplier.Name != "Binwatch Ltd" || p.Supplier.About != "Sensors." || p.Supplier.Contact != "sales@binwatch.example" {
		t.Errorf("the supplier is %+v", p.Supplier)
	}
}

// A supplier whose name is taken out has none any more, whoever speaks for it and whatever
// else it sells, and names that somebody took beforehand are in nobody's way.
func TestANameIsTakenOutWhateverIsTaken(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	h.use(t, h.ben, h.start(t, h.ben, projects.Draft{}), "Lidless", "")
	h.sells(t, "binwatch", "Jane Roe Bins")
	h.sells(t, "lidless", "Jane Roe Bins")
	h.use(t, h.ada, h.project, "Jane Roe register", "")
	if err := h.SayUse(t.Context(), h.ben, "jane-roe-register", true, ""); err != nil {
		t.Fatal(err)
	}
	h.speak(t, h.sal, "jane-roe-bins")
	_, err := h.db.Exec(t.Context(), `
		with a as (insert into products (slug, name) select 'product-' || id, '[' || id || ']' from products)
		insert into suppliers (slug, name) select 'supplier-' || id, '[' || id || ']' from suppliers`)
	if err != nil {
		t.Fatal(err)
	}
	h.redact(t, h.page(t, h.ada, h.project).Posts[0].ID, "Jane Roe")
	if text := strings.ToLower(h.standing(t)); strings.Contains(text, "jane") {
		t.Errorf("it still stands in %s", text)
	}
	if o := h.product(t, forum.Person{}, "lidless"); !strings.HasPrefix(o.Product.Supplier, "[") {
		t.Errorf("another of its products is of %q", o.Product.Supplier)
	}
	if o := h.product(t, forum.Person{}, "binwatch"); o.Product.Name != "Binwatch" {
		t.Errorf("the product is %+v", o.Product)
	}
}
