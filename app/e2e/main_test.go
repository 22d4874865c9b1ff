// Package e2e makes people's journeys in a real Chromium, on a whole program with
// the demo loaded, and has axe look at every page on the way.
package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"moothall/app"
	"moothall/views/words"
)

// program is the one Moothall of this test binary.
var program struct {
	once sync.Once
	dir  string
	app  *app.App
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	stopBrowser()
	if program.app != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if err := program.app.Stop(ctx, 0); err != nil {
			fmt.Fprintln(os.Stderr, "stopping:", err)
			code = 1
		}
		cancel()
	}
	if program.dir != "" {
		_ = os.RemoveAll(program.dir) // a leftover folder harms no other run
	}
	os.Exit(code)
}

// site is the address of a running Moothall with the demo loaded.
func site(t *testing.T) string {
	t.Helper()
	program.once.Do(func() {
		if program.dir, program.err = os.MkdirTemp("", "moothall-e2e-"); program.err != nil {
			return
		}
		config, err := app.LoadConfig(map[string]string{"MOOTHALL_ADDR": "127.0.0.1:0", "MOOTHALL_DATA": program.dir,
			"MOOTHALL_RATE_LIMITS": "off", "MOOTHALL_POSTGRES_BIN": os.Getenv("MOOTHALL_POSTGRES_BIN")})
		if err != nil {
			program.err = err
			return
		}
		program.app, program.err = app.Start(context.Background(), config, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	})
	if program.err != nil {
		t.Fatalf("starting Moothall: %v", program.err)
	}
	return program.app.URL()
}

// say is a sentence of the catalogue, as it stands on the page.
func say(key string, args ...any) string { return words.In("en").T(key, args...) }
