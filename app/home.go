package app

import (
	"github.com/gofiber/fiber/v2"

	"moothall/forum/places"
	"moothall/views"
)

// home answers GET /.
func (a *App) home(c *fiber.Ctx) error {
	p, err := a.curation.HomePage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	var teaser places.Teaser
	if !who(c).SignedIn() {
		if teaser, err = a.places.Teaser(c.UserContext()); err != nil {
			return err
		}
	}
	return a.show(c, fiber.StatusOK, views.Home(a.frame(c), who(c), p, teaser))
}
