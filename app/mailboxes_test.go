package app_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/letters"
)

// mailbox is a team's, which waits to be confirmed, of the council of who added it.
func (w *world) mailbox(address, by string) (id int64) {
	w.t.Helper()
	w.must(letters.New(w.store).AddMailbox(w.t.(*testing.T).Context(), w.people[by], letters.MailboxDraft{Address: address, Topics: []string{"waste-management"}, Cadence: forum.Instant}))
	return w.number(`select person_id from mailboxes where address = $1`, address)
}

// mailboxToken is that of the link in the mail that asks a mailbox.
func (w *world) mailboxToken(id int64) string {
	return w.keys.Sign("mailbox", binary.AppendUvarint(nil, uint64(id)))
}

// mailboxLink is the token of a link to a mailbox, or one of nobody's making.
func (w *rightsWorld) mailboxLink(name string) string {
	if name == "unknown" {
		return strings.Repeat("a", 50)
	}
	return w.mailboxToken(w.mailbox("linked@southmoor.gov.example", "curator"))
}

// asks has a colleague ask under the topic that mailboxes follow here, so that the node
// tells of it.
func (w *world) asks(title, visibility string) {
	w.t.Helper()
	if got := w.post("colleague", "/threads", "title", title, "body", "We have not.", "topic", "waste-management", "visibility", visibility); got.status != 303 {
		w.t.Fatalf("asking %s: %d", title, got.status)
	}
}

// lettersTo counts those to a mailbox, the one that asks it aside.
func (w *world) lettersTo(id int64, state string) int64 {
	return w.number(`select count(*) from letters where person_id = $1 and key like 'event:%' and (state = $2 or $2 = '')`, id, state)
}

// A mailbox follows when its reader says so by a press, and not by opening the link. It
// hears what everybody may read and nothing for councils only; each mail says who added
// it and stops it in one press, without a session.
func TestAMailboxFollowsWhenItsReaderSaysSo(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	const address = "digital@northmoor.gov.example"
	if got := w.post("author", "/account/mailboxes", "address", " Digital@Northmoor.gov.example", "topic", "waste-management", "topic", "", "cadence", "instant"); got.status != 303 {
		t.Fatalf("adding a mailbox: %d", got.status)
	}
	id := w.number(`select person_id from mailboxes where address = $1`, address)
	link := "/mailboxes/" + w.mailboxToken(id)
	asked := w.inboxOf(t, address, link)
	if !strings.Contains(asked, "Ada Author of Northmoor") || strings.Contains(asked, "List-Unsubscribe") || strings.Contains(asked, "Reply-To") {
		t.Errorf("the mail that asks: %s", asked)
	}
	w.asks("Before anybody said yes", "public")
	for range 2 {
		if page := w.get("", link); page.status != 200 || !strings.Contains(page.body, "Yes, send these emails") {
			t.Fatalf("the link: %d", page.status)
		}
	}
	if n := w.number(`select count(*) from follows where person_id = $1`, id) + w.lettersTo(id, ""); n != 0 {
		t.Error("a mailbox hears of something before its reader said yes")
	}
	for range 2 {
		if got := w.post("", link); got.status != 303 {
			t.Fatalf("saying yes: %d", got.status)
		}
	}
	if page := w.get("", link); !strings.Contains(page.body, address+" gets these emails now") {
		t.Error("the page does not say that it was said")
	}
	w.asks("Secret of councils", "councils")
	w.asks("Who has moved bins online?", "public")
	told := w.inboxOf(t, address, "Who has moved bins online?")
	within(t, "the letter is sent", func() bool { return w.lettersTo(id, "sent") == 1 })
	if all := w.inboxOf(t, address, "Who has moved"); strings.Contains(all, "Secret of councils") || strings.Contains(all, "Before anybody") {
		t.Error("a mailbox hears of what is for councils only, or of what was before it")
	}
	for _, want := range []string{"List-Unsubscribe-Post: List-Unsubscribe=One-Click", "because Ada Author of", "/account/mailboxes"} {
		if !strings.Contains(strings.Join(strings.Fields(told), " "), want) {
			t.Errorf("the mail does not say %q: %s", want, told)
		}
	}
	if strings.Contains(told, "Reply-To: reply+") {
		t.Error("a mailbox is asked to answer")
	}
	w.exec(`update follows set cadence = 'daily' where person_id = $1`, id)
	if got := w.press(w.stopToken(byDigest, id, 0, 0), nil, "scope", "digest", "cadence", "weekly"); got.status != 303 || w.follows(id) != "topic weekly" {
		t.Errorf("slowed from its daily email: %d, follows %q", got.status, w.follows(id))
	}
	told = w.get("author", "/account/mailboxes").body
	if !strings.Contains(told, "Waste management: Once a week") || strings.Contains(told, "Stopped from one of its emails") {
		t.Error("the council is not shown how soon its mailbox hears now")
	}
	topic := w.number(`select id from topics where slug = 'waste-management'`)
	stop := w.stopToken(2, id, topic, 0)
	for range 2 {
		if got := w.press(stop, nil, "List-Unsubscribe", "One-Click"); got.status != 200 {
			t.Errorf("one click: %d", got.status)
		}
	}
	if got := w.follows(id); got != "" {
		t.Errorf("follows %q after one click", got)
	}
	if page := w.get("author", "/account/mailboxes").body; !strings.Contains(page, "Stopped from one of its emails") || strings.Contains(page, "Waste management: ") {
		t.Error("the council is shown that its mailbox follows what its reader has stopped")
	}
	if got := w.press(w.stopToken(byDigest, id, 0, 0), nil, "List-Unsubscribe", "One-Click"); got.status != 200 || !strings.Contains(w.follows(id), "stopped") {
		t.Errorf("one click in its daily email: %d, %q", got.status, w.follows(id))
	}
}

