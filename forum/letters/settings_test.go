package letters

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// exec changes what no deed does.
func (h *hall) exec(sql string, args ...any) {
	h.t.Helper()
	_, err := h.db.Exec(h.t.Context(), sql, args...)
	h.must(err)
}

func (h *hall) emails(who forum.Person, v EmailsView) Emails {
	h.t.Helper()
	p, err := h.EmailsPage(h.t.Context(), who, v)
	h.must(err)
	return p
}

// Who has chosen nothing has the defaults; what they choose holds, and what waits for
// their digest goes by the new day and hour, after a pause.
func TestSettlingMovesTheNextDigest(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.person("Ada", "Northmoor")
	if p := h.emails(ada, EmailsView{}); p.DigestDay != 1 || p.DigestHour != 7 || !p.AutoFollow || p.LinksOnly || p.NextAt != nil || p.Everything != forum.Off {
		t.Errorf("by default %+v", p)
	}
	now := h.Now()
	h.must(h.Settle(t.Context(), ada, SettingsDraft{DigestDay: 3, DigestHour: 9, AutoFollow: true}))
	h.exec(`insert into digests_due (person_id, due_at) values ($1, $2)`, ada.ID, now.Add(time.Minute))
	london, err := time.LoadLocation("Europe/London")
	h.must(err)
	pause := now.AddDate(0, 0, 10)
	for _, c := range []struct {
		draft SettingsDraft
		after time.Time
	}{
		{SettingsDraft{DigestDay: 5, DigestHour: 16, LinksOnly: true}, now},
		{SettingsDraft{DigestDay: 5, DigestHour: 16, PauseUntil: &pause}, pause},
		{SettingsDraft{DigestDay: 5, DigestHour: 16, PauseUntil: &pause}, pause}, // the same again
		{SettingsDraft{DigestDay: 5, DigestHour: 5}, now},
	} {
		h.must(h.Settle(t.Context(), ada, c.draft))
		p := h.emails(ada, EmailsView{})
		if p.NextAt == nil || !p.NextAt.After(c.after) || p.NextAt.Sub(c.after) > 25*time.Hour || p.NextAt.In(london).Hour() != c.draft.DigestHour {
			t.Errorf("with %+v the next is at %v", c.draft, p.NextAt)
		}
		if p.AutoFollow || p.LinksOnly != c.draft.LinksOnly || (p.PauseUntil == nil) != (c.draft.PauseUntil == nil) {
			t.Errorf("with %+v it is %+v", c.draft, p.Settings)
		}
	}
	past, far := now.Add(-time.Hour), now.AddDate(2, 0, 0)
	for field, draft := range map[string]SettingsDraft{"digest_day": {DigestDay: 0, DigestHour: 1}, "digest_hour": {DigestDay: 1, DigestHour: 24},
		"pause_until": {DigestDay: 1, PauseUntil: &past}, "pause_until ": {DigestDay: 1, PauseUntil: &far}} {
		err := h.Settle(t.Context(), ada, draft)
		if bad := (forum.Invalid)(nil); !errors.As(err, &bad) || len(bad) != 1 || bad[0].Field+" " != field && bad[0].Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if err := h.Settle(t.Context(), forum.Person{}, SettingsDraft{DigestDay: 1}); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("a visitor: got %v", err)
	}
}

// All that somebody follows is listed once, page by page, by the names that they may
// see; what they may not see is not there.
func TestFollowsAreListedAndPaged(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	for n := range followsPerPage + 5 {
		h.must(h.Follow(t.Context(), ada, forum.Subject{Kind: forum.ToThread, ID: forumtest.Thread(t, h.Store.Store, ben, fmt.Sprint("Bins ", n))}, forum.Daily))
	}
	secret := forumtest.Ask(t, h.Store.Store, ben, forum.AskDraft{Title: "Hidden later"})
	for _, what := range []forum.Subject{{Kind: forum.ToThread, ID: secret}, {Kind: forum.ToTopic, Slug: "waste-management"}, {Kind: forum.ToTopic, Slug: "waste-management", ThreadKind: "question"},
		{Kind: forum.ToCouncil, Slug: "southmoor"}, {Kind: forum.ToPerson, ID: ben.ID}, {Kind: forum.ToEverything}} {
		h.must(h.Follow(t.Context(), ada, what, forum.Weekly))
	}
	h.exec(`update threads set hidden_at = now() where id = $1`, secret)
	seen, pages := map[string]int{}, 0
	for after := ""; pages == 0 || after != ""; pages++ {
		p := h.emails(ada, EmailsView{After: after})
		for _, f := range p.Follows {
			seen[string(f.Kind)+f.ThreadKind+f.Name]++
		}
		if after = p.Next; p.Everything != forum.Weekly {
			t.Errorf("everything is followed %q", p.Everything)
		}
	}
	if len(seen) != followsPerPage+5+4 || pages != 2 || seen["threadHidden later"] != 0 || seen["topicquestionWaste management"] != 1 || seen["personBen"] != 1 {
		t.Errorf("%d are listed on %d pages: %v", len(seen), pages, seen)
	}
	for name, n := range seen {
		if n != 1 {
			t.Errorf("%s is listed %d times", name, n)
		}
	}
	for _, bad := range []string{"!", "AAAA", "e30"} {
		if _, err := h.EmailsPage(t.Context(), ada, EmailsView{After: bad}); !errors.Is(err, forum.ErrNotFound) {
			t.Errorf("cursor %q: got %v", bad, err)
		}
	}
}

