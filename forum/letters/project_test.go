package letters

import (
	"testing"
	"time"

	"moothall/forum"
)

// aProject is a project of somebody's in alpha, of which somebody has been asked.
func (h *hall) aProject(who forum.Person) int64 {
	thread := h.ask(who, "Sensors in bins", "waste-management")
	_, err := h.db.Exec(h.t.Context(), `
		with told as (update threads set kind = 'project' where id = $1)
		insert into projects (thread_id, council_id, summary, phase, confirmed_at, asks, asked_at) values ($1, $2, 'In short, bins.', 'alpha', $3, 1, $4)`,
		thread, who.CouncilID, h.Now().Add(-90*24*time.Hour), h.Now())
	h.must(err)
	h.tellAll()
	return thread
}

// tellOf has the forum tell one person of a project.
func (h *hall) tellOf(kind forum.EventKind, doer forum.Person, thread int64, person forum.Person) {
	h.must(h.Do(h.t.Context(), doer, func(d *forum.Deed) error {
		return d.Tell(h.t.Context(), forum.Event{Kind: kind, ThreadID: thread, PersonID: person.ID})
	}))
	h.tellAllNew()
}

// Who looks after a project has a mail with what its page says, unless somebody
// confirmed it, they look after it no more, or they stopped all mail.
func TestWhoLooksAfterAProjectIsWrittenTo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile string
		want      int
	}{
		"nothing happens":      {`select $1::bigint`, 1},
		"somebody confirms":    {`update projects set asks = 0, asked_at = null, confirmed_at = confirmed_at + interval '91 days' where thread_id = $1`, 0},
		"its author has left":  {`update people set council_id = (select id from councils where slug = 'southmoor') where id = (select author_id from threads where id = $1)`, 0},
		"it is hidden":         {`update threads set hidden_at = now(), hidden_why = 'No' where id = $1`, 0},
		"it is of nobody else": {`update projects set contact_id = (select author_id from threads where id = $1) where thread_id = $1`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			ada := h.person("Ada", "Northmoor")
			h.writable(ada)
			thread := h.aProject(ada)
			h.tellOf(forum.ProjectDue, forum.Person{}, thread, ada)
			_, err := h.db.Exec(t.Context(), c.meanwhile, thread)
			h.must(err)
			h.clock.Advance(time.Hour)
			sent := h.post()
			if len(sent) != c.want {
				t.Fatalf("got %d letters, want %d", len(sent), c.want)
			}
			if c.want == 1 && (sent[0].Kind != Notice || sent[0].Reason != "tends" || sent[0].Project.Summary != "In short, bins." || sent[0].Project.Phase != "alpha") {
				t.Errorf("got %+v", sent[0])
			}
		})
	}
}

// Who leads a council that is asked to take part has a mail, unless somebody of it has
// answered already; and whoever looks after the project hears what it said.
func TestALeadIsWrittenToOfAnInvitation(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, sue, ben := h.person("Ada", "Northmoor"), h.person("Sue", "Southmoor"), h.person("Ben", "Southmoor")
	h.writable(ada, sue, ben)
	h.must(h.Grant(t.Context(), forum.Operator, forum.GrantDraft{PersonID: sue.ID, Role: forum.Lead, CouncilID: sue.CouncilID}))
	thread := h.aProject(ada)
	invite := func(state string) {
		_, err := h.db.Exec(t.Context(), `
			insert into project_councils (thread_id, council_id, state, invited_by, invited_at, answered_by, answered_at)
			values ($1, $2, $3, $4, $5, case when $3 <> 'invited' then $6::bigint end, case when $3 <> 'invited' then $5::timestamptz end)
			on conflict (thread_id, council_id) do update set state = $3, answered_by = excluded.answered_by, answered_at = excluded.answered_at`,
			thread, sue.CouncilID, state, ada.ID, h.Now(), ben.ID)
		h.must(err)
	}
	invite("invited")
	h.tellOf(forum.PartnerInvited, ada, thread, sue)
	h.tellOf(forum.PartnerInvited, ada, thread, ben) // who leads nothing
	h.clock.Advance(time.Hour)
	if sent := h.post(); len(sent) != 1 || sent[0].To.ID != sue.ID || sent[0].Event != forum.PartnerInvited {
		t.Fatalf("got %+v", sent)
	}
	h.tellOf(forum.PartnerInvited, ada, thread, sue)
	invite("confirmed")
	h.tellOf(forum.PartnerAnswered, ben, thread, ada)
	h.clock.Advance(time.Hour)
	if sent := h.post(); len(sent) != 1 || sent[0].To.ID != ada.ID || sent[0].Project.Council == "" || sent[0].Project.State != "confirmed" {
		t.Fatalf("got %+v", sent)
	}
}

// Whose lesson a curator has changed hears of it, and nobody else does.
func TestAChangedLessonIsToldToItsAuthor(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben, cur := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Cur", "Southmoor")
	h.writable(ada, ben)
	thread := h.ask(ada, "Sensors in bins", "waste-management")
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
	h.clock.Advance(time.Minute)
	h.must(h.Do(t.Context(), cur, func(d *forum.Deed) error {
		return d.Tell(t.Context(), forum.Event{Kind: forum.LessonChanged, ThreadID: thread})
	}))
	h.tellAll()
	h.wantTold(ada, map[string]int{"asked": 1})
	h.wantTold(ben, map[string]int{})
	h.wantLetters(ada, map[string]int{"notice queued ": 1})
}
