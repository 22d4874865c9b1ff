package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/markup"
)

// excerpt is how much of a post is quoted, in code points, as forum has it.
const excerpt = 220

// cookieOf is the session's cookie of a person.
func cookieOf(person int) string { return fmt.Sprintf("bench-session-%d", person) }

// hall is Moothall's database while it is filled.
type hall struct {
	corpus
	db       *pgx.Conn
	councils []int64 // of people, in turn
	topics   []int64
	slugs    []string // of the topics
	now      time.Time
}

// loadMoothall fills Moothall's database, which the program has migrated, with the
// same people, threads and posts that the floor has. What Moothall knows beyond that
// is there too: councils, topics, answers that were accepted, quotes, who follows
// what. It returns the slug of the first topic.
func loadMoothall(ctx context.Context, url string, c corpus) (topic string, err error) {
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close(ctx) }()
	h := &hall{corpus: c, db: db, now: time.Now().UTC()}
	for _, step := range []func(context.Context) error{
		h.readReference, h.copyPeople, h.copySessions, h.copyThreads, h.copyTopics, h.copyPosts, h.copyFollows, h.finish,
	} {
		if err := step(ctx); err != nil {
			return "", err
		}
	}
	return h.slugs[0], nil
}

func (h *hall) readReference(ctx context.Context) error {
	rows, err := h.db.Query(ctx, `select id from councils where status = 'current' order by id limit 200`)
	if err != nil {
		return err
	}
	if h.councils, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
		return err
	}
	rows, err = h.db.Query(ctx, `select id, slug from topics where parent_id is not null order by id limit $1`, h.size.topics)
	if err != nil {
		return err
	}
	var id int64
	var slug string
	_, err = pgx.ForEachRow(rows, []any{&id, &slug}, func() error {
		h.topics, h.slugs = append(h.topics, id), append(h.slugs, slug)
		return nil
	})
	if err == nil && (len(h.councils) == 0 || len(h.topics) < h.size.topics) {
		return fmt.Errorf("the database has %d councils and %d topics to choose from", len(h.councils), len(h.topics))
	}
	return err
}

// council is whose a person is.
func (h *hall) council(person int) int64 { return h.councils[person%len(h.councils)] }

// copyRows fills a table with n rows.
func (h *hall) copyRows(ctx context.Context, table string, columns []string, n int, row func(i int) []any) error {
	_, err := h.db.CopyFrom(ctx, pgx.Identifier{table}, columns,
		pgx.CopyFromSlice(n, func(i int) ([]any, error) { return row(i), nil }))
	return err
}

const jobTitle = "Digital officer"

func (h *hall) copyPeople(ctx context.Context) error {
	columns := []string{"id", "handle", "name", "job_title", "standing", "council_id", "lang", "rules_version", "rules_at", "joined_at", "created_at"}
	return h.copyRows(ctx, "people", columns, len(h.people), func(i int) []any {
		p := h.people[i]
		handle := fmt.Sprintf("%s-%d", forum.Slug(p.name), p.id)
		return []any{p.id, handle, p.name, jobTitle, string(forum.Colleague), h.council(p.id), "en", forum.RulesVersion, h.now, h.now, h.now}
	})
}

func (h *hall) copySessions(ctx context.Context) error {
	columns := []string{"hash", "person_id", "provider", "device", "started_at", "seen_at", "fresh_at"}
	return h.copyRows(ctx, "sessions", columns, len(h.people), func(i int) []any {
		id := h.people[i].id
		return []any{auth.Hash(cookieOf(id)), id, "dev", "Firefox", h.now, h.now, h.now}
	})
}

// kindOf has one thread in four be a discussion.
func kindOf(t thread) string {
	if t.id%4 == 0 {
		return forum.Discussion
	}
	return forum.Question
}

func (h *hall) copyThreads(ctx context.Context) error {
	columns := []string{"id", "kind", "title", "slug", "lang", "visibility", "suppliers", "author_id", "council_id", "home_topic_id",
		"asked_at", "last_post_at", "post_count", "replies", "others"}
	return h.copyRows(ctx, "threads", columns, len(h.all), func(i int) []any {
		t := h.all[i]
		return []any{t.id, kindOf(t), t.title, forum.Slug(t.title), "en", "public", true, t.author, h.council(t.author), h.topics[t.topic-1],
			t.asked, t.last, t.posts, t.posts - 1, t.others}
	})
}

// copyTopics gives each thread its home topic and, every other one, a second.
func (h *hall) copyTopics(ctx context.Context) error {
	var rows [][]any
	for _, t := range h.all {
		rows = append(rows, []any{t.id, h.topics[t.topic-1], 1})
		if t.id%2 == 0 {
			rows = append(rows, []any{t.id, h.topics[t.topic%len(h.topics)], 2})
		}
	}
	return h.copyRows(ctx, "thread_topics", []string{"thread_id", "topic_id", "place"}, len(rows), func(i int) []any { return rows[i] })
}

// copyPosts renders the posts as Moothall would have. One in five quotes the post
// before it.
func (h *hall) copyPosts(ctx context.Context) error {
	columns := []string{"id", "thread_id", "number", "author_id", "job_title", "council_id", "in_reply_to", "lang", "body", "html",
		"html_version", "excerpt", "posted_at"}
	rows := newStream(h.size, func(p post) ([]any, error) {
		html, err := markup.Post(p.body, markup.Refs{})
		if err != nil {
			return nil, fmt.Errorf("post %d: %w", p.id, err)
		}
		var quoted *int
		if before := p.id - 1; p.number > 2 && p.id%5 == 0 {
			quoted = &before
		}
		return []any{p.id, p.thread, p.number, p.author, jobTitle, h.council(p.author), quoted, "en", p.body, string(html),
			markup.Version, markup.Excerpt(p.body, excerpt), p.at}, nil
	})
	_, err := rows.copyTo(ctx, h.db, columns)
	return err
}

// copyFollows has everybody follow what they asked.
func (h *hall) copyFollows(ctx context.Context) error {
	columns := []string{"person_id", "subject_kind", "subject_id", "cadence", "reason", "since"}
	return h.copyRows(ctx, "follows", columns, len(h.all), func(i int) []any {
		t := h.all[i]
		return []any{t.author, "thread", t.id, "daily", "asked", t.asked}
	})
}

// finish accepts the second post of every third question, if somebody else wrote it,
// and readies the tables.
func (h *hall) finish(ctx context.Context) error {
	for _, statement := range []string{
		`update threads t set answer_id = p.id, answered_by = t.author_id, answered_at = p.posted_at + interval '1 day', answer_version = 1
			from posts p where p.thread_id = t.id and p.number = 2 and p.author_id <> t.author_id and t.kind = 'question' and t.id % 3 = 0`,
		`select setval(pg_get_serial_sequence('people', 'id'), (select max(id) from people)),
			setval(pg_get_serial_sequence('threads', 'id'), (select max(id) from threads)),
			setval(pg_get_serial_sequence('posts', 'id'), (select max(id) from posts))`,
		`vacuum analyze`,
	} {
		if _, err := h.db.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
