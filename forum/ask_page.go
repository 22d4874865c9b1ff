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
	Related     *Related      // the older thread that this asks anew, if the asker may see it
	Preview     markup.HTML   // how the opening post will look
	Previewed   bool          // where that was asked for
	Alike       []Alike       // threads like it, once it is previewed
	Check       ResidentCheck // what looks like residents' data in what is about to be asked
}

// notAsking is the refusal to let somebody start a thread, with the reason.
func notAsking(who Person) error {
	switch {
	case who.SuspendedUntil != nil:
		return &Forbidden{Why: "forbidden.suspended"}
	case sells(who):
		return &Forbidden{Why: "forbidden.supplier"}
	}
	return ErrForbidden
}

// NotAsking is the refusal to let somebody start a thread or what has one beside it.
func NotAsking(who Person) error { return notAsking(who) }

// AskPage reads the form to start a thread, in one round trip; ErrForbidden for
// who may not. related is the thread that it asks anew, 0 for none.
func (s *Store) AskPage(ctx context.Context, who Person, related int64) (p AskPage, err error) {
	if !CanAsk(who) {
		return AskPage{}, notAsking(who)
	}
	p.CanAnnounce = CanAnnounce(who)
	var b pgx.Batch
	b.Queue(topicsQuery).Query(Into(&p.Topics))
	b.Queue(draftQuery, pgx.NamedArgs{"who": who.ID, "draft": DraftAsk, "target": 0}).Query(IntoMaybe(&p.Kept))
	if related > 0 {
		b.Queue(relatedTo, who.rights(pgx.NamedArgs{"related": related})).Query(IntoMaybe(&p.Related))
	}
	return p, s.Send(ctx, &b)
}