// What was sent in thirty days is listed, with what it was about as long as that shows.
func TestWhatWasSentIsListed(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	h.reply(ben, thread, forum.PostDraft{Body: "We have."})
	h.tellAll()
	h.exec(`delete from letters`)
	h.exec(`insert into letters (person_id, kind, key, event_id, state, why, created_at, due_at, done_at)
		select $1, 'instant', 'event:' || id, id, 'sent', '', $2, $2, $2 from events where kind = 'post_added'`, ada.ID, h.Now())
	h.exec(`insert into letters (person_id, kind, key, state, created_at, due_at) values ($1, 'digest', 'digest:1', 'dropped', $2, $2), ($3, 'digest', 'digest:1', 'sent', $2, $2)`,
		ada.ID, h.Now().AddDate(0, 0, -31), ben.ID)
	p := h.emails(ada, EmailsView{})
	if len(p.Records) != 1 || p.Records[0].Title != "Bins?" || p.Records[0].Number != 2 || p.Records[0].State != Sent || p.Records[0].Reason != "asked" {
		t.Errorf("it lists %+v", p.Records)
	}
	h.exec(`update posts set hidden_at = now() where number = 2`)
	if p := h.emails(ada, EmailsView{}); p.Records[0].Title != "" || p.Records[0].ThreadID != 0 || p.Records[0].Slug != "" || p.Records[0].Number != 0 {
		t.Errorf("of what was hidden it tells %+v", p.Records[0])
	}
	for n := range recordsPerPage {
		h.exec(`insert into letters (person_id, kind, key, state, created_at, due_at) values ($1, 'digest', $2, 'sent', $3, $3)`, ada.ID, fmt.Sprint("digest:a", n), h.Now())
	}
	first := h.emails(ada, EmailsView{})
	rest := h.emails(ada, EmailsView{Before: first.Before})
	if len(first.Records) != recordsPerPage || len(rest.Records) != 1 || rest.Before != 0 {
		t.Errorf("pages of %d and %d", len(first.Records), len(rest.Records))
	}
}

// Somebody who asks why they heard or not is answered by what decided: their own post,
// the notice, the letter, or their follows.
func TestWhyIsAnswered(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben, cai := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Cai", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	reply := h.reply(ben, thread, forum.PostDraft{Body: "We have."})
	h.tellAll()
	h.exec(`delete from letters`)
	asked := func(who forum.Person, about About, want string) {
		t.Helper()
		if got := h.emails(who, EmailsView{About: &about}).Asked; got.Answer() != want {
			t.Errorf("%s: got %q (%+v), want %q", who.Name, got.Answer(), got, want)
		}
	}
	newest := About{ThreadID: thread}
	asked(ben, newest, "own")
	asked(cai, newest, "not_followed")
	h.clock.Advance(time.Minute)
	h.must(h.Follow(t.Context(), cai, forum.Subject{Kind: forum.ToEverything}, forum.Daily))
	asked(cai, newest, "before")
	h.must(h.Follow(t.Context(), cai, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Muted))
	asked(cai, About{PostID: reply.ID}, "muted")
	h.exec(`update notices set cadence = 'site'`)
	asked(ada, newest, "site")
	h.exec(`update notices set cadence = 'daily'`)
	asked(ada, About{ThreadID: thread, Number: 2}, "waits")
	h.exec(`update notices set read_at = now()`)
	asked(ada, newest, "read")
	h.exec(`insert into letters (person_id, kind, key, event_id, state, why, created_at, due_at, done_at)
		select $1, 'instant', 'event:' || event_id, event_id, 'dropped', 'read', $2, $2, $2 from notices where person_id = $1`, ada.ID, h.Now())
	asked(ada, newest, "dropped")
	asked(ada, About{ThreadID: thread, Number: 9}, "nowhere")
	asked(ada, About{PostID: 999}, "nowhere")
	secret := forumtest.Ask(t, h.Store.Store, ben, forum.AskDraft{Title: "Hidden"})
	h.exec(`update threads set hidden_at = now() where id = $1`, secret)
	asked(ada, About{ThreadID: secret}, "nowhere")
	h.exec(`update posts set hidden_at = now() where id = $1`, reply.ID)
	asked(ada, About{PostID: reply.ID}, "nowhere")
}

