package app_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"moothall/app"
	"moothall/forum/forumtest"
)

// metrics are the lines of /metrics.
func (h *house) metrics() string {
	h.t.Helper()
	got, err := http.Get(h.OpsURL() + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

// wantMetrics fails the test where /metrics does not say these lines.
func (h *house) wantMetrics(lines ...string) {
	h.t.Helper()
	told := h.metrics()
	for _, line := range lines {
		if !strings.Contains(told, line+"\n") {
			h.t.Errorf("the metrics do not say %s", line)
		}
	}
}

// eventually waits for what comes in its own time.
func eventually(t testing.TB, what string, there func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !there(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within two minutes: %s", what)
		}
	}
}

// A panic in a handler, in a template, in a goroutine or in a job costs the one request,
// or the one job: the site answers everybody else, other jobs are done, and the metrics
// and the log tell of each.
func TestAPanicCostsOneRequest(t *testing.T) {
	t.Parallel()
	h := openTampered(t, map[string]string{"MOOTHALL_OPS_ADDR": "127.0.0.1:0"}, func(a *app.App) {
		a.Lame()
		a.AddAddress("/test/handler", func(*app.App, *fiber.Ctx) error { panic("dropped by the handler") })
		a.AddAddress("/test/template", func(a *app.App, c *fiber.Ctx) error {
			return a.Show(c, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
				_, _ = io.WriteString(w, "half a page, and then")
				panic("dropped by the template")
			}))
		})
		a.AddAddress("/test/goroutine", func(a *app.App, c *fiber.Ctx) error {
			a.Spawn("test", func() { panic("dropped by the goroutine") })
			return c.SendString("begun")
		})
	})
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")

	b := h.as(ben)
	for _, at := range []string{"/test/handler", "/test/template"} {
		got := b.get(at)
		got.wantStatus(t, http.StatusInternalServerError)
		if strings.Contains(got.text, "half a page") || strings.Contains(got.text, "dropped") {
			t.Errorf("%s: the apology holds what there was of the page, or why there is none\n%s", at, got.text)
		}
		b.get(path).wantStatus(t, http.StatusOK)
		h.guest().get(path).wantStatus(t, http.StatusOK)
	}
	b.get("/test/goroutine").wantStatus(t, http.StatusOK)
	eventually(t, "a panic of the sweep is in the log", func() bool {
		return strings.Contains(h.log.String(), `msg="job panicked" kind=sweep`)
	})
	// Other jobs are done: Ada hears of a reply.
	b.post(path+"/posts", b.form(path, url.Values{"body": {"We did, in March."}})).wantStatus(t, http.StatusSeeOther)
	waitFor(t, h, `select exists (select from notices)`)

	eventually(t, "the log tells of each", func() bool {
		said := h.log.String()
		return strings.Contains(said, `error="panic: dropped by the handler" stack=`) &&
			strings.Contains(said, `error="panic: dropped by the template" stack=`) &&
			strings.Contains(said, `msg=panic in=test panic="dropped by the goroutine" stack=`)
	})
	h.wantMetrics(`moothall_panics_total{in="request"} 2`, `moothall_panics_total{in="beside"} 1`,
		`moothall_requests_total{method="GET",route="/test/handler",status="500"} 1`,
		`moothall_requests_total{method="GET",route="/test/template",status="500"} 1`, "moothall_requests_in_flight 0")
	told := h.metrics()
	if strings.Contains(told, `moothall_panics_total{in="job"} 0`) || !strings.Contains(told, `moothall_panics_total{in="job"}`) {
		t.Error("the metrics do not tell of the job's panic")
	}
}
