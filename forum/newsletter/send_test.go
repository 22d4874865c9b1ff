package newsletter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// press is a store of newsletters, its curators and its clock.
type press struct {
	*Store
	t     *testing.T
	db    *pgxpool.Pool
	clock *forumtest.Clock
	cora  forum.Person
	ada   forum.Person
}

func openPress(t *testing.T) *press {
	t.Helper()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Southmoor"), forum.Curator)
	return &press{New(store), t, db, clock, cora, ada}
}

func (p *press) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// count asks the database for a number.
func (p *press) count(query string, args ...any) (n int) {
	p.t.Helper()
	p.must(p.db.QueryRow(p.t.Context(), query, args...).Scan(&n))
	return n
}

// readers are addresses that have said that they want it.
func (p *press) readers(n int) {
	p.t.Helper()
	forumtest.Fill(p.t, p.db, `
		insert into newsletter_subscribers (address, asked_at, asks_since, confirmed_at)
		select 'reader' || g || '@example.org', $2, $2, $2 from generate_series(1, $1::int) g`, n, p.Now())
}

// issue is one with words in it.
func (p *press) issue() int64 {
	p.t.Helper()
	id, err := p.Begin(p.t.Context(), p.cora, IssueDraft{Subject: "News of November"})
	p.must(err)
	p.must(p.AddBlock(p.t.Context(), p.cora, id, BlockDraft{Kind: "text", Body: "Hello **all**."}))
	return id
}

// sending is one that goes out.
func (p *press) sending() int64 {
	p.t.Helper()
	id := p.issue()
	p.must(p.Schedule(p.t.Context(), p.cora, id, "", Shown{}))
	p.must(p.Dispatch(p.t.Context()))
	return id
}

// carry has up to n letters sent as a postman does, and says to whom they went.
func (p *press) carry(n int) (to []string) {
	p.t.Helper()
	for len(to) < n {
		claimed, err := p.Claim(p.t.Context(), min(10, n-len(to)))
		p.must(err)
		if len(claimed) == 0 {
			return to
		}
		for _, c := range claimed {
			r, verdict, err := p.Reader(p.t.Context(), c)
			p.must(err)
			if verdict.State != "" {
				p.must(p.NotSent(p.t.Context(), c, verdict))
				continue
			}
			to = append(to, r.Address)
			p.must(p.Sent(p.t.Context(), c))
		}
	}
	return to
}

