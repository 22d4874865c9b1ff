package app

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// contentPolicy allows nothing inline and nothing from elsewhere: the second wall,
// should a text of somebody's ever reach a page as more than text. Forms may lead
// to where people sign in.
func contentPolicy(origins []string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action " + strings.Join(append([]string{"'self'"}, origins...), " ") + "; frame-ancestors 'none'; base-uri 'none'"
}

// protect sets what every answer carries, pages that say no among them.
func (a *App) protect(c *fiber.Ctx, v *visit) {
	h := &c.Response().Header
	h.Set("Content-Security-Policy", a.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if a.config.Secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	h.Set("X-Request-Id", v.id)
	h.Set("Cache-Control", "private, no-cache") // a page that is kept for all says so itself
	h.Set("Vary", "Cookie")
}

// knownMethods answers methods that HTTP does not know. Fiber would do so without
// the headers that every answer carries.
func knownMethods(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	known := map[string]bool{}
	for _, method := range fiber.DefaultMethods {
		known[method] = true
	}
	return func(ctx *fasthttp.RequestCtx) {
		if !known[string(ctx.Method())] {
			ctx.Request.Header.SetMethod(fiber.MethodOptions) // which no address takes
		}
		next(ctx)
	}
}

// otherName is where a GET belongs that came by another name of this machine than
// the one that links and cookies are made for; "" where it came right. Only names
// of the same machine are sent on: what else stands in Host says nothing.
func (a *App) otherName(c *fiber.Ctx) string {
	if a.config.Production() || !isRead(c) || c.Path() == "/healthz" || c.Path() == "/readyz" {
		return ""
	}
	host := string(c.Request().Header.Host())
	if _, rest, _ := strings.Cut(a.baseURL, "://"); strings.EqualFold(host, rest) {
		return ""
	}
	base, err := url.Parse(a.baseURL)
	if err != nil || !isLoopback(host) || !isLoopback(base.Host) {
		return ""
	}
	return a.baseURL + withQuery(c, c.Path())
}

// isLoopback reports whether a host, with or without a port, is this machine.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.Unmap().IsLoopback()
}
