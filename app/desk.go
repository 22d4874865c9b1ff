package app

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/views"
)

// newcomers answers GET /desk/newcomers.
func (a *App) newcomers(c *fiber.Ctx) error {
	p, err := a.care.NewcomersPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	var councils []forum.Council
	if slices.ContainsFunc(append(p.TurnedAway, p.Waiting...), func(n care.Newcomer) bool { return n.CouncilID == 0 && n.Company == "" }) {
		if councils, err = a.joinable(c); err != nil {
			return err
		}
	}
	return a.show(c, fiber.StatusOK, views.Newcomers(a.frame(c), p, councils))
}

// joinable are the councils that somebody without one can be let in to.
func (a *App) joinable(c *fiber.Ctx) ([]forum.Council, error) {
	p, err := a.forum.CouncilsPage(c.UserContext(), who(c), forum.CouncilFilter{})
	return slices.DeleteFunc(p.Councils, func(c forum.Council) bool { return c.Status != "current" }), err
}
