package projects

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// Page is one page of a project: its facts, and its thread.
type Page struct {
	forum.ThreadPage
	Project  Project
	Texts    Texts
	Steps    []Step // of the timeline, the newest first
	Partners []Partner
	Products []Product
	Updates  map[int64]bool // the posts of this page that are updates
	Lessons  []Card
	Similar  []Card
	Parent   *Card // the project that it reuses
	Reuses   []Reuse
	Family   []Kin // with itself: one alone is none

	CanReuse bool
	Said     []Reuse // what the reader's council has said of it

	CanTend  bool
	Invited  string // how it stands with the reader's council: invited, confirmed, declined; empty where it was not asked
	Missing  []string
	SeesEnds bool // and may read when contracts end
}

// Texts are the facts that are written at length, as they look.
type Texts struct{ Problem, Tried, Outcome, Standards markup.HTML }

// Step is something that happened to a project.
type Step struct {
	Kind string // phase, update, reuse, highlight
	What string // which phase; of an update its words in short, of a reuse the council, of a highlight its title
	Back bool   // to a phase that it had left
	On   time.Time
	Post int // the number of an update; of a highlight that of itself
	Lang string
}

// Card is a project or lesson in a list.
type Card struct {
	ID          int64
	Kind        string
	Slug        string
	Title       string
	Lang        string
	Say         string // the summary of a project, the advice of a lesson
	Phase       string
	Verdict     string
	CostBand    string
	CouncilSlug string
	CouncilName string
	TopicSlug   string
	TopicName   string
	Partners    int
	Reuses      int
	Stale       bool
	ConfirmedAt time.Time
	MovedAt     time.Time
	BegunAt     time.Time
}

// cardColumns and cardTables are read wherever Cards are wanted: of threads t.
const (
	cardColumns = `
		t.id, t.kind, t.slug, t.title, t.lang, coalesce(j.summary, ` + forum.AdviceShown + `, '') as say, r.phase, r.verdict, r.cost_band,
		coalesce(c.slug, '') as council_slug, coalesce(c.shown_name, '') as council_name, coalesce(o.slug, '') as topic_slug, coalesce(o.name, '') as topic_name,
		(select count(*) from project_councils k where k.thread_id = t.id and k.state = 'confirmed')::int as partners,
		r.reuses, r.stale, r.confirmed_at, r.moved_at, r.begun_at`
	cardTables = `
		register r
		join threads t on t.id = r.thread_id
		left join projects j on j.thread_id = t.id
		left join lessons l on l.thread_id = t.id
		left join councils c on c.id = r.council_id
		left join topics o on o.id = t.home_topic_id`
)

const (
	projectQuery = `select ` + projectColumns + ` from ` + projectTables + ` where j.thread_id = @thread and ` + forum.MaySee

	stepsQuery = `
		select kind, what, "on", post, lang from (
			select 'phase' as kind, h.phase as what, (h.on_date::timestamp at time zone 'UTC') as on, 0 as post, '' as lang, h.id as nth from project_phases h where h.thread_id = @thread
			union all
			select 'update', p.excerpt, p.posted_at, p.number, p.lang, p.id from project_updates u join posts p on p.id = u.post_id and p.thread_id = u.thread_id
			where u.thread_id = @thread and p.number is not null and p.hidden_at is null and p.deleted_at is null
			union all
			select 'reuse', k.shown_name, u.at, 0, '', u.council_id from reuses u join councils k on k.id = u.council_id left join threads t on t.id = u.project_id and ` + forum.Listed + `
			where u.thread_id = @thread and u.kind = 'reuse' and (u.visibility = 'public' or @colleague) and (u.project_id is null or t.id is not null)
			union all
			select 'highlight', h.title, (h.from_on::timestamp at time zone 'UTC'), h.id, h.lang, h.id from highlights h
			where h.thread_id = @thread and h.post_id is null and h.ended_at is null and h.from_on <= (@now::timestamptz at time zone 'Europe/London')::date
		) s order by "on", nth limit 200`

	updatesQuery = `select u.post_id as id from project_updates u join posts p on p.id = u.post_id and p.thread_id = u.thread_id
		where u.thread_id = @thread and p.number between @first and @last`

	lessonsQuery = `select ` + cardColumns + ` from ` + cardTables + `
		where l.project_id = @thread and ` + forum.Listed + ` order by t.asked_at desc limit 10`

	// Those that share most topics, of these the ones that are reused most.
	similarQuery = `
		select ` + cardColumns + ` from (
			select x.thread_id, (select count(*) from unnest(x.topic_ids) i where i = any(m.topic_ids)) as common
			from register m join register x on x.listed and x.thread_id <> m.thread_id and x.topic_ids && m.topic_ids
			where m.thread_id = @thread order by common desc, x.reuses desc, x.moved_at desc limit 20
		) s join (` + cardTables + `) on t.id = s.thread_id
		where ` + forum.Listed + ` and l.project_id is distinct from @thread order by s.common desc, r.stale, r.reuses desc, r.moved_at desc limit 4`

	parentQuery = `select ` + cardColumns + ` from ` + cardTables + `
		where t.id = (select parent_id from projects where thread_id = @thread) and ` + forum.Listed
)

