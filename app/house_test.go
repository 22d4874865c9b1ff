package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/app"
	"moothall/auth"
	"moothall/forum"
	"moothall/forum/forumtest"
)

// house is a whole node of a test's own, in this process.
type house struct {
	*app.App
	t        testing.TB
	data     string
	log      *lines
	store    *forum.Store
	sessions *auth.Store
	db       *pgxpool.Pool
}

// lines collects what is logged.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

const testSecret = "a secret for the tests that is long enough to be taken"

// environ is the settings of a test's node, and what the test has of its own.
func environ(t testing.TB, more map[string]string) map[string]string {
	t.Helper()
	env := map[string]string{"MOOTHALL_ADDR": "127.0.0.1:0", "MOOTHALL_DATA": t.TempDir(), "MOOTHALL_DEMO": "off",
		"MOOTHALL_SECRETS": testSecret}
	maps.Copy(env, more)
	if env["DATABASE_URL"] == "" {
		env["DATABASE_URL"] = forumtest.URL(t)
	}
	return env
}

// openHouse starts a node; it stops with the test.
func openHouse(t testing.TB, more map[string]string) *house {
	t.Helper()
	return openTampered(t, more, func(*app.App) {})
}

// openTampered is openHouse for a node with which the test does something before it
// lets people in.
func openTampered(t testing.TB, more map[string]string, tamper func(*app.App)) *house {
	t.Helper()
	env := environ(t, more)
	config, err := app.LoadConfig(env)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, data: env["MOOTHALL_DATA"], log: new(lines)}
	// A debug level: what is only said there must hold nothing of people either.
	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.App, err = app.StartTampered(t.Context(), config, log, tamper)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := h.Stop(ctx, 0); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	if h.db, err = forum.Connect(t.Context(), env["DATABASE_URL"], 4, false); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.db.Close)
	now := func() time.Time { return time.Now().UTC() }
	h.store = forum.New(forum.Options{Write: h.db, Read: h.db, Now: now})
	h.sessions = auth.NewStore(h.db, now)
	return h
}

// guest is a browser that nobody has signed in with.
func (h *house) guest() *browser { return &browser{t: h.t, site: h.URL(), header: http.Header{}} }

// as is a browser in which somebody is signed in.
func (h *house) as(who forum.Person) *browser {
	h.t.Helper()
	cookie, err := h.sessions.Start(context.Background(), who.ID, "dev", "Test")
	if err != nil {
		h.t.Fatal(err)
	}
	b := h.guest()
	b.cookie = cookie
	return b
}

// browser asks for pages as a browser does, and goes nowhere by itself.
type browser struct {
	t      testing.TB
	site   string
	cookie string
	header http.Header // sent with every request
}

// returned is what came back.
type returned struct {
	*http.Response
	text string
}

func (b *browser) do(method, path string, body io.Reader, kind string) returned {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.site+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	maps.Copy(r.Header, b.header)
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "moothall", Value: b.cookie})
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(r)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return returned{got, string(text)}
}

func (b *browser) get(path string) returned {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil, "")
}

// post sends a form as it is.
func (b *browser) post(path string, form url.Values) returned {
	b.t.Helper()
	return b.do(http.MethodPost, path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(_csrf|idempotency)" value="([^"]+)"`)

// form is a form with the proofs of the page that it stands on.
func (b *browser) form(page string, fields url.Values) url.Values {
	b.t.Helper()
	form := url.Values{}
	maps.Copy(form, fields)
	for _, found := range hidden.FindAllStringSubmatch(b.get(page).text, -1) {
		form.Set(found[1], found[2]) // of several forms on the page the last
	}
	if !form.Has("_csrf") {
		b.t.Fatalf("there is no _csrf on %s", page)
	}
	return form
}

// wantStatus fails the test where an answer is another than wanted.
func (a returned) wantStatus(t testing.TB, want int) {
	t.Helper()
	if a.StatusCode != want {
		t.Errorf("%s %s: got %d, want %d\n%.600s", a.Request.Method, a.Request.URL.Path, a.StatusCode, want, a.text)
	}
}

// wantLocation fails the test where an answer does not lead there.
func (a returned) wantLocation(t testing.TB, status int, want string) {
	t.Helper()
	a.wantStatus(t, status)
	got := a.Header.Get("Location")
	if u, err := url.Parse(got); err == nil && strings.HasPrefix(want, "/") {
		got = u.RequestURI()
		if u.Fragment != "" {
			got += "#" + u.Fragment
		}
	}
	if got != want {
		t.Errorf("%s %s: leads to %q, want %q", a.Request.Method, a.Request.URL.Path, got, want)
	}
}

// threadOf asks a question and returns the thread's address.
func (h *house) threadOf(who forum.Person, title string) (id int64, path string) {
	h.t.Helper()
	id = forumtest.Thread(h.t, h.store, who, title)
	return id, fmt.Sprintf("/threads/%d-%s", id, forum.Slug(title))
}
