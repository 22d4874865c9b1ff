package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/jackc/pgx/v5"
)

// stream hands the posts of a corpus to COPY while they are written: a hundred
// thousand need not be in memory at once. Turning them into rows is done by as many
// as there are processors.
type stream struct {
	size size
	row  func(post) ([]any, error)
	made chan chan made // in the posts' order
	stop chan struct{}
	done chan corpus
	now  made

	broken error
}

// made is a row, or why there is none.
type made struct {
	row []any
	err error
}

func newStream(s size, row func(post) ([]any, error)) *stream {
	return &stream{size: s, row: row, made: make(chan chan made, 64*runtime.NumCPU()), stop: make(chan struct{}), done: make(chan corpus, 1)}
}

// copyTo fills the table of posts.
func (s *stream) copyTo(ctx context.Context, db *pgx.Conn, columns []string) (corpus, error) {
	go s.write()
	_, err := db.CopyFrom(ctx, pgx.Identifier{"posts"}, columns, s)
	close(s.stop)
	return <-s.done, err
}

// job is a post whose row is to be made, and where that goes.
type job struct {
	post
	slot chan<- made
}

// write makes the posts, and has their rows made.
func (s *stream) write() {
	defer close(s.done)
	defer close(s.made)
	work := make(chan job, cap(s.made))
	defer close(work)
	defer func() {
		if p := recover(); p != nil {
			s.broken = fmt.Errorf("writing the corpus: %v", p)
		}
	}()
	for range runtime.NumCPU() {
		go s.labour(work)
	}
	s.done <- generate(s.size, func(p post) bool {
		slot := make(chan made, 1)
		work <- job{p, slot}
		select {
		case s.made <- slot:
			return true
		case <-s.stop:
			return false
		}
	})
}

// labour makes rows. A panic is told where the row was to go.
func (s *stream) labour(work <-chan job) {
	var j job
	defer func() {
		if p := recover(); p != nil {
			j.slot <- made{err: fmt.Errorf("post %d: %v", j.id, p)}
		}
	}()
	for j = range work {
		row, err := s.row(j.post)
		j.slot <- made{row, err}
	}
}

// Next, Values and Err are pgx.CopyFromSource.
func (s *stream) Next() bool {
	slot, ok := <-s.made
	if ok {
		s.now = <-slot
	}
	return ok && s.now.err == nil
}

// Values is the row that Next came to.
func (s *stream) Values() ([]any, error) { return s.now.row, nil }

// Err is why there are no more rows.
func (s *stream) Err() error { return errors.Join(s.now.err, s.broken) }
