package search

import (
	"context"

	"moothall/forum"
)

// How much one deed of the job reads: posts, and code points of them; one post in any case.
const (
	fillBatch  = "300"
	fillSize   = "1000000"
	countBatch = "500"
)

// Fill reads posts that were there before search was, a batch at a time, until ctx ends or
// all are read. Posts and their threads are held still meanwhile, so that what is hidden
// at the same moment is not read after it.
func (s *Store) Fill(ctx context.Context) (posts int, err error) {
	for more := true; more && ctx.Err() == nil; {
		err = s.Do(ctx, forum.Operator, func(d *forum.Deed) error {
			d.Unseen()
			n, err := fill(ctx, d)
			if err == nil && n == 0 {
				n, err = fillLater(ctx, d)
			}
			more = n > 0
			posts += n
			return err
		})
		if err != nil {
			return posts, err
		}
	}
	return posts, ctx.Err()
}

// fillLater reads the next posts of a long thread that changed as a whole, and notes how
// far it came; 0 when there is none.
func fillLater(ctx context.Context, d *forum.Deed) (n int, err error) {
	var thread, upto, last int64
	err = d.QueryRow(ctx, `select coalesce(max(thread_id), 0) from search_later`).Scan(&thread)
	if err != nil || thread == 0 {
		return 0, err
	}
	// In the order of deeds, which lock the thread first.
	err = d.QueryRow(ctx, `select count(*) from (select from threads where id = $1 for no key update) held`, thread).Scan(&n)
	if err != nil {
		return 0, err
	}
	err = d.QueryRow(ctx, `
		with far as (select coalesce((select upto from search_later where thread_id = $1 for update), 0) as upto), next as (
			select p.id, sum(length(p.html)) over (order by p.id) as size, row_number() over (order by p.id) as n
			from far, lateral (select p.id, p.html from posts p where p.thread_id = $1 and p.id > far.upto order by p.id limit `+fillBatch+`) p
		)
		select (select upto from far), coalesce(max(id), 0), count(*) from next where size <= `+fillSize+` or n = 1`, thread).Scan(&upto, &last, &n)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		_, err = d.Exec(ctx, `delete from search_later where thread_id = $1`, thread)
		return 1, err // there may be another
	}
	if _, err := d.Exec(ctx, `select find_posts($1, $2, $3)`, thread, upto, last); err != nil {
		return 0, err
	}
	_, err = d.Exec(ctx, `update search_later set upto = $2 where thread_id = $1`, thread, last)
	return n, err
}

// fill reads the next batch and notes how far it came; 0 when nothing is left.
func fill(ctx context.Context, d *forum.Deed) (n int, err error) {
	var last int64
	err = d.QueryRow(ctx, `
		with far as (select upto from search_fill for update), next as (
			select p.id, sum(length(p.html)) over (order by p.id) as size, row_number() over (order by p.id) as n
			from far, lateral (select p.id, p.html from posts p where p.id > far.upto order by p.id limit `+fillBatch+`) p
		)
		select coalesce(max(id), 0), count(*) from next where size <= `+fillSize+` or n = 1`).Scan(&last, &n)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		_, err = d.Exec(ctx, `delete from search_fill`)
		return 0, err
	}
	for _, statement := range []string{`
		select t.id from threads t where t.id in (select p.thread_id from posts p, search_fill f where p.id > f.upto and p.id <= $1) order by t.id for share`, `
		select p.id from posts p, search_fill f where p.id > f.upto and p.id <= $1 order by p.id for share of p`, `
		insert into title_words (thread_id, title, words)
		select v.thread_id, v.title, v.words from titles_found v
		where v.thread_id in (select p.thread_id from posts p, search_fill f where p.id > f.upto and p.id <= $1)
		on conflict (thread_id) do nothing`, `
		select count(find_post(p.id)) from posts p, search_fill f where p.id > f.upto and p.id <= $1`, `
		update search_fill set upto = $1`,
	} {
		if _, err := d.Exec(ctx, statement, last); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// Count adds up what posts have left of their words, a batch at a time, for "did you
// mean". A word that stands nowhere any more is forgotten.
func (s *Store) Count(ctx context.Context) (changes int, err error) {
	for more := true; more && ctx.Err() == nil; {
		err = s.Do(ctx, forum.Operator, func(d *forum.Deed) error {
			d.Unseen()
			var n int
			err := d.QueryRow(ctx, `
				with taken as (
					delete from word_changes where id in (
						select id from word_changes order by id limit `+countBatch+` for update skip locked)
					returning words, change
				), added as (
					insert into known_words (word, posts)
					select w.word, sum(t.change)::int from taken t, unnest(t.words) as w (word) group by w.word having sum(t.change) <> 0 order by w.word
					on conflict (word) do update set posts = known_words.posts + excluded.posts
				)
				select count(*) from taken`).Scan(&n)
			if err != nil {
				return err
			}
			more = n > 0
			changes += n
			_, err = d.Exec(ctx, `delete from known_words where posts = 0`)
			return err
		})
		if err != nil {
			return changes, err
		}
	}
	return changes, ctx.Err()
}
