package migrations

import (
	"context"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Every line of the files becomes a row, and what a line refers to is there.
func TestAllThatShipsIsLoaded(t *testing.T) {
	t.Parallel()
	_, db := migrated(t)
	for _, want := range []struct {
		sql   string
		count int
	}{
		{`select count(*) from councils`, lines(t, "councils") + lines(t, "other_bodies")},
		{`select count(*) from councils`, 498},
		{`select count(*) from councils where status <> 'former'`, 424},
		{`select count(*) from councils where status = 'planned'`, 2},
		{`select count(*) from councils where county_id is not null`, 204},
		{`select count(*) from councils where kind = 'district' and county_id is null`, 0},
		{`select count(*) from councils d join councils c on c.id = d.county_id where c.kind <> 'county'`, 0},
		{`select count(*) from councils where (status = 'former') <> (ended_on is not null)`, 0},
		{`select count(*) from councils where gss_code like '%|%'`, 0},
		{`select count(*) from councils where demo_name is not null or shown_name <> name`, 0},
		{`select count(*) from council_domains`, lines(t, "council_domains") + 36},
		{`select count(*) from council_domains where domain <> lower(domain)`, 0},
		{`select count(*) from council_names`, lines(t, "council_nicknames")},
		{`select count(*) from successions`, lines(t, "council_succession")},
		{`select count(*) from councils where status = 'former' and kind <> 'combined-authority'
			and id not in (select old_id from successions)`, 0},
		{`select count(*) from council_hexes`, lines(t, "council_hexes")},
		{`select count(distinct (q, r)) from council_hexes`, lines(t, "council_hexes")},
		{`select count(*) from councils where status = 'current' and id not in (select council_id from council_hexes)
			and kind not in ('county', 'fire-and-rescue', 'national-park', 'combined-authority', 'strategic-authority', 'development-corporation', 'transport-body')`, 0},
		{`select count(*) from topics`, lines(t, "topics")},
		{`select count(*) from topics where parent_id is not null`, 100},
		{`select count(*) from topics t join topics p on p.id = t.parent_id where t.facet <> p.facet`, 0},
	} {
		if got := ask[int](t, db, want.sql); got != want.count {
			t.Errorf("%s: got %d, want %d", want.sql, got, want.count)
		}
	}
}

func lines(t *testing.T, name string) int {
	t.Helper()
	rows, err := read(shipped, []string{"data/" + name + ".csv"})
	if err != nil {
		t.Fatal(err)
	}
	return len(rows)
}

// Every council is there under its slug, with its name, its county and its domains.
func TestEveryCouncilIsFound(t *testing.T) {
	t.Parallel()
	_, db := migrated(t)
	rows, err := read(shipped, councils.files["councils"])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		got := list[string](t, db, `
			select concat_ws('|', c.slug, c.short_name, c.name_cy, c.kind, c.nation, c.region, c.gss_code, c.population, c.status, c.started_on, c.ended_on, county.slug)
			from councils c left join councils county on county.id = c.county_id
			where c.shown_name = $1`, r["name"])
		line := []string{r["slug"], r["short_name"], r["name_cy"]}
		for _, heading := range []string{"type", "nation", "region", "gss_code", "population", "status", "start_date", "end_date", "county_slug"} {
			if r[heading] != "" {
				line = append(line, r[heading])
			}
		}
		if want := strings.Join(line, "|"); len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %q, want %q", r["name"], got, want)
		}
	}
	reachable := `select count(*) from councils c where status = 'current' and kind in ('county', 'district', 'unitary', 'london-borough',
		'metropolitan', 'city-corporation', 'scottish', 'welsh', 'northern-irish') and exists (select from council_domains d
		where d.council_id = c.id and d.kind = 'email' and d.confidence in ('high', 'medium'))`
	if got := ask[int](t, db, reachable); got != 382 {
		t.Errorf("%d councils have a domain that proves something, want 382", got)
	}
}