// Every colleague of the council sees who added a mailbox, and can stop it; others neither
// see it nor can. It stops by itself when who added it is there no more, and is forgotten
// with them.
func TestEveryColleagueCanStopAMailbox(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	add := func(address string) int64 {
		id := w.mailbox(address, "author")
		w.must(letters.New(w.store).ConfirmMailbox(t.Context(), id))
		return id
	}
	id := add("digital@northmoor.gov.example")
	page := w.get("lead", "/account/mailboxes").body
	if !strings.Contains(page, "digital@northmoor.gov.example") || !strings.Contains(page, "Added by Ada Author") {
		t.Error("a colleague does not see the mailbox and who added it")
	}
	if page := w.get("colleague", "/account/mailboxes"); page.status != 200 || strings.Contains(page.body, "digital@") {
		t.Error("another council's colleague sees the mailbox")
	}
	stop := fmt.Sprintf("/account/mailboxes/%d/stop", id)
	if got := w.post("colleague", stop); got.status != 404 {
		t.Errorf("another council's colleague stops it: %d", got.status)
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if got := w.post("lead", stop); got.status != 303 {
				t.Errorf("a colleague stops it: %d", got.status)
			}
		})
	}
	both.Wait()
	if page := w.get("author", "/account/mailboxes").body; !strings.Contains(page, "Stopped by Lea Lead") {
		t.Error("nobody sees who stopped it")
	}
	w.asks("After it was stopped", "public")
	second := add("housing@northmoor.gov.example")
	w.exec(`update people set council_id = (select id from councils where slug = 'southmoor') where id = $1`, w.people["author"].ID)
	w.asks("After she left", "public")
	// The node's own sweep may stop the mailbox first, and then there is no letter at all.
	within(t, "the letter is dropped", func() bool { return w.lettersTo(second, "dropped") == 1 || w.follows(second) == "" })
	if n := w.lettersTo(id, "") + w.lettersTo(second, "sent"); n != 0 {
		t.Errorf("%d letters to mailboxes that have stopped", n)
	}
	if _, err := letters.New(w.store).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.exec(`update people set council_id = (select id from councils where slug = 'northmoor') where id = $1`, w.people["author"].ID)
	if page := w.get("lead", "/account/mailboxes").body; !strings.Contains(page, "as Ada Author is no longer your colleague") {
		t.Error("it goes on when she comes back, or nobody sees why it stopped")
	}
	if got := w.get("visitor", fmt.Sprintf("/people/%d", second)); got.status != 404 {
		t.Errorf("a mailbox as a person: %d", got.status)
	}
	w.must(w.store.Do(t.Context(), w.people["author"], func(d *forum.Deed) error {
		return letters.New(w.store).Forget(t.Context(), d, w.people["author"].ID)
	}))
	if n := w.number(`select count(*) from mailboxes`) + w.number(`select count(*) from people where name like '%@%'`); n != 0 {
		t.Errorf("%d mailboxes are left of who is erased", n)
	}
}

