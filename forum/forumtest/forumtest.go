// Package forumtest gives each test a database of its own on a real Postgres,
// with a stopped clock and a small cast of two made-up councils.
package forumtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/app/dev"
	"moothall/forum"
	"moothall/migrations"
)

// Noon is when tests begin: a Tuesday in November.
var Noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// Clock is a clock that stands still until it is moved.
type Clock struct{ shift atomic.Int64 }

// Now is Noon, and as much later as the clock was moved.
func (c *Clock) Now() time.Time { return Noon.Add(time.Duration(c.shift.Load())) }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) { c.shift.Add(int64(d)) }

// cluster is the Postgres of this test binary, with a migrated template in it.
var cluster struct {
	dir      string
	once     sync.Once
	postgres *dev.Postgres
	admin    *pgxpool.Pool
	err      error
	clones   atomic.Int64
}

// Main runs a package's tests in a folder that goes with them, and stops what they
// started: its TestMain calls it.
func Main(m *testing.M) {
	leave, err := enter()
	if err != nil {
		fmt.Fprintln(os.Stderr, "forumtest: a folder for the tests:", err)
		os.Exit(1)
	}
	code := m.Run()
	if cluster.admin != nil {
		cluster.admin.Close()
	}
	if cluster.postgres != nil {
		if err := cluster.postgres.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "forumtest: stopping Postgres:", err)
			code = 1
		}
	}
	leave()
	os.Exit(code)
}

func start() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if cluster.dir == "" {
		cluster.err = errors.New("this package's TestMain does not call forumtest.Main")
		return
	}
	cluster.postgres, cluster.err = dev.StartPostgres(ctx, dev.PostgresOptions{
		Dir: filepath.Join(cluster.dir, "postgres"), Fast: true, MaxConnections: 200, BinDir: os.Getenv("MOOTHALL_POSTGRES_BIN")})
	if cluster.err != nil {
		return
	}
	if cluster.admin, cluster.err = pgxpool.New(ctx, cluster.postgres.URL()); cluster.err != nil {
		return
	}
	if _, cluster.err = cluster.admin.Exec(ctx, `create database template_moothall`); cluster.err != nil {
		return
	}
	template := database("template_moothall")
	if cluster.err = migrations.Up(ctx, template, Noon); cluster.err != nil {
		return
	}
	cluster.err = addCouncils(ctx, template)
}

// addCouncils lists the two councils of the cast.
func addCouncils(ctx context.Context, url string) error {
	db, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close() // nobody may be connected to a template
	_, err = db.Exec(ctx, `
		with made as (
			insert into councils (slug, name, short_name, kind, nation, region, status) values
				('northmoor', 'Northmoor District Council', 'Northmoor', 'district', 'England', 'North', 'current'),
				('southmoor', 'Southmoor Borough Council', 'Southmoor', 'district', 'England', 'South', 'current')
			returning id, slug
		)
		insert into council_domains (domain, council_id, kind, confidence)
		select slug || '.gov.example', id, 'email', 'high' from made`)
	return err
}

// database is the cluster's URL for another database.
func database(name string) string {
	u, err := url.Parse(cluster.postgres.URL())
	if err != nil {
		panic(err) // our own URL
	}
	u.Path = "/" + name
	return u.String()
}

// URL makes a database for this test and returns its address; it goes with the test.
func URL(t testing.TB) string {
	t.Helper()
	return create(t, " template template_moothall")
}

// Empty is URL for a database that nobody has migrated.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, "")
}

func create(t testing.TB, like string) string {
	t.Helper()
	cluster.once.Do(start)
	if cluster.err != nil {
		t.Fatalf("forumtest: %v", cluster.err)
	}
	name := fmt.Sprintf("test_%d", cluster.clones.Add(1))
	if _, err := cluster.admin.Exec(context.Background(), "create database "+name+like); err != nil {
		t.Fatalf("forumtest: %v", err)
	}
	t.Cleanup(func() {
		if _, err := cluster.admin.Exec(context.Background(), "drop database "+name+" with (force)"); err != nil {
			t.Errorf("forumtest: %v", err)
		}
	})
	return database(name)
}

// Open makes a database and a store on it, whose clock stands at Noon and which
// keeps nobody to a number of posts.
func Open(t testing.TB) (*forum.Store, *pgxpool.Pool) {
	t.Helper()
	store, db, _ := OpenWith(t, forum.Options{})
	return store, db
}

// OpenWith is Open with some of the store's options, and the clock to move.
func OpenWith(t testing.TB, o forum.Options) (*forum.Store, *pgxpool.Pool, *Clock) {
	t.Helper()
	at := URL(t)
	clock := new(Clock)
	if o.Now == nil {
		o.Now = clock.Now
	}
	o.Write, o.Read = connect(t, at, false), connect(t, at, true)
	return forum.New(o), o.Write, clock
}

