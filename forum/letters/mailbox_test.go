package letters

import (
	"errors"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// mailbox is a team's, which somebody has added and its reader has said yes to.
func (h *hall) mailbox(who forum.Person, address string) (id int64) {
	h.t.Helper()
	h.must(h.AddMailbox(h.t.Context(), who, MailboxDraft{Address: address, Topics: []string{"waste-management"}, Cadence: forum.Instant}))
	h.must(h.db.QueryRow(h.t.Context(), `select person_id from mailboxes where address = $1 and stopped_at is null`, address).Scan(&id))
	h.must(h.ConfirmMailbox(h.t.Context(), id))
	return id
}

// count is the number that a query reads.
func (h *hall) count(query string, args ...any) (n int) {
	h.t.Helper()
	h.must(h.db.QueryRow(h.t.Context(), query, args...).Scan(&n))
	return n
}

// What an administrator has done about a mailbox's mail is on record, and keeps nobody
// from adding it again, nor whoever added it from being erased.
func TestWhatIsOnRecordOfAMailboxKeepsNobodyHere(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, boss := h.person("Ada", "Northmoor"), forumtest.Granted(t, h.Store.Store, h.person("Boss", "Southmoor"), forum.Administrator)
	const address = "digital@northmoor.gov.example"
	tended := func() (id int64) {
		t.Helper()
		id = h.mailbox(ada, address)
		h.exec(`insert into bounces (person_id, address, failures, suppressed_at, said) values ($1, $2, 2, $3, '550 none')`, id, address, h.Now())
		h.must(h.Release(t.Context(), boss, id))
		h.exec(`update letters set state = 'bounced', done_at = $2 where person_id = $1`, id, h.Now())
		h.must(h.SendAgain(t.Context(), boss, int64(h.count(`select max(id) from letters where person_id = $1`, id))))
		return id
	}
	first := tended()
	if n := h.count(`select count(*) from entries where doer_id = $1 and deed in ('released_address', 'sent_again') and council_id = $2 and person_id is null`, boss.ID, ada.CouncilID); n != 2 {
		t.Errorf("%d entries name the council and nobody, want 2", n)
	}
	h.must(h.StopMailbox(t.Context(), ada, first))
	h.clock.Advance(25 * time.Hour)
	second := tended()
	h.must(h.StopMailbox(t.Context(), ada, second))
	h.clock.Advance(31 * 24 * time.Hour)
	if _, err := h.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	tended()
	h.must(h.Do(t.Context(), ada, func(d *forum.Deed) error { return h.Forget(t.Context(), d, ada.ID) }))
	if n := h.count(`select count(*) from people where name = $1`, address); n != 0 {
		t.Errorf("%d people are left of the mailbox, want none", n)
	}
}

// What keeps mailboxes from being swept keeps nothing else.
func TestOtherThingsAreSweptWhateverMailboxesDo(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.person("Ada", "Northmoor")
	id := h.mailbox(ada, "digital@northmoor.gov.example")
	h.must(h.StopMailbox(t.Context(), ada, id))
	h.exec(`insert into entries (at, deed, person_id) values ($2, 'sent_again', $1)`, id, h.Now())
	h.exec(`insert into devices (person_id, device, first_at, last_at) values ($1, 'old', $2, $2)`, ada.ID, h.Now().Add(-400*24*time.Hour))
	h.clock.Advance(31 * 24 * time.Hour)
	_, err := h.Sweep(t.Context())
	if n := h.count(`select count(*) from devices`); n != 0 || err == nil {
		t.Errorf("%d devices are left, want none (%v)", n, err)
	}
}

// Who reads a mailbox and has stopped all mail is not asked again, whoever adds it and
// however much later; a mailbox that a colleague stopped can be.
func TestWhoRefusedAllMailIsNeverAskedAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, lea := h.person("Ada", "Northmoor"), h.person("Lea", "Northmoor")
	const address = "digital@northmoor.gov.example"
	id := h.mailbox(ada, address)
	for range 2 {
		h.must(h.Stop(t.Context(), Mailed{PersonID: id}, StopAll, ""))
	}
	h.must(h.StopMailbox(t.Context(), ada, id))
	for _, days := range []int{2, 40} {
		h.clock.Advance(time.Duration(days) * 24 * time.Hour)
		if _, err := h.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		bad := forum.Invalid{}
		err := h.AddMailbox(t.Context(), lea, MailboxDraft{Address: address, Topics: []string{"waste-management"}, Cadence: forum.Daily})
		if !errors.As(err, &bad) || len(bad) != 1 || bad[0].Key != "mailboxes.address_refused" {
			t.Errorf("added again after %d days: %v", days, err)
		}
	}
	for _, variant := range []string{"digital+new@northmoor.gov.example", "digital+@northmoor.gov.example"} {
		bad := forum.Invalid{}
		err := h.AddMailbox(t.Context(), lea, MailboxDraft{Address: variant, Topics: []string{"waste-management"}, Cadence: forum.Daily})
		if !errors.As(err, &bad) || len(bad) != 1 || bad[0].Key != "mailboxes.address_refused" {
			t.Errorf("added again as %s: %v", variant, err)
		}
	}
	other := h.mailbox(ada, "housing@northmoor.gov.example")
	h.must(h.StopMailbox(t.Context(), ada, other))
	h.clock.Advance(25 * time.Hour)
	h.mailbox(lea, "housing@northmoor.gov.example")
}

// Who reads an inbox is asked once, by whatever name of it; once they have said yes, another
// of its names may follow too.
func TestAnInboxIsAskedOnceUnderAllItsNames(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, lea := h.person("Ada", "Northmoor"), h.person("Lea", "Northmoor")
	add := func(who forum.Person, address string) error {
		return h.AddMailbox(t.Context(), who, MailboxDraft{Address: address, Topics: []string{"waste-management"}, Cadence: forum.Daily})
	}
	h.must(add(ada, "digital@northmoor.gov.example"))
	for _, who := range []forum.Person{ada, lea} {
		bad := forum.Invalid{}
		if err := add(who, "digital+bins@northmoor.gov.example"); !errors.As(err, &bad) || bad[0].Key != "mailboxes.address_there" {
			t.Errorf("another name of it: %v", err)
		}
	}
	h.must(h.ConfirmMailbox(t.Context(), int64(h.count(`select person_id from mailboxes`))))
	h.must(add(lea, "digital+bins@northmoor.gov.example"))
	if n := h.count(`select count(*) from letters where key = $1`, keyMailbox); n != 2 {
		t.Errorf("%d mails ask, want 2", n)
	}
}
