package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/app"
	"moothall/auth"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// proofSecret signs in every site of these tests, so that a test can make the
// token that a page would have given it.
const proofSecret = "a secret of the proofs and of nothing else at all"

// world is a site on a database of its own, and the means to put things into it.
type world struct {
	t        testing.TB
	site     *app.App
	settings map[string]string
	url      string
	client   *http.Client
	store    *forum.Store
	care     *care.Store
	curation *curation.Store
	sessions *auth.Store
	keys     auth.Keys
	db       *pgxpool.Pool
	people   map[string]forum.Person
	cookies  map[string]string
}

// openWorld starts a site. Settings are name, value, name, value …
func openWorld(t testing.TB, settings ...string) *world {
	t.Helper()
	store, db, _ := forumtest.OpenWith(t, forum.Options{Now: time.Now})
	keys, err := auth.NewKeys([]string{proofSecret})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: store, care: care.New(store, curation.Undoings()), curation: curation.New(store), sessions: auth.NewStore(db, time.Now), keys: keys, db: db,
		people: map[string]forum.Person{}, cookies: map[string]string{},
		settings: map[string]string{"MOOTHALL_ADDR": "127.0.0.1:0", "MOOTHALL_DATA": t.TempDir(), "MOOTHALL_DEMO": "off",
			"MOOTHALL_RATE_LIMITS": "off", "MOOTHALL_SECRETS": proofSecret, "DATABASE_URL": db.Config().ConnString()}}
	for i := 0; i < len(settings); i += 2 {
		w.settings[settings[i]] = settings[i+1]
	}
	w.start()
	t.Cleanup(w.stop)
	return w
}

// start starts the site, the first time or once more: then where it was before.
func (w *world) start() {
	w.t.Helper()
	config, err := app.LoadConfig(w.settings)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.site, err = app.Start(context.Background(), config, slog.New(slog.DiscardHandler)); err != nil {
		w.t.Fatal(err)
	}
	w.url = w.site.URL()
	dialer, addr := new(net.Dialer), w.site.Addr()
	w.settings["MOOTHALL_ADDR"] = addr
	w.client = &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true,
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, addr)
			}},
	}
}

// stop ends the site; it can be started again.
func (w *world) stop() {
	w.t.Helper()
	w.client.CloseIdleConnections()
	if err := w.site.Stop(context.Background(), 0); err != nil {
		w.t.Errorf("stopping: %v", err)
	}
}

// knock is a request as a test thinks of it.
type knock struct {
	method, path string
	cookie       string     // of a session; empty for a visitor
	form         url.Values // of a POST; _csrf is put in unless it is there or signed is false
	unsigned     bool
	kind, body   string // instead of a form
	header       http.Header
}

// echo is what came back.
type echo struct {
	status int
	header http.Header
	body   string
}

// location is where the answer leads, without the site in front of it.
func (a echo) location(w *world) string { return strings.TrimPrefix(a.header.Get("Location"), w.url) }

// send asks the site.
func (w *world) send(q knock) echo {
	w.t.Helper()
	a, err := w.try(q)
	if err != nil {
		w.t.Fatalf("%s %s: %v", q.method, q.path, err)
	}
	return a
}

