package projects

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// CardsPerPage is how many projects or lessons one page of a register shows.
const CardsPerPage = 30

// productsMost is how many products stand in the filter by product, with the one that is
// chosen: those that most projects name. All have pages of their own.
const productsMost = 60

// Filter is what a register is narrowed to, and in which order it stands; an empty field
// is all, and the order by the last change.
type Filter struct {
	Topic, Principle string // slugs
	Phase, Verdict   string
	Nation, Type     string // of the council
	Product          string // slug
	CostBand         string
	Offer            string
	Fresh            string // confirmed in the last so many months: 3, 6, 12, or not
	Sort             string
	Before           string // a cursor: what stands after the last one of the page before
}

// Sorts are the orders of a register, beside the one by the last change.
var Sorts = []string{"newest", "confirmed", "reused"}

// Types are the sorts of councils and other bodies.
var Types = []string{"district", "unitary", "metropolitan", "london-borough", "city-corporation", "county", "scottish", "welsh", "northern-irish",
	"combined-authority", "strategic-authority", "national-park", "fire-and-rescue", "development-corporation", "transport-body"}

// filters are what each register can be narrowed by, in the order of its form.
var filters = map[string][]string{
	forum.Project: {"topic", "principle", "phase", "nation", "type", "product", "cost_band", "offer", "fresh"},
	forum.Lesson:  {"topic", "principle", "verdict", "nation", "type", "cost_band"},
}

// Facet is one of the filters of a register: its values that something has, and the one
// that is chosen.
type Facet struct {
	Name   string
	Chosen string
	Values []Value
}

// Value is one value of a filter: how many there are with it that also have all that the
// other filters ask for.
type Value struct {
	Value string
	Name  string // of a topic or product; of all others it is in the catalogue
	Group string // of a topic: what it is part of
	Count int
	id    int64 // of a topic or product
}

// Register is one page of the register of projects or of lessons.
type Register struct {
	Kind   string
	Filter Filter
	Facets []Facet
	Cards  []Card
	Total  int    // on all pages
	Next   string // the cursor of the next page; empty at the end
}

// field is what a filter is set to, by its name.
func (f *Filter) field(name string) *string {
	return map[string]*string{"topic": &f.Topic, "principle": &f.Principle, "phase": &f.Phase, "verdict": &f.Verdict, "nation": &f.Nation, "type": &f.Type,
		"product": &f.Product, "cost_band": &f.CostBand, "offer": &f.Offer, "fresh": &f.Fresh}[name]
}

// Is is what a filter is set to, by its name.
func (f Filter) Is(name string) string { return *f.field(name) }

// With is the same with one filter set to a value, at its beginning.
func (f Filter) With(name, value string) Filter {
	*f.field(name) = value
	f.Before = ""
	return f
}

// First is the same at its beginning.
func (f Filter) First() Filter { return f.After("") }

// After is the same behind a cursor.
func (f Filter) After(cursor string) Filter {
	f.Before = cursor
	return f
}

// conditions are what each filter asks of the rows r of the register.
var conditions = map[string]string{
	"topic":     ` and r.topic_ids @> (select array[id] from topics where slug = @topic)`,
	"principle": ` and r.topic_ids @> (select array[id] from topics where slug = @principle)`,
	"product":   ` and r.product_ids @> (select array[coalesce(merged_into, id)] from products where slug = @product)`,
	"phase":     ` and r.phase = @phase`,
	"verdict":   ` and r.verdict = @verdict`,
	"cost_band": ` and r.cost_band = @cost_band`,
	"offer":     ` and r.offers @> array[@offer]`,
	"nation":    ` and r.council_id in (select id from councils where nation = @nation)`,
	"type":      ` and r.council_id in (select id from councils where kind = @type)`,
}

// order is how a register is sorted: by a column, the greatest first, after whatever
// nobody has confirmed for long. The cursor has the column as a number.
type order struct{ column, number, back string }

var orders = map[string]order{
	"":          {"r.moved_at", microseconds("r.moved_at"), moment},
	"newest":    {"r.begun_at", microseconds("r.begun_at"), moment},
	"confirmed": {"r.confirmed_at", microseconds("r.confirmed_at"), moment},
	"reused":    {"r.reuses", "r.reuses::bigint", "@key::bigint"},
}

// moment is a time that microseconds wrote.
const moment = `(timestamptz 'epoch' + @key::bigint * interval '1 microsecond')`

func microseconds(column string) string {
	return `(extract(epoch from ` + column + `) * 1000000)::bigint`
}

