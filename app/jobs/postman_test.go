package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"moothall/app/dev"
	"moothall/app/jobs"
	"moothall/app/mail"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
	"moothall/forum/letters"
	"moothall/forum/newsletter"
	"moothall/forum/places"
	"moothall/forum/projects"
	"moothall/forum/search"
)

// office is how letters leave in these tests: by SMTP into a real inbox, but for what
// is to go wrong.
type office struct {
	mail.Sender
	away  atomic.Bool
	tried atomic.Int64
	after func() // a mail was taken
}

// Write makes a mail of a letter's number, and panics at one of them.
func (o *office) Write(l letters.Letter) (mail.Message, error) {
	if strings.Contains(l.To.Name, "unwritable") {
		panic("a template fails")
	}
	return mail.Message{ID: fmt.Sprintf("post-%d@forum.example", l.Post.ID), From: "Moothall <hello@forum.example>", To: l.To.Address,
		Subject: l.Thread.Title, Text: l.Post.Body, At: forumtest.Noon}, nil
}

// WriteNewsletter makes a mail of an issue's number.
func (o *office) WriteNewsletter(i newsletter.Issue, c newsletter.Claimed, to newsletter.Reader) (mail.Message, error) {
	var said strings.Builder
	for _, b := range i.Blocks {
		for _, item := range b.Items {
			said.WriteString(item.Title + "\n")
		}
	}
	return mail.Message{ID: fmt.Sprintf("newsletter-%d@forum.example", i.ID), From: "Moothall <hello@forum.example>", To: to.Address,
		Subject: i.Subject, Text: said.String(), At: forumtest.Noon}, nil
}

// Send hands it over, where the server is there.
func (o *office) Send(ctx context.Context, m mail.Message) error {
	o.tried.Add(1)
	if o.away.Load() {
		return errors.New("connection refused")
	}
	err := o.Sender.Send(ctx, m)
	if err == nil && o.after != nil {
		o.after()
	}
	return err
}

// openOffice is a yard with several nodes that send mail, and the inbox it comes to.
func openOffice(t *testing.T, nodes int) (*yard, *office, *dev.Inbox) {
	t.Helper()
	inbox, err := dev.OpenInbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sender, err := mail.Open(mail.Config{URL: inbox.URL(), Domain: "forum.example", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(sender.Close(), inbox.Close()); err != nil {
			t.Error(err)
		}
	})
	y, o := openYard(t), &office{Sender: sender}
	for range nodes {
		y.give(o)
	}
	return y, o, inbox
}

// give has one more node send mail by an office.
func (y *yard) give(o *office) {
	y.t.Helper()
	q, err := jobs.New(jobs.Options{Pool: y.db, Now: y.clock.Now, Time: y.clock, Log: slog.New(slog.DiscardHandler), Post: o})
	if err != nil {
		y.t.Fatal(err)
	}
	q.Give(jobs.Stores{Forum: y.store, Care: care.New(y.store), Curation: curation.New(y.store), Letters: letters.New(y.store), Places: places.New(y.store), Projects: projects.New(y.store), Search: search.New(y.store), Sessions: y.auth, Newsletters: newsletter.New(y.store)})
	y.Queue = q
	y.start()
}

// crowd follows a thread at once, by mail.
func (y *yard) crowd(thread int64, names ...string) {
	y.t.Helper()
	_, err := y.db.Exec(y.t.Context(), `
		with crowd as (
			insert into people (name, standing, rules_version, joined_at, created_at, proven_email)
			select name, 'colleague', 1, $2, $2, 'p' || n || '@example.org' from unnest($3::text[]) with ordinality as v (name, n) returning id
		)
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select id, 'thread', $1, 'instant', 'chose', $2 from crowd`, thread, y.store.Now(), names)
	if err != nil {
		y.t.Fatal(err)
	}
}

// arrived counts the mails of each recipient.
func arrived(t *testing.T, inbox *dev.Inbox) (mails int, most int) {
	t.Helper()
	all, err := inbox.List(dev.Wanted{})
	if err != nil {
		t.Fatal(err)
	}
	each := map[string]int{}
	for _, m := range all {
		each[strings.Join(strings.Fields(fmt.Sprint(m.To)), " ")]++
	}
	for _, n := range each {
		most = max(most, n)
	}
	return len(all), most
}

