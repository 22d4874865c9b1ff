package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"moothall/migrations"
)

// healthz answers GET /healthz: the process lives.
func (a *App) healthz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendString("ok\n")
}

// readyz answers GET /readyz: it is worth sending requests here.
func (a *App) readyz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if why := a.notReady(c.UserContext()); why != "" {
		return c.Status(fiber.StatusServiceUnavailable).SendString(why + "\n")
	}
	return c.SendString("ready\n")
}

// pingLimit is how long the database may take to say that it is there.
const pingLimit = time.Second

// notReady says in a few words why requests should go elsewhere; "" if they may come.
func (a *App) notReady(ctx context.Context) string {
	if !a.ready.Load() {
		return "stopping"
	}
	ctx, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	applied, err := migrations.Applied(ctx, a.read)
	switch {
	case err != nil:
		return "the database does not answer"
	case applied < migrations.Version():
		return "the database is older than the program"
	}
	return ""
}

// askHealth asks the node that runs with these settings whether it lives. In a
// container nothing else is there to ask with.
func (c Config) askHealth(ctx context.Context) error {
	host, port, err := c.whereItListens()
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1" // by number: in an empty container nobody knows localhost
	}
	ctx, cancel := context.WithTimeout(ctx, 2*pingLimit)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return err
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		return errors.Join(err, fmt.Errorf("it answers %s", answer.Status))
	}
	return nil
}

// whereItListens is the host and the port of the node that runs with these settings.
// A free port that it took itself stands in running.json.
func (c Config) whereItListens() (host, port string, err error) {
	if host, port, err = net.SplitHostPort(c.Addr); port != "0" || err != nil {
		return host, port, err
	}
	text, err := os.ReadFile(c.factsFile())
	if err != nil {
		return "", "", fmt.Errorf("MOOTHALL_ADDR says no port, and no running site does: %w", err)
	}
	var f facts
	if err := json.Unmarshal(text, &f); err != nil {
		return "", "", fmt.Errorf("%s: %w", c.factsFile(), err)
	}
	return net.SplitHostPort(f.Addr)
}

// serveOps answers on the second listener, which is for whoever runs the site.
func (a *App) serveOps() {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.figures.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if why := a.notReady(r.Context()); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: mux, ReadTimeout: readLimit, IdleTimeout: idleLimit,
		BaseContext: func(net.Listener) context.Context { return context.Background() }}
	a.opened("MOOTHALL_OPS_ADDR", func(context.Context) error { return server.Close() })
	a.spawn("operations", func() { _ = server.Serve(a.ops) }) // ends when it is closed
}