// ProjectPage reads one page of a project in one round trip: ErrNotFound and ErrGone as
// of ThreadPage, and ErrNotFound for a thread that is no project.
func (s *Store) ProjectPage(ctx context.Context, who forum.Person, id int64, page, quote int) (p Page, err error) {
	var updates []struct{ ID int64 }
	of := forum.PageOf{ID: id, Page: page, Quote: quote, Also: func(b *pgx.Batch, args pgx.NamedArgs) {
		b.Queue(projectQuery, args).Query(forum.IntoOne(&p.Project))
		b.Queue(stepsQuery, args).Query(forum.Into(&p.Steps))
		b.Queue(partnersQuery, args).Query(forum.Into(&p.Partners))
		b.Queue(productsQuery, args).Query(forum.Into(&p.Products))
		b.Queue(updatesQuery, args).Query(forum.Into(&updates))
		b.Queue(lessonsQuery, args).Query(forum.Into(&p.Lessons))
		b.Queue(similarQuery, args).Query(forum.Into(&p.Similar))
		b.Queue(parentQuery, args).Query(forum.IntoMaybe(&p.Parent))
		b.Queue(reusesQuery, args).Query(forum.Into(&p.Reuses))
		b.Queue(familyQuery, args).Query(forum.Into(&p.Family))
	}}
	if p.ThreadPage, err = s.ThreadPageWith(ctx, who, of); err != nil {
		return Page{}, err
	}
	p.Updates = map[int64]bool{}
	for _, u := range updates {
		p.Updates[u.ID] = true
	}
	if p.Texts, err = texts(p.Project); err != nil {
		return Page{}, err
	}
	p.judge(who)
	return p, nil
}

// judge says what the reader may do, and puts the timeline in order.
func (p *Page) judge(who forum.Person) {
	p.CanTend = CanTend(who, p.Project, p.Thread)
	p.SeesEnds = seesAll(who)
	p.CanReuse, p.Said = CanReuse(who, p.Project, p.Thread), of(who.CouncilID, p.Reuses)
	for _, k := range p.Partners {
		if CanAnswerFor(who, p.Thread, k.CouncilID) {
			p.Invited = k.State
		}
	}
	if p.CanTend {
		p.Missing = p.missing()
	}
	reached := -1
	for i, step := range p.Steps {
		if step.Kind == "phase" {
			at := place(Phases, step.What)
			p.Steps[i].Back = at < reached
			reached = at
		}
	}
	for i, j := 0, len(p.Steps)-1; i < j; i, j = i+1, j-1 {
		p.Steps[i], p.Steps[j] = p.Steps[j], p.Steps[i]
	}
}

// Has reports whether a fact says anything.
func (p *Page) Has(field string) bool {
	switch field {
	case "topic":
		return len(p.Topics) > 0
	case "partner":
		return len(p.Partners) > 0
	case "product":
		return len(p.Products) > 0
	}
	text, _ := p.Project.says(field, p.Thread)
	return text != ""
}

// missing are the facts that nobody has told yet, in the order of the list.
func (p *Page) missing() (list []string) {
	for _, field := range Facts {
		if !p.Has(field) && field != "council" {
			list = append(list, field)
		}
	}
	return list
}

