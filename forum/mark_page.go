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

// StandIn is a colleague whom nobody knows: a page made for them is the page of every
// colleague like who of that council, 0 for any other, but for what Own tells.
func StandIn(who Person, councilID int64) Person {
	if councilID == 0 {
		councilID = -1 // none has it; and 0 would be nobody's colleague
	}
	return Person{ID: -1, Standing: who.Standing, Joined: who.Joined, Lang: who.Lang, CouncilID: councilID}
}

// CanStandIn reports whether a person sees what a StandIn would: they are a colleague and
// nothing else, with nothing that hangs over them.
func CanStandIn(who Person) bool {
	return who.IsColleague() && who.Standing == Colleague && who.Roles == 0 && len(who.Leads) == 0 && who.CouncilID != 0 && !who.CouncilEnded
}

// Own is what a page of a thread says to one reader alone.
type Own struct {
	Read      *ReadMark
	Following Following
	Less      bool // nothing but this: there is no mark or draft of theirs, and nothing new on the page, or since it was made
}

// ownRow is an Own as it is read.
type ownRow struct {
	Follows []string
	Number  int // 0: they were never here
	At      time.Time
	Unread  int
	First   int
	Version int64
	Own     bool
}

// ownQuery reads what a page of a thread says to @who alone, and whether there is more of
// it than an Own holds. A thread that others do not see is not there.
const ownQuery = `
	select ` + threadFollows + `, greatest(r.number, @seen::int) as number, greatest(r.at, @seen_at::timestamptz) as at,
		coalesce(n.unread, 0) as unread, coalesce(n.first, 0) as first, ` + rowVersion + `,
		exists (select from drafts d where d.person_id = @who and d.kind = @draft and d.target = t.id)
		or exists (select from saves v where v.person_id = @who and v.thread_id = t.id)
		or exists (select from outcomes o where o.post_id = t.answer_id and o.person_id = @who)
		or exists (select from posts x where x.author_id = @who and x.held_at is not null and x.thread_id = t.id)
		or exists (select from useful u where u.person_id = @who and u.post_id = any(coalesce(@useful::bigint[],
			array(select x.id from posts x where x.thread_id = t.id and x.number between @first and @last and x.useful > 0)))) as own
	from threads t
	left join reads r on r.person_id = @who and r.thread_id = t.id
	left join lateral (
		select count(*)::int as unread, min(x.number) as first
		from (select t.id as thread_id, greatest(r.number, @seen::int) as number) r cross join lateral ` + newPosts + ` x
	) n on greatest(r.number, @seen::int) between 1 and t.post_count - 1
	where t.id = @thread and t.merged_into is null and ` + listed

// QueueOwn has a batch read what a page of a thread says to one reader alone; what it
// returns tells that when the batch was sent: nothing, if they may not see the thread, or
// others may not. Of is the page's outline as far as it is known.
func (s *Store) QueueOwn(b *pgx.Batch, who Person, of Outline) (read func(Outline) *Own) {
	seen := s.reads.of(who.ID, of.ThreadID)
	args := who.rights(pgx.NamedArgs{"thread": of.ThreadID, "first": (of.Page-1)*PostsPerPage + 1, "last": of.Page * PostsPerPage,
		"draft": DraftReply, "seen": seen.Number, "seen_at": seen.At, "useful": of.useful})
	var row *ownRow
	b.Queue(ownQuery, args).Query(IntoMaybe(&row))
	return func(o Outline) *Own {
		if row == nil {
			return nil
		}
		own := &Own{Following: following(who, row.Follows), Less: !row.Own && row.Version == o.version && !slices.Contains(o.others, who.ID)}
		if row.Number > 0 {
			own.Read = &ReadMark{Number: row.Number, At: row.At, Unread: row.Unread, First: row.First}
			own.Less = own.Less && own.Read.Number >= o.last
		}
		return own
	}
}

// Outline is which page of a thread it is, and what must be known of it to tell whether
// it says more to somebody than to others.
type Outline struct {
	ThreadID int64
	Page     int
	Councils []int64 // that the page names: to their colleagues it may say something else

	version int64   // of the thread's row
	last    int     // number on the page
	others  []int64 // who see another page: whoever began the thread, and wrote what does not show
	useful  []int64 // posts that somebody found useful; nil where that is not known
}

// Of is a page of a thread with nothing but the posts of one reader on it, and what they may
// do with them.
func (p ThreadPage) Of(who Person, now time.Time) ThreadPage {
	posts := p.Posts
	p.Posts, p.Held, p.Found = nil, nil, nil
	for _, post := range posts {
		if post.AuthorID == who.ID {
			p.Posts = append(p.Posts, post)
		}
	}
	if len(p.Posts) > 0 {
		p.judge(who)
		p.judgeMarks(who, now)
	}
	return p
}

// Outline is what there is to know of a page.
func (p ThreadPage) Outline() Outline {
	o := Outline{ThreadID: p.Thread.ID, Page: p.Page, version: p.version, Councils: []int64{p.Thread.CouncilID},
		last: p.last(), others: []int64{p.Thread.AuthorID}, useful: []int64{}}
	for _, post := range p.Posts {
		o.Councils = append(o.Councils, post.CouncilID)
		if !post.Shows || post.Hidden || post.Deleted || post.Gone {
			o.others = append(o.others, post.AuthorID)
		}
		if post.Useful > 0 {
			o.useful = append(o.useful, post.ID)
		}
	}
	for _, u := range p.UsToo {
		o.Councils = append(o.Councils, u.CouncilID)
	}
	for _, w := range p.Works {
		o.Councils = append(o.Councils, w.CouncilID)
	}
	for _, told := range p.Outcomes {
		o.Councils = append(o.Councils, told.CouncilID)
	}
	slices.Sort(o.Councils)
	o.Councils = slices.Compact(o.Councils)
	return o
}
