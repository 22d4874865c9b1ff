package app

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/demo"
	"moothall/views"
)

// accountProviders answers GET /account/providers.
func (a *App) accountProviders(c *fiber.Ctx) error {
	return a.showProviders(c, fiber.StatusOK, nil)
}

func (a *App) showProviders(c *fiber.Ctx, status int, bad forum.Invalid) error {
	known, err := a.forum.ProvidersPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	p := views.ProvidersPage{Ways: a.ways(), Addresses: known.Addresses, Address: known.Address}
	for _, l := range known.Linked {
		p.Linked = append(p.Linked, views.LinkedWay{ID: l.ID, Way: a.wayOf(l.Issuer), Email: l.Email, Proven: l.EmailVerified, LastUsedAt: l.LastUsedAt, Proves: l.Proves})
	}
	return a.show(c, status, views.Providers(a.frame(c), p, bad))
}

// ways are the providers that one can sign in with.
func (a *App) ways() (ways []views.SignInWay) {
	for _, p := range a.providers {
		ways = append(ways, views.SignInWay{Name: p.Name, Label: p.Label})
	}
	return ways
}

// wayOf is the provider that an identity belongs to, which may be one that the
// settings no longer name.
func (a *App) wayOf(issuer string) views.SignInWay {
	name, label := auth.WayOf(issuer), issuer
	if issuer == demo.Issuer {
		name = devProvider
	}
	if u, err := url.Parse(issuer); err == nil && u.Host != "" {
		label = u.Host
	}
	if p := a.provider(name); p != nil && name != "oidc" {
		label = p.Label
	}
	return views.SignInWay{Name: name, Label: label}
}

// addProvider answers POST /account/providers/add: it sends on to the provider, for
// whoever has lately proved who they are.
func (a *App) addProvider(c *fiber.Ctx) error {
	return a.onlyFresh(c, "/account/providers", func() error {
		return a.beginFor(c, auth.ToAdd, "/account/providers")
	})
}

// removeProvider answers POST /account/providers/{id}/remove. Whoever is signed in
// elsewhere is so no longer.
func (a *App) removeProvider(c *fiber.Ctx) error {
	return a.onlyFresh(c, "/account/providers", func() error {
		err := a.forum.RemoveIdentity(c.UserContext(), who(c), c.Params("id"), a.endSessionsOf(who(c).ID, session(c)))
		if err != nil {
			return err
		}
		return see(c, "/account/providers")
	})
}

// endSessionsOf is the part of a deed that ends somebody's sessions, but for one.
func (a *App) endSessionsOf(id int64, but []byte) forum.Part {
	return func(ctx context.Context, d *forum.Deed) error { return a.sessions.EndIn(ctx, d, id, but) }
}

// useAddress answers POST /account/address.
func (a *App) useAddress(c *fiber.Ctx) error {
	return a.onlyFresh(c, "/account/providers", func() error {
		err := a.forum.UseAddress(c.UserContext(), who(c), formValue(c, "email"))
		if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
			return a.showProviders(c, fiber.StatusUnprocessableEntity, bad)
		}
		if err != nil {
			return err
		}
		return see(c, "/account/providers")
	})
}

// onlyFresh does what only who has lately proved who they are may do. Others are led
// to do so, and from there back.
func (a *App) onlyFresh(c *fiber.Ctx, back string, then func() error) error {
	fresh, err := a.sessions.Fresh(c.UserContext(), session(c))
	if err != nil {
		return err
	}
	if !fresh {
		return see(c, "/account/again?return="+url.QueryEscape(back))
	}
	return then()
}

// againForm answers GET /account/again, with the providers that somebody uses.
func (a *App) againForm(c *fiber.Ctx) error {
	known, err := a.forum.ProvidersPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	all := a.ways()
	used := slices.DeleteFunc(slices.Clone(all), func(way views.SignInWay) bool {
		return !slices.ContainsFunc(known.Linked, func(l forum.Linked) bool { return a.wayOf(l.Issuer).Name == way.Name })
	})
	if len(used) == 0 {
		used = all
	}
	return a.show(c, fiber.StatusOK, views.ProveAgain(a.frame(c), used, auth.ReturnTo(c.Query("return", "/account"))))
}

// again answers POST /account/again.
func (a *App) again(c *fiber.Ctx) error {
	return a.beginFor(c, auth.Again, formValue(c, "return"))
}

// beginFor begins an attempt that belongs to who is signed in and to their session.
func (a *App) beginFor(c *fiber.Ctx, purpose auth.Purpose, back string) error {
	provider := a.provider(formValue(c, "provider"))
	if provider == nil {
		return forum.ErrNotFound
	}
	if err := a.rates.attempts.pass(a.address(c)); err != nil {
		return err
	}
	address, cookie, err := a.sessions.BeginFor(c.UserContext(), provider,
		auth.For{Purpose: purpose, PersonID: who(c).ID, Session: string(session(c))}, back)
	if failure := (*auth.AttemptError)(nil); errors.As(err, &failure) {
		return a.signInFailed(c, failure)
	}
	if err != nil {
		return err
	}
	a.giveAttempt(c, auth.AttemptCookie(cookie), cookie, int(auth.AttemptLife.Seconds()))
	return see(c, address)
}

// proved answers the callback of an attempt by somebody who was signed in when they
// began it, and must be still: in that session, as that person.
func (a *App) proved(c *fiber.Ctx, provider *auth.Provider, login auth.Login) error {
	if !who(c).SignedIn() || who(c).ID != login.For.PersonID || string(session(c)) != login.For.Session {
		return a.signInFailed(c, &auth.AttemptError{Failure: auth.Mixed, Provider: provider.Name,
			Why: "it was begun in another session", ReturnTo: login.ReturnTo})
	}
	if login.For.Purpose == auth.Again {
		own, err := a.forum.IsIdentityOf(c.UserContext(), who(c), identity(provider, login))
		if err != nil {
			return err
		}
		if !own {
			return &forum.Forbidden{Why: "again.not_you"}
		}
		return a.welcome(c, provider, login)
	}
	if err := a.forum.AddIdentity(c.UserContext(), who(c), identity(provider, login)); err != nil {
		return err
	}
	return see(c, login.ReturnTo)
}
