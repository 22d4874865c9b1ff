package curation

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

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
		rows, err := d.Query(ctx, goingQuery, pgx.NamedArgs{"thread": t.ID, "posts": draft.Posts})
		if err != nil {
			return err
		}
		going, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[Part])
		if err != nil {
			return err
		}
		if bad := draft.check(t, going); bad != nil {
			return bad
		}
		made, err = split(ctx, d, t, draft, going[0])
		return err
	})
	return made, err
}

// goingQuery reads the posts that were chosen, as far as they can go, in their order.
const goingQuery = `
	select p.id, p.number, p.author_id, a.name as author, left(p.excerpt, 120) as excerpt from posts p join people a on a.id = p.author_id
	where p.thread_id = @thread and p.id = any(@posts) and p.number > 1 and p.hidden_at is null and p.deleted_at is null
	order by p.number`

// check says what keeps posts from going, of which some are there: the first stays, and so
// do the accepted answer and what does not show.
func (draft SplitDraft) check(t forum.Thread, going []Part) (bad forum.Invalid) {
	posts := slices.Clone(draft.Posts)
	slices.Sort(posts)
	posts = slices.Compact(posts) // one may be ticked twice
	switch {
	case len(posts) == 0:
		bad.Add("post", "tending.post_choose")
	case len(posts) > mergeMost:
		bad.Add("post", "tending.into_many", "Max", mergeMost)
	case slices.Contains(posts, t.AnswerID):
		bad.Add("post", "tending.post_answer")
	case len(going) != len(posts) || t.Held:
		bad.Add("post", "tending.post_gone")
	}
	return append(append(bad, forum.CheckTitle(draft.Title)...), checkReason(draft.Reason)...)
}

// SplitPage is TendPage with what a split would do; Invalid with what keeps it from being
// done.
func (s *Store) SplitPage(ctx context.Context, who forum.Person, id int64, from int, draft SplitDraft) (p TendPage, bad forum.Invalid, err error) {
	if p, err = s.TendPage(ctx, who, id, "", from); err != nil {
		return p, nil, err
	}
	var going []Part
	var shown struct{ N int }
	args := pgx.NamedArgs{"thread": p.Thread.ID, "posts": draft.Posts}
	var b pgx.Batch
	b.Queue(goingQuery, args).Query(forum.Into(&going))
	b.Queue(`select count(*)::int as n from posts where thread_id = @thread and number is not null and hidden_at is null and deleted_at is null`, args).Query(forum.IntoOne(&shown))
	if err := s.Send(ctx, &b); err != nil {
		return p, nil, err
	}
	draft.Title, draft.Reason = forum.CleanTitle(draft.Title), forum.CleanReason(draft.Reason)
	if bad := draft.check(p.Thread, going); bad != nil {
		return p, bad, nil
	}
	p.Going, p.Posts = going, shown.N-len(going)
	return p, nil, nil
}

// split is the deed of Split, on a locked thread.
func split(ctx context.Context, d *forum.Deed, t forum.Thread, draft SplitDraft, first Part) (made forum.Asked, err error) {
	if made, err = d.StartThread(ctx, t, first.ID, draft.Title); err != nil {
		return made, err
	}
	entry, err := d.Record(ctx, forum.Entry{Deed: forum.SplitThread, PersonID: first.AuthorID, ThreadID: t.ID, Reason: draft.Reason})
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
