package app_test

import (
	"context"
	"net/smtp"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"moothall/app/dev"
	"moothall/auth"
	"moothall/forum"
	"moothall/forum/forumtest"
)

// annex is a node on a Postgres of the test's own, which it may ill-treat.
type annex struct {
	*house
	postgres *dev.Postgres
	options  dev.PostgresOptions
}

func openAnnex(t *testing.T, settings map[string]string) *annex {
	t.Helper()
	x := &annex{options: dev.PostgresOptions{Dir: filepath.Join(t.TempDir(), "postgres"), BinDir: os.Getenv("MOOTHALL_POSTGRES_BIN"), MaxConnections: 100}}
	x.begin(t)
	t.Cleanup(func() {
		if err := x.postgres.Stop(context.Background()); err != nil {
			t.Errorf("stopping Postgres: %v", err)
		}
	})
	settings["DATABASE_URL"], settings["MOOTHALL_RATE_LIMITS"] = x.postgres.URL(), "off"
	x.house = openHouse(t, settings)
	return x
}

// begin starts Postgres, the first time or again: then at the same address.
func (x *annex) begin(t *testing.T) {
	t.Helper()
	var err error
	if x.postgres, err = dev.StartPostgres(context.Background(), x.options); err != nil {
		t.Fatal(err)
	}
}

// end ends Postgres as if the machine did.
func (x *annex) end(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(x.options.Dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	<-x.postgres.Ended()
	_ = x.postgres.Stop(context.Background()) // gives the folder free; that it ended is what was wanted
}

// somebody is a colleague of a real council, with an address.
func (x *annex) somebody(name string) forum.Person {
	x.t.Helper()
	who := forumtest.NewcomerOf(x.t, x.store, name, "leeds")
	if _, err := x.db.Exec(x.t.Context(), `update people set standing = 'colleague', proven_email = $2 where id = $1`, who.ID, mailOf(name)); err != nil {
		x.t.Fatal(err)
	}
	return forumtest.Again(x.t, x.store, who)
}

// count reads a number; -1 while the database does not answer.
func (x *annex) count(query string, args ...any) (n int) {
	if err := x.db.QueryRow(x.t.Context(), query, args...).Scan(&n); err != nil {
		return -1
	}
	return n
}

// While the database is away an answer by mail is put off, not lost and not refused: the
// relay brings it again, and it is posted, once.
func TestAnAnswerByMailWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	x := openAnnex(t, map[string]string{})
	keys, err := auth.NewKeys([]string{testSecret})
	if err != nil {
		t.Fatal(err)
	}
	who := x.somebody("Ben")
	thread, path := x.threadOf(who, "Who has moved bins online?")
	to := (&world{keys: keys}).replyTo(who.ID, thread)
	bring := func() error {
		source := strings.ReplaceAll(written(mailOf("Ben"), "one", "We did, in May."), "\n", "\r\n")
		return smtp.SendMail(x.MailIn(), nil, mailOf("Ben"), []string{to}, []byte(source))
	}
	x.end(t)
	for range 3 {
		if err := bring(); err == nil || !strings.HasPrefix(err.Error(), "451") {
			t.Errorf("while the database is away: %v, want 451", err)
		}
	}
	x.begin(t)
	within(t, "it is taken", func() bool { return bring() == nil })
	if err := bring(); err != nil {
		t.Errorf("the same once more: %v", err)
	}
	// A connection from before the end may answer the first question with its own death.
	var n int
	within(t, "the database answers", func() bool { n = x.count(repliesQuery, thread); return n >= 0 })
	if n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
	if page := x.guest().get(path); !strings.Contains(page.text, "We did, in May.") {
		t.Error("the page does not show it")
	}
}

// Postgres may be started anew while mail goes out: it goes on by itself, everybody has
// the mail, and only what was under way just then may come twice, as the same mail.
func TestPostgresMayBeStartedAnewWhileMailGoes(t *testing.T) {
	t.Parallel()
	r := openRelay(t)
	r.pause = 10 * time.Millisecond
	x := openAnnex(t, map[string]string{"MOOTHALL_SMTP_URL": r.url()})
	author := x.somebody("Ada")
	_, path := x.threadOf(author, "Who has moved bins online?")
	const crowd, ends, underWay = 600, 2, 4
	_, err := x.db.Exec(t.Context(), `
		with crowd as (
			insert into people (name, standing, rules_version, joined_at, created_at, proven_email)
			select 'Person ' || n, 'colleague', 1, now(), now(), 'p' || n || '@example.org' from generate_series(1, 600) n returning id
		)
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select crowd.id, 'topic', o.id, 'instant', 'chose', now() from crowd, topics o where o.slug = 'waste-management'`)
	if err != nil {
		t.Fatal(err)
	}
	browser := x.as(author)
	got := browser.post(path+"/posts", browser.form(path, url.Values{"body": {"We did, in May."}}))
	got.wantStatus(t, 303)
	mails := func() int { n, _, _ := r.all(); return n }
	for n := range ends {
		within(t, "mail goes out", func() bool { return mails() > 150*(n+1) })
		x.end(t)
		x.begin(t)
		// What was in hand comes free by itself in a minute.
		within(t, "the database answers", func() bool { return x.count(`select 1`) == 1 })
	}
	if n := mails(); n > crowd {
		t.Errorf("%d mails were out before the last end: it proved nothing", n)
	}
	within(t, "every letter is sent", func() bool { return x.count(`select count(*) from letters where state = 'sent'`) == crowd })
	all, addresses, ids := r.all()
	if addresses != crowd || all > crowd+ends*underWay || ids != 1 {
		t.Errorf("%d of %d people have %d mails with %d different Message-IDs", addresses, crowd, all, ids)
	}
	t.Logf("%d mails for %d people over %d ends", all, addresses, ends)
}
