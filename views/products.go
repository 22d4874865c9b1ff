package views

import (
	"net/url"

	"moothall/forum/projects"
)

// ProductPath is the address of a product.
func ProductPath(slug string) string { return "/products/" + slug }

// productDeed is the address to which a form about a product is sent.
func productDeed(slug, deed string) string { return ProductPath(slug) + "/" + deed }

// productsPath is a page of the list of products.
func productsPath(query, after string) string {
	values := url.Values{}
	for name, value := range map[string]string{"q": query, "after": after} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return "/products"
	}
	return "/products?" + values.Encode()
}

func productPages(f Frame, p projects.ProductList) paging {
	first, next := "", ""
	if p.After != "" {
		first = productsPath(p.Query, "")
	}
	if p.Next != "" {
		next = productsPath(p.Query, p.Next)
	}
	list := newerOlder(f, first, next)
	list.PrevText, list.NextText = f.W.T("register.first"), f.W.T("register.next")
	return list
}

// UsingProduct is the form in which a council says that it uses a product, as it was left.
type UsingProduct struct{ End string }

// hasEnds reports whether the reader may see when any contract ends.
func hasEnds(p projects.ProductPage) bool {
	for _, k := range p.Councils {
		if k.EndMonth != nil {
			return true
		}
	}
	return false
}

// productHeads are the columns of the table of those who use a product.
func productHeads(f Frame, p projects.ProductPage) []string {
	heads := []string{f.W.T("products.council"), f.W.T("products.said")}
	if hasEnds(p) {
		heads = append(heads, f.W.T("products.end"))
	}
	return heads
}

// ofProduct are all projects that name a product.
func ofProduct(slug string) string { return registerURL("project", projects.Filter{Product: slug}) }

// endOfMine is when the contract of the reader's council ends, as it is typed.
func endOfMine(p projects.ProductPage, typed UsingProduct) string {
	if typed.End != "" || !p.Using {
		return typed.End
	}
	return p.Mine().EndsIn()
}
