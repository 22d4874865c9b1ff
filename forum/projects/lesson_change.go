package projects

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// LessonFacts are what can be changed of a lesson, in the order of its form.
var LessonFacts = []string{"title", "happened", "differently", "verdict", "wanted", "did", "advice", "topic", "project", "cost_band", "time_band"}

// FactConflict is a fact that somebody else has changed, and what it says now.
type FactConflict struct{ Field, Now string }

// LessonConflict tells which facts somebody has changed since the page to change them
// was made, that its writer has changed too.
type LessonConflict struct {
	Facts   []FactConflict
	Version int // of the facts now
	Name    string
	At      time.Time
	Own     bool // it was the same person, on another page
}

// Error says that it is a conflict.
func (c *LessonConflict) Error() string { return forum.ErrConflict.Error() }

// Is makes errors.Is(err, ErrConflict) true.
func (c *LessonConflict) Is(target error) bool { return target == forum.ErrConflict }

// lessonNow is a lesson as it is, with what was changed of it since a page was made.
type lessonNow struct {
	Lesson
	Thread  forum.Thread
	Topics  []string
	PostID  int64 // its opening post
	Post    int   // the version of that
	Shows   bool
	Changes []lessonChange // of each fact the first and the last, the oldest first
}

// lessonChange is what a fact said before it was changed.
type lessonChange struct {
	Field, Was string
	PersonID   int64
	Name       string
	At         time.Time
}

// lessonNow reads it in one round trip.
func (s *Store) lessonNow(ctx context.Context, who forum.Person, id int64, version int) (n lessonNow, err error) {
	var slugs []struct{ Slug string }
	var post struct {
		ID      int64
		Version int
		Shows   bool
	}
	args := who.Rights(pgx.NamedArgs{"thread": id, "version": version})
	var b pgx.Batch
	b.Queue(`select `+lessonColumns+` from lessons l join threads t on t.id = l.thread_id where l.thread_id = @thread and `+forum.MaySee, args).Query(forum.IntoOne(&n.Lesson))
	s.QueueThread(&b, args, &n.Thread)
	b.Queue(topicSlugsQuery, args).Query(forum.Into(&slugs))
	b.Queue(`select p.id, p.version, `+forum.Shows+` as shows from posts p where p.thread_id = @thread`+openingFirst, args).Query(forum.IntoOne(&post))
	b.Queue(`
		select g.field, case when g.first = 1 then g.was else '' end as was, g.person_id, coalesce(e.name, '') as name, g.at
		from (
			select *, row_number() over (partition by field order by version) as first, row_number() over (partition by field order by version desc) as last
			from lesson_changes where thread_id = @thread and version > @version
		) g left join people e on e.id = g.person_id and e.erased_at is null
		where g.first = 1 or g.last = 1 order by g.version`, args).Query(forum.Into(&n.Changes))
	if err := s.Send(ctx, &b); err != nil {
		return lessonNow{}, err
	}
	for _, one := range slugs {
		n.Topics = append(n.Topics, one.Slug)
	}
	n.PostID, n.Post, n.Shows = post.ID, post.Version, post.Shows
	return n, nil
}

const topicSlugsQuery = `select o.slug from thread_topics tt join topics o on o.id = tt.topic_id where tt.thread_id = @thread order by tt.place`

// judge refuses whoever may not change it.
func (n lessonNow) judge(who forum.Person) error {
	switch {
	case n.Thread.Deleted:
		return forum.ErrGone
	case !n.Shows:
		return forum.ErrNotFound
	case !CanChangeLesson(who, n.Thread):
		return &forum.Forbidden{Why: "lessons.not_yours"}
	}
	return nil
}

// draft is the lesson as the form to change it has it.
func (n lessonNow) draft() LessonDraft {
	return LessonDraft{Title: n.Thread.Title, Wanted: n.Wanted, Did: n.Did, Happened: n.Happened, Differently: n.Differently, Verdict: n.Verdict,
		Advice: n.Advice, CostBand: n.CostBand, TimeBand: n.TimeBand, Project: number(n.ProjectID), Topics: n.Topics,
		Visibility: n.Thread.Visibility, Lang: n.Thread.Lang, Version: n.Version}
}

