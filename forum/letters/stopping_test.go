package letters

import (
	"testing"
	"time"

	"moothall/forum"
)

// One press on a digest stops digests, whatever they came by: what is followed, with what
// goes on of it at once, and what is offered; where nothing followed comes so, all mail. A
// press that comes twice is one.
func TestOnePressOnADigestStopsWhateverItCameBy(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	topic, council := forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Subject{Kind: forum.ToCouncil, Slug: "northmoor"}
	h.follow(ada, topic, forum.Daily)
	for _, who := range []forum.Person{ada, ben} {
		h.follow(who, council, forum.Instant)
	}
	page := func(who forum.Person) Stopping {
		t.Helper()
		p, err := h.StoppingPage(t.Context(), Mailed{PersonID: who.ID, Digest: true})
		h.must(err)
		return p
	}
	press := func(who forum.Person) Stopping {
		t.Helper()
		h.clock.Advance(time.Second)
		m := Mailed{PersonID: who.ID, Digest: true}
		h.must(h.Stop(t.Context(), m, m.OneClick(), ""))
		return page(who)
	}
	asked := func(who forum.Person) bool {
		return h.count(`select count(*) from letter_settings where no_asks and person_id = $1`, who.ID) == 0
	}
	if p := page(ben); p.DigestEnded || p.Stopped {
		t.Errorf("before anything is pressed it is %+v", p)
	}
	for n := range 2 {
		if p := press(ada); p.Daily != 0 || !p.DigestEnded || p.Stopped || asked(ada) {
			t.Errorf("press %d: it is %+v, and they are asked: %v", n+1, p, asked(ada))
		}
	}
	h.exec(`insert into letters (person_id, kind, key, state, created_at, due_at, done_at) values ($1, 'digest', 'digest:1', 'sent', $2, $2, $2)`, ada.ID, h.Now().Add(time.Hour))
	h.clock.Advance(2 * time.Hour)
	if p := page(ada); p.DigestEnded {
		t.Error("a digest came since, and it is said that none does")
	}
	for _, who := range []forum.Person{ada, ben} {
		if p := press(who); !p.Stopped {
			t.Errorf("%s: where nothing followed comes so, a press leaves %+v", who.Name, p)
		}
	}
}

// Who follows nothing that comes once a day, and had a digest of a question that they may be
// able to answer, stops such questions in one press, and no other mail; pressed again, or by
// the link of a digest that came for another reason, it is as ever.
func TestOnePressOnAnOfferStopsOffers(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, cy := h.person("Ada", "Northmoor"), h.person("Cy", "Southmoor")
	h.follow(ada, forum.Subject{Kind: forum.ToCouncil, Slug: "northmoor"}, forum.Instant)
	thread := h.ask(cy, "Bins?", "waste-management")
	digest := func(reason string) {
		t.Helper()
		h.clock.Advance(24 * time.Hour)
		h.exec(`with sent as (insert into letters (person_id, kind, key, state, created_at, due_at, done_at) values ($1, 'digest', 'digest:' || $2::timestamptz, 'sent', $2, $2, $2) returning id),
				event as (insert into events (kind, at, thread_id) values ('question_offered', $2, $4) returning id)
			insert into notices (person_id, event_id, thread_id, reason, at, letter_id) select $1, event.id, $4, $3, $2, sent.id from sent, event`, ada.ID, h.Now(), reason, thread)
		h.clock.Advance(time.Hour)
	}
	press := func() Stopping {
		t.Helper()
		m := Mailed{PersonID: ada.ID, Digest: true}
		h.must(h.Stop(t.Context(), m, m.OneClick(), ""))
		p, err := h.StoppingPage(t.Context(), m)
		h.must(err)
		return p
	}
	digest("offered")
	for n := range 2 {
		if p := press(); p.Stopped || !p.DigestEnded || h.count(`select count(*) from letter_settings where no_asks and person_id = $1`, ada.ID) != 1 {
			t.Errorf("press %d: it is %+v", n+1, p)
		}
	}
	digest("chose")
	h.must(h.Settle(t.Context(), ada, SettingsDraft{DigestDay: 1}))
	h.must(h.Settle(t.Context(), ada, SettingsDraft{DigestDay: 1, NoAsks: true})) // says nothing of that digest
	if p := press(); !p.Stopped {
		t.Errorf("of a digest that no offer and no follow explains: it is %+v", p)
	}
}

// What was kept of a choice is what came of it: all that a digest brought, and nothing of
// what had been muted or ended before.
func TestOfWhatIsStoppedItIsKeptWhatCameOfIt(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	thread := h.ask(ben, "Bins?", "waste-management")
	number := int64(h.count(`select id from topics where slug = 'waste-management'`))
	topic, council := forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Subject{Kind: forum.ToCouncil, Slug: "northmoor"}
	kept := func(want ...forum.Cadence) {
		t.Helper()
		all, err := h.Stops(t.Context(), time.Time{}, 0)
		h.must(err)
		h.exec(`delete from stops`)
		if len(all) != len(want) {
			t.Fatalf("it is kept %+v, want %v", all, want)
		}
		for i, c := range all {
			if c.Cadence != want[i] || c.PersonID != ada.ID {
				t.Errorf("it is kept %+v, want %v", c, want)
			}
		}
	}
	stop := func(m Mailed, scope Scope, how forum.Cadence) {
		t.Helper()
		m.PersonID = ada.ID
		h.must(h.Stop(t.Context(), m, scope, how))
	}
	digest := Mailed{Digest: true}
	h.follow(ada, topic, forum.Daily)
	h.follow(ada, council, forum.Weekly)
	stop(digest, StopDigest, forum.Weekly)
	kept(forum.Weekly)
	stop(digest, StopDigest, "")
	kept(forum.Off, forum.OnSite, forum.OnSite) // the first is of offers
	via := Mailed{Via: Via{Kind: forum.ToTopic, ID: number}, ThreadID: thread}
	h.follow(ada, topic, forum.Muted)
	stop(via, StopTopic, forum.Weekly)
	stop(via, StopTopic, forum.OnSite)
	kept(forum.Muted)
	h.follow(ada, topic, forum.Off)
	stop(via, StopThread, forum.OnSite)
	kept(forum.Off)
	h.follow(ada, topic, forum.Instant)
	stop(via, StopThread, forum.OnSite)
	stop(via, StopTopic, forum.OnSite)
	kept(forum.OnSite, forum.OnSite)
}
