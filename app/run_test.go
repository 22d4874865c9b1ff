package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"moothall/app"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
)

// told runs the program with a verb and returns what it said and its status.
func told(t *testing.T, ctx context.Context, env map[string]string, args ...string) (out, errs string, status int) {
	t.Helper()
	var o, e lines
	status = app.Main(ctx, args, env, app.Streams{Out: &o, Err: &e})
	return o.String(), e.String(), status
}

// What is running is told in stable lines, and in a file that only its owner reads
// and that goes when the program goes.
func TestARunningNodeTellsItsFacts(t *testing.T) {
	t.Parallel()
	env := environ(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	out := new(lines)
	ended := make(chan int)
	go func() { ended <- app.Main(ctx, nil, env, app.Streams{Out: out, Err: new(lines)}) }()
	for !strings.Contains(out.String(), "ready\n") {
		select {
		case status := <-ended:
			t.Fatalf("it ended with %d", status)
		case <-time.After(10 * time.Millisecond): // until it has started
		}
	}
	path := filepath.Join(env["MOOTHALL_DATA"], "running.json")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("running.json: %v, %v, want closed to others", info, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Site, Database string
		MailIn         string `json:"mail-in"`
	}
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	if want := "site " + f.Site + "\ndatabase " + f.Database + "\nmail-in " + f.MailIn + "\nready\n"; out.String() != want {
		t.Errorf("told\n%swant\n%s", out, want)
	}
	if f.Database != env["DATABASE_URL"] || !strings.HasPrefix(f.Site, "http://localhost:") {
		t.Errorf("facts: %+v", f)
	}
	(&browser{t: t, site: f.Site}).get("/readyz").wantStatus(t, http.StatusOK)
	stop()
	if status := <-ended; status != 0 {
		t.Errorf("it ended with %d, want 0", status)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("running.json is left behind: %v", err)
	}
}

// What stops it from starting is said in one line; what is wrong in the settings
// all at once.
func TestWhatStopsItFromStartingIsSaid(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	for _, c := range []struct {
		name   string
		env    map[string]string
		args   []string
		status int
		want   []string
	}{
		{"a second copy", environ(t, map[string]string{"MOOTHALL_DATA": h.data}), nil, 1, []string{"another copy", "MOOTHALL_DATA"}},
		{"a port in use", environ(t, map[string]string{"MOOTHALL_ADDR": busy.Addr().String()}), nil, 1, []string{"in use", "MOOTHALL_ADDR"}},
		{"no database there", environ(t, map[string]string{"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none?connect_timeout=1"}), nil, 1, []string{"database"}},
		{"no Postgres here", environ(t, map[string]string{"DATABASE_URL": " ", "MOOTHALL_POSTGRES_BIN": t.TempDir()}), nil, 1, []string{"MOOTHALL_POSTGRES_BIN"}},
		{"wrong settings", environ(t, map[string]string{"MOOTHALL_ENV": "x", "MOOTHALL_DEMO": "x"}), nil, 2, []string{"MOOTHALL_ENV", "MOOTHALL_DEMO"}},
		{"no such verb", nil, []string{"dance"}, 2, []string{"dance"}},
	} {
		out, errs, status := told(t, t.Context(), c.env, c.args...)
		if status != c.status || out != "" {
			t.Errorf("%s: status %d, want %d; it said %q", c.name, status, c.status, out)
		}
		if lines := strings.Count(errs, "\n"); lines != 1 && c.status == 1 {
			t.Errorf("%s: %d lines, want one:\n%s", c.name, lines, errs)
		}
		for _, want := range c.want {
			if !strings.Contains(errs, want) {
				t.Errorf("%s: %q does not say %q", c.name, errs, want)
			}
		}
	}
}

// Told to stop, a node is no longer ready but goes on answering for a while; what
// it has begun it finishes.
func TestStoppingFinishesWhatWasBegun(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	b := h.as(ada)
	form := b.form(path, url.Values{"body": {"Begun before the end."}})

	// The thread is locked, so that the reply waits.
	tx, err := h.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select from threads for update`); err != nil {
		t.Fatal(err)
	}
	replied := make(chan returned, 1)
	go func() { replied <- b.post(path+"/posts", form) }()
	waitFor(t, h, `select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())`)

	stopped := make(chan error, 1)
	go func() { stopped <- h.Stop(context.WithoutCancel(t.Context()), 500*time.Millisecond) }()
	for { // until it says that it stops, which it does while it still answers
		if got := h.guest().get("/readyz"); got.StatusCode == http.StatusServiceUnavailable {
			break
		}
	}
	h.guest().get("/healthz").wantStatus(t, http.StatusOK)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := <-replied
	got.wantStatus(t, http.StatusSeeOther)
	if err := <-stopped; err != nil {
		t.Errorf("stopping: %v", err)
	}
	var posts int
	if err := h.db.QueryRow(t.Context(), `select count(*) from posts`).Scan(&posts); err != nil || posts != 2 {
		t.Errorf("%d posts, %v, want what was begun", posts, err)
	}
	if _, err := http.Get(h.URL() + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}

// waitFor waits until the database says yes.
func waitFor(t *testing.T, h *house, question string) {
	t.Helper()
	for {
		var yes bool
		if err := h.db.QueryRow(t.Context(), question).Scan(&yes); err != nil {
			t.Fatal(err)
		}
		if yes {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Whoever signs in on one node is signed in on all, a form from one is taken by
// another, and so is the end of the session. A node whose keys are others stays out.
func TestNodesShareSessionsAndKeys(t *testing.T) {
	t.Parallel()
	one := openHouse(t, nil)
	two := openHouse(t, map[string]string{"DATABASE_URL": one.DatabaseURL(), "MOOTHALL_SECRETS": "another secret that is long enough too and no doubt," + testSecret})
	ada := forumtest.Person(t, one.store, "Ada", "Northmoor")
	_, path := one.threadOf(ada, "Who has moved bins online?")
	there := one.as(ada)
	here := two.guest()
	here.cookie = there.cookie
	here.post(path+"/posts", there.form(path, url.Values{"body": {"From the other node."}})).wantStatus(t, http.StatusSeeOther)
	if page := there.get(path); !strings.Contains(page.text, "From the other node.") {
		t.Error("the first node does not show what the second took")
	}
	here.post("/sign-out", here.form(path, nil)).wantStatus(t, http.StatusSeeOther)
	there.get("/account").wantLocation(t, http.StatusSeeOther, "/sign-in?return=%2Faccount")

	// What somebody may is asked of the database with every request, on every node.
	mod := forumtest.Granted(t, one.store, forumtest.Person(t, one.store, "Mo", "Southmoor"), forum.Moderator)
	away := two.guest()
	away.cookie = one.as(mod).cookie
	away.get("/moderation").wantStatus(t, http.StatusOK)
	if err := one.store.Revoke(t.Context(), forum.Operator, forum.GrantDraft{PersonID: mod.ID, Role: forum.Moderator}); err != nil {
		t.Fatal(err)
	}
	away.get("/moderation").wantStatus(t, http.StatusForbidden)
	councils := fmt.Sprintf("/threads/%d", forumtest.Ask(t, one.store, ada, forum.AskDraft{Title: "For councils", Visibility: "councils"}))
	away.get(councils+"-for-councils").wantStatus(t, http.StatusOK)
	if err := care.New(one.store).Suspend(t.Context(), forum.Operator, mod.ID, time.Now().AddDate(1, 0, 0), "Advertising"); err != nil {
		t.Fatal(err)
	}
	away.get(councils+"-for-councils").wantStatus(t, http.StatusNotFound)
	if err := one.sessions.EndAll(t.Context(), mod.ID, nil); err != nil {
		t.Fatal(err)
	}
	away.get("/account").wantLocation(t, http.StatusSeeOther, "/sign-in?return=%2Faccount")

	env := environ(t, map[string]string{"DATABASE_URL": one.DatabaseURL(), "MOOTHALL_SECRETS": "a third secret that nobody else has"})
	_, errs, status := told(t, t.Context(), env)
	if status != 1 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "MOOTHALL_SECRETS") {
		t.Errorf("a node with other keys: status %d, %q", status, errs)
	}
}

// The log holds nothing of the people whom it is about: no name, no address, no
// word of theirs, not even where something failed.
func TestTheLogHoldsNothingOfPeople(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	const name, mail, words = "Zebedee", "zebedee@northmoor.gov.example", "canarywords"
	zeb := forumtest.Person(t, h.store, name, "Northmoor")
	_, path := h.threadOf(zeb, "Canarytitle of a thread")
	b := h.as(zeb)
	b.get(path + "?q=" + words)
	b.get("/people/1-zebedee")
	b.get("/" + words + "?email=" + url.QueryEscape(mail))
	b.post(path+"/posts", b.form(path, url.Values{"body": {words}}))
	b.post(path+"/posts", url.Values{"body": {words}})
	b.post("/threads", b.form("/threads/new", url.Values{"title": {words + "\x00"}, "body": {mail}}))
	if _, err := h.db.Exec(t.Context(), `alter table posts add constraint no_more check (id < 0) not valid`); err != nil {
		t.Fatal(err)
	}
	got := b.post(path+"/posts", b.form(path, url.Values{"body": {words}}))
	got.wantStatus(t, http.StatusInternalServerError)
	id := got.Header.Get("X-Request-Id")
	if !strings.Contains(got.text, id) || !strings.Contains(got.text, words) {
		t.Errorf("the apology has no request id, or lost the words:\n%s", got.text)
	}
	log := h.log.String()
	for _, secret := range []string{"ebedee", mail, words, "anarytitle", b.cookie, "127.0.0.1", "?"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
	for _, want := range []string{"level=ERROR msg=fault id=" + id, "23514", "route=/threads/:id/posts status=500"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q:\n%s", want, log)
		}
	}
}

// A database that is away passes: 503, and when to come again; back again, all is well.
func TestADatabaseThatIsAwayIsBusyAndNoFault(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	b := h.as(ada)
	form := b.form(path, url.Values{"body": {"Kept while it is away."}})
	rename := func(to string) {
		t.Helper()
		if _, err := h.db.Exec(t.Context(), to); err != nil {
			t.Fatal(err)
		}
	}
	rename(`alter table sessions rename to sessions_away`)
	b.get(path).wantStatus(t, http.StatusInternalServerError) // a table that is gone is a fault, and no weather
	rename(`alter table sessions_away rename to sessions`)

	rename(`create function away() returns trigger language plpgsql as $$ begin raise exception 'away' using errcode = '57P03'; end $$`)
	rename(`create trigger away before insert on posts execute function away()`)
	got := b.post(path+"/posts", form)
	got.wantStatus(t, http.StatusServiceUnavailable)
	if got.Header.Get("Retry-After") == "" || !strings.Contains(got.text, "Kept while it is away.") {
		t.Errorf("Retry-After %q, and the words are there: %t", got.Header.Get("Retry-After"), strings.Contains(got.text, "Kept while it is away."))
	}
	if !strings.Contains(got.text, `name="idempotency" value="`+form.Get("idempotency")+`"`) {
		t.Error("sent again it has another key: it could be done twice")
	}
	rename(`drop trigger away on posts`)
	b.post(path+"/posts", form).wantStatus(t, http.StatusSeeOther)
}

// The verbs beside serve do one thing and end.
func TestVerbsDoOneThing(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	env := environ(t, map[string]string{"DATABASE_URL": h.DatabaseURL()})
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"version"}, 0, "moothall "},
		{[]string{"migrate"}, 0, ""},
		{[]string{"grant", "ada", "curator", "--until", "2999-01-31"}, 0, "Ada: has the role curator until 2999-01-31"},
		{[]string{"grant", "1", "lead", "northmoor"}, 0, "Ada: has the role lead of northmoor"},
		{[]string{"grant", "ada", "curator", "--revoke"}, 0, "no longer has the role curator"},
		{[]string{"grant", "ada", "curator", "--revoke"}, 1, "does not have that role"},
		{[]string{"grant", "nobody", "curator"}, 1, "nobody"},
		{[]string{"grant", "ada", "king"}, 1, "king"},
		{[]string{"grant", "ada", "lead"}, 1, "COUNCIL"},
		{[]string{"grant", "ada", "lead", "atlantis"}, 1, "atlantis"},
		{[]string{"grant", "ada", "curator", "--until", "soon"}, 1, "soon"},
	} {
		out, errs, status := told(t, t.Context(), env, c.args...)
		if status != c.status || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: status %d, want %d; it said %q %q, want %q", c.args, status, c.status, out, errs, c.want)
		}
	}
	if now := forumtest.Again(t, h.store, ada); !now.LeadsCouncil(ada.CouncilID) || now.Team() {
		t.Errorf("Ada is %v, want lead and nothing else", now.Roles)
	}
	var granted int
	if err := h.db.QueryRow(t.Context(), `select count(*) from entries`).Scan(&granted); err != nil || granted != 3 {
		t.Errorf("%d entries, %v, want one for each deed", granted, err)
	}
}

// In production the log is JSON, the cookie needs https, and there is nothing of
// development.
func TestProductionIsClosed(t *testing.T) {
	t.Parallel()
	env := whole()
	env["MOOTHALL_ADDR"], env["MOOTHALL_DATA"], env["DATABASE_URL"] = "127.0.0.1:0", t.TempDir(), forumtest.URL(t)
	env["MOOTHALL_INBOUND_ADDR"] = "127.0.0.1:0"
	config, err := app.LoadConfig(env)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a, err := app.Start(t.Context(), config, slog.New(slog.NewJSONHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Stop(context.WithoutCancel(t.Context()), 0); err != nil {
			t.Error(err)
		}
	}()
	if a.URL() != "https://moothall.example" {
		t.Errorf("its address is %s", a.URL())
	}
	if !strings.Contains(log.String(), "MOOTHALL_INBOUND_AUTHSERV") {
		t.Error("nobody is told that whoever has seen an address may answer by mail in its reader's name")
	}
	b := &browser{t: t, site: "http://" + a.Addr(), header: http.Header{"Host": {"moothall.example"}}}
	got := b.get("/about")
	got.wantStatus(t, http.StatusOK)
	if got.Header.Get("Server-Timing") != "" || got.Header.Get("Strict-Transport-Security") == "" || !strings.Contains(got.Header.Get("Content-Security-Policy"), "form-action 'self' https://accounts.google.com;") {
		t.Errorf("headers: %v", got.Header)
	}
	for _, r := range app.Routes() {
		if r.Least == "development" {
			b.do(r.Method, r.Path, nil, "").wantStatus(t, http.StatusNotFound)
		}
	}
	b.get("/auth/dev").wantStatus(t, http.StatusNotFound)
	// Neither header of a browser: on https that is refused.
	b.do(http.MethodPost, "/sign-out", nil, "").wantStatus(t, http.StatusForbidden)
	b.header.Set("Host", "localhost:1")
	b.get("/about").wantStatus(t, http.StatusOK)
}

// Production neither loads the demo nor starts on a database that holds it: people
// would take invented councils for real ones.
func TestProductionKeepsTheDemoOut(t *testing.T) {
	t.Parallel()
	env := whole()
	env["MOOTHALL_ADDR"], env["MOOTHALL_DATA"], env["DATABASE_URL"] = "127.0.0.1:0", t.TempDir(), forumtest.URL(t)
	if _, errs, status := told(t, t.Context(), env, "demo"); status != 1 || !strings.Contains(errs, "for development only") {
		t.Errorf("demo: got status %d, %q", status, errs)
	}
	db, err := forum.Connect(t.Context(), env["DATABASE_URL"], 1, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(t.Context(), `update councils set demo_name = 'Invented' where slug = 'leeds'`); err != nil {
		t.Fatal(err)
	}
	if _, errs, status := told(t, t.Context(), env); status != 1 || !strings.Contains(errs, "for development only") {
		t.Errorf("serve: got status %d, %q", status, errs)
	}
}
