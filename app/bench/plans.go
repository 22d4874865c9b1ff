package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/app/dev"
	"moothall/forum"
	"moothall/forum/letters"
	"moothall/migrations"
)

// Of a plan it is told when it reads a table of so many rows from end to end, and when
// it sorts more than a page of a listing, or than it shows if that is more.
const (
	bigTable = 5000
	pageRows = forum.ThreadsPerPage + 1
)

// node is a part of a plan, as Postgres tells of it in JSON.
type node struct {
	Type     string  `json:"Node Type"`
	Table    string  `json:"Relation Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Rechecks float64 `json:"Rows Removed by Index Recheck"`
	Plans    []node
}

// planned is a statement of the running code with the plan by which it ran.
type planned struct {
	Work    string
	Nth     int // of the work's statements
	SQL     string
	Read    int     // rows that its scans looked at
	Ms      float64 // to its last row, on the server
	Remarks []string
	Plan    json.RawMessage
}

// plans gathers what Postgres tells of each statement while a work runs.
type plans struct {
	mu   sync.Mutex
	work string
	now  []planned
	all  []planned
	big  []string // tables
	bad  error
}

// hear takes a plan out of a notice of auto_explain.
func (p *plans) hear(_ *pgconn.PgConn, n *pgconn.Notice) {
	head, text, ok := strings.Cut(n.Message, "plan:\n")
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var of struct {
		SQL  string `json:"Query Text"`
		Plan json.RawMessage
	}
	var top node
	one := planned{Work: p.work, Nth: len(p.now) + 1}
	_, err := fmt.Sscanf(head, "duration: %f ms", &one.Ms)
	if err = errors.Join(err, json.Unmarshal([]byte(text), &of)); err == nil {
		err = json.Unmarshal(of.Plan, &top)
	}
	p.bad = errors.Join(p.bad, err)
	one.SQL, one.Plan = of.SQL, of.Plan
	p.judge(&one, top, max(pageRows, top.Rows))
	p.now = append(p.now, one)
}

// judge adds up what a plan reads, and remarks on what grows with the site.
func (p *plans) judge(one *planned, n node, shown float64) {
	remark := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(one.Remarks, text) {
			one.Remarks = append(one.Remarks, text)
		}
	}
	if n.Table != "" && strings.Contains(n.Type, "Scan") {
		one.Read += int((n.Rows + n.Filtered + n.Rechecks) * n.Loops)
	}
	if n.Type == "Seq Scan" && slices.Contains(p.big, n.Table) && n.Loops > 0 {
		remark("reads all of %s", n.Table)
	}
	for _, below := range n.Plans {
		if strings.HasSuffix(n.Type, "Sort") && below.Rows > shown {
			remark("sorts %.0f", below.Rows)
		}
		p.judge(one, below, shown)
	}
}

// run does a work twice and keeps what Postgres tells of the second time.
func (p *plans) run(ctx context.Context, name string, work func(context.Context) error) error {
	for range 2 {
		p.work, p.now = name, nil
		if err := work(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	p.all = append(p.all, p.now...)
	return p.bad
}

// pool is one as the forum makes it, with all its settings, in which Postgres tells of
// each statement by which plan it ran.
func (p *plans) pool(ctx context.Context, url string, readOnly bool) (*pgxpool.Pool, error) {
	as, err := forum.Connect(ctx, url, 1, readOnly)
	if err != nil {
		return nil, err
	}
	config := as.Config()
	as.Close()
	config.ConnConfig.OnNotice = p.hear
	for name, value := range map[string]string{"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0",
		"auto_explain.log_analyze": "on", "auto_explain.log_format": "json", "auto_explain.log_level": "notice",
		"statement_timeout": "120000"} { // what is too slow is to be seen, not stopped
		config.ConnConfig.RuntimeParams[name] = value
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// checkPlans fills a database with so many posts, has the forum do there what it does
// most, and prints of every statement how much its plan read.
func checkPlans(ctx context.Context, o options, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "moothall-plans-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	postgres, err := dev.StartPostgres(ctx, dev.PostgresOptions{Dir: filepath.Join(dir, "postgres"), BinDir: o.postgresBin, Fast: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, postgres.Stop(context.WithoutCancel(ctx))) }()
	began := time.Now().UTC()
	if err := migrations.Up(ctx, postgres.URL(), began); err != nil {
		return err
	}
	s, err := fillPlans(ctx, postgres.URL(), o.posts)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%s, %d cores, Postgres %s: %d posts in %d threads, filled in %d s\n\n", began.Format("2 January 2006 15:04 UTC"),
		runtime.NumCPU(), postgres.Version(), s.posts, s.threads, int(time.Since(began).Seconds()))
	p := &plans{}
	if err := p.measure(ctx, postgres.URL(), s); err != nil {
		return err
	}
	slices.SortStableFunc(p.all, func(a, b planned) int { return strings.Compare(a.Work, b.Work) })
	p.print(out)
	if o.json == "" {
		return nil
	}
	text, err := json.MarshalIndent(p.all, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, append(text, '\n'), 0o644)
}

// measure has the forum work on the filled database.
func (p *plans) measure(ctx context.Context, url string, s site) error {
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	rows, err := db.Query(ctx, `select relname from pg_class where relkind = 'r' and reltuples >= $1`, bigTable)
	if err == nil {
		p.big, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err := errors.Join(err, db.Close(ctx)); err != nil {
		return err
	}
	var pools [2]*pgxpool.Pool
	for i, readOnly := range [2]bool{false, true} {
		if pools[i], err = p.pool(ctx, url, readOnly); err != nil {
			return err
		}
		defer pools[i].Close()
	}
	store := forum.New(forum.Options{Write: pools[0], Read: pools[1], Now: func() time.Time { return s.now }})
	for _, w := range s.works(store, letters.New(store)) {
		if err := p.run(ctx, w.name, w.do); err != nil {
			return err
		}
	}
	return nil
}

// print writes a table: a work's sum, then those of its statements that say something.
func (p *plans) print(out io.Writer) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	say("| work | statements | rows read | ms | remarks |\n|---|---|---|---|---|")
	for i := 0; i < len(p.all); {
		sum, end := planned{Work: p.all[i].Work}, i
		for ; end < len(p.all) && p.all[end].Work == sum.Work; end++ {
			one := p.all[end]
			sum.Read, sum.Ms, sum.Nth = sum.Read+one.Read, sum.Ms+one.Ms, one.Nth
			for _, r := range one.Remarks {
				sum.Remarks = append(sum.Remarks, fmt.Sprintf("%d %s", one.Nth, r))
			}
		}
		say("| %s | %d | %d | %.1f | %s |", sum.Work, sum.Nth, sum.Read, sum.Ms, strings.Join(sum.Remarks, "; "))
		i = end
	}
	say("\nStatements that read more than 1,000 rows, or of which there is a remark, each where it read most:")
	worst := slices.Clone(p.all)
	slices.SortStableFunc(worst, func(a, b planned) int { return b.Read - a.Read })
	told := map[string]bool{}
	for _, one := range worst {
		if (one.Read > 1000 || one.Remarks != nil) && !told[one.SQL] {
			told[one.SQL] = true
			sql := strings.Join(strings.Fields(one.SQL), " ")
			say("- %s, %d: %d rows, %.1f ms; %s\n    … %s", one.Work, one.Nth, one.Read, one.Ms, strings.Join(one.Remarks, "; "), sql[max(0, len(sql)-160):])
		}
	}
}
