package app

import (
	"bytes"

	"github.com/gofiber/fiber/v2"

	"moothall/views"
)

// account answers GET /account.
func (a *App) account(c *fiber.Ctx) error {
	return a.show(c, fiber.StatusOK, views.Account(a.frame(c), who(c)))
}

// accountSessions answers GET /account/sessions.
func (a *App) accountSessions(c *fiber.Ctx) error {
	live, err := a.sessions.Sessions(c.UserContext(), who(c).ID)
	if err != nil {
		return err
	}
	var shown []views.Session
	for _, s := range live {
		shown = append(shown, views.Session{ID: s.ID, Device: s.Device, StartedAt: s.StartedAt, SeenAt: s.SeenAt,
			Here: bytes.Equal(s.Hash, session(c))})
	}
	return a.show(c, fiber.StatusOK, views.Sessions(a.frame(c), shown))
}

// endSession answers POST /account/sessions/{id}/end.
func (a *App) endSession(c *fiber.Ctx) error {
	if err := a.sessions.EndOne(c.UserContext(), who(c).ID, c.Params("id")); err != nil {
		return err
	}
	a.tell(c, "done.ended")
	return see(c, "/account/sessions")
}

// endSessions answers POST /account/sessions/end-all: all but this one.
func (a *App) endSessions(c *fiber.Ctx) error {
	if err := a.sessions.EndAll(c.UserContext(), who(c).ID, session(c)); err != nil {
		return err
	}
	a.tell(c, "done.ended_all")
	return see(c, "/account/sessions")
}
