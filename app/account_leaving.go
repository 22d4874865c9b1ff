package app

import (
	"errors"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/views"
)

// moveForm answers GET /account/council.
func (a *App) moveForm(c *fiber.Ctx) error {
	return a.showMove(c, fiber.StatusOK, nil)
}

// move answers POST /account/council. With action=find it looks for councils and
// changes nothing.
func (a *App) move(c *fiber.Ctx) error {
	if formValue(c, "action") == "find" {
		return a.showMove(c, fiber.StatusOK, nil)
	}
	back := "/account/council?" + url.Values{"council": {formValue(c, "council")}}.Encode()
	return a.onlyFresh(c, back, func() error {
		err := a.forum.Move(c.UserContext(), who(c), formValue(c, "council"))
		if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
			return a.showMove(c, fiber.StatusUnprocessableEntity, bad)
		}
		if err != nil {
			return err
		}
		return see(c, "/account")
	})
}

func (a *App) showMove(c *fiber.Ctx, status int, bad forum.Invalid) error {
	p, err := a.forum.CouncilChoice(c.UserContext(), who(c), formValue(c, "council_search"), formValue(c, "council"))
	if err != nil {
		return err
	}
	return a.show(c, status, views.Move(a.frame(c), p, bad))
}

// leaveForm answers GET /account/leave.
func (a *App) leaveForm(c *fiber.Ctx) error {
	return a.showLeave(c, fiber.StatusOK, forum.LeaveDraft{}, nil)
}

// leave answers POST /account/leave.
func (a *App) leave(c *fiber.Ctx) error {
	return a.onlyFresh(c, "/account/leave", func() error {
		draft := forum.LeaveDraft{Sure: formValue(c, "sure") == "1", HandTo: chosenPerson(c)}
		err := a.forum.Leave(c.UserContext(), who(c), draft, a.endSessionsOf(who(c).ID, nil))
		if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
			return a.showLeave(c, fiber.StatusUnprocessableEntity, draft, bad)
		}
		if err != nil {
			return err
		}
		return see(c, "/sign-in?gone=leave")
	})
}

func (a *App) showLeave(c *fiber.Ctx, status int, draft forum.LeaveDraft, bad forum.Invalid) error {
	p, err := a.forum.LeavePage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, status, views.Leave(a.frame(c), who(c), p, draft, bad))
}

// chosenPerson is the number of the colleague whom a form names; what is no number is
// nobody's, and refused as such.
func chosenPerson(c *fiber.Ctx) int64 {
	value := formValue(c, "person")
	if value == "" {
		return 0
	}
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil || id < 1 {
		return -1
	}
	return id
}

// gone is what ended the session of who comes to sign-in, as far as the page has words
// for it.
func gone(c *fiber.Ctx) string {
	if why := c.Query("gone"); why == "leave" || why == "erase" {
		return why
	}
	return ""
}
