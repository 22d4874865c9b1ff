package forum

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// Outcomes are what can have come of an accepted answer, the best first.
var Outcomes = []string{"worked", "partly", "not_tried", "no"}

// Outcome is what somebody told of the accepted answer, for their council.
type Outcome struct {
	PersonID     int64
	PersonName   string
	PersonHandle string
	CouncilID    int64
	CouncilSlug  string
	CouncilName  string
	Answer       string // one of Outcomes
	Note         string
	At           time.Time
}

// outcomesQuery reads what was told of the answer that stands.
const outcomesQuery = `
	select o.person_id, p.name as person_name, coalesce(p.handle, '') as person_handle, coalesce(o.council_id, 0) as council_id,
		coalesce(c.slug, '') as council_slug, coalesce(c.shown_name, '') as council_name, o.answer, o.note, o.at
	from threads t
	join outcomes o on o.post_id = t.answer_id and o.accepted_at = t.answered_at
	join people p on p.id = o.person_id
	left join councils c on c.id = o.council_id
	where t.id = @thread and ` + maySee + ` order by o.at`

// toTellQuery reads the threads of whose answer @who has yet to tell whether it
// worked, the longest waiting first; it says CanTell in SQL. A council that has said
// by a press that it worked is not asked once more.
const toTellQuery = `
	select ` + threadColumns + ` from ` + threadTables + `
	where t.id in (
			select id from threads where author_id = @who and answer_id is not null
			union
			select u.thread_id from us_too u
			where u.council_id = @council and u.state in ('have', 'working') and @asked
		)
		and t.answered_at <= @due and ` + listed + `
		and not exists (select from outcomes o where o.post_id = t.answer_id and o.accepted_at = t.answered_at
			and (o.person_id = @who or t.author_id <> @who and o.council_id = @council))
		and (t.author_id = @who or not exists (select from worked w where w.post_id = t.answer_id and w.council_id = @council))
	order by t.answered_at limit @limit`

// OutcomeDraft is what was answered to "did it work?".
type OutcomeDraft struct{ Answer, Note string }

// Clean puts what was typed into the form that is stored.
func (o *OutcomeDraft) Clean() { o.Note = CleanReason(o.Note) }

// Check says what keeps the draft from being taken.
func (o OutcomeDraft) Check() (bad Invalid) {
	if !slices.Contains(Outcomes, o.Answer) {
		bad.Add("answer", "outcome.choose")
	}
	if utf8.RuneCountInString(o.Note) > wordsLength {
		bad.Add("note", "answer.words_long", "Max", wordsLength)
	}
	return bad
}

// TellOutcome tells whether the accepted answer of a thread worked. A person is
// asked once of one acceptance, and a council once: what comes later changes
// nothing. An asker whose question it did not solve takes the acceptance back by it.
func (s *Store) TellOutcome(ctx context.Context, who Person, threadID int64, draft OutcomeDraft) error {
	draft.Clean()
	return s.Do(ctx, who, func(d *Deed) error {
		t, err := d.thread(ctx, threadID)
		if err != nil {
			return err
		}
		state, err := d.stateOf(ctx, t)
		if err != nil {
			return err
		}
		if !CanTell(who, t, state, d.At) {
			return &Forbidden{Why: "outcome.not_asked"}
		}
		if bad := draft.Check(); bad != nil {
			return bad
		}
		council := who.CouncilID
		if t.AuthorID == who.ID {
			council = t.CouncilID
		}
		tag, err := d.Exec(ctx, `
			insert into outcomes (post_id, accepted_at, person_id, council_id, answer, note, at)
			values (@post, @accepted, @who, nullif(@council, 0), @answer, @note, @at) on conflict do nothing`,
			pgx.NamedArgs{"post": t.AnswerID, "accepted": *t.AnsweredAt, "who": who.ID, "council": council,
				"answer": draft.Answer, "note": draft.Note, "at": d.At})
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if err := d.Tell(ctx, Event{Kind: OutcomeTold, ThreadID: t.ID, PostID: t.AnswerID}); err != nil {
			return err
		}
		if t.AuthorID != who.ID || draft.Answer != "no" {
			return nil
		}
		return d.withdraw(ctx, t.ID, t.AnswerID)
	})
}