// rowsQuery reads the threads of a page of a register, in their order.
func (f *Filter) rowsQuery(kind string, limit int) string {
	by := orders[f.Sort]
	query := forum.ManyForms + `
		select r.thread_id, ` + by.number + ` as key, r.stale as sunk, row_number() over (order by r.stale, ` + by.column + ` desc, r.thread_id desc) as nth
		from register r where r.kind = @kind and r.listed and (r.public or @colleague)`
	for _, name := range filters[kind] {
		if f.Is(name) != "" {
			query += conditions[name]
		}
	}
	switch f.Fresh {
	case "":
	case "not":
		query += ` and r.confirmed_at < @fresh`
	default:
		query += ` and r.confirmed_at >= @fresh`
	}
	if f.Before != "" {
		query += ` and (r.stale > @sunk or r.stale = @sunk and (` + by.column + `, r.thread_id) < (` + by.back + `, @id))`
	}
	return query + ` order by r.stale, ` + by.column + ` desc, r.thread_id desc limit ` + strconv.Itoa(limit)
}

// row is a card with its place in the register.
type row struct {
	Card
	Key  int64
	Sunk bool
}

// place is a cursor behind it.
func (r row) place() string {
	var b [17]byte
	if r.Sunk {
		b[0] = 1
	}
	binary.BigEndian.PutUint64(b[1:9], uint64(r.Key)) //nolint:gosec // and back again
	binary.BigEndian.PutUint64(b[9:], uint64(r.ID))   //nolint:gosec // likewise
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// readPlace reads what place wrote; nothing is the beginning.
func readPlace(s string) (r row, ok bool) {
	if s == "" {
		return r, true
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 17 || b[0] > 1 {
		return r, false
	}
	r.Sunk, r.Key, r.ID = b[0] == 1, int64(binary.BigEndian.Uint64(b[1:9])), int64(binary.BigEndian.Uint64(b[9:])) //nolint:gosec // checked below
	return r, r.Key >= 0 && r.Key < 1<<52 && r.ID > 0
}

// known reports whether the values that are few are such as there are; of topics and
// products the database says it.
func (f *Filter) known(kind string) bool {
	among := map[string][]string{"phase": Phases, "verdict": Verdicts, "nation": forum.Nations, "cost_band": CostBands, "offer": Offers, "fresh": ages[:]}
	for name, values := range among {
		if is := f.Is(name); is != "" && !slices.Contains(values, is) {
			return false
		}
	}
	for _, name := range [...]string{"topic", "principle", "phase", "verdict", "nation", "type", "product", "cost_band", "offer", "fresh"} {
		if f.Is(name) != "" && !slices.Contains(filters[kind], name) {
			*f.field(name) = "" // another register's: it means nothing here
		}
	}
	return f.Sort == "" || slices.Contains(Sorts, f.Sort) && (f.Sort == "newest" || kind == forum.Project)
}

// since are the moments from which something counts as confirmed in the last months.
func since(now time.Time) (moments [3]time.Time) {
	for i, months := range [...]int{3, 6, 12} {
		moments[i] = now.In(forum.London).AddDate(0, -months, 0)
	}
	return moments
}

// args are the arguments of the statements of a register.
func (f *Filter) args(who forum.Person, kind string, now time.Time) (args pgx.NamedArgs, ok bool) {
	from, ok := readPlace(f.Before)
	args = who.Rights(pgx.NamedArgs{"kind": kind, "key": from.Key, "id": from.ID, "sunk": from.Sunk})
	for _, name := range filters[kind] {
		args[name] = f.Is(name)
	}
	moments := since(now)
	delete(args, "fresh")
	if f.Fresh != "" {
		args["fresh"] = moments[min(slices.Index(ages[:], f.Fresh), len(moments)-1)]
	}
	return args, ok
}

// Register reads one page of a register, with what it can be narrowed to, in one round
// trip: ErrNotFound for a filter that means nothing.
func (s *Store) Register(ctx context.Context, who forum.Person, kind string, f Filter) (l Register, err error) {
	if !f.known(kind) {
		return Register{}, forum.ErrNotFound
	}
	args, ok := f.args(who, kind, s.Now())
	if !ok {
		return Register{}, forum.ErrNotFound
	}
	if err := s.Fill(ctx); err != nil {
		return Register{}, err
	}
	l.Kind, l.Filter = kind, f
	var rows []row
	var b pgx.Batch
	b.Queue(`select `+cardColumns+`, p.key, p.sunk from (`+f.rowsQuery(kind, CardsPerPage+1)+`) p join (`+cardTables+`) on t.id = p.thread_id
		where `+forum.Listed+` order by p.nth`, args).Query(forum.Into(&rows))
	keep := s.count(&b, who, &l)
	if err := s.Send(ctx, &b); err != nil {
		return Register{}, err
	}
	if !keep() {
		return Register{}, forum.ErrNotFound
	}
	if len(rows) > CardsPerPage {
		rows = rows[:CardsPerPage]
		l.Next = rows[CardsPerPage-1].place()
	}
	for _, r := range rows {
		l.Cards = append(l.Cards, r.Card)
	}
	return l, nil
}

// count has a batch read what the filters of a register need; what it returns fills them
// in when the batch was sent, and says whether there is what they are set to.
func (s *Store) count(b *pgx.Batch, who forum.Person, l *Register) (keep func() bool) {
	var entries []entry
	var seen int64
	var topics []forum.Topic
	var products []Product
	s.ledger.queue(b, &seen, &entries)
	s.QueueTopics(b, &topics)
	b.Queue(`select o.id, o.slug, o.name from products o where o.merged_into is null and case when o.slug = @product then `+isNamed+` else o.id = any(@most) end order by o.name`,
		who.Rights(pgx.NamedArgs{"most": s.ledger.most("product", productsMost), "product": l.Filter.Product})).Query(forum.Into(&products))
	return func() bool {
		s.ledger.take(entries, seen)
		names := named(topics, products)
		a, ok := l.asks(names, s.Now())
		if !ok {
			return false
		}
		a.all = who.IsColleague()
		principles := map[int64]bool{}
		for _, t := range topics {
			principles[t.ID] = t.Facet == "principle"
		}
		a.split = func(m mark) string {
			if m.facet == "topic" && principles[m.id] {
				return "principle"
			}
			return m.facet
		}
		var counts map[mark]int
		counts, l.Total = s.ledger.count(a)
		for _, name := range filters[l.Kind] {
			l.Facets = append(l.Facets, facet(name, l.Filter.Is(name), names[name], counts))
		}
		return true
	}
}

// named are the values of each filter.
func named(topics []forum.Topic, products []Product) map[string][]Value {
	names := map[string][]Value{}
	for name, values := range map[string][]string{"phase": Phases, "verdict": Verdicts, "nation": forum.Nations, "type": Types, "cost_band": CostBands,
		"offer": Offers, "fresh": ages[:]} {
		for _, value := range values {
			names[name] = append(names[name], Value{Value: value})
		}
	}
	for _, t := range topics {
		name := "topic"
		if t.Facet == "principle" {
			name = "principle"
		}
		group := t.ParentName
		if t.Facet != "service" {
			group = t.Facet
		} else if group == "" {
			group = t.Name
		}
		names[name] = append(names[name], Value{t.Slug, t.Name, group, 0, t.ID})
	}
	for _, o := range products {
		names["product"] = append(names["product"], Value{o.Slug, o.Name, "", 0, o.ID})
	}
	return names
}

// asks is what the ledger is asked for a page; not ok where a filter is set to what there
// is none of.
func (l *Register) asks(names map[string][]Value, now time.Time) (a asked, ok bool) {
	a.wanted = []want{{"kind", mark{"kind", l.Kind, 0}}}
	for _, name := range filters[l.Kind] {
		is := l.Filter.Is(name)
		if is == "" {
			continue
		}
		at := slices.IndexFunc(names[name], func(v Value) bool { return v.Value == is })
		switch {
		case at < 0:
			return a, false
		case name == "fresh":
			a.fresh = at + 1
		default:
			a.wanted = append(a.wanted, want{name, names[name][at].mark(name)})
		}
	}
	for i, moment := range since(now) {
		a.since[i] = moment.Unix()
	}
	return a, true
}

// mark is what the ledger counts a value as.
func (v Value) mark(facet string) mark {
	switch {
	case v.id == 0:
		return mark{facet, v.Value, 0}
	case facet == "principle":
		return mark{"topic", "", v.id}
	}
	return mark{facet, "", v.id}
}

// facet is a filter with the values that something has, and the one that is chosen
// although nothing has it.
func facet(name, chosen string, values []Value, counts map[mark]int) Facet {
	f := Facet{Name: name, Chosen: chosen}
	for _, v := range values {
		if v.Count = counts[v.mark(name)]; v.Count > 0 || v.Value == chosen {
			f.Values = append(f.Values, v)
		}
	}
	return f
}
