package app

import (
	"github.com/gofiber/fiber/v2"

	"moothall/views"
)

// home answers GET /.
func (a *App) home(c *fiber.Ctx) error {
	p, err := a.curation.HomePage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Home(a.frame(c), who(c), p))
}
