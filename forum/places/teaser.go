package places

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Teaser is the map in small: where something has been shared, as everybody may see it.
type Teaser struct {
	Hexes    []Shade // from north to south
	Councils int     // that have shared something within a year
}

// Shade is one place of the map in small.
type Shade struct {
	Q, R  int
	Total int // threads of the council and of its county
}

// Level is the shade, as of Hex.
func (s Shade) Level() int { return levelOf(s.Total) }

// teaserAge is how old the map in small may be: nobody counts by it.
const teaserAge = 10 * time.Minute

// teasers keeps the map in small between looks.
type teasers struct {
	mu   sync.Mutex
	last Teaser
	at   time.Time
}

const teaserQuery = `
	select h.q, h.r, c.threads_public + coalesce(k.threads_public, 0) as total
	from council_hexes h join councils c on c.id = council_now(h.council_id) left join councils k on k.id = c.county_id
	order by h.r desc, h.q`

// Teaser is the map in small, of the last ten minutes.
func (s *Store) Teaser(ctx context.Context) (Teaser, error) {
	s.teasers.mu.Lock()
	defer s.teasers.mu.Unlock()
	now := s.Now()
	if age := now.Sub(s.teasers.at); s.teasers.at.IsZero() || age < 0 || age >= teaserAge {
		var t Teaser
		var b pgx.Batch
		b.Queue(teaserQuery).Query(forum.Into(&t.Hexes))
		b.Queue(`select count(distinct t.council_id)::int from threads t where t.asked_at > $1 and t.visibility = 'public'
			and t.held_at is null and t.hidden_at is null and t.deleted_at is null`, now.AddDate(-1, 0, 0)).QueryRow(func(row pgx.Row) error { return row.Scan(&t.Councils) })
		if err := s.Send(ctx, &b); err != nil {
			return Teaser{}, err
		}
		s.teasers.last, s.teasers.at = t, now
	}
	return s.teasers.last, nil
}
