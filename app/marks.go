package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/views"
	"moothall/views/words"
)

// workedField is the button beside Useful, in the same form.
const workedField = "worked"

// useful answers POST /posts/{id}/useful, whose form on a page has a button for worked too.
func (a *App) useful(c *fiber.Ctx) error {
	if visitOf(c).form.Has(workedField) {
		return a.worked(c)
	}
	return a.markPost(c, a.forum.Useful, on(c))
}

// worked answers POST /posts/{id}/worked.
func (a *App) worked(c *fiber.Ctx) error {
	return a.markPost(c, a.forum.Worked, on(c) && formValue(c, workedField) != "0")
}

// accept answers POST /posts/{id}/answer.
func (a *App) accept(c *fiber.Ctx) error { return a.markPost(c, a.forum.Accept, on(c)) }

// markPost answers a press under a post, and leads back to it.
func (a *App) markPost(c *fiber.Ctx, mark func(context.Context, forum.Person, int64, bool) error, on bool) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := mark(c.UserContext(), who(c), id, on); err != nil {
		return err
	}
	return a.seePost(c, id)
}

// usToo answers POST /threads/{id}/us-too.
func (a *App) usToo(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.forum.UsToo(c.UserContext(), who(c), id, on(c), formValue(c, "state")); err != nil {
		return err
	}
	return see(c, threadPath(id)+"#us-too")
}

// solved answers POST /threads/{id}/solved.
func (a *App) solved(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	err = a.forum.Solve(c.UserContext(), who(c), id, on(c), formValue(c, "body"))
	return a.marked(c, err, "solved", threadPath(id))
}

// outcome answers POST /threads/{id}/outcome.
func (a *App) outcome(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	err = a.forum.TellOutcome(c.UserContext(), who(c), id, forum.OutcomeDraft{Answer: formValue(c, "answer"), Note: formValue(c, "note")})
	return a.marked(c, err, "outcome", threadPath(id))
}

// save answers POST /threads/{id}/save, from the thread or from the list of what is saved.
func (a *App) save(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	var remind *time.Time
	if day := formValue(c, "remind"); day != "" {
		at := words.Day(day) // what is no day has gone by, and the forum says so
		remind = &at
	}
	back := threadPath(id) + "#saved" // far down on a phone
	if formValue(c, "list") != "" {
		back = "/account/saved"
	}
	return a.marked(c, a.forum.Save(c.UserContext(), who(c), id, on(c), remind), "save", back)
}

// marked answers a short form about a thread. One that was refused comes back by
// itself, as it was typed: there may be others on the page that it came from.
func (a *App) marked(c *fiber.Ctx, err error, name, back string) error {
	bad := (forum.Invalid)(nil)
	if !errors.As(err, &bad) {
		if err != nil {
			return err
		}
		return see(c, back)
	}
	form := cleanForm(typed(c))
	return a.show(c, fiber.StatusUnprocessableEntity, views.MarkAgain(a.frame(c), views.MarkForm{Name: name, Action: c.Path(), Back: back,
		Body: form.Get("body"), Answer: form.Get("answer"), Note: form.Get("note"), Remind: form.Get("remind"), List: form.Get("list")}, bad))
}

// savedList answers GET /account/saved.
func (a *App) savedList(c *fiber.Ctx) error {
	saved, err := a.forum.SavedPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Saved(a.frame(c), saved))
}

func threadPath(id int64) string { return fmt.Sprintf("/threads/%d", id) }
