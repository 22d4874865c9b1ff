package app

import (
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/views"
)

// post answers GET /posts/{id}.
func (a *App) post(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.seePost(c, id)
}

// seePost sends on to where a post stands.
func (a *App) seePost(c *fiber.Ctx, id int64) error {
	place, err := a.forum.PostPlace(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	return see(c, views.PostPath(place))
}

// editForm answers GET /posts/{id}/edit.
func (a *App) editForm(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	p, err := a.forum.EditPage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	if p.Opening && p.Thread.Kind == forum.Lesson { // its words are made from the lesson's facts
		return see(c, views.LessonEditPath(p.Thread.ID))
	}
	draft := forum.EditDraft{Title: p.Thread.Title, Body: p.Body, Topics: p.Topics, Version: p.Post.Version}
	if p.Kept != nil {
		draft, p.Own = editDraft(seen(c, p.Kept)), ownDraft(p.Kept.Values())
	}
	return a.show(c, fiber.StatusOK, views.Edit(a.frame(c), p, draft, nil, nil))
}

// editDraft reads the form to change a post.
func editDraft(form url.Values) forum.EditDraft {
	draft := forum.EditDraft{Title: form.Get("title"), Body: form.Get("body"), Topics: chosen(form["topic"]),
		Version: numberIn(form, "version"), Reason: form.Get("reason"), Resident: residentDraft(form)}
	draft.Clean()
	return draft
}

// edit answers POST /posts/{id}.
func (a *App) edit(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := editDraft(typed(c))
	if formValue(c, "action") == "other" {
		return a.changeOver(c, id, draft)
	}
	if bad := unknownAction(c, "preview"); bad != nil {
		return a.showEdit(c, id, draft, nil, bad)
	}
	if previews(c) {
		return a.previewEdit(c, id, draft)
	}
	posted, err := a.forum.Edit(c.UserContext(), who(c), id, draft)
	now, bad := (*forum.Conflict)(nil), (forum.Invalid)(nil)
	switch {
	case errors.As(err, &now):
		draft.Version = now.Version
		return a.showEdit(c, id, draft, now, nil)
	case errors.As(err, &bad):
		return a.showEdit(c, id, draft, nil, bad)
	case err != nil:
		return err
	}
	return a.seePost(c, posted.ID)
}

// showEdit shows the form to change a post again, as it was typed; with now, the
// text that somebody else has put there meanwhile.
func (a *App) showEdit(c *fiber.Ctx, id int64, draft forum.EditDraft, now *forum.Conflict, bad forum.Invalid) error {
	p, err := a.forum.EditPage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	a.keepWords(c)
	p.Kept, p.Own, p.Check = nil, ownDraft(typed(c)), draft.Residents(p)
	status := fiber.StatusUnprocessableEntity
	if now != nil {
		status, now.Differences = fiber.StatusConflict, p.Compare(*now, draft)
	}
	return a.show(c, status, views.Edit(a.frame(c), p, draft, now, bad))
}

// previewEdit shows how a post will look, and the form again.
func (a *App) previewEdit(c *fiber.Ctx, id int64, draft forum.EditDraft) error {
	p, err := a.forum.EditPage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	html, bad, err := a.forum.Preview(c.UserContext(), draft.Body)
	if err != nil {
		return err
	}
	if bad = append(draft.Check(who(c), p.Post), bad...); bad != nil {
		return a.showEdit(c, id, draft, nil, bad)
	}
	a.keepWords(c)
	p.Kept, p.Preview, p.Check = nil, html, draft.Residents(p)
	return a.show(c, fiber.StatusOK, views.Edit(a.frame(c), p, draft, nil, nil))
}

// deletePost answers POST /posts/{id}/delete.
func (a *App) deletePost(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	where, err := a.forum.Delete(c.UserContext(), who(c), id)
	switch {
	case err != nil:
		return err
	case where.ID == 0 || where.Number == 0:
		a.tell(c, "done.deleted")
		return see(c, "/threads") // the thread went with it, or nobody else had seen it
	}
	return a.seePost(c, id)
}
