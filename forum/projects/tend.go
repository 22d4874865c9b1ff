package projects

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// StartPage is what the form to share a project shows.
type StartPage struct {
	Draft  Draft
	Parent *Card // the project that it reuses, if the reader may see it
	Check  forum.ResidentCheck
	Kept   *forum.Draft
}

// StartPage reads the form to share a project; ErrForbidden for who may not.
func (s *Store) StartPage(ctx context.Context, who forum.Person, draft Draft) (p StartPage, err error) {
	if !CanStart(who) {
		return StartPage{}, forum.NotAsking(who)
	}
	p.Draft = draft
	var b pgx.Batch
	s.QueueDraft(&b, who, forum.DraftProject, 0, &p.Kept)
	b.Queue(`select `+cardColumns+` from `+cardTables+` where t.id = @parent and r.kind = 'project' and `+forum.Listed,
		who.Rights(pgx.NamedArgs{"parent": draft.Parent})).Query(forum.IntoMaybe(&p.Parent))
	if err := s.Send(ctx, &b); err != nil {
		return StartPage{}, err
	}
	if p.Parent == nil {
		p.Draft.Parent = 0
	}
	return p, nil
}

// TendPage is the list of what is told of a project and what is missing, with the forms
// for what happens to it.
type TendPage struct {
	Project  Project
	Thread   forum.Thread
	Topics   []forum.Topic
	Partners []Partner
	Products []Product
	People   []forum.PersonLine // who could answer for it
	Steps    []Step
	Today    time.Time
	all      Page
}

// Has reports whether a fact says anything.
func (p *TendPage) Has(field string) bool { return p.all.Has(field) }

// Missing is how many facts nobody has told yet.
func (p *TendPage) Missing() int { return len(p.all.missing()) }

// TendPage reads that list in one round trip; ErrForbidden for whom it is not.
func (s *Store) TendPage(ctx context.Context, who forum.Person, id int64) (p TendPage, err error) {
	args := who.Rights(pgx.NamedArgs{"thread": id})
	var b pgx.Batch
	b.Queue(projectQuery, args).Query(forum.IntoOne(&p.Project))
	s.QueueThread(&b, args, &p.Thread)
	b.Queue(`select o.id, o.slug, o.name, o.facet from thread_topics tt join topics o on o.id = tt.topic_id where tt.thread_id = @thread order by tt.place`, args).Query(forum.Into(&p.Topics))
	b.Queue(partnersQuery, args).Query(forum.Into(&p.Partners))
	b.Queue(productsQuery, args).Query(forum.Into(&p.Products))
	b.Queue(peopleQuery, args).Query(forum.Into(&p.People))
	switch err := s.Send(ctx, &b); {
	case err != nil:
		return TendPage{}, err
	case p.Thread.Deleted:
		return TendPage{}, forum.ErrGone
	case !CanTend(who, p.Project, p.Thread):
		return TendPage{}, &forum.Forbidden{Why: "projects.not_yours"}
	}
	p.Today = forum.DayOf(s.Now())
	p.all = Page{ThreadPage: forum.ThreadPage{Thread: p.Thread, Topics: p.Topics}, Project: p.Project, Partners: p.Partners, Products: p.Products}
	return p, nil
}

const peopleQuery = `
	select p.id, p.name, coalesce(p.handle, '') as handle, p.job_title from projects j join people p on ` + ofCouncil + `
	where j.thread_id = @thread order by p.name limit 300`

// Find looks for what was typed on a page that asks for a council or a product.
func (s *Store) Find(ctx context.Context, who forum.Person, p FactPage, query string) (FactPage, error) {
	var err error
	switch p.Query = query; p.Field {
	case "partner":
		p.Councils, err = s.FindCouncils(ctx, query)
	case "product":
		p.Found, err = s.FindProducts(ctx, who, query)
	}
	return p, err
}
