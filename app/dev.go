package app

import (
	"context"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"moothall/app/dev"
	"moothall/forum"
	"moothall/forum/demo"
	"moothall/views/assets"
)

// What the site and its own development provider know each other by.
const (
	devIssuer = "/dev/oidc"
	devClient = "moothall"
	devSecret = "for development only"
)

// clockNow answers GET /dev/clock.
func (a *App) clockNow(c *fiber.Ctx) error {
	return c.JSON(fiber.Map{"now": a.now().Format(time.RFC3339Nano)})
}

// moveClock answers POST /dev/clock: all nodes follow within a second. What is
// looked at from time to time is looked at anew at once.
func (a *App) moveClock(c *fiber.Ctx) error {
	v := visitOf(c)
	if err := v.readForm(c); err != nil {
		return err
	}
	by, err := time.ParseDuration(formValue(c, "advance"))
	if err != nil {
		err = dev.ErrClock
	}
	var now time.Time
	if err == nil {
		now, err = a.clock.Advance(c.UserContext(), by)
	}
	if errors.Is(err, dev.ErrClock) {
		return forum.Invalid{{Field: "advance", Key: "dev.advance"}}
	}
	if err != nil {
		return err
	}
	a.cache.changed() // pages tell the time
	if err := a.queue.Look(c.UserContext()); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"now": now.Format(time.RFC3339Nano)})
}

const (
	idleWait = 20 * time.Second // the longest that /dev/idle waits: less than writeLimit
	idleLook = 100 * time.Millisecond
)

// idle answers GET /dev/idle: 204 as soon as no job is due on any node, now or
// within the time that is asked for; 503 if that does not come about by then.
func (a *App) idle(c *fiber.Ctx) error {
	within, err := time.ParseDuration(c.Query("within", "0s"))
	if err != nil || within < 0 {
		return errAddress
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), min(within, idleWait)+idleLook)
	defer cancel()
	for {
		due, err := a.queue.Due(ctx, within)
		switch {
		case err == nil && due == 0:
			return c.SendStatus(fiber.StatusNoContent)
		case err != nil && ctx.Err() == nil:
			return err
		}
		select {
		case <-ctx.Done():
			c.Set(fiber.HeaderRetryAfter, "1")
			return c.SendStatus(fiber.StatusServiceUnavailable)
		case <-time.After(idleLook):
		}
	}
}

// openDevProvider makes the provider that this process is itself.
func (a *App) openDevProvider() (err error) {
	o := dev.ProviderOptions{Issuer: a.baseURL + devIssuer, ClientID: devClient, ClientSecret: devSecret, RedirectURI: a.callback(devProvider),
		Secret: []byte(a.secret), StyleHref: assets.Path("moothall.css"), Now: a.now}
	if a.config.WithDemo() {
		for _, p := range demo.People() {
			o.People = append(o.People, dev.Person(p))
		}
	}
	provider, err := dev.NewProvider(o)
	if err != nil {
		return err
	}
	a.developer = adaptor.HTTPHandler(provider)
	return nil
}

// answerDevProvider answers everything under /dev/oidc. Its one form rests on the origin
// rule; its machine's addresses on their own secrets.
func (a *App) answerDevProvider(c *fiber.Ctx) error {
	if !isRead(c) && !visitOf(c).route.foreign && !a.fromHere(c) {
		return errOrigin
	}
	return a.developer(c)
}
