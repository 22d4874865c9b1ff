package app

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views"
)

// notices answers GET /account/notices.
func (a *App) notices(c *fiber.Ctx) error {
	p, err := a.letters.NoticesPage(c.UserContext(), who(c), c.Query("before"))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Notices(a.frame(c), p))
}

// readNotices answers POST /account/notices/read: all of them up to an event, or
// those of one thread.
func (a *App) readNotices(c *fiber.Ctx) error {
	upto, err := strconv.ParseInt(formValue(c, "upto"), 10, 64)
	if err != nil || upto < 0 {
		return forum.Invalid{{Field: "upto", Key: "notices.upto"}}
	}
	thread := int64(letters.Everywhere)
	if said := formValue(c, "thread"); said != "" {
		if thread, err = strconv.ParseInt(said, 10, 64); err != nil || thread < 0 {
			return forum.Invalid{{Field: "thread", Key: "notices.upto"}}
		}
	}
	if err := a.letters.MarkRead(c.UserContext(), who(c), thread, upto); err != nil {
		return err
	}
	return see(c, "/account/notices")
}
