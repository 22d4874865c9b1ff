package app

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views"
	"moothall/views/wire"
)

// collections answers GET /collections.
func (a *App) collections(c *fiber.Ctx) error {
	before, err := beforeOf(c)
	if err != nil {
		return err
	}
	p, err := a.curation.CollectionsPage(c.UserContext(), who(c), before)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Collections(a.frame(c), p))
}

// collection answers GET /collections/{slug}; an address that it had before leads to it.
func (a *App) collection(c *fiber.Ctx) error {
	p, err := a.curation.CollectionPage(c.UserContext(), who(c), c.Params("slug"))
	if err != nil {
		return err
	}
	if p.Moved != "" {
		return c.Redirect(withQuery(c, views.CollectionPath(p.Moved)), fiber.StatusMovedPermanently)
	}
	return a.show(c, fiber.StatusOK, views.Collection(a.frame(c), p))
}

// collectionFeed answers GET /feeds/collections/{slug}.atom.
func (a *App) collectionFeed(c *fiber.Ctx) error {
	one, list, err := a.curation.CollectionFeed(c.UserContext(), c.Params("slug"))
	if err != nil {
		return err
	}
	if one.Slug != c.Params("slug") {
		return c.Redirect(views.CollectionFeedPath(one.Slug), fiber.StatusMovedPermanently)
	}
	text, err := wire.Collection(a.site(c), one, list)
	return a.answerWith(c, "application/atom+xml; charset=utf-8", text, err)
}

// followCollection answers POST /collections/{slug}/follow.
func (a *App) followCollection(c *fiber.Ctx) error {
	slug := c.Params("slug")
	return a.follow(c, forum.Subject{Kind: forum.ToCollection, Slug: slug}, views.CollectionPath(slug))
}

// collectionDesk reads what a curator works from. One that has another address by now is
// found at that.
func (a *App) collectionDesk(c *fiber.Ctx) (curation.CollectionDesk, error) {
	return a.curation.CollectionDesk(c.UserContext(), who(c), c.Params("slug"))
}

// collectionForm answers GET /collections/new and /collections/{slug}/edit.
func (a *App) collectionForm(c *fiber.Ctx) error {
	p, err := a.collectionDesk(c)
	if err != nil {
		return err
	}
	if p.Moved != "" {
		return c.Redirect(views.CollectionDeed(p.Moved, "edit"), fiber.StatusMovedPermanently)
	}
	return a.show(c, fiber.StatusOK, views.CollectionDesk(a.frame(c), p, views.CollectionTyped{Draft: p.Draft}, nil))
}

// showCollectionDesk shows the desk with a form of it as it was left.
func (a *App) showCollectionDesk(c *fiber.Ctx, typed views.CollectionTyped, refused error) error {
	p, err := a.collectionDesk(c)
	if err != nil {
		return err
	}
	if typed.Draft == (curation.CollectionDraft{}) {
		typed.Draft = p.Draft
	}
	status, bad := fiber.StatusUnprocessableEntity, forum.Invalid(nil)
	if !errors.As(refused, &bad) {
		status, p.Clash, typed.Draft.Version = fiber.StatusConflict, true, p.Draft.Version
	}
	return a.show(c, status, views.CollectionDesk(a.frame(c), p, typed, bad))
}

// collectionDraft is what was typed at the head of a collection.
func collectionDraft(c *fiber.Ctx) curation.CollectionDraft {
	form := typed(c)
	return curation.CollectionDraft{Title: form.Get("title"), Intro: form.Get("intro"), Lang: form.Get("lang"), Version: numberIn(form, "version")}
}

