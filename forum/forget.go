package forum

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// Forget is what this package does when somebody is erased: their words in threads
// that nobody else answered go, their other answers stay without their name, and all
// that is theirs alone goes. What is left is a number.
func (d *Deed) Forget(ctx context.Context, personID int64) error {
	for _, step := range []func(context.Context, int64) error{d.forgetThreads, d.forgetPosts, d.forgetBelongings, d.forgetName} {
		if err := step(ctx, personID); err != nil {
			return err
		}
	}
	return nil
}

// forgetThreads takes away the threads that nobody else has answered, and the words
// of all that are gone.
func (d *Deed) forgetThreads(ctx context.Context, personID int64) error {
	_, err := d.Exec(ctx, `
		update threads set deleted_at = coalesce(deleted_at, $2), title = '–', slug = ''
		where author_id = $1 and (deleted_at is not null or others = 0)`, personID, d.At)
	return err
}

// forgetPosts takes away the words that nobody reads: those of threads that have gone,
// what was taken back, what a moderator removed, what still waited. Of answers that
// stay, only the job goes, and what they said before an edit.
func (d *Deed) forgetPosts(ctx context.Context, personID int64) error {
	_, err := d.Exec(ctx, `delete from revisions r using posts p where p.id = r.post_id and p.author_id = $1`, personID)
	if err != nil {
		return err
	}
	_, err = d.Exec(ctx, `
		update posts p set body = '', html = '', excerpt = '', job_title = '', hidden_why = null, deleted_at = coalesce(p.deleted_at, $2)
		from threads t
		where t.id = p.thread_id and p.author_id = $1
			and (p.deleted_at is not null or p.hidden_at is not null or p.held_at is not null or t.author_id = $1 and t.deleted_at is not null)`,
		personID, d.At)
	if err != nil {
		return err
	}
	_, err = d.Exec(ctx, `update posts set job_title = '' where author_id = $1 and job_title <> ''`, personID)
	return err
}

// belongings are the rows that are a person's alone. A table that refers to people
// with "on delete cascade" stands here, or is forgotten by whoever owns it: a test
// holds the schema against it.
var belongings = []string{
	`delete from merged_follows where person_id = $1`,
	`delete from merged_saves where person_id = $1`,
	`delete from identities where person_id = $1`,
	`delete from account_changes where person_id = $1`,
	`delete from proofs where person_id = $1`,
	`delete from drafts where person_id = $1`,
	`delete from draft_versions where person_id = $1`,
	`delete from draft_paces where person_id = $1`,
	`delete from form_keys where person_id = $1`,
	`delete from follows where person_id = $1 or subject_kind = 'person' and subject_id = $1
		or subject_kind = 'search' and subject_id in (select id from saved_searches where author_id = $1)`, // and with them the searches
	`delete from events where person_id = $1`,
	`delete from mentions where person_id = $1`,
	`delete from reads where person_id = $1`,
	`delete from saves where person_id = $1`,
	`with gone as (delete from useful where person_id = $1 returning post_id)
		update posts p set useful = useful - 1 from gone where p.id = gone.post_id`,
	`update outcomes set note = '' where person_id = $1`,
	`update threads set solved_why = '' where solved_by = $1`,
	`update revisions set job_title = null where editor_id = $1`,
}

func (d *Deed) forgetBelongings(ctx context.Context, personID int64) error {
	var b pgx.Batch
	for _, query := range belongings {
		b.Queue(query, personID)
	}
	return d.SendBatch(ctx, &b).Close()
}

// forgetName leaves of a person their number and whether they were to be seen. The
// links to them in what others wrote are taken out by a job.
func (d *Deed) forgetName(ctx context.Context, personID int64) error {
	_, err := d.Exec(ctx, `
		update people set handle = null, name = '', job_title = '', company = case when standing = 'supplier' then '' end, council_id = null,
			lang = 'en', proven_email = null, rules_version = null, rules_at = null, joined_at = null, turned_away_at = null,
			turned_away_why = null, suspended_at = null, suspended_until = null, suspended_why = null, erased_at = $2
		where id = $1`, personID, d.At)
	if err != nil {
		return err
	}
	_, err = d.Exec(ctx, `insert into unlinkings (person_id, below) select $1, coalesce(max(id), 0) + 1000 from posts on conflict do nothing`, personID)
	return err
}

// EndRoles ends every role of the doer, with an entry for each, as a part of going.
func (d *Deed) EndRoles(ctx context.Context) error {
	d.Who.Standing = Colleague // whatever it is: all of them end
	return d.leave(ctx, 0, Newcomer)
}

// Unlink looks through up to limit posts for links to somebody erased, and has those
// found rendered anew. It reports whether there is more to look through.
func (s *Store) Unlink(ctx context.Context, limit int) (more bool, err error) {
	err = s.Do(ctx, Person{}, func(d *Deed) error {
		more = false // where Do tries again
		var person, below int64
		err := d.QueryRow(ctx, `select person_id, below from unlinkings order by person_id limit 1 for update skip locked`).Scan(&person, &below)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		more = true
		var next *int64 // the lowest that was looked at
		err = d.QueryRow(ctx, `
			with looked as (select id, html from posts where id < @below order by id desc limit @limit),
			found as (
				update posts set html_version = 0 where id in (
					select id from looked where html like '%href="/people/' || @person::bigint || '"%')
			)
			select min(id) from looked`, pgx.NamedArgs{"below": below, "limit": limit, "person": person}).Scan(&next)
		if err != nil {
			return err
		}
		if next == nil {
			_, err = d.Exec(ctx, `delete from unlinkings where person_id = $1`, person)
			return err
		}
		_, err = d.Exec(ctx, `update unlinkings set below = $2 where person_id = $1`, person, *next)
		return err
	})
	return more, err
}

// onlyThen leaves of the people named in a post those who were there when it was
// written: who has since been given the word that somebody erased left behind is not
// meant.
func (s *Store) onlyThen(ctx context.Context, refs markup.Refs, postID int64) (markup.Refs, error) {
	if len(refs.People) == 0 {
		return refs, nil
	}
	rows, err := s.read.Query(ctx, `
		select a.id from people a, posts p
		where p.id = $1 and a.id = any($2) and a.created_at <= greatest(p.posted_at, p.edited_at)`, postID, slices.Collect(maps.Values(refs.People)))
	if err != nil {
		return markup.Refs{}, err
	}
	then, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	for handle, id := range refs.People {
		if !slices.Contains(then, id) {
			delete(refs.People, handle)
		}
	}
	return refs, err
}
