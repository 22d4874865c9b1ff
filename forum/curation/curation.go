// Package curation is the curators' work. It highlights what everybody should know of,
// puts collections together on a theme, and tidies threads: moves, retitles, merges and
// splits them, says above a long one what it has come to, and pins it in a topic. Each deed
// leaves an entry in the audit log, and of a thread that was tidied a visible line in it; it
// tells those concerned, and can be undone from its entry.
package curation

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Store carries out the curators' deeds.
type Store struct{ *forum.Store }

// New makes a Store on the forum's.
func New(s *forum.Store) *Store { return &Store{s} }

// Undoings are the ways back from the deeds of this subject, for the audit log.
func Undoings() map[forum.DeedName]forum.Undoing {
	return map[forum.DeedName]forum.Undoing{
		forum.MovedThread:        {May: mayTend, Undo: unmove, Judges: true},
		forum.RetitledThread:     {May: mayTend, Undo: unretitle, Judges: true},
		forum.MergedThread:       {May: mayTend, Undo: unmerge, Judges: true},
		forum.SplitThread:        {May: mayTend, Undo: unsplit, Judges: true},
		forum.SummarisedThread:   {May: mayTend, Undo: unsummarise, Judges: true},
		forum.UnsummarisedThread: {May: mayTend, Undo: unsummarise, Judges: true},
		forum.PinnedThread:       {May: mayTend, Undo: unpin, Judges: true},
		forum.Highlighted:        {May: mayTend, Undo: unhighlight, Judges: true},
		forum.EndedHighlight:     {May: mayTend, Undo: rehighlight, Judges: true},
		forum.ChangedHighlight:   {May: mayTend, Undo: unchangeHighlight, Judges: true},
		forum.DeclinedSecond:     {May: mayTend, Undo: undeclineSecond, Judges: true},

		forum.PutBanner:       {May: mayTend, Undo: unbanner, Judges: true},
		forum.ChangedBanner:   {May: mayTend, Undo: unbanner, Judges: true},
		forum.EndedBanner:     {May: mayTend, Undo: unbanner, Judges: true},
		forum.SetElection:     {May: mayTend, Undo: unelection, Judges: true},
		forum.ChangedElection: {May: mayTend, Undo: unelection, Judges: true},
		forum.EndedElection:   {May: mayTend, Undo: unelection, Judges: true},

		forum.ShowedCollection:   {May: mayTend, Undo: restore, Judges: true},
		forum.WithdrewCollection: {May: mayTend, Undo: restore, Judges: true},
		forum.ChangedCollection:  {May: mayTend, Undo: restore, Judges: true},
		forum.OrderedCollection:  {May: mayTend, Undo: restore, Judges: true},
		forum.ReviewedCollection: {May: mayTend, Undo: restore, Judges: true},
		forum.PutIn:              {May: mayTend, Undo: restore, Judges: true},
		forum.TookOut:            {May: mayTend, Undo: restore, Judges: true},
		forum.TookSuggestion:     {May: mayTend, Undo: restore, Judges: true},
		forum.DeclinedSuggestion: {May: mayTend, Undo: undeclineSuggestion, Judges: true},
	}
}

func mayTend(who forum.Person, _ forum.Entry) bool { return forum.CanTend(who) }

// tending is what is kept of a deed beside its entry: where its line stands, and what
// it takes to undo it.
type tending struct {
	ThreadID     int64
	After        int
	KindBefore   string
	KindAfter    string
	TopicsBefore []string
	TopicsAfter  []string
	Version      int
	OtherID      int64
	Posts        int
}

// tend opens a deed on a thread as a curator sees it, who alone may tidy it.
func (s *Store) tend(ctx context.Context, who forum.Person, threadID int64, fn func(*forum.Deed, forum.Thread) error) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		t, err := d.Thread(ctx, threadID)
		switch {
		case err != nil:
			return err
		case !forum.CanTend(who):
			return forum.ErrForbidden
		}
		return fn(d, t)
	})
}

// checkReason says what is wrong with a reason, which may be left out.
func checkReason(reason string) forum.Invalid {
	if reason == "" {
		return nil
	}
	return forum.CheckReason(reason)
}

// record writes the entry of a deed, and what is kept beside it.
func record(ctx context.Context, d *forum.Deed, e forum.Entry, k tending) (entry int64, err error) {
	if entry, err = d.Record(ctx, e); err != nil {
		return 0, err
	}
	return entry, keep(ctx, d, entry, k)
}

// keep writes what is kept beside an entry.
func keep(ctx context.Context, d *forum.Deed, entry int64, k tending) error {
	_, err := d.Exec(ctx, `
		insert into tendings (entry_id, thread_id, after, kind_before, kind_after, topics_before, topics_after, version, other_id, posts)
		values (@entry, @thread, @after, nullif(@kind_before, ''), nullif(@kind_after, ''), @topics_before, @topics_after,
			nullif(@version::int, 0), nullif(@other::bigint, 0), nullif(@posts::int, 0))`,
		pgx.NamedArgs{"entry": entry, "thread": k.ThreadID, "after": max(1, k.After), "kind_before": k.KindBefore, "kind_after": k.KindAfter,
			"topics_before": k.TopicsBefore, "topics_after": k.TopicsAfter, "version": k.Version, "other": k.OtherID, "posts": k.Posts})
	return err
}

// kept reads what was kept beside an entry.
func kept(ctx context.Context, d *forum.Deed, entry int64) (k tending, err error) {
	rows, err := d.Query(ctx, `
		select thread_id, after, coalesce(kind_before, '') as kind_before, coalesce(kind_after, '') as kind_after, topics_before, topics_after,
			coalesce(version, 0) as version, coalesce(other_id, 0) as other_id, coalesce(posts, 0) as posts
		from tendings where entry_id = $1`, entry)
	if err != nil {
		return tending{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[tending])
}

// undid writes the entry that undoes another.
func undid(ctx context.Context, d *forum.Deed, e forum.Entry) (entry int64, err error) {
	return d.Record(ctx, forum.Entry{Deed: forum.UndidTending, PersonID: e.PersonID, ThreadID: e.ThreadID, PostID: e.PostID, Reason: e.Reason, Undoes: e.Undoes, Repeats: e.Repeats})
}