// Everybody who gets it has one letter in the outbox, however often and by however many it
// is put in, and though it is cut off half-way.
func TestEachAddressGetsAnIssueOnce(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(230)
	forumtest.Fill(t, p.db, `update people set proven_email = 'Reader7@Example.org' where id = $1`, p.ada.ID)
	p.must(p.Switch(t.Context(), p.ada, true)) // the same address by another way
	id := p.issue()
	p.must(p.Schedule(t.Context(), p.cora, id, "", Shown{}))
	p.must(p.begin(t.Context()))
	more, err := p.enqueue(t.Context(), id, 100, false) // and cut off
	if err != nil || !more || p.count(`select count(*) from newsletter_letters`) != 100 {
		t.Fatalf("%v %v", more, err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := p.dispatch(context.WithoutCancel(t.Context()), 50); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	p.must(p.Dispatch(t.Context()))
	if n := p.count(`select count(*) from newsletter_letters`); n != 230 {
		t.Errorf("%d letters, want 230", n)
	}
	to := p.carry(1000)
	slices.Sort(to)
	if len(to) != 230 || len(slices.Compact(to)) != 230 {
		t.Errorf("%d went out", len(to))
	}
	p.must(p.Dispatch(t.Context()))
	page, err := p.ComposePage(t.Context(), p.cora, id)
	if err != nil || page.State != Done || page.Counts != (Counts{Recipients: 230, Sent: 230}) {
		t.Errorf("%+v, %s (%v)", page.Counts, page.State, err)
	}
}

// Held up, nothing more leaves, of what a node has in hand neither; going on, each address
// has it once. Stopped for good, the rest gets nothing.
func TestAnIssueIsHeldUpAndGoesOn(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(40)
	id := p.sending()
	first := p.carry(15)
	claimed, err := p.Claim(t.Context(), 10)
	p.must(err)
	p.must(p.Pause(t.Context(), p.cora, id))
	p.must(p.Pause(t.Context(), p.cora, id))
	for _, c := range claimed {
		_, verdict, err := p.Reader(t.Context(), c)
		if err != nil || verdict.State != Held {
			t.Fatalf("%+v %v", verdict, err)
		}
		p.must(p.NotSent(t.Context(), c, verdict))
	}
	if rest := p.carry(100); len(rest) != 0 || len(first) != 15 {
		t.Errorf("%d, and while it was held up %d", len(first), len(rest))
	}
	if n := p.count(`select count(*) from newsletter_letters where tries > 0 and state = 'queued'`); n != 0 {
		t.Errorf("%d tries were counted", n)
	}
	if err := p.ChangeIssue(t.Context(), p.cora, id, IssueDraft{Subject: "Other"}); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("what goes out was changed: %v", err)
	}
	p.must(p.Resume(t.Context(), p.cora, id))
	p.must(p.Resume(t.Context(), p.cora, id))
	all := append(first, p.carry(10)...)
	p.must(p.Pause(t.Context(), p.cora, id))
	p.must(p.Stop(t.Context(), p.cora, id))
	p.must(p.Dispatch(t.Context()))
	if more := p.carry(100); len(more) != 0 {
		t.Errorf("%d after it was stopped", len(more))
	}
	slices.Sort(all)
	if len(all) != 25 || len(slices.Compact(all)) != 25 {
		t.Errorf("%d went out", len(all))
	}
	page, err := p.ComposePage(t.Context(), p.cora, id)
	if err != nil || page.State != Stopped || page.Counts != (Counts{Recipients: 40, Sent: 25, Unsent: 15}) {
		t.Errorf("%+v, %s (%v)", page.Counts, page.State, err)
	}
	if err := p.Resume(t.Context(), p.cora, id); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("it goes on: %v", err)
	}
}

// What has become of who gets it since the letter was put in is looked at when it leaves.
func TestWhoGetsItIsLookedAtWhenItLeaves(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	forumtest.Fill(t, p.db, `update people set proven_email = name || '@northmoor.example'`)
	p.must(p.Switch(t.Context(), p.ada, true))
	people := map[string]string{
		"left": `update newsletter_subscribers set left_at = now() where id = $1`, "stopped_all": `insert into letter_settings (person_id, stopped_at) values ($2, now())`,
		"paused": `insert into letter_settings (person_id, pause_until) values ($2, '2100-01-01')`, "moved": `update people set proven_email = 'new@northmoor.example' where id = $2`,
		"unreachable": `insert into bounces (person_id, address, suppressed_at) select id, proven_email, now() from people where id = $2`,
		"away":        `update people set suspended_at = '2020-01-01', suspended_until = '2100-01-01', suspended_why = 'x' where id = $2`,
	}
	for why := range people {
		person := forumtest.Person(t, p.Store.Store, "Reader "+why, "Northmoor")
		forumtest.Fill(t, p.db, `update people set proven_email = $2 || '@northmoor.example' where id = $1`, person.ID, why)
		p.must(p.Switch(t.Context(), person, true))
	}
	p.readers(1)
	p.sending()
	for why, change := range people {
		var subscriber, person int64
		p.must(p.db.QueryRow(t.Context(), `select s.id, p.id from newsletter_subscribers s join people p on p.id = s.person_id where p.name = 'Reader ' || $1`, why).Scan(&subscriber, &person))
		if why == "left" {
			forumtest.Fill(t, p.db, change, subscriber)
			continue
		}
		forumtest.Fill(t, p.db, `with x as (select $1::bigint) `+change, subscriber, person)
	}
	if to := p.carry(100); len(to) != 2 || !slices.Contains(to, "ada@northmoor.example") || !slices.Contains(to, "reader1@example.org") {
		t.Errorf("it went to %v", to)
	}
	for why := range people {
		if n := p.count(`select count(*) from newsletter_letters where why = $1 and state in ('dropped', 'suppressed')`, why); n != 1 {
			t.Errorf("%s: %d", why, n)
		}
	}
}

