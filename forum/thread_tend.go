package forum

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// Close closes a thread with a reason that everybody is told, or opens it again.
// Done a second time it changes nothing.
func (s *Store) Close(ctx context.Context, who Person, threadID int64, on bool, reason string) error {
	reason = CleanReason(reason)
	return s.Do(ctx, who, func(d *Deed) error {
		t, err := d.thread(ctx, threadID)
		if err != nil {
			return err
		}
		if !CanClose(who) {
			return ErrForbidden
		}
		if bad := CheckReason(reason); bad != nil {
			return bad
		}
		return d.SetClosed(ctx, t, on, Entry{Reason: reason})
	})
}

// SetClosed is the part of Close that another deed undoes.
func (d *Deed) SetClosed(ctx context.Context, t Thread, on bool, e Entry) error {
	if t.Closed == on {
		return nil
	}
	e.Deed, e.ThreadID = Reopened, t.ID
	if on {
		e.Deed = Closed
	}
	_, err := d.Exec(ctx, `
		update threads set closed_at = case when @on then @at::timestamptz end, closed_why = case when @on then @why end
		where id = @thread`, pgx.NamedArgs{"thread": t.ID, "on": on, "at": d.At, "why": e.Reason})
	if err != nil {
		return err
	}
	_, err = d.Record(ctx, e)
	return err
}

// CleanReason puts the reason of a deed of power into the form that is stored.
func CleanReason(reason string) string { return strings.TrimSpace(markup.Clean(reason)) }

// CheckReason says what is wrong with the reason of a deed of power.
func CheckReason(reason string) (bad Invalid) {
	checkReason(&bad, reason)
	return bad
}

// CleanTitle puts a title into the form that is stored: one line.
func CleanTitle(title string) string { return oneLine(title) }

// CheckTitle says what is wrong with a title.
func CheckTitle(title string) (bad Invalid) {
	checkTitle(&bad, title)
	return bad
}

// SetHidden hides a thread or shows it again, as a part of a moderator's deed.
func (d *Deed) SetHidden(ctx context.Context, t Thread, on bool, e Entry) error {
	if t.Hidden == on {
		return nil
	}
	e.Deed, e.ThreadID, e.PersonID = ShowedThread, t.ID, t.AuthorID
	if on {
		e.Deed = HidThread
	}
	_, err := d.Exec(ctx, `
		update threads set hidden_at = case when @on then @at::timestamptz end, hidden_why = case when @on then @why end
		where id = @thread`, pgx.NamedArgs{"thread": t.ID, "on": on, "at": d.At, "why": e.Reason})
	if err != nil {
		return err
	}
	_, err = d.Record(ctx, e)
	return err
}

// SetPostHidden hides a post or shows it again, as a part of a moderator's deed.
func (d *Deed) SetPostHidden(ctx context.Context, p Post, on bool, e Entry) error {
	if p.Hidden == on {
		return nil
	}
	e.Deed, e.ThreadID, e.PostID, e.PersonID = ShowedPost, p.ThreadID, p.ID, p.AuthorID
	if on {
		e.Deed = HidPost
	}
	_, err := d.Exec(ctx, `
		update posts set hidden_at = case when @on then @at::timestamptz end, hidden_why = case when @on then @why end
		where id = @post`, pgx.NamedArgs{"post": p.ID, "on": on, "at": d.At, "why": e.Reason})
	if err != nil {
		return err
	}
	if _, err = d.Record(ctx, e); err != nil {
		return err
	}
	switch {
	case on:
		err = d.withdraw(ctx, p.ThreadID, p.ID)
	case p.Held:
		return d.releaseShown(ctx, p)
	}
	if err != nil {
		return err
	}
	return d.recount(ctx, p.ThreadID)
}

// releaseShown publishes a held post that shows again, if its author was let in
// meanwhile.
func (d *Deed) releaseShown(ctx context.Context, p Post) error {
	var council int64
	err := d.QueryRow(ctx, `
		select coalesce(council_id, 0) from people where id = $1 and standing <> 'newcomer' and erased_at is null`, p.AuthorID).Scan(&council)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := d.Publish(ctx, p.ThreadID, p.ID, council); err != nil {
		return err
	}
	return d.Tell(ctx, Event{Kind: PostAdded, DoerID: p.AuthorID, ThreadID: p.ThreadID, PostID: p.ID})
}

// Thread reads and locks a thread as the deed's doer may see it: else
// ErrNotFound, or ErrGone if its author deleted it.
func (d *Deed) Thread(ctx context.Context, id int64) (Thread, error) { return d.thread(ctx, id) }

// Post reads and locks a post with its thread as the deed's doer may see them:
// else ErrNotFound, or ErrGone.
func (d *Deed) Post(ctx context.Context, id int64) (Post, Thread, error) { return d.post(ctx, id) }

// ThreadItself reads and locks a thread as it is, also where it was merged or deleted.
func (d *Deed) ThreadItself(ctx context.Context, id int64) (Thread, error) {
	return d.threadItself(ctx, id)
}

// Heading is what stands above a thread and says where it belongs.
type Heading struct {
	Title  string
	Kind   string
	Topics []string // slugs, the first is home
}

// Heading reads what stands above a locked thread.
func (d *Deed) Heading(ctx context.Context, t Thread) (Heading, error) {
	topics, err := d.topicSlugs(ctx, t.ID)
	return Heading{Title: t.Title, Kind: t.Kind, Topics: topics}, err
}

// SetHeading puts another heading above a locked thread, and keeps what stood there as
// a revision of its opening post, so that who has it in a form looks again. It returns
// that post and its version before. Invalid tells what is wrong with title and topics.
func (d *Deed) SetHeading(ctx context.Context, t Thread, h Heading, reason string) (postID int64, version int, err error) {
	bad := CheckTitle(h.Title)
	switch n := len(h.Topics); {
	case n == 0:
		bad.Add("topic", "ask.topic_choose")
	case n > topicCount:
		bad.Add("topic", "ask.topic_too_many", "Max", topicCount)
	}
	if bad != nil {
		return 0, 0, bad
	}
	err = d.QueryRow(ctx, `select id, version from posts where thread_id = $1 order by number nulls last, id limit 1 for update`, t.ID).Scan(&postID, &version)
	if err != nil {
		return 0, 0, err
	}
	before, err := d.revisionOf(ctx, Post{ID: postID, Opening: true, Version: version}, t)
	if err != nil {
		return 0, 0, err
	}
	before.check(&bad)
	if err := d.retitle(ctx, before, EditDraft{Title: h.Title, Topics: h.Topics}, &bad); err != nil {
		return 0, 0, err
	}
	if bad != nil {
		return 0, 0, bad
	}
	_, err = d.Exec(ctx, `
		with old as (
			insert into revisions (post_id, version, editor_id, job_title, council_id, at, title, topics, body, reason, closed)
			select id, version, @who, @job, nullif(@council, 0), @at, @title, @topics::text[], body, @reason, @closed from posts where id = @post
		), headed as (
			update threads set kind = @kind where id = @thread and kind <> @kind
		)
		update posts set version = version + 1, edited_at = @at where id = @post`,
		pgx.NamedArgs{"post": postID, "thread": t.ID, "who": d.Who.ID, "job": d.Who.JobTitle, "council": d.Who.CouncilID, "at": d.At,
			"title": t.Title, "topics": before.Topics, "reason": reason, "closed": t.Held || t.Hidden, "kind": h.Kind})
	return postID, version, err
}
