package projects

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// becomes notes that the doer's council reuses a project, and which one it makes of it.
func becomes(ctx context.Context, d *forum.Deed, parentID, threadID int64) error {
	if !forum.SpeaksFor(d.Who) {
		return nil // who waits to be let in counts for no council yet
	}
	_, err := d.Exec(ctx, `
		insert into reuses (thread_id, council_id, kind, visibility, person_id, at, project_id)
		select @parent, @council, 'reuse', t.visibility, @who, @at, t.id from projects j join threads t on t.id = @thread where j.thread_id = @parent and j.council_id is distinct from @council
		on conflict (thread_id, council_id, kind) do update set project_id = coalesce(reuses.project_id, @thread)`,
		pgx.NamedArgs{"parent": parentID, "council": d.Who.CouncilID, "who": d.Who.ID, "at": d.At, "thread": threadID})
	if err != nil {
		return err
	}
	return moved(ctx, d, parentID)
}
