package app

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/views"
	"moothall/views/words"
)

// whatsNew answers GET /whats-new?since=2026-11-24: what others wrote since that day in
// what somebody follows, without a day since a week ago.
func (a *App) whatsNew(c *fiber.Ctx) error {
	now := a.now()
	since := words.Day(c.Query("since"))
	if since.IsZero() {
		since = words.Midnight(now, -7)
	}
	if since.After(now) {
		since = words.Midnight(now, 0)
	}
	news, err := a.forum.News(c.UserContext(), who(c), since, c.Query("before"))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.WhatsNew(a.frame(c), views.NewsPage{News: news, Days: lastDays(now), AllRead: c.Query("read") == "all", Before: c.Query("before")}))
}

// lastDays are the beginnings of the last seven days, the newest first.
func lastDays(now time.Time) (days []time.Time) {
	for n := range 7 {
		days = append(days, words.Midnight(now, -n))
	}
	return days
}

// nextUnread answers GET /whats-new/next?after=12: it leads to the next thread that
// somebody follows and has not read to its end. Where there is none it says so.
func (a *App) nextUnread(c *fiber.Ctx) error {
	place, err := a.forum.NextUnread(c.UserContext(), who(c), relatedID(c.Query("after")))
	switch {
	case errors.Is(err, forum.ErrNotFound):
		return see(c, views.NewsPath+"?read=all")
	case err != nil:
		return err
	}
	return see(c, views.ThreadPath(place.ThreadID, place.Slug)+"?page=unread")
}
