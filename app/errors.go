package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"moothall/auth"
	"moothall/forum"
	"moothall/views"
)

// refusal is a request that is not done, and how the page about it is called: the
// words under "errors." in the catalogue.
type refusal struct {
	status int
	words  string
	wait   time.Duration // until it may be tried again; 0 for no saying
	again  bool          // the same form can be sent again from the page
	always bool          // signing in would change nothing
}

// Error names the refusal, for the log.
func (r *refusal) Error() string { return "refused: " + r.words }

// What requests can be refused for before a handler sees them.
var (
	errOrigin   = &refusal{status: 403, words: "origin"} // never to be sent again by a press: somebody else filled it in
	errForm     = &refusal{status: 403, words: "form", again: true}
	errOver     = &refusal{status: 403, words: "over"}
	errAddress  = &refusal{status: 400, words: "400"}
	errFraming  = &refusal{status: 400, words: "400"}
	errFormat   = &refusal{status: 415, words: "415"}
	errEncoding = &refusal{status: 415, words: "415"}
	errTooLarge = &refusal{status: 413, words: "413"}
	errText     = &refusal{status: 422, words: "text", again: true}
	errRepeated = &refusal{status: 422, words: "repeated"}
	errNoRoom   = &refusal{status: 422, words: "drafts_full"}
	errBusy     = &refusal{status: 503, words: "503", wait: 2 * time.Second, again: true}
)

// panicked is a panic, with where it came from.
type panicked struct {
	value any
	stack []byte
}

func newPanicked(value any) *panicked { return &panicked{value, debug.Stack()} }

// Error tells what the panic said.
func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// kind tells what sort of failure an error is. What is not known is our fault.
func (a *App) kind(err error) *refusal {
	if known := (*refusal)(nil); errors.As(err, &known) {
		return known
	}
	many := (*forum.TooMany)(nil)
	switch {
	case errors.As(err, &many):
		return &refusal{status: 429, words: "429", wait: many.Until.Sub(a.now()), again: true}
	case errors.Is(err, forum.ErrTooMany):
		return &refusal{status: 429, words: "429", again: true}
	case errors.Is(err, forum.ErrNotFound), errors.Is(err, auth.ErrNoSession):
		return &refusal{status: 404, words: "404"}
	case errors.Is(err, forum.ErrGone):
		return &refusal{status: 410, words: "410"}
	case errors.Is(err, forum.ErrForbidden):
		return &refusal{status: 403, words: "403"}
	case errors.Is(err, forum.ErrTwice):
		return &refusal{status: 409, words: "twice", again: true}
	case errors.Is(err, forum.ErrConflict):
		return &refusal{status: 409, words: "changed"}
	case errors.As(err, new(forum.Invalid)):
		return &refusal{status: 422, words: "422"}
	}
	if r := framing(err); r != nil {
		return r
	}
	return ofDatabase(err)
}

// framing is what Fiber and the server below it refuse by themselves.
func framing(err error) *refusal {
	known := (*fiber.Error)(nil)
	if !errors.As(err, &known) {
		return nil
	}
	switch known.Code {
	case 404, 405, 413:
		return &refusal{status: known.Code, words: strconv.Itoa(known.Code)}
	case 408, 431:
		return &refusal{status: known.Code, words: "400"}
	}
	return errFraming
}

