package app

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views"
)

// suggestForm answers GET /collections/{slug}/suggest.
func (a *App) suggestForm(c *fiber.Ctx) error {
	return a.showSuggestForm(c, fiber.StatusOK, curation.ItemDraft{Target: c.Query("target")}, nil)
}

// showSuggestForm shows the form to suggest something, as it was left.
func (a *App) showSuggestForm(c *fiber.Ctx, status int, draft curation.ItemDraft, bad forum.Invalid) error {
	p, err := a.curation.SuggestPage(c.UserContext(), who(c), c.Params("slug"))
	if err != nil {
		return err
	}
	if p.Moved != "" {
		return c.Redirect(withQuery(c, views.CollectionDeed(p.Moved, "suggest")), fiber.StatusMovedPermanently)
	}
	return a.show(c, status, views.CollectionSuggest(a.frame(c), p, draft, bad))
}

// suggestItem answers POST /collections/{slug}/suggestions.
func (a *App) suggestItem(c *fiber.Ctx) error {
	draft := itemDraft(c)
	err := a.curation.Suggest(c.UserContext(), who(c), c.Params("slug"), draft)
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showSuggestForm(c, fiber.StatusUnprocessableEntity, draft, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.suggested")
	return see(c, views.CollectionDeed(c.Params("slug"), "suggest"))
}

// takeBackSuggestion answers POST /collections/{slug}/suggestions/{id}/take-back.
func (a *App) takeBackSuggestion(c *fiber.Ctx) error {
	at, err := placeIn(c)
	if err != nil {
		return err
	}
	if err := a.curation.TakeBackSuggestion(c.UserContext(), who(c), at); err != nil {
		return err
	}
	a.tell(c, "done.suggestion_taken_back")
	return see(c, views.CollectionDeed(at.Slug, "suggest"))
}

// decideForm answers GET /collections/{slug}/suggestions/{id}.
func (a *App) decideForm(c *fiber.Ctx) error {
	return a.showDecideForm(c, views.Deciding{}, nil)
}

// showDecideForm shows a suggestion to who decides on it, with the forms as they were
// left. What refused one is nil where they are new, Invalid or ErrConflict.
func (a *App) showDecideForm(c *fiber.Ctx, typed views.Deciding, refused error) error {
	p, err := a.collectionDesk(c)
	if err != nil {
		return err
	}
	at, err := placeIn(c)
	suggestion := p.SuggestionOf(at.ID)
	if err != nil || suggestion == nil {
		return forum.ErrNotFound
	}
	status, bad := fiber.StatusUnprocessableEntity, forum.Invalid(nil)
	switch {
	case refused == nil:
		status, typed.Why, typed.Version = fiber.StatusOK, suggestion.Why, p.Collection.Version
	case !errors.As(refused, &bad):
		status, p.Clash, typed.Version = fiber.StatusConflict, true, p.Collection.Version
	case typed.Version == 0: // it was declined without a reason
		typed.Version = p.Collection.Version
	}
	return a.show(c, status, views.CollectionDecide(a.frame(c), p, *suggestion, typed, bad))
}

// takeSuggestion answers POST /collections/{slug}/suggestions/{id}/take.
func (a *App) takeSuggestion(c *fiber.Ctx) error {
	at, err := placeIn(c)
	if err != nil {
		return err
	}
	draft := itemDraft(c)
	err = a.curation.TakeSuggestion(c.UserContext(), who(c), at, draft)
	if isRefused(err) {
		shown := a.showDecideForm(c, views.Deciding{Why: draft.Why, Section: draft.Section, Version: draft.Version}, err)
		if !errors.Is(shown, forum.ErrNotFound) {
			return shown
		} // it waits no more: another curator was first
	}
	return a.decided(c, err, "suggestion_taken")
}

// declineSuggestion answers POST /collections/{slug}/suggestions/{id}/decline.
func (a *App) declineSuggestion(c *fiber.Ctx) error {
	at, err := placeIn(c)
	if err != nil {
		return err
	}
	reason := formValue(c, "reason")
	err = a.curation.DeclineSuggestion(c.UserContext(), who(c), at, reason)
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showDecideForm(c, views.Deciding{Reason: reason}, bad)
	}
	return a.decided(c, err, "suggestion_declined")
}

// decided answers a decision; one that another curator decided otherwise meanwhile is
// told of over the desk.
func (a *App) decided(c *fiber.Ctx, err error, name string) error {
	if errors.Is(err, forum.ErrConflict) {
		a.tell(c, "done.suggestion_overtaken")
		return see(c, views.CollectionDeed(c.Params("slug"), "edit"))
	}
	return a.collected(c, err, views.CollectionTyped{}, name)
}
