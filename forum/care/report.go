package care

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Report says of a thread, or with a postID of one post, that something is wrong.
// A second report of the same thing by the same person replaces the first until
// it is decided.
func (s *Store) Report(ctx context.Context, who forum.Person, threadID, postID int64, reason string) (err error) {
	reason = forum.CleanReason(reason)
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if err := pace(ctx, d); err != nil {
			return err
		}
		draft := target(threadID, postID)
		threadID, postID, err := meant(ctx, d, threadID, postID)
		if err != nil {
			return err
		}
		if !forum.CanReport(who) {
			return forum.ErrForbidden
		}
		if bad := forum.CheckReason(reason); bad != nil {
			return bad
		}
		_, err = d.Exec(ctx, `
			insert into reports (thread_id, post_id, reporter_id, reason, at)
			values (@thread, nullif(@post, 0), @who, @reason, @at)
			on conflict (thread_id, coalesce(post_id, 0), reporter_id) where decided_at is null
			do update set reason = @reason, at = @at`,
			pgx.NamedArgs{"thread": threadID, "post": postID, "who": who.ID, "reason": reason, "at": d.At})
		if err != nil {
			return err
		}
		d.DropDraft(ctx, forum.DraftReport, draft)
		return nil
	})
}

// meant is what a report is of. Of a thread that was merged it is the post that opened
// it, where that is now.
func meant(ctx context.Context, d *forum.Deed, threadID, postID int64) (inThread, post int64, err error) {
	if postID == 0 {
		t, err := d.ThreadNow(ctx, threadID)
		if err != nil || t.ID == threadID {
			return t.ID, 0, err
		}
		err = d.QueryRow(ctx, `select post_id from moved_posts where thread_id = $1 and number = 1`, threadID).Scan(&postID)
		if errors.Is(err, pgx.ErrNoRows) {
			err = forum.ErrNotFound
		}
		if err != nil {
			return 0, 0, err
		}
	}
	p, _, err := d.Post(ctx, postID)
	return p.ThreadID, postID, err
}

// Reports that a person may send in a minute.
const reportsMinute, newcomerReportsMinute = 10, 3

// pace keeps a person to so many reports, so that nobody hides one among many.
func pace(ctx context.Context, d *forum.Deed) error {
	if !d.Limited() {
		return nil
	}
	who, err := d.Person(ctx, d.Who.ID) // locked: reports at once are counted one after another
	if err != nil {
		return err
	}
	most := reportsMinute
	if who.Standing == forum.Newcomer {
		most = newcomerReportsMinute
	}
	var sent int
	err = d.QueryRow(ctx, `select count(*) from reports where reporter_id = $1 and at > $2`, who.ID, d.At.Add(-time.Minute)).Scan(&sent)
	if err == nil && sent >= most {
		return &forum.TooMany{Until: d.At.Add(time.Minute)}
	}
	return err
}

// target is what a report's draft is kept under: threads below zero, so that they
// never meet the posts.
func target(threadID, postID int64) int64 {
	if postID != 0 {
		return postID
	}
	return ThreadTarget(threadID)
}

// ThreadTarget is what the draft of a report of a thread as a whole is kept under.
func ThreadTarget(threadID int64) int64 { return -threadID }

// Reported is a thread or post that people have reported: several reports of one
// thing are one line.
type Reported struct {
	ReportID int64 // the oldest
	ThreadID int64
	PostID   int64 // 0: the thread as a whole
	Number   int
	Title    string
	Excerpt  string
	Author   string
	AuthorID int64
	Hidden   bool
	Since    time.Time
	Reasons  []string
	Names    []string // who reported, told to moderators alone
}

// ModerationPage is what moderators work from.
type ModerationPage struct {
	Reported []Reported
	Entries  []forum.Entry
	Undone   map[int64]bool // entries that have been undone
	CanUndo  map[int64]bool // entries that the reader may undo
}

