package forum

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// AskPage is what the form to start a thread shows.
type AskPage struct {
	Draft       AskDraft // as it was left
	Topics      []Topic  // to choose from
	CanAnnounce bool
	Kept        *Draft        // what the asker had typed before
	Check       ResidentCheck // what looks like residents' data in what is about to be asked
	Preview     markup.HTML   // how the opening post will look, where that was asked for
}

// AskPage reads the form to start a thread, in one round trip; ErrForbidden for
// who may not.
func (s *Store) AskPage(ctx context.Context, who Person) (p AskPage, err error) {
	if !CanAsk(who) {
		return AskPage{}, ErrForbidden
	}
	p.CanAnnounce = CanAnnounce(who)
	var b pgx.Batch
	b.Queue(topicsQuery).Query(Into(&p.Topics))
	b.Queue(draftQuery, pgx.NamedArgs{"who": who.ID, "draft": DraftAsk, "target": 0}).Query(IntoMaybe(&p.Kept))
	return p, s.Send(ctx, &b)
}
