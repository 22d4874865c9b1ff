package forum

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Topic is a service area, a practice or a principle. Service areas are a tree of
// two levels; the other two facets are flat.
type Topic struct {
	ID          int64
	Slug        string
	Name        string
	Facet       string
	ParentSlug  string
	ParentName  string
	Description string
	Threads     int // where it was asked for
}

const topicColumns = `o.id, o.slug, o.name, o.facet, coalesce(u.slug, '') as parent_slug, coalesce(u.name, '') as parent_name, o.description`

// topicOrder is the order of a form: each area, then what is in it.
const topicOrder = ` order by array_position(array['service', 'practice', 'principle'], o.facet),
	coalesce(u.position, o.position), o.parent_id is not null, o.position`

const topicsQuery = `select ` + topicColumns + ` from topics o left join topics u on u.id = o.parent_id` + topicOrder

// TopicsQuery reads all topics in the order of a form, for queries of other packages.
const TopicsQuery = topicsQuery

const topicQuery = `select ` + topicColumns + `, ` + topicFollows + ` from topics o left join topics u on u.id = o.parent_id where o.slug = @topic`

// TopicsPage is the directory of topics: each with the number of threads that the
// reader may see in it.
func (s *Store) TopicsPage(ctx context.Context, who Person) (topics []Topic, err error) {
	var b pgx.Batch
	b.Queue(`
		select `+topicColumns+`, `+threadsOf("o")+` as threads
		from topics o left join topics u on u.id = o.parent_id`+topicOrder,
		who.rights(nil)).Query(Into(&topics))
	return topics, s.Send(ctx, &b)
}

// topics finds the ids of topics by their slugs, in the same order, each once.
// One that is not there is added to bad.
func (d *Deed) topics(ctx context.Context, slugs []string, bad *Invalid) (ids []int64, err error) {
	if len(slugs) == 0 || len(slugs) > topicCount {
		return nil, nil // bad says so already
	}
	rows, err := d.Query(ctx, `
		select o.id from unnest($1::text[]) with ordinality as wanted (slug, place)
		left join topics o on o.slug = wanted.slug order by wanted.place`, slugs)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[*int64])
	if err != nil {
		return nil, err
	}
	for _, id := range found {
		switch {
		case id == nil:
			bad.Add("topic", "ask.topic_unknown")
			return nil, nil
		case !slices.Contains(ids, *id):
			ids = append(ids, *id)
		}
	}
	return ids, nil
}

// The numbers of threads that a topic and a council have in lists, and of people that a
// council has in its directory, stand in their rows. Triggers keep them, whichever deed
// changes what they count; see migrations/0013_plans.sql.

// threadsOf is how many threads of a topic or council, under a name of ours, stand in
// the lists of @colleague or anybody.
func threadsOf(row string) string {
	return row + `.threads_public + case when @colleague then ` + row + `.threads_councils else 0 end`
}

// LessonLine is a lesson beside a topic or a council, with what it advises.
type LessonLine struct {
	ID      int64
	Slug    string
	Title   string
	Lang    string
	Verdict string
	Advice  string
}

// lessonLines is how many of them stand there.
const lessonLines = `5`

// AdviceShown is, of a thread t and its lesson l, what it advises as long as the post that
// opens it can be read.
const AdviceShown = `case when l.advice <> '' and exists (
	select from posts f where f.thread_id = t.id and f.number = 1 and f.hidden_at is null and f.deleted_at is null) then l.advice else '' end`

const lessonLineColumns = `t.id, t.slug, t.title, t.lang, l.verdict, ` + AdviceShown + ` as advice`

// topicLessonsQuery reads the last lessons under a topic and its subtopics.
const topicLessonsQuery = `
	select ` + lessonLineColumns + ` from register r join threads t on t.id = r.thread_id join lessons l on l.thread_id = r.thread_id
	where r.kind = 'lesson' and r.listed and r.topic_ids && array(select id from topics where slug = @topic) and ` + listed + `
	order by r.moved_at desc, r.thread_id desc limit ` + lessonLines

// ProjectLine is a project beside a council that leads it or takes part.
type ProjectLine struct {
	ID    int64
	Slug  string
	Title string
	Lang  string
	Phase string
}

// ProductLine is a product beside a council that uses it.
type ProductLine struct {
	Slug string
	Name string
	Says bool // somebody of the council says so; else a project of theirs names it
}

// What stands beside a council, with that of those that became it: the projects that it
// leads or takes part in, those that are alive first, and the products that it uses.
const (
	councilProjectsQuery = `
		select t.id, t.slug, t.title, t.lang, r.phase from register r join threads t on t.id = r.thread_id
		where r.kind = 'project' and r.listed and ` + listed + ` and r.thread_id in (
			select j.thread_id from projects j where j.council_id = any(council_line((select id from councils where slug = @council)))
			union
			select k.thread_id from project_councils k where k.state = 'confirmed' and k.council_id = any(council_line((select id from councils where slug = @council))))
		order by r.stale, r.moved_at desc, r.thread_id desc limit 10`
	councilProductsQuery = `
		select o.slug, o.name, bool_or(x.says) as says from (
			select w.product_id, true as says from product_uses w where w.council_id = any(council_line((select id from councils where slug = @council)))
			union all
			select u.product_id, false from projects j join project_products u on u.thread_id = j.thread_id join threads t on t.id = j.thread_id
			where j.council_id = any(council_line((select id from councils where slug = @council))) and ` + listed + `
		) x join products o on o.id = x.product_id
		group by o.id order by lower(o.name) limit 50`
)

// councilLessonsQuery reads the last lessons of a council and of those that became it.
const councilLessonsQuery = `
	select ` + lessonLineColumns + ` from threads t join lessons l on l.thread_id = t.id
	where ` + ofLine + ` and t.kind = 'lesson' and ` + listed + `
	order by t.asked_at desc, t.id desc limit ` + lessonLines
