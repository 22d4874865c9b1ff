package newsletter

import (
	"errors"
	"slices"
	"testing"
	"time"

	"moothall/forum/forumtest"
)

// A node that dies gives back what it had in hand, once its lease is over, and the rest goes on.
func TestWhatANodeHadInHandIsTakenUp(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(20)
	p.sending()
	if claimed, err := p.Claim(t.Context(), 10); err != nil || len(claimed) != 10 {
		t.Fatal(err)
	}
	if rest := p.carry(100); len(rest) != 10 {
		t.Errorf("%d of the others", len(rest))
	}
	forumtest.Fill(t, p.db, `update newsletter_letters set claimed_until = claimed_until - interval '1 minute' where claimed_until is not null`)
	if rest := p.carry(100); len(rest) != 10 {
		t.Errorf("%d were taken up", len(rest))
	}
}

// Ten thousand addresses that are none, put in by somebody who moved a list, cost a short
// time and none of the others their issue.
func TestBadAddressesHoldUpNobody(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	forumtest.Fill(t, p.db, `
		insert into newsletter_subscribers (address, asked_at, asks_since, confirmed_at)
		select 'no address ' || g, $1, $1, $1 from generate_series(1, 10000) g`, p.Now())
	p.readers(3)
	id := p.sending()
	begun := time.Now()
	if to := p.carry(5000); len(to) != 3 {
		t.Errorf("it went to %d", len(to))
	}
	p.must(p.Dispatch(t.Context()))
	page, err := p.ComposePage(t.Context(), p.cora, id)
	if err != nil || page.State != Done || page.Counts != (Counts{Recipients: 10003, Sent: 3, Bounced: 10000}) || page.Subscribers != 3 {
		t.Errorf("%+v %d (%v)", page.Counts, page.Subscribers, err)
	}
	t.Logf("ten thousand in %s", time.Since(begun))
}

// What a dead node had handed over, as far as anybody knows, is not sent again; what it
// had not, is. Of two who have one letter in hand one hands it over.
func TestWhatWasHandedOverIsNotSentAgain(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	p.readers(3)
	id := p.sending()
	claimed, err := p.Claim(t.Context(), 2)
	p.must(err)
	p.must(p.Handing(t.Context(), claimed[0]))
	if err := p.Handing(t.Context(), claimed[0]); !errors.Is(err, ErrTaken) {
		t.Errorf("handed over twice: %v", err)
	}
	p.must(p.Dispatch(t.Context())) // while the node may be alive nothing is said of it
	forumtest.Fill(t, p.db, `update newsletter_letters set claimed_until = claimed_until - interval '2 minutes' where claimed_until is not null`)
	if to := p.carry(9); len(to) != 2 || slices.Contains(to, claimed[0].Address) {
		t.Errorf("it went to %v, and %s was handed over before", to, claimed[0].Address)
	}
	p.must(p.Dispatch(t.Context()))
	page, err := p.ComposePage(t.Context(), p.cora, id)
	if err != nil || page.State != Done || page.Counts != (Counts{Recipients: 3, Sent: 3, Unsure: 1}) {
		t.Errorf("%s %+v (%v)", page.State, page.Counts, err)
	}
	p.readers(0)
	second := p.sending()
	claimed, err = p.Claim(t.Context(), 1)
	p.must(err)
	p.must(p.Handing(t.Context(), claimed[0]))
	p.must(p.Deferred(t.Context(), claimed[0], "try again")) // the mail server said so: it has not taken it
	p.clock.Advance(time.Hour)
	if to := p.carry(9); len(to) != 3 || !slices.Contains(to, claimed[0].Address) {
		t.Errorf("of %d it went to %v", second, to)
	}
}
