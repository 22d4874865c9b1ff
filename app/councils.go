package app

import (
	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/places"
	"moothall/views"
)

// councils answers GET /councils.
func (a *App) councils(c *fiber.Ctx) error {
	p, err := a.forum.CouncilsPage(c.UserContext(), who(c),
		forum.CouncilFilter{Nation: c.Query("nation"), Region: c.Query("region"), Kind: c.Query("type"), Query: c.Query("q")})
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Councils(a.frame(c), p))
}

// councilMap answers GET /councils/map.
func (a *App) councilMap(c *fiber.Ctx) error {
	p, err := a.places.MapPage(c.UserContext(), who(c), places.MapFilter{Topic: c.Query("topic"), Phase: c.Query("phase"), Product: c.Query("product"), Sort: c.Query("sort")})
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.CouncilMap(a.frame(c), p))
}

// council answers GET /councils/{slug}. A council that has become another is shown
// there, with its history.
func (a *App) council(c *fiber.Ctx) error {
	p, err := a.forum.CouncilPage(c.UserContext(), who(c), c.Params("slug"))
	if err != nil {
		return err
	}
	if p.MovedTo != "" {
		return c.Redirect(views.CouncilPath(p.MovedTo), fiber.StatusMovedPermanently)
	}
	return a.show(c, fiber.StatusOK, views.Council(a.frame(c), p))
}
