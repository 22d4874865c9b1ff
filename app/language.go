package app

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/views"
	"moothall/views/words"
)

// langLife is how long a browser remembers its language.
const langLife = 365 * 24 * time.Hour

// langName is what the cookie of the language is called.
func (a *App) langName() string {
	if a.config.Secure() {
		return "__Host-lang"
	}
	return "lang"
}

// lang is the language that a page is shown in: the person's, or of a visitor the
// browser's.
func (a *App) lang(c *fiber.Ctx, who forum.Person) string {
	if who.SignedIn() {
		return who.Lang
	}
	return c.Cookies(a.langName())
}

// frameIn is the frame of a page to which a mail leads: in the mail's language, for who is
// not signed in and has chosen none in this browser.
func (a *App) frameIn(c *fiber.Ctx, lang string) views.Frame {
	f := a.frame(c)
	if !f.SignedIn && c.Cookies(a.langName()) == "" {
		f.W = words.In(lang)
		f.Banners = a.board.Load().bannersIn(f.W.Lang(), f.Now)
	}
	return f
}

// speak answers POST /language. The browser remembers it for those who sign out, too.
func (a *App) speak(c *fiber.Ctx) error {
	lang := formValue(c, "lang")
	if lang != "en" && lang != "cy" {
		return errAddress
	}
	if err := a.keepLang(c, lang); err != nil {
		return err
	}
	c.Cookie(&fiber.Cookie{Name: a.langName(), Value: lang, Path: "/", MaxAge: int(langLife.Seconds()),
		Secure: a.config.Secure(), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return see(c, backTo(formValue(c, "return")))
}

// keepLang keeps the language of who is signed in.
func (a *App) keepLang(c *fiber.Ctx, lang string) error {
	if !who(c).SignedIn() {
		return nil
	}
	return a.forum.Speak(c.UserContext(), who(c), lang)
}

// backTo is auth.ReturnTo for who does not come from signing in: the page to sign in is
// one that they mean to come back to, with its own way back.
func backTo(raw string) string {
	rest, is := strings.CutPrefix(raw, "/sign-in")
	if !is {
		return auth.ReturnTo(raw)
	}
	query, err := url.ParseQuery(strings.TrimPrefix(rest, "?"))
	if back := auth.ReturnTo(query.Get("return")); err == nil && back != "/" {
		return "/sign-in?return=" + url.QueryEscape(back)
	}
	return "/sign-in"
}
