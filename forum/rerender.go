package forum

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// Rerender makes the HTML of up to limit posts anew that an older renderer made,
// and reports how many there were. What the renderer no longer takes becomes plain
// text: words that were published stay readable.
func (s *Store) Rerender(ctx context.Context, limit int) (n int, err error) {
	rows, err := s.read.Query(ctx, `select id, body, version from posts where html_version < $1 order by html_version, id limit $2`, markup.Version, limit)
	if err != nil {
		return 0, err
	}
	type stale struct {
		ID      int64
		Body    string
		Version int
	}
	posts, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[stale])
	if err != nil {
		return 0, err
	}
	for _, p := range posts {
		refs, err := s.mentioned(ctx, p.Body)
		if err != nil {
			return n, err
		}
		if refs, err = s.onlyThen(ctx, refs, p.ID); err != nil {
			return n, err
		}
		html, err := markup.Post(p.Body, refs)
		if much := (*markup.TooMuch)(nil); errors.As(err, &much) {
			html = markup.Plain(p.Body)
		} else if err != nil {
			return n, err
		}
		err = s.Do(ctx, Person{}, func(d *Deed) error {
			// An edit meanwhile has rendered its own words with the new renderer.
			_, err := d.Exec(ctx, `update posts set html = $3, html_version = $4, excerpt = $5 where id = $1 and version = $2`,
				p.ID, p.Version, html, markup.Version, markup.Excerpt(p.Body, excerptLength))
			return err
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
