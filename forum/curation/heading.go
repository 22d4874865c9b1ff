package curation

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// MoveDraft is what was chosen to move a thread.
type MoveDraft struct {
	Topics []string // slugs, the first is home
	Kind   string   // empty: as it is
	Reason string
}

// kinds are those that a thread can be changed from and to.
var kinds = []string{forum.Question, forum.Discussion, forum.Announcement}

// check says what keeps a thread from becoming of that kind: what was answered or
// solved stays a question, and a project or lesson what it is.
func (m MoveDraft) check(t forum.Thread) (bad forum.Invalid) {
	switch {
	case m.Kind == t.Kind:
	case !slices.Contains(kinds, m.Kind) || !slices.Contains(kinds, t.Kind):
		bad.Add("kind", "tending.kind_choose")
	case t.AnswerID != 0 || t.Solved:
		bad.Add("kind", "tending.kind_answered")
	}
	return append(bad, checkReason(m.Reason)...)
}

// Move puts a thread under other topics, and makes it of another kind where one is
// chosen. The same again changes nothing.
func (s *Store) Move(ctx context.Context, who forum.Person, threadID int64, draft MoveDraft) error {
	draft.Reason = forum.CleanReason(draft.Reason)
	return s.tend(ctx, who, threadID, func(d *forum.Deed, t forum.Thread) error {
		if draft.Kind == "" {
			draft.Kind = t.Kind
		}
		before, err := d.Heading(ctx, t)
		if err != nil {
			return err
		}
		if bad := draft.check(t); bad != nil {
			return bad
		}
		if draft.Kind == t.Kind && slices.Equal(draft.Topics, before.Topics) {
			return nil
		}
		post, version, err := d.SetHeading(ctx, t, forum.Heading{Title: t.Title, Kind: draft.Kind, Topics: draft.Topics}, draft.Reason)
		if err != nil {
			return err
		}
		after, err := d.Heading(ctx, t)
		if err != nil {
			return err
		}
		_, err = record(ctx, d, forum.Entry{Deed: forum.MovedThread, PersonID: t.AuthorID, ThreadID: t.ID, PostID: post, Reason: draft.Reason},
			tending{ThreadID: t.ID, After: t.PostCount, KindBefore: t.Kind, KindAfter: draft.Kind,
				TopicsBefore: before.Topics, TopicsAfter: after.Topics, Version: version})
		if err != nil {
			return err
		}
		return d.Tell(ctx, forum.Event{Kind: forum.ThreadMoved, ThreadID: t.ID})
	})
}

// unmove puts a thread back where it was: ErrConflict if somebody has put it elsewhere
// since.
func unmove(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	k, err := kept(ctx, d, e.Undoes)
	if err != nil {
		return err
	}
	t, err := d.Thread(ctx, k.ThreadID)
	if err != nil {
		return err
	}
	now, err := d.Heading(ctx, t)
	switch {
	case err != nil:
		return err
	case now.Kind != k.KindAfter || !slices.Equal(now.Topics, k.TopicsAfter):
		return forum.ErrConflict
	case k.KindBefore != now.Kind && (t.AnswerID != 0 || t.Solved):
		return forum.ErrConflict // it was answered as the question that it is now
	}
	if _, _, err := d.SetHeading(ctx, t, forum.Heading{Title: t.Title, Kind: k.KindBefore, Topics: k.TopicsBefore}, e.Reason); err != nil {
		return err
	}
	_, err = undid(ctx, d, e)
	return err
}

// RetitleDraft is what was typed to give a thread another title.
type RetitleDraft struct {
	Title, Reason string
	Was           string // the title that the form was made from; empty of a form that does not say
}

// Retitle gives a thread another title. Its number stays, so that old addresses lead to
// it; what the title was is in the history of its opening post. The same again changes
// nothing. Where it has another title by now than the form was made from, it is a
// forum.Conflict, so that no open form writes back what was taken out of it.
func (s *Store) Retitle(ctx context.Context, who forum.Person, threadID int64, draft RetitleDraft) error {
	draft.Title, draft.Reason = forum.CleanTitle(draft.Title), forum.CleanReason(draft.Reason)
	return s.tend(ctx, who, threadID, func(d *forum.Deed, t forum.Thread) error {
		if draft.Title == t.Title {
			return nil
		}
		if was := forum.CleanTitle(draft.Was); was != "" && was != forum.CleanTitle(t.Title) {
			return &forum.Conflict{Title: t.Title}
		}
		now, err := d.Heading(ctx, t)
		if err != nil {
			return err
		}
		now.Title = draft.Title
		bad := append(forum.CheckTitle(draft.Title), checkReason(draft.Reason)...)
		if bad != nil {
			return bad
		}
		post, version, err := d.SetHeading(ctx, t, now, draft.Reason)
		if err != nil {
			return err
		}
		_, err = record(ctx, d, forum.Entry{Deed: forum.RetitledThread, PersonID: t.AuthorID, ThreadID: t.ID, PostID: post, Reason: draft.Reason},
			tending{ThreadID: t.ID, After: t.PostCount, Version: version})
		if err != nil {
			return err
		}
		return d.Tell(ctx, forum.Event{Kind: forum.ThreadRetitled, ThreadID: t.ID})
	})
}

// unretitle gives a thread the title back that it had: ErrConflict if it has had
// another one since.
func unretitle(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	k, err := kept(ctx, d, e.Undoes)
	if err != nil {
		return err
	}
	t, err := d.Thread(ctx, k.ThreadID)
	if err != nil {
		return err
	}
	var before, after string
	err = d.QueryRow(ctx, `
		select coalesce(r.title, ''), coalesce((select n.title from revisions n where n.post_id = r.post_id and n.version > r.version and n.title is not null
			order by n.version limit 1), $3)
		from revisions r where r.post_id = $1 and r.version = $2`, e.PostID, k.Version, t.Title).Scan(&before, &after)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return forum.ErrConflict // what it was has been erased
	case err != nil:
		return err
	case after != t.Title || before == "":
		return forum.ErrConflict
	}
	now, err := d.Heading(ctx, t)
	if err != nil {
		return err
	}
	now.Title = before
	if _, _, err := d.SetHeading(ctx, t, now, e.Reason); err != nil {
		return err
	}
	_, err = undid(ctx, d, e)
	return err
}
