package projects

import (
	"context"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Partner is a council that was asked to take part, and what it said.
type Partner struct {
	CouncilID   int64
	CouncilSlug string
	CouncilName string
	State       string // invited, confirmed, declined
}

const partnersQuery = `
	select k.council_id, c.slug as council_slug, c.shown_name as council_name, k.state
	from project_councils k join councils c on c.id = k.council_id where k.thread_id = @thread
	order by array_position(array['confirmed', 'invited', 'declined'], k.state), c.shown_name`

// Invite asks a council to take part in a project; who leads it there is told. A
// council that was asked before, and said no, may be asked again.
func (s *Store) Invite(ctx context.Context, who forum.Person, threadID int64, slug string) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, t, err := tended(ctx, d, threadID)
		if err != nil {
			return err
		}
		var council int64
		err = d.QueryRow(ctx, `select id from councils where slug = $1 and status = 'current'`, slug).Scan(&council)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return forum.Invalid{{Field: "partner", Key: "projects.council_unknown"}}
		case err != nil:
			return err
		case council == p.CouncilID:
			return forum.Invalid{{Field: "partner", Key: "projects.council_leads"}}
		}
		tag, err := d.Exec(ctx, `
			insert into project_councils (thread_id, council_id, state, invited_by, invited_at) values (@thread, @council, 'invited', @who, @at)
			on conflict (thread_id, council_id) do update set state = 'invited', invited_by = @who, invited_at = @at, answered_by = null, answered_at = null
			where project_councils.state = 'declined'`,
			pgx.NamedArgs{"thread": p.ThreadID, "council": council, "who": d.Who.ID, "at": d.At})
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if err := noted(ctx, d, p, "partner", slug); err != nil || t.Held {
			return err
		}
		return tellLeads(ctx, d, council, forum.Event{Kind: forum.PartnerInvited, ThreadID: t.ID})
	})
}

// tellLeads tells whoever leads a council of something, each by an event of their own:
// there are few.
func tellLeads(ctx context.Context, d *forum.Deed, councilID int64, e forum.Event) error {
	rows, err := d.Query(ctx, `
		select distinct person_id from roles where role = 'lead' and council_id = $1 and ended_at is null and (until is null or until > $2) and person_id <> $3`,
		councilID, d.At, d.Who.ID)
	if err != nil {
		return err
	}
	leads, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	for _, lead := range leads {
		e.PersonID = lead
		if err := d.Tell(ctx, e); err != nil {
			return err
		}
	}
	return err
}

// Uninvite takes a council off a project: it was asked by mistake, or takes part no more.
func (s *Store) Uninvite(ctx context.Context, who forum.Person, threadID int64, slug string) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, _, err := tended(ctx, d, threadID)
		if err != nil {
			return err
		}
		tag, err := d.Exec(ctx, `delete from project_councils k using councils c where k.thread_id = $1 and c.id = k.council_id and c.slug = $2`, p.ThreadID, slug)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return noted(ctx, d, p, "partner", "")
	})
}

// AnswerInvitation says for the doer's council that it takes part in a project, or
// does not. Said again it changes that. Whoever looks after the project is told.
func (s *Store) AnswerInvitation(ctx context.Context, who forum.Person, threadID int64, yes bool) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, t, err := project(ctx, d, threadID)
		if err != nil {
			return err
		}
		if !CanAnswerFor(d.Who, t, d.Who.CouncilID) {
			return forum.ErrForbidden
		}
		state := "declined"
		if yes {
			state = "confirmed"
		}
		var before string
		err = d.QueryRow(ctx, `select state from project_councils where thread_id = $1 and council_id = $2`, p.ThreadID, d.Who.CouncilID).Scan(&before)
		if errors.Is(err, pgx.ErrNoRows) {
			return &forum.Forbidden{Why: "projects.not_invited"}
		}
		if err != nil || before == state {
			return err
		}
		_, err = d.Exec(ctx, `
			update project_councils set state = @state, answered_by = @who, answered_at = @at where thread_id = @thread and council_id = @council`,
			pgx.NamedArgs{"thread": p.ThreadID, "council": d.Who.CouncilID, "state": state, "who": d.Who.ID, "at": d.At})
		if err != nil {
			return err
		}
		if err := moved(ctx, d, threadID); err != nil {
			return err
		}
		return tellOwners(ctx, d, forum.Event{Kind: forum.PartnerAnswered, ThreadID: t.ID})
	})
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// numberIn is the number that somebody chose; 0 for none.
func numberIn(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