// told is what the draft says of a fact: its topics and project by what they are, not how they were typed.
func (n LessonDraft) told(field string) string {
	switch field {
	case "topic":
		return strings.Join(n.Topics, " ")
	case "project":
		return number(n.projectID())
	}
	return n.says(field)
}

// merge puts what was typed together with what others have changed since: of each fact
// what one of both has changed; of what both have, and not alike, it is a conflict.
func (n lessonNow) merge(draft LessonDraft, who forum.Person) (LessonDraft, *LessonConflict) {
	now, clash := n.draft(), LessonConflict{Version: n.Version}
	draft.Lang, draft.Visibility = now.Lang, now.Visibility
	for _, field := range LessonFacts {
		i := slices.IndexFunc(n.Changes, func(c lessonChange) bool { return c.Field == field })
		switch {
		case i < 0 || draft.told(field) == now.told(field):
		case draft.told(field) == n.Changes[i].Was: // untouched here
			draft.take(field, now)
		default:
			clash.Facts = append(clash.Facts, FactConflict{field, now.told(field)})
			last := lastOf(n.Changes, field)
			clash.Name, clash.At, clash.Own = last.Name, last.At, last.PersonID == who.ID
		}
	}
	if clash.Facts != nil {
		return draft, &clash
	}
	return draft, nil
}

// take has the draft say of a fact what another says.
func (n *LessonDraft) take(field string, of LessonDraft) {
	if field == "topic" {
		n.Topics = of.Topics
		return
	}
	*n.field(field) = of.says(field)
}

func lastOf(changes []lessonChange, field string) (last lessonChange) {
	for _, c := range changes {
		if c.Field == field {
			last = c
		}
	}
	return last
}

// changedFacts are the facts of which the draft says something else than the lesson.
func (n lessonNow) changedFacts(draft LessonDraft) (fields []string) {
	now := n.draft()
	for _, field := range LessonFacts {
		if now.told(field) != draft.told(field) {
			fields = append(fields, field)
		}
	}
	return fields
}

// errChanged says that a lesson has changed since it was read.
var errChanged = errors.New("changed meanwhile")

// ChangeLesson changes facts of a lesson, and with them its opening post, which keeps
// what it said before. A fact that somebody else has changed since the page was made is
// a *LessonConflict if it was changed here too; else both changes stand. The same again
// changes nothing.
func (s *Store) ChangeLesson(ctx context.Context, who forum.Person, threadID int64, draft LessonDraft) error {
	draft.Clean()
	for range 5 {
		now, err := s.lessonNow(ctx, who, threadID, draft.Version)
		if err != nil {
			return err
		}
		if err := now.judge(who); err != nil {
			return err
		}
		merged, clash := now.merge(draft, who)
		if clash != nil {
			return clash
		}
		err = s.changeLesson(ctx, who, now, merged)
		stale := (*forum.Conflict)(nil)
		if !errors.Is(err, errChanged) && !errors.As(err, &stale) {
			return err
		}
	}
	return forum.ErrConflict // others change it faster than it can be rendered
}

// changeLesson writes what is different. Where the words of the opening post are, they
// are edited, by the rules of edits.
func (s *Store) changeLesson(ctx context.Context, who forum.Person, now lessonNow, draft LessonDraft) error {
	bad, fields := draft.check(), now.changedFacts(draft)
	write := func(ctx context.Context, d *forum.Deed, t forum.Thread) error {
		switch {
		case !CanChangeLesson(d.Who, t):
			return forum.ErrForbidden
		case bad != nil:
			return bad
		}
		if err := rewrite(ctx, d, now, draft, fields); err != nil || t.AuthorID == d.Who.ID {
			return err
		}
		return d.Tell(ctx, forum.Event{Kind: forum.LessonChanged, ThreadID: t.ID})
	}
	if len(fields) == 0 && bad == nil {
		return nil
	}
	if !slices.ContainsFunc(fields, isWorded) {
		return s.Do(ctx, who, func(d *forum.Deed) error { return changeFacts(ctx, d, now, draft.Reason, write) })
	}
	edit := forum.EditDraft{Title: draft.Title, Body: draft.body(), Topics: draft.Topics, Version: now.Post, Reason: draft.Reason, Resident: draft.Resident,
		Also: func(ctx context.Context, d *forum.Deed, t forum.Thread, _ forum.Post) error { return write(ctx, d, t) }}
	_, err := s.Edit(ctx, who, now.PostID, edit)
	if more := (forum.Invalid)(nil); errors.As(err, &more) {
		return inOrder(more, bad, append(lessonOrder, "reason")...)
	}
	return err
}

