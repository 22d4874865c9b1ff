package curation

import (
	"context"

	"moothall/forum"
)

// SplitDraft is what was chosen to go to a thread of its own.
type SplitDraft struct {
	Posts  []int64
	Title  string
	Reason string
}

// Split puts posts of a thread into a new one with a title, in their order; author and
// date stay, and the numbers that they leave lead to them. Their authors follow it as
// they follow the one that they wrote in, and are told. It returns the new thread.
func (s *Store) Split(ctx context.Context, who forum.Person, threadID int64, draft SplitDraft) (made forum.Asked, err error) {
	draft.Title, draft.Reason = forum.CleanTitle(draft.Title), forum.CleanReason(draft.Reason)
	err = s.DoOnce(ctx, who, &made, func(d *forum.Deed) error {
		t, err := d.Thread(ctx, threadID)
		switch {
		case err != nil:
			return err
		case !forum.CanTend(who):
			return forum.ErrForbidden
		}
		bad, first, err := draft.check(ctx, d, t)
		if err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		made, err = split(ctx, d, t, draft, first)
		return err
	})
	return made, err
}

// chosen is the first of the posts that were chosen.
type chosen struct {
	ID     int64
	Number int
	Author int64
}

// check says what keeps posts from going: the first stays, and so do the accepted
// answer and what does not show.
func (draft SplitDraft) check(ctx context.Context, d *forum.Deed, t forum.Thread) (bad forum.Invalid, first chosen, err error) {
	var there int
	err = d.QueryRow(ctx, `
		with going as (
			select id, number, author_id from posts where thread_id = $1 and id = any($2) and number > 1 and hidden_at is null and deleted_at is null
		)
		select (select count(*) from going), coalesce(f.id, 0), coalesce(f.number, 0), coalesce(f.author_id, 0)
		from (select 1) one left join (select * from going order by number limit 1) f on true`, t.ID, draft.Posts).Scan(&there, &first.ID, &first.Number, &first.Author)
	if err != nil {
		return nil, first, err
	}
	answer := false
	for i, id := range draft.Posts {
		answer = answer || id == t.AnswerID
		for _, other := range draft.Posts[:i] {
			if id == other {
				there++ // it was ticked twice
				break
			}
		}
	}
	switch {
	case len(draft.Posts) == 0:
		bad.Add("post", "tending.post_choose")
	case len(draft.Posts) > mergeMost:
		bad.Add("post", "tending.into_many", "Max", mergeMost)
	case answer:
		bad.Add("post", "tending.post_answer")
	case there != len(draft.Posts) || t.Held:
		bad.Add("post", "tending.post_gone")
	}
	return append(append(bad, forum.CheckTitle(draft.Title)...), checkReason(draft.Reason)...), first, nil
}

// split is the deed of Split, on a locked thread.
func split(ctx context.Context, d *forum.Deed, t forum.Thread, draft SplitDraft, first chosen) (made forum.Asked, err error) {
	if made, err = d.StartThread(ctx, t, first.ID, draft.Title); err != nil {
		return made, err
	}
	entry, err := d.Record(ctx, forum.Entry{Deed: forum.SplitThread, PersonID: first.Author, ThreadID: t.ID, Reason: draft.Reason})
	if err != nil {
		return made, err
	}
	moved, err := d.MovePosts(ctx, t.ID, made.ID, draft.Posts, entry)
	if err != nil {
		return made, err
	}
	if err := keep(ctx, d, entry, tending{ThreadID: t.ID, After: first.Number, OtherID: made.ID, Posts: moved}); err != nil {
		return made, err
	}
	if err := d.FollowAsAuthors(ctx, t.ID, made.ID); err != nil {
		return made, err
	}
	return made, d.Tell(ctx, forum.Event{Kind: forum.ThreadSplit, ThreadID: made.ID})
}

// canJoin reports whether a split can be undone still: nothing else was done to either
// thread since, and what few may read does not become what all may.
func canJoin(home, made forum.Thread) bool {
	return !home.Deleted && !home.Hidden && !made.Deleted && !made.Hidden && home.Visibility == made.Visibility
}

// unsplit puts the posts back under their numbers. What was written in the new thread
// since comes after them, and its address leads there: nothing is lost.
func unsplit(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	k, err := kept(ctx, d, e.Undoes)
	if err != nil {
		return err
	}
	if err := d.LockThreads(ctx, k.ThreadID, k.OtherID); err != nil {
		return err
	}
	home, err := d.ThreadItself(ctx, k.ThreadID)
	if err != nil {
		return err
	}
	made, err := d.ThreadItself(ctx, k.OtherID)
	switch {
	case err != nil:
		return err
	case !canJoin(home, made):
		return forum.ErrConflict
	}
	entry, err := undid(ctx, d, e)
	if err != nil {
		return err
	}
	if err := d.PutPostsBack(ctx, home.ID, made.ID, e.Undoes, entry); err != nil {
		return err
	}
	if _, err := d.MovePosts(ctx, made.ID, home.ID, nil, entry); err != nil {
		return err
	}
	return carry(ctx, d, made, home, entry)
}
