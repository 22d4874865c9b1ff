package forum

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// EditDraft is what was typed to change a post.
type EditDraft struct {
	Body    string
	Version int      // the version that was on the page
	Title   string   // of an opening post
	Topics  []string // of an opening post
	Reason  string   // of an edit of somebody else's words

	Resident ResidentDraft

	// Also writes, in the same deed, the facts of a lesson, from which the words of its
	// opening post are made: those are changed in no other way. Nil of other posts.
	Also func(ctx context.Context, d *Deed, t Thread, p Post) error
}

// Clean puts what was typed into the form that is stored.
func (e *EditDraft) Clean() {
	e.Title = oneLine(e.Title)
	e.Body = markup.Clean(e.Body)
	e.Reason = strings.TrimSpace(markup.Clean(e.Reason))
	e.Resident.clean()
}

// Check says what keeps an edit of this post from being taken.
func (e EditDraft) Check(who Person, p Post) (bad Invalid) {
	if p.Opening {
		checkTitle(&bad, e.Title)
	}
	checkBody(&bad, e.Body, "edit.body_empty")
	if p.Opening {
		switch n := len(e.Topics); {
		case n == 0:
			bad.Add("topic", "ask.topic_choose")
		case n > topicCount:
			bad.Add("topic", "ask.topic_too_many", "Max", topicCount)
		}
	}
	if p.AuthorID != who.ID {
		checkReason(&bad, e.Reason)
	}
	return bad
}

// reasonLength bounds the reason for a deed of power, in code points.
const reasonLength = 2000

func checkReason(bad *Invalid, reason string) {
	switch {
	case reason == "":
		bad.Add("reason", "deed.reason_empty")
	case utf8.RuneCountInString(reason) > reasonLength:
		bad.Add("reason", "deed.reason_long", "Max", reasonLength)
	}
}

// Edit changes a post's words, and of an opening post the title and topics too.
// What it said before is kept. An edit of a version that is no longer the newest
// is a *Conflict that carries the newest.
func (s *Store) Edit(ctx context.Context, who Person, postID int64, draft EditDraft) (posted Posted, err error) {
	draft.Clean()
	var bad Invalid
	text, err := s.render(ctx, draft.Body, &bad)
	if err != nil {
		return Posted{}, err
	}
	err = s.DoOnce(ctx, who, &posted, func(d *Deed) error {
		if err := d.editPace(ctx); err != nil {
			return err
		}
		post, thread, err := d.post(ctx, postID)
		if err != nil {
			return err
		}
		if !draft.mayEdit(d.Who, thread, post) {
			return whyNotEdit(d.Who, post)
		}
		problems := append(draft.Check(who, post), bad...)
		if err := d.unchanged(ctx, post, thread, draft.Version); err != nil {
			return err
		}
		before, err := d.revisionOf(ctx, post, thread)
		if err != nil {
			return err
		}
		before.check(&problems)
		if err := d.retitle(ctx, before, draft, &problems); err != nil {
			return err
		}
		if err := d.askOfResidents(ctx, post, thread, draft, &problems); err != nil {
			return err
		}
		if problems != nil {
			return problems
		}
		if err := d.revise(ctx, before, draft, text); err != nil {
			return err
		}
		d.DropDraft(ctx, DraftEdit, postID)
		posted = Posted{ID: post.ID, Number: post.Number}
		return d.afterEdit(ctx, thread, post, draft)
	})
	return posted, err
}

// mayEdit reports whether a person may change a post by this draft.
func (e EditDraft) mayEdit(who Person, t Thread, p Post) bool {
	return CanEdit(who, t, p) && (!ofFacts(t, p) || e.Also != nil)
}

// afterEdit is what goes with changed words: the facts from which they are made, and
// that whoever should hears of it.
func (d *Deed) afterEdit(ctx context.Context, t Thread, p Post, draft EditDraft) error {
	if draft.Also != nil {
		if err := draft.Also(ctx, d, t, p); err != nil {
			return err
		}
	}
	return d.tellEdit(ctx, p, draft.Reason)
}

