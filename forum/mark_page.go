package forum

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Marks is what people and councils have said of a thread and its posts by a
// press, as one page of the thread shows it.
type Marks struct {
	Answer   *Answer // nil if none stands
	Outcomes []Outcome
	UsToo    []UsToo
	Works    []WorkedFor
	Found    []struct{ PostID int64 } // the posts of the page that the reader found useful
	Saved    *Saved                   // nil if the reader does not keep it
	State    string                   // where the reader's council is with the problem; empty if it has not said

	CanAccept   bool
	CanSolve    bool
	CanSayUsToo bool
	CanSave     bool
	CanTell     bool              // whether the answer worked, and has not yet
	Pressed     map[int64]Pressed // by the post's id
}

// Pressed is which marks of a post are the reader's own, or their council's.
type Pressed struct{ Useful, Worked bool }

// queue adds to a page's round trip what the marks are read by.
func (m *Marks) queue(b *pgx.Batch, who Person, args pgx.NamedArgs) {
	b.Queue(answerQuery, args).Query(IntoMaybe(&m.Answer))
	b.Queue(outcomesQuery, args).Query(Into(&m.Outcomes))
	b.Queue(usTooQuery, args).Query(Into(&m.UsToo))
	b.Queue(workedQuery, args).Query(Into(&m.Works))
	if who.SignedIn() {
		b.Queue(foundQuery, args).Query(Into(&m.Found))
		b.Queue(savedQuery, args).Query(IntoMaybe(&m.Saved))
	}
}

// foundQuery reads which posts of a page @who found useful.
const foundQuery = `
	select u.post_id from posts p join useful u on u.post_id = p.id and u.person_id = @who
	where p.thread_id = @thread and p.number between @first and @last`

// judgeMarks says which marks the reader may set on the page, and which they have.
func (p *ThreadPage) judgeMarks(who Person, now time.Time) {
	t := p.Thread
	for _, u := range p.UsToo {
		if u.CouncilID == who.CouncilID && who.CouncilID != 0 {
			p.State = u.State
		}
	}
	p.CanAccept, p.CanSolve = CanAccept(who, t, now), CanSolve(who, t)
	p.CanSayUsToo, p.CanSave = CanSayUsToo(who, t), CanSave(who)
	p.CanTell = p.Answer != nil && CanTell(who, t, p.State, now) && !p.hasTold(who)
	p.findPressed(who)
	for _, post := range p.Posts {
		can := p.Can[post.ID]
		can.Accept = p.CanAccept && CanBeAnswer(post)
		can.Useful = CanFindUseful(who, post, t)
		// An asker says that a reply worked by accepting it: one button is enough.
		can.Worked = CanSayWorked(who, post, t) && (t.AuthorID != who.ID || p.Pressed[post.ID].Worked)
		if can != (PostRights{}) {
			p.Can[post.ID] = can
		}
	}
}

// findPressed says which marks of the page's posts are the reader's or their council's.
func (p *ThreadPage) findPressed(who Person) {
	p.Pressed = map[int64]Pressed{}
	for _, f := range p.Found {
		p.Pressed[f.PostID] = Pressed{Useful: true}
	}
	for _, w := range p.Works {
		if w.CouncilID == who.CouncilID && who.CouncilID != 0 {
			p.Pressed[w.PostID] = Pressed{Useful: p.Pressed[w.PostID].Useful, Worked: true}
		}
	}
}

// hasTold reports whether the reader has told how the answer worked, or somebody
// for their council, if only by the press that says it did.
func (p *ThreadPage) hasTold(who Person) bool {
	for _, o := range p.Outcomes {
		if o.PersonID == who.ID || p.Thread.AuthorID != who.ID && o.CouncilID == who.CouncilID {
			return true
		}
	}
	return p.Thread.AuthorID != who.ID && slices.ContainsFunc(p.WorkedFor(p.Thread.AnswerID), func(w WorkedFor) bool { return w.CouncilID == who.CouncilID })
}

// Accepted reports whether a post is the answer that stands.
func (p *ThreadPage) Accepted(post *Post) bool { return p.Answer != nil && p.Answer.PostID == post.ID }

// WorkedFor are the councils for which a post also worked.
func (p *ThreadPage) WorkedFor(postID int64) (list []WorkedFor) {
	for _, w := range p.Works {
		if w.PostID == postID {
			list = append(list, w)
		}
	}
	return list
}
