package letters

import (
	"testing"
	"time"

	"moothall/forum"
)

// Of a change to their account somebody is told where they were before it, once; of a
// sign-in from a device that is new to them too, but for the first, and whether or not
// they want mail.
func TestAnAccountIsToldOf(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.person("Ada", "Northmoor")
	h.writable(ada)
	_, err := h.db.Exec(t.Context(), `insert into account_changes (person_id, kind, at, address) values ($1, 'address_changed', $2, 'before@example.org')`, ada.ID, h.Now())
	h.must(err)
	_, err = h.db.Exec(t.Context(), `insert into letter_settings (person_id, stopped_at) values ($1, $2)`, ada.ID, h.Now())
	h.must(err)
	for range 2 {
		h.must(h.TellAccount(t.Context(), ada.ID))
		for _, device := range []string{"Edge on Windows", "Edge on Windows", "Safari on iPhone"} {
			h.clock.Advance(time.Minute)
			h.must(h.SignedIn(t.Context(), ada.ID, device))
		}
	}
	sent := h.post()
	if len(sent) != 2 || sent[0].To.Address != "before@example.org" || sent[0].Account.Kind != "address_changed" ||
		sent[1].Account.Device != "Safari on iPhone" || sent[1].Account.Kind != "sign_in" || sent[1].To.Address == "" {
		t.Errorf("the letters are %+v", sent)
	}
}

// In a database that came from a backup nobody is told again of what they were told of
// since: neither at once nor in a digest.
func TestAfterARestoreNothingIsSentAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben, cai := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Cai", "Southmoor")
	h.writable(ben, cai)
	topic := forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}
	h.follow(ben, topic, forum.Instant)
	h.follow(cai, topic, forum.Daily)
	h.ask(ada, "Bins?", "waste-management")
	h.tellAll()
	if n, err := h.Restored(t.Context()); n != 1 || err != nil {
		t.Errorf("%d letters were let go, %v, want 1", n, err)
	}
	h.clock.Advance(25 * time.Hour)
	_, err := h.MakeDigests(t.Context())
	h.must(err)
	if sent := h.post(); len(sent) != 0 {
		t.Errorf("%d letters went out", len(sent))
	}
	h.ask(ada, "More bins?", "waste-management")
	h.tellAll()
	if sent := h.post(); len(sent) != 1 {
		t.Errorf("of what came after it %d letters went out, want 1", len(sent))
	}
}
