package curation

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Object takes out of a collection what the doer wrote, who need not say why; it is not put
// there again. ErrNotFound of what they do not see there, ErrForbidden where others wrote
// it.
func (s *Store) Object(ctx context.Context, who forum.Person, at Place) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		var collection, thread, post, author int64
		rows, err := d.Query(ctx, `
			select k.id, i.thread_id, coalesce(i.post_id, 0), coalesce(p.author_id, m.author_id)
			from collections k join collection_items i on i.collection_id = k.id join threads m on m.id = i.thread_id left join posts p on p.id = i.post_id
			join threads t on t.id = coalesce(p.thread_id, m.merged_into, m.id)
			where k.slug = @slug and i.id = @id and `+forum.CollectionShows+` and `+itemShows+` for update of k`, who.Rights(pgx.NamedArgs{"slug": at.Slug, "id": at.ID}))
		if err != nil {
			return err
		}
		n := 0
		if _, err := pgx.ForEachRow(rows, []any{&collection, &thread, &post, &author}, func() error { n++; return nil }); err != nil {
			return err
		}
		switch {
		case n == 0:
			return forum.ErrNotFound
		case !who.SignedIn() || author != who.ID:
			return forum.ErrForbidden
		}
		_, err = d.Exec(ctx, `
			insert into collection_objections (thread_id, post_id, person_id, collection_id, at) values ($1, nullif($2::bigint, 0), $3, $4, $5) on conflict do nothing`,
			thread, post, who.ID, collection, d.At)
		if err != nil {
			return err
		}
		k, err := readContent(ctx, d, collection)
		if err != nil {
			return err
		}
		_, err = k.change(ctx, d, func(_ *forum.Deed, k *lockedCollection) (forum.Entry, error) {
			section, i := k.item(at.ID)
			k.Sections[section].Items = append(k.Sections[section].Items[:i:i], k.Sections[section].Items[i+1:]...)
			return forum.Entry{Deed: forum.TookOut, PersonID: who.ID, ThreadID: thread, PostID: post}, nil
		})
		return err
	})
}

// unwanted reports whether something in a collection is there against the will of whoever
// wrote it.
func (k *lockedCollection) unwanted(ctx context.Context, d *forum.Deed) (there bool, err error) {
	var threads, posts []int64
	for _, s := range k.Sections {
		for _, i := range s.Items {
			threads, posts = append(threads, i.ThreadID), append(posts, i.PostID)
		}
	}
	err = d.QueryRow(ctx, `
		select exists (select from collection_objections o join unnest(@threads::bigint[], @posts::bigint[]) i (thread, post)
			on o.thread_id = i.thread and coalesce(o.post_id, 0) = i.post where o.collection_id = @id)`,
		pgx.NamedArgs{"id": k.ID, "threads": threads, "posts": posts}).Scan(&there)
	return there, err
}
