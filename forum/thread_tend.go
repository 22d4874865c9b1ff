package forum

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// Close closes a thread with a reason that everybody is told, or opens it again.
// Done a second time it changes nothing.
func (s *Store) Close(ctx context.Context, who Person, threadID int64, on bool, reason string) error {
	reason = CleanReason(reason)
	return s.Do(ctx, who, func(d *Deed) error {
		t, err := d.Thread(ctx, threadID)
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

// Thread reads and locks a thread as the deed's doer may see it: else ErrNotFound, or
// ErrGone if its author deleted it. Of one that was merged it is ErrConflict: what was
// meant for it must not fall on another.
func (d *Deed) Thread(ctx context.Context, id int64) (Thread, error) {
	t, err := d.thread(ctx, id)
	if err == nil && t.ID != id {
		return Thread{}, ErrConflict
	}
	return t, err
}

// ThreadNow is Thread that follows a merge to the thread where the posts are now.
func (d *Deed) ThreadNow(ctx context.Context, id int64) (Thread, error) { return d.thread(ctx, id) }

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
	err = d.QueryRow(ctx, `select id, version from posts where thread_id = $1 order by number nulls last, id limit 1 for no key update`, t.ID).Scan(&postID, &version)
	if err != nil {
		return 0, 0, err
	}
	before, err := d.revisionOf(ctx, Post{ID: postID, Opening: true, Version: version}, t)
	if err != nil {
		return 0, 0, err
	}
	if err := d.head(ctx, before, h); err != nil {
		return 0, 0, err
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

// head puts title and topics above the thread of a revision. Topics are asked for only
// where they change: a project may have none.
func (d *Deed) head(ctx context.Context, old revision, h Heading) error {
	bad := CheckTitle(h.Title)
	changed := !slices.Equal(h.Topics, old.Topics)
	switch n := len(h.Topics); {
	case !changed:
	case n == 0 && old.Thread.Kind != Project:
		bad.Add("topic", "ask.topic_choose")
	case n > topicCount:
		bad.Add("topic", "ask.topic_too_many", "Max", topicCount)
	}
	old.check(&bad)
	if bad == nil && changed {
		if err := d.SetTopics(ctx, old.Thread.ID, h.Topics, &bad); err != nil {
			return err
		}
	}
	if bad != nil {
		return bad
	}
	return d.setTitle(ctx, old.Thread, h.Title, old.Thread.Title)
}

// LockThreads locks threads, and those that they were merged into, in the order of their
// ids: two deeds about the same two must not wait for each other.
func (d *Deed) LockThreads(ctx context.Context, ids ...int64) error {
	_, err := d.Exec(ctx, `
		select from threads where id in (
			with recursive chain as (
				select id, merged_into from threads where id = any($1)
				union select t.id, t.merged_into from threads t join chain c on t.id = c.merged_into
			)
			select id from chain
		) order by id for no key update`, ids)
	return err
}

// setTitle gives a thread another title. Of a lesson it is a fact as well: who has it in a
// form is shown that it is another one now. was is what it said before, or says now where
// that may not be kept.
func (d *Deed) setTitle(ctx context.Context, t Thread, title, was string) error {
	_, err := d.Exec(ctx, `update threads set title = $2, slug = $3 where id = $1`, t.ID, title, Slug(title))
	if err != nil || t.Kind != Lesson {
		return err
	}
	_, err = d.Exec(ctx, `
		with next as (update lessons set version = version + 1 where thread_id = $1 returning version)
		insert into lesson_changes (thread_id, version, field, was, person_id, at) select $1, version, 'title', $2, $3, $4 from next`, t.ID, was, d.Who.ID, d.At)
	return err
}

// SetMerged makes a locked thread one whose posts are in another, or with into 0 one by
// itself again.
func (d *Deed) SetMerged(ctx context.Context, id, into int64) error {
	_, err := d.Exec(ctx, `
		update threads set merged_into = nullif(@into::bigint, 0), deleted_at = case when @into::bigint <> 0 then @at::timestamptz end where id = @thread`,
		pgx.NamedArgs{"thread": id, "into": into, "at": d.At})
	return err
}

// MovePosts puts posts of one locked thread at the end of another, in their order and
// with new numbers; no posts are all of them. Their old numbers lead to where they are
// now, and entry says by which deed. What their authors deleted stays behind. What was
// told and reported of them goes along. It returns how many were numbered.
func (d *Deed) MovePosts(ctx context.Context, from, to int64, posts []int64, entry int64) (moved int, err error) {
	if err := d.takeTime(ctx); err != nil {
		return 0, err
	}
	if posts == nil {
		if err := d.pinReports(ctx, from); err != nil {
			return 0, err
		}
	}
	err = d.QueryRow(ctx, `
		with going as (
			select p.id, p.number, t.post_count + row_number() over (order by p.number nulls last, p.id) as place
			from posts p join threads t on t.id = @to
			where p.thread_id = @from and p.deleted_at is null and (@posts::bigint[] is null or p.id = any(@posts))
		), marked as (
			insert into moved_posts (thread_id, number, post_id, entry_id) select @from, number, id, @entry from going
		), counted as (
			update threads set post_count = post_count + (select count(number) from going) where id = @to
		), put as (
			update posts p set thread_id = @to, number = case when g.number is not null then g.place end from going g where p.id = g.id
		)
		select count(number) from going`,
		pgx.NamedArgs{"from": from, "to": to, "posts": posts, "entry": entry}).Scan(&moved)
	if err != nil {
		return 0, err
	}
	return moved, d.followPosts(ctx, from, to)
}

// pinReports makes what is reported of a thread as a whole, and not decided, reports of
// the post that opens it, which goes to another thread. Of two by one person the newer
// stands, as where they report the same thing twice.
func (d *Deed) pinReports(ctx context.Context, threadID int64) error {
	const opening = `(select id from posts where thread_id = $1 and number = 1)`
	var b pgx.Batch
	b.Queue(`
		delete from reports r using reports o
		where r.thread_id = $1 and o.thread_id = $1 and r.reporter_id = o.reporter_id and r.decided_at is null and o.decided_at is null
			and (r.post_id is null and o.post_id = `+opening+` or o.post_id is null and r.post_id = `+opening+`)
			and (r.at, r.id) < (o.at, o.id)`, threadID)
	b.Queue(`update reports set post_id = `+opening+` where thread_id = $1 and post_id is null and decided_at is null`, threadID)
	return d.SendBatch(ctx, &b).Close()
}

// PutPostsBack puts posts that a deed moved from home, and that are still where it put
// them, back under their numbers there. The numbers that they leave lead to them. Who
// was let in meanwhile gets the next number.
func (d *Deed) PutPostsBack(ctx context.Context, home, from, moved, undo int64) error {
	if err := d.takeTime(ctx); err != nil {
		return err
	}
	_, err := d.Exec(ctx, `
		with back as (
			select m.id as mark, m.post_id, m.number as home, p.number as here,
				count(*) filter (where m.number is null and p.number is not null) over (order by p.number nulls last, p.id rows unbounded preceding) as fresh
			from moved_posts m join posts p on p.id = m.post_id
			where m.thread_id = @home and m.entry_id = @moved and p.thread_id = @from
		), unmarked as (
			delete from moved_posts where id in (select mark from back)
		), marked as (
			insert into moved_posts (thread_id, number, post_id, entry_id) select @from, here, post_id, @undo from back where here is not null
		), counted as (
			update threads set post_count = post_count + coalesce((select max(fresh) from back), 0) where id = @home
		)
		update posts p set thread_id = @home,
			number = case when b.here is null then null when b.home is not null then b.home else (select post_count from threads where id = @home) + b.fresh end
		from back b where p.id = b.post_id`,
		pgx.NamedArgs{"home": home, "from": from, "moved": moved, "undo": undo})
	if err != nil {
		return err
	}
	return d.followPosts(ctx, from, home)
}

// takeTime gives what follows in a deed as long as its request has: each post of a long
// thread that moves is read anew for the search.
func (d *Deed) takeTime(ctx context.Context) error {
	_, err := d.Exec(ctx, `set local statement_timeout = '10s'`)
	return err
}

// followPosts takes along what was told and reported of posts that have moved, and
// makes the figures of both threads true.
func (d *Deed) followPosts(ctx context.Context, from, to int64) error {
	var b pgx.Batch
	for _, table := range []string{
		`update events e set thread_id = $2 from posts p where e.thread_id = $1 and p.id = e.post_id and p.thread_id = $2`,
		`update notices n set thread_id = $2 from posts p where n.thread_id = $1 and p.id = n.post_id and p.thread_id = $2`,
		`update reports r set thread_id = $2 from posts p where r.thread_id = $1 and p.id = r.post_id and p.thread_id = $2`,
	} {
		b.Queue(table, from, to)
	}
	if err := d.SendBatch(ctx, &b).Close(); err != nil {
		return err
	}
	if err := d.recount(ctx, from); err != nil {
		return err
	}
	return d.recount(ctx, to)
}

// CarryDrafts takes the replies that people have begun to a thread along to another,
// where they have begun none yet; else they are kept beside that one. The post that one
// answers has another number there.
func (d *Deed) CarryDrafts(ctx context.Context, from, to int64) error {
	var b pgx.Batch
	args := pgx.NamedArgs{"from": from, "to": to, "kind": DraftReply, "at": d.At}
	b.Queue(`
		update drafts d set fields = jsonb_set(d.fields - 'last', '{quote}', coalesce((
			select jsonb_build_array(p.number::text) from moved_posts m join posts p on p.id = m.post_id and p.thread_id = @to
			where m.thread_id = @from and m.number::text = d.fields #>> '{quote,0}'), '[""]'))
		where d.kind = @kind and d.target = @from`, args)
	b.Queue(`
		insert into draft_versions (person_id, kind, target, version, fields, saved_at, page, why, at)
		select d.person_id, d.kind, @to, d.version, d.fields, d.saved_at, d.page, 'stray', @at from drafts d
		where d.kind = @kind and d.target = @from and exists (select from drafts o where o.person_id = d.person_id and o.kind = @kind and o.target = @to)`, args)
	b.Queue(`
		delete from drafts d where d.kind = @kind and d.target = @from
			and exists (select from drafts o where o.person_id = d.person_id and o.kind = @kind and o.target = @to)`, args)
	b.Queue(`update drafts set target = @to, version = version + 1 where kind = @kind and target = @from`, args)
	return d.SendBatch(ctx, &b).Close()
}