// An address that mail comes back from is tried again by its owner, or by an
// administrator, which is on record; so is a letter that is sent again. It is done once.
func TestMailThatCameBackIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	boss := forumtest.Granted(t, h.Store.Store, h.person("Eve", "Northmoor"), forum.Administrator)
	h.exec(`update people set proven_email = 'a@northmoor.example' where id = $1`, ada.ID)
	bounce := func(address string) {
		h.exec(`insert into bounces (person_id, address, failures, suppressed_at, said) values ($1, $2, 2, $3, '550 none') on conflict (person_id) do update set address = $2`, ada.ID, address, h.Now())
	}
	bounce("old@northmoor.example")
	if h.emails(ada, EmailsView{}).Bouncing {
		t.Error("an address that is theirs no more is said to bounce")
	}
	bounce("a@northmoor.example")
	if !h.emails(ada, EmailsView{}).Bouncing {
		t.Error("they are not told that mail comes back")
	}
	for range 2 {
		h.must(h.TryAgain(t.Context(), ada))
	}
	if h.emails(ada, EmailsView{}).Bouncing {
		t.Error("it still bounces")
	}
	bounce("a@northmoor.example")
	h.exec(`insert into letters (person_id, kind, key, state, why, error, tries, created_at, due_at, done_at) values
		($1, 'instant', 'a', 'bounced', 'refused', '550 none', 3, $2, $2, $2), ($1, 'instant', 'b', 'sent', '', '', 1, $2, $2, $2), ($1, 'instant', 'c', 'queued', '', '', 0, $2, $2, null)`, ada.ID, h.Now().Add(-time.Minute))
	p, err := h.MailPage(t.Context(), boss)
	h.must(err)
	if len(p.Failures) != 1 || len(p.Suppressed) != 1 || p.Day[Sent] != 1 || p.Month[Bounced] != 1 || p.Due != 1 || p.Oldest == nil {
		t.Errorf("the page is %+v", p)
	}
	for _, who := range []forum.Person{ada, ben, {}} {
		_, err := h.MailPage(t.Context(), who)
		for _, err := range []error{err, h.Release(t.Context(), who, ada.ID), h.SendAgain(t.Context(), who, p.Failures[0].ID)} {
			if !errors.Is(err, forum.ErrForbidden) {
				t.Errorf("%q: got %v", who.Name, err)
			}
		}
	}
	if p.Failures[0].Again || !p.Failures[0].Blocked {
		t.Error("a letter can be sent to an address that is not released")
	}
	if err := h.SendAgain(t.Context(), boss, p.Failures[0].ID); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("to an address that is not released: got %v", err)
	}
	for range 2 {
		h.must(h.Release(t.Context(), boss, ada.ID))
		h.must(h.SendAgain(t.Context(), boss, p.Failures[0].ID))
	}
	if err := h.SendAgain(t.Context(), boss, p.Failures[0].ID+1); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("one that was sent: got %v", err)
	}
	var entries string
	h.must(h.db.QueryRow(t.Context(), `select string_agg(deed || ' ' || person_id, ', ' order by id) from entries where doer_id = $1`, boss.ID).Scan(&entries))
	if want := fmt.Sprintf("released_address %d, sent_again %d", ada.ID, ada.ID); entries != want {
		t.Errorf("on record are %q, want %q", entries, want)
	}
	if p, err = h.MailPage(t.Context(), boss); err != nil || len(p.Failures)+len(p.Suppressed) != 0 || p.Due != 2 {
		t.Errorf("after that it is %+v (%v)", p, err)
	}
}
