package projects

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Answers are what can be said when somebody is asked whether a project is as its page
// says.
var Answers = []string{"true", "changed", "stopped", "handed-over"}

// ConfirmDraft is what was said: and where it is another who answers for it now, who.
type ConfirmDraft struct {
	Answer string
	Person int64
}

// Confirm says that somebody has looked at what the page of a project says: that it is
// true, that it will be changed, that the project has stopped, or who answers for it
// now. All but the last confirm it. The same again the same day changes nothing.
func (s *Store) Confirm(ctx context.Context, who forum.Person, threadID int64, draft ConfirmDraft) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, _, err := tended(ctx, d, threadID)
		if err != nil {
			return err
		}
		switch draft.Answer {
		case "true", "changed":
		case "stopped":
			if p.Phase != "stopped" {
				if err := setPhase(ctx, d, p, "stopped", forum.DayOf(d.At)); err != nil {
					return err
				}
			}
		case "handed-over":
			return handOver(ctx, d, p, draft.Person)
		default:
			return forum.Invalid{{Field: "answer", Key: "projects.answer_choose"}}
		}
		return confirm(ctx, d, threadID)
	})
}

// confirm is the part of a deed that says so now.
func confirm(ctx context.Context, d *forum.Deed, threadID int64) error {
	tag, err := d.Exec(ctx, `
		update projects set confirmed_at = @at, asks = 0, asked_at = null
		where thread_id = @thread and (asks > 0 or confirmed_at < @before)`,
		pgx.NamedArgs{"thread": threadID, "at": d.At, "before": d.At.Add(-24 * time.Hour)})
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	_, err = d.Exec(ctx, `update register set confirmed_at = $2, stale = false where thread_id = $1`, threadID, d.At)
	return err
}

// handOver makes a colleague of its council the one who answers for a project; they are
// asked in their turn.
func handOver(ctx context.Context, d *forum.Deed, p Project, person int64) error {
	if person == 0 {
		return forum.Invalid{{Field: "person", Key: "projects.contact_choose"}}
	}
	err := setContact(ctx, d, p, FactDraft{Field: "contact", Text: number(person), Beside: p.ContactRole})
	if bad, ok := err.(forum.Invalid); ok { //nolint:errorlint // as setContact gives it
		bad[0].Field = "person"
		return bad
	}
	if err != nil {
		return err
	}
	return noted(ctx, d, p, "contact", number(person))
}
