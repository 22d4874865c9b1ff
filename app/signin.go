package app

import (
	"errors"
	"log/slog"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/views"
)

// signInPage answers GET /sign-in.
func (a *App) signInPage(c *fiber.Ctx) error {
	back := auth.ReturnTo(c.Query("return"))
	if who(c).SignedIn() {
		return see(c, back)
	}
	return a.showSignIn(c, fiber.StatusOK, back)
}

// showSignIn offers the ways to sign in; any status but 200 says that an attempt
// has come to nothing.
func (a *App) showSignIn(c *fiber.Ctx, status int, back string) error {
	p := views.SignInPage{Return: back, Failed: status != fiber.StatusOK, Kept: c.Query("kept") != "", Gone: gone(c)}
	for _, provider := range a.providers {
		p.Ways = append(p.Ways, views.SignInWay{Name: provider.Name, Label: provider.Label})
	}
	return a.show(c, status, views.SignIn(a.frame(c), p))
}

// beginSignIn answers GET /auth/{provider}.
func (a *App) beginSignIn(c *fiber.Ctx) error {
	provider := a.provider(c.Params("provider"))
	if provider == nil {
		return forum.ErrNotFound
	}
	if err := a.rates.attempts.pass(a.address(c)); err != nil {
		return err
	}
	address, cookie, err := a.sessions.Begin(c.UserContext(), provider, c.Query("return"))
	if failure := (*auth.AttemptError)(nil); errors.As(err, &failure) {
		return a.signInFailed(c, failure)
	}
	if err != nil {
		return err
	}
	a.giveAttempt(c, auth.AttemptCookie(cookie), cookie, int(auth.AttemptLife.Seconds()))
	return see(c, address)
}

// finishSignIn answers GET /auth/{provider}/callback.
func (a *App) finishSignIn(c *fiber.Ctx) error {
	provider := a.provider(c.Params("provider"))
	if provider == nil {
		return forum.ErrNotFound
	}
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return errAddress
	}
	name := auth.AttemptCookie(query.Get("state"))
	login, err := a.sessions.Finish(c.UserContext(), provider, query, c.Cookies(a.attemptName(name)))
	if name != "" {
		a.giveAttempt(c, name, "", -1)
	}
	if failure := (*auth.AttemptError)(nil); errors.As(err, &failure) {
		return a.signInFailed(c, failure)
	}
	if err != nil {
		return err
	}
	if login.For.Purpose == auth.ToSignIn {
		return a.welcome(c, provider, login)
	}
	return a.proved(c, provider, login)
}

// welcome starts a session for who has proved who they are. The session that the
// browser had before ends.
func (a *App) welcome(c *fiber.Ctx, provider *auth.Provider, login auth.Login) error {
	id, err := a.forum.SignIn(c.UserContext(), identity(provider, login))
	if err != nil {
		return err
	}
	if old := session(c); old != nil {
		if err := a.sessions.End(c.UserContext(), old); err != nil {
			return err
		}
	}
	device := auth.Device(c.Get(fiber.HeaderUserAgent))
	cookie, err := a.sessions.Start(c.UserContext(), id, provider.Name, device)
	if err != nil {
		return err
	}
	if err := a.letters.SignedIn(c.UserContext(), id, device); err != nil {
		return err
	}
	a.giveCookie(c, cookie)
	return see(c, login.ReturnTo)
}

// signInFailed says that an attempt has come to nothing, in the same words
// whatever it was: the reason is for the log.
func (a *App) signInFailed(c *fiber.Ctx, failure *auth.AttemptError) error {
	status, level := fiber.StatusBadRequest, slog.LevelInfo
	if failure.Failure == auth.Unanswered {
		status, level = fiber.StatusBadGateway, slog.LevelWarn // nobody comes in that way until it is mended
	}
	a.log.Log(c.UserContext(), level, "sign-in failed", "id", visitOf(c).id, "why", failure.Error())
	return a.showSignIn(c, status, failure.ReturnTo)
}

// attemptName is what the cookie of an attempt is called.
func (a *App) attemptName(name string) string {
	if a.config.Secure() {
		return "__Host-" + name
	}
	return name
}

// giveAttempt gives the browser an attempt's cookie, or with an age below zero
// takes it away.
func (a *App) giveAttempt(c *fiber.Ctx, name, value string, age int) {
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Cookie(&fiber.Cookie{Name: a.attemptName(name), Value: value, Path: "/", MaxAge: age,
		Secure: a.config.Secure(), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
}

// signOut answers POST /sign-out. The cookie stays: what another tab posts later
// is kept for whoever's it was.
func (a *App) signOut(c *fiber.Ctx) error {
	if err := a.sessions.End(c.UserContext(), session(c)); err != nil {
		return err
	}
	return see(c, "/")
}
