package search

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// savedMost is how many searches one person can follow.
const savedMost = 50

// Follow makes somebody hear of the posts that a search will find, at a cadence, from now
// on; forum.Off ends that. The same again changes nothing. ErrNotFound for a filter that
// means nothing, Invalid for words by which nothing can be found.
func (s *Store) Follow(ctx context.Context, who forum.Person, q Query, how forum.Cadence) error {
	q.Clean()
	if !q.means() {
		return forum.ErrNotFound
	}
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if !forum.CanHear(d.Who, how) {
			return forum.ErrForbidden
		}
		args, err := q.saved(ctx, d)
		if err != nil {
			return err
		}
		id, err := savedID(ctx, d, args)
		if err != nil || id == 0 && how == forum.Off {
			return err
		}
		if id == 0 {
			if id, err = q.save(ctx, d, args); err != nil {
				return err
			}
		}
		return d.Follow(ctx, forum.Subject{Kind: forum.ToSearch, ID: id}, how)
	})
}

// saved are the arguments that name a search among somebody's; ErrNotFound where it asks
// for a topic or a council that is not there.
func (q Query) saved(ctx context.Context, d *forum.Deed) (pgx.NamedArgs, error) {
	var topic, council, author *int64
	var year *int
	err := d.QueryRow(ctx, `select (select id from topics where slug = $1), (select id from councils where slug = $2), nullif($3, 0)::bigint, nullif($4, 0)::int`,
		q.Topic, q.Council, q.Author, q.Year).Scan(&topic, &council, &author, &year)
	if err == nil && (q.Topic != "" && topic == nil || q.Council != "" && council == nil) {
		err = forum.ErrNotFound
	}
	return pgx.NamedArgs{"who": d.Who.ID, "words": q.Text, "kind": q.Kind, "topic": topic, "council": council, "nation": q.Nation,
		"state": q.State, "phase": q.Phase, "verdict": q.Verdict, "year": year, "author": author}, err
}

// isSaved is true of the saved search that the arguments name.
const isSaved = `(s.person_id = @who and s.words = @words and s.kind = @kind and s.topic_id is not distinct from @topic::bigint
	and s.council_id is not distinct from @council::bigint and s.nation = @nation and s.state = @state and s.phase = @phase and s.verdict = @verdict
	and s.year is not distinct from @year::int and s.author_id is not distinct from @author::bigint)`

// savedID finds a search among the doer's; 0 where they have not saved it. It holds the
// doer's row, so that what is saved at once is counted in turn.
func savedID(ctx context.Context, d *forum.Deed, args pgx.NamedArgs) (id int64, err error) {
	if _, err := d.Person(ctx, d.Who.ID); err != nil {
		return 0, err
	}
	err = d.QueryRow(ctx, `select coalesce(max(s.id), 0) from saved_searches s where `+isSaved, args).Scan(&id)
	return id, err
}

// save keeps a search of the doer's, unless they have as many as one person can. The
// database reads its words, and finds by which of them it comes into question. Without a
// word that a post must have it would bring everything, or it finds nothing; a year that
// is over brings nothing. ErrNotFound for an author who does not show to everybody.
func (q Query) save(ctx context.Context, d *forum.Deed, args pgx.NamedArgs) (id int64, err error) {
	var found, author bool
	err = d.QueryRow(ctx, `select search_query($1) is not null, $2::bigint = 0 or exists (
		select from people where id = $2 and joined_at is not null and standing <> 'newcomer' and erased_at is null)`, q.Text, q.Author).Scan(&found, &author)
	switch {
	case err != nil:
		return 0, err
	case !author:
		return 0, forum.ErrNotFound
	case !found:
		return 0, forum.Invalid{{Field: "q", Key: "sought.needs_word"}}
	case q.Year != 0 && q.Year < d.At.UTC().Year():
		return 0, forum.Invalid{{Field: "year", Key: "sought.year_over"}}
	}
	args["most"] = savedMost
	err = d.QueryRow(ctx, `
		insert into saved_searches (person_id, words, kind, topic_id, council_id, nation, state, phase, verdict, year, author_id)
		select @who, @words, @kind, @topic::bigint, @council::bigint, @nation, @state, @phase, @verdict, @year::int, @author::bigint
		where (select count(*) from saved_searches where person_id = @who) < @most
		returning id`, args).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, &forum.Forbidden{Why: "sought.full"}
	}
	return id, err
}

// rereadBatch is how many searches one deed of the job reads anew.
const rereadBatch = "100"

// Reread reads searches that are followed anew, of which a word means something else now, a
// batch at a time, until ctx ends or all are read.
func (s *Store) Reread(ctx context.Context) (searches int, err error) {
	for more := true; more && ctx.Err() == nil; {
		err = s.Do(ctx, forum.Operator, func(d *forum.Deed) error {
			d.Unseen()
			done, err := d.Exec(ctx, `update saved_searches set words = words, stale = false where id in (
				select id from saved_searches where stale order by id limit `+rereadBatch+` for update skip locked)`)
			more = done.RowsAffected() > 0
			searches += int(done.RowsAffected())
			return err
		})
		if err != nil {
			return searches, err
		}
	}
	return searches, ctx.Err()
}

// followedQuery reads how @who follows a search.
const followedQuery = `
	select f.cadence from saved_searches s join follows f on f.person_id = @who and f.subject_kind = 'search' and f.subject_id = s.id
	where s.person_id = @who and s.words = @typed and s.kind = @kind and s.nation = @nation and s.state = @state and s.phase = @phase and s.verdict = @verdict
		and coalesce(s.year, 0) = @year and coalesce(s.author_id, 0) = @author
		and coalesce((select slug from topics where id = s.topic_id), '') = @topic
		and coalesce((select slug from councils where id = s.council_id), '') = @council`
