package places

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// MapFilter is what the map shows and in which order its table stands; an empty topic is
// all of them. Narrowed to a phase or a product it counts projects.
type MapFilter struct{ Topic, Phase, Product, Sort string }

// OfProjects reports whether the map counts projects, and not threads.
func (f MapFilter) OfProjects() bool { return f.Phase != "" || f.Product != "" }

// Sorts are the orders of the table: by name, or the most of something first.
var Sorts = []string{"asked", "replied", "name"}

// MapPage is who works on a topic: each council, and where it stands.
type MapPage struct {
	Filter   MapFilter
	Topic    *forum.Topic
	Councils []Place // in the order of the filter
	Hexes    []Hex   // from north to south
	Topics   []forum.Topic
	Products []Product // that can be chosen
	Product  *Product
}

// Product is one that the map can be narrowed to.
type Product struct{ Slug, Name string }

// Second is what the second figure of a council is: replied, of a topic; uses, of a
// product; else empty.
func (p MapPage) Second() string {
	switch {
	case p.Filter.Product != "" && p.Filter.Phase == "" && p.Filter.Topic == "":
		return "uses"
	case p.Filter.Topic != "" && !p.Filter.OfProjects():
		return "replied"
	}
	return ""
}

// Place is a council on the map.
type Place struct {
	ID      int64
	Slug    string
	Name    string
	NameCy  string
	County  int64 // of a district: the council above it
	Asked   int   // threads that its people have started, or projects that it leads
	Replied int   // posts of its people in threads; known of a topic alone. Of a product 1 where it says that it uses it
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
	askedOfProjects = `
		select j.council_id, count(*) as asked, 0 as replied from projects j join threads t on t.id = j.thread_id
		where (@phase = '' or j.phase = @phase) and j.council_id is not null and ` + forum.Listed + `
			and (@topic = '' or ` + ofTopic + `)
			and (@product = '' or exists (select from project_products u join products o on o.id = u.product_id where u.thread_id = j.thread_id and o.slug = @product))
		group by j.council_id
		union all
		select w.council_id, 0, 1 from product_uses w join products o on o.id = w.product_id where o.slug = @product and @phase = '' and @topic = ''`
)

// productsOfMap are those that the map can be narrowed to, and the one that it is.
const productsOfMap = `select o.slug, o.name from products o where o.merged_into is null and ` + forum.ProductShows + ` order by o.slug = @product desc, lower(o.name) limit 200`

// mapPhases are the phases that it can be narrowed to.
var mapPhases = []string{"", "idea", "discovery", "alpha", "beta", "live", "stopped", "retired"}

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
		(select coalesce(json_agg(x), '[]') from (` + productsOfMap + `) x) as products,
		(select json_agg(x) from (select slug, name, facet, parent_name as "ParentName" from (` + forum.TopicsQuery + `) o) x) as topics`
}

// doneQuery is what is counted, in the order that there can be.
func (f *MapFilter) doneQuery() string {
	if (MapPage{Filter: *f}).Second() == "" && f.Sort == "replied" {
		f.Sort = "" // which is not known
	}
	switch {
	case f.OfProjects():
		return askedOfProjects
	case f.Topic != "":
		return askedOfOne
	}
	return askedOfAll
}

// MapPage reads the map in one statement: ErrNotFound for a topic, a phase, a product or an
// order that there is none of.
func (s *Store) MapPage(ctx context.Context, who forum.Person, f MapFilter) (p MapPage, err error) {
	var row struct {
		Councils []Place
		Hexes    []Hex
		Products []Product
		Topics   []forum.Topic
	}
	if f.Sort != "" && !slices.Contains(Sorts, f.Sort) || !slices.Contains(mapPhases, f.Phase) {
		return MapPage{}, forum.ErrNotFound
	}
	var b pgx.Batch
	b.Queue(mapQuery(f.doneQuery()), who.Rights(pgx.NamedArgs{"topic": f.Topic, "phase": f.Phase, "product": f.Product})).Query(forum.IntoOne(&row))
	if err := s.Send(ctx, &b); err != nil {
		return MapPage{}, err
	}
	p = MapPage{Filter: f, Councils: row.Councils, Hexes: row.Hexes, Topics: row.Topics, Products: row.Products}
	if !p.narrow() {
		return MapPage{}, forum.ErrNotFound
	}
	p.sort()
	p.place()
	return p, nil
}

// narrow finds the topic and the product that the map is narrowed to, and reports whether
// they are there.
func (p *MapPage) narrow() bool {
	for i := range p.Topics {
		if p.Topics[i].Slug == p.Filter.Topic {
			p.Topic = &p.Topics[i]
		}
	}
	for _, one := range p.Products {
		if one.Slug == p.Filter.Product {
			p.Product = &one
		}
	}
	slices.SortStableFunc(p.Products, func(a, b Product) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return (p.Filter.Topic == "" || p.Topic != nil) && (p.Filter.Product == "" || p.Product != nil)
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
