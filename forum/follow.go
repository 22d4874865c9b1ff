package forum

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// follow makes the deed's doer follow a thread because they asked or replied.
// A choice made earlier stands: mute stays mute.
func (d *Deed) follow(ctx context.Context, threadID int64, reason string) error {
	_, err := d.Exec(ctx, `
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		values (@who, 'thread', @thread, 'instant', @reason, @at)
		on conflict do nothing`,
		pgx.NamedArgs{"who": d.Who.ID, "thread": threadID, "reason": reason, "at": d.At})
	return err
}
