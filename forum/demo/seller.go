package demo

import (
	"context"
	"strings"

	"moothall/forum"
	"moothall/forum/projects"
)

// sellers says of the products that are called after the company of somebody of the corpus
// that it sells them.
func (l *loader) sellers(ctx context.Context, people []person) error {
	store := projects.New(l.forum)
	for _, p := range people {
		if p.Company == "" {
			continue
		}
		list, err := store.ProductList(ctx, forum.Operator, p.Company, "")
		if err != nil {
			return err
		}
		for _, o := range list.Products {
			if o.Supplier != "" || !strings.HasPrefix(o.Name, p.Company) {
				continue
			}
			if err := store.ChangeProduct(ctx, forum.Operator, o.Slug, projects.ProductFacts{Name: o.Name, Supplier: p.Company}); err != nil {
				return err
			}
		}
	}
	return nil
}
