package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/demo"
	"moothall/forum/search"
	"moothall/migrations"
)

// seekers is how many search at once.
const seekers = 8

// librarysMemory is what Postgres caches in: a quarter of a server of 4 GB, as its handbook
// has it (https://www.postgresql.org/docs/current/runtime-config-resource.html).
const librarysMemory = "1GB"

// floorSearch is the least that a search can be: every post that has the words is ranked.
const floorSearch = `
	select p.thread_id, p.seq, p.created_at, left(p.body_md, 240), u.name, t.title
	from (
		select thread_id, seq, created_at, body_md, author_id, ts_rank(tsv, q) as rank
		from posts, websearch_to_tsquery('english', $1) q
		where tsv @@ q order by rank desc, id desc limit 20
	) p
	join users u on u.id = p.author_id
	join threads t on t.id = p.thread_id
	order by p.rank desc`

// library is a stage on which is searched.
type library struct {
	*stage
	ours, floor *pgxpool.Pool
	look        *search.Store
}

// checkSearch fills two databases with the same posts, whose words are as common and as
// rare as those of a language, and searches both; and it tells how well the demo's readers
// find what they want.
func checkSearch(ctx context.Context, o options, out io.Writer) (rows []row, err error) {
	l := &library{stage: &stage{options: o, out: out, shared: librarysMemory}}
	if l.dir, err = l.place(); err != nil {
		return nil, err
	}
	defer func() {
		l.close()
		err = errors.Join(err, l.down(context.WithoutCancel(ctx)))
		if ctx.Err() != nil {
			err = errors.New("stopped before the end")
		}
	}()
	steps := []func(context.Context) error{l.startPostgres, l.relevance, l.fill, l.open, l.sizes, l.writes, l.kinds, l.mixed, l.similars}
	if l.only != "" {
		steps = []func(context.Context) error{l.startPostgres, l.fill, l.open, l.kinds, l.mixed, l.similars}
	}
	for _, step := range steps {
		if err := step(ctx); err != nil || ctx.Err() != nil {
			return nil, err
		}
	}
	l.say("load average at the end %s", load())
	return l.rows, nil
}

// place is the folder of a run: one of its own, or one that is kept, empty unless a run
// filled it to its end with as many posts.
func (o options) place() (string, error) {
	if o.keep == "" {
		return os.MkdirTemp("", "moothall-bench-")
	}
	if _, err := os.Stat(o.filled()); err != nil {
		marks, _ := filepath.Glob(filepath.Join(o.keep, "filled-*")) // the pattern is right
		for _, name := range append(marks, filepath.Join(o.keep, "postgres")) {
			if err := os.RemoveAll(name); err != nil {
				return "", err
			}
		}
	}
	return o.keep, os.MkdirAll(o.keep, 0o700)
}

// filled is the file that says that a kept folder has its posts.
func (o options) filled() string { return filepath.Join(o.keep, fmt.Sprintf("filled-%d", o.posts)) }

// fill has the corpus in both databases: from a run before that kept them, or made anew.
func (l *library) fill(ctx context.Context) (err error) {
	began := time.Now()
	if err := migrations.Up(ctx, l.hallURL, began); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	done := "made and loaded"
	if _, err = os.Stat(l.filled()); err == nil && l.keep != "" {
		l.corpus, done = generate(sizeOf(l.posts), func(post) bool { return true }), "found filled"
	} else if err = l.fillBoth(ctx); err == nil && l.keep != "" {
		err = os.WriteFile(l.filled(), nil, 0o600)
	}
	if err == nil {
		l.say("%s, %d cores, Postgres %s, load average %s: %d posts in %d threads, %s in %d s\n", began.UTC().Format("2 January 2006 15:04 UTC"),
			runtime.NumCPU(), l.postgres.Version(), load(), l.posts, len(l.corpus.all), done, int(time.Since(began).Seconds()))
	}
	return err
}

// fillBoth makes the corpus and loads it into both databases. What search reads is filled at
// once, and its index built after it, as no single post could be.
func (l *library) fillBoth(ctx context.Context) (err error) {
	if l.corpus, err = loadFloor(ctx, l.floorURL, sizeOf(l.posts)); err != nil {
		return fmt.Errorf("filling the floor: %w", err)
	}
	if err := doAll(ctx, l.hallURL, `alter table posts disable trigger post_is_found`, `drop index post_words_words`); err != nil {
		return err
	}
	if _, err := loadMoothall(ctx, l.hallURL, l.corpus); err != nil {
		return fmt.Errorf("filling Moothall: %w", err)
	}
	if err := doAll(ctx, l.hallURL, `alter table posts enable trigger post_is_found`,
		`insert into post_words (post_id, thread_id, author_id, council_id, kind, councils, posted_at, words, plain)
			select post_id, thread_id, author_id, council_id, kind, councils, posted_at, words, plain from posts_found`,
		`create index post_words_words on post_words using gin (words) with (fastupdate = off)`,
		`insert into known_words (word, posts) select word, count(*) from post_words, unnest(plain) word group by word`,
		`vacuum analyze`); err != nil {
		return fmt.Errorf("reading words: %w", err)
	}
	return nil
}

// open connects to both databases.
func (l *library) open(ctx context.Context) (err error) {
	if l.ours, err = forum.Connect(ctx, l.hallURL, seekers, true); err != nil {
		return err
	}
	if l.floor, err = pgxpool.New(ctx, fmt.Sprintf("%s&pool_max_conns=%d", l.floorURL, seekers)); err != nil {
		return err
	}
	l.look = search.New(forum.New(forum.Options{Read: l.ours, Now: time.Now}))
	return nil
}

