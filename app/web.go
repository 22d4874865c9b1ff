package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
)

const (
	deadline   = 10 * time.Second // for the database, in one request
	readLimit  = 15 * time.Second // to send a request whole
	writeLimit = 30 * time.Second // to take an answer whole
	idleLimit  = 60 * time.Second // between two requests of a connection
	bodyLimit  = 1 << 20
	headLimit  = 16 << 10 // of a request's headers: a way back after signing in may be long
	openMost   = 4096     // connections at once
)

// bounds are how long a node waits for whom.
type bounds struct {
	deadline, read, write, idle time.Duration
	readPatience, writePatience time.Duration // for a turn
}

// usual is what every node keeps to; a test alone has reason to be shorter.
var usual = bounds{deadline: deadline, read: readLimit, write: writeLimit, idle: idleLimit,
	readPatience: readPatience, writePatience: writePatience}

// settings are how Fiber runs: the one place, for the site and for its tests.
func settings(answer fiber.ErrorHandler) fiber.Config {
	return fiber.Config{
		AppName:               "Moothall",
		Immutable:             true, // or strings of one request would change under the next
		CaseSensitive:         true,
		StrictRouting:         true,
		ReadTimeout:           readLimit,
		WriteTimeout:          writeLimit,
		IdleTimeout:           idleLimit,
		ReadBufferSize:        headLimit,
		BodyLimit:             bodyLimit,
		Concurrency:           openMost,
		DisableStartupMessage: true,
		ErrorHandler:          answer,
		// Forms are read by form.go alone, after it has looked at what they are.
		DisablePreParseMultipartForm: true,
		// The address comes from limits.go and links from the settings; what Fiber
		// would read in forwarded headers is for nobody.
		EnableTrustedProxyCheck: true,
	}
}

// newWeb makes the site: what all requests share, and every address.
func (a *App) newWeb() *fiber.App {
	web := fiber.New(settings(a.answerBroken))
	web.Server().CloseOnShutdown = true
	web.Server().ReadTimeout, web.Server().WriteTimeout, web.Server().IdleTimeout = a.bounds.read, a.bounds.write, a.bounds.idle
	web.Server().ConnState = a.clients.note
	web.Server().Handler = knownMethods(web.Server().Handler)
	a.policy = contentPolicy(a.providerOrigins())
	web.Use(a.walk)
	for _, r := range a.table() {
		web.Add(r.method, r.path, a.enter(r))
		if r.method == fiber.MethodGet {
			web.Add(fiber.MethodHead, r.path, a.enter(r))
		}
	}
	web.Use(a.enter(route{path: nowhere, least: anyone, unjoined: true, handler: (*App).lost}))
	return web
}

// nowhere is the pattern of all addresses that there are not.
const nowhere = "none"

// lost answers every address that there is not: 404, or 405 where only the
// method is wrong, which is what Fiber makes of it.
func (a *App) lost(c *fiber.Ctx) error { return c.Next() }

// visit is what is known of one request while it is answered.
type visit struct {
	id    string // of the request
	began time.Time
	route route
	hash  []byte       // of the session's cookie; nil without one
	who   forum.Person // a visitor unless the session lives
	ended forum.Person // whose session it was, when it has ended
	form  url.Values   // of a POST, as typed
	read  bool         // the form was read
	saved int          // the version of the draft that the page's form has seen
	kept  bool         // what was typed is in a draft
	moved string       // the right address, when another spelling was asked for
	trips *forum.Trips

	making *making // the page with gaps that is made
	ahead  *ahead  // the one that is likely to be given
}

type visitKey struct{}

// visitOf is the visit that a request belongs to.
func visitOf(c *fiber.Ctx) *visit {
	v, ok := c.Locals(visitKey{}).(*visit)
	if !ok {
		v = &visit{id: rand.Text(), began: time.Now(), who: forum.Person{Standing: forum.Visitor}, route: route{path: nowhere}}
		c.Locals(visitKey{}, v)
	}
	return v
}

// who is the person behind a request; a visitor where nobody is signed in.
func who(c *fiber.Ctx) forum.Person { return visitOf(c).who }

// session is the hash of the session that a request belongs to.
func session(c *fiber.Ctx) []byte { return visitOf(c).hash }

// walk is what every request goes through, whatever comes of it.
func (a *App) walk(c *fiber.Ctx) error {
	v := visitOf(c)
	a.protect(c, v)
	a.figures.begin()
	if err := guarded(func() error { return a.answer(c, v) }); err != nil {
		a.fail(c, err)
	}
	a.settle(c, v)
	a.figures.end(c, v)
	a.logRequest(c, v)
	return nil
}

