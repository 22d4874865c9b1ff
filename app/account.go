package app

import (
	"bytes"
	"slices"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/search"
	"moothall/views"
)

// account answers GET /account.
func (a *App) account(c *fiber.Ctx) error {
	return a.showAccount(c, fiber.StatusOK, nil, nil)
}

// showAccount shows somebody's account, and what they offer as it was typed.
func (a *App) showAccount(c *fiber.Ctx, status int, draft *search.OfferDraft, bad forum.Invalid) error {
	p, err := a.search.OfferPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	if draft != nil {
		p.Draft = *draft
	}
	return a.show(c, status, views.Account(a.frame(c), views.AccountPage{Who: who(c), Offer: p}, bad))
}

// offer answers POST /account/offer.
func (a *App) offer(c *fiber.Ctx) error {
	form := visitOf(c).form
	shows := func(what string) bool { return slices.Contains(form["show"], what) }
	draft := search.OfferDraft{Skills: form["topic"], Offer: search.Offer{Askable: formValue(c, "askable") == "1", About: formValue(c, "about"),
		ShowThreads: shows("threads"), ShowAnswers: shows("answers"), ShowProjects: shows("projects")}}
	err := a.search.Offer(c.UserContext(), who(c), draft)
	if bad := asInvalid(err); bad != nil {
		return a.showAccount(c, fiber.StatusUnprocessableEntity, &draft, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.offer")
	return see(c, "/account")
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