// people are so many names.
func people(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprint("Person ", i))
	}
	return names
}

// With three nodes at work every follower has a mail of a post, once; and a letter that
// cannot be written holds up no other.
func TestEachFollowerGetsEachPostOnce(t *testing.T) {
	t.Parallel()
	y, _, inbox := openOffice(t, 3)
	ada := forumtest.Person(t, y.store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, y.store, ada, "Bins?")
	y.crowd(thread, append(people(120), "Who is unwritable")...)
	_, err := y.db.Exec(t.Context(), `insert into events (kind, at, doer_id, thread_id, post_id) select 'post_added', $1, author_id, thread_id, id from posts`, y.store.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := letters.New(y.store).FanOut(t.Context(), int64(y.count(`select max(id) from events`))); err != nil {
		t.Fatal(err)
	}
	y.until(`select count(*) from letters where done_at is null`, 0)
	if mails, most := arrived(t, inbox); mails != 120 || most != 1 {
		t.Errorf("%d mails have come, at most %d to one, want 120 and 1", mails, most)
	}
	if n := y.count(`select count(*) from letters where state = 'dropped' and why = 'unwritten'`); n != 1 {
		t.Errorf("%d letters could not be written, want 1", n)
	}
}

// While the mail server is away nothing is lost and it is not asked for each letter;
// once it is back everything goes out, once.
func TestMailWaitsForItsServer(t *testing.T) {
	t.Parallel()
	y, o, inbox := openOffice(t, 2)
	o.away.Store(true)
	ada := forumtest.Person(t, y.store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, y.store, ada, "Bins?")
	y.crowd(thread, people(200)...)
	_, err := y.db.Exec(t.Context(), `insert into events (kind, at, doer_id, thread_id, post_id) select 'post_added', $1, author_id, thread_id, id from posts`, y.store.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := letters.New(y.store).FanOut(t.Context(), int64(y.count(`select max(id) from events`))); err != nil {
		t.Fatal(err)
	}
	y.until(`select least(count(*), 1) from letters where state = 'deferred'`, 1)
	time.Sleep(time.Second)
	if n := o.tried.Load(); n > 150 {
		t.Errorf("%d tries of a server that is away, for 200 letters", n)
	}
	o.away.Store(false)
	y.clock.Advance(5 * time.Minute)
	y.until(`select count(*) from letters where state = 'sent'`, 200)
	if mails, most := arrived(t, inbox); mails != 200 || most != 1 {
		t.Errorf("%d mails have come, at most %d to one, want 200 and 1", mails, most)
	}
}

// What the mail server has taken is written down also where the database is away just
// then: the mail does not go a second time.
func TestASentMailIsNotSentAgainForTheDatabase(t *testing.T) {
	t.Parallel()
	y, o, inbox := openOffice(t, 0)
	var once sync.Once
	back := make(chan error, 1)
	o.after = func() {
		once.Do(func() {
			_, err := y.db.Exec(context.Background(), `alter table letters rename to letters_away`)
			if err != nil {
				back <- err
				return
			}
			time.AfterFunc(time.Second, func() {
				_, err := y.db.Exec(context.Background(), `alter table letters_away rename to letters`)
				back <- err
			})
		})
	}
	ada := forumtest.Person(t, y.store, "Ada", "Northmoor")
	thread := forumtest.Thread(t, y.store, ada, "Bins?")
	y.crowd(thread, people(1)...)
	_, err := y.db.Exec(t.Context(), `insert into events (kind, at, doer_id, thread_id, post_id) select 'post_added', $1, author_id, thread_id, id from posts`, y.store.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := letters.New(y.store).FanOut(t.Context(), int64(y.count(`select max(id) from events`))); err != nil {
		t.Fatal(err)
	}
	y.give(o)
	if err := <-back; err != nil {
		t.Fatal(err)
	}
	y.until(`select count(*) from letters where state = 'sent'`, 1)
	if mails, _ := arrived(t, inbox); mails != 1 || o.tried.Load() != 1 {
		t.Errorf("%d mails have come in %d tries, want 1 in 1", mails, o.tried.Load())
	}
}
