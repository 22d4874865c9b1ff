package forum

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// EventKind is what happened, by a name that never changes.
type EventKind string

// What can happen.
const (
	ThreadAsked EventKind = "thread_asked"
	PostAdded   EventKind = "post_added"
	PostEdited  EventKind = "post_edited"
	PersonLetIn EventKind = "person_let_in"

	AnswerAccepted  EventKind = "answer_accepted"
	AnswerWithdrawn EventKind = "answer_withdrawn"
	Solved          EventKind = "solved" // without an answer
	OutcomeTold     EventKind = "outcome_told"
)

// Event is something that happened, and to what; a zero id is none.
type Event struct {
	Kind     EventKind
	DoerID   int64 // whose act it is: the deed's doer, unless somebody acts on words of another
	ThreadID int64
	PostID   int64
	PersonID int64
}

// Tell writes down that something happened. Whoever follows it is told from
// here, later, by a job: the deed does not wait for that.
func (d *Deed) Tell(ctx context.Context, e Event) error {
	if e.DoerID == 0 {
		e.DoerID = d.Who.ID
	}
	_, err := d.Exec(ctx, `
		insert into events (kind, at, doer_id, thread_id, post_id, person_id, quiet)
		values (@kind, @at, nullif(@doer, 0), nullif(@thread, 0), nullif(@post, 0), nullif(@person, 0), @quiet)`,
		pgx.NamedArgs{"kind": e.Kind, "at": d.At, "doer": e.DoerID, "thread": e.ThreadID,
			"post": e.PostID, "person": e.PersonID, "quiet": d.store.past})
	return err
}
