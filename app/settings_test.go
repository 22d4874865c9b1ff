package app

import (
	"reflect"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Fiber's settings decide what is safe: each that was chosen, by name, and no other.
func TestFiberRunsWithTheseSettings(t *testing.T) {
	t.Parallel()
	got := settings(func(*fiber.Ctx, error) error { return nil })
	if got.ErrorHandler == nil {
		t.Error("errors would be answered with their own text")
	}
	got.ErrorHandler = nil // functions do not compare
	want := fiber.Config{
		AppName:                      "Moothall",
		Immutable:                    true,
		CaseSensitive:                true,
		StrictRouting:                true,
		ReadTimeout:                  15 * time.Second,
		WriteTimeout:                 30 * time.Second,
		IdleTimeout:                  60 * time.Second,
		ReadBufferSize:               16 << 10,
		BodyLimit:                    1 << 20,
		Concurrency:                  4096,
		DisableStartupMessage:        true,
		DisablePreParseMultipartForm: true,
		EnableTrustedProxyCheck:      true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if want := (bounds{10 * time.Second, 15 * time.Second, 30 * time.Second, 60 * time.Second, time.Second, 6 * time.Second}); usual != want {
		t.Errorf("a node waits %+v, want %+v", usual, want)
	}
	server := fiber.New(settings(nil)).Server()
	if server.Name != "" || !server.NoDefaultServerHeader || server.MaxConnsPerIP != 0 {
		t.Errorf("server: name %q, no default name %t, connections an address %d", server.Name, server.NoDefaultServerHeader, server.MaxConnsPerIP)
	}
}