// ofDatabase tells a database that is away or overloaded, which passes, from what
// is our fault.
func ofDatabase(err error) *refusal {
	refused := (*pgconn.PgError)(nil)
	switch {
	case errors.As(err, new(*pgconn.ConnectError)):
		return errBusy // whatever it says at the door
	case errors.As(err, &refused):
		switch refused.Code {
		case "57P01", "57P02", "57P03", "53300", "57014", "55P03", "40P01", "25P03", "53100", "53200", "58030":
			return errBusy // stopping, starting, full, or a statement that took too long
		case "XX000":
			if growing[refused.Routine] {
				return errBusy
			}
		case "22021", "22P05":
			return errAddress // no text: a slip that got past the checks
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.As(err, new(*net.OpError)), pgconn.SafeToRetry(err), strings.Contains(err.Error(), "closed pool"):
		return errBusy
	}
	return &refusal{status: 500, words: "500", again: true}
}

// growing are Postgres's routines that make a file longer. Where the disk is full it has
// a code for that; where a quota or a limit of files is reached, "internal error" it is.
var growing = map[string]bool{"mdextend": true, "mdzeroextend": true}

// whatIsAway says in a word what is the matter with a database that cannot be asked now:
// Postgres's own code, or what there was instead of an answer.
func whatIsAway(err error) string {
	refused := (*pgconn.PgError)(nil)
	switch {
	case errors.As(err, &refused):
		return refused.Code
	case errors.Is(err, context.DeadlineExceeded):
		return "late"
	}
	return "away"
}

// fail is the only place where an error becomes a page. Whatever was typed into a
// form comes back on it.
func (a *App) fail(c *fiber.Ctx, err error) {
	v := visitOf(c)
	r := a.kind(err)
	c.Response().ResetBody()
	switch {
	case r.status == fiber.StatusInternalServerError:
		a.logFault(c, v, err, slog.LevelError)
	case r.status == fiber.StatusServiceUnavailable && !errors.As(err, new(*refusal)):
		a.figures.putOff.WithLabelValues(whatIsAway(err)).Inc()
		a.logFault(c, v, err, slog.LevelWarn) // it passes, but not by itself
	}
	if r.status != fiber.StatusMethodNotAllowed {
		c.Response().Header.Del(fiber.HeaderAllow)
	}
	if r.wait > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(seconds(r.wait)))
	}
	shown := guarded(func() error { return a.show(c, r.status, views.Refused(a.frame(c), a.refused(c, r, err))) })
	if shown != nil {
		a.logFault(c, v, shown, slog.LevelError)
		c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
		c.Status(fiber.StatusInternalServerError)
		c.Response().SetBodyString("500 " + v.id)
	}
}

// seconds rounds up, so that whoever waits that long has waited long enough.
func seconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

// refused is what the page says, with what was typed.
func (a *App) refused(c *fiber.Ctx, r *refusal, err error) views.Refusal {
	v := visitOf(c)
	page := views.Refusal{Status: r.status, Words: r.words, SignIn: r.signInHelps(v.who), Kept: v.tellsKept(r)}
	if r.wait > 0 {
		page.Wait = seconds(r.wait)
	}
	if forbidden := (*forum.Forbidden)(nil); errors.As(err, &forbidden) {
		page.Why = forbidden.Why
	}
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		for _, p := range bad {
			page.Problems = append(page.Problems, views.RefusedField{Name: p.Field, Key: p.Key, Args: p.Args})
		}
	}
	if isRead(c) || v.route.plain || !v.read && (r.status == fiber.StatusRequestEntityTooLarge || errors.Is(err, errEncoding)) {
		return page
	}
	_ = v.readForm(c) // if it cannot be read, there is nothing to give back
	page.Typed = cleanForm(typed(c))
	if r.again && v.hash != nil {
		page.Action, page.CSRF, page.Key = c.Path(), a.keys.CSRF(v.hash), v.keyAgain(r)
	}
	return page
}

// signInHelps reports whether who is refused may be let in once they have signed in.
func (r *refusal) signInHelps(who forum.Person) bool { return !who.SignedIn() && !r.always }

// keyAgain is the key of a form of which nobody knows whether it was done: sent again
// with it, it is not done twice. Of others it is empty, and the page makes a new one.
func (v *visit) keyAgain(r *refusal) string {
	if r.status < fiber.StatusInternalServerError {
		return ""
	}
	return v.form.Get(keyField)
}

// answerBroken answers what never became a request of ours: a head or a body that
// the server below could not read, and anything that fell through the walk.
func (a *App) answerBroken(c *fiber.Ctx, err error) error {
	v := visitOf(c)
	a.protect(c, v)
	a.fail(c, err)
	a.figures.broken(c.Response().StatusCode())
	a.logRequest(c, v)
	return nil
}
