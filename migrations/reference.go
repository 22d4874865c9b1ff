package migrations

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed data/*.csv
var shipped embed.FS

// reference is a set of files that are loaded together, in one transaction.
type reference struct {
	name       string
	files      map[string][]string // what the statements call a parameter: the files it is read from
	statements []string
}

// row is one line of a file by its headings. An empty field is not in it, and so null in SQL.
type row map[string]string

// load loads the sets whose files or statements are not those that the database
// was loaded with. When there are none, it has asked one question. A database
// that a newer program has migrated has that program's data, and keeps it.
func load(ctx context.Context, pool *pgxpool.Pool, at time.Time) error {
	changed, err := changed(ctx, pool)
	if err != nil || len(changed) == 0 {
		return err
	}
	applied, err := Applied(ctx, pool)
	if err != nil || applied > Version() {
		return err
	}
	for _, set := range changed {
		if err := set.load(ctx, pool, shipped, at); err != nil {
			return fmt.Errorf("reference data %s: %w", set.name, err)
		}
	}
	return nil
}

func changed(ctx context.Context, pool *pgxpool.Pool) (sets []reference, err error) {
	rows, err := pool.Query(ctx, `select name || ' ' || checksum from reference_data`)
	if err != nil {
		return nil, err
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	loaded := map[string]bool{}
	for _, t := range there {
		loaded[t] = true
	}
	for _, set := range []reference{councils, topics, synonyms} {
		if !loaded[set.name+" "+set.checksum(shipped)] {
			sets = append(sets, set)
		}
	}
	return sets, nil
}

// checksum is of everything that decides what is loaded.
func (r reference) checksum(from fs.FS) string {
	sum := sha256.New()
	for _, parameter := range slices.Sorted(maps.Keys(r.files)) {
		for _, name := range r.files[parameter] {
			content, err := fs.ReadFile(from, name) // one that is not there fails when it is loaded
			_, _ = fmt.Fprintf(sum, "%s %d %v\n%s", name, len(content), err, content)
		}
	}
	for _, statement := range r.statements {
		_, _ = fmt.Fprintln(sum, statement)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// load writes one set. The lock keeps two nodes from loading it at the same time.
func (r reference) load(ctx context.Context, pool *pgxpool.Pool, from fs.FS, at time.Time) error {
	args := pgx.NamedArgs{}
	for parameter, files := range r.files {
		rows, err := read(from, files)
		if err != nil {
			return err
		}
		list, err := json.Marshal(rows)
		if err != nil {
			return err
		}
		args[parameter] = string(list)
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var b pgx.Batch
		b.Queue(`select pg_advisory_xact_lock($1)`, int64(loadKey))
		for _, statement := range r.statements {
			b.Queue(statement, args)
		}
		b.Queue(`
			insert into reference_data (name, checksum, loaded_at) values (@name, @checksum, @at)
			on conflict (name) do update set checksum = excluded.checksum, loaded_at = excluded.loaded_at`,
			pgx.NamedArgs{"name": r.name, "checksum": r.checksum(from), "at": at})
		return tx.SendBatch(ctx, &b).Close()
	})
}

// read reads files one after the other, each by its own headings.
func read(from fs.FS, files []string) (rows []row, err error) {
	for _, name := range files {
		content, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, line := range lines[1:] {
			r := row{}
			for i, heading := range lines[0] {
				if line[i] != "" {
					r[heading] = line[i]
				}
			}
			rows = append(rows, r)
		}
	}
	return rows, nil
}
