package places

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// MapFilter is what the map shows and in which order its table stands; an empty topic is
// all of them.
type MapFilter struct{ Topic, Sort string }

// Sorts are the orders of the table: by name, or the most of something first.
var Sorts = []string{"asked", "replied", "name"}

// MapPage is who works on a topic: each council, and where it stands.
type MapPage struct {
	Filter   MapFilter
	Topic    *forum.Topic
	Councils []Place // in the order of the filter
	Hexes    []Hex   // from north to south
	Topics   []forum.Topic
}

// Place is a council on the map.
type Place struct {
	ID      int64
	Slug    string
	Name    string
	NameCy  string
	County  int64 // of a district: the council above it
	Asked   int   // threads that its people have started
	Replied int   // posts of its people in threads; known of a topic alone
}

// Total is how much of a topic a council has to do with.
func (p Place) Total() int { return p.Asked + p.Replied }

// Hex is one place on the map, of what its council is now. A county has none: it shows
// as its districts.
type Hex struct {
	ID, Q, R int64
	Council  *Place
	County   *Place // nil where there is none
}

// Levels are what a council's total is at least, for each shade.
var Levels = []int{0, 1, 3, 10}

// Level is the shade of a place: how much the council, and its county, have to do with
// the topic.
func (h Hex) Level() int {
	total := h.Council.Total()
	if h.County != nil {
		total += h.County.Total()
	}
	return levelOf(total)
}

func levelOf(total int) int {
	for level := len(Levels) - 1; level > 0; level-- {
		if total >= Levels[level] {
			return level
		}
	}
	return 0
}

// ofTopic is true of the threads t of topic @topic, with what is in it.
const ofTopic = `t.id in (
		select tt.thread_id from topics x left join topics y on y.id = x.parent_id join thread_topics tt on tt.topic_id = x.id
		where @topic in (x.slug, y.slug) and tt.listed is not null) and ` + forum.Listed

// What councils have started and replied: of all topics it stands in their rows, but
// replies are counted of one topic only, for all of them would be every post there is.
const (
	askedOfAll = `select id as council_id, threads_public + case when @colleague then threads_councils else 0 end as asked, 0 as replied from councils`
	askedOfOne = `
		select t.council_id, count(*) as asked, 0 as replied from threads t where ` + ofTopic + ` group by t.council_id
		union all
		select p.council_id, 0, count(*) from threads t join posts p on p.thread_id = t.id
		where ` + ofTopic + ` and p.number > 1 and p.hidden_at is null and p.deleted_at is null group by p.council_id`
)

// mapQuery is the whole map in one row. What councils that ended have done counts for
// what they have become.
func mapQuery(done string) string {
	return `
	select
		(select coalesce(json_agg(x), '[]') from (
			select c.id, c.slug, c.shown_name as name, case when c.demo_name is null then c.name_cy else '' end as "NameCy",
				coalesce(c.county_id, 0) as county, coalesce(d.asked, 0) as asked, coalesce(d.replied, 0) as replied
			from councils c
			left join (
				select case when o.status = 'former' then council_now(o.id) else o.id end as id, sum(n.asked) as asked, sum(n.replied) as replied
				from (` + done + `) n join councils o on o.id = n.council_id group by 1
			) d on d.id = c.id
			where d.asked + d.replied > 0 or c.status = 'current' and (c.kind = 'county' or c.id in (select council_now(council_id) from council_hexes))
			order by c.shown_name
		) x) as councils,
		(select coalesce(json_agg(x), '[]') from (
			select council_now(council_id) as id, q, r from council_hexes order by r desc, q
		) x) as hexes,
		(select json_agg(x) from (select slug, name, facet, parent_name as "ParentName" from (` + forum.TopicsQuery + `) o) x) as topics`
}

// MapPage reads the map in one statement: ErrNotFound for a topic or an order that there
// is none of.
func (s *Store) MapPage(ctx context.Context, who forum.Person, f MapFilter) (p MapPage, err error) {
	var row struct {
		Councils []Place
		Hexes    []Hex
		Topics   []forum.Topic
	}
	if f.Sort != "" && !slices.Contains(Sorts, f.Sort) {
		return MapPage{}, forum.ErrNotFound
	}
	done := askedOfAll
	if f.Topic == "" && f.Sort == "replied" {
		f.Sort = "" // which is known of a topic alone
	}
	if f.Topic != "" {
		done = askedOfOne
	}
	var b pgx.Batch
	b.Queue(mapQuery(done), who.Rights(pgx.NamedArgs{"topic": f.Topic})).Query(forum.IntoOne(&row))
	if err := s.Send(ctx, &b); err != nil {
		return MapPage{}, err
	}
	p = MapPage{Filter: f, Councils: row.Councils, Hexes: row.Hexes, Topics: row.Topics}
	for i := range p.Topics {
		if p.Topics[i].Slug == f.Topic {
			p.Topic = &p.Topics[i]
		}
	}
	if f.Topic != "" && p.Topic == nil {
		return MapPage{}, forum.ErrNotFound
	}
	p.sort()
	p.place()
	return p, nil
}

// sort puts the councils, which come by name, in the order of the filter.
func (p *MapPage) sort() {
	switch p.Filter.Sort {
	case "name":
	case "replied":
		slices.SortStableFunc(p.Councils, func(a, b Place) int { return cmp.Compare(b.Replied, a.Replied) })
	default:
		slices.SortStableFunc(p.Councils, func(a, b Place) int { return cmp.Compare(b.Asked, a.Asked) })
	}
}

// place gives each hex its council.
func (p *MapPage) place() {
	of := map[int64]*Place{}
	for i := range p.Councils {
		of[p.Councils[i].ID] = &p.Councils[i]
	}
	p.Hexes = slices.DeleteFunc(p.Hexes, func(h Hex) bool { return of[h.ID] == nil })
	for i := range p.Hexes {
		p.Hexes[i].Council = of[p.Hexes[i].ID]
		p.Hexes[i].County = of[p.Hexes[i].Council.County]
	}
}
