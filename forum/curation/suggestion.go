package curation

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// SuggestionsMost is how many suggestions of one person may wait at a time.
const SuggestionsMost = 10

// reasonMost is how long the reason may be for which a suggestion is declined.
const reasonMost = 2000

// Suggestion is what a colleague would have in a collection.
type Suggestion struct {
	ID          int64
	Person      Contributor
	CouncilName string
	Why         string
	At          time.Time
	DecidedAt   *time.Time
	Taken       bool
	Reason      string // why it was not taken
	There       bool   // what is meant is there for the reader to see
	Item        Item   // what is meant, where it is
}

const (
	suggestionColumns = `
		s.id, s.why, s.at, s.decided_at, coalesce(s.taken, false) as taken, s.reason, t.id is not null as there,
		w.id as by_id, w.name as by_name, coalesce(w.handle, '') as by_handle, coalesce(wc.shown_name, '') as council_name,
		coalesce(t.id, 0) as thread_id, coalesce(t.kind, '') as kind, coalesce(t.slug, '') as slug, coalesce(t.title, '') as title, coalesce(t.lang, 'en') as lang,
		coalesce(t.visibility = 'councils', false) as councils_only, case when t.id is null then 0 else coalesce(p.id, 0) end as post_id,
		case when t.id is null then 0 else coalesce(p.number, 0) end as post_number`

	suggestionTables = `collection_suggestions s join people w on w.id = s.person_id left join councils wc on wc.id = w.council_id
		join threads m on m.id = s.thread_id left join posts p on p.id = s.post_id
		left join threads t on t.id = coalesce(p.thread_id, m.merged_into, m.id) and ` + forum.Listed + `
			and (s.post_id is null or p.number is not null and p.hidden_at is null and p.deleted_at is null)`
)

// suggestionRow is what suggestionColumns read.
type suggestionRow struct {
	ID                       int64
	Why, Reason, CouncilName string
	At                       time.Time
	DecidedAt                *time.Time
	Taken, There             bool
	ByID                     int64
	ByName, ByHandle         string
	ThreadID, PostID         int64
	Kind, Slug, Title, Lang  string
	CouncilsOnly             bool
	PostNumber               int
}

// suggestion is the row as it shows.
func (r suggestionRow) suggestion() Suggestion {
	return Suggestion{ID: r.ID, Person: Contributor{r.ByID, r.ByName, r.ByHandle}, CouncilName: r.CouncilName, Why: r.Why, At: r.At, DecidedAt: r.DecidedAt,
		Taken: r.Taken, Reason: r.Reason, There: r.There,
		Item: Item{ThreadID: r.ThreadID, Kind: r.Kind, Slug: r.Slug, Title: r.Title, Lang: r.Lang, CouncilsOnly: r.CouncilsOnly, PostID: r.PostID, PostNumber: r.PostNumber}}
}

// suggestions puts rows together.
func suggestions(rows []suggestionRow) (list []Suggestion) {
	for _, r := range rows {
		list = append(list, r.suggestion())
	}
	return list
}

// SuggestPage is the form to suggest something for a collection, with what its reader
// suggested before, the newest first.
type SuggestPage struct {
	Collection Collection
	Moved      string
	Yours      []Suggestion
}

// yoursMost is how many of one's own suggestions the page shows.
const yoursMost = 20

// SuggestPage reads it in one round trip: ErrNotFound of a collection that is not theirs
// to see, ErrForbidden for who may not suggest.
func (s *Store) SuggestPage(ctx context.Context, who forum.Person, slug string) (p SuggestPage, err error) {
	var row collectionRow
	var rows []suggestionRow
	args := who.Rights(pgx.NamedArgs{"now": s.Now(), "slug": slug, "most": yoursMost})
	var b pgx.Batch
	b.Queue(collectionQuery, args).Query(forum.IntoOne(&row))
	b.Queue(`select `+suggestionColumns+` from `+suggestionTables+` join collections k on k.id = s.collection_id
		where s.person_id = @who and k.slug = @slug order by s.id desc limit @most`, args).Query(forum.Into(&rows))
	if err := s.Send(ctx, &b); err != nil {
		return SuggestPage{}, err
	}
	p.Collection, p.Yours = row.Collection, suggestions(rows)
	if row.Slug != slug {
		p.Moved = row.Slug
	}
	if !CanSuggest(who) {
		return SuggestPage{}, forum.ErrForbidden
	}
	return p, nil
}