// try is send where no answer may come.
func (w *world) try(q knock) (echo, error) {
	body := q.body
	if q.form != nil {
		form := maps.Clone(q.form)
		if _, there := form["_csrf"]; !there && !q.unsigned && q.cookie != "" {
			form.Set("_csrf", w.keys.CSRF(auth.Hash(q.cookie)))
		}
		body, q.kind = form.Encode(), "application/x-www-form-urlencoded"
	}
	r, err := http.NewRequest(q.method, w.url+q.path, strings.NewReader(body))
	if err != nil {
		return echo{}, err
	}
	if q.kind != "" {
		r.Header.Set("Content-Type", q.kind)
	}
	if q.cookie != "" {
		r.Header.Set("Cookie", w.cookieName()+"="+q.cookie)
	}
	for name, values := range q.header {
		r.Header[name] = values
	}
	got, err := w.client.Do(r)
	if err != nil {
		return echo{}, err
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	return echo{got.StatusCode, got.Header, string(text)}, err
}

func (w *world) cookieName() string {
	if strings.HasPrefix(w.url, "https:") {
		return "__Host-moothall"
	}
	return "moothall"
}

// get asks for a page as somebody of the cast; "visitor" is nobody.
func (w *world) get(as, path string) echo {
	w.t.Helper()
	return w.send(knock{method: "GET", path: path, cookie: w.cookies[as]})
}

// post sends a form as somebody of the cast: name, value, name, value …
func (w *world) post(as, path string, fields ...string) echo {
	w.t.Helper()
	return w.send(knock{method: "POST", path: path, cookie: w.cookies[as], form: fieldsOf(fields...)})
}

// fieldsOf makes a form of name, value, name, value …
func fieldsOf(fields ...string) url.Values {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return form
}

// add makes somebody one of the cast, and signs them in.
func (w *world) add(as string, p forum.Person) forum.Person {
	w.t.Helper()
	w.people[as], w.cookies[as] = p, w.session(p.ID)
	return p
}

// session starts a session and returns its cookie.
func (w *world) session(person int64) string {
	w.t.Helper()
	cookie, err := w.sessions.Start(context.Background(), person, "dev", "a browser of the proofs")
	if err != nil {
		w.t.Fatal(err)
	}
	return cookie
}

// signIn makes somebody who has signed in and not joined.
func (w *world) signIn(name, email string) forum.Person {
	w.t.Helper()
	id, err := w.store.SignIn(context.Background(), forum.Identity{Issuer: "proof", Subject: name, Name: name,
		Email: email, EmailVerified: email != ""})
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := w.store.Person(context.Background(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// join makes somebody who has joined: a newcomer, unless their address says more.
func (w *world) join(email string, draft forum.JoinDraft) forum.Person {
	w.t.Helper()
	p := w.signIn(draft.Name, email)
	draft.Rules = forum.RulesVersion
	if err := w.store.Join(context.Background(), p, draft); err != nil {
		w.t.Fatal(err)
	}
	return forumtest.Again(w.t, w.store, p)
}

// colleague makes a colleague of Northmoor or Southmoor.
func (w *world) colleague(name, council string) forum.Person {
	w.t.Helper()
	return forumtest.Person(w.t, w.store, name, council)
}

// exec runs a statement that no deed of the product makes.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// number reads one number.
func (w *world) number(sql string, args ...any) int64 {
	w.t.Helper()
	var n int64
	if err := w.db.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// must ends the test where a step of its preparation fails.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// moot are the tables in which rows may come and go without anybody's deed.
var moot = []string{"sessions", "secret_fingerprints", "sign_in_attempts", "dev_clock", "reads", "notices", "letters", "digests_due", "known_words", "word_changes", "search_misses", "search_later", "chores", "offers", "links", "link_walk", "newsletters", "newsletter_letters"}

// state is a checksum of every table of ours, by its name. What may be written by a
// GET is left out: when sessions were last seen, and how far people have read; and
// notices, letters and known words, which jobs make of an earlier deed in their own time,
// and what was looked for in vain.
func (w *world) state() map[string]string {
	w.t.Helper()
	ctx := context.Background()
	rows, err := w.db.Query(ctx, `
		select table_name from information_schema.tables
		where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not like 'river%' and table_name <> all($1)
		order by 1`, moot)
	w.must(err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	w.must(err)
	var b pgx.Batch
	sums := map[string]string{}
	sum := func(name, sql string) {
		b.Queue(sql).QueryRow(func(row pgx.Row) error {
			var s string
			err := row.Scan(&s)
			sums[name] = s
			return err
		})
	}
	for _, table := range tables {
		sum(table, `select count(*) || ' ' || coalesce(sum(hashtextextended(r::text, 0)), 0) from `+table+` r`)
	}
	sum("sessions", `select count(*) || ' ' || coalesce(md5(string_agg(s.hash::text || s.person_id || s.started_at || s.fresh_at
		|| coalesce(s.ended_at::text, ''), '' order by s.hash)), '') from sessions s`)
	sum("jobs", `select count(*)::text from river_job where kind not in ('sweep', 'rerender', 'look', 'digests', 'reorganise', 'read_words', 'ask_owners', 'climb', 'check_links', 'trial', 'newsletters')`)
	w.must(w.db.SendBatch(ctx, &b).Close())
	return sums
}

// changed names the tables in which two states differ.
func changed(before, after map[string]string) (tables []string) {
	for name := range after {
		if before[name] != after[name] {
			tables = append(tables, name)
		}
	}
	slices.Sort(tables)
	return tables
}

// short is a text that fits into a failure's line.
func short(s string) string {
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return s
}

// threadAt, postAt and personAt are the bare addresses of things.
func threadAt(id int64) string { return fmt.Sprintf("/threads/%d", id) }
func postAt(id int64) string   { return fmt.Sprintf("/posts/%d", id) }
func personAt(id int64) string { return fmt.Sprintf("/people/%d", id) }
