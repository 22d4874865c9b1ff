package curation

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"moothall/forum"
)

// MergeDraft is what was typed to merge a thread into another.
type MergeDraft struct {
	Into   string // the number or the address of the one that stays
	Reason string
}

// mergeMost is how many posts go to another thread in one deed.
const mergeMost = 2000

// undoWithin is how long a merge can be undone.
const undoWithin = 30 * 24 * time.Hour

var threadNumber = regexp.MustCompile(`^(?:(?:https?://[^/]+)?/threads/|#)?([1-9][0-9]{0,17})(?:[-/?#].*)?$`)

// target is the number in what was typed; 0 where there is none.
func (m MergeDraft) target() int64 {
	found := threadNumber.FindStringSubmatch(strings.TrimSpace(m.Into))
	if found == nil {
		return 0
	}
	n, _ := strconv.ParseInt(found[1], 10, 64) // short enough
	return n
}

// check says what keeps two threads from being merged.
func (m MergeDraft) check(from, to forum.Thread) (bad forum.Invalid) {
	switch {
	case from.ID == to.ID:
		bad.Add("into", "tending.into_itself")
	case from.Visibility != to.Visibility:
		bad.Add("into", "tending.into_readers") // what few may read must not become what all may
	case from.Held || to.Held:
		bad.Add("into", "tending.into_held")
	case from.Hidden || to.Hidden:
		bad.Add("into", "tending.into_hidden")
	case from.Kind == "project" || from.Kind == "lesson":
		bad.Add("into", "tending.into_facts")
	case from.PostCount > mergeMost:
		bad.Add("into", "tending.into_many", "Max", mergeMost)
	}
	return append(bad, checkReason(m.Reason)...)
}

// Merge puts all posts of a thread at the end of another one, with new numbers; author
// and date stay. Whoever follows it, has the problem too, keeps it for later or has begun
// a reply goes along, and its address and those of its posts lead to where they are now.
// It returns the number of the thread that stays. The same again changes nothing.
func (s *Store) Merge(ctx context.Context, who forum.Person, threadID int64, draft MergeDraft) (into int64, err error) {
	draft.Reason = forum.CleanReason(draft.Reason)
	err = s.DoOnce(ctx, who, &into, func(d *forum.Deed) error {
		if err := d.LockThreads(ctx, threadID, draft.target()); err != nil {
			return err
		}
		from, err := d.ThreadNow(ctx, threadID)
		switch {
		case err != nil:
			return err
		case !forum.CanTend(who):
			return forum.ErrForbidden
		}
		to, err := target(ctx, d, draft)
		if err != nil {
			return err
		}
		into = to.ID
		switch {
		case from.ID != threadID && from.ID == to.ID:
			return nil // somebody was first
		case from.ID != threadID:
			return forum.Invalid{{Field: "into", Key: "tending.into_elsewhere"}}
		}
		if bad := draft.check(from, to); bad != nil {
			return bad
		}
		return merge(ctx, d, from, to, draft.Reason)
	})
	return into, err
}

// target is the thread that stays, as the deed's doer may see it.
func target(ctx context.Context, d *forum.Deed, draft MergeDraft) (forum.Thread, error) {
	to, err := d.ThreadNow(ctx, draft.target())
	if errors.Is(err, forum.ErrNotFound) || errors.Is(err, forum.ErrGone) {
		return to, forum.Invalid{{Field: "into", Key: "tending.into_unknown"}}
	}
	return to, err
}

// merge is the deed of Merge, on two locked threads.
func merge(ctx context.Context, d *forum.Deed, from, to forum.Thread, reason string) error {
	entry, err := d.Record(ctx, forum.Entry{Deed: forum.MergedThread, PersonID: from.AuthorID, ThreadID: from.ID, Reason: reason})
	if err != nil {
		return err
	}
	moved, err := d.MovePosts(ctx, from.ID, to.ID, nil, entry)
	if err != nil {
		return err
	}
	if err := keep(ctx, d, entry, tending{ThreadID: to.ID, After: to.PostCount, OtherID: from.ID, Posts: moved}); err != nil {
		return err
	}
	if err := carry(ctx, d, from, to, entry); err != nil {
		return err
	}
	return d.Tell(ctx, forum.Event{Kind: forum.ThreadMerged, ThreadID: to.ID, PersonID: from.AuthorID})
}

// carry takes along what hangs on a thread whose posts have gone to another, and leaves
// its address to lead there.
func carry(ctx context.Context, d *forum.Deed, from, to forum.Thread, entry int64) error {
	for _, part := range []func(context.Context, forum.Thread, forum.Thread, int64) error{d.CarryAnswer, d.CarryMarks} {
		if err := part(ctx, from, to, entry); err != nil {
			return err
		}
	}
	if err := d.CarryFollows(ctx, from.ID, to.ID, entry); err != nil {
		return err
	}
	if err := d.CarryDrafts(ctx, from.ID, to.ID); err != nil {
		return err
	}
	return d.SetMerged(ctx, from.ID, to.ID)
}

// unmerge parts two threads again: what came goes back under its old numbers, and the
// numbers that it had here lead to it. What was written here since stays.
func unmerge(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	k, err := kept(ctx, d, e.Undoes)
	if err != nil {
		return err
	}
	if err := d.LockThreads(ctx, k.OtherID, k.ThreadID); err != nil {
		return err
	}
	from, err := d.ThreadItself(ctx, k.OtherID)
	if err != nil {
		return err
	}
	to, err := d.ThreadItself(ctx, k.ThreadID)
	if err != nil {
		return err
	}
	if err := canPart(ctx, d, e, from, to); err != nil {
		return err
	}
	if err := d.SetMerged(ctx, from.ID, 0); err != nil {
		return err
	}
	entry, err := undid(ctx, d, e)
	if err != nil {
		return err
	}
	if err := d.PutPostsBack(ctx, from.ID, to.ID, e.Undoes, entry); err != nil {
		return err
	}
	if err := d.SettleAnswers(ctx, from.ID, to.ID); err != nil {
		return err
	}
	if err := d.ReturnMarks(ctx, to.ID, e.Undoes); err != nil {
		return err
	}
	return d.ReturnFollows(ctx, to.ID, e.Undoes)
}

// canPart is nil if a merge can be undone still: within its time, for the same readers,
// while the post that opened what came is where it was put, and shows there.
func canPart(ctx context.Context, d *forum.Deed, e forum.Entry, from, to forum.Thread) error {
	var late, away bool
	err := d.QueryRow(ctx, `
		select e.at < $2, a.erased_at is not null or not exists (
			select from moved_posts m join posts p on p.id = m.post_id and p.thread_id = $3
			where m.thread_id = $4 and m.entry_id = e.id and m.number = 1 and p.hidden_at is null and p.deleted_at is null)
		from entries e, people a where e.id = $1 and a.id = $5`, e.Undoes, d.At.Add(-undoWithin), to.ID, from.ID, from.AuthorID).Scan(&late, &away)
	switch {
	case err != nil:
		return err
	case late:
		return &forum.Forbidden{Why: "tending.too_late"}
	case away || to.Deleted || to.Hidden || from.MergedInto != to.ID || from.Visibility != to.Visibility:
		return forum.ErrConflict
	}
	return nil
}
