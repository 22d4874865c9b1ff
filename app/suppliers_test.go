package app_test

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"moothall/forum"
	"moothall/forum/projects"
)

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
