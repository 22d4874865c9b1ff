package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgconn"
)

// newLog writes the log: lines for people in development, JSON in production. Lines of
// requests are gathered for a tenth of a second, or there would be a write to the system
// for each; every other line goes out at once, and what was gathered before it.
func newLog(c Config, to io.Writer) *slog.Logger {
	out := &gathered{to: to}
	if c.Production() {
		return slog.New(outAtOnce{slog.NewJSONHandler(out, nil), out})
	}
	return slog.New(outAtOnce{slog.NewTextHandler(out, nil), out})
}

// requestLine is what the line of a request says.
const requestLine = "request"

// outAtOnce is a handler whose lines do not wait, but for those of requests.
type outAtOnce struct {
	slog.Handler
	out *gathered
}

// Handle writes a line.
func (h outAtOnce) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Message != requestLine {
		h.out.flush()
	}
	return err
}

// WithAttrs is the same with more to say in each line.
func (h outAtOnce) WithAttrs(attrs []slog.Attr) slog.Handler {
	return outAtOnce{h.Handler.WithAttrs(attrs), h.out}
}

// WithGroup is the same under a name.
func (h outAtOnce) WithGroup(name string) slog.Handler {
	return outAtOnce{h.Handler.WithGroup(name), h.out}
}

// How much of the log is gathered, and how long at most. A node that is killed loses so much.
const (
	gatherMost = 16 << 10
	gatherFor  = 100 * time.Millisecond
)

// gathered writes what it is given some time later, whole lines together.
type gathered struct {
	mu   sync.Mutex
	to   io.Writer
	text []byte
	due  bool // it will be written by itself
}

// Write takes a line.
func (g *gathered) Write(line []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.text = append(g.text, line...)
	if len(g.text) >= gatherMost {
		return len(line), g.out()
	}
	if !g.due {
		g.due = true
		time.AfterFunc(gatherFor, g.flush)
	}
	return len(line), nil
}

// flush writes what was gathered.
func (g *gathered) flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.due = false
	_ = g.out() // there is nowhere to say that the log cannot be written
}

// out is flush of who holds the lock.
func (g *gathered) out() error {
	if len(g.text) == 0 {
		return nil
	}
	_, err := g.to.Write(g.text)
	g.text = g.text[:0]
	return err
}

// logRequest writes one line for a request. It holds nothing of the person: not
// the address they asked for, which may name them, but its pattern.
func (a *App) logRequest(c *fiber.Ctx, v *visit) {
	level := slog.LevelInfo
	if v.route.plain {
		level = slog.LevelDebug
	}
	trips := 0
	if v.trips != nil {
		trips, _ = v.trips.Count()
	}
	a.log.LogAttrs(c.UserContext(), level, requestLine,
		slog.String("id", v.id),
		slog.String("method", knownMethod(c.Method())),
		slog.String("route", v.route.path),
		slog.Int("status", c.Response().StatusCode()),
		slog.Int64("ms", time.Since(v.began).Milliseconds()),
		slog.Int("trips", trips))
}

// logFault writes why a request ended in an apology, or was put off.
func (a *App) logFault(c *fiber.Ctx, v *visit, err error, level slog.Level) {
	attrs := []slog.Attr{
		slog.String("id", v.id),
		slog.String("route", v.route.path),
		slog.String("error", withoutValues(err)),
	}
	if p := (*panicked)(nil); errors.As(err, &p) {
		a.panics.count("request")
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	a.log.LogAttrs(c.UserContext(), level, "fault", attrs...)
}

func knownMethod(method string) string {
	switch method {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost:
		return method
	}
	return "other"
}

// withoutValues says an error without what people typed: Postgres quotes values in
// its messages.
func withoutValues(err error) string {
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) {
		told := refused.TableName + " " + refused.ConstraintName + " " + refused.Routine
		switch refused.Code[:2] {
		case "42", "53", "57": // of our own statements, or of Postgres itself: no value is in it
			told = refused.Message
		}
		return strings.Join(strings.Fields("postgres "+refused.Code+" "+told), " ")
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
