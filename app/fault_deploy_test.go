package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/migrations"
)

// front spreads requests over the nodes that it is told of, as a proxy does. A node that
// does not take the connection has done nothing: then it asks the next.
type front struct {
	mu    sync.Mutex
	sites []*site
	next  int
}

// site is a node behind the front.
type site struct {
	host  string
	asked sync.WaitGroup // requests that it has not answered
	last  atomic.Int64   // how many it has answered
}

// add has a node asked too.
func (f *front) add(host string) *site {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &site{host: host}
	f.sites = append(f.sites, s)
	return s
}

// remove has a node asked no more, and waits until it has answered all.
func (f *front) remove(s *site) {
	f.mu.Lock()
	f.sites = slices.DeleteFunc(f.sites, func(other *site) bool { return other == s })
	f.mu.Unlock()
	s.asked.Wait()
}

func (f *front) take() *site {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	s := f.sites[f.next%len(f.sites)]
	s.asked.Add(1)
	return s
}

// open starts the front; its address is where people come to.
func (f *front) open(t *testing.T) string {
	direct := &http.Transport{DisableKeepAlives: true}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.Host = "http", r.In.Host },
		Transport: asks(func(r *http.Request) (*http.Response, error) {
			s := f.take()
			defer s.asked.Done()
			r.URL.Host = s.host
			got, err := direct.RoundTrip(r)
			if err != nil {
				return nil, err
			}
			text, err := io.ReadAll(got.Body)
			got.Body = io.NopCloser(strings.NewReader(string(text)))
			s.last.Add(1)
			return got, errors.Join(err, r.Context().Err())
		}),
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

// asks is a function that is a RoundTripper.
type asks func(*http.Request) (*http.Response, error)

// RoundTrip asks.
func (fn asks) RoundTrip(r *http.Request) (*http.Response, error) { return fn(r) }

