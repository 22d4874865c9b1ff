package projects

import (
	"context"
	"math"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// LessonPage is one page of a lesson: its facts, and its thread, which opens with its texts.
type LessonPage struct {
	forum.ThreadPage
	Lesson  Lesson
	Project *Card    // it comes from
	Helped  []Helped // councils that said so, the last first
	Similar []Card

	CanChange bool
	CanHelped bool // may say that it helped their council
	HasHelped bool // their council has said so
}

// Helped is a council that a lesson helped.
type Helped struct {
	CouncilID         int64
	CouncilSlug, Name string
}

const (
	lessonQuery = `select ` + lessonColumns + `, not coalesce((` + openingOf + `), false) as withdrawn from lessons l join threads t on t.id = l.thread_id where l.thread_id = @thread and ` + forum.MaySee

	// openingOf is whether what opens the thread t can be read.
	openingOf = `select ` + forum.Shows + ` from posts p where p.thread_id = t.id` + openingFirst

	// openingFirst finds what opens a thread among its posts p, also while that waits to be
	// let in: it has no number then, and nor has a reply that waits.
	openingFirst = ` order by (p.number = 1) is true desc, p.id limit 1`

	ownProjectQuery = `select ` + cardColumns + ` from ` + cardTables + `
		where t.id = (select project_id from lessons where thread_id = @thread) and r.kind = 'project' and ` + forum.Listed

	helpedQuery = `select h.council_id, c.slug as council_slug, c.shown_name as name from helped h join councils c on c.id = h.council_id
		where h.thread_id = @thread order by h.at desc, c.id limit 200`
)

// LessonPage reads one page of a lesson in one round trip: ErrNotFound and ErrGone as
// of ThreadPage, and ErrNotFound for a thread that is no lesson.
func (s *Store) LessonPage(ctx context.Context, who forum.Person, id int64, page, quote int) (p LessonPage, err error) {
	of := forum.PageOf{ID: id, Page: page, Quote: quote, Also: func(b *pgx.Batch, args pgx.NamedArgs) {
		b.Queue(lessonQuery, args).Query(forum.IntoOne(&p.Lesson))
		b.Queue(ownProjectQuery, args).Query(forum.IntoMaybe(&p.Project))
		b.Queue(helpedQuery, args).Query(forum.Into(&p.Helped))
		b.Queue(similarQuery, args).Query(forum.Into(&p.Similar))
	}}
	if p.ThreadPage, err = s.ThreadPageWith(ctx, who, of); err != nil {
		return LessonPage{}, err
	}
	if p.Lesson.Withdrawn { // with its opening post its words went
		p.Lesson.Advice = ""
	}
	p.CanChange = CanChangeLesson(who, p.Thread)
	p.CanHelped = CanSayHelped(who, p.Thread)
	for _, h := range p.Helped {
		p.HasHelped = p.HasHelped || h.CouncilID == who.CouncilID && who.CouncilID != 0
	}
	return p, nil
}

// LessonForm is the form to share a lesson, or to change one.
type LessonForm struct {
	Draft   LessonDraft
	ID      int64 // of the lesson that is changed; 0 of a new one
	Slug    string
	Others  bool // it is somebody else's
	Topics  []forum.Topic
	Project *Card // that it comes from, if the reader may see it
	Kept    *forum.Draft
	Clash   *LessonConflict
	Check   forum.ResidentCheck
}

// formProject reads the project that a form names, for who may see it.
func (s *Store) formProject(b *pgx.Batch, who forum.Person, draft LessonDraft, to **Card) {
	if id := draft.projectID(); id != 0 {
		b.Queue(`select `+cardColumns+` from `+cardTables+` where t.id = @project and r.kind = 'project' and `+forum.Listed,
			who.Rights(pgx.NamedArgs{"project": id})).Query(forum.IntoMaybe(to))
	}
}

// NewLesson reads the form to share a lesson, in one round trip; ErrForbidden for who
// may not.
func (s *Store) NewLesson(ctx context.Context, who forum.Person, draft LessonDraft) (p LessonForm, err error) {
	if !CanStart(who) {
		return LessonForm{}, forum.NotAsking(who)
	}
	p.Draft = draft
	var slugs []struct{ Slug string }
	var b pgx.Batch
	s.QueueTopics(&b, &p.Topics)
	s.QueueDraft(&b, who, forum.DraftLesson, 0, &p.Kept)
	s.formProject(&b, who, draft, &p.Project)
	b.Queue(topicSlugsQuery, pgx.NamedArgs{"thread": draft.projectID()}).Query(forum.Into(&slugs))
	if err := s.Send(ctx, &b); err != nil {
		return LessonForm{}, err
	}
	if p.Project != nil && len(draft.Topics) == 0 {
		for _, one := range slugs {
			p.Draft.Topics = append(p.Draft.Topics, one.Slug)
		}
	}
	return p, nil
}

// LessonForm reads the form to change a lesson, as it is now: ErrForbidden if it is not
// theirs to change.
func (s *Store) LessonForm(ctx context.Context, who forum.Person, id int64) (p LessonForm, err error) {
	now, err := s.lessonNow(ctx, who, id, math.MaxInt32) // whatever was changed before
	if err != nil {
		return LessonForm{}, err
	}
	if err := now.judge(who); err != nil {
		return LessonForm{}, err
	}
	p.Draft, p.ID, p.Slug, p.Others = now.draft(), id, now.Thread.Slug, now.Thread.AuthorID != who.ID
	var b pgx.Batch
	s.QueueTopics(&b, &p.Topics)
	s.QueueDraft(&b, who, forum.DraftLesson, id, &p.Kept)
	s.formProject(&b, who, p.Draft, &p.Project)
	return p, s.Send(ctx, &b)
}