// Three refusals in a row end an address, one that it takes begins them anew; what comes
// back because nobody is there ends it at once, and is counted.
func TestBouncesAreRespected(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(2)
	live := func() int {
		return p.count(countQuery)
	}
	refuse := func() {
		p.sending()
		for {
			claimed, err := p.Claim(t.Context(), 1)
			p.must(err)
			if len(claimed) == 0 {
				p.must(p.Dispatch(t.Context()))
				return
			}
			if err := p.Bounced(t.Context(), Returned{LetterID: claimed[0].ID, Said: "5.1.1", Nobody: true}); !errors.Is(err, forum.ErrTooMany) {
				t.Errorf("one that comes back before it is known that it went: %v, want that it comes again", err)
			}
			if claimed[0].Address == "reader1@example.org" {
				p.must(p.Refused(t.Context(), claimed[0], "no such user", true))
			} else {
				p.must(p.Sent(t.Context(), claimed[0]))
			}
		}
	}
	refuse()
	refuse()
	forumtest.Fill(t, p.db, `update newsletter_subscribers set failures = 0`) // as one that was taken does
	refuse()
	refuse()
	if live() != 2 {
		t.Errorf("%d are left after two in a row", live())
	}
	refuse()
	if live() != 1 {
		t.Errorf("%d are left after three in a row", live())
	}
	last := int64(p.count(`select max(id) from newsletter_letters where state = 'sent'`))
	for range 2 {
		p.must(p.Bounced(t.Context(), Returned{LetterID: last, Said: "5.1.1", Nobody: true}))
	}
	p.must(p.Bounced(t.Context(), Returned{LetterID: 99999, Said: "5.1.1", Nobody: true}))
	page, err := p.ComposePage(t.Context(), p.cora, int64(p.count(`select max(id) from newsletters`)))
	if err != nil || live() != 0 || page.Counts != (Counts{Recipients: 2, Bounced: 2}) {
		t.Errorf("%d are left, %+v (%v)", live(), page.Counts, err)
	}
}

// It goes out when its time has come and not before; not empty, not in the past, and not
// unseen where another curator was asked to look.
func TestWhenAnIssueGoesOut(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(1)
	id, err := p.Begin(t.Context(), p.cora, IssueDraft{Subject: " News \n of November "})
	p.must(err)
	for at, key := range map[string]string{"": "newsletters.empty", "soon": "newsletters.at_wrong", "2020-01-01T10:00": "newsletters.at_past", "2999-01-01T10:00": "newsletters.at_far"} {
		if bad := (forum.Invalid)(nil); !errors.As(p.Schedule(t.Context(), p.cora, id, at, Shown{}), &bad) || bad[0].Key != key {
			t.Errorf("%q: %v, want %s", at, bad, key)
		}
	}
	p.must(p.AddBlock(t.Context(), p.cora, id, BlockDraft{Kind: "text", Body: "Hello."}))
	p.must(p.AskEyes(t.Context(), p.cora, id, true))
	noon := p.Now().Add(2 * time.Hour)
	at := noon.In(forum.London).Format("2006-01-02T15:04")
	if bad := (forum.Invalid)(nil); !errors.As(p.Schedule(t.Context(), p.cora, id, at, Shown{}), &bad) || bad[0].Key != "newsletters.needs_eyes" {
		t.Errorf("unseen: %v", bad)
	}
	page, err := p.ComposePage(t.Context(), p.cora, id)
	p.must(err)
	if err := p.Approve(t.Context(), p.cora, id, page.Shown()); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("approved by who wrote it: %v", err)
	}
	dan := forumtest.Granted(t, p.Store.Store, forumtest.Person(t, p.Store.Store, "Dan", "Northmoor"), forum.Curator)
	if err := p.Approve(t.Context(), dan, id, Shown{page.Version - 1, page.Lines}); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("of an old version: %v", err)
	}
	p.must(p.Approve(t.Context(), dan, id, page.Shown()))
	p.must(p.AddBlock(t.Context(), p.cora, id, BlockDraft{Kind: "dates", Body: "1 May"}))
	if bad := (forum.Invalid)(nil); !errors.As(p.Schedule(t.Context(), p.cora, id, at, Shown{}), &bad) || bad[0].Key != "newsletters.needs_eyes" {
		t.Errorf("changed since: %v", bad)
	}
	p.must(p.Approve(t.Context(), dan, id, Shown{page.Version + 1, page.Lines}))
	p.must(p.Schedule(t.Context(), p.cora, id, at, Shown{}))
	p.must(p.Dispatch(t.Context()))
	if _, err := p.Issue(t.Context(), p.ada, id); !errors.Is(err, forum.ErrNotFound) || len(p.carry(9)) != 0 {
		t.Errorf("it shows before its time: %v", err)
	}
	p.clock.Advance(2*time.Hour + time.Minute)
	p.must(p.Dispatch(t.Context()))
	if i, err := p.Issue(t.Context(), p.ada, id); err != nil || len(i.Blocks) != 2 || len(p.carry(9)) != 1 {
		t.Errorf("%+v %v", i, err)
	}
}

