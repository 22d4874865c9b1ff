package main

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"
)

//go:embed floor_tables.sql
var floorTables string

//go:embed floor_indexes.sql
var floorIndexes string

// loadFloor fills the floor's database and returns the corpus without its posts.
func loadFloor(ctx context.Context, url string, s size) (c corpus, err error) {
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return corpus{}, err
	}
	defer func() { _ = db.Close(ctx) }()
	if _, err := db.Exec(ctx, floorTables); err != nil {
		return corpus{}, err
	}
	columns := []string{"id", "thread_id", "seq", "author_id", "created_at", "body_md", "body_html"}
	rows := newStream(s, func(p post) ([]any, error) {
		return []any{p.id, p.thread, p.number, p.author, p.at, p.body, p.html}, nil
	})
	if c, err = rows.copyTo(ctx, db, columns); err != nil {
		return corpus{}, err
	}
	people := pgx.CopyFromSlice(len(c.people), func(i int) ([]any, error) { return []any{c.people[i].id, c.people[i].name}, nil })
	if _, err := db.CopyFrom(ctx, pgx.Identifier{"users"}, []string{"id", "name"}, people); err != nil {
		return corpus{}, err
	}
	threads := pgx.CopyFromSlice(len(c.all), func(i int) ([]any, error) {
		t := c.all[i]
		return []any{t.id, t.topic, t.author, t.title, t.asked, t.last, t.posts}, nil
	})
	columns = []string{"id", "topic_id", "author_id", "title", "created_at", "last_post_at", "post_count"}
	if _, err := db.CopyFrom(ctx, pgx.Identifier{"threads"}, columns, threads); err != nil {
		return corpus{}, err
	}
	if _, err := db.Exec(ctx, floorIndexes); err != nil {
		return corpus{}, err
	}
	_, err = db.Exec(ctx, `vacuum analyze`)
	return c, err
}
