package app

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/projects"
	"moothall/views"
)

// products answers GET /products.
func (a *App) products(c *fiber.Ctx) error {
	p, err := a.projects.ProductList(c.UserContext(), who(c), c.Query("q"), c.Query("after"))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Products(a.frame(c), p))
}

// suggestProducts answers GET /products/suggest: the names of products like what is being
// typed.
func (a *App) suggestProducts(c *fiber.Ctx) error {
	found, err := a.projects.FindProducts(c.UserContext(), who(c), c.Query("q"))
	if err != nil {
		return err
	}
	names := make([]string, len(found))
	for i, o := range found {
		names[i] = o.Name
	}
	return c.JSON(names)
}

// product answers GET /products/{slug}.
func (a *App) product(c *fiber.Ctx) error {
	return a.showProduct(c, fiber.StatusOK, views.UsingProduct{}, nil)
}

// showProduct shows a product, with the form of who uses it as it was left; of one that was
// merged, where it is now.
func (a *App) showProduct(c *fiber.Ctx, status int, typed views.UsingProduct, bad forum.Invalid) error {
	before, err := beforeOf(c)
	if err != nil {
		return err
	}
	p, err := a.projects.ProductPage(c.UserContext(), who(c), c.Params("slug"), before)
	if err != nil {
		return err
	}
	if p.Into != "" {
		return c.Redirect(withQuery(c, views.ProductPath(p.Into)), fiber.StatusMovedPermanently)
	}
	return a.show(c, status, views.Product(a.frame(c), p, typed, bad))
}

// sayUse answers POST /products/{slug}/use.
func (a *App) sayUse(c *fiber.Ctx) error {
	form := typed(c)
	err := a.projects.SayUse(c.UserContext(), who(c), c.Params("slug"), on(c), form.Get("end"))
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showProduct(c, fiber.StatusUnprocessableEntity, views.UsingProduct{End: form.Get("end")}, bad)
	}
	if err != nil {
		return err
	}
	done := "done.product_stop"
	if on(c) {
		done = "done.product_use"
	}
	a.tell(c, done)
	return see(c, views.ProductPath(c.Params("slug")))
}

// productForm answers GET /products/{slug}/tend.
func (a *App) productForm(c *fiber.Ctx) error {
	return a.showProductForm(c, fiber.StatusOK, views.ProductForm{}, nil)
}

// showProductForm shows what can be said of a product, as it was left.
func (a *App) showProductForm(c *fiber.Ctx, status int, form views.ProductForm, bad forum.Invalid) error {
	p, err := a.projects.ProductPage(c.UserContext(), who(c), c.Params("slug"), 0)
	switch {
	case err != nil:
		return err
	case p.Into != "":
		return c.Redirect(views.ProductPath(p.Into)+"/tend", fiber.StatusMovedPermanently)
	case !p.CanCorrect:
		return forum.ErrForbidden
	}
	if form.Facts.Version == 0 { // nothing was typed of them
		form.Facts = projects.ProductFacts{Name: p.Product.Name, Supplier: p.Product.Supplier, Standards: p.Standards, URL: p.URL, About: p.About, Version: p.Version}
	}
	return a.show(c, status, views.TendProduct(a.frame(c), p, form, bad))
}

// changeProduct answers POST /products/{slug}.
func (a *App) changeProduct(c *fiber.Ctx) error {
	form := typed(c)
	facts := projects.ProductFacts{Name: form.Get("name"), Supplier: form.Get("supplier"), Standards: form.Get("standards"),
		URL: form.Get("url"), About: form.Get("about"), Version: numberIn(form, "version")}
	for _, field := range []string{"name", "supplier", "standards", "url", "about"} {
		if !form.Has(field) { // a page of before had fewer
			facts.Lacks += field + " "
		}
	}
	err := a.projects.ChangeProduct(c.UserContext(), who(c), c.Params("slug"), facts)
	if clash := (*projects.FactsConflict)(nil); errors.As(err, &clash) {
		facts.Version = clash.Version
		return a.showProductForm(c, fiber.StatusConflict, views.ProductForm{Facts: facts, Clash: clash}, nil)
	}
	facts.Version = max(facts.Version, 1) // so that it comes back as typed
	return a.productTended(c, err, views.ProductForm{Facts: facts}, "done.product_saved")
}

// mergeProduct answers POST /products/{slug}/merge.
func (a *App) mergeProduct(c *fiber.Ctx) error {
	into := formValue(c, "into")
	return a.productTended(c, a.projects.MergeProduct(c.UserContext(), who(c), c.Params("slug"), into), views.ProductForm{Into: into}, "done.product_merged")
}

// partProduct answers POST /products/{slug}/part.
func (a *App) partProduct(c *fiber.Ctx) error {
	return a.productTended(c, a.projects.PartProduct(c.UserContext(), who(c), c.Params("slug"), formValue(c, "out")), views.ProductForm{}, "done.product_parted")
}

// undoProductCorrection answers POST /products/{slug}/undo.
func (a *App) undoProductCorrection(c *fiber.Ctx) error {
	change, err := numberSaid(formValue(c, "change"))
	if err != nil {
		return err
	}
	return a.productTended(c, a.projects.UndoProductCorrection(c.UserContext(), who(c), c.Params("slug"), change), views.ProductForm{}, "done.correction_undone")
}

// takeProductText answers POST /products/{slug}/take.
func (a *App) takeProductText(c *fiber.Ctx) error {
	change, err := numberSaid(formValue(c, "change"))
	if err != nil {
		return err
	}
	return a.productTended(c, a.projects.TakeProductText(c.UserContext(), who(c), c.Params("slug"), change), views.ProductForm{}, "done.correction_taken")
}

// followProduct answers POST /products/{slug}/follow.
func (a *App) followProduct(c *fiber.Ctx) error {
	slug := c.Params("slug")
	return a.follow(c, forum.Subject{Kind: forum.ToProduct, Slug: slug}, views.ProductPath(slug))
}

// productTended answers a form about what is said of a product.
func (a *App) productTended(c *fiber.Ctx, err error, form views.ProductForm, done string) error {
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showProductForm(c, fiber.StatusUnprocessableEntity, form, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, done)
	return see(c, views.ProductPath(c.Params("slug")))
}