// beginCollection answers POST /collections.
func (a *App) beginCollection(c *fiber.Ctx) error {
	draft := collectionDraft(c)
	slug, err := a.curation.BeginCollection(c.UserContext(), who(c), draft)
	if isRefused(err) {
		return a.showCollectionDesk(c, views.CollectionTyped{Draft: draft}, err)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.collection_made")
	return see(c, views.CollectionDeed(slug, "edit"))
}

// changeCollection answers POST /collections/{slug}.
func (a *App) changeCollection(c *fiber.Ctx) error {
	draft := collectionDraft(c)
	slug, err := a.curation.ChangeCollection(c.UserContext(), who(c), c.Params("slug"), draft)
	if errors.Is(err, curation.ErrSecond) {
		return a.second(c)
	}
	if isRefused(err) {
		return a.showCollectionDesk(c, views.CollectionTyped{Draft: draft}, err)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.collection_changed")
	return see(c, views.CollectionDeed(slug, "edit"))
}

// collected answers a deed of the desk: back to it, or the desk with what was typed.
func (a *App) collected(c *fiber.Ctx, err error, typed views.CollectionTyped, name string) error {
	if errors.Is(err, curation.ErrSecond) {
		return a.second(c)
	}
	if isRefused(err) {
		return a.showCollectionDesk(c, typed, err)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done."+name)
	return see(c, views.CollectionDeed(c.Params("slug"), "edit")+typed.At)
}

// showCollection answers POST /collections/{slug}/show.
func (a *App) showCollection(c *fiber.Ctx) error {
	name := "collection_withdrawn"
	if on(c) {
		name = "collection_shown"
	}
	return a.collected(c, a.curation.ShowCollection(c.UserContext(), who(c), c.Params("slug"), on(c)), views.CollectionTyped{}, name)
}

// reviewCollection answers POST /collections/{slug}/review.
func (a *App) reviewCollection(c *fiber.Ctx) error {
	if err := a.curation.ReviewCollection(c.UserContext(), who(c), c.Params("slug")); err != nil {
		return err
	}
	a.tell(c, "done.collection_reviewed")
	return see(c, views.CollectionPath(c.Params("slug")))
}

// addSection answers POST /collections/{slug}/sections.
func (a *App) addSection(c *fiber.Ctx) error {
	heading := formValue(c, "heading")
	err := a.curation.AddSection(c.UserContext(), who(c), c.Params("slug"), heading)
	return a.collected(c, err, views.CollectionTyped{Heading: heading}, "section_added")
}

// addItem answers POST /collections/{slug}/items.
func (a *App) addItem(c *fiber.Ctx) error {
	draft := itemDraft(c)
	err := a.curation.AddItem(c.UserContext(), who(c), c.Params("slug"), draft)
	return a.collected(c, err, views.CollectionTyped{Item: draft}, "item_added")
}

// itemDraft is what was typed of an item, or of a suggestion.
func itemDraft(c *fiber.Ctx) curation.ItemDraft {
	form := typed(c)
	section, _ := strconv.ParseInt(form.Get("section"), 10, 64)
	return curation.ItemDraft{Target: form.Get("target"), Why: form.Get("why"), Section: section, Version: numberIn(form, "version")}
}

// placeIn is what an address names within a collection.
func placeIn(c *fiber.Ctx) (curation.Place, error) {
	n, err := id(c)
	return curation.Place{Slug: c.Params("slug"), ID: n}, err
}

// sectionForm answers GET /collections/{slug}/sections/{id}.
func (a *App) sectionForm(c *fiber.Ctx) error {
	return a.showSectionForm(c, curation.SectionDraft{}, nil)
}

// showSectionForm shows the form of a section, as it was left or, where nothing was typed,
// as it is. What refused it is nil where it is new, Invalid or ErrConflict.
func (a *App) showSectionForm(c *fiber.Ctx, draft curation.SectionDraft, refused error) error {
	p, err := a.collectionDesk(c)
	if err != nil {
		return err
	}
	at, err := placeIn(c)
	section := p.SectionOf(at.ID)
	if err != nil || section == nil {
		return forum.ErrNotFound
	}
	status, bad := fiber.StatusOK, forum.Invalid(nil)
	switch {
	case refused == nil:
		draft = curation.SectionDraft{Heading: section.Heading, Version: p.Collection.Version}
	case errors.As(refused, &bad):
		status = fiber.StatusUnprocessableEntity
	default:
		status, p.Clash, draft.Version = fiber.StatusConflict, true, p.Collection.Version
	}
	return a.show(c, status, views.CollectionSection(a.frame(c), p, *section, draft, bad))
}

// nameSection answers POST /collections/{slug}/sections/{id}.
func (a *App) nameSection(c *fiber.Ctx) error {
	at, err := placeIn(c)
	if err != nil {
		return err
	}
	form := typed(c)
	draft := curation.SectionDraft{Heading: form.Get("heading"), Version: numberIn(form, "version")}
	err = a.curation.NameSection(c.UserContext(), who(c), at, draft)
	if isRefused(err) {
		return a.showSectionForm(c, draft, err)
	}
	return a.collected(c, err, views.CollectionTyped{}, "collection_changed")
}

// moveSection answers POST /collections/{slug}/sections/{id}/move.
func (a *App) moveSection(c *fiber.Ctx) error {
	at, err := placeIn(c)
	if err != nil {
		return err
	}
	err = a.curation.MoveSection(c.UserContext(), who(c), at, formValue(c, "to"))
	return a.collected(c, err, views.CollectionTyped{At: views.SectionAt(at.ID)}, "collection_ordered")
}

// removeSection answers POST /collections/{slug}/sections/{id}/remove.
func (a *App) removeSection(c *fiber.Ctx) error {
	at, err := placeIn(c)
	if err != nil {
		return err
	}
	return a.collected(c, a.curation.RemoveSection(c.UserContext(), who(c), at), views.CollectionTyped{}, "section_removed")
}

// itemForm answers GET /collections/{slug}/items/{id}.
func (a *App) itemForm(c *fiber.Ctx) error { return a.showItemForm(c, curation.ItemDraft{}, nil) }

// showItemForm shows the form of an item, as it was left or, where nothing was typed, as
// it is. What refused it is nil where it is new, Invalid or ErrConflict.
func (a *App) showItemForm(c *fiber.Ctx, draft curation.ItemDraft, refused error) error {
	p, err := a.collectionDesk(c)
	if err != nil {
		return err
	}
	at, err := placeIn(c)
	item := p.ItemOf(at.ID)
	if err != nil || item == nil {
		return forum.ErrNotFound
	}
	status, bad := fiber.StatusOK, forum.Invalid(nil)
	switch {
	case refused == nil:
		draft = curation.ItemDraft{Why: item.Why, Section: item.SectionID, Version: p.Collection.Version}
	case errors.As(refused, &bad):
		status = fiber.StatusUnprocessableEntity
	default:
		status, p.Clash, draft.Version = fiber.StatusConflict, true, p.Collection.Version
	}
	return a.show(c, status, views.CollectionItem(a.frame(c), p, *item, draft, bad))
}

// changeItem answers POST /collections/{slug}/items/{id}.
func (a *App) changeItem(c *fiber.Ctx) error {
	at, err := placeIn(c)
	if err != nil {
		return err
	}
	draft := itemDraft(c)
	err = a.curation.ChangeItem(c.UserContext(), who(c), at, draft)
	if isRefused(err) {
		return a.showItemForm(c, draft, err)
	}
	return a.collected(c, err, views.CollectionTyped{At: views.ItemAt(at.ID)}, "collection_changed")
}

// moveItem answers POST /collections/{slug}/items/{id}/move.
func (a *App) moveItem(c *fiber.Ctx) error {
	at, err := placeIn(c)
	if err != nil {
		return err
	}
	err = a.curation.MoveItem(c.UserContext(), who(c), at, formValue(c, "to"))
	return a.collected(c, err, views.CollectionTyped{At: views.ItemAt(at.ID)}, "collection_ordered")
}

// removeItem answers POST /collections/{slug}/items/{id}/remove.
func (a *App) removeItem(c *fiber.Ctx) error {
	at, err := placeIn(c)
	if err != nil {
		return err
	}
	return a.collected(c, a.curation.RemoveItem(c.UserContext(), who(c), at), views.CollectionTyped{}, "item_removed")
}

// objectToItem answers POST /collections/{slug}/items/{id}/object.
func (a *App) objectToItem(c *fiber.Ctx) error {
	at, err := placeIn(c)
	if err != nil {
		return err
	}
	if err := a.curation.Object(c.UserContext(), who(c), at); err != nil {
		return err
	}
	a.tell(c, "done.item_objected")
	return see(c, views.CollectionPath(at.Slug))
}
