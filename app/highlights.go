package app

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views"
	"moothall/views/wire"
)

// highlights answers GET /highlights.
func (a *App) highlights(c *fiber.Ctx) error {
	before, err := beforeOf(c)
	if err != nil {
		return err
	}
	p, err := a.curation.HighlightsPage(c.UserContext(), who(c), before)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Highlights(a.frame(c), p))
}

// previewHighlights answers GET /highlights/preview.
func (a *App) previewHighlights(c *fiber.Ctx) error {
	p, err := a.curation.PreviewPage(c.UserContext(), who(c), c.Query("on"))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.HighlightsPreview(a.frame(c), p))
}

// highlightsFeed answers GET /feeds/highlights.atom.
func (a *App) highlightsFeed(c *fiber.Ctx) error {
	list, err := a.curation.Feed(c.UserContext())
	if err != nil {
		return err
	}
	text, err := wire.Highlights(a.site(c), list)
	return a.answerWith(c, "application/atom+xml; charset=utf-8", text, err)
}

// highlight answers GET /highlights/{id}.
func (a *App) highlight(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	h, err := a.curation.Highlighted(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	if moved, err := canonical(c, views.HighlightPath(id)); moved {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Highlight(a.frame(c), h, forum.CanTend(who(c))))
}

// highlightForm answers GET /highlights/new and /highlights/{id}/edit.
func (a *App) highlightForm(c *fiber.Ctx) error {
	if c.Params("id") == "" {
		return a.showHighlightForm(c, 0, a.curation.NewHighlight(c.Query("target")), nil)
	}
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.showHighlightForm(c, id, curation.HighlightDraft{}, nil)
}

// showHighlightForm shows the form of a highlight, 0 for a new one: as it was left or,
// where nothing was typed, as the highlight is. What refused it is nil where it is new,
// Invalid or ErrConflict.
func (a *App) showHighlightForm(c *fiber.Ctx, id int64, draft curation.HighlightDraft, refused error) error {
	p, err := a.curation.HighlightFormPage(c.UserContext(), who(c), id, draft)
	if err != nil {
		return err
	}
	status, bad := fiber.StatusOK, forum.Invalid(nil)
	switch {
	case errors.As(refused, &bad):
		status = fiber.StatusUnprocessableEntity
	case refused != nil:
		status, p.Clash, draft.Version = fiber.StatusConflict, true, p.Draft.Version
	}
	if draft == (curation.HighlightDraft{}) {
		draft = p.Draft
	}
	return a.show(c, status, views.HighlightForm(a.frame(c), p, draft, bad))
}

// isRefused reports whether the form is shown again.
func isRefused(err error) bool {
	return errors.As(err, new(forum.Invalid)) || errors.Is(err, forum.ErrConflict)
}

// highlightDraft is what was typed.
func highlightDraft(c *fiber.Ctx) curation.HighlightDraft {
	form := typed(c)
	return curation.HighlightDraft{Target: form.Get("target"), Title: form.Get("title"), Note: form.Get("note"), Lang: form.Get("lang"), Image: form.Get("image"),
		Grade: form.Get("grade"), Principle: form.Get("principle"), From: form.Get("from"), Until: form.Get("until"), Version: numberIn(form, "version")}
}

// putHighlight answers POST /highlights.
func (a *App) putHighlight(c *fiber.Ctx) error {
	draft := highlightDraft(c)
	id, err := a.curation.Highlight(c.UserContext(), who(c), draft)
	if errors.Is(err, curation.ErrSecond) {
		return a.second(c)
	}
	if errors.As(err, new(forum.Invalid)) {
		return a.showHighlightForm(c, 0, draft, err)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.highlighted")
	return see(c, views.HighlightPath(id))
}

// changeHighlight answers POST /highlights/{id}.
func (a *App) changeHighlight(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := highlightDraft(c)
	err = a.curation.ChangeHighlight(c.UserContext(), who(c), id, draft)
	if errors.Is(err, curation.ErrSecond) {
		return a.second(c)
	}
	if isRefused(err) {
		return a.showHighlightForm(c, id, draft, err)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.highlight_changed")
	return see(c, views.HighlightPath(id))
}

// moveHighlight answers POST /highlights/{id}/move.
func (a *App) moveHighlight(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.curation.MoveHighlight(c.UserContext(), who(c), id, formValue(c, "to")); err != nil {
		return err
	}
	return see(c, "/highlights")
}

// endHighlight answers POST /highlights/{id}/end.
func (a *App) endHighlight(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	err = a.curation.EndHighlight(c.UserContext(), who(c), id, formValue(c, "reason"))
	if errors.As(err, new(forum.Invalid)) && forum.CanTend(who(c)) {
		return a.showHighlightForm(c, id, curation.HighlightDraft{}, err)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.highlight_ended")
	return see(c, views.HighlightPath(id))
}