// guarded turns a panic into an error: it costs one request.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = newPanicked(p)
		}
	}()
	return fn()
}

// answer has the request answered by whoever it is for.
func (a *App) answer(c *fiber.Ctx, v *visit) error {
	if coding := c.Get(fiber.HeaderContentEncoding); coding != "" {
		return errEncoding // before anything would decompress it without a limit
	}
	if to := a.otherName(c); to != "" {
		return c.Redirect(to, fiber.StatusTemporaryRedirect)
	}
	if path := cleanPath(c.Path()); path != c.Path() && isRead(c) {
		v.moved = path
		c.Path(path)
	}
	return c.Next()
}

// cleanPath is the one spelling of a path: small letters, no slash at its end.
func cleanPath(path string) string {
	if path = strings.ToLower(strings.TrimRight(path, "/")); path == "" {
		return "/"
	}
	return path
}

func isRead(c *fiber.Ctx) bool {
	return c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
}

// settle finishes an answer. What was asked for in another spelling and is there
// for this person is sent on to its address; what is not there stays not there.
func (a *App) settle(c *fiber.Ctx, v *visit) {
	if status := c.Response().StatusCode(); v.moved != "" && status >= 200 && status < 300 {
		c.Response().ResetBody()
		_ = c.Redirect(withQuery(c, v.moved), fiber.StatusMovedPermanently) // never fails
	}
	if !a.config.Production() {
		trips, statements := 0, 0
		if v.trips != nil {
			trips, statements = v.trips.Count()
		}
		c.Set("Server-Timing", fmt.Sprintf(`sql;desc="%d round trips, %d statements"`, trips, statements))
	}
}

// withQuery is a path with the query that was asked with.
func withQuery(c *fiber.Ctx, path string) string {
	if query := string(c.Request().URI().QueryString()); query != "" {
		return path + "?" + query
	}
	return path
}

// canonical sends a GET on to its one right address, when it came to another, such
// as one with an old slug. It is asked after the rights were: the answer tells the
// slug.
func canonical(c *fiber.Ctx, path string) (moved bool, err error) {
	if c.Path() == path {
		return false, nil
	}
	return true, c.Redirect(withQuery(c, path), fiber.StatusMovedPermanently)
}

// see sends a form on to what it made (RFC 9110 §15.4.4).
func see(c *fiber.Ctx, path string) error { return c.Redirect(path, fiber.StatusSeeOther) }

// enter is the door of an address: who comes, and whether they may.
func (a *App) enter(r route) fiber.Handler {
	if r.plain {
		return func(c *fiber.Ctx) error {
			visitOf(c).route = r
			if !isRead(c) && !r.foreign && !a.fromHere(c) {
				return errOrigin
			}
			return r.handler(a, c)
		}
	}
	return func(c *fiber.Ctx) error {
		v := visitOf(c)
		v.route = r
		ctx, cancel := context.WithTimeout(c.UserContext(), a.bounds.deadline)
		defer cancel()
		ctx, v.trips = forum.Counted(ctx)
		c.SetUserContext(ctx)
		if isRead(c) {
			return a.forVisitors(c, v, func() error { return a.admit(c, v, a.bounds.readPatience) })
		}
		return a.admit(c, v, a.bounds.writePatience)
	}
}

// admit waits until there is room for one more, and answers whoever it is.
func (a *App) admit(c *fiber.Ctx, v *visit, patience time.Duration) error {
	leave, err := a.crowd.enter(c.UserContext(), c.Cookies(a.cookieName()) == "", patience)
	if err != nil {
		return err
	}
	defer leave()
	if err := a.meet(c, v); err != nil {
		return err
	}
	if isRead(c) || v.route.path == nowhere {
		return a.look(c, v)
	}
	return a.act(c, v)
}

// look answers a GET for whom the address is; others are led to where they can
// become that.
func (a *App) look(c *fiber.Ctx, v *visit) error {
	here := url.QueryEscape(withQuery(c, c.Path()))
	switch {
	case !v.who.SignedIn() && v.route.least != anyone && v.route.least != devOnly:
		return c.Redirect("/sign-in?return="+here, fiber.StatusSeeOther)
	case v.who.SignedIn() && !v.who.Joined && !v.route.unjoined:
		return c.Redirect("/account/join?return="+here, fiber.StatusSeeOther)
	case !v.route.least.isMetBy(v.who):
		return v.route.least.refusal()
	case !isAddress(string(c.Request().URI().QueryString())):
		return errAddress
	}
	return a.forColleagues(c, v)
}
