package app

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
)

// cookieLife is longer than any session: a form posted after the end of one is
// kept for whoever's it was.
const cookieLife = 60 * 24 * time.Hour

// cookieName is what the session's cookie is called. The prefix has browsers
// refuse it from another host or without https (RFC 6265bis §4.1.3.2).
func (a *App) cookieName() string {
	if a.config.Secure() {
		return "__Host-moothall"
	}
	return "moothall"
}

// giveCookie gives the browser a session's cookie.
func (a *App) giveCookie(c *fiber.Ctx, value string) {
	c.Cookie(&fiber.Cookie{Name: a.cookieName(), Value: value, Path: "/", MaxAge: int(cookieLife.Seconds()),
		Secure: a.config.Secure(), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
}

// meet finds out who comes, and slows visitors who come too fast. A cookie that
// belongs to no session makes nobody more than a visitor.
func (a *App) meet(c *fiber.Ctx, v *visit) error {
	cookie := c.Cookies(a.cookieName())
	if cookie == "" {
		return a.rates.visitors.pass(a.address(c))
	}
	v.hash = auth.Hash(cookie)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	who, live, err := a.forum.PersonOf(c.UserContext(), v.hash, auth.LiveSQL, auth.KeptSQL, a.lookAhead(c, v)...)
	switch {
	case err != nil:
		return err
	case live:
		v.who = who
		a.sessions.Seen(v.hash)
		return nil
	}
	v.ended = who
	return a.rates.visitors.pass(a.address(c))
}
