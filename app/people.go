package app

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/views"
	"moothall/views/words"
)

// person answers GET /people/{id}.
func (a *App) person(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	p, err := a.search.PersonPage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	if moved, err := canonical(c, views.PersonPath(p.Person.ID, p.Person.Handle)); moved {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Person(a.frame(c), p))
}

// suggest answers GET /people/suggest: who can be mentioned, as JSON. It may be asked
// with each letter, so it is for who is signed in alone.
func (a *App) suggest(c *fiber.Ctx) error {
	thread := relatedID(c.Query("thread"))
	if c.Query("thread") != "" && thread == 0 {
		return forum.ErrNotFound
	}
	found, err := a.forum.Suggestions(c.UserContext(), who(c), thread, c.Query("q"))
	if err != nil {
		return err
	}
	return c.JSON(append([]forum.Suggested{}, found...))
}

// letIn answers POST /people/{id}/let-in.
func (a *App) letIn(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.done(c, a.care.LetIn(c.UserContext(), who(c), id, care.LetInDraft{Council: formValue(c, "council"), Seen: formValue(c, "seen")}), "let_in", whereTo(c, "/desk/newcomers"))
}

// whereTo is where a form wants to lead when it is done, if it says so.
func whereTo(c *fiber.Ctx, otherwise string) string {
	if back := formValue(c, "return"); back != "" {
		return auth.ReturnTo(back)
	}
	return otherwise
}

// turnAway answers POST /people/{id}/turn-away.
func (a *App) turnAway(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.done(c, a.care.TurnAway(c.UserContext(), who(c), id, formValue(c, "reason")), "turn_away", "/desk/newcomers")
}

// suspend answers POST /people/{id}/suspend.
func (a *App) suspend(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	until := words.Day(formValue(c, "until")) // what is no day has gone by, and the forum says so
	err = a.care.Suspend(c.UserContext(), who(c), id, until, formValue(c, "reason"))
	return a.done(c, err, "suspend", fmt.Sprintf("/people/%d", id))
}
