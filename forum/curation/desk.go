package curation

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// DeskItem is something that waits on the desk, and what curators said of it.
type DeskItem struct {
	Sort  Sort
	ID    int64     // of a person, a post, the oldest report, or a thread
	Since time.Time // it waits

	ThreadID int64
	PostID   int64
	Kind     string
	Slug     string
	Title    string
	Lang     string
	Excerpt  string

	WhoID       int64 // whose it is
	WhoName     string
	WhoHandle   string
	CouncilID   int64
	CouncilName string
	Company     string
	Seen        string // of a newcomer, for letting them in

	Many     int     // posts that are held, reports, replies today
	Usual    float64 // replies in a day, in its topic
	Nation   string
	Due      Ladder // of a question
	Asked    int    // councils that were asked to answer it
	Declined int
	Useful   int // marks
	Reuses   int // by councils
	UsToo    int // councils

	Said string // of a link that does not answer: how

	OtherID    int64 // the older thread that asks the same
	OtherKind  string
	OtherSlug  string
	OtherTitle string
	OtherLang  string

	TakerID   int64 // who looks after it
	TakerName string
	TakenAt   *time.Time
	UntilOn   *time.Time // put off until that day
	DoneAt    *time.Time
	DoneBy    string
	Notes     int
}

// IsDone reports whether a curator has said that nothing is left to do.
func (i DeskItem) IsDone() bool { return i.DoneAt != nil && !i.DoneAt.Before(i.Since) }

// IsPutOff reports whether it waits until a later day than that of a moment.
func (i DeskItem) IsPutOff(at time.Time) bool {
	return i.UntilOn != nil && i.UntilOn.After(forum.DayOf(at))
}

// Queue is one of the desk.
type Queue struct {
	Sort  Sort
	Items []DeskItem
	More  bool // than stand here
}

// Colleague is somebody by name.
type Colleague struct {
	ID   int64
	Name string
}

// Empty reports whether nothing waits in one of the queues.
func (p DeskPage) Empty() bool {
	return slices.ContainsFunc(p.Queues, func(q Queue) bool { return len(q.Items) == 0 })
}

// Aside is something that is not on the desk, for a curator has said so.
type Aside struct {
	Sort      Sort
	SubjectID int64
	Title     string
	Lang      string
	UntilOn   *time.Time
	DoneAt    *time.Time
	ByName    string
}

// DeskPage is what waits for the team.
type DeskPage struct {
	At     time.Time
	Queues []Queue    // those that are the reader's to look after
	Mine   []DeskItem // what of it the reader has taken
	Waits  int        // what stands on the page
	Today  []Colleague
	OnDuty bool        // the reader is among them
	Others []Colleague // the other curators
	Asides []Aside     // lately done or put off, the newest first

	Seconds int // what waits for a second curator, other than the reader
}

// asidesQuery reads what was put off or done in the last week, with what it is of.
const asidesQuery = `
	select i.sort, i.subject_id, coalesce(w.name, t.title, '') as title, case when w.id is null then coalesce(t.lang, '') else '' end as lang,
		case when i.until_on > ` + today + ` then i.until_on end as until_on, i.done_at, coalesce(z.name, k.name, '') as by_name
	from desk_items i
	left join people w on i.sort = 'newcomer' and w.id = i.subject_id
	left join posts q on i.sort = 'held' and q.id = i.subject_id
	left join reports r on i.sort = 'report' and r.id = i.subject_id
	left join links l on i.sort = 'link' and l.id = i.subject_id
	left join threads t on t.id = case i.sort when 'newcomer' then null when 'held' then q.thread_id when 'report' then r.thread_id when 'link' then l.thread_id else i.subject_id end and ` + forum.Visible + `
	left join people z on z.id = i.done_by and z.erased_at is null
	left join people k on k.id = i.taker_id and k.erased_at is null
	where (i.done_at > @week or i.until_on > ` + today + `) and (@reports or i.sort <> 'report') and (w.id is not null or t.id is not null)
	order by i.done_at desc nulls first, i.until_on, i.subject_id limit 30`

const todayQuery = `select p.id, p.name from desk_days y join people p on p.id = y.person_id where y.on_date = ` + today + ` and ` // goes on with who curates

// deskArgs are the arguments of every query of the desk at a moment.
func deskArgs(who forum.Person, at time.Time, id int64) pgx.NamedArgs {
	y, m, d := at.In(forum.London).Date()
	return who.Rights(pgx.NamedArgs{"now": at, "id": id, "most": queueMost + 1, "reports": forum.CanHide(who),
		"day": time.Date(y, m, d, 0, 0, 0, 0, forum.London), "week": at.AddDate(0, 0, -7), "fortnight": at.AddDate(0, 0, -14), "month": at.AddDate(0, 0, -28),
		"season": at.AddDate(0, 0, -90), "early": at.AddDate(0, 0, -steps[0])})
}

// DeskPage reads what waits, in one round trip; ErrForbidden for who is no curator.
func (s *Store) DeskPage(ctx context.Context, who forum.Person) (p DeskPage, err error) {
	if !forum.CanTend(who) {
		return DeskPage{}, forum.ErrForbidden
	}
	p.At = s.Now()
	args := deskArgs(who, p.At, 0)
	lists := map[Sort]*[]DeskItem{}
	var b pgx.Batch
	b.Queue(alikeQuery)
	for _, sort := range Sorts {
		if sort.MayLookAfter(who) {
			lists[sort] = &[]DeskItem{}
			b.Queue(queueQuery(sort), args).Query(forum.Into(lists[sort]))
		}
	}
	b.Queue(todayQuery+curates("p.id")+` order by p.name, p.id`, args).Query(forum.Into(&p.Today))
	b.Queue(curatorsQuery, args).Query(forum.Into(&p.Others))
	b.Queue(asidesQuery, args).Query(forum.Into(&p.Asides))
	b.Queue(`select count(*)::int from seconds where decided_at is null and curator_id <> @who`, args).QueryRow(func(row pgx.Row) error { return row.Scan(&p.Seconds) })
	if err := s.Send(ctx, &b); err != nil {
		return DeskPage{}, err
	}
	for _, sort := range Sorts {
		if list := lists[sort]; list != nil {
			p.add(who, Queue{Sort: sort, Items: *list})
		}
	}
	p.Others = slices.DeleteFunc(p.Others, func(c Colleague) bool { return c.ID == who.ID })
	for _, one := range p.Today {
		p.OnDuty = p.OnDuty || one.ID == who.ID
	}
	return p, nil
}

// add puts a queue on the desk, and what of it the reader has taken beside it.
func (p *DeskPage) add(who forum.Person, q Queue) {
	if len(q.Items) > queueMost {
		q.Items, q.More = q.Items[:queueMost], true
	}
	waiting := q.Items[:0]
	for _, i := range q.Items {
		if i.climbs(); i.Sort == Questions && i.Due.Step(p.At) == 0 {
			continue // its days were no working days
		}
		waiting = append(waiting, i)
		if i.TakerID == who.ID {
			p.Mine = append(p.Mine, i)
		}
	}
	q.Items = waiting
	p.Waits += len(waiting)
	p.Queues = append(p.Queues, q)
}

// climbs works out the ladder of a question.
func (i *DeskItem) climbs() {
	if i.Sort == Questions {
		i.Due = ladder(i.Nation, i.Since)
	}
}
