package jobs_test

import (
	"strings"
	"sync"
	"testing"

	"moothall/app/dev"
	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/letters"
	"moothall/forum/newsletter"
)

// press has an issue go out to n addresses, from this node and others.
func (y *yard) press(n int) (p *newsletter.Store, cora forum.Person, issue, thread int64) {
	y.t.Helper()
	p = newsletter.New(y.store)
	cora = forumtest.Granted(y.t, y.store, forumtest.Person(y.t, y.store, "Cora", "Southmoor"), forum.Curator)
	thread = forumtest.Thread(y.t, y.store, cora, "A canary sings")
	forumtest.Fill(y.t, y.db, `
		insert into newsletter_subscribers (address, asked_at, asks_since, confirmed_at)
		select 'reader' || g || '@example.org', $2, $2, $2 from generate_series(1, $1::int) g`, n, y.clock.Now())
	issue, err := p.Begin(y.t.Context(), cora, newsletter.IssueDraft{Subject: "News"})
	if err == nil {
		err = p.AddBlock(y.t.Context(), cora, issue, newsletter.BlockDraft{Kind: "questions", Threads: "1"})
	}
	if err == nil {
		err = p.Schedule(y.t.Context(), cora, issue, "", newsletter.Shown{})
	}
	if err == nil {
		err = p.Dispatch(y.t.Context())
	}
	if err != nil {
		y.t.Fatal(err)
	}
	return p, cora, issue, thread
}

// Several nodes carry an issue to everybody once. Held up in the midst, it stays so until
// it goes on; what was hidden meanwhile is in none of the rest, and nobody has it twice.
func TestAnIssueIsCarriedOnceAndHeldUp(t *testing.T) {
	t.Parallel()
	y, o, inbox := openOffice(t, 2)
	begun, held := make(chan struct{}), make(chan struct{})
	var once sync.Once
	o.after = func() {
		if o.tried.Load() >= 5 {
			once.Do(func() { close(begun) })
			<-held
		}
	}
	p, cora, issue, thread := y.press(120)
	<-begun
	err := p.Pause(t.Context(), cora, issue)
	forumtest.Fill(t, y.db, `update threads set hidden_at = $2 where id = $1`, thread, y.clock.Now())
	close(held)
	if err != nil {
		t.Fatal(err)
	}
	y.until(`select count(*) from newsletter_letters where state = 'queued' and claimed_until > clock_timestamp()`, 0)
	sent := y.count(`select count(*) from newsletter_letters where state = 'sent'`)
	if sent < 5 || sent > 15 {
		t.Errorf("%d were sent when it was held up", sent)
	}
	if err := p.Resume(t.Context(), cora, issue); err != nil {
		t.Fatal(err)
	}
	y.until(`select count(*) from newsletter_letters where state = 'sent'`, 120)
	if mails, most := arrived(t, inbox); mails != 120 || most != 1 {
		t.Errorf("%d mails came, to one %d", mails, most)
	}
	all, err := inbox.List(dev.Wanted{})
	if err != nil {
		t.Fatal(err)
	}
	with := 0
	for _, m := range all {
		text, err := inbox.Source(m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "canary") {
			with++
		}
	}
	if with > 15 {
		t.Errorf("%d mails tell of what was hidden", with)
	}
}

// While a newsletter goes out, what somebody waits for goes before it.
func TestANewsletterHoldsUpNoOtherMail(t *testing.T) {
	t.Parallel()
	y, o, _ := openOffice(t, 1)
	stuck := make(chan struct{})
	o.after = func() { <-stuck }
	defer close(stuck)
	y.press(50)
	for o.tried.Load() < 2 { // both who carry newsletters are at it, and get no answer
		y.clock.Advance(0)
	}
	ben := forumtest.Person(t, y.store, "Ben", "Southmoor")
	thread := forumtest.Thread(t, y.store, ben, "Bins")
	y.crowd(thread, "One")
	forumtest.Reply(t, y.store, ben, thread, "We did.")
	if err := letters.New(y.store).FanOut(t.Context(), int64(y.count(`select max(id) from events`))); err != nil {
		t.Fatal(err)
	}
	for o.tried.Load() < 3 {
		y.clock.Advance(0)
	}
}
