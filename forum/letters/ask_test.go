package letters

import (
	"testing"
	"time"

	"moothall/forum"
)

// Who is asked whether they can answer has a mail and a notice, unless they declined,
// somebody replied or it was hidden meanwhile; nobody else has.
func TestWhoIsAskedToAnswerIsWrittenTo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile string
		want      int
	}{
		"nothing happens":   {`select $1::bigint`, 1},
		"they decline":      {`update asks set declined_at = now() where thread_id = $1`, 0},
		"somebody replies":  {`update threads set others = 1 where id = $1`, 0},
		"it is hidden":      {`update threads set hidden_at = now(), hidden_why = 'No' where id = $1`, 0},
		"they stopped mail": {`insert into letter_settings (person_id, stopped_at) select person_id, now() from asks where thread_id = $1`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			ada, ben, eli, cora := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Eli", "Southmoor"), h.person("Cora", "Southmoor")
			h.writable(ben, eli)
			thread := h.ask(ada, "Who has moved bins online?", "waste-management")
			h.tellAll()
			_, err := h.db.Exec(t.Context(), `insert into asks (thread_id, person_id, council_id, why, asked_by, asked_at) values ($1, $2, $3, 'chosen', $4, $5)`, thread, ben.ID, ben.CouncilID, cora.ID, h.Now())
			h.must(err)
			h.tellOf(forum.CouldAnswer, cora, thread, ben)
			h.tellOf(forum.CouldAnswer, cora, thread, eli) // who is not asked
			p, err := h.NoticesPage(t.Context(), ben, "")
			if err != nil || len(p.Groups) != 1 || p.Groups[0].Kind != forum.CouldAnswer {
				t.Errorf("on the site: %+v (%v)", p.Groups, err)
			}
			_, err = h.db.Exec(t.Context(), c.meanwhile, thread)
			h.must(err)
			h.clock.Advance(time.Hour)
			sent := h.post()
			if len(sent) != c.want {
				t.Fatalf("got %d letters, want %d", len(sent), c.want)
			}
			if c.want == 1 && (sent[0].Kind != Notice || sent[0].Reason != "could_answer" || sent[0].To.ID != ben.ID) {
				t.Errorf("got %+v", sent[0])
			}
		})
	}
}

// What is offered to somebody stands in their next digest, among what waits for an
// answer, and in no mail of its own; once it has a reply it stands in none.
func TestAQuestionIsOfferedInADigest(t *testing.T) {
	t.Parallel()
	for _, replied := range []bool{false, true} {
		h := open(t)
		ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
		h.writable(ben)
		thread := h.ask(ada, "Who has moved bins online?", "waste-management")
		h.tellAll()
		_, err := h.db.Exec(t.Context(), `insert into offers (thread_id, person_id, offered_at) values ($1, $2, $3)`, thread, ben.ID, h.Now())
		h.must(err)
		var opening int64
		h.must(h.db.QueryRow(t.Context(), `select id from posts where thread_id = $1`, thread).Scan(&opening))
		h.must(h.Do(t.Context(), forum.Person{}, func(d *forum.Deed) error {
			return d.Tell(t.Context(), forum.Event{Kind: forum.Offered, ThreadID: thread, PostID: opening, PersonID: ben.ID})
		}))
		h.tellAllNew()
		if sent := h.post(); len(sent) != 0 {
			t.Errorf("at once there came %+v", sent)
		}
		if replied {
			h.exec(`update threads set others = 1`)
		}
		h.clock.Advance(24 * time.Hour)
		_, err = h.MakeDigests(t.Context())
		h.must(err)
		sent := h.post()
		switch {
		case replied && len(sent) != 0:
			t.Errorf("of what has a reply there came %+v", sent)
		case !replied && (len(sent) != 1 || sent[0].Digest.Threads != 1 || sent[0].Digest.Sections[0].Key != "digest.can_you_help" || sent[0].Digest.Sections[0].Topics[0].Items[0].Excerpt == ""):
			t.Errorf("the digest is %+v", sent)
		}
	}
}
