package app

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views"
)

// highlights answers GET /highlights.
func (a *App) highlights(c *fiber.Ctx) error {
	before := int64(0)
	if said := c.Query("before"); said != "" {
		var err error
		if before, err = strconv.ParseInt(said, 10, 64); err != nil || before < 1 {
			return forum.ErrNotFound
		}
	}
	p, err := a.curation.HighlightsPage(c.UserContext(), who(c), before)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Highlights(a.frame(c), p))
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
		return a.showHighlightForm(c, fiber.StatusOK, 0, a.curation.NewHighlight(c.Query("target")), nil)
	}
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.showHighlightForm(c, fiber.StatusOK, id, curation.HighlightDraft{}, nil)
}

// showHighlightForm shows the form of a highlight, 0 for a new one: as it was left or,
// where nothing was typed, as the highlight is.
func (a *App) showHighlightForm(c *fiber.Ctx, status int, id int64, draft curation.HighlightDraft, bad forum.Invalid) error {
	p, err := a.curation.HighlightFormPage(c.UserContext(), who(c), id, draft)
	if err != nil {
		return err
	}
	if draft == (curation.HighlightDraft{}) {
		draft = p.Draft
	}
	return a.show(c, status, views.HighlightForm(a.frame(c), p, draft, bad))
}

// highlightDraft is what was typed.
func highlightDraft(c *fiber.Ctx) curation.HighlightDraft {
	form := typed(c)
	return curation.HighlightDraft{Target: form.Get("target"), Title: form.Get("title"), Note: form.Get("note"), Lang: form.Get("lang"), Image: form.Get("image"),
		Grade: form.Get("grade"), Principle: form.Get("principle"), From: form.Get("from"), Until: form.Get("until")}
}

// putHighlight answers POST /highlights.
func (a *App) putHighlight(c *fiber.Ctx) error {
	draft := highlightDraft(c)
	id, err := a.curation.Highlight(c.UserContext(), who(c), draft)
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showHighlightForm(c, fiber.StatusUnprocessableEntity, 0, draft, bad)
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
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showHighlightForm(c, fiber.StatusUnprocessableEntity, id, draft, bad)
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
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showHighlightForm(c, fiber.StatusUnprocessableEntity, id, curation.HighlightDraft{}, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.highlight_ended")
	return see(c, views.HighlightPath(id))
}
