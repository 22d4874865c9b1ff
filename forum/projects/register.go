package projects

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// CardsPerPage is how many projects or lessons one page of a register shows.
const CardsPerPage = 30

// Register is one page of the register of projects or of lessons.
type Register struct {
	Kind  string
	Cards []Card
}

// Register reads one page of a register in one round trip.
func (s *Store) Register(ctx context.Context, who forum.Person, kind string) (l Register, err error) {
	l.Kind = kind
	var b pgx.Batch
	b.Queue(`select `+cardColumns+` from `+cardTables+` where r.kind = @kind and r.listed and `+forum.Listed+`
		order by r.stale, r.moved_at desc, r.thread_id desc limit @limit`,
		who.Rights(pgx.NamedArgs{"kind": kind, "limit": CardsPerPage})).Query(forum.Into(&l.Cards))
	return l, s.Send(ctx, &b)
}