// Suggest says what else a collection should have, and why. Of each person so many may
// wait at a time.
func (s *Store) Suggest(ctx context.Context, who forum.Person, slug string, draft ItemDraft) error {
	draft.Clean()
	bad := draft.check()
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if _, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('suggestions', $1))`, who.ID); err != nil {
			return err
		}
		id, err := suggestable(ctx, d, slug)
		if err != nil {
			return err
		}
		t, post, err := collectable(ctx, d, draft)
		if problems := (forum.Invalid)(nil); errors.As(err, &problems) {
			return append(slices.Clone(problems), bad...)
		}
		if err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		return suggest(ctx, d, pgx.NamedArgs{"collection": id, "who": who.ID, "thread": t.ID, "post": post, "why": draft.Why, "at": d.At})
	})
}

// suggestable is the number of the collection at an address, for whoever may suggest
// something for it.
func suggestable(ctx context.Context, d *forum.Deed, slug string) (id int64, err error) {
	err = d.QueryRow(ctx, `select k.id from collections k where k.slug = @slug and `+forum.CollectionShows, d.Who.Rights(pgx.NamedArgs{"slug": slug})).Scan(&id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, forum.ErrNotFound
	case err == nil && !CanSuggest(d.Who):
		return 0, forum.ErrForbidden
	}
	return id, err
}

// suggest writes a suggestion down, unless the same waits or is there already, or too
// many wait.
func suggest(ctx context.Context, d *forum.Deed, args pgx.NamedArgs) error {
	var there, waits bool
	var open int
	err := d.QueryRow(ctx, `
		select exists (select from collection_items i where i.collection_id = @collection and i.thread_id = @thread and coalesce(i.post_id, 0) = @post::bigint),
			exists (select from collection_suggestions s where s.collection_id = @collection and s.thread_id = @thread and coalesce(s.post_id, 0) = @post::bigint and s.decided_at is null),
			(select count(*) from collection_suggestions s where s.person_id = @who and s.decided_at is null)::int`, args).Scan(&there, &waits, &open)
	var bad forum.Invalid
	switch {
	case err != nil:
		return err
	case there:
		bad.Add("target", "collections.already")
	case waits:
		bad.Add("target", "collections.suggested_already")
	case open >= SuggestionsMost:
		bad.Add("target", "collections.suggestions_most", "Max", SuggestionsMost)
	default:
		_, err := d.Exec(ctx, `
			insert into collection_suggestions (collection_id, person_id, thread_id, post_id, why, at) values (@collection, @who, @thread, nullif(@post::bigint, 0), @why, @at)`, args)
		return err
	}
	return bad
}

// TakeBackSuggestion has what its doer suggested wait no more: ErrNotFound where none of
// theirs does.
func (s *Store) TakeBackSuggestion(ctx context.Context, who forum.Person, at Place) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		tag, err := d.Exec(ctx, `
			delete from collection_suggestions s using collections k
			where s.id = @id and s.person_id = @who and s.decided_at is null and k.id = s.collection_id and k.slug = @slug and `+forum.CollectionShows,
			who.Rights(pgx.NamedArgs{"id": at.ID, "slug": at.Slug}))
		if err == nil && tag.RowsAffected() == 0 {
			return forum.ErrNotFound
		}
		return err
	})
}

// lockedSuggestion is a suggestion that a deed has locked.
type lockedSuggestion struct {
	ID       int64
	PersonID int64
	ThreadID int64
	PostID   int64
	Why      string
	Decided  bool
	Taken    bool
}

// lockSuggestion reads and locks a suggestion for a collection: ErrNotFound if there is none.
func lockSuggestion(ctx context.Context, d *forum.Deed, collection, id int64) (w lockedSuggestion, err error) {
	rows, err := d.Query(ctx, `
		select id, person_id, thread_id, coalesce(post_id, 0) as post_id, why, decided_at is not null as decided, coalesce(taken, false) as taken
		from collection_suggestions where id = $1 and collection_id = $2 for update`, id, collection)
	if err != nil {
		return lockedSuggestion{}, err
	}
	return w, forum.IntoOne(&w)(rows)
}

// suggested reads and locks the suggestions that putting something into a collection takes.
func suggested(ctx context.Context, d *forum.Deed, collection int64, i contentItem) (list []lockedSuggestion, err error) {
	rows, err := d.Query(ctx, `
		select id, person_id, thread_id, coalesce(post_id, 0) as post_id, why, false as decided, false as taken from collection_suggestions
		where collection_id = $1 and person_id = $2 and decided_at is null and thread_id = $3 and coalesce(post_id, 0) = $4 order by id for update`,
		collection, i.SuggestedBy, i.ThreadID, i.PostID)
	if err != nil {
		return nil, err
	}
	return list, forum.Into(&list)(rows)
}

// TakeSuggestion puts what somebody suggested into a section, with a sentence that may
// say it better, and tells them. One that was taken already stays so; of one that was
// declined it is ErrConflict, and where the collection, or what was suggested for it, is
// another by now than when the form was made.
func (s *Store) TakeSuggestion(ctx context.Context, who forum.Person, at Place, draft ItemDraft) error {
	draft.Clean()
	bad := draft.check()
	return s.decide(ctx, who, at, true, func(d *forum.Deed, k *lockedCollection, w lockedSuggestion) (int64, error) {
		switch {
		case draft.Version != k.Version:
			return 0, forum.ErrConflict
		case bad != nil:
			return 0, bad
		}
		t, p, err := s.stillThere(ctx, d, w)
		if err != nil {
			return 0, err
		}
		return k.change(ctx, d, func(d *forum.Deed, k *lockedCollection) (forum.Entry, error) {
			e, err := k.add(ctx, d, contentItem{ThreadID: t, PostID: p, Why: draft.Why, AddedBy: who.ID, SuggestedBy: w.PersonID, AddedAt: d.At}, draft.Section)
			e.Deed, e.PersonID = forum.TookSuggestion, w.PersonID
			return e, err
		})
	})
}

// stillThere finds what was suggested: Invalid where it has gone since.
func (s *Store) stillThere(ctx context.Context, d *forum.Deed, w lockedSuggestion) (thread, post int64, err error) {
	err = d.QueryRow(ctx, `
		select t.id, coalesce(p.id, 0) from threads m left join posts p on p.id = nullif(@post::bigint, 0)
		join threads t on t.id = coalesce(p.thread_id, m.merged_into, m.id) and `+forum.Listed+`
		where m.id = @thread and (@post::bigint = 0 or p.number is not null and p.hidden_at is null and p.deleted_at is null)`,
		d.Who.Rights(pgx.NamedArgs{"thread": w.ThreadID, "post": w.PostID})).Scan(&thread, &post)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, forum.Invalid{{Field: "section", Key: "collections.gone_since"}}
	}
	return thread, post, err
}

// DeclineSuggestion says no to a suggestion, and tells whose it is why.
func (s *Store) DeclineSuggestion(ctx context.Context, who forum.Person, at Place, reason string) error {
	reason = forum.CleanReason(reason)
	bad := checkLength(nil, "reason", reason, reasonMost)
	return s.decide(ctx, who, at, false, func(d *forum.Deed, k *lockedCollection, w lockedSuggestion) (int64, error) {
		if bad != nil {
			return 0, bad
		}
		if _, err := d.Exec(ctx, `update collection_suggestions set reason = $2 where id = $1`, w.ID, reason); err != nil {
			return 0, err
		}
		return d.Record(ctx, forum.Entry{Deed: forum.DeclinedSuggestion, PersonID: w.PersonID, ThreadID: w.ThreadID, PostID: w.PostID, Reason: reason})
	})
}

// decide decides on a suggestion as a curator, and tells whose it is. Decided the same way
// before it is a success that changes nothing; the other way it is ErrConflict.
func (s *Store) decide(ctx context.Context, who forum.Person, at Place, take bool, fn func(*forum.Deed, *lockedCollection, lockedSuggestion) (entry int64, err error)) error {
	var waits bool
	err := s.DoOnce(ctx, who, &waits, func(d *forum.Deed) error {
		k, err := lockCollection(ctx, d, at.Slug)
		if err != nil {
			return err
		}
		w, err := lockSuggestion(ctx, d, k.ID, at.ID)
		switch {
		case err != nil:
			return err
		case w.Decided && w.Taken == take:
			return nil
		case w.Decided:
			return forum.ErrConflict
		}
		entry, err := fn(d, &k, w)
		if waits = k.waits; err != nil || waits {
			return err
		}
		return w.decide(ctx, d, k.ID, entry, take)
	})
	return orWaits(waits, err)
}

// decide writes down what was decided on a suggestion, and tells whose it is.
func (w lockedSuggestion) decide(ctx context.Context, d *forum.Deed, collection, entry int64, take bool) error {
	if _, err := d.Exec(ctx, `update collection_suggestions set decided_at = $2, decided_by = $3, decision = $4, taken = $5 where id = $1`, w.ID, d.At, d.Who.ID, entry, take); err != nil {
		return err
	}
	kind := forum.SuggestionDeclined
	if take {
		kind = forum.SuggestionTaken
	}
	return d.Tell(ctx, forum.Event{Kind: kind, PersonID: w.PersonID, ThreadID: w.ThreadID, PostID: w.PostID, CollectionID: collection})
}

// reopen has the suggestion wait again that an entry decided, if it decided one.
func reopen(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	_, err := d.Exec(ctx, `
		update collection_suggestions set decided_at = null, decided_by = null, decision = null, taken = null, reason = '' where decision = $1`, e.Undoes)
	return err
}

// undeclineSuggestion has a suggestion wait again that was declined.
func undeclineSuggestion(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	var there bool
	if err := d.QueryRow(ctx, `select exists (select from collection_suggestions where decision = $1)`, e.Undoes).Scan(&there); err != nil {
		return err
	}
	if !there {
		return forum.ErrConflict // whose it was is gone
	}
	e.Deed = forum.UndidCollection
	if _, err := d.Record(ctx, e); err != nil {
		return err
	}
	return reopen(ctx, d, e)
}
