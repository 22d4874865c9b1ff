package projects

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// ledger is what the counts beside the filters of a register come from: of each project
// and lesson what it can be filtered by, in memory. Postgres takes half a second to count
// a hundred thousand by nine things at once; this takes a few milliseconds.
//
// It is never behind: each page of a register reads, in the same round trip, what was
// written since the last one (see queue); the first page that a node shows reads all. So
// nodes need not tell each other, and nothing has to be dropped.
type ledger struct {
	filling sync.Mutex // whoever fills it first lets others wait
	mu      sync.RWMutex
	seen    int64 // all that transactions before this one wrote is in it; 0 while it is empty
	lines   []line
	of      map[int64]int // which line is a thread's
	marks   []mark
	held    []int // how many lines have a mark, whoever may see them
	known   map[mark]int32
}

// mark is a value of a filter, by which lines are counted: a word, or of a topic or
// product its number.
type mark struct {
	facet, value string
	id           int64
}

// line is what is counted of one project or lesson.
type line struct {
	listed, public bool
	confirmed      int64 // in seconds
	touched        int64 // by which transaction
	marks          []int32
}

// entry is a row of the register, as it is read for the ledger.
type entry struct {
	thread, touched                              int64
	listed, public                               bool
	confirmed                                    time.Time
	kind, phase, verdict, cost, nation, bodyKind string
	offers                                       []string
	products, topics                             []int64 // with what they are part of
}

const entriesQuery = `
	select r.thread_id, coalesce(r.touched::text::bigint, 0), r.listed, r.public, r.confirmed_at, r.kind, r.phase, r.verdict, r.cost_band, coalesce(c.nation, ''), coalesce(c.kind, ''),
		r.offers, r.product_ids, r.topic_ids
	from register r left join councils c on c.id = r.council_id`

// entriesAtOnce is how many rows one statement reads while a ledger is filled.
const entriesAtOnce = 10000

// queue has a batch read what was written since the ledger was brought up to date, of
// which take is then told. A transaction that was under way then has a number of at least
// the one that was noted: what it has written since is among what is read.
func (l *ledger) queue(b *pgx.Batch, seen *int64, entries *[]entry) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b.Queue(xminQuery).QueryRow(func(row pgx.Row) error { return row.Scan(seen) })
	b.Queue(entriesQuery+` where r.touched >= @seen::bigint::text::xid8 and r.touched < pg_snapshot_xmax(pg_current_snapshot())`,
		pgx.NamedArgs{"seen": l.seen}).Query(intoEntries(entries))
}

// xminQuery reads the first transaction that is not over: it is read before what the older
// ones wrote.
const xminQuery = `select pg_snapshot_xmin(pg_current_snapshot())::text::bigint`

// Fill reads all of the register into memory, once: a node does so when it starts, so that
// nobody waits for it.
func (s *Store) Fill(ctx context.Context) error {
	l := s.ledger
	l.filling.Lock()
	defer l.filling.Unlock()
	l.mu.RLock()
	filled := l.seen > 0
	l.mu.RUnlock()
	var seen, first, last int64
	for !filled {
		var entries []entry
		var b pgx.Batch
		b.Queue(xminQuery).QueryRow(func(row pgx.Row) error { return row.Scan(&seen) })
		b.Queue(entriesQuery+` where r.thread_id > @last order by r.thread_id limit @limit`, pgx.NamedArgs{"last": last, "limit": entriesAtOnce}).Query(intoEntries(&entries))
		if err := s.Send(ctx, &b); err != nil {
			return err
		}
		if first == 0 {
			first = seen
		}
		if filled = len(entries) < entriesAtOnce; filled {
			seen = first // what was written while the rest was read is read again
		} else {
			seen, last = 0, entries[len(entries)-1].thread
		}
		l.take(entries, seen)
	}
	return nil
}

func intoEntries(to *[]entry) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (e entry, err error) {
			err = r.Scan(&e.thread, &e.touched, &e.listed, &e.public, &e.confirmed, &e.kind, &e.phase, &e.verdict, &e.cost, &e.nation, &e.bodyKind, &e.offers, &e.products, &e.topics)
			return e, err
		})
		return err
	}
}

// take brings the ledger up to date by what was read; seen is what was noted before. Of
// two who read at once the one that read first may come last: what was written before what
// is known already is passed over.
func (l *ledger) take(entries []entry, seen int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = max(l.seen, seen)
	if l.of == nil {
		l.of, l.known = map[int64]int{}, map[mark]int32{}
	}
	for _, e := range entries {
		at, there := l.of[e.thread]
		if !there {
			at = len(l.lines)
			l.of[e.thread] = at
			l.lines = append(l.lines, line{})
		} else if e.touched < l.lines[at].touched {
			continue
		}
		for _, m := range l.lines[at].marks {
			l.held[m]--
		}
		l.lines[at] = line{listed: e.listed, public: e.public, confirmed: e.confirmed.Unix(), touched: e.touched, marks: l.marksOf(e)}
		for _, m := range l.lines[at].marks {
			l.held[m]++
		}
	}
}

