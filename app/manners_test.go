package app_test

import (
	"net/url"
	"testing"

	"moothall/forum"
)

// Whoever says that they are a company is asked for its name, not for a council.
func TestASupplierWithoutANameIsAskedForIt(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	id, err := h.store.SignIn(t.Context(), forum.Identity{Issuer: "test", Subject: "dot", Name: "Dot"})
	if err != nil {
		t.Fatal(err)
	}
	b := h.as(forum.Person{ID: id})
	form := url.Values{"name": {"Dot"}, "job_title": {"Sales"}, "council": {""}, "company": {" "}, "rules": {"1"}}
	refused := b.post("/account/join", b.form("/account/join", form))
	refused.wantStatus(t, 422)
	refused.has(t, `<a href="#company">Write the name of your company</a>`, `id="company-error"`, `type="radio" value="" checked`)
	form.Del("council")
	refused = b.post("/account/join", b.form("/account/join", form))
	refused.has(t, `<a href="#council">Choose your council</a>`)
	form.Set("company", "Roundsman")
	b.post("/account/join", b.form("/account/join", form)).wantStatus(t, 303)
}
