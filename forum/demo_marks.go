package forum

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// NameCouncil puts a fictional name in the place of a council's own, wherever
// people see it; ErrNotFound if there is no such council.
func (s *Store) NameCouncil(ctx context.Context, slug, name string) error {
	return s.Do(ctx, Operator, func(d *Deed) error {
		tag, err := d.Exec(ctx, `update councils set demo_name = $2 where slug = $1`, slug, name)
		if err == nil && tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return err
	})
}

// DemoPlace is where a thread or post of the demo stands.
type DemoPlace struct {
	Name     string
	ThreadID int64
	Number   int
}

// DemoPosts finds what of the demo has been told, by its name there.
func (s *Store) DemoPosts(ctx context.Context) (map[string]DemoPlace, error) {
	var rows []DemoPlace
	var b pgx.Batch
	b.Queue(`
		select demo_slug as name, id as thread_id, 1 as number from threads where demo_slug is not null
		union all
		select demo_slug, thread_id, coalesce(number, 0) from posts where demo_slug is not null`).Query(Into(&rows))
	if err := s.Send(ctx, &b); err != nil {
		return nil, err
	}
	told := map[string]DemoPlace{}
	for _, row := range rows {
		told[row.Name] = row
	}
	return told, nil
}
