package forum

import (
	"context"
	"time"
	"unicode/utf8"
)

// Answer is the accepted answer of a question, in short, and who accepted it.
type Answer struct {
	PostID       int64
	Number       int
	AuthorID     int64
	AuthorName   string
	AuthorHandle string
	CouncilName  string // when it was written
	Company      string
	Lang         string
	Excerpt      string
	PostedAt     time.Time
	Useful       int
	ByID         int64
	ByName       string
	ByHandle     string
	At           time.Time
	Own          bool // who accepted it wrote it
	Changed      bool // since it was accepted
}

// answerQuery reads the answer that stands, while its words may be read.
const answerQuery = `
	select p.id as post_id, p.number, p.author_id, a.name as author_name, coalesce(a.handle, '') as author_handle,
		coalesce(c.shown_name, '') as council_name, coalesce(p.company, '') as company, p.lang, p.excerpt, p.posted_at, p.useful,
		b.id as by_id, b.name as by_name, coalesce(b.handle, '') as by_handle, t.answered_at as at,
		b.id = p.author_id as own, p.version <> t.answer_version as changed
	from threads t
	join posts p on p.id = t.answer_id and p.number is not null and p.hidden_at is null and p.deleted_at is null
	join people a on a.id = p.author_id
	join people b on b.id = t.answered_by
	left join councils c on c.id = p.council_id
	where t.id = @thread and ` + maySee

// Accept makes a post the accepted answer of its question, in the place of the one
// that was, or takes that back. Done a second time it changes nothing, but that the
// words as they are now are what was accepted.
func (s *Store) Accept(ctx context.Context, who Person, postID int64, on bool) error {
	return s.Do(ctx, who, func(d *Deed) error { return d.setAccepted(ctx, postID, on) })
}

func (d *Deed) setAccepted(ctx context.Context, postID int64, on bool) error {
	post, thread, err := d.post(ctx, postID)
	switch {
	case err != nil:
		return err
	case !CanAccept(d.Who, thread, d.At):
		return ErrForbidden
	case !on:
		return d.withdraw(ctx, thread.ID, post.ID)
	case !CanBeAnswer(post):
		return &Forbidden{Why: "answer.not_this"}
	case thread.AnswerID == post.ID:
		_, err := d.Exec(ctx, `update threads set answer_version = $2 where id = $1 and answer_version <> $2`, thread.ID, post.Version)
		return err
	}
	if err := d.withdraw(ctx, thread.ID, thread.AnswerID); err != nil {
		return err
	}
	_, err = d.Exec(ctx, `
		update threads set answer_id = $2, answer_version = $3, answered_by = $4, answered_at = $5,
			solved_at = null, solved_by = null, solved_why = null
		where id = $1`, thread.ID, post.ID, post.Version, d.Who.ID, d.At)
	if err != nil {
		return err
	}
	return d.tellAccepted(ctx, post)
}

// tellAccepted tells that a post was accepted; people hear of it once, also when it was
// taken back and done anew within a day: what they were told then is true again.
func (d *Deed) tellAccepted(ctx context.Context, p Post) error {
	var told bool
	err := d.QueryRow(ctx, `select exists (select from events where thread_id = $1 and post_id = $2 and kind = $3 and at > $4 and not quiet)`,
		p.ThreadID, p.ID, AnswerAccepted, d.At.Add(-24*time.Hour)).Scan(&told)
	if err != nil {
		return err
	}
	return d.Tell(ctx, Event{Kind: AnswerAccepted, ThreadID: p.ThreadID, PostID: p.ID, Quiet: told})
}

// withdraw takes back that a post answers its thread, if it does: because somebody
// said so, because another one does, or because the post is gone.
func (d *Deed) withdraw(ctx context.Context, threadID, postID int64) error {
	tag, err := d.Exec(ctx, `
		update threads set answer_id = null, answer_version = null, answered_by = null, answered_at = null
		where id = $1 and answer_id = $2`, threadID, postID)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return d.Tell(ctx, Event{Kind: AnswerWithdrawn, ThreadID: threadID, PostID: postID})
}

// wordsLength bounds a short reason or note, in code points.
const wordsLength = 500

// Solve says that a question is solved without an answer here, with a short reason
// that stands over it, or takes that back. Done a second time it changes nothing.
func (s *Store) Solve(ctx context.Context, who Person, threadID int64, on bool, why string) error {
	why = CleanReason(why)
	return s.Do(ctx, who, func(d *Deed) error {
		t, err := d.Thread(ctx, threadID)
		switch {
		case err != nil:
			return err
		case !CanSolve(who, t):
			return ErrForbidden
		case t.Solved == on:
			return nil
		case !on:
			_, err := d.Exec(ctx, `update threads set solved_at = null, solved_by = null, solved_why = null where id = $1`, t.ID)
			return err
		case t.AnswerID != 0:
			return &Forbidden{Why: "answer.stands"}
		}
		if bad := checkSolved(why); bad != nil {
			return bad
		}
		_, err = d.Exec(ctx, `update threads set solved_at = $2, solved_by = $3, solved_why = $4 where id = $1`, t.ID, d.At, who.ID, why)
		if err != nil {
			return err
		}
		return d.Tell(ctx, Event{Kind: Solved, ThreadID: t.ID})
	})
}

func checkSolved(why string) (bad Invalid) {
	switch n := utf8.RuneCountInString(why); {
	case n == 0:
		bad.Add("body", "answer.solved_empty")
	case n > wordsLength:
		bad.Add("body", "answer.words_long", "Max", wordsLength)
	}
	return bad
}

// CarryAnswer takes the accepted answer of a locked thread, whose posts have moved,
// along to another: it answers that one where none does, else it worked for who asked
// the first.
func (d *Deed) CarryAnswer(ctx context.Context, from, to Thread, entry int64) error {
	switch {
	case from.AnswerID == 0:
		return nil
	case to.Kind == Question && to.AnswerID == 0 && !to.Solved:
		_, err := d.Exec(ctx, `
			update threads t set answer_id = f.answer_id, answer_version = f.answer_version, answered_by = f.answered_by, answered_at = f.answered_at
			from threads f where t.id = $2 and f.id = $1`, from.ID, to.ID)
		return err
	}
	_, err := d.Exec(ctx, `
		with given as (
			insert into worked (post_id, council_id, person_id, at)
			select p.id, f.council_id, f.answered_by, f.answered_at from threads f join posts p on p.id = f.answer_id
			where f.id = $1 and f.council_id is not null and f.council_id is distinct from p.council_id
			on conflict do nothing returning post_id, council_id
		)
		insert into merged_councils (entry_id, council_id, post_id) select $2, council_id, post_id from given`, from.ID, entry)
	return err
}

// SettleAnswers makes the answers of locked threads true after posts have moved between
// them: none is answered by a post that is in another, or that does not show.
func (d *Deed) SettleAnswers(ctx context.Context, threads ...int64) error {
	_, err := d.Exec(ctx, `
		update threads t set answer_id = null, answer_version = null, answered_by = null, answered_at = null
		where t.id = any($1) and t.answer_id is not null and not exists (select from posts p
			where p.id = t.answer_id and p.thread_id = t.id and p.number is not null and p.hidden_at is null and p.deleted_at is null)`, threads)
	return err
}
