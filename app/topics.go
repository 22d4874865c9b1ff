package app

import (
	"github.com/gofiber/fiber/v2"

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
	p, err := a.search.TopicPage(c.UserContext(), who(c), c.Params("slug"), c.Query("before"))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Topic(a.frame(c), p, a.askBy(who(c), p.Topic.ID)))
}
