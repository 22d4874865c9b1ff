package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"moothall/app/jobs"
)

// StartTampered is Start of a node with which a test does something just before it
// lets people in.
func StartTampered(ctx context.Context, c Config, log *slog.Logger, tamper func(*App)) (*App, error) {
	a := newApp(c, log)
	steps := a.steps()
	return a, a.begin(ctx, slices.Insert(steps, len(steps)-2, func(context.Context) error { tamper(a); return nil }))
}

// Hurry makes a node wait no longer than that for slow clients.
func (a *App) Hurry(limit time.Duration) {
	a.bounds.read, a.bounds.write, a.bounds.idle = limit, limit, limit
}

// Patient makes a node wait so long for turns.
func (a *App) Patient(limit time.Duration) {
	a.bounds.deadline, a.bounds.readPatience, a.bounds.writePatience = limit, limit, limit
}

// Crowd is how many requests are being answered, and how many wait for their turn.
func (a *App) Crowd() (inside, waiting int) { return len(a.crowd.inside), len(a.crowd.waiting) }

// Room is how many requests can be answered at once, how many can wait, and how many can
// wait when a visitor still may.
func (a *App) Room() (inside, waiting, guests int) {
	return cap(a.crowd.inside), cap(a.crowd.waiting), a.crowd.guests
}

// OpsURL is where whoever runs the site asks.
func (a *App) OpsURL() string { return "http://" + a.ops.Addr().String() }

// Spawn is spawn.
func (a *App) Spawn(what string, fn func()) { a.spawn(what, fn) }

// Lame takes from the sweep what it works on: each run panics.
func (a *App) Lame() {
	a.queue.Give(jobs.Stores{Forum: a.forum, Letters: a.letters, Sessions: a.sessions})
}

// AddAddress adds an address for everybody.
func (a *App) AddAddress(path string, handler func(*App, *fiber.Ctx) error) {
	before := a.table
	a.table = func() []route {
		return append(before(), route{method: fiber.MethodGet, path: path, least: anyone, handler: handler})
	}
}

// Show shows a page.
func (a *App) Show(c *fiber.Ctx, page templ.Component) error { return a.show(c, fiber.StatusOK, page) }
