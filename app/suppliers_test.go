package app_test

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// A form about a product that was opened before it had more fields leaves those as they
// are; corrections are read page by page, and a curator takes a text away.
func TestAnOldFormOfAProductLeavesTheRest(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	store := projects.New(h.store)
	ben := forumtest.Person(t, h.store, "Ben", "Southmoor")
	cora := h.as(forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Cora", "Southmoor"), forum.Curator))
	asked, err := store.Start(t.Context(), ben, projects.Draft{Title: "Bins that tell", Summary: "Sensors.", Phase: "alpha"})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.UseProduct(t.Context(), ben, asked.ID, projects.ProductDraft{Name: "Binwatch", New: true}); err != nil {
		t.Fatal(err)
	}
	const page, tend = "/products/binwatch", "/products/binwatch/tend"
	cora.post(page, cora.form(tend, url.Values{"name": {"Binwatch"}, "supplier": {"Binwatch Ltd"}, "url": {"https://binwatch.example"}, "about": {"Sensors for bins."}, "standards": {""}, "version": {"1"}})).wantLocation(t, 303, page)
	cora.post(page, cora.form(tend, url.Values{"name": {"Binwatch"}, "supplier": {"Binwatch Ltd"}, "standards": {"Open311"}})).wantLocation(t, 303, page)
	h.guest().get(page).has(t, "https://binwatch.example", "Sensors for bins.", "Open311")

	_, rest, _ := strings.Cut(cora.get(page).text, `data-correction="`)
	change, _, _ := strings.Cut(rest, `"`)
	for wrong, status := range map[string]int{"": 404, "x": 404, "-1": 404, "999999": 404} {
		cora.post(page+"/take", cora.form(page, url.Values{"change": {wrong}})).wantStatus(t, status)
	}
	cora.post(page+"/take", cora.form(page, url.Values{"change": {change}})).wantLocation(t, 303, page)
	h.guest().get(page).has(t, "took the text away")
	h.guest().get(page+"?before=2").wantStatus(t, 200)
	h.guest().get(page+"?before=x").wantStatus(t, 404)
}

// supplier is one of the sort that name tells: of nobody, of which the cast's supplier
// speaks, or of which they ask to.
func (w *rightsWorld) supplier(name string) (made thing) {
	w.t.Helper()
	if name == "unknown" {
		return thing{word: "no-such-supplier"}
	}
	product, seller := w.title("product"), w.title("seller")
	w.must(projects.New(w.store).UseProduct(context.Background(), w.people["author"], w.project("public"), projects.ProductDraft{Name: product, New: true}))
	w.exec(`update products set supplier = $2 where name = $1`, product, seller)
	made.word = forum.Slug(seller)
	if name == "known" {
		return made
	}
	made.part = strconv.FormatInt(w.number(`insert into supplier_claims (supplier_id, person_id, asked_at) select id, $2, now() from suppliers where slug = $1 returning id`, made.word, w.people["supplier"].ID), 10)
	if name == "mine" {
		w.exec(`update supplier_claims set state = 'agreed', decided_at = now(), decided_by = $1`, w.people["curator"].ID)
	}
	return made
}

// supplierForm is a form about it, which changes nothing of what the next one meets.
func (w *rightsWorld) supplierForm(c cell) url.Values {
	w.t.Helper()
	switch {
	case strings.HasSuffix(c.e.path, "/merge"): // into itself, which only curators are told cannot be
		return fieldsOf("into", c.thing.word)
	case strings.HasSuffix(c.e.path, "/claim"):
		return fieldsOf("on", "0")
	case strings.HasSuffix(c.e.path, "/decline"):
		return fieldsOf("reason", "We know nobody of that name")
	case strings.HasSuffix(c.e.path, "/agree"):
		return url.Values{}
	}
	for _, now := range w.column(`select name from suppliers where slug = $1`, c.thing.word) {
		return fieldsOf("name", now, "url", "https://supplier.example", "about", "", "contact", "")
	}
	return fieldsOf("name", "None")
}