// Fill runs a statement that writes many rows, and may take as long as it takes.
func Fill(t testing.TB, db *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `set local statement_timeout = 0`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatalf("%v: %s", err, sql)
	}
}

func connect(t testing.TB, url string, readOnly bool) *pgxpool.Pool {
	t.Helper()
	db, err := forum.Connect(context.Background(), url, 10, readOnly)
	if err != nil {
		t.Fatalf("forumtest: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// Person makes somebody who has joined a council of the cast ("Northmoor",
// "Southmoor"): a colleague, let in. Their handle is the name in lower case.
func Person(t testing.TB, store *forum.Store, name, council string) forum.Person {
	t.Helper()
	p := NewcomerOf(t, store, name, council)
	write(t, store, func(d *forum.Deed) error {
		_, err := d.Exec(context.Background(), `update people set standing = 'colleague' where id = $1`, p.ID)
		return err
	})
	return Again(t, store, p)
}

// NewcomerOf makes somebody who has joined and waits to be let in.
func NewcomerOf(t testing.TB, store *forum.Store, name, council string) forum.Person {
	t.Helper()
	draft := forum.JoinDraft{Name: name, JobTitle: "Digital officer", Council: strings.ToLower(council), Rules: forum.RulesVersion}
	return join(t, store, draft)
}

// SupplierOf makes a confirmed supplier.
func SupplierOf(t testing.TB, store *forum.Store, name, company string) forum.Person {
	t.Helper()
	p := join(t, store, forum.JoinDraft{Name: name, JobTitle: "Product lead", Company: company, Rules: forum.RulesVersion})
	write(t, store, func(d *forum.Deed) error {
		_, err := d.Exec(context.Background(), `update people set standing = 'supplier' where id = $1`, p.ID)
		return err
	})
	return Again(t, store, p)
}

func join(t testing.TB, store *forum.Store, draft forum.JoinDraft) forum.Person {
	t.Helper()
	ctx := context.Background()
	id, err := store.SignIn(ctx, forum.Identity{Issuer: "test", Subject: draft.Name, Name: draft.Name})
	if err != nil {
		t.Fatalf("forumtest: sign in %s: %v", draft.Name, err)
	}
	p, err := store.Person(ctx, id)
	if err != nil {
		t.Fatalf("forumtest: read %s: %v", draft.Name, err)
	}
	if err := store.Join(ctx, p, draft); err != nil {
		t.Fatalf("forumtest: join %s: %v", draft.Name, err)
	}
	return Again(t, store, p)
}

// Granted gives a person a role; a lead leads their own council.
func Granted(t testing.TB, store *forum.Store, p forum.Person, role forum.Role) forum.Person {
	t.Helper()
	g := forum.GrantDraft{PersonID: p.ID, Role: role}
	if role == forum.Lead {
		g.CouncilID = p.CouncilID
	}
	if err := store.Grant(context.Background(), forum.Operator, g); err != nil {
		t.Fatalf("forumtest: grant %s: %v", role, err)
	}
	return Again(t, store, p)
}

// Again reads a person anew, with what has changed.
func Again(t testing.TB, store *forum.Store, p forum.Person) forum.Person {
	t.Helper()
	p, err := store.Person(context.Background(), p.ID)
	if err != nil {
		t.Fatalf("forumtest: read person: %v", err)
	}
	return p
}

// Thread asks a question in the topic "waste-management" and returns its id.
func Thread(t testing.TB, store *forum.Store, who forum.Person, title string) int64 {
	t.Helper()
	return Ask(t, store, who, forum.AskDraft{Title: title})
}

// Ask asks with a draft whose empty fields are filled in, and returns the thread's id.
func Ask(t testing.TB, store *forum.Store, who forum.Person, draft forum.AskDraft) int64 {
	t.Helper()
	if draft.Body == "" {
		draft.Body = "Who has done this, and what would you do differently?"
	}
	if draft.Topics == nil {
		draft.Topics = []string{"waste-management"}
	}
	asked, err := store.Ask(context.Background(), who, draft)
	if err != nil {
		t.Fatalf("forumtest: ask %q: %v", draft.Title, err)
	}
	return asked.ID
}

// Reply answers a thread and returns where the post is.
func Reply(t testing.TB, store *forum.Store, who forum.Person, thread int64, body string) forum.Posted {
	t.Helper()
	posted, err := store.Reply(context.Background(), who, thread, forum.PostDraft{Body: body})
	if err != nil {
		t.Fatalf("forumtest: reply: %v", err)
	}
	return posted
}

func write(t testing.TB, store *forum.Store, fn func(*forum.Deed) error) {
	t.Helper()
	if err := store.Do(context.Background(), forum.Operator, fn); err != nil {
		t.Fatalf("forumtest: %v", err)
	}
}
