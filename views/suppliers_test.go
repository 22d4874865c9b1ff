package views

import (
	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/projects"
)

// someSupplier is a supplier as a visitor reads it, with a fact that somebody corrected.
func someSupplier() projects.SupplierPage {
	return projects.SupplierPage{
		Supplier: projects.Supplier{ID: 4, Slug: "binwatch-ltd", Name: "Binwatch Ltd", URL: "https://binwatch.example", About: "Sensors <and> bins.\n\nSince 2010.", Contact: "0300 123 4567", Version: 3},
		Products: []projects.ProductLine{{Product: projects.Product{ID: 2, Slug: "binwatch", Name: "Binwatch", Supplier: "Binwatch Ltd", SupplierSlug: "binwatch-ltd"}, Councils: 2, Projects: 1}},
		Councils: []projects.SupplierUser{{CouncilSlug: "northmoor", CouncilName: "Northmoor", ConfirmedAt: since(day), Products: []string{"Binwatch"}}, {CouncilSlug: "southmoor", CouncilName: "Southmoor", Products: []string{"Binwatch", "Lidless"}}},
		Threads:  []forum.Related{{ID: 7, Slug: "bins", Title: "Missed bins", Lang: "en"}},
		People:   []projects.SupplierPerson{{ID: 9, Name: "Dot", Handle: "dot", JobTitle: "Product lead", Company: "Binwatch Ltd", Speaks: true}},
		Corrections: []projects.Correction{{ID: 3, Field: "contact", Was: "", Said: "0300 123 4567", Company: "Binwatch Ltd", PersonID: 9, PersonName: "Dot", At: *since(day)},
			{ID: 2, Field: "url", Was: "https://old.example", Said: "https://binwatch.example", PersonName: "Cora", At: *since(9 * day)}},
	}
}

// supplierFor is the same to whoever may do more with it.
func supplierFor(change func(*projects.SupplierPage)) projects.SupplierPage {
	p := someSupplier()
	p.Following = forum.Following{Cadence: forum.Off, Can: true}
	change(&p)
	return p
}

// someProduct is a product of that supplier.
func someProduct() projects.ProductPage {
	return projects.ProductPage{Product: someSupplier().Products[0].Product, Standards: "Open311\nWCAG 2.2", URL: "https://binwatch.example/sensors", About: "It says when it is full.", Version: 2,
		Councils: []projects.ProductUser{{CouncilID: 1, CouncilSlug: "northmoor", CouncilName: "Northmoor", ConfirmedAt: since(day), EndMonth: since(-400 * day)}}, Corrections: someSupplier().Corrections[1:],
		Following: forum.Following{Cadence: forum.Daily, Can: true, Stop: true}, CanUse: true}
}

// supplierPagesCast is each page of suppliers in the states that differ much.
func supplierPagesCast() map[string]templ.Component {
	asks := projects.Claim{ID: 6, State: "asked", Note: "I <lead> it.", AskedAt: *since(2 * day), PersonID: 8, PersonName: "Dan", PersonHandle: "dan", JobTitle: "Lead", Company: "Binwatch"}
	speaks := projects.Claim{ID: 5, State: "agreed", AskedAt: *since(9 * day), PersonID: 9, PersonName: "Dot", PersonHandle: "dot", JobTitle: "Product lead", Company: "Binwatch Ltd"}
	declined := projects.Claim{ID: 4, State: "declined", AskedAt: *since(9 * day), DecidedAt: since(8 * day), Reason: "We know <nobody>."}
	facts := projects.SupplierFacts{Name: "Binwatch Ltd", URL: "ftp://x", About: "Mine", Version: 3}
	return map[string]templ.Component{
		"suppliers":        Suppliers(visitor(), projects.SupplierList{Query: "bin", Suppliers: []projects.SupplierLine{{Supplier: someSupplier().Supplier, Products: 1}}, Next: "Binwatch Ltd"}),
		"suppliers_none":   Suppliers(visitor(), projects.SupplierList{}),
		"supplier":         Supplier(visitor(), someSupplier(), SupplierTyped{}, nil),
		"supplier_claim":   Supplier(newFrame(), supplierFor(func(p *projects.SupplierPage) { p.CanClaim, p.Claim = true, &declined }), SupplierTyped{Note: "Again"}, forum.Invalid{{Field: "note", Key: "suppliers.claims_most", Args: []any{"Max", 10}}}),
		"supplier_speaker": Supplier(newFrame(), supplierFor(func(p *projects.SupplierPage) { p.CanCorrect, p.Claim = true, &speaks }), SupplierTyped{}, nil),
		"supplier_team": Supplier(ada(), supplierFor(func(p *projects.SupplierPage) {
			p.CanCorrect, p.CanTend, p.Claims = true, true, []projects.Claim{asks, speaks}
			p.Corrections[1].UndoneAt = since(day)
		}), SupplierTyped{Claim: 6}, forum.Invalid{{Field: "reason", Key: "suppliers.reason_empty"}}),
		"supplier_tend": TendSupplier(ada(), supplierFor(func(p *projects.SupplierPage) {
			p.CanTend, p.Merged = true, []projects.Supplier{{Slug: "bin-watch", Name: "Bin Watch"}}
		}), SupplierForm{Facts: facts, Into: "none"}, forum.Invalid{{Field: "url", Key: "projects.link_not_web"}, {Field: "into", Key: "suppliers.into_choose"}}),
		"supplier_tend_clash": TendSupplier(newFrame(), someSupplier(), SupplierForm{Facts: facts, Clash: &projects.FactsConflict{Version: 4, Supplier: someSupplier().Supplier}}, nil),
		"product":             Product(ben(), someProduct(), UsingProduct{}, nil),
		"product_tend":        TendProduct(newFrame(), someProduct(), ProductForm{Facts: projects.ProductFacts{About: "Mine", Version: 1}, Clash: &projects.FactsConflict{Version: 2, Product: projects.ProductFacts{About: "Theirs", Standards: "Open311"}}}, nil),
	}
}