// ofFacts reports whether the words of a post are made from the facts of its thread.
func ofFacts(t Thread, p Post) bool { return t.Kind == Lesson && p.Opening }

// editsMinute is how many edits a person may make in a minute: each keeps what the
// post said before.
const editsMinute = 20

// editPace keeps a person to so many edits, as pace does to so many posts.
func (d *Deed) editPace(ctx context.Context) error {
	if err := d.meetDoer(ctx); err != nil || !d.store.limits {
		return err
	}
	var last *time.Time // the edit that must grow old before another is allowed
	err := d.QueryRow(ctx, `
		select (select at from revisions where editor_id = @who and at > @minute order by at desc offset @most limit 1)`,
		pgx.NamedArgs{"who": d.Who.ID, "minute": d.At.Add(-time.Minute), "most": editsMinute - 1}).Scan(&last)
	if err == nil && last != nil {
		return &TooMany{Until: last.Add(time.Minute)}
	}
	return err
}

// retitle gives the thread of an opening post the title and topics of the draft; what is wrong with
// the topics is added to bad. If anything is, the deed ends and undoes it.
func (d *Deed) retitle(ctx context.Context, old revision, draft EditDraft, bad *Invalid) error {
	if !old.Post.Opening {
		return nil
	}
	t := old.Thread
	if err := d.SetTopics(ctx, t.ID, draft.Topics, bad); err != nil || *bad != nil {
		return err
	}
	_, err := d.Exec(ctx, `update threads set title = $2, slug = $3 where id = $1`, t.ID, draft.Title, Slug(draft.Title))
	return err
}

// SetTopics puts a locked thread under other topics, by their slugs, the first its
// home; what is wrong with them is added to bad.
func (d *Deed) SetTopics(ctx context.Context, threadID int64, slugs []string, bad *Invalid) error {
	topics, err := d.topics(ctx, slugs, bad)
	if err != nil || *bad != nil {
		return err
	}
	if _, err := d.Exec(ctx, `delete from thread_topics where thread_id = $1`, threadID); err != nil {
		return err
	}
	_, err = d.Exec(ctx, `
		with placed as (
			insert into thread_topics (thread_id, topic_id, place)
			select @thread, topic.id, topic.place from unnest(@topics::bigint[]) with ordinality as topic (id, place)
		)
		update threads set home_topic_id = (@topics::bigint[])[1] where id = @thread`,
		pgx.NamedArgs{"thread": threadID, "topics": topics})
	return err
}

// tellEdit tells of an edit; one of somebody else's words is a deed of power.
func (d *Deed) tellEdit(ctx context.Context, p Post, reason string) error {
	if p.AuthorID != d.Who.ID {
		if _, err := d.Record(ctx, Entry{Deed: EditedPost, PersonID: p.AuthorID, ThreadID: p.ThreadID, PostID: p.ID, Reason: reason}); err != nil {
			return err
		}
	}
	if p.Held {
		return nil
	}
	return d.Tell(ctx, Event{Kind: PostEdited, ThreadID: p.ThreadID, PostID: p.ID})
}

// Delete takes a post back. Its number stays as a tombstone; a thread that nobody
// else has answered goes with its opening post, and is ErrGone from then on.
func (s *Store) Delete(ctx context.Context, who Person, postID int64) (where Posted, err error) {
	err = s.DoOnce(ctx, who, &where, func(d *Deed) error {
		post, thread, err := d.post(ctx, postID)
		if err != nil {
			return err
		}
		if !CanDelete(who, thread, post) {
			return ErrForbidden
		}
		_, err = d.Exec(ctx, `update posts set deleted_at = $2 where id = $1`, post.ID, d.At)
		if err != nil {
			return err
		}
		if post.Opening && thread.Others == 0 {
			_, err := d.Exec(ctx, `update threads set deleted_at = $2 where id = $1`, thread.ID, d.At)
			return err
		}
		if err := d.withdraw(ctx, thread.ID, post.ID); err != nil {
			return err
		}
		where = Posted{ID: thread.ID, Number: post.Number}
		return d.recount(ctx, thread.ID)
	})
	return where, err
}