// texts renders the facts that are written at length. They are kept as they were typed:
// there are few, they are short, and they never are behind the renderer.
func texts(p Project) (t Texts, err error) {
	for _, one := range []struct {
		to     *markup.HTML
		source string
	}{{&t.Problem, p.Problem}, {&t.Tried, p.Tried}, {&t.Outcome, p.Outcome}, {&t.Standards, p.Standards}} {
		if *one.to, err = rendered(one.source); err != nil {
			return Texts{}, err
		}
	}
	return t, nil
}

// rendered is a text as it looks; one that is too much for that is shown as it was typed.
func rendered(source string) (markup.HTML, error) {
	if source == "" {
		return "", nil
	}
	html, err := markup.Post(source, markup.Refs{})
	if err != nil {
		return markup.Plain(source), nil //nolint:nilerr // its words are there to read all the same
	}
	return html, nil
}

// FactPage is the page that asks for one fact.
type FactPage struct {
	Project  Project
	Thread   forum.Thread
	Field    string
	Draft    FactDraft
	Topics   []forum.Topic // to choose from
	Chosen   []string      // slugs of its topics
	People   []forum.PersonLine
	Partners []Partner
	Products []Product
	Found    []Product       // like what was typed
	Councils []forum.Council // like what was typed, or to choose from
	Query    string          // what was typed to find one
	Next     string          // the next fact that nobody has told
	Conflict *forum.Conflict
	Check    forum.ResidentCheck
	Today    time.Time
}

// FactPage reads the page that asks for one fact: ErrNotFound if it is not theirs to see or there is
// no such fact, ErrForbidden if it is not theirs to tell.
func (s *Store) FactPage(ctx context.Context, who forum.Person, id int64, field string) (p FactPage, err error) {
	if place(Facts, field) == len(Facts) {
		return FactPage{}, forum.ErrNotFound
	}
	var slugs []struct{ Slug string }
	args := who.Rights(pgx.NamedArgs{"thread": id})
	var b pgx.Batch
	b.Queue(projectQuery, args).Query(forum.IntoOne(&p.Project))
	s.QueueThread(&b, args, &p.Thread)
	b.Queue(`select o.slug from thread_topics tt join topics o on o.id = tt.topic_id where tt.thread_id = @thread order by tt.place`, args).Query(forum.Into(&slugs))
	b.Queue(partnersQuery, args).Query(forum.Into(&p.Partners))
	b.Queue(productsQuery, args).Query(forum.Into(&p.Products))
	switch field {
	case "topic":
		s.QueueTopics(&b, &p.Topics)
	case "contact":
		b.Queue(peopleQuery, args).Query(forum.Into(&p.People))
	case "council":
		args["own"] = who.CouncilID
		b.Queue(`select c.id, c.slug, c.shown_name as name from councils c where c.id = @own or c.id = (select council_id from projects where thread_id = @thread)
			or c.id in (select council_id from project_councils where thread_id = @thread and state = 'confirmed') order by c.shown_name`, args).Query(forum.Into(&p.Councils))
	}
	switch err := s.Send(ctx, &b); {
	case err != nil:
		return FactPage{}, err
	case p.Thread.Deleted:
		return FactPage{}, forum.ErrGone
	case !CanTend(who, p.Project, p.Thread):
		return FactPage{}, &forum.Forbidden{Why: "projects.not_yours"}
	}
	for _, one := range slugs {
		p.Chosen = append(p.Chosen, one.Slug)
	}
	p.Field, p.Today = field, forum.DayOf(s.Now())
	text, beside := p.Project.says(field, p.Thread)
	p.Draft = FactDraft{Field: field, Text: text, Beside: beside, Many: p.Chosen, Version: p.Project.Version}
	if field == "offer" {
		p.Draft.Many = p.Project.Offers
	}
	all := Page{ThreadPage: forum.ThreadPage{Thread: p.Thread, Topics: make([]forum.Topic, len(p.Chosen))}, Project: p.Project, Partners: p.Partners, Products: p.Products}
	for _, missing := range all.missing() {
		if missing != field {
			p.Next = missing
			break
		}
	}
	return p, nil
}
