package auth

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// seenMost bounds the sightings in memory; beyond it new ones are let go,
	// which costs a session nothing but a few seconds of its idle time.
	seenMost = 100_000
	// seenBatch bounds what one statement writes and locks.
	seenBatch = 2_000
	// seenGrain is how far seen_at may lag behind: a busy person's row is not
	// rewritten every few seconds for a time that counts in days.
	seenGrain = time.Minute
)

// sightings are sessions seen since the last Flush, and when.
type sightings struct {
	mu sync.Mutex
	at map[string]time.Time // by hash
}

func newSightings() *sightings { return &sightings{at: map[string]time.Time{}} }

func (s *sightings) add(hash string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, known := s.at[hash]
	if known && before.After(at) || !known && len(s.at) >= seenMost {
		return
	}
	s.at[hash] = at
}

func (s *sightings) take() map[string]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.at
	s.at = map[string]time.Time{}
	return taken
}

// Seen remembers that a live session was used now. It asks nothing of the
// database, so that a GET changes nothing: Flush writes what it gathers.
func (s *Store) Seen(hash []byte) { s.seen.add(string(hash), s.now()) }

// Flush writes the sessions seen since the last time. What cannot be written is
// kept for the next. A session that has ended or lapsed stays so.
func (s *Store) Flush(ctx context.Context) error {
	seen := s.seen.take()
	for len(seen) > 0 {
		batch := map[string]time.Time{}
		for hash, at := range seen {
			if len(batch) == seenBatch {
				break
			}
			batch[hash] = at
		}
		if err := s.flush(ctx, batch); err != nil {
			for hash, at := range seen {
				s.seen.add(hash, at)
			}
			return err
		}
		for hash := range batch {
			delete(seen, hash)
		}
	}
	return nil
}

// flush writes one batch. Nodes take the rows in one order and pass over those
// another node is writing, so that they never wait for each other.
func (s *Store) flush(ctx context.Context, seen map[string]time.Time) error {
	hashes, times := make([][]byte, 0, len(seen)), make([]time.Time, 0, len(seen))
	for hash, at := range seen {
		hashes, times = append(hashes, []byte(hash)), append(times, at)
	}
	_, err := s.db.Exec(ctx, `
		with later as (
			select s.hash, v.at
			from unnest(@hashes::bytea[], @times::timestamptz[]) as v (hash, at)
			join sessions s on s.hash = v.hash
			where s.ended_at is null and v.at >= s.seen_at + make_interval(secs => @grain)
				and v.at < s.seen_at + make_interval(secs => @idle) and v.at < s.started_at + make_interval(secs => @longest)
			order by s.hash
			for no key update of s skip locked
		)
		update sessions s set seen_at = greatest(s.seen_at, later.at) from later where s.hash = later.hash`,
		pgx.NamedArgs{"hashes": hashes, "times": times, "grain": seenGrain.Seconds(),
			"idle": Idle.Seconds(), "longest": Longest.Seconds()})
	return err
}
