package app

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgconn"
)

// newLog writes the log: lines for people in development, JSON in production.
func newLog(c Config, to io.Writer) *slog.Logger {
	if c.Production() {
		return slog.New(slog.NewJSONHandler(to, nil))
	}
	return slog.New(slog.NewTextHandler(to, nil))
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
	a.log.LogAttrs(c.UserContext(), level, "request",
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