func (l *library) close() {
	for _, pool := range []*pgxpool.Pool{l.ours, l.floor} {
		if pool != nil {
			pool.Close()
		}
	}
}

// mb is a number of bytes in MB.
func mb(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// relevance tells how well readers of the demo find what they want.
func (l *library) relevance(ctx context.Context) error {
	if err := doAll(ctx, l.hallURL, `drop database if exists readers`, `create database readers`); err != nil {
		return err
	}
	u, err := url.Parse(l.hallURL)
	if err != nil {
		return err
	}
	u.Path = "/readers"
	if err := migrations.Up(ctx, u.String(), time.Now()); err != nil {
		return err
	}
	db, err := forum.Connect(ctx, u.String(), 2, false)
	if err != nil {
		return err
	}
	defer db.Close()
	store := forum.New(forum.Options{Read: db, Write: db, Now: time.Now})
	if err := demo.Load(ctx, db, store); err != nil {
		return err
	}
	look := search.New(store)
	chosen, aside, err := demo.Judge(ctx, func(ctx context.Context, query string) ([]string, error) {
		return look.Titles(ctx, forum.Person{Standing: forum.Visitor}, query)
	})
	if err != nil {
		return err
	}
	for _, set := range []struct {
		name string
		demo.Judgement
	}{{"relevance, weights chosen by", chosen}, {"relevance, kept aside", aside}} {
		l.say("%-30s %3d queries: nDCG@10 %.3f, right first hit %.0f %%", set.name, set.Queries, set.Gain, 100*set.First)
		l.rows = append(l.rows, row{Name: set.name, Ours: set.Gain, Unit: "nDCG@10"})
	}
	return nil
}

// sizes tells how large the indexes are and how long it takes to build them.
func (l *library) sizes(ctx context.Context) error {
	for _, side := range []struct{ name, url, index string }{{"ours", l.hallURL, "post_words_words"}, {"floor", l.floorURL, "posts_tsv"}} {
		var size, table int64
		began := time.Now()
		if err := doAll(ctx, side.url, `reindex index `+side.index); err != nil {
			return err
		}
		took := time.Since(began)
		err := readOne(ctx, side.url, `select pg_relation_size(i.indexrelid), pg_total_relation_size(i.indrelid) from pg_index i where i.indexrelid = '`+side.index+`'::regclass`, &size, &table)
		if err != nil {
			return err
		}
		l.say("%-6s index of words %.0f MB, its table with all indexes %.0f MB, built in %.1f s", side.name, mb(size), mb(table), took.Seconds())
	}
	return nil
}

// writes tells what a post's words cost when it is written: posts go in and are taken back,
// with what reads them and without, and on the floor.
func (l *library) writes(ctx context.Context) error {
	const n = 500
	ours := fmt.Sprintf(`insert into posts (thread_id, number, author_id, job_title, council_id, lang, body, html, html_version, excerpt, posted_at)
		select thread_id, 100000 + id, author_id, job_title, council_id, lang, body, html, html_version, excerpt, posted_at from posts where id <= %d`, n)
	floor := fmt.Sprintf(`insert into posts (thread_id, seq, author_id, body_md, body_html) select thread_id, 100000 + id, author_id, body_md, body_html from posts where id <= %d`, n)
	took := map[string][]float64{}
	for range l.rounds {
		for _, w := range []struct{ name, url, before, write string }{
			{"with", l.hallURL, ``, ours}, {"without", l.hallURL, `alter table posts disable trigger post_is_found`, ours}, {"floor", l.floorURL, ``, floor},
		} {
			one, err := writeAndTakeBack(ctx, w.url, w.before, w.write)
			if err != nil {
				return fmt.Errorf("writing %s: %w", w.name, err)
			}
			took[w.name] = append(took[w.name], ms(one)/n)
		}
	}
	l.say("a post written: %.2f ms of Postgres with its words, %.2f without; the floor, with its own %.2f\n",
		median(took["with"]), median(took["without"]), median(took["floor"]))
	return nil
}

// writeAndTakeBack tells how long a statement takes that is then taken back.
func writeAndTakeBack(ctx context.Context, url, before, write string) (took time.Duration, err error) {
	err = onOne(ctx, url, func(db *pgx.Conn) error {
		tx, err := db.Begin(ctx)
		if err != nil {
			return err
		}
		if before != "" {
			_, err = tx.Exec(ctx, before)
		}
		began := time.Now()
		if err == nil {
			_, err = tx.Exec(ctx, write)
		}
		took = time.Since(began)
		return errors.Join(err, tx.Rollback(ctx))
	})
	return took, err
}

// onOne does something on a connection of its own.
func onOne(ctx context.Context, url string, do func(*pgx.Conn) error) error {
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close(context.WithoutCancel(ctx)))
}

// doAll does statements one after the other.
func doAll(ctx context.Context, url string, statements ...string) error {
	return onOne(ctx, url, func(db *pgx.Conn) (err error) {
		for _, statement := range statements {
			if _, err = db.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// readOne reads one row.
func readOne(ctx context.Context, url, query string, into ...any) error {
	return onOne(ctx, url, func(db *pgx.Conn) error { return db.QueryRow(ctx, query).Scan(into...) })
}
