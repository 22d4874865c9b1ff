package app

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/views"
)

// history answers GET /posts/{id}/history.
func (a *App) history(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	before, err := numberBefore(c)
	if err != nil {
		return err
	}
	p, err := a.forum.HistoryPage(c.UserContext(), who(c), id, before)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.History(a.frame(c), p, nil))
}

// redact answers POST /posts/{id}/redact.
func (a *App) redact(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := forum.RedactDraft{Passage: formValue(c, "passage"), Reason: formValue(c, "reason"), Removed: views.RemovedWords()}
	near, err := a.forum.Redact(c.UserContext(), who(c), id, draft)
	bad := (forum.Invalid)(nil)
	if !errors.As(err, &bad) {
		if err != nil {
			return err
		}
		a.tell(c, nearby(near))
		return see(c, fmt.Sprintf("/posts/%d/history", id))
	}
	p, err := a.forum.HistoryPage(c.UserContext(), who(c), id, 0)
	if err != nil {
		return err
	}
	p.Draft = draft
	return a.show(c, fiber.StatusUnprocessableEntity, views.History(a.frame(c), p, bad))
}

// nearby is what to tell when words were taken out and so many like them still stand.
func nearby(n int) string {
	if n == 0 {
		return "done.redact"
	}
	return "done.redact_near " + strconv.Itoa(n)
}

// ownDraft is the text that a form to change a post carries beside the one in its
// fields; nil if there is none.
func ownDraft(form url.Values) *forum.EditDraft {
	if !form.Has("own_body") {
		return nil
	}
	own := forum.EditDraft{Title: form.Get("own_title"), Body: form.Get("own_body"), Topics: chosen(form["own_topic"])}
	own.Clean()
	return &own
}

// changeOver shows the form to change a post with the other of the two texts in it:
// what the post says now or, the next time, what was there before. Nothing is saved.
func (a *App) changeOver(c *fiber.Ctx, id int64, draft forum.EditDraft) error {
	p, err := a.forum.EditPage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	other := forum.EditDraft{Title: p.Thread.Title, Body: p.Body, Topics: p.Topics, Version: p.Post.Version}
	if own := ownDraft(typed(c)); own != nil {
		other = *own
		other.Version = draft.Version
	}
	other.Reason = draft.Reason
	a.keepWords(c)
	p.Kept, p.Own = nil, &draft
	return a.show(c, fiber.StatusOK, views.Edit(a.frame(c), p, other, nil, nil))
}
