package app

import (
	"github.com/gofiber/fiber/v2"

	"moothall/views"
)

// mailDesk answers GET /admin/mail.
func (a *App) mailDesk(c *fiber.Ctx) error {
	p, err := a.letters.MailPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Mail(a.frame(c), p))
}

// releaseAddress answers POST /admin/mail/{person}/release.
func (a *App) releaseAddress(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.letters.Release(c.UserContext(), who(c), id); err != nil {
		return err
	}
	a.tell(c, "done.mail_released")
	return see(c, "/admin/mail")
}

// sendAgain answers POST /admin/mail/letters/{id}/again.
func (a *App) sendAgain(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.letters.SendAgain(c.UserContext(), who(c), id); err != nil {
		return err
	}
	a.tell(c, "done.mail_again")
	return see(c, "/admin/mail")
}
