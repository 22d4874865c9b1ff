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
	Answered bool // somebody has accepted an answer once
}

// DemoPosts finds what of the demo has been told, by its name there.
func (s *Store) DemoPosts(ctx context.Context) (map[string]DemoPlace, error) {
	var rows []DemoPlace
	var b pgx.Batch
	b.Queue(`
		select t.demo_slug as name, t.id as thread_id, 1 as number,
			exists (select from events e where e.thread_id = t.id and e.kind = 'answer_accepted') as answered
		from threads t where t.demo_slug is not null
		union all
		select demo_slug, thread_id, coalesce(number, 0), false from posts where demo_slug is not null`).Query(Into(&rows))
	if err := s.Send(ctx, &b); err != nil {
		return nil, err
	}
	told := map[string]DemoPlace{}
	for _, row := range rows {
		told[row.Name] = row
	}
	return told, nil
}

// DemoUseful is Useful for several people at once, by the place of the post.
func (s *Store) DemoUseful(ctx context.Context, at DemoPlace, people []Person) error {
	return s.Do(ctx, Operator, func(d *Deed) error {
		id, err := d.demoPost(ctx, at)
		if err != nil {
			return err
		}
		post, thread, err := d.post(ctx, id)
		if err != nil {
			return err
		}
		var ids []int64
		for _, who := range people {
			if CanFindUseful(who, post, thread) {
				ids = append(ids, who.ID)
			}
		}
		return d.setUseful(ctx, post.ID, true, ids...)
	})
}

// DemoAccept is Accept by the place of the post.
func (s *Store) DemoAccept(ctx context.Context, who Person, at DemoPlace) error {
	return s.Do(ctx, who, func(d *Deed) error {
		id, err := d.demoPost(ctx, at)
		if err != nil {
			return err
		}
		return d.setAccepted(ctx, id, true)
	})
}

func (d *Deed) demoPost(ctx context.Context, at DemoPlace) (id int64, err error) {
	err = d.QueryRow(ctx, `select id from posts where thread_id = $1 and number = $2`, at.ThreadID, at.Number).Scan(&id)
	return id, err
}
