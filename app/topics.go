package app

import (
	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/views"
)

// topics answers GET /topics.
func (a *App) topics(c *fiber.Ctx) error {
	all, err := a.forum.TopicsPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Topics(a.frame(c), all))
}

// topic answers GET /topics/{slug}.
func (a *App) topic(c *fiber.Ctx) error {
	l, err := a.forum.ThreadList(c.UserContext(), who(c), forum.Filter{Topic: c.Params("slug"), Beside: true, Before: c.Query("before")})
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Topic(a.frame(c), l, a.askBy(who(c), l.Topic.ID)))
}
