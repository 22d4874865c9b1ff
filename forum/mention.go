package forum

import (
	"context"

	"moothall/forum/markup"
)

// mentioned finds the people whom a text names by their handle. A text without
// an @ asks the database nothing.
func (s *Store) mentioned(ctx context.Context, body string) (markup.Refs, error) {
	names := markup.Mentions(body)
	if len(names) == 0 {
		return markup.Refs{}, nil
	}
	rows, err := s.read.Query(ctx, `select handle, id from people where handle = any($1) and joined_at is not null and standing <> 'newcomer' and erased_at is null`, names)
	if err != nil {
		return markup.Refs{}, err
	}
	refs := markup.Refs{People: map[string]int64{}}
	for rows.Next() {
		var handle string
		var id int64
		if err := rows.Scan(&handle, &id); err != nil {
			return markup.Refs{}, err
		}
		refs.People[handle] = id
	}
	return refs, rows.Err()
}