// Only curators do anything with an issue, and see one that is not sent.
func TestOnlyCuratorsCompose(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	id := p.issue()
	block := int64(p.count(`select id from newsletter_blocks`))
	for name, deed := range map[string]func() error{
		"begin":  func() error { _, err := p.Begin(t.Context(), p.ada, IssueDraft{Subject: "Mine"}); return err },
		"change": func() error { return p.ChangeIssue(t.Context(), p.ada, id, IssueDraft{Subject: "Mine"}) },
		"add":    func() error { return p.AddBlock(t.Context(), p.ada, id, BlockDraft{Kind: "text"}) },
		"block":  func() error { return p.ChangeBlock(t.Context(), p.ada, block, BlockDraft{}) },
		"move":   func() error { return p.MoveBlock(t.Context(), p.ada, block, true) },
		"remove": func() error { return p.RemoveBlock(t.Context(), p.ada, block) },
		"fill":   func() error { return p.Fill(t.Context(), p.ada, id, func(string, Figures) string { return "" }) },
		"test":   func() error { return p.Try(t.Context(), p.ada, id) },
		"send":   func() error { return p.Schedule(t.Context(), p.ada, id, "", Shown{}) },
		"pause":  func() error { return p.Pause(t.Context(), p.ada, id) },
		"resume": func() error { return p.Resume(t.Context(), p.ada, id) },
		"stop":   func() error { return p.Stop(t.Context(), p.ada, id) },
		"eyes":   func() error { return p.AskEyes(t.Context(), p.ada, id, true) },
		"yes":    func() error { return p.Approve(t.Context(), p.ada, id, Shown{Version: 2}) },
		"page":   func() error { _, err := p.ComposePage(t.Context(), p.ada, id); return err },
	} {
		if err := deed(); !errors.Is(err, forum.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Issue(t.Context(), p.ada, id); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("a draft shows: %v", err)
	}
	if list, err := p.ArchivePage(t.Context(), p.ada, 0); err != nil || len(list.Issues)+len(list.Drafts) != 0 {
		t.Errorf("%+v %v", list, err)
	}
}

// A test goes to who asks for it alone, and says nothing to those who get the newsletter.
func TestATestGoesToOneself(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(5)
	id := p.issue()
	if bad := (forum.Invalid)(nil); !errors.As(p.Try(t.Context(), p.cora, id), &bad) {
		t.Error("it goes nowhere")
	}
	forumtest.Fill(t, p.db, `update people set proven_email = 'cora@southmoor.example' where id = $1`, p.cora.ID)
	p.must(p.Try(t.Context(), p.cora, id))
	if to := p.carry(9); fmt.Sprint(to) != "[cora@southmoor.example]" {
		t.Errorf("it went to %v", to)
	}
}