// A domain that councils share leads to each of them, and one that two kinds of rows name to one.
func TestDomainsLeadToTheirCouncils(t *testing.T) {
	t.Parallel()
	_, db := migrated(t)
	for domain, want := range map[string]string{
		"adur-worthing.gov.uk": "adur worthing",
		"bristol.gov.uk":       "bristol",
		"tfl.gov.uk":           "transport-for-london",
		"london.gov.uk":        "greater-london-authority",
		"nowhere.example":      "",
	} {
		got := strings.Join(list[string](t, db, `
			select c.slug from council_domains d join councils c on c.id = d.council_id
			where d.domain = $1 and d.kind = 'email' and d.confidence in ('high', 'medium') and c.status = 'current' order by 1`, domain), " ")
		if got != want {
			t.Errorf("%s: got %q, want %q", domain, got, want)
		}
	}
	if got := ask[int](t, db, `select count(*) from (select from council_domains group by domain having count(distinct council_id) = 2) s`); got != 10 {
		t.Errorf("%d domains are shared by two, want 10", got)
	}
}

// Nicknames are of councils that one can join, and no two councils have the same.
func TestNicknamesAreOfOneCouncil(t *testing.T) {
	t.Parallel()
	_, db := migrated(t)
	for name, want := range map[string]string{"BCP": "bournemouth-christchurch-poole", "BANES": "bath-and-north-east-somerset", "RBKC": "kensington-and-chelsea"} {
		got := ask[string](t, db, `select c.slug from council_names n join councils c on c.id = n.council_id where n.name = $1`, name)
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for _, bad := range list[string](t, db, `
		select n.name from council_names n join councils c on c.id = n.council_id
		where c.status <> 'current' or n.name in (c.name, c.slug) or n.until is not null
			or exists (select from council_names o where lower(o.name) = lower(n.name) and o.council_id <> n.council_id)
			or exists (select from councils o where lower(n.name) in (lower(o.name), o.slug) and o.id <> c.id)`) {
		t.Errorf("%q should not be a nickname", bad)
	}
}

// A changed file corrects what was loaded; ids, people, the demo's names and what others added to the past stay.
func TestAChangeIsLoadedAndNothingIsLost(t *testing.T) {
	t.Parallel()
	address, db := migrated(t)
	before, ids := content(t, db), idsOf(t, db)
	for _, spoil := range []string{
		`update reference_data set checksum = 'of older files'`,
		`update councils set name = 'Old name', population = null, county_id = null, status = 'planned'`,
		`delete from council_domains where domain like 'b%'`,
		`update council_domains set confidence = 'low'`,
		`insert into council_domains (domain, council_id, kind, confidence) select 'wrong.example', id, 'email', 'high' from councils`,
		`insert into council_names (council_id, name) select id, 'Wrong' from councils`,
		`update successions set kind = 'planned', on_date = '2001-01-01'`,
		`insert into successions (old_id, new_id, on_date, kind) select min(id), max(id), '2027-04-01', 'planned' from councils`,
		`update topics set name = 'Old name', parent_id = null, position = 0`,
	} {
		run(t, db, spoil)
	}
	if err := Up(t.Context(), address, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	differ(t, content(t, db), before)
	if got := idsOf(t, db); !maps.Equal(got, ids) {
		t.Error("councils or topics got other ids")
	}
	if got := ask[time.Time](t, db, `select min(loaded_at) from reference_data`); !got.Equal(noon.Add(time.Hour)) {
		t.Errorf("loaded at %v", got)
	}

	for _, keep := range []string{
		`update reference_data set checksum = 'of older files'`,
		`update councils set demo_name = 'Northmoor' where slug = 'bristol'`,
		`insert into councils (slug, name, short_name, kind, nation, region, status) values ('gone', 'Gone Council', 'Gone', 'district', 'England', 'London', 'former')`,
		`insert into council_names (council_id, name, until) select id, 'Earlier name', '2001-01-01' from councils where slug = 'gone'`,
		`insert into successions (old_id, new_id, on_date, kind) select g.id, b.id, '2001-01-01', 'merged' from councils g, councils b where g.slug = 'gone' and b.slug = 'bristol'`,
		`insert into topics (slug, name, facet, description, position) values ('gone', 'Gone', 'practice', '', 0)`,
	} {
		run(t, db, keep)
	}
	want := content(t, db)
	if err := Up(t.Context(), address, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	differ(t, content(t, db), want)
}

func idsOf(t *testing.T, db *pgxpool.Pool) map[string]int64 {
	t.Helper()
	rows, err := db.Query(t.Context(), `select 'council ' || slug, id from councils union all select 'topic ' || slug, id from topics`)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int64{}
	var slug string
	var id int64
	if _, err := pgx.ForEachRow(rows, []any{&slug, &id}, func() error { ids[slug] = id; return nil }); err != nil {
		t.Fatal(err)
	}
	return ids
}

// While a newer program runs beside it, an older one leaves its data alone.
func TestAnOlderProgramLeavesNewerDataAlone(t *testing.T) {
	t.Parallel()
	address, db := migrated(t)
	run(t, db, `insert into goose_db_version (version_id, is_applied) values ($1, true)`, Version()+1)
	run(t, db, `update reference_data set checksum = 'of newer files'`)
	if err := Up(t.Context(), address, noon); err != nil {
		t.Fatal(err)
	}
	if got := ask[int](t, db, `select count(*) from reference_data where checksum = 'of newer files'`); got != 3 {
		t.Errorf("%d sets were left alone, want 3", got)
	}
}

// When nothing has changed, loading is one question; else a few round trips, and quick.
func TestLoadingIsQuick(t *testing.T) {
	t.Parallel()
	address, db := migrated(t)
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	var count counter
	config.ConnConfig.Tracer = &count
	counted, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(counted.Close)
	if err := load(t.Context(), counted, noon); err != nil || count.queries != 1 {
		t.Errorf("unchanged: %d queries, %v; want 1", count.queries, err)
	}
	run(t, db, `update reference_data set checksum = ''`)
	count = counter{}
	if err := load(t.Context(), counted, noon); err != nil || count.queries != 8 || count.batches != 3 {
		t.Errorf("changed: %d queries and %d batches, %v; want 8 and 3", count.queries, count.batches, err)
	}
}

// counter counts what is asked of the database.
type counter struct{ queries, batches int }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.queries++
	return ctx
}
func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.batches++
	return ctx
}
func (c *counter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (c *counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// A line that refers to what is not there fails, and leaves everything as it was.
func TestAFileThatDoesNotFitIsNotLoaded(t *testing.T) {
	t.Parallel()
	_, db := migrated(t)
	before := content(t, db)
	for file, line := range map[string]string{
		"councils":           "new,New Council,New,,district,England,London,,,,,,no-such-county,current,,",
		"other_bodies":       "new,New Body,New,combined-authority,Atlantis,London,,,,,current,,",
		"council_domains":    "new.gov.uk,no-such-council,email,high,no,no,website",
		"council_nicknames":  "no-such-council,NSC",
		"council_succession": "no-such-council,bristol,2027-04-01,planned,",
		"council_hexes":      "no-such-council,E07000000,1,1",
		"topics":             "new,New,service,no-such-topic,Words.,,1",
	} {
		set := councils
		if file == "topics" {
			set = topics
		}
		if err := set.load(t.Context(), db, with(t, file, line), noon); err == nil {
			t.Errorf("%s: %q was loaded", file, line)
		}
	}
	differ(t, content(t, db), before)
}

// with is what ships with one line more in a file.
func with(t *testing.T, file, line string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, set := range []reference{councils, topics} {
		for _, names := range set.files {
			for _, name := range names {
				content, err := shipped.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if name == "data/"+file+".csv" {
					content = append(content, line+"\n"...)
				}
				files[name] = &fstest.MapFile{Data: content}
			}
		}
	}
	return files
}

// Two nodes that load at once both come through.
func TestNodesLoadTogether(t *testing.T) {
	t.Parallel()
	address, db := migrated(t)
	before := content(t, db)
	run(t, db, `update reference_data set checksum = ''; update councils set population = 0; update topics set position = 0`)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := Up(t.Context(), address, noon); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	differ(t, content(t, db), before)
}

// A checksum changes with a file's content and with what is done with it.
func TestAChecksumIsOfAllThatIsLoaded(t *testing.T) {
	t.Parallel()
	now := topics.checksum(shipped)
	if topics.checksum(with(t, "topics", "")) == now {
		t.Error("another line, and the same checksum")
	}
	other := topics
	other.statements = other.statements[:1]
	if other.checksum(shipped) == now {
		t.Error("another statement, and the same checksum")
	}
	if councils.checksum(with(t, "council_nicknames", "bristol,B")) == councils.checksum(shipped) {
		t.Error("another nickname, and the same checksum")
	}
}