// marksOf are the values by which an entry is counted.
func (l *ledger) marksOf(e entry) []int32 {
	list := make([]int32, 0, 6+len(e.offers)+len(e.products)+len(e.topics))
	for _, one := range [...]mark{{"kind", e.kind, 0}, {"phase", e.phase, 0}, {"verdict", e.verdict, 0}, {"cost_band", e.cost, 0}, {"nation", e.nation, 0}, {"type", e.bodyKind, 0}} {
		if one.value != "" {
			list = append(list, l.mark(one))
		}
	}
	for _, offer := range e.offers {
		list = append(list, l.mark(mark{"offer", offer, 0}))
	}
	for _, product := range e.products {
		list = append(list, l.mark(mark{"product", "", product}))
	}
	for _, topic := range e.topics {
		list = append(list, l.mark(mark{"topic", "", topic}))
	}
	return list
}

// mark is the number of a value.
func (l *ledger) mark(m mark) int32 {
	number, there := l.known[m]
	if !there {
		number = int32(len(l.marks)) //nolint:gosec // there are hundreds
		l.marks, l.held, l.known[m] = append(l.marks, m), append(l.held, 0), number
	}
	return number
}

// want is a value that a filter is set to. Two filters may be of values of one sort, as
// those by topic and by principle are: split says which of them are another filter's.
type want struct {
	facet string
	mark
}

// asked is what a ledger is asked to count: what has all of the wanted values, and for
// each filter what has all but that one's.
type asked struct {
	all    bool              // what is for councils only too
	split  func(mark) string // which filter a value belongs to
	wanted []want
	since  [3]int64 // moments, the latest first, for how fresh something is
	fresh  int      // which of them is asked for, from 1; 4 is none of them, 0 does not matter
}

// ages are how fresh something can be: confirmed within so many months, or not even
// within the last of them.
var ages = [...]string{"3", "6", "12", "not"}

// tally is a count under way.
type tally struct {
	asked
	filters []filter
	facets  []int // which filter is of a mark's facet, from 1; 0 for none
	sums    []int
	aged    [len(ages)]int
	total   int
}

// count counts, and says how many there are in all that have all that is wanted.
func (l *ledger) count(a asked) (counts map[mark]int, total int) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	t := tally{asked: a, filters: make([]filter, len(a.wanted)), facets: make([]int, len(l.marks)), sums: make([]int, len(l.marks))}
	for i, m := range a.wanted {
		number, there := l.known[m.mark]
		if !there {
			number = -1
		}
		t.filters[i] = filter{mark: number, facet: m.facet}
	}
	for i, m := range l.marks {
		facet := a.split(m)
		t.facets[i] = 1 + slices.IndexFunc(t.filters, func(f filter) bool { return f.facet == facet })
	}
	for i := range l.lines {
		if one := &l.lines[i]; one.listed && (one.public || a.all) {
			t.add(one)
		}
	}
	return l.named(t.sums, t.aged), t.total
}

// add counts a line: one that meets all filters by all its values, one that misses a
// single filter by its values of that.
func (t *tally) add(one *line) {
	missed, age := one.misses(t.filters), one.age(t.since)
	if missed < 0 {
		return
	}
	fresh := t.fresh == 0 || within(age, t.fresh)
	if missed == 0 {
		t.aged[age]++
	}
	if !fresh {
		return
	}
	if missed == 0 {
		t.total++
	}
	for _, m := range one.marks {
		if missed == 0 || t.facets[m] == missed {
			t.sums[m]++
		}
	}
}

// filter is one value that is wanted.
type filter struct {
	mark  int32
	facet string
}

// misses is which of the filters, from 1, a line does not meet: 0 where it meets all, less
// than that where it misses more than one.
func (l *line) misses(filters []filter) (missed int) {
	for i, f := range filters {
		if !slices.Contains(l.marks, f.mark) {
			if missed != 0 {
				return -1
			}
			missed = i + 1
		}
	}
	return missed
}

// age is after which of the moments a line was confirmed, the first that it is.
func (l *line) age(since [3]int64) int {
	for i, moment := range since {
		if l.confirmed >= moment {
			return i
		}
	}
	return len(since)
}

// within reports whether an age is one of those that a filter asks for.
func within(age, fresh int) bool {
	if fresh == len(ages) {
		return age == len(ages)-1
	}
	return age < fresh
}

// named gives the sums their names; whoever was confirmed within three months was so
// within six.
func (l *ledger) named(sums []int, aged [len(ages)]int) map[mark]int {
	counts := make(map[mark]int, len(sums)+len(ages))
	for i, n := range sums {
		if n > 0 {
			counts[l.marks[i]] = n
		}
	}
	within := 0
	for i, n := range aged {
		if i < len(ages)-1 {
			within += n
			n = within
		}
		counts[mark{"fresh", ages[i], 0}] = n
	}
	return counts
}

// most are the values of a filter that most lines have, whoever may see those.
func (l *ledger) most(facet string, limit int) (ids []int64) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var list []int
	for i, m := range l.marks {
		if m.facet == facet && l.held[i] > 0 {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return l.held[b] - l.held[a] })
	for _, i := range list[:min(limit, len(list))] {
		ids = append(ids, l.marks[i].id)
	}
	return ids
}
