package app

import (
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/projects"
	"moothall/views"
)

// reuseForm answers GET /projects/{id}/reuse.
func (a *App) reuseForm(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.showReuse(c, fiber.StatusOK, id, nil, nil)
}

// showReuse shows the page that asks what somebody's council does with a project, as it
// was left.
func (a *App) showReuse(c *fiber.Ctx, status int, id int64, draft *projects.ReuseDraft, bad forum.Invalid) error {
	p, err := a.projects.ReusePage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	if draft != nil {
		p.Draft, p.Check = *draft, draft.Residents()
	}
	return a.show(c, status, views.Reuse(a.frame(c), p, bad))
}

// reuse answers POST /projects/{id}/reuse.
func (a *App) reuse(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	form := typed(c)
	draft := projects.ReuseDraft{Kind: form.Get("kind"), Note: form.Get("note"), Visibility: form.Get("visibility"), Resident: residentDraft(form)}
	draft.Clean()
	if form.Get("on") == "0" {
		if err := a.projects.TakeBackReuse(c.UserContext(), who(c), id, draft.Kind); err != nil {
			return err
		}
		a.tell(c, "done.reuse_back")
		return see(c, fmt.Sprintf("/projects/%d", id))
	}
	err = a.projects.Reuse(c.UserContext(), who(c), id, draft)
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showReuse(c, fiber.StatusUnprocessableEntity, id, &draft, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.reuse")
	return see(c, fmt.Sprintf("/projects/%d", id))
}