// ModerationPage reads what is reported and not decided, and the latest deeds of
// power; ErrForbidden for who is not a moderator.
func (s *Store) ModerationPage(ctx context.Context, who forum.Person) (p ModerationPage, err error) {
	if !forum.CanHide(who) {
		return ModerationPage{}, forum.ErrForbidden
	}
	var undone []struct{ ID int64 }
	var b pgx.Batch
	b.Queue(`
		select min(r.id) as report_id, r.thread_id, coalesce(r.post_id, 0) as post_id, coalesce(p.number, 0) as number, t.title,
			p.excerpt, a.name as author, a.id as author_id, (t.hidden_at is not null or p.hidden_at is not null) as hidden,
			min(r.at) as since, array_agg(r.reason order by r.at, r.id) as reasons, array_agg(w.name order by r.at, r.id) as names
		from reports r
		join threads t on t.id = r.thread_id
		join posts p on p.id = coalesce(r.post_id, (select id from posts where thread_id = t.id order by number nulls last, id limit 1))
		join people a on a.id = p.author_id
		join people w on w.id = r.reporter_id
		where r.decided_at is null
		group by r.thread_id, r.post_id, p.id, t.id, a.id order by count(*) desc, min(r.at) limit 100`).Query(forum.Into(&p.Reported))
	b.Queue(logQuery+`
		where e.deed <> all($1) and (e.deed <> 'let_in' or e.doer_id is not null)
		order by e.id desc limit 50`, ownAffairs).Query(forum.Into(&p.Entries))
	b.Queue(`select undoes as id from entries where undoes is not null order by id desc limit 1000`).Query(forum.Into(&undone))
	if err := s.Send(ctx, &b); err != nil {
		return ModerationPage{}, err
	}
	p.Undone = map[int64]bool{}
	for _, e := range undone {
		p.Undone[e.ID] = true
	}
	p.CanUndo = map[int64]bool{}
	for _, e := range p.Entries {
		p.CanUndo[e.ID] = s.canUndo(e) && s.mayUndo(who, e) && !p.Undone[e.ID]
	}
	return p, nil
}

// logQuery reads lines of the audit log, with the names of what they are about.
const logQuery = `
	select e.id, e.at, coalesce(e.doer_id, 0) as doer_id, coalesce(a.name, '') as doer_name, e.deed, coalesce(e.person_id, 0) as person_id,
		coalesce(w.name, '') as person_name, coalesce(e.council_id, 0) as council_id, coalesce(e.thread_id, 0) as thread_id,
		coalesce(e.post_id, 0) as post_id, coalesce(e.role_id, 0) as role_id, e.reason, coalesce(e.undoes, 0) as undoes, e.found,
		coalesce(t.title, '') as title, coalesce(q.number, 0) as number
	from entries e left join people a on a.id = e.doer_id left join people w on w.id = e.person_id
	left join posts q on q.id = e.post_id left join threads t on t.id = coalesce(e.thread_id, q.thread_id)`

// ownAffairs are what people do to their own account: on record, and no moderator's
// business.
var ownAffairs = []string{string(forum.AddedIdentity), string(forum.RemovedIdentity), string(forum.ChangedAddress)}

// Keep decides that what was reported may stay. The same again changes nothing.
func (s *Store) Keep(ctx context.Context, who forum.Person, reportID int64, reason string) error {
	reason = forum.CleanReason(reason)
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !forum.CanHide(who) {
			return forum.ErrForbidden
		}
		var e forum.Entry
		var decided *time.Time
		err := d.QueryRow(ctx, `select thread_id, coalesce(post_id, 0), decided_at from reports where id = $1 for update`, reportID).
			Scan(&e.ThreadID, &e.PostID, &decided)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return forum.ErrNotFound
		case err != nil || decided != nil:
			return err
		}
		if bad := forum.CheckReason(reason); bad != nil {
			return bad
		}
		e.Deed, e.Reason = forum.KeptReported, reason
		if _, err := d.Record(ctx, e); err != nil {
			return err
		}
		return decide(ctx, d, e.ThreadID, e.PostID, "kept")
	})
}

// decide closes all open reports of one thing: a thread and its opening post are one.
func decide(ctx context.Context, d *forum.Deed, threadID, postID int64, decision string) error {
	_, err := d.Exec(ctx, `
		update reports set decided_at = @at, decider_id = @who, decision = @decision
		where thread_id = @thread and decided_at is null and (coalesce(post_id, 0) = @post
			or exists (select from posts p where p.thread_id = @thread and p.number = 1
				and (@post = 0 and post_id = p.id or @post = p.id and post_id is null)))`,
		pgx.NamedArgs{"thread": threadID, "post": postID, "at": d.At, "who": d.Who.ID, "decision": decision})
	return err
}

// ReportPage is what the form to report something shows of it.
type ReportPage struct {
	Thread forum.Thread
	Post   *forum.Post // nil: the thread as a whole
	Kept   *forum.Draft
}

// ReportPage reads what is about to be reported: ErrNotFound if the reader may
// not see it, ErrForbidden if they may not report.
func (s *Store) ReportPage(ctx context.Context, who forum.Person, threadID, postID int64) (p ReportPage, err error) {
	if p.Thread, p.Post, err = s.Seen(ctx, who, threadID, postID); err != nil {
		return ReportPage{}, err
	}
	if !forum.CanReport(who) {
		return ReportPage{}, forum.ErrForbidden
	}
	p.Kept, err = s.Draft(ctx, who, forum.DraftReport, target(threadID, postID))
	return p, err
}
