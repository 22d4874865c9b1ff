package newsletter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

func (p *press) ask(address string) {
	p.t.Helper()
	p.must(p.Subscribe(p.t.Context(), SubscribeDraft{Email: address}))
}

// mails counts the links that wait to go to an address.
func (p *press) mails(address string) int {
	p.t.Helper()
	return p.count(`select count(*) from newsletter_letters where kind = 'ask' and address = $1`, address)
}

// Whoever has it typed in, however often and at once: an address gets one link in a while,
// and few in a day. Until its reader says yes nothing else goes there.
func TestAnAddressIsAskedAndNotFlooded(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := p.Subscribe(t.Context(), SubscribeDraft{Email: " Eve@Example.org "}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := p.mails("eve@example.org"); n != 1 {
		t.Fatalf("%d links", n)
	}
	for range 30 {
		p.clock.Advance(askEvery)
		p.ask("eve@example.org")
	}
	if n := p.mails("eve@example.org"); n != asksMost {
		t.Errorf("%d links in a day", n)
	}
	p.clock.Advance(24 * time.Hour)
	p.ask("eve@example.org")
	if n := p.mails("eve@example.org"); n != asksMost+1 {
		t.Errorf("%d links the day after", n)
	}
	p.carry(100)
	p.sending()
	if to := p.carry(100); len(to) != 0 {
		t.Errorf("it goes to %v", to)
	}
	for _, wrong := range []string{"", "eve", "@example.org", "eve@example", "eve@example.org, ada@example.org", "eve@exa mple.org", "eve@example.org\r\nBcc: x@example.org", strings.Repeat("e", 65) + "@example.org", "e\x00ve@example.org", "évé@example.org",
		"eve@ada@example.org", "eve@.example.org", "eve@example..org", "eve@-example.org", "eve@example.org.", ".eve@example.org", "e..ve@example.org", "eve@127.0.0.1", "eve@example.org?bcc=ada",
		"eve%example.com@example.org", "example.com!eve@example.org", "|eve@example.org", "`eve`@example.org", "eve@" + strings.Repeat("e", 64) + ".org", "eve@" + strings.Repeat("example.", 40) + "org"} {
		if err := p.Subscribe(t.Context(), SubscribeDraft{Email: wrong}); !errors.As(err, new(forum.Invalid)) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// Whatever is written behind a plus, it comes to the same inbox: that is asked no oftener,
// also of many at once. Who wants it at such an address gets it there.
func TestAnInboxIsNotFloodedByItsManyAddresses(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	links := func() int { t.Helper(); return p.count(`select count(*) from newsletter_letters where kind = 'ask'`) }
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			if err := p.Subscribe(t.Context(), SubscribeDraft{Email: fmt.Sprintf("eve+%d@example.org", n)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := links(); n != 1 {
		t.Fatalf("%d links at once", n)
	}
	for n := range 30 {
		p.clock.Advance(askEvery)
		p.ask(fmt.Sprintf("eve+again%d@example.org", n))
	}
	if n := links(); n != asksMost {
		t.Errorf("%d links in a day", n)
	}
	p.ask("eve@example.com") // somebody else
	p.ask("ada+eve@example.org")
	p.clock.Advance(24 * time.Hour)
	p.ask("eve@example.org")
	if n := links(); n != asksMost+3 || p.mails("ada+eve@example.org") != 1 {
		t.Errorf("%d links the day after", n)
	}
}

// An inbox gets no more links in a day because some of them went to the address that is
// asked again.
func TestAnAddressAndItsInboxAreCountedTogether(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	links := func() int { t.Helper(); return p.count(`select count(*) from newsletter_letters where kind = 'ask'`) }
	for _, address := range []string{"eve+1@example.org", "eve+2@example.org", "eve@example.org", "eve@example.org", "eve@example.org", "eve+1@example.org"} {
		p.ask(address)
		p.clock.Advance(askEvery)
	}
	if n := links(); n != asksMost {
		t.Errorf("%d links in a day", n)
	}
	p.clock.Advance(24 * time.Hour)
	p.ask("eve+2@example.org")
	p.ask("eve+2@example.org")
	if n := links(); n != asksMost+1 {
		t.Errorf("%d links the day after", n)
	}
}

// The link of a mail holds for a week, twice changes nothing, and is over for who has left
// since; leaving ends the address, whichever way it came there.
func TestConfirmingAndLeaving(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.ask("ada@northmoor.example")
	id, asked := int64(p.count(`select id from newsletter_subscribers`)), p.Now().Truncate(time.Second)
	if s, err := p.Asking(t.Context(), id, asked); err != nil || s.Confirmed || s.Address != "ada@northmoor.example" {
		t.Fatalf("%+v %v", s, err)
	}
	for range 2 {
		p.must(p.Confirm(t.Context(), id, asked))
	}
	forumtest.Fill(t, p.db, `update people set proven_email = 'ADA@northmoor.example' where id = $1`, p.ada.ID)
	p.must(p.Switch(t.Context(), p.ada, true))
	p.carry(9) // the link
	issue := p.sending()
	if to := p.carry(9); fmt.Sprint(to) != "[ada@northmoor.example]" {
		t.Fatalf("it went to %v", to)
	}
	p.clock.Advance(time.Hour)
	for range 2 {
		p.must(p.Leave(t.Context(), id, issue))
	}
	if n := p.count(countQuery); n != 0 {
		t.Errorf("%d still get it", n)
	}
	if page, err := p.ComposePage(t.Context(), p.cora, issue); err != nil || page.Counts.Went != 1 {
		t.Errorf("%+v %v", page.Counts, err)
	}
	if err := p.Confirm(t.Context(), id, asked); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("the old link brings it back: %v", err)
	}
	p.ask("ada@northmoor.example")
	asked = p.Now()
	p.clock.Advance(confirmLife)
	if err := p.Confirm(t.Context(), id, asked); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("after a week: %v", err)
	}
	for _, none := range []error{p.Leave(t.Context(), 99, 0), p.Confirm(t.Context(), 99, p.Now())} {
		if !errors.Is(none, forum.ErrNotFound) {
			t.Errorf("of nobody: %v", none)
		}
	}
}

// What nobody confirmed goes after a week, who left, or could not be reached, after a
// month, records of letters likewise; who gets it stays.
func TestWhatIsNoLongerKeptGoes(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(3)
	p.ask("eve@example.org")
	p.must(p.Leave(t.Context(), int64(p.count(`select id from newsletter_subscribers where address = 'reader2@example.org'`)), 0))
	p.sending()
	p.carry(9)
	p.must(p.Dispatch(t.Context()))
	p.clock.Advance(confirmLife + time.Hour)
	if _, err := p.Sweep(t.Context()); err != nil || p.count(`select count(*) from newsletter_subscribers`) != 3 {
		t.Errorf("after a week %d (%v)", p.count(`select count(*) from newsletter_subscribers`), err)
	}
	forumtest.Fill(t, p.db, `update newsletter_subscribers set suppressed_at = $1 where address = 'reader3@example.org'`, p.Now().Add(-time.Hour)) // nobody is there
	p.clock.Advance(leftMemory)
	if _, err := p.Sweep(t.Context()); err != nil || p.count(`select count(*) from newsletter_subscribers`) != 1 || p.count(`select count(*) from newsletter_letters`) != 0 {
		t.Errorf("after a month %d, %d letters (%v)", p.count(`select count(*) from newsletter_subscribers`), p.count(`select count(*) from newsletter_letters`), err)
	}
	page, err := p.ComposePage(t.Context(), p.cora, int64(p.count(`select max(id) from newsletters`)))
	if err != nil || page.Counts.Sent != 2 {
		t.Errorf("%+v %v", page.Counts, err)
	}
}

// Who is erased gets none, by their account or at the address that they had proven.
func TestWhoIsErasedGetsNone(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	forumtest.Fill(t, p.db, `update people set proven_email = 'Ada@northmoor.example' where id = $1`, p.ada.ID)
	p.must(p.Switch(t.Context(), p.ada, true))
	p.ask("ada@northmoor.example")
	p.ask("ben@northmoor.example")
	p.must(p.Do(t.Context(), p.ada, func(d *forum.Deed) error { return p.Forget(t.Context(), d, p.ada.ID) }))
	var left []string
	rows, err := p.db.Query(t.Context(), `select coalesce(address, '') from newsletter_subscribers union all select address from newsletter_letters`)
	p.must(err)
	for rows.Next() {
		var one string
		p.must(rows.Scan(&one))
		left = append(left, one)
	}
	if !slices.Equal(left, []string{"ben@northmoor.example", "ben@northmoor.example"}) {
		t.Errorf("left are %v", left)
	}
}

// In a database that came from a backup nothing of an issue goes out again.
func TestNothingGoesOutAgainFromABackup(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(5)
	p.sending()
	p.carry(2)
	second := p.issue()
	p.must(p.Schedule(t.Context(), p.cora, second, "", Shown{}))
	if let, err := p.Restored(t.Context()); err != nil || let != 3 {
		t.Errorf("%d %v", let, err)
	}
	p.clock.Advance(time.Hour)
	p.must(p.Dispatch(t.Context()))
	if to := p.carry(9); len(to) != 0 {
		t.Errorf("it went to %v", to)
	}
}
