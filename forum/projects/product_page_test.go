package projects_test

import (
	"errors"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

func (h *hall) use(t *testing.T, who forum.Person, id int64, name, end string) {
	t.Helper()
	if err := h.UseProduct(t.Context(), who, id, projects.ProductDraft{Name: name, New: true, End: end}); err != nil {
		t.Fatal(err)
	}
}

func (h *hall) product(t *testing.T, who forum.Person, slug string) projects.ProductPage {
	t.Helper()
	p, err := h.ProductPage(t.Context(), who, slug, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A product's page says which councils use it and who says so; when contracts end is for
// colleagues; and a product that only what is hidden from somebody names is not there.
func TestAProductSaysWhoUsesIt(t *testing.T) {
	t.Parallel()
	h := open(t)
	theirs := h.start(t, h.ben, projects.Draft{Title: "Of Southmoor"})
	secret := h.start(t, h.ben, projects.Draft{Title: "Secret", Visibility: "councils"})
	h.use(t, h.ada, h.project, "Binwatch", "2027-03")
	h.use(t, h.ben, theirs, "Binwatch", "2027-09")
	h.use(t, h.ben, secret, "Whisper", "")
	if err := h.SayUse(t.Context(), h.ada, "binwatch", true, "2027-04"); err != nil {
		t.Fatal(err)
	}
	p := h.product(t, h.ben, "binwatch")
	if len(p.Councils) != 2 || p.Councils[0].CouncilSlug != "northmoor" || p.Councils[0].ConfirmedAt == nil || p.Councils[0].EndsIn() != "2027-04" ||
		p.Councils[1].ConfirmedAt != nil || len(p.Projects) != 2 || len(p.Endings) != 1 || p.Endings[0] != (projects.Ending{Year: 2027, Councils: 2}) || p.Using {
		t.Errorf("to a colleague it is %+v", p)
	}
	visitor := h.product(t, forum.Person{}, "binwatch")
	if len(visitor.Councils) != 2 || visitor.Councils[0].EndMonth != nil || len(visitor.Endings) != 0 || visitor.CanUse {
		t.Errorf("to a visitor it is %+v", visitor)
	}
	if _, err := h.ProductPage(t.Context(), forum.Person{}, "whisper", 0); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("a secret product: %v", err)
	}
	l, err := h.ProductList(t.Context(), forum.Person{}, "", "")
	if err != nil || len(l.Products) != 1 || l.Products[0].Councils != 2 || l.Products[0].Projects != 2 {
		t.Errorf("the list has %+v (%v)", l.Products, err)
	}
	if _, err := h.Register(t.Context(), forum.Person{}, forum.Project, projects.Filter{Product: "whisper"}); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("narrowed to it: %v", err)
	}
	for range 2 {
		if err := h.SayUse(t.Context(), h.ada, "binwatch", false, ""); err != nil {
			t.Fatal(err)
		}
	}
	if p := h.product(t, h.ada, "binwatch"); p.Using || p.Councils[0].ConfirmedAt != nil {
		t.Errorf("when it is taken back: %+v", p.Councils)
	}
}

// Of two that are the same a curator makes one: its address leads on, projects and the
// register follow, and taken apart again both are as they were.
func TestProductsThatAreTheSameAreMerged(t *testing.T) {
	t.Parallel()
	h := open(t)
	curator := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Cat", "Southmoor"), forum.Curator)
	theirs := h.start(t, h.ben, projects.Draft{Title: "Of Southmoor"})
	h.use(t, h.ada, h.project, "Binwatch", "")
	h.use(t, h.ben, theirs, "Bin Watch", "2027-09")
	both := h.start(t, h.ada, projects.Draft{Title: "With both"})
	h.use(t, h.ada, both, "Binwatch", "2027-01")
	h.use(t, h.ada, both, "Bin Watch", "2027-02")
	for slug, end := range map[string]string{"binwatch": "2028-01", "bin-watch": "2028-02"} {
		if err := h.SayUse(t.Context(), h.ada, slug, true, end); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.MergeProduct(t.Context(), h.ada, "bin-watch", "binwatch"); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("by a colleague: %v", err)
	}
	for _, into := range []string{"bin-watch", "none", ""} {
		if err := h.MergeProduct(t.Context(), curator, "bin-watch", into); !errors.As(err, &forum.Invalid{}) {
			t.Errorf("into %q: %v", into, err)
		}
	}
	if err := h.MergeProduct(t.Context(), curator, "bin-watch", "binwatch"); err != nil {
		t.Fatal(err)
	}
	if p := h.product(t, h.ada, "bin-watch"); p.Into != "binwatch" {
		t.Errorf("the old address: %+v", p)
	}
	if p := h.product(t, h.ada, "binwatch"); len(p.Councils) != 2 || len(p.Merged) != 1 {
		t.Errorf("the new one: %+v", p)
	}
	if l := h.register(t, h.ada, projects.Filter{Product: "binwatch"}); l.Total != 3 || len(l.Cards) != 3 {
		t.Errorf("the register: %d, %d", l.Total, len(l.Cards))
	}
	h.use(t, h.ada, h.project, "Bin Watch", "") // is known under both names
	if err := h.PartProduct(t.Context(), curator, "binwatch", "bin-watch"); err != nil {
		t.Fatal(err)
	}
	if p := h.product(t, h.ada, "bin-watch"); len(p.Projects) != 2 || len(p.Councils) != 2 {
		t.Errorf("taken apart: %+v", p)
	}
	for query, want := range map[string]string{
		`select string_agg(o.slug || ' ' || to_char(u.end_month, 'YYYY-MM'), ', ' order by o.slug) from project_products u join products o on o.id = u.product_id where u.thread_id = $1`: "bin-watch 2027-02, binwatch 2027-01",
		`select string_agg(o.slug || ' ' || to_char(u.end_month, 'YYYY-MM'), ', ' order by o.slug) from product_uses u join products o on o.id = u.product_id where $1 > 0`:               "bin-watch 2028-02, binwatch 2028-01",
		`select coalesce(string_agg(reason, ', '), '') from entries where reason ~ '[a-z]' and deed in ('merged_product', 'parted_product') and $1 > 0`:                                   "",
	} {
		var got string
		if err := h.db.QueryRow(t.Context(), query, both).Scan(&got); err != nil || got != want {
			t.Errorf("taken apart there is %q, want %q (%v)", got, want, err)
		}
	}
	if l := h.register(t, h.ada, projects.Filter{Product: "binwatch"}); l.Total != 2 {
		t.Errorf("the register then: %d", l.Total)
	}
}
