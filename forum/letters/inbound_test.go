package letters

import (
	"crypto/sha256"
	"errors"
	"net/url"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// A mail that somebody else has sent before it, with the same Message-ID, takes nothing
// from somebody's own: an answer and a question are posted all the same, and once.
func TestAForgedMailBeforeItLosesNobodysWords(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.exec(`update people set proven_email = 'Ben@southmoor.gov.example' where id = $1`, ben.ID)
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	topic := int64(h.count(`select id from topics where slug = 'waste-management'`))
	hash := func(words string) []byte {
		sum := sha256.Sum256([]byte(words))
		return sum[:]
	}
	for _, c := range []struct {
		name    string
		thread  int64
		topic   int64
		forged  Inbound
		refused string
	}{
		{name: "an answer", thread: thread, forged: Inbound{From: "eve@x.example", Trusted: true}, refused: "other_address"},
		{name: "an unproven answer", thread: thread, forged: Inbound{From: "ben@southmoor.gov.example"}, refused: "unproven"},
		{name: "a question", topic: topic, forged: Inbound{From: "eve@x.example", Trusted: true}, refused: "other_address"},
	} {
		take := func(m Inbound) {
			t.Helper()
			m.Hash, m.PersonID, m.ThreadID, m.TopicID, m.Title = hash(c.name), ben.ID, c.thread, c.topic, "About "+c.name
			m.Words, m.Below, m.Auth = "Green ones: "+c.name, func(string) string { return "" }, "pass"
			if c.thread != 0 {
				h.must(h.TakeReply(t.Context(), m))
				return
			}
			h.must(h.TakeAsk(t.Context(), m))
		}
		posts := func() int { return h.count(`select count(*) from posts where by_email and author_id = $1`, ben.ID) }
		before := posts()
		for range 2 {
			take(c.forged)
		}
		for range 2 {
			take(Inbound{From: "ben@southmoor.gov.example", Trusted: true})
		}
		if n := posts() - before; n != 1 {
			t.Errorf("%s: %d posts, want 1", c.name, n)
		}
		if n := h.count(`select count(*) from inbound where why = $1 and post_id is null`, c.refused); n < 1 || n > 2 {
			t.Errorf("%s: %d are written down as %s", c.name, n, c.refused)
		}
	}
	if n := h.count(`select count(*) from inbound`); n != 6 {
		t.Errorf("%d mails are written down, want 6", n)
	}
}

// A mail that is to come again later, because too many were refused, does not take the place
// of what was typed since.
func TestAMailForWhichThereIsNoRoomLeavesTheDraft(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.exec(`update people set proven_email = 'ben@southmoor.gov.example' where id = $1`, ben.ID)
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	h.exec(`insert into inbound (hash, person_id, why, words, kept, auth, at)
		select sha256(n::text::bytea), $1, 'marked', '', false, 'pass', $2 from generate_series(1, $3::int) n`, ben.ID, h.Now(), refusedDaily)
	h.must(h.KeepDraft(t.Context(), ben, forum.DraftReply, thread, url.Values{"body": {"Typed since."}}))
	sum := sha256.Sum256([]byte("marked"))
	m := Inbound{Hash: sum[:], PersonID: ben.ID, ThreadID: thread, From: "ben@southmoor.gov.example", Trusted: true, Marked: true, Auth: "pass", Words: "Mailed.", Below: func(string) string { return "" }}
	drafts := `select count(*) from drafts where person_id = $1 and fields::text like '%' || $2 || '%'`
	for range 2 {
		if err := h.TakeReply(t.Context(), m); !errors.Is(err, forum.ErrTooMany) {
			t.Errorf("got %v, want that it comes again", err)
		}
		if n := h.count(drafts, ben.ID, "Typed since."); n != 1 {
			t.Error("the mail lies over what was typed")
		}
	}
	h.clock.Advance(25 * time.Hour)
	h.must(h.TakeReply(t.Context(), m))
	if n := h.count(drafts, ben.ID, "Mailed."); n != 1 {
		t.Error("what was mailed is no draft when there is room")
	}
}

// Who answers a post by mail has read the thread as far as that: of what came after it they
// are told still, also of what comes in on the way.
func TestAnAnswerByMailReadsAsFarAsWhatItAnswers(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	h.exec(`update people set proven_email = 'ben@southmoor.gov.example' where id = $1`, ben.ID)
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
	var answered int64
	for n := range 3 {
		posted := h.reply(ada, thread, forum.PostDraft{Body: "Green ones."})
		if n == 1 {
			answered = posted.ID
		}
	}
	h.tellAll()
	h.wantUnread(ben, 3)
	other := int64(h.count(`select min(id) from posts where thread_id = $1`, forumtest.Thread(t, h.Store.Store, ada, "Another?")))
	for n, post := range []int64{other, answered} {
		hash := sha256.Sum256([]byte{byte(n)})
		h.must(h.TakeReply(t.Context(), Inbound{Hash: hash[:], PersonID: ben.ID, ThreadID: thread, PostID: post, From: "ben@southmoor.gov.example", Trusted: true, Auth: "pass",
			Words: "Ours too", Below: func(string) string { return "" }}))
		h.must(h.Flush(t.Context()))
		h.wantUnread(ben, []int{3, 1}[n])
	}
	if sent := h.post(); len(sent) != 1 || sent[0].Post.Number != 4 {
		t.Errorf("by mail comes %+v, want the one that was not answered", sent)
	}
}