// EditPage is what the page to edit a post shows.
type EditPage struct {
	Thread  Thread
	Post    Post
	Body    string
	Topics  []string // slugs, of an opening post
	Tree    []Topic
	Opening bool
	Others  bool // the words are somebody else's
	Kept    *Draft
	Own     *EditDraft // what the reader wrote, while the other text stands in the form
	Preview markup.HTML
	Check   ResidentCheck // what looks like residents' data in what is about to be saved
}

// EditPage reads a post to be edited: ErrForbidden if it is not theirs to change.
func (s *Store) EditPage(ctx context.Context, who Person, postID int64) (p EditPage, err error) {
	args := who.rights(pgx.NamedArgs{"post": postID, "draft": DraftEdit, "target": postID})
	var body struct{ Body string }
	var slugs []struct{ Slug string }
	var b pgx.Batch
	b.Queue(`select `+threadColumns+` from `+threadTables+` where t.id = (select thread_id from posts where id = @post) and `+maySee, args).Query(IntoOne(&p.Thread))
	b.Queue(`select `+postColumns+` from `+postTables+` where p.id = @post`, args).Query(IntoOne(&p.Post))
	b.Queue(`select case when `+shows+` then p.body else '' end as body from posts p where p.id = @post`, args).Query(IntoOne(&body))
	b.Queue(`select o.slug from posts p join thread_topics tt on tt.thread_id = p.thread_id join topics o on o.id = tt.topic_id
		where p.id = @post order by tt.place`, args).Query(Into(&slugs))
	b.Queue(topicsQuery).Query(Into(&p.Tree))
	b.Queue(draftQuery, args).Query(IntoMaybe(&p.Kept))
	if err := s.Send(ctx, &b); err != nil {
		return EditPage{}, err
	}
	switch {
	case p.Thread.Deleted || p.Post.Deleted:
		return EditPage{}, ErrGone
	case !p.Post.Shows:
		return EditPage{}, ErrNotFound
	case !CanEdit(who, p.Thread, p.Post):
		return EditPage{}, whyNotEdit(who, p.Post)
	}
	p.Body, p.Opening, p.Others = body.Body, p.Post.Opening, p.Post.AuthorID != who.ID
	for _, one := range slugs {
		p.Topics = append(p.Topics, one.Slug)
	}
	return p, nil
}

// Release publishes what a newcomer wrote, in the order in which they wrote it.
// It shows the council that they were let in to. A thread that was closed meanwhile
// gets them too: they were written before. Of who is let in as a supplier,
// what no supplier may write stays held.
func (d *Deed) Release(ctx context.Context, p Person) error {
	rows, err := d.Query(ctx, `
		select q.id, q.thread_id, t.held_at is not null as opens from posts q join threads t on t.id = q.thread_id
		where q.author_id = $1 and q.held_at is not null and q.hidden_at is null and q.deleted_at is null and t.deleted_at is null
			and (not $2 or t.held_at is null and t.suppliers)
		order by t.id, q.id for update of t, q`, p.ID, p.Company != "")
	if err != nil {
		return err
	}
	type held struct {
		ID, ThreadID int64
		Opens        bool
	}
	posts, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[held])
	if err != nil {
		return err
	}
	last := int64(0)
	for _, post := range posts {
		e := Event{Kind: PostAdded, DoerID: p.ID, ThreadID: post.ThreadID, PostID: post.ID}
		if post.Opens && post.ThreadID != last {
			e.Kind = ThreadAsked
		}
		last = post.ThreadID
		if err := d.Publish(ctx, post.ThreadID, post.ID, p.CouncilID); err != nil {
			return err
		}
		if err := d.Tell(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