// git runs git where the program's source is.
func git(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", ".."}, args...)...).Output()
	if err != nil {
		ended := (*exec.ExitError)(nil)
		if errors.As(err, &ended) {
			err = fmt.Errorf("%w: %s", err, ended.Stderr)
		}
		t.Fatalf("this test builds the version before from git: git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// versionBefore is the last commit that did not have the newest migration: what ran
// until then.
func versionBefore(t *testing.T) string {
	t.Helper()
	steps, err := filepath.Glob("../migrations/[0-9]*_*")
	if err != nil || len(steps) == 0 {
		t.Fatal("no migrations", err)
	}
	newest := "migrations/" + filepath.Base(slices.Max(steps))
	if git(t, "ls-tree", "--name-only", "HEAD", newest) == "" {
		return git(t, "rev-parse", "HEAD") // it is not committed yet
	}
	added := git(t, "log", "--first-parent", "-m", "--diff-filter=A", "--format=%H", "-1", "HEAD", "--", newest)
	if added == "" || exec.Command("git", "-C", "..", "rev-parse", "--quiet", "--verify", added+"^").Run() != nil {
		t.Fatalf("git does not know the commit before %s: fetch all of its history (git fetch --unshallow)", newest)
	}
	return git(t, "rev-parse", added+"^")
}

// build makes the program from the source in a folder.
func build(t *testing.T, source string) (bin string) {
	t.Helper()
	bin = filepath.Join(t.TempDir(), "moothall")
	made := exec.Command("go", "build", "-o", bin, ".")
	made.Dir = source
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatalf("building in %s: %v\n%s", source, err, out)
	}
	return bin
}

// buildBefore makes the program as it was at a commit.
func buildBefore(t *testing.T, commit string) (bin string) {
	t.Helper()
	dir := t.TempDir()
	source, whole := filepath.Join(dir, "source"), filepath.Join(dir, "source.tar")
	if err := os.Mkdir(source, 0o700); err != nil {
		t.Fatal(err)
	}
	git(t, "archive", "--format=tar", "--output="+whole, commit)
	if out, err := exec.Command("tar", "-x", "-f", whole, "-C", source).CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	return build(t, source)
}

// deploy is a site whose version changes while people use it.
type deploy struct {
	*tally
	front  front
	url    string
	db     string
	thread string // its address
	id     string
	said   atomic.Int64 // replies that were acknowledged
	saved  atomic.Value // the words of the last draft that was acknowledged
}

// node starts a node of one version, and has it asked.
func (d *deploy) node(bin string) (*killed, *site) {
	d.t.Helper()
	k := &killed{t: d.t, bin: bin, data: d.t.TempDir(), more: []string{"DATABASE_URL=" + d.db, "MOOTHALL_BASE_URL=" + d.url}}
	k.start()
	d.t.Cleanup(func() {
		_ = k.process.Process.Kill() // if the test has not stopped it
		if strings.Contains(k.errs.String(), "level=ERROR") {
			d.t.Errorf("a node had a fault:\n%s", k.errs)
		}
	})
	text, err := os.ReadFile(filepath.Join(k.data, "running.json"))
	if err != nil {
		d.t.Fatal(err)
	}
	var facts struct{ Addr string }
	if err := json.Unmarshal(text, &facts); err != nil {
		d.t.Fatal(err)
	}
	return k, d.front.add(facts.Addr)
}

// person makes somebody, and a browser in which they are signed in, in the words of the
// version before.
func (d *deploy) person(name string) *browser {
	d.t.Helper()
	ctx, cookie := d.t.Context(), "cookie of "+name
	askAt(d.t, d.db, func(_ context.Context, db *pgx.Conn) error {
		_, err := db.Exec(ctx, `
			with who as (
				insert into people (name, job_title, standing, council_id, rules_version, joined_at, created_at)
				select $1, 'Digital officer', 'colleague', id, $2, now(), now() from councils where slug = 'leeds' returning id
			)
			insert into sessions (hash, person_id, provider, device, started_at, seen_at, fresh_at)
			select $3, id, 'dev', 'Test', now(), now(), now() from who`, name, forum.RulesVersion, auth.Hash(cookie))
		return err
	})
	return &browser{t: d.t, site: d.url, header: http.Header{}, cookie: cookie}
}

// traffic has people read, reply and type without a rest, until it is told to end. Their
// forms are those of pages that they opened before.
func (d *deploy) traffic(all *sync.WaitGroup, over <-chan struct{}) {
	work := func(b *browser, each func(serial int) returned) {
		all.Go(func() {
			for serial := 1; ; serial++ {
				select {
				case <-over:
					return
				default:
					d.note(b, each(serial))
				}
			}
		})
	}
	for writer := range 2 {
		b := d.person(fmt.Sprint("Ben ", writer))
		csrf := b.form(d.thread, nil)["_csrf"]
		work(b, func(serial int) returned {
			words := fmt.Sprintf("writer %d words %d", writer, serial)
			got := b.post(d.thread+"/posts", url.Values{"_csrf": csrf, "idempotency": {words}, "body": {words}})
			if got.StatusCode == http.StatusSeeOther {
				d.said.Add(1)
			}
			return got
		})
	}
	typist := d.person("Cai")
	typist.header.Set("Accept", "application/json")
	csrf, version := typist.form(d.thread, nil)["_csrf"], 0
	work(typist, func(serial int) returned {
		words := fmt.Sprintf("I have typed %d words so far", serial)
		got := typist.post("/drafts", url.Values{"_csrf": csrf, "idempotency": {"one page"}, "kind": {"reply"}, "target": {d.id},
			"version": {fmt.Sprint(version)}, "body": {words}})
		var kept struct{ Version int }
		if err := json.Unmarshal([]byte(got.text), &kept); err == nil && got.StatusCode == http.StatusOK {
			version = kept.Version
			d.saved.Store(words)
		}
		return got
	})
	reader, visitor := d.person("Dee"), &browser{t: d.t, site: d.url, header: http.Header{}}
	pages := []string{d.thread, "/threads", "/account/notices", "/topics/waste-management", "/councils", "/"}
	work(reader, func(serial int) returned { return reader.get(pages[serial%len(pages)]) })
	work(visitor, func(serial int) returned {
		if page := pages[serial%len(pages)]; page != "/account/notices" {
			return visitor.get(fmt.Sprintf("%s?again=%d", page, serial)) // no two the same: none is kept
		}
		return visitor.get("/")
	})
}

// answered waits until each of these nodes has answered some more.
func (d *deploy) answered(sites ...*site) {
	d.t.Helper()
	for _, s := range sites {
		before := s.last.Load()
		eventually(d.t, "a node answers", func() bool { return s.last.Load() > before+30 })
	}
}

// The program is replaced by a newer one, which migrates the database, and that by the
// older one again, side by side each time, while people read, reply and type: every
// request is answered, no word is lost, and forms of one version are taken by the other.
func TestVersionsTakeTurnsAndNobodyNotices(t *testing.T) {
	t.Parallel()
	commit := versionBefore(t)
	older, newer := buildBefore(t, commit), build(t, "..")
	d := &deploy{tally: &tally{t: t}, db: forumtest.Empty(t)}
	d.url = d.front.open(t)

	old, oldSite := d.node(older)
	schema := numberAt(t, d.db, `select max(version_id) from goose_db_version`)
	if int64(schema) >= migrations.Version() {
		t.Fatalf("the version before (%s) knows migration %d", commit, schema)
	}
	ada := d.person("Ada")
	asked := ada.post("/threads", ada.form("/threads/new", question("Who has moved bins online?")))
	asked.wantStatus(t, http.StatusSeeOther)
	d.thread = strings.TrimPrefix(asked.Header.Get("Location"), d.url)
	d.id, _, _ = strings.Cut(strings.TrimPrefix(d.thread, "/threads/"), "-")

	over := make(chan struct{})
	var all sync.WaitGroup
	end := sync.OnceFunc(func() { close(over); all.Wait() })
	t.Cleanup(end)
	d.traffic(&all, over)
	d.answered(oldSite)
	young, youngSite := d.node(newer) // migrates
	d.answered(oldSite, youngSite)
	d.front.remove(oldSite)
	old.stop()
	d.answered(youngSite)
	old, oldSite = d.node(older)
	d.answered(oldSite, youngSite)
	d.front.remove(youngSite)
	young.stop()
	d.answered(oldSite)
	end()

	if got := numberAt(t, d.db, `select max(version_id) from goose_db_version`); int64(got) != migrations.Version() {
		t.Errorf("the database is at migration %d, want %d", got, migrations.Version())
	}
	said := int(d.said.Load())
	for what, query := range map[string]string{"posts": `select count(*) from posts where number > 1`,
		"different posts": `select count(distinct body) from posts where number > 1`, "numbers": `select max(number) - 1 from posts`} {
		if got := numberAt(t, d.db, query); got != said {
			t.Errorf("%d %s, %d were acknowledged", got, what, said)
		}
	}
	if refused := d.refused.Load(); refused > 0 {
		t.Errorf("%d of %d requests were put off", refused, d.served.Load()+refused)
	}
	askAt(t, d.db, func(ctx context.Context, db *pgx.Conn) error {
		var words string
		err := db.QueryRow(ctx, `select fields->'body'->>0 from drafts`).Scan(&words)
		if words != d.saved.Load() {
			t.Errorf("the draft says %q, %q was acknowledged", words, d.saved.Load())
		}
		return err
	})
	eventually(t, "the asker is told of each reply", func() bool {
		return numberAt(t, d.db, `select count(distinct n.post_id) from notices n join people p on p.id = n.person_id where p.name = 'Ada'`) == said
	})
	old.stop()
	t.Logf("migration %d, then %d, then the program of %d again: %d requests, %d replies", schema, migrations.Version(), schema, d.served.Load(), said)
}
