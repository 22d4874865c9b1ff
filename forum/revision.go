package forum

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// quietEditMinutes is how long after posting an edit by the author leaves no mark,
// as long as nobody has replied.
const quietEditMinutes = 5

// revisionsMost is how many texts of a post are kept beside the one it has: so many
// can be looked through and written again while a moderator waits for a redaction.
const revisionsMost = 200

// revision is a post as it was before an edit.
type revision struct {
	Post   Post
	Thread Thread
	Topics []string // slugs, of an opening post
	Before int      // how many texts are kept of it already
}

// check says whether another text can be kept.
func (r revision) check(bad *Invalid) {
	if r.Before >= revisionsMost {
		bad.Add("body", "edit.too_often", "Max", revisionsMost)
	}
}

func (d *Deed) topicSlugs(ctx context.Context, threadID int64) ([]string, error) {
	rows, err := d.Query(ctx, `
		select o.slug from thread_topics tt join topics o on o.id = tt.topic_id where tt.thread_id = $1 order by tt.place`, threadID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// unchanged is nil if version is still the post's newest: else the newest, and who
// put it there.
func (d *Deed) unchanged(ctx context.Context, p Post, t Thread, version int) error {
	if p.Version == version {
		return nil
	}
	now := Conflict{Title: t.Title, Version: p.Version}
	var at *time.Time
	var editor int64
	err := d.QueryRow(ctx, `
		select p.body, coalesce(e.id, 0), coalesce(e.name, ''), r.at, exists (select from redactions x where x.post_id = p.id and x.version > @version::bigint)
		from posts p
		left join lateral (select editor_id, at from revisions where post_id = p.id and version >= @version::bigint order by version desc limit 1) r on true
		left join people e on e.id = r.editor_id
		where p.id = @post`, pgx.NamedArgs{"post": p.ID, "version": version}).Scan(&now.Body, &editor, &now.EditorName, &at, &now.Redacted)
	if err != nil {
		return err
	}
	if at != nil {
		now.At, now.Own = *at, editor == d.Who.ID
	}
	if p.Opening {
		if now.Topics, err = d.topicSlugs(ctx, t.ID); err != nil {
			return err
		}
	}
	return &now
}

// quiet reports whether an edit leaves no mark and no words in the history: nobody
// but its author has read what it changes, or hardly anybody, and nobody has built on
// it. Its place among the versions is kept, so that other pages find it out.
func (d *Deed) quiet(ctx context.Context, p Post, t Thread) (quiet bool, err error) {
	if p.AuthorID != d.Who.ID || p.Hidden || p.ID == t.AnswerID || !p.Held && !p.PostedAt.After(d.At.Add(-quietEditMinutes*time.Minute)) {
		return false, nil
	}
	err = d.QueryRow(ctx, `
		select not exists (select from revisions where post_id = @post and not quiet)
			and (@held or not exists (select from posts where thread_id = @thread and number > @number and author_id <> @who))`,
		pgx.NamedArgs{"post": p.ID, "thread": p.ThreadID, "number": p.Number, "who": d.Who.ID, "held": p.Held}).Scan(&quiet)
	return quiet, err
}

// revise puts new words in the place of the old, which are kept as a revision.
func (d *Deed) revise(ctx context.Context, old revision, draft EditDraft, text rendered) error {
	p := old.Post
	quiet, err := d.quiet(ctx, p, old.Thread)
	if err != nil {
		return err
	}
	_, err = d.Exec(ctx, `
		with old as (
			insert into revisions (post_id, version, editor_id, job_title, council_id, at, title, topics, body, reason, quiet, closed)
			select id, version, @who, @job, nullif(@council, 0), @at, case when @opening and not @quiet then @title end,
				case when @opening and not @quiet then @topics::text[] end, case when @quiet then '' else body end, @reason, @quiet, @closed
			from posts where id = @post
		)
		update posts set body = @body, html = @html, html_version = @renderer, excerpt = @excerpt, version = version + 1,
			edited_at = case when @quiet then edited_at else @at end,
			team_edited_at = case when @team then @at else team_edited_at end,
			team_edited_why = case when @team then @reason else team_edited_why end
		where id = @post`,
		pgx.NamedArgs{"post": p.ID, "who": d.Who.ID, "job": d.Who.JobTitle, "council": d.Who.CouncilID, "at": d.At,
			"opening": p.Opening, "title": old.Thread.Title, "topics": old.Topics, "reason": reasonOf(d.Who, p, draft), "body": draft.Body,
			"html": text.html, "renderer": markup.Version, "excerpt": text.excerpt, "quiet": quiet,
			"team": p.AuthorID != d.Who.ID, "closed": p.Held || p.Hidden || old.Thread.Hidden})
	if err != nil {
		return err
	}
	d.mention(p.ID, text.named)
	return nil
}

// reasonOf is the reason of an edit of somebody else's words; one's own need none.
func reasonOf(who Person, p Post, draft EditDraft) string {
	if p.AuthorID == who.ID {
		return ""
	}
	return draft.Reason
}

// Compare tells what somebody typed apart from what another has put there meanwhile.
func (p EditPage) Compare(now Conflict, draft EditDraft) Comparison {
	before, after := said{body: now.Body}, said{body: draft.Body}
	if p.Opening {
		before.title, after.title = now.Title, draft.Title
		before.topics, after.topics = p.TopicNames(now.Topics), p.TopicNames(draft.Topics)
	}
	return compare(before, after)
}

// TopicNames are the names of topics by their slugs; one that is not there keeps its slug.
func (p EditPage) TopicNames(slugs []string) []string {
	names := make([]string, len(slugs))
	for i, slug := range slugs {
		names[i] = slug
		for _, t := range p.Tree {
			if t.Slug == slug {
				names[i] = t.Name
			}
		}
	}
	return names
}

// revisionOf is what stands before an edit.
func (d *Deed) revisionOf(ctx context.Context, p Post, t Thread) (old revision, err error) {
	old = revision{Post: p, Thread: t}
	if err := d.QueryRow(ctx, `select count(*) from revisions where post_id = $1 and not quiet`, p.ID).Scan(&old.Before); err != nil {
		return old, err
	}
	if p.Opening {
		old.Topics, err = d.topicSlugs(ctx, t.ID)
	}
	return old, err
}
