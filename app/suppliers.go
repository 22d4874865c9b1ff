package app

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/projects"
	"moothall/views"
)

// suppliers answers GET /suppliers.
func (a *App) suppliers(c *fiber.Ctx) error {
	p, err := a.projects.SupplierList(c.UserContext(), who(c), c.Query("q"), c.Query("after"))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Suppliers(a.frame(c), p))
}

// supplier answers GET /suppliers/{slug}.
func (a *App) supplier(c *fiber.Ctx) error {
	return a.showSupplier(c, fiber.StatusOK, views.SupplierTyped{}, nil)
}

// showSupplier shows a supplier, with what was typed there as it was left; of one that was
// merged, where it is now.
func (a *App) showSupplier(c *fiber.Ctx, status int, typed views.SupplierTyped, bad forum.Invalid) error {
	before, err := beforeOf(c)
	if err != nil {
		return err
	}
	p, err := a.projects.SupplierPage(c.UserContext(), who(c), c.Params("slug"), before)
	if err != nil {
		return err
	}
	if p.Into != "" {
		return c.Redirect(withQuery(c, views.SupplierPath(p.Into)), fiber.StatusMovedPermanently)
	}
	return a.show(c, status, views.Supplier(a.frame(c), p, typed, bad))
}

// followSupplier answers POST /suppliers/{slug}/follow.
func (a *App) followSupplier(c *fiber.Ctx) error {
	slug := c.Params("slug")
	return a.follow(c, forum.Subject{Kind: forum.ToSupplier, Slug: slug}, views.SupplierPath(slug))
}

// claimSupplier answers POST /suppliers/{slug}/claim.
func (a *App) claimSupplier(c *fiber.Ctx) error {
	slug, note := c.Params("slug"), formValue(c, "note")
	if !on(c) {
		return a.supplierAnswered(c, a.projects.StopSpeaking(c.UserContext(), who(c), slug), views.SupplierTyped{}, "done.claim_stopped")
	}
	return a.supplierAnswered(c, a.projects.AskToSpeak(c.UserContext(), who(c), slug, note), views.SupplierTyped{Note: note}, "done.claim_asked")
}

// agreeClaim answers POST /suppliers/{slug}/claims/{id}/agree.
func (a *App) agreeClaim(c *fiber.Ctx) error {
	return a.decideClaim(c, projects.ClaimDecision{Agreed: true}, "done.claim_agreed")
}

// declineClaim answers POST /suppliers/{slug}/claims/{id}/decline.
func (a *App) declineClaim(c *fiber.Ctx) error {
	return a.decideClaim(c, projects.ClaimDecision{Reason: formValue(c, "reason")}, "done.claim_declined")
}

// decideClaim is what both have in common.
func (a *App) decideClaim(c *fiber.Ctx, decision projects.ClaimDecision, done string) error {
	claim, err := id(c)
	if err != nil {
		return err
	}
	err = a.projects.DecideClaim(c.UserContext(), who(c), c.Params("slug"), claim, decision)
	return a.supplierAnswered(c, err, views.SupplierTyped{Claim: claim, Reason: decision.Reason}, done)
}

// supplierAnswered answers a form on the page of a supplier.
func (a *App) supplierAnswered(c *fiber.Ctx, err error, typed views.SupplierTyped, done string) error {
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showSupplier(c, fiber.StatusUnprocessableEntity, typed, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, done)
	return see(c, views.SupplierPath(c.Params("slug")))
}

// supplierForm answers GET /suppliers/{slug}/tend.
func (a *App) supplierForm(c *fiber.Ctx) error {
	return a.showSupplierForm(c, fiber.StatusOK, views.SupplierForm{}, nil)
}

// showSupplierForm shows what can be said of a supplier, as it was left.
func (a *App) showSupplierForm(c *fiber.Ctx, status int, form views.SupplierForm, bad forum.Invalid) error {
	p, err := a.projects.SupplierPage(c.UserContext(), who(c), c.Params("slug"), 0)
	switch {
	case err != nil:
		return err
	case p.Into != "":
		return c.Redirect(views.SupplierPath(p.Into)+"/tend", fiber.StatusMovedPermanently)
	case !p.CanCorrect:
		return forum.ErrForbidden
	}
	if form.Facts.Version == 0 { // nothing was typed of them
		s := p.Supplier
		form.Facts = projects.SupplierFacts{Name: s.Name, URL: s.URL, About: s.About, Contact: s.Contact, Version: s.Version}
	}
	return a.show(c, status, views.TendSupplier(a.frame(c), p, form, bad))
}

// changeSupplier answers POST /suppliers/{slug}.
func (a *App) changeSupplier(c *fiber.Ctx) error {
	form := typed(c)
	facts := projects.SupplierFacts{Name: form.Get("name"), URL: form.Get("url"), About: form.Get("about"), Contact: form.Get("contact"), Version: numberIn(form, "version")}
	err := a.projects.ChangeSupplier(c.UserContext(), who(c), c.Params("slug"), facts)
	if clash := (*projects.FactsConflict)(nil); errors.As(err, &clash) {
		facts.Version = clash.Version
		return a.showSupplierForm(c, fiber.StatusConflict, views.SupplierForm{Facts: facts, Clash: clash}, nil)
	}
	facts.Version = max(facts.Version, 1) // so that it comes back as typed
	return a.supplierTended(c, err, views.SupplierForm{Facts: facts}, "done.supplier_saved")
}

// mergeSupplier answers POST /suppliers/{slug}/merge.
func (a *App) mergeSupplier(c *fiber.Ctx) error {
	into := formValue(c, "into")
	return a.supplierTended(c, a.projects.MergeSupplier(c.UserContext(), who(c), c.Params("slug"), into), views.SupplierForm{Into: into}, "done.supplier_merged")
}

// partSupplier answers POST /suppliers/{slug}/part.
func (a *App) partSupplier(c *fiber.Ctx) error {
	return a.supplierTended(c, a.projects.PartSupplier(c.UserContext(), who(c), c.Params("slug"), formValue(c, "out")), views.SupplierForm{}, "done.supplier_parted")
}

// undoSupplierCorrection answers POST /suppliers/{slug}/undo.
func (a *App) undoSupplierCorrection(c *fiber.Ctx) error {
	change, err := numberSaid(formValue(c, "change"))
	if err != nil {
		return err
	}
	return a.supplierTended(c, a.projects.UndoSupplierCorrection(c.UserContext(), who(c), c.Params("slug"), change), views.SupplierForm{}, "done.correction_undone")
}

// takeSupplierText answers POST /suppliers/{slug}/take.
func (a *App) takeSupplierText(c *fiber.Ctx) error {
	change, err := numberSaid(formValue(c, "change"))
	if err != nil {
		return err
	}
	return a.supplierTended(c, a.projects.TakeSupplierText(c.UserContext(), who(c), c.Params("slug"), change), views.SupplierForm{}, "done.correction_taken")
}

// supplierTended answers a form about what is said of a supplier.
func (a *App) supplierTended(c *fiber.Ctx, err error, form views.SupplierForm, done string) error {
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showSupplierForm(c, fiber.StatusUnprocessableEntity, form, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, done)
	return see(c, views.SupplierPath(c.Params("slug")))
}
