package feeds

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// PerPart is how many threads one part of the sitemap has room for.
const PerPart = 5000

// Place is an address that search engines may know, and when it last changed.
type Place struct {
	ID   int64  // of a thread
	Kind string // of a thread
	Slug string
	At   time.Time
}

// Sitemap is all that search engines may know, or what parts that has.
type Sitemap struct {
	Parts    []int   // the numbers of the parts with a thread in them, from 1
	Threads  []Place // of the first part, if it is the only one
	Topics   []Place
	Councils []Place

	Collections []Place
	Products    []Place
	Suppliers   []Place
	Newsletters []Place
}

// Sitemap reads what search engines may know, in one round trip. People are not among
// it: none of them has asked to be found.
func (s *Store) Sitemap(ctx context.Context) (m Sitemap, err error) {
	args := asVisitor(pgx.NamedArgs{"part": 1, "size": PerPart})
	var parts []struct{ Part int }
	var b pgx.Batch
	b.Queue(`
		select n.part from generate_series(1, (select max(t.id) / @size::bigint + 1 from threads t)) as n (part)
		where exists (select from threads t where t.id > (n.part - 1) * @size::bigint and t.id <= n.part * @size::bigint and `+forum.Listed+`)
		order by n.part`, args).Query(forum.Into(&parts))
	b.Queue(`select slug from topics order by id`).Query(forum.Into(&m.Topics))
	b.Queue(`select slug from councils where status = 'current' order by id`).Query(forum.Into(&m.Councils))
	b.Queue(`select slug, changed_at as at from collections where shown order by id limit @size`, args).Query(forum.Into(&m.Collections))
	b.Queue(`select o.slug from products o where o.merged_into is null and `+forum.ProductShows+` order by o.id limit @size`, args).Query(forum.Into(&m.Products))
	b.Queue(`select s.slug from suppliers s where s.merged_into is null and `+forum.SupplierShows+` order by s.id limit @size`, args).Query(forum.Into(&m.Suppliers))
	b.Queue(`select n.id, n.begun_at as at from newsletters n where n.begun_at is not null order by n.id limit @size`, args).Query(forum.Into(&m.Newsletters))
	b.Queue(partQuery, args).Query(forum.Into(&m.Threads))
	if err := s.Send(ctx, &b); err != nil {
		return Sitemap{}, err
	}
	for _, p := range parts {
		m.Parts = append(m.Parts, p.Part)
	}
	if len(m.Parts) > 1 || len(m.Parts) == 1 && m.Parts[0] != 1 {
		m.Threads = nil
	}
	return m, nil
}

// partQuery reads the threads of one part: those of so many numbers, so that a part
// stays what it is whatever is asked later.
const partQuery = `
	select t.id, t.kind, t.slug, t.last_post_at as at from threads t
	where t.id > (@part::bigint - 1) * @size::bigint and t.id <= @part::bigint * @size::bigint and ` + forum.Listed + `
	order by t.id`

// Part reads one part of the sitemap: ErrNotFound where there is nothing in it.
func (s *Store) Part(ctx context.Context, part int) (threads []Place, err error) {
	var b pgx.Batch
	b.Queue(partQuery, asVisitor(pgx.NamedArgs{"part": part, "size": PerPart})).Query(forum.Into(&threads))
	if err := s.Send(ctx, &b); err != nil {
		return nil, err
	}
	if len(threads) == 0 {
		return nil, forum.ErrNotFound
	}
	return threads, nil
}