// A mailbox is at a domain of its council, once, and there are not too many of them.
func TestOnlyMailboxesOfTheCouncilAreAsked(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	add := func(as, address string, more ...string) echo {
		return w.post(as, "/account/mailboxes", append([]string{"address", address, "topic", "waste-management", "cadence", "daily"}, more...)...)
	}
	for _, address := range []string{"", "digital", "digital@southmoor.gov.example", "digital@northmoor.gov.example.evil.example", "a b@northmoor.gov.example",
		"a@b@northmoor.gov.example", "digital@northmoor.gov.example\r\nBcc: eve@x.example", "<digital@northmoor.gov.example>"} {
		if got := add("author", address); got.status != 422 {
			t.Errorf("%q: %d, want 422", address, got.status)
		}
	}
	if got := add("author", "digital@northmoor.gov.example", "topic", "housing", "topic", "planning", "topic", "libraries"); got.status != 422 {
		t.Errorf("four topics: %d, want 422", got.status)
	}
	if n := w.number(`select count(*) from mailboxes`) + w.number(`select count(*) from letters`); n != 0 {
		t.Fatalf("%d mailboxes and letters, want none", n)
	}
	var all sync.WaitGroup
	for _, as := range []string{"author", "lead", "author", "lead"} {
		all.Go(func() { add(as, "digital@northmoor.gov.example") })
	}
	all.Wait()
	if n := w.number(`select count(*) from letters where key = 'mailbox:confirm'`); n != 1 {
		t.Errorf("%d mails ask one mailbox, want 1", n)
	}
	id := w.number(`select person_id from mailboxes`)
	w.post("lead", fmt.Sprintf("/account/mailboxes/%d/stop", id))
	if got := w.post("", "/mailboxes/"+w.mailboxToken(id)); got.status != 404 {
		t.Errorf("saying yes after it was stopped: %d, want 404", got.status)
	}
	if got := add("author", "digital@northmoor.gov.example"); got.status != 422 {
		t.Errorf("again the same day: %d, want 422", got.status)
	}
	w.exec(`update mailboxes set stopped_at = stopped_at - interval '25 hours', added_at = added_at - interval '25 hours'`)
	for n, want := range []int{303, 303, 303, 422} {
		address := []string{"digital", "one", "two", "three"}[n] + "@northmoor.gov.example"
		if got := add("author", address); got.status != want {
			t.Errorf("%s: %d, want %d", address, got.status, want)
		}
	}
	w.exec(`update mailboxes set added_at = $1`, time.Now().Add(-8*24*time.Hour))
	if got := w.get("", "/mailboxes/"+w.mailboxToken(w.number(`select person_id from mailboxes where address like 'one@%'`))); got.status != 404 {
		t.Errorf("the link after a week: %d, want 404", got.status)
	}
}
