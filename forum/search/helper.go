package search

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Helper is somebody who may be asked about a topic, and on what grounds.
type Helper struct {
	ID       int64
	Name     string
	Handle   string
	JobTitle string
	Council  string
	Answers  int  // of theirs that were accepted, in the newest threads of the topic
	Useful   int  // times that others found a post of theirs there useful
	Projects int  // of theirs among them
	Skilled  bool // they chose the topic themselves
}

// TopicPage is a topic with the people to ask about it.
type TopicPage struct {
	forum.ThreadList
	Helpers []Helper
}

// How many people are named, and of how many threads it is asked whom they helped: those
// of lately, so that a large topic costs no more, and names who is there now.
const (
	helpersMost  = "5"
	helpedLately = "150"
)

// helpersQuery finds them: colleagues who may be named, as they said, by what the reader
// may see. One who was accepted counts most; whoever only offers comes last.
const helpersQuery = `
	with area as materialized (
		select array(select x.id from topics x left join topics y on y.id = x.parent_id where @topic in (x.slug, y.slug)) as ids
	), lately as materialized (
		select n.thread_id from area cross join lateral unnest(area.ids) a (id) cross join lateral (
			select tt.thread_id, tt.last_post_at from thread_topics tt
			where tt.topic_id = a.id and tt.listed is not null and (tt.listed = 'public' or @colleague)
			order by tt.last_post_at desc, tt.thread_id desc limit ` + helpedLately + `
		) n
		group by n.thread_id, n.last_post_at order by n.last_post_at desc, n.thread_id desc limit ` + helpedLately + `
	), helped as (
		select w.author_id as person_id, w.accepted as answers, w.useful, 0 as projects, false as skilled
		from lately l cross join lateral (
			select p.author_id, (p.id is not distinct from t.answer_id)::int as accepted, p.useful from threads t join posts p on p.thread_id = t.id
			where t.id = l.thread_id and ` + forum.Listed + ` and p.hidden_at is null and p.deleted_at is null and p.held_at is null
				and (p.id = t.answer_id or p.useful > 0) offset 0
		) w
		union all
		select w.person_id, 0, 0, 1, false
		from lately l cross join lateral (
			select coalesce(j.contact_id, t.author_id) as person_id from threads t join projects j on j.thread_id = t.id
			where t.id = l.thread_id and ` + forum.Listed + ` offset 0
		) w
		union all
		select k.person_id, 0, 0, 0, true from person_skills k where k.topic_id = any((select ids from area)::bigint[])
	), summed as (
		select h.person_id, sum(h.answers)::int as answers, sum(h.useful)::int as useful, sum(h.projects)::int as projects, bool_or(h.skilled) as skilled
		from helped h join person_offers f on f.person_id = h.person_id and f.askable
		group by h.person_id
	)
	select p.id, p.name, coalesce(p.handle, '') as handle, p.job_title, coalesce(c.shown_name, '') as council, s.answers, s.useful, s.projects, s.skilled
	from summed s join people p on p.id = s.person_id left join councils c on c.id = p.council_id
	where p.id <> @who and p.standing = 'colleague' and p.joined_at is not null and p.erased_at is null
		and (p.suspended_at <= @now and p.suspended_until > @now) is not true
	order by 3 * s.answers + 2 * s.projects + least(s.useful, 20) + s.skilled::int desc, p.name, p.id
	limit ` + helpersMost

// TopicPage reads a page of a topic's threads with the people to ask about it, in one
// round trip; ErrNotFound for a topic that is not there.
func (s *Store) TopicPage(ctx context.Context, who forum.Person, topic, before string) (p TopicPage, err error) {
	p.ThreadList, err = s.ThreadListWith(ctx, who, forum.Filter{Topic: topic, Beside: true, Before: before}, func(b *pgx.Batch, args pgx.NamedArgs) {
		args["now"] = s.Now()
		b.Queue(helpersQuery, args).Query(forum.Into(&p.Helpers))
	})
	return p, err
}

// Answer is an answer of somebody's that was accepted.
type Answer struct {
	forum.Thread
	PostNumber int
	PostID     int64
}

// PersonPage is a person's page with what they offer and choose to show.
type PersonPage struct {
	forum.PersonPage
	Offer    Offer
	Skills   []forum.Topic
	Answers  []Answer
	Projects []forum.Thread
	CanAsk   bool // the reader may ask them in public
}

// How many of each a person's page shows, and in how many of their newest posts answers
// are looked for.
const (
	shownMost    = "10"
	answersAmong = "500"
)

const (
	answersQuery = `
		select ` + forum.ThreadColumns + `, x.id as post_id, x.number as post_number
		from (` + forum.ThreadTables + `) join posts x on x.id = t.answer_id
		where (select f.show_answers from person_offers f where f.person_id = @id)
			and ` + forum.Listed + ` and x.hidden_at is null and x.deleted_at is null and t.id in (
			select own.thread_id from (
				select p.id, p.thread_id from posts p where p.author_id = @id order by p.posted_at desc limit ` + answersAmong + `
			) own cross join lateral (select from threads a where a.id = own.thread_id and a.answer_id = own.id offset 0) a)
		order by t.answered_at desc, t.id desc limit ` + shownMost
	projectsQuery = `
		select ` + forum.ThreadColumns + ` from ` + forum.ThreadTables + `
		where (select f.show_projects from person_offers f where f.person_id = @id)
			and ` + forum.Listed + ` and t.id in (select o.id from threads o where o.author_id = @id and o.kind = 'project'
			union all select j.thread_id from projects j where j.contact_id = @id)
		order by t.last_post_at desc, t.id desc limit ` + shownMost
)

// PersonPage reads a person's page, in one round trip. What they do not choose to show is
// not there, for nobody; ErrNotFound and ErrGone as of the forum's.
func (s *Store) PersonPage(ctx context.Context, who forum.Person, id int64) (p PersonPage, err error) {
	var offer *Offer
	p.PersonPage, err = s.PersonPageWith(ctx, who, id, func(b *pgx.Batch, args pgx.NamedArgs) {
		b.Queue(offerQuery, args).Query(forum.IntoMaybe(&offer))
		b.Queue(skillsQuery, args).Query(forum.Into(&p.Skills))
		b.Queue(answersQuery, args).Query(forum.Into(&p.Answers))
		b.Queue(projectsQuery, args).Query(forum.Into(&p.Projects))
	})
	if err != nil {
		return PersonPage{}, err
	}
	if p.Offer = unchosen; offer != nil {
		p.Offer = *offer
	}
	if p.Person.SuspendedUntil != nil {
		p.Offer.About = "" // what is wrong with it ends with a suspension
	}
	if p.Person.Standing != forum.Colleague { // what is offered waits until they are a colleague again; what was hidden stays so
		p.Offer, p.Skills, p.Answers, p.Projects = Offer{ShowThreads: p.Offer.ShowThreads}, nil, nil, nil
	}
	if !p.Offer.ShowThreads {
		p.Threads = nil
	}
	p.CanAsk = p.Offer.Askable && p.Person.SuspendedUntil == nil && who.ID != id && (!who.SignedIn() || forum.CanAsk(who))
	return p, nil
}