// changeFacts is the part of a deed that changes what stands in no words. Of somebody
// else's lesson it is on record, with a reason, as an edit of words is.
func changeFacts(ctx context.Context, d *forum.Deed, now lessonNow, reason string, write func(context.Context, *forum.Deed, forum.Thread) error) error {
	_, t, err := theLesson(ctx, d, now.ThreadID)
	if err != nil {
		return err
	}
	if err := factsPace(ctx, d); err != nil {
		return err
	}
	var bad forum.Invalid
	others := t.AuthorID != d.Who.ID && CanChangeLesson(d.Who, t)
	if others {
		bad = forum.CheckReason(reason)
	}
	err = write(ctx, d, t)
	if more := (forum.Invalid)(nil); errors.As(err, &more) {
		return append(more, bad...)
	}
	switch {
	case err != nil:
		return err
	case bad != nil:
		return bad
	case !others:
		return nil
	}
	_, err = d.Record(ctx, forum.Entry{Deed: forum.EditedPost, PersonID: t.AuthorID, ThreadID: t.ID, PostID: now.PostID, Reason: reason})
	return err
}

// factsMinute is how often in a minute somebody may change facts of lessons, as they may edit posts.
const factsMinute = 20

// factsPace keeps the deed's doer to so many changes.
func factsPace(ctx context.Context, d *forum.Deed) error {
	if !d.Limited() {
		return nil
	}
	var last *time.Time // the change that must grow old before another is allowed
	err := d.QueryRow(ctx, `
		select (select at from lesson_changes where person_id = $1 and at > $2 group by thread_id, version, at order by at desc offset $3 limit 1)`,
		d.Who.ID, d.At.Add(-time.Minute), factsMinute-1).Scan(&last)
	if err == nil && last != nil {
		return &forum.TooMany{Until: last.Add(time.Minute)}
	}
	return err
}

// isWorded reports whether a fact stands in the opening post, or above it.
func isWorded(field string) bool {
	return field == "title" || field == "topic" || field == "advice" || slices.Contains(LessonTexts, field)
}

// rewrite writes the facts, what those that changed said before, and that the lesson has moved.
func rewrite(ctx context.Context, d *forum.Deed, now lessonNow, draft LessonDraft, fields []string) error {
	if slices.Contains(fields, "project") {
		if err := comesFrom(ctx, d, draft.projectID()); err != nil {
			return err
		}
	}
	args := draft.args(now.ThreadID)
	args["version"] = now.Version
	tag, err := d.Exec(ctx, `
		update lessons set wanted = @wanted, did = @did, happened = @happened, differently = @differently, verdict = @verdict, advice = @advice,
			project_id = nullif(@project::bigint, 0), cost_band = @cost, time_band = @time, version = version + 1
		where thread_id = @thread and version = @version`, args)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return errChanged
	}
	was := make([]string, len(fields))
	for i, field := range fields {
		was[i] = now.draft().told(field)
	}
	_, err = d.Exec(ctx, `
		insert into lesson_changes (thread_id, version, field, was, person_id, at)
		select @thread, @version, c.field, c.was, @who, @at from unnest(@fields::text[], @was::text[]) as c (field, was)`,
		pgx.NamedArgs{"thread": now.ThreadID, "version": now.Version + 1, "fields": fields, "was": was, "who": d.Who.ID, "at": d.At})
	if err != nil {
		return err
	}
	d.DropDraft(ctx, forum.DraftLesson, now.ThreadID)
	_, err = d.Exec(ctx, `update register set moved_at = $2, verdict = $3, cost_band = $4 where thread_id = $1`, now.ThreadID, d.At, draft.Verdict, draft.CostBand)
	return err
}
