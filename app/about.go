package app

import (
	"net/mail"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"moothall/views"
)

// about makes the handler of a page about the site itself.
func about(page func(f views.Frame, contact string) templ.Component) func(*App, *fiber.Ctx) error {
	return func(a *App, c *fiber.Ctx) error {
		return a.show(c, fiber.StatusOK, page(a.frame(c), a.contact()))
	}
}

// plainly is a page about the site that names no address to write to.
func plainly(page func(f views.Frame) templ.Component) func(views.Frame, string) templ.Component {
	return func(f views.Frame, _ string) templ.Component { return page(f) }
}

// contact is the address at which the team is reached.
func (a *App) contact() string {
	from, err := mail.ParseAddress(a.config.MailFrom)
	if err != nil {
		return a.config.MailFrom // checked when the settings were read
	}
	return from.Address
}
