package app

import (
	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/views/assets"
)

// asset answers GET /assets/{name}: its address changes with its content, so that
// it may be kept for ever.
func (a *App) asset(c *fiber.Ctx) error {
	body, kind, coding, ok := assets.Open(c.Path(), c.Get(fiber.HeaderAcceptEncoding))
	if !ok {
		return forum.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderContentType, kind)
	if coding != "" {
		c.Set(fiber.HeaderContentEncoding, coding)
	}
	return c.Send(body) // makes no copy; nobody writes to it
}

// favicon answers GET /favicon.ico, which browsers ask for on pages that are none.
func (a *App) favicon(c *fiber.Ctx) error {
	return c.Redirect(assets.Path("favicon.svg"), fiber.StatusFound)
}
